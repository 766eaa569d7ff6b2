"""The page of a pact, laid out with WeasyPrint: A4, PDF/A-3b, tagged, not sealed.

Everything on it comes from the frozen text, the statement and the mark.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import formats, translation

from pledges import identity
from pledges.documents import pictures
from pledges.marks import Mark
from pledges.models import Part, SealCertificate
from pledges.pact import Pact

# Found in the bytes of every document, see `pledges.verification`.
IDENTIFIER = "pakta:"


@dataclass(frozen=True, slots=True)
class Act:
    """What one person's act puts onto the page. All of it stands in the statement."""

    event_code: str
    number: int
    name: str
    identifier_label: str
    identifier: str
    rank: str
    grade: str
    position: str
    unit: tuple[str, ...]
    method: str
    # Who or what vouches: an officer's name, a provider's. "" when nobody is named.
    method_detail: str
    signed_at: datetime.datetime
    is_late: bool
    is_sent_later: bool
    claimed_at: datetime.datetime | None
    part: str
    capacity: str
    verification_code: str
    pact_digest: str
    mark_digest: str

    @classmethod
    def of(cls, statement: str) -> Self:
        data: Mapping[str, Any] = json.loads(statement)
        person = data["signatory"]
        claimed = data.get("claimed_at")
        return cls(
            event_code=data["event"]["code"],
            number=person["number"],
            name=person["name"],
            identifier_label=person["identifier_label"],
            identifier=person["identifier"],
            rank=person["rank"],
            grade=person["grade"],
            position=person["position"],
            unit=tuple(person["unit"]),
            method=data["identity"]["method"],
            method_detail=data["identity"].get("detail", ""),
            signed_at=datetime.datetime.fromisoformat(data["signed_at"]),
            is_late=data["is_late"],
            is_sent_later=data.get("is_sent_later", False),
            claimed_at=datetime.datetime.fromisoformat(claimed) if claimed else None,
            part=person.get("part", Part.SIGNER),
            capacity=person.get("capacity", ""),
            verification_code=data["verification_code"],
            pact_digest=data["pact"]["digest"],
            mark_digest=data["mark"]["sha256"],
        )

    @property
    def serial(self) -> str:
        return f"{self.event_code}/{self.number:05}"

    @property
    def url(self) -> str:
        """Where anybody can check this document; a preview leads to the start page."""
        code = self.verification_code
        return f"{settings.BASE_URL}/v/{code}" if code else f"{settings.BASE_URL}/"

    @property
    def identity(self) -> list[tuple[str, str]]:
        """The rows of the identity table that have something in them."""
        rank = ", ".join(filter(None, [self.rank, self.grade]))
        rows = [
            ("Nama", self.name),
            (self.identifier_label, self.identifier),
            ("Pangkat/Golongan" if self.rank else "Golongan", rank),
            ("Jabatan", self.position),
            ("Unit Kerja", ", ".join(reversed(self.unit))),
        ]
        return [(label, value) for label, value in rows if value]


def lay_out(
    text: Pact, act: Act, mark: Mark, *, certificate: SealCertificate | None, watermark: str
) -> bytes:
    """The whole page of one person. No certificate: it will not be sealed, and says so."""
    # See there: costly to import, and not every page of the web prints.
    from pledges.documents import typesetting

    with translation.override("id"):
        html = render_to_string(
            "pdf/pact.html",
            {
                "pact": text,
                "act": act,
                "mark": mark,
                "watermark": watermark,
                "event_date": _day(text.event.day),
                "place_and_date": _place_and_date(text, act),
                "notes": _notes(text, act, mark, certificate),
            },
        )
    return typesetting.write_pdf(
        html,
        stylesheet="pdf/pact.css",
        images=_images(text, act, mark, watermark),
        identifier=f"{IDENTIFIER}{act.verification_code}".encode(),
    )


def _local(text: Pact, act: Act) -> datetime.datetime:
    return act.signed_at.astimezone(text.event.zone)


def _place_and_date(text: Pact, act: Act) -> str:
    """As letters have it, "Bandung, 29 Juli 2024"; a draft's agency may lack its city."""
    return ", ".join(filter(None, [text.event.city, _day(_local(text, act))]))


def _day(day: datetime.date) -> str:
    return formats.date_format(day, "j F Y")


def _notes(text: Pact, act: Act, mark: Mark, certificate: SealCertificate | None) -> list[str]:
    """How it was signed and sealed, no more than is true."""
    digest = f"Sidik naskah {text.digest[:8]}; SHA-256 lengkap: {text.digest}"
    if certificate is None:
        return ["Pratinjau: belum ditandatangani dan belum disegel.", digest]
    return [_how_signed(text, act, mark), _how_sealed(certificate), digest]


def _how_signed(text: Pact, act: Act, mark: Mark) -> str:
    proof = {
        identity.PERSONAL_LINK: "melalui tautan pribadi",
        identity.PERSONAL_CODE: f"dengan {act.identifier_label} dan kode pribadi",
    }[act.method]
    local = _local(text, act)
    late = ", setelah batas waktu" if act.is_late else ""
    drawn = "nama diketik" if mark.kind == Mark.TYPED else "tanda tangan digambar"
    return (
        f"Ditandatangani secara elektronik oleh {act.name} {proof} yang dibagikan instansi, pada "
        f"{_day(local)} pukul {local:%H.%M.%S} {text.event.zone_name}{late} ({drawn}). "
        "Tanda tangan elektronik tidak tersertifikasi."
    )


def _how_sealed(certificate: SealCertificate) -> str:
    if certificate.is_development:
        return "Disegel dengan segel pengembangan, bukan segel instansi: hanya untuk percobaan."
    return (
        "Disegel dengan segel digital instansi (tidak tersertifikasi). Perubahan pada berkas ini "
        "sesudah disegel akan terlihat."
    )


def _images(text: Pact, act: Act, mark: Mark, watermark: str) -> dict[str, bytes]:
    images = {"qr": pictures.qr(act.url)}
    if mark.strokes:
        images["mark"] = pictures.drawing(mark.strokes)
    if watermark:
        images["watermark"] = pictures.watermark(watermark)
    if text.letterhead.logo:
        images["logo"] = pictures.logo(text.letterhead.logo)
    return images
