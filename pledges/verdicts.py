"""What anybody may know of what is on record: people masked, and never their reasons.

Why a report is void is told: it is about paper, and whoever holds the paper must know."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from pledges import declaration, identity, nip, pact
from pledges.documents.declaration_form import Declared, Place
from pledges.documents.pact_form import Act
from pledges.documents.reported import Counts, Reported
from pledges.models import (
    Declaration,
    Document,
    Event,
    PactKind,
    Part,
    Refusal,
    Report,
    Signature,
)
from pledges.pact import Facts, Letterhead, Pact


class State(StrEnum):
    GENUINE = "genuine"
    EXAMPLE = "example"
    VOID = "void"
    UNSEALED = "unsealed"
    # Somebody's word that they will not sign; no document at all.
    DECLINED = "declined"
    # What was signed was deleted after its retention.
    PURGED = "purged"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVerdict:
    """What is said of every document. Times are in the event's zone."""

    code: str
    agency: str
    event: str
    zone: ZoneInfo
    is_example: bool
    voided_at: datetime | None
    # None while it is not sealed yet.
    sealed_at: datetime | None
    # What an authority says of when it was; None without its timestamp.
    timestamped_at: datetime | None
    file_digest: str | None
    is_development_seal: bool

    @property
    def is_void(self) -> bool:
        return self.voided_at is not None

    @property
    def state(self) -> State:
        if self.is_example:
            return State.EXAMPLE
        if self.is_void:
            return State.VOID
        return State.GENUINE if self.sealed_at else State.UNSEALED


@dataclass(frozen=True, slots=True, kw_only=True)
class TextVerdict(DocumentVerdict):
    """On what was signed under a frozen text."""

    pact_title: str
    pact_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(TextVerdict):
    """On one person's signature, under the own pact or on the joint declaration."""

    unit: str
    name: str
    # Both "" for somebody from outside.
    identifier_label: str
    identifier: str
    signed_at: datetime
    is_late: bool
    is_sent_later: bool
    # On the declaration: in which capacity; "" under the own pact.
    standing: str
    is_of_declaration: bool
    # Signed with a pen; what was sealed is the photograph of the sheet.
    is_scan: bool
    # Of the declaration that the signature stands on; None for a pact, and until it is complete.
    declaration_code: str | None


@dataclass(frozen=True, slots=True)
class PlaceVerdict:
    standing: str
    name: str
    # None for a blank place.
    signed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationVerdict(TextVerdict):
    completed_at: datetime
    is_closed_early: bool
    places: tuple[PlaceVerdict, ...]

    @property
    def signed(self) -> int:
        return sum(place.signed_at is not None for place in self.places)


@dataclass(frozen=True, slots=True)
class PublicCounts:
    """Of a report; who declined is among the `unsigned`."""

    total: int
    signed: int
    late: int
    paper: int
    excused: int
    unsigned: int
    percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportVerdict(DocumentVerdict):
    """On a recap, minutes, or a report on plausibility."""

    kind: str
    title: str
    unit: str
    made_at: datetime
    void_reason: str
    # SHA-256 of all that the report says.
    statement_digest: str
    # None: what a report on plausibility counts is for those who oversee the event.
    counts: PublicCounts | None


@dataclass(frozen=True, slots=True)
class RefusalVerdict:
    code: str
    agency: str
    event: str
    name: str
    is_example: bool
    refused_at: datetime
    taken_back_at: datetime | None
    # When the name and the reason were deleted after their retention.
    deleted_at: datetime | None

    @property
    def state(self) -> State:
        return State.DECLINED


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgedVerdict:
    """On what was deleted after its retention: that it was once here, and which hashes stay.

    Times are in the event's zone; `what` is a kind of document, in words.
    """

    code: str
    what: str
    agency: str
    event: str
    zone: ZoneInfo
    is_example: bool
    deleted_at: datetime | None
    voided_at: datetime | None
    statement_digest: str
    # None where nothing was sealed.
    sealed_at: datetime | None
    file_digest: str | None

    @property
    def is_void(self) -> bool:
        return self.voided_at is not None

    @property
    def state(self) -> State:
        return State.PURGED


def of_signature(signature: Signature) -> Verdict | PurgedVerdict:
    if not signature.statement:
        return of_purged(signature, signature.pact.event, what=PactKind(signature.pact.kind).label)
    act, text = Act.of(signature.statement), pact.load(signature.pact.content)
    is_of_declaration = text.kind == PactKind.DECLARATION
    declared = declaration.naming(signature) if is_of_declaration else None
    holder = declared if is_of_declaration else signature
    return Verdict(
        **_of_document(text, getattr(holder, "document", None)),
        code=act.verification_code,
        voided_at=_local(text, signature.voided_at),
        unit=act.unit[-1],
        name=mask_name(act.name),
        identifier_label=act.identifier_label,
        identifier=nip.mask_nip(act.identifier) if has_nip(act) else act.identifier,
        signed_at=act.signed_at.astimezone(text.event.zone),
        is_late=act.is_late,
        is_sent_later=act.is_sent_later,
        standing=_standing(act.capacity, act.part) if is_of_declaration else "",
        is_of_declaration=is_of_declaration,
        is_scan=act.method == identity.PAPER,
        declaration_code=declared.verification_code if declared else None,
    )


def of_declaration(row: Declaration) -> DeclarationVerdict | PurgedVerdict:
    if not row.statement:
        return of_purged(row, row.event, what=Document.Kind.DECLARATION.label)
    declared, text = Declared.of(row.statement), pact.load(row.pact.content)
    return DeclarationVerdict(
        **_of_document(text, getattr(row, "document", None)),
        code=declared.verification_code,
        voided_at=_local(text, row.voided_at),
        completed_at=declared.completed_at.astimezone(text.event.zone),
        is_closed_early=declared.is_closed_early,
        places=tuple(_place(text, place) for place in declared.places),
    )


def of_report(report: Report) -> ReportVerdict | PurgedVerdict:
    if not report.statement:
        return of_purged(report, report.event, what=report.get_kind_display())
    told = Reported.of(report.statement)
    return ReportVerdict(
        **_of_page(told.letterhead, told.event, getattr(report, "document", None)),
        code=told.verification_code,
        voided_at=_local(told, report.voided_at),
        void_reason=report.void_reason,
        kind=told.kind_label,
        title=told.title,
        unit=told.unit_name,
        made_at=told.made_at.astimezone(told.event.zone),
        statement_digest=told.digest,
        counts=_public(told.totals) if told.totals else None,
    )


def _public(counts: Counts) -> PublicCounts:
    return PublicCounts(**{f.name: getattr(counts, f.name) for f in fields(PublicCounts)})


def of_purged(row: Signature | Declaration | Report, event: Event, *, what: str) -> PurgedVerdict:
    document: Document | None = getattr(row, "document", None)
    return PurgedVerdict(
        code=row.verification_code,
        what=what,
        agency=event.agency.name,
        event=event.title,
        zone=event.zone,
        is_example=event.is_example,
        deleted_at=_in_zone(event, event.purged_at),
        voided_at=_in_zone(event, row.voided_at),
        statement_digest=row.statement_digest,
        sealed_at=_in_zone(event, document.sealed_at if document else None),
        file_digest=document.sha256 if document else None,
    )


def _in_zone(event: Event, moment: datetime | None) -> datetime | None:
    return moment.astimezone(event.zone) if moment else None


def of_refusal(refusal: Refusal) -> RefusalVerdict:
    event, taken_back = refusal.signatory.event, refusal.taken_back_at
    return RefusalVerdict(
        code=refusal.verification_code,
        agency=event.agency.name,
        event=event.title,
        name=mask_name("" if refusal.signatory.is_erased else refusal.signatory.name),
        is_example=event.is_example,
        refused_at=refusal.refused_at.astimezone(event.zone),
        taken_back_at=taken_back.astimezone(event.zone) if taken_back else None,
        deleted_at=_in_zone(event, refusal.signatory.erased_at),
    )


def _of_document(text: Pact, document: Document | None) -> dict[str, Any]:
    told = _of_page(text.letterhead, text.event, document)
    return told | {"pact_title": text.title, "pact_digest": text.digest}


def _of_page(letterhead: Letterhead, event: Facts, document: Document | None) -> dict[str, Any]:
    return {
        "agency": letterhead.agency,
        "event": event.title,
        "zone": event.zone,
        "is_example": event.is_example,
        "sealed_at": document.sealed_at if document else None,
        "timestamped_at": document.timestamped_at if document else None,
        "file_digest": document.sha256 if document else None,
        "is_development_seal": document.certificate.is_development if document else False,
    }


def _place(text: Pact, place: Place) -> PlaceVerdict:
    return PlaceVerdict(
        standing=_standing(place.capacity, place.part),
        name=mask_name(place.name),
        signed_at=_local(text, place.signature.signed_at if place.signature else None),
    )


def _standing(capacity: str, part: str) -> str:
    return capacity or str(Part(part).label)


def _local(text: Pact | Reported, moment: datetime | None) -> datetime | None:
    return moment.astimezone(text.event.zone) if moment else None


def has_nip(act: Act) -> bool:
    """A NIK is masked in the statement already."""
    return act.identifier_label == "NIP"


def mask_name(name: str) -> str:
    """Initials: "Siti Aminah, S.Pd." becomes "S••• A•••"."""
    words = re.findall(r"[^\W\d_][^\s,]*", name.partition(",")[0])
    return " ".join(f"{word[0]}•••" for word in words)
