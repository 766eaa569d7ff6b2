"""Random people of the kind that is hard to print, for pages and benchmarks. Examples all."""

from __future__ import annotations

import datetime
import random
from dataclasses import replace

from pledges import identity, marks
from pledges.documents.pact_form import Act
from pledges.marks import HEIGHT, WIDTH, Mark
from tests.pdfs import an_act

FIRST = (
    "Siti", "Budi", "Dewi", "Agus", "Rina", "Tono", "Joko", "Wati", "Slamet", "Nur", "Aisyah",
    "Muhammad", "Ridwan", "Kartika", "Lestari", "Ma'ruf", "Nu'man", "Sa’adah", "Andréa", "Zoë",
    "I", "Wayan", "Wirawan", "Yohanes", "Abdurrahman", "Tjokroaminoto", "D'Cruz", "Al-Farisi",
    "Ayu", "Wahyuningtyas",
)  # fmt: skip
TITLES = ("", "", "", "Dr. ", "Drs. H. ", "Prof. Dr. Ir. H. ", "dr. ", "Hj. ", "apt. ", "Ns. ")
DEGREES = (
    "", ", S.Pd.", ", S.E., M.M.", ", A.Md.Keb.", ", S.Kep., Ns., M.Kep.", ", S.H., M.H., Ph.D.",
    ", S.T., M.T., IPM., ASEAN Eng.", ", Sp.PD-KGEH, FINASIM",
)  # fmt: skip
POSITIONS = (
    "", "Guru Kelas", "Guru Ahli Muda", "Camat", "Analis SDM Aparatur Ahli Pertama",
    "Kepala Subbagian Perencanaan, Evaluasi, dan Pelaporan pada Sekretariat Dinas Pekerjaan Umum, "
    "Penataan Ruang, Perumahan Rakyat, dan Kawasan Permukiman",
    "Pengelola Pengadaan Barang/Jasa Ahli Madya", "Penata Kelola Sistem dan Teknologi Informasi",
    "Ketua Tim Kerja Pembinaan Sumber Daya Manusia Sub-Bidang Kinerja dan Penghargaan",
)  # fmt: skip
UNITS = (
    ("Dinas Pendidikan", "SDN 1 Contoh"),
    ("Kecamatan Coblong", "Kelurahan Dago"),
    (),
    ("Sekretariat Daerah", "Asisten Perekonomian dan Pembangunan", "Bagian Perekonomian dan SDA"),
    (
        "Dinas Pekerjaan Umum, Penataan Ruang, Perumahan Rakyat, dan Kawasan Permukiman",
        "Unit Pelaksana Teknis Daerah Pengelolaan Sampah, Kebersihan, dan Pertamanan Wilayah Barat",
        "Subbagian Tata Usaha",
    ),
    ("Dinas Kesehatan", "UPTD Puskesmas Ibrahim Adjie", "TK/PAUD Binaan Mawar-Melati"),
)
METHODS = (
    (identity.PERSONAL_LINK, ""),
    (identity.PERSONAL_LINK, "Rahmat Hidayatullah, S.Sos., M.Si."),
    (identity.PERSONAL_CODE, ""),
    (identity.PERSONAL_CODE, "admin@kota-contoh.example"),
    (identity.EMAIL_CODE, "s••••@contoh.example"),
    (identity.LOGIN, "Akun Pegawai Kota Contoh"),
    (identity.DESK, "Dra. Euis Komariah, M.Pd."),
)


def name(chance: random.Random) -> str:
    words = chance.sample(FIRST, chance.choice((1, 2, 2, 2, 3, 3, 5)))
    return chance.choice(TITLES) + " ".join(words) + chance.choice(DEGREES)


def act(chance: random.Random, number: int) -> Act:
    method, detail = chance.choice(METHODS)
    is_sent_later = chance.random() < 0.1
    signed_at = datetime.datetime(2024, 7, 29, tzinfo=datetime.UTC) + datetime.timedelta(
        seconds=chance.randrange(40 * 86400)
    )
    has_nip = chance.random() < 0.85
    return replace(
        an_act(),
        number=number,
        name=name(chance),
        identifier_label="NIP" if has_nip else "NIK",
        identifier=f"{chance.randrange(10**17, 10**18)}" if has_nip else "3273••••••••1234",
        rank=chance.choice(("", "Penata", "Pembina Utama Muda", "Penata Muda Tingkat I")),
        grade=chance.choice(("", "III/c", "IX", "IV/e")),
        position=chance.choice(POSITIONS),
        unit=chance.choice(UNITS),
        method=method,
        method_detail=detail,
        signed_at=signed_at,
        is_late=chance.random() < 0.1,
        is_sent_later=is_sent_later,
        claimed_at=signed_at - datetime.timedelta(hours=3) if is_sent_later else None,
        verification_code="".join(chance.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=16)),
    )


def mark(chance: random.Random, typed: str) -> Mark:
    if chance.random() < 0.15:
        return marks.typed(typed[: marks.MAX_NAME])
    strokes = []
    for _ in range(chance.randrange(1, 5)):
        x, y = chance.randrange(WIDTH), chance.randrange(HEIGHT)
        points = [(x, y)]
        for _ in range(chance.randrange(60)):
            x = min(WIDTH, max(0, x + chance.randrange(-60, 80)))
            y = min(HEIGHT, max(0, y + chance.randrange(-70, 70)))
            points.append((x, y))
        strokes.append("M" + "L".join(f"{x} {y}" for x, y in points))
    return marks.drawn("".join([*strokes, "M100 200L400 220"]))
