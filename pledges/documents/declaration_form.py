"""The page of the joint declaration: one text, and everybody's place under it, in order.

Everything on it comes from the frozen text, the declaration's statement, and the statements
and marks of the signatures that it names.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Self

from django.template.loader import render_to_string
from django.utils import translation

from pledges import identity
from pledges.documents import lines, page
from pledges.documents.pact_form import Act
from pledges.marks import Mark
from pledges.models import Part, SealCertificate
from pledges.pact import Pact

# Of a typed mark: points, and the room for it on a place, in pixels.
_TYPED_SIZES, _TYPED_ROOM = (15, 13, 11, 9, 7), 7.2 / 2.54 * 96


@dataclass(frozen=True, slots=True)
class Named:
    """A signature as the declaration names it; digests are SHA-256 in hex."""

    verification_code: str
    statement_digest: str
    mark_digest: str
    signed_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Place:
    part: str
    capacity: str
    name: str
    position: str
    # None: this person has not signed.
    signature: Named | None

    @property
    def standing(self) -> str:
        """What is written above the mark: in which capacity, or else in which office."""
        return self.capacity or self.position or Part(self.part).label


@dataclass(frozen=True, slots=True)
class Declared:
    """What a completed declaration puts onto the page."""

    event_code: str
    places: tuple[Place, ...]
    completed_at: datetime.datetime
    is_closed_early: bool
    verification_code: str
    pact_digest: str

    @classmethod
    def of(cls, statement: str) -> Self:
        data: Mapping[str, Any] = json.loads(statement)
        return cls(
            event_code=data["event"]["code"],
            places=tuple(map(_place, data["places"])),
            completed_at=datetime.datetime.fromisoformat(data["completed_at"]),
            is_closed_early=data["is_closed_early"],
            verification_code=data["verification_code"],
            pact_digest=data["pact"]["digest"],
        )

    @property
    def url(self) -> str:
        return page.address(self.verification_code)

    @property
    def named(self) -> list[Named]:
        return [place.signature for place in self.places if place.signature]


def _place(data: Mapping[str, Any]) -> Place:
    return Place(
        part=data["part"],
        capacity=data["capacity"],
        name=data["name"],
        position=data["position"],
        signature=_named(data["signature"]) if data["signature"] else None,
    )


def _named(data: Mapping[str, Any]) -> Named:
    return Named(
        verification_code=data["verification_code"],
        statement_digest=data["statement"],
        mark_digest=data["mark"],
        signed_at=datetime.datetime.fromisoformat(data["signed_at"]),
    )


@dataclass(frozen=True, slots=True)
class Signing:
    """One named signature: what its own statement says, and the mark."""

    act: Act
    mark: Mark

    @property
    def typed_size(self) -> int:
        """Points in which a typed mark stands on one line of its place, if it can."""
        return lines.largest(self.mark.data, "italic", _TYPED_SIZES, _TYPED_ROOM)

    @property
    def is_typed_small(self) -> bool:
        return self.typed_size == _TYPED_SIZES[-1]


# Verification code → the signature that a declaration names by it.
Signings = Mapping[str, Signing]


def lay_out(
    text: Pact,
    declared: Declared,
    signings: Signings,
    *,
    certificate: SealCertificate | None,
    watermark: str,
) -> bytes:
    """The whole document. No certificate: it will not be sealed, and says so."""
    # See there: costly to import, and not every page of the web prints.
    from pledges.documents import typesetting

    with translation.override("id"):
        notes = _notes(text, declared, certificate)
        html = render_to_string(
            "pdf/declaration.html",
            {
                "pact": text,
                "declared": declared,
                "url": declared.url,
                "watermark": watermark,
                "event_date": page.day(text.event.day),
                "place_and_date": page.place_and_date(text.event, declared.completed_at),
                "groups": _groups(declared, signings),
                "proved": _how_proved(signings) if certificate else "",
                "notes": notes,
                "are_long": page.are_long([watermark, *notes]),
            },
        )
    drawings = page.drawings({code: signing.mark for code, signing in signings.items()})
    return typesetting.write_pdf(
        html,
        stylesheet="pdf/declaration.css",
        images=page.images(text.letterhead, url=declared.url, watermark=watermark) | drawings,
        identifier=page.identifier(declared.verification_code),
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """Places of one part, under a heading."""

    part: str
    places: list[tuple[Place, Signing | None]]

    @property
    def title(self) -> str:
        """The presiding official stands first and needs no heading."""
        if self.part == Part.WITNESS:
            return "Saksi-saksi" if len(self.places) > 1 else "Saksi"
        return "Perwakilan" if self.part == Part.REPRESENTATIVE else ""


def _groups(declared: Declared, signings: Signings) -> list[_Group]:
    def signing(place: Place) -> Signing | None:
        return signings[place.signature.verification_code] if place.signature else None

    return [
        _Group(part, [(place, signing(place)) for place in places])
        for part, places in groupby(declared.places, key=lambda place: place.part)
    ]


def _notes(text: Pact, declared: Declared, certificate: SealCertificate | None) -> list[str]:
    """At the foot of every page: how it was signed, by how many, and sealed."""
    if certificate is None:
        return ["Pratinjau: belum ditandatangani dan belum disegel.", page.of_what(text)]
    notes = [_how_signed(text, declared)]
    if declared.is_closed_early:
        closed = page.time(text.event, declared.completed_at)
        notes.append(f"Ditutup oleh admin sebelum semua menandatangani, pada {closed}.")
    return [*notes, page.how_sealed(certificate), page.of_what(text)]


def _how_signed(text: Pact, declared: Declared) -> str:
    signed, asked = len(declared.named), len(declared.places)
    many = f"{signed} dari {asked}" if signed < asked else str(asked)
    times = [named.signed_at for named in declared.named]
    first, last = (page.time(text.event, each(times)) for each in (min, max))
    when = f"pada {first}" if signed == 1 else f"antara {first} dan {last}"
    return f"Ditandatangani secara elektronik oleh {many} orang, {when}. {page.UNCERTIFIED}"


# What stands after "3 orang", and before the names of those who vouched. An e-mail address
# vouches for its owner alone, and stands on the owner's pact.
_WAYS = {
    identity.PERSONAL_LINK: ("melalui tautan pribadi", "dibagikan"),
    identity.PERSONAL_CODE: ("dengan kode pribadi", "dibagikan"),
    identity.EMAIL_CODE: ("dengan kode sekali pakai lewat surel", ""),
    identity.LOGIN: ("melalui login", "oleh"),
    identity.DESK: ("di meja petugas", "identitasnya diperiksa oleh"),
}


def _how_proved(signings: Signings) -> str:
    """In one sentence: each way once, with everybody who vouched."""
    vouchers: dict[str, list[str]] = {}
    for signing in signings.values():
        detail = signing.act.method_detail or "instansi"
        vouchers.setdefault(signing.act.method, []).append(detail)
    ways = "; ".join(map(_way, vouchers, vouchers.values()))
    return f"Cara membuktikan diri: {ways}."


def _way(method: str, vouchers: Sequence[str]) -> str:
    words, vouched = _WAYS[method]
    named = f" ({vouched} {', '.join(dict.fromkeys(vouchers))})" if vouched else ""
    return f"{len(vouchers)} orang {words}{named}"
