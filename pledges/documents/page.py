"""What the page of every document shares: dates in words, true words about its seal, pictures."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence

from django.conf import settings
from django.utils import formats

from pledges.documents import pictures
from pledges.marks import Mark
from pledges.models import SealCertificate
from pledges.pact import Facts, Letterhead, Pact

# Left, top, right and bottom.
Rectangle = tuple[float, float, float, float]
# Found in the bytes of every document, see `pledges.verification`.
IDENTIFIER = "pakta:"
UNCERTIFIED = "Tanda tangan elektronik tidak tersertifikasi."


def identifier(verification_code: str) -> bytes:
    return f"{IDENTIFIER}{verification_code}".encode()


def address(verification_code: str) -> str:
    """Where anybody can check a document; a preview, which has no code, leads to the start page."""
    code = verification_code
    return f"{settings.BASE_URL}/v/{code}" if code else f"{settings.BASE_URL}/"


def day(date: datetime.date) -> str:
    return formats.date_format(date, "j F Y")


def place_and_date(event: Facts, moment: datetime.datetime) -> str:
    """As letters have it, "Bandung, 29 Juli 2024"; a draft's agency may lack its city."""
    return ", ".join(filter(None, [event.city, day(moment.astimezone(event.zone))]))


def time(event: Facts, moment: datetime.datetime) -> str:
    """ "29 Juli 2024 pukul 08.15.32 WIB", in the event's zone."""
    local = moment.astimezone(event.zone)
    return f"{day(local)} pukul {local:%H.%M.%S} {event.zone_name}"


def of_what(text: Pact) -> str:
    return f"Sidik naskah {text.digest[:8]}; SHA-256 lengkap: {text.digest}"


def how_sealed(certificate: SealCertificate) -> str:
    if certificate.is_development:
        return "Disegel dengan segel pengembangan, bukan segel instansi: hanya untuk percobaan."
    return (
        "Disegel dengan segel digital instansi (tidak tersertifikasi). Perubahan pada berkas ini "
        "sesudah disegel akan terlihat."
    )


# Of the smallest type, across the page; what the foot of a page holds without more room.
_LETTERS_A_LINE, _LINES = 125, 6


def are_long(notes: Sequence[str]) -> bool:
    """Whether the notes at the foot of the page need more room than they mostly do."""
    return sum(math.ceil(len(note) / _LETTERS_A_LINE) for note in notes) > _LINES


def images(letterhead: Letterhead, *, url: str, watermark: str) -> dict[str, bytes]:
    """QR code, coat of arms and watermark, by the names that the template uses."""
    found = {"qr": pictures.qr(url)}
    if watermark:
        found["watermark"] = pictures.watermark(watermark)
    if letterhead.logo:
        found["logo"] = pictures.logo(letterhead.logo)
    return found


def drawings(marks: dict[str, Mark]) -> dict[str, bytes]:
    """The drawn ones among some marks; typed ones are set as words."""
    return {name: pictures.drawing(mark.strokes) for name, mark in marks.items() if mark.strokes}
