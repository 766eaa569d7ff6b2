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
from django.utils.encoding import iri_to_uri

from pledges import identity
from pledges.documents import lines, page
from pledges.documents.page import Rectangle
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


@dataclass(frozen=True, slots=True)
class Page:
    """All that one person puts onto the page of a pact."""

    # What stands in each place for words, by its name; the places of identity are "row 0" and on.
    said: Mapping[str, str]
    # Of the rows of identity.
    labels: tuple[str, ...]
    # What is to be known of a signature that did not come at once or in time.
    remarks: tuple[str, ...]
    # Those at the foot of the page that are not in `said`.
    notes: tuple[str, ...]
    mark: Mark
    # Points: of a typed mark, so that it fits.
    typed_size: int
    are_notes_long: bool

    @property
    def is_typed_small(self) -> bool:
        """It may take several lines."""
        return self.typed_size == TYPED_SIZES[-1]

    @property
    def rows(self) -> list[tuple[str, str]]:
        return [(label, self.said[row(place)]) for place, label in enumerate(self.labels)]


def row(place: int) -> str:
    return f"row {place}"


def page_of(
    text: Pact, act: Act, mark: Mark, *, certificate: SealCertificate | None, watermark: str
) -> Page:
    """No certificate: it will not be sealed, and says so. In Indonesian."""
    with translation.override("id"):
        return filled(text, act, mark, _notes(text, act, mark, certificate), watermark=watermark)


def filled(text: Pact, act: Act, mark: Mark, notes: Sequence[str], *, watermark: str) -> Page:
    """In the language that is active."""
    first, *others = notes
    remarks = {
        "ditandatangani setelah batas waktu": act.is_late,
        "dikirim menyusul": act.is_sent_later,
    }
    identity = dict(act.identity)
    said = {
        "title": f"{text.title} – {act.name}",
        "description": f"Nomor internal {act.serial}",
        "serial": f"Nomor internal: {act.serial}",
        **{row(place): value for place, value in enumerate(identity.values())},
        "place": page.place_and_date(text.event, act.signed_at),
        "position": f"{act.position or 'Yang menyatakan'},",
        "drawn_by": act.name,
        "name": act.name,
        "number": f"{act.identifier_label} {act.identifier}",
        "link": iri_to_uri(act.url),
        "url": act.url,
        "note": first,
    }
    typed = mark.data if mark.kind == Mark.TYPED else ""
    if typed:
        said["typed"] = typed
    return Page(
        said=said,
        labels=tuple(identity),
        remarks=tuple(remark for remark, holds in remarks.items() if holds),
        notes=tuple(others),
        mark=mark,
        typed_size=lines.largest(typed, "italic", TYPED_SIZES, _TYPED_ROOM),
        are_notes_long=page.are_long([watermark, *notes]),
    )


# Points, from what a short name is set in to what can be read; and the room for it, in pixels.
TYPED_SIZES, _TYPED_ROOM = (17, 15, 13, 11, 9, 7), 9 / 2.54 * 96


def lay_out(text: Pact, filled: Page, *, identifier: str, watermark: str, also: str = "") -> bytes:
    """The whole page of one person; `identifier` is its verification code, `also` are more rules
    of CSS."""
    # See there: costly to import, and not every page of the web prints.
    from pledges.documents import typesetting

    with translation.override("id"):
        html = render(text, filled, watermark=watermark)
    return typesetting.write_pdf(
        html,
        stylesheet="pdf/pact.css",
        images=images(text, filled, watermark=watermark),
        identifier=page.identifier(identifier),
        also=also,
    )


def places(text: Pact, filled: Page, *, watermark: str) -> dict[str, Rectangle]:
    """Where the elements stand that have an id, as `typesetting.places` has it."""
    from pledges.documents import typesetting

    with translation.override("id"):
        html = render(text, filled, watermark=watermark)
    return typesetting.places(
        html, stylesheet="pdf/pact.css", images=images(text, filled, watermark=watermark)
    )


def render(text: Pact, filled: Page, *, watermark: str, copy: int = 0) -> str:
    """The page as HTML, in the language that is active; of a copy, with its number in a book."""
    return render_to_string(
        "pdf/copy.html" if copy else "pdf/pact.html",
        {
            "pact": text,
            "said": filled.said,
            "rows": filled.rows,
            "remarks": filled.remarks,
            "mark": filled.mark,
            "typed_size": filled.typed_size,
            "is_small": filled.is_typed_small,
            "watermark": watermark,
            "event_date": page.day(text.event.day),
            "notes": [filled.said["note"], *filled.notes],
            "are_long": filled.are_notes_long,
            "copy": copy,
        },
    )


def images(text: Pact, filled: Page, *, watermark: str) -> dict[str, bytes]:
    letterhead = page.images(text.letterhead, url=filled.said["link"], watermark=watermark)
    return letterhead | page.drawings({"mark": filled.mark})


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
