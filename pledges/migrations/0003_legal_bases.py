"""The laws that pacts cite, in a new installation. Superusers add to them and correct them."""

from datetime import date

from django.db import migrations

UU_ASN = "Undang-Undang Nomor 20 Tahun 2023 tentang Aparatur Sipil Negara"
UU_ASN_OLD = "Undang-Undang Nomor 5 Tahun 2014 tentang Aparatur Sipil Negara"

# Title, in force since, note; in the order in which they are offered.
IN_FORCE = [
    (
        UU_ASN,
        date(2023, 10, 31),
        "Netralitas: Pasal 9 ayat (2) dan Pasal 24 ayat (1) huruf d.",
    ),
    (
        "Undang-Undang Nomor 7 Tahun 2017 tentang Pemilihan Umum",
        date(2017, 8, 16),
        "",
    ),
    (
        "Undang-Undang Nomor 10 Tahun 2016 tentang Perubahan Kedua atas Undang-Undang Nomor 1 "
        "Tahun 2015 tentang Penetapan Peraturan Pemerintah Pengganti Undang-Undang Nomor 1 "
        "Tahun 2014 tentang Pemilihan Gubernur, Bupati, dan Walikota Menjadi Undang-Undang",
        date(2016, 7, 1),
        "",
    ),
    (
        "Peraturan Pemerintah Nomor 42 Tahun 2004 tentang Pembinaan Jiwa Korps dan Kode Etik "
        "Pegawai Negeri Sipil",
        date(2004, 10, 18),
        "",
    ),
    (
        "Peraturan Pemerintah Nomor 49 Tahun 2018 tentang Manajemen Pegawai Pemerintah dengan "
        "Perjanjian Kerja",
        date(2018, 11, 28),
        "",
    ),
    (
        "Peraturan Pemerintah Nomor 94 Tahun 2021 tentang Disiplin Pegawai Negeri Sipil",
        date(2021, 8, 31),
        "",
    ),
    (
        "Keputusan Bersama Menteri Pendayagunaan Aparatur Negara dan Reformasi Birokrasi Nomor 2 "
        "Tahun 2022, Menteri Dalam Negeri Nomor 800-5474 Tahun 2022, Kepala Badan Kepegawaian "
        "Negara Nomor 246 Tahun 2022, Ketua Komisi Aparatur Sipil Negara Nomor 30 Tahun 2022, "
        "dan Ketua Badan Pengawas Pemilihan Umum Nomor 1447.1/PM.01/K.1/09/2022 tentang Pedoman "
        "Pembinaan dan Pengawasan Netralitas Pegawai Aparatur Sipil Negara dalam "
        "Penyelenggaraan Pemilihan Umum dan Pemilihan",
        date(2022, 9, 22),
        "Masih dirujuk. Komisi Aparatur Sipil Negara sudah dibubarkan (Peraturan Presiden Nomor "
        "91 dan 92 Tahun 2024); pengawasannya beralih ke Badan Kepegawaian Negara.",
    ),
    (
        "Surat Edaran Menteri Pendayagunaan Aparatur Negara dan Reformasi Birokrasi Nomor 1 "
        "Tahun 2023 tentang Pembinaan dan Pengawasan Netralitas Pegawai Pemerintah Non Pegawai "
        "Negeri dalam Penyelenggaraan Pemilihan Umum dan Pemilihan",
        date(2023, 1, 3),
        "Untuk pegawai non-ASN.",
    ),
]


def add(apps, schema_editor):
    legal_bases = apps.get_model("pledges", "LegalBasis").objects
    for title, valid_from, note in IN_FORCE:
        legal_bases.get_or_create(title=title, defaults={"valid_from": valid_from, "note": note})
    legal_bases.get_or_create(
        title=UU_ASN_OLD,
        defaults={
            "valid_from": date(2014, 1, 15),
            "revoked_on": date(2023, 10, 31),
            "replaced_by": legal_bases.get(title=UU_ASN),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("pledges", "0002_audit_append_only")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
