"""What tests of documents share: a key to seal with, example pages, and ways to read a PDF."""

from __future__ import annotations

import datetime
import io
import os
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec
from cryptography.x509.oid import NameOID
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from pledges import identity, marks
from pledges.documents import pact_form, seal
from pledges.documents.issue import issue
from pledges.documents.pact_form import Act
from pledges.documents.seal import PrivateKey, Sealer
from pledges.marks import Mark
from pledges.models import Document, Part, SealCertificate, Signature
from pledges.pact import Facts, Letterhead, Pact
from tests import cast

AGENCY_SEAL = SealCertificate(is_development=False)
DEVELOPMENT_SEAL = SealCertificate(is_development=True)
DRAWN = marks.drawn(cast.DRAWING)


@pytest.fixture(scope="session")
def sealer() -> Sealer:
    """The development key, which every process of this test run finds in the same place."""
    call_command("create_seal_certificate", development=True, stdout=io.StringIO())
    return seal.load()


def a_certificate(
    key: PrivateKey | dsa.DSAPrivateKey, *, days: tuple[float, float], name: str = "Segel"
) -> x509.Certificate:
    """Self-signed, valid from and until so many days from now."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start, end = (timezone.now() + datetime.timedelta(days=each) for each in days)
    usage = x509.KeyUsage(True, True, *[False] * 7)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


@cache
def agency_sealer() -> Sealer:
    """Of an agency's own, and not of the development."""
    key = ec.generate_private_key(ec.SECP256R1())
    return Sealer(key, [a_certificate(key, days=(-1, 30))])


def a_text(**fields: object) -> Pact:
    """The pact of four points, as it is frozen."""
    values = {
        "kind": "individual",
        "audience": "all",
        "title": "Pakta Integritas Netralitas Pegawai ASN",
        "opening": cast.OPENING.replace("{pemilihan}", "Pilkada Serentak Tahun 2024"),
        "points": cast.POINTS,
        "closing": cast.CLOSING,
        "legal_bases": cast.LEGAL_BASES,
        "letterhead": Letterhead("Pemerintah Kota Contoh", "Jalan Merdeka Nomor 1", ""),
        "event": some_facts(),
    }
    return Pact(**values | fields)  # type: ignore[arg-type]


def some_facts(**fields: object) -> Facts:
    values = {
        "title": "Apel dan Penandatanganan Pakta Integritas Netralitas ASN",
        "ceremony": "apel netralitas",
        "election": "Pilkada Serentak Tahun 2024",
        "date": "2024-07-29",
        "venue": "Plaza Balai Kota",
        "city": "Contoh",
        "timezone": "Asia/Jakarta",
        "presiding_name": "",
        "presiding_position": "",
        "is_example": False,
    }
    return Facts(**values | fields)  # type: ignore[arg-type]


def an_act(**fields: object) -> Act:
    """Siti's signature, given at 08.15.32 in the west of Indonesia."""
    values = {
        "event_code": "K7Q2XF",
        "number": 42,
        "name": "Siti Aminah, S.Pd.",
        "identifier_label": "NIP",
        "identifier": cast.SITI,
        "rank": "Penata",
        "grade": "III/c",
        "position": "Guru Kelas",
        "unit": ("Dinas Pendidikan", "SDN 1 Contoh"),
        "method": identity.PERSONAL_LINK,
        "method_detail": "",
        "signed_at": datetime.datetime(2024, 7, 30, 1, 15, 32, tzinfo=datetime.UTC),
        "is_late": False,
        "is_sent_later": False,
        "claimed_at": None,
        "part": Part.SIGNER,
        "capacity": "",
        "verification_code": "K7Q2XFABCDEFGHJK",
        "pact_digest": "",
        "mark_digest": "",
    }
    return Act(**values | fields)  # type: ignore[arg-type]


def laid_out(
    text: Pact | None = None,
    act: Act | None = None,
    mark: Mark = DRAWN,
    *,
    certificate: SealCertificate | None = AGENCY_SEAL,
    watermark: str = "",
) -> bytes:
    """The page of one person as WeasyPrint makes it, not sealed."""
    text, act = text or a_text(), act or an_act()
    filled = pact_form.page_of(text, act, mark, certificate=certificate, watermark=watermark)
    return pact_form.lay_out(text, filled, identifier=act.verification_code, watermark=watermark)


def sealed(signature: Signature, sealer: Sealer) -> bytes:
    return stored(issue(signature, sealer=sealer))


def stored(document: Document) -> bytes:
    with default_storage.open(document.file) as file:
        data: bytes = file.read()
    return data


def words(pdf: bytes, *, page: int | None = None) -> str:
    """The text as readers copy it, whitespace folded."""
    return _text(pdf, *_only(page))


def lines(pdf: bytes, *, page: int | None = None) -> str:
    """The text line by line across the page, whitespace folded."""
    return _text(pdf, "-layout", *_only(page))


def in_order(pdf: bytes) -> str:
    """The text in the order in which it was set, columns one after the other."""
    return _text(pdf, "-raw")


def _only(page: int | None) -> list[str]:
    return ["-f", str(page), "-l", str(page)] if page else []


def _text(pdf: bytes, *options: str) -> str:
    command = ["pdftotext", *options, "-", "-"]
    result = subprocess.run(command, input=pdf, capture_output=True, check=True)
    return " ".join(result.stdout.decode().split())


def page_count(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)


Place = tuple[float, float]
Colour = tuple[int, int, int]


def places(pdf: bytes, is_meant: Callable[[Colour], bool], *, page: int = 1) -> list[Place]:
    """Where the page has such a colour: shares of its width and height, from the top left."""
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[page - 1].render(scale=1).to_pil().convert("RGB")
    width, height = picture.size
    return [
        (at % width / width, at // width / height)
        for at, colour in enumerate(picture.get_flattened_data())
        if is_meant(colour)
    ]


def pdfsig(pdf: bytes) -> str:
    """What poppler says about the seal."""
    handle, name = tempfile.mkstemp(suffix=".pdf")
    os.close(handle)
    path = Path(name)
    path.write_bytes(pdf)
    try:
        result = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, check=False)
    finally:
        path.unlink()
    return result.stdout.decode()


def altered(pdf: bytes, position: int) -> bytes:
    """The same file with one byte changed."""
    changed = bytearray(pdf)
    changed[position] ^= 0x01
    return bytes(changed)
