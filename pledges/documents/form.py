"""The page of a pact, laid out with WeasyPrint: A4, PDF/A-3b, tagged, not sealed.

Everything on it comes from the frozen text, the statement and the mark.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.template.loader import render_to_string
from django.utils import translation

from pledges import identity
from pledges.documents import page
from pledges.marks import Mark
from pledges.models import Part, SealCertificate
from pledges.pact import Pact


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs, as it stands on the page of a pact."""

    event_code: str
    number: int
    name: str
    identifier_label: str
    identifier: str
    rank: str
    grade: str
    position: str
    unit: tuple[str, ...]

    @property
    def serial(self) -> str:
        return f"{self.event_code}/{self.number:05}"

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


def signer_facts(event_code: str, person: Mapping[str, Any]) -> dict[str, Any]:
    """A `Signer` out of what `signing.snapshot` says of a person."""
    return {
        "event_code": event_code,
        "number": person["number"],
        "name": person["name"],
        "identifier_label": person["identifier_label"],
        "identifier": person["identifier"],
        "rank": person["rank"],
        "grade": person["grade"],
        "position": person["position"],
        "unit": tuple(person["unit"]),
    }


@dataclass(frozen=True, slots=True)
class Act(Signer):
    """What one person's act puts onto the page. All of it stands in the statement."""

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
            **signer_facts(data["event"]["code"], person),
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
    def url(self) -> str:
        """Where anybody can check this act."""
        return page.address(self.verification_code)


def lay_out(
    text: Pact, act: Act, mark: Mark, *, certificate: SealCertificate | None, watermark: str
) -> bytes:
    """The whole page of one person. No certificate: it will not be sealed, and says so."""
    # See there: costly to import, and not every page of the web prints.
    from pledges.documents import typesetting

    with translation.override("id"):
        notes = _notes(text, act, mark, certificate)
        html = render(text, act, mark, notes=notes, watermark=watermark)
    return typesetting.write_pdf(
        html,
        stylesheet="pdf/pact.css",
        images=images(text, act, mark, watermark=watermark),
        identifier=page.identifier(act.verification_code),
    )


def render(
    text: Pact, act: Act, mark: Mark, *, notes: Sequence[str], watermark: str, copy: int = 0
) -> str:
    """The page as HTML, in the language that is active; of a copy, with its number in a book."""
    return render_to_string(
        "pdf/copy.html" if copy else "pdf/pact.html",
        {
            "pact": text,
            "act": act,
            "mark": mark,
            "url": act.url,
            "watermark": watermark,
            "event_date": page.day(text.event.day),
            "place_and_date": page.place_and_date(text.event, act.signed_at),
            "notes": notes,
            "are_long": page.are_long([watermark, *notes]),
            "copy": copy,
        },
    )


def images(text: Pact, act: Act, mark: Mark, *, watermark: str) -> dict[str, bytes]:
    return page.images(text.letterhead, url=act.url, watermark=watermark) | page.drawings(
        {"mark": mark}
    )


def _notes(text: Pact, act: Act, mark: Mark, certificate: SealCertificate | None) -> list[str]:
    """How it was signed and sealed, no more than is true."""
    if certificate is None:
        return ["Pratinjau: belum ditandatangani dan belum disegel.", page.of_what(text)]
    return [how_signed(text, act, mark), page.how_sealed(certificate), page.of_what(text)]


def how_signed(text: Pact, act: Act, mark: Mark) -> str:
    return _how_signed(text, act, mark) + _when_claimed(text, act)


def _how_signed(text: Pact, act: Act, mark: Mark) -> str:
    received = ", dikirim menyusul dan diterima server pada " if act.is_sent_later else ", pada "
    late = ", setelah batas waktu" if act.is_late else ""
    drawn = "nama diketik" if mark.kind == Mark.TYPED else "tanda tangan digambar"
    return (
        f"Ditandatangani secara elektronik oleh {act.name} {_proof(act)}{received}"
        f"{page.time(text.event, act.signed_at)}{late} ({drawn}). {page.UNCERTIFIED}"
    )


def _proof(act: Act) -> str:
    """How the person proved who they are, and who or what vouches for it."""
    giver = f"oleh {act.method_detail}" if act.method_detail else "instansi"
    return {
        identity.PERSONAL_LINK: f"melalui tautan pribadi yang dibagikan {giver}",
        identity.PERSONAL_CODE: (
            f"dengan {act.identifier_label} dan kode pribadi yang dibagikan {giver}"
        ),
        identity.EMAIL_CODE: f"dengan kode sekali pakai yang dikirim ke surel {act.method_detail}",
        identity.LOGIN: f"melalui login {act.method_detail}",
        identity.DESK: (
            f"yang identitasnya diperiksa oleh petugas {act.method_detail} di meja petugas"
        ),
    }[act.method]


def _when_claimed(text: Pact, act: Act) -> str:
    """What a device told of a signature that it kept for a while; nobody vouches for its clock."""
    if not (act.is_sent_later and act.claimed_at):
        return ""
    claimed = page.time(text.event, act.claimed_at)
    return f" Menurut jam perangkatnya sendiri, yang tidak diperiksa, ditandatangani {claimed}."
