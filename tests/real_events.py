"""The points of the five real events, spelled out once more: what must reach screen and paper."""

AVOID_CONFLICTS = (
    "Menghindari konflik kepentingan, tidak melakukan praktik-praktik intimidasi dan ancaman "
    "kepada pegawai ASN dan seluruh elemen masyarakat, serta tidak memihak kepada pasangan "
    "calon tertentu."
)
USE_SOCIAL_MEDIA_WISELY = (
    "Menggunakan media sosial secara bijak dan tidak menyebarkan ujaran kebencian serta berita "
    "bohong."
)
USE_SOCIAL_MEDIA_WISELY_AND_FOR_NOBODY = (
    "Menggunakan media sosial secara bijak, tidak dipergunakan untuk kepentingan pasangan calon "
    "tertentu, tidak menyebarkan ujaran kebencian serta berita bohong."
)
REFUSE_MONEY = "Menolak politik uang dan segala jenis pemberian dalam bentuk apa pun."

POINTS = {
    "BDG729": [
        "Menjaga dan menegakkan prinsip netralitas pegawai ASN di instansi masing-masing dalam "
        "melaksanakan fungsi pelayanan publik baik sebelum, selama, dan sesudah pelaksanaan "
        "Pilkada Serentak Tahun 2024.",
        "Menghindari konflik kepentingan, tidak melakukan praktik-praktik intimidasi dan ancaman "
        "kepada pegawai ASN dan seluruh elemen masyarakat, serta tidak memihak kepada calon "
        "tertentu.",
        USE_SOCIAL_MEDIA_WISELY,
        REFUSE_MONEY,
    ],
    "KAB930": [
        "Menjaga dan menegakkan prinsip netralitas pegawai ASN di instansi masing-masing dalam "
        "melaksanakan fungsi pelayanan publik baik sebelum, selama, maupun sesudah pelaksanaan "
        "Pemilu dan Pemilihan Tahun 2024.",
        AVOID_CONFLICTS,
        USE_SOCIAL_MEDIA_WISELY,
        "Menolak praktik uang dan segala jenis pemberian dalam bentuk apa pun.",
    ],
    "BTG902": [
        "Menjaga dan menegakkan prinsip netralitas pegawai ASN sebelum, selama, dan sesudah "
        "pelaksanaan Pemilukada Tahun 2024.",
        "Tidak terlibat dalam kegiatan politik praktis, baik secara langsung maupun tidak "
        "langsung.",
        "Tidak menggunakan fasilitas negara untuk kepentingan kampanye pasangan calon tertentu.",
        "Tidak memberikan dukungan kepada pasangan calon tertentu melalui tindakan, pernyataan, "
        "maupun media sosial.",
        "Tidak melakukan intimidasi dan ancaman kepada pegawai ASN dan seluruh elemen masyarakat.",
        "Tidak menyebarkan ujaran kebencian serta berita bohong.",
        REFUSE_MONEY,
        "Menghormati hasil Pemilukada Tahun 2024.",
        "Tetap bekerja secara profesional dalam memberikan pelayanan publik.",
    ],
    "BKT926": [
        "Menjaga dan menegakkan prinsip netralitas Pegawai Aparatur Sipil Negara dalam "
        "melaksanakan fungsi pelayanan publik baik sebelum, selama, maupun sesudah pelaksanaan "
        "Pemilihan Kepala Daerah Tahun 2024.",
        "Menghindari konflik kepentingan, tidak melakukan praktik-praktik intimidasi dan ancaman "
        "kepada Pegawai ASN dan seluruh elemen masyarakat, serta tidak memihak kepada pasangan "
        "calon tertentu.",
        USE_SOCIAL_MEDIA_WISELY_AND_FOR_NOBODY,
        REFUSE_MONEY,
    ],
    "SKB729": [
        "Menjaga dan menegakkan prinsip netralitas Pegawai Aparatur Sipil Negara dan Non ASN "
        "dalam melaksanakan fungsi pelayanan publik baik sebelum, selama, maupun sesudah "
        "pelaksanaan Pemilihan Umum Kepala Daerah Tahun 2024.",
        "Menghindari konflik kepentingan, tidak melakukan praktik-praktik intimidasi dan ancaman "
        "kepada Pegawai ASN/Non ASN dan seluruh elemen masyarakat, serta tidak memihak kepada "
        "pasangan calon tertentu.",
        USE_SOCIAL_MEDIA_WISELY_AND_FOR_NOBODY,
        REFUSE_MONEY,
    ],
}
