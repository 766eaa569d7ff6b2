"""Random people of the kind that is hard to print, for pages and benchmarks. Examples all."""

from __future__ import annotations

import datetime
import json
import random
from dataclasses import replace

from pledges import identity, marks
from pledges.documents.pact_form import Act
from pledges.marks import HEIGHT, WIDTH, Mark
from tests.pdfs import an_act

FIRST = (
    "Siti", "Budi", "Dewi", "Agus", "Rina", "Tono", "Joko", "Wati", "Slamet", "Nur", "Aisyah",
    "Muhammad", "Ridwan", "Kartika", "Lestari", "Ma'ruf", "Nu'man", "Sa’adah", "Andréa", "Zoë",
    "Wayan", "Wirawan", "Yohanes", "Abdurrahman", "Tjokroaminoto", "D'Cruz", "Al-Farisi",
    "Ayu", "Wahyuningtyas",
)  # fmt: skip
TITLES = (
    "", "", "", "I ", "Dr. ", "Drs. H. ", "Prof. Dr. Ir. H. ", "dr. ", "Hj. ", "apt. ",
    "Ns. ",
)  # fmt: skip
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


ORDINARY_POSITIONS = (
    "Guru Ahli Muda", "Guru Ahli Pertama", "Perawat Ahli Pertama", "Bidan Mahir",
    "Pranata Komputer", "Analis Kebijakan Ahli Muda", "Pengadministrasi Perkantoran",
    "Penelaah Teknis Kebijakan",
    "Kepala Seksi Pemerintahan", "Lurah", "Camat", "Pengolah Data dan Informasi",
    "Analis Sumber Daya Manusia Aparatur Ahli Muda",
    "Kepala Bidang Perencanaan, Pengendalian, dan Evaluasi Pembangunan Daerah",
)  # fmt: skip


def ordinary(chance: random.Random, number: int) -> Act:
    """As they come in a city: mostly with a NIP, a rank and a short line for everything."""
    kin = FIRST[:15]
    is_pns = chance.random() < 0.8
    hard = act(chance, number)
    return replace(
        hard,
        name=" ".join(chance.sample(kin, chance.choice((1, 2, 2, 2, 3)))) + chance.choice(DEGREES),
        identifier_label="NIP",
        identifier=f"{198_000_000_000_000_000 + number * 7919}",
        rank=chance.choice(("Penata", "Penata Muda", "Pembina")) if is_pns else "",
        grade=chance.choice(("III/a", "III/c", "IV/a")) if is_pns else "IX",
        position=chance.choice(ORDINARY_POSITIONS),
        unit=(f"Dinas Contoh {chance.randrange(35)}", f"UPTD Unit Contoh {chance.randrange(700)}"),
        method=identity.PERSONAL_LINK,
        method_detail="",
        is_late=False,
        is_sent_later=False,
        claimed_at=None,
    )


def statement(act: Act, mark: Mark, *, event_code: str, digest: str) -> str:
    """What `signing` writes of it, as far as the page needs it."""
    return json.dumps(
        {
            "event": {"code": event_code},
            "signatory": {
                "number": act.number, "name": act.name, "identifier": act.identifier,
                "identifier_label": act.identifier_label, "rank": act.rank, "grade": act.grade,
                "position": act.position, "unit": list(act.unit),
            },
            "identity": {"method": act.method, "detail": act.method_detail},
            "signed_at": act.signed_at.isoformat(),
            "is_late": act.is_late,
            "verification_code": act.verification_code,
            "pact": {"digest": digest},
            "mark": {"sha256": mark.digest},
        }
    )  # fmt: skip
