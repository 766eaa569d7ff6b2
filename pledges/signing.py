"""The act of signing: one short transaction, idempotent; and its undoing by voiding.

The statement written here is everything a document will say about the act. Its JSON,
canonical as in `pledges.pact`, holds:

    version       2
    event         {code, title, agency}
    pact          {digest, kind, title}
    signatory     {number, name, identifier_label, identifier, kind, rank, grade, position,
                   part, capacity, unit: [names from the event's agency down]}
    consents      [1, 2, …], every point's number
    identity      {method, detail, desk}; detail names who vouches, desk is a number or null
    mark          {kind, sha256}
    signed_at     server time, ISO 8601 in UTC
    claimed_at    the device's own time, or null; nothing follows from it
    is_late, is_sent_later, is_example
    verification_code
    salt          32 random bytes in hex, so that the digest of a statement cannot be
                  found by guessing names

Version 1 lacks part, capacity, detail, desk, claimed_at and is_sent_later.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from pledges import audit, declaration, events, keys, metrics, pact, waves
from pledges.audit import Actor
from pledges.events import WrongState
from pledges.identity import PAPER, BadTicket, Ticket, is_outdated
from pledges.marks import Mark
from pledges.models import AuditEntry, Event, Notice, PactKind, Signatory, Signature, rows
from pledges.models import Pact as PactRow
from pledges.models.rows import Reading
from pledges.models.signatory import SignatureQuerySet, new_verification_code
from pledges.pact import Pact

VERSION = 2

# What is asked, under the locks, of somebody who is about to sign: the person, the event and
# their units, whether they have signed anything yet, and whether they have refused to.
_SIGNER = Reading(
    Signatory,
    fields=(
        "event", "unit", "number", "kind", "name", "nip", "nik_cipher", "rank", "grade",
        "position", "email", "part", "capacity", "wave", "voids", "generation", "withdrawn_at",
        "erased_at", "unit__path", "unit__name", "event__agency", "event__code", "event__state",
        "event__is_example", "event__deadline", "event__open_wave", "event__published_at",
    ),
    tests=(
        "EXISTS (SELECT 1 FROM pledges_signature WHERE signatory_id = %s AND voided_at IS NULL)",
        "EXISTS (SELECT 1 FROM pledges_refusal WHERE signatory_id = %s AND taken_back_at IS NULL)",
    ),
)  # fmt: skip
_LOCKING = "SELECT 1 FROM pledges_signatory WHERE id = %s FOR UPDATE"


class CannotSign(Exception):
    """Base of what refuses a signature; the message is for the signer."""


class NotNow(CannotSign):
    """A refusal that may end; `reason` is its message without what became of the signature."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} Tanda tangan Anda tidak disimpan. Hubungi BKPSDM bila perlu.")
        self.reason = reason


class EventNotOpen(NotNow):
    def __init__(self, event: Event) -> None:
        state = "sudah ditutup" if event.is_closed else "belum dibuka"
        super().__init__(f"Penandatanganan untuk acara ini {state}.")


class TextChanged(CannotSign):
    def __init__(self) -> None:
        super().__init__(
            "Naskah pakta ini sudah berubah sejak Anda membukanya. Tanda tangan Anda tidak "
            "disimpan. Buka lagi tautan Anda dan baca naskah yang baru."
        )


class DeclarationClosed(CannotSign):
    def __init__(self) -> None:
        super().__init__(
            "Deklarasi bersama sudah ditutup dan tidak dapat ditandatangani lagi. "
            "Hubungi BKPSDM bila perlu."
        )


class NotAffirmed(CannotSign):
    def __init__(self, missing: list[int]) -> None:
        listed = ", ".join(map(str, missing))
        super().__init__(f"Centang “Saya menyatakan” pada setiap butir. Belum: butir {listed}.")
        self.missing = missing


class NotYourTurn(NotNow):
    def __init__(self, person: Signatory) -> None:
        super().__init__(
            f"Giliran Anda adalah gelombang {person.wave}, dan gelombang itu belum dibuka."
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a signature came here, as its device tells it. Recorded, and otherwise not believed.

    `device` is a random number the browser keeps, `claimed_at` its clock at signing.
    """

    device: str = ""
    claimed_at: datetime | None = None
    is_sent_later: bool = False


AT_ONCE = Delivery()


def signatures_of(person: Signatory) -> SignatureQuerySet:
    """The signatures this person has given, if they stand; the own pact's first."""
    return person.signatures.live().select_related("pact").order_by("-pact__kind", "pk")


def signature_of(person: Signatory) -> Signature | None:
    """The signature under the person's own pact; for who owes none, on the declaration."""
    return signatures_of(person).first()


def unsigned(person: Signatory) -> list[PactRow]:
    """The texts this person is still asked to sign."""
    signed = set(signatures_of(person).values_list("pact", flat=True))
    return [row for row in pact.texts_of(person) if row.pk not in signed]


def texts_of(ticket: Ticket, person: Signatory) -> list[Pact]:
    """The texts that somebody with this ticket was shown, in their order.

    Raises EventNotOpen where they are a draft again, and TextChanged where one is gone.
    """
    if person.event.is_draft:
        raise EventNotOpen(person.event)
    known = _known(person.event)
    if not known.keys() >= set(ticket.digests):
        raise TextChanged
    return [pact.of(known[digest]) for digest in ticket.digests]


def texts_shown(ticket: Ticket) -> list[Pact]:
    """As `texts_of`, by the digests alone, which is all that reading an entry needs. Whether they
    are still the event's texts, `sign` asks under its locks."""
    try:
        return [pact.of_digest(digest) for digest in ticket.digests]
    except PactRow.DoesNotExist as error:
        raise TextChanged from error


@metrics.SIGNING.time()
@transaction.atomic
def sign(
    ticket: Ticket,
    *,
    mark: Mark,
    consents: Collection[int],
    delivery: Delivery = AT_ONCE,
    filed_by: Actor = None,
) -> Signature:
    """Record one person's signature under each text of the ticket, with one mark.

    `consents` numbers the points of those texts through: 1 … n of the first, then on. A
    second call for the same person and texts returns what the first one wrote. Returns the
    signature under the person's own pact, or else on the declaration. Of a sheet that was
    signed by hand the log says who filed it, `filed_by`.

    Raises BadTicket for a ticket that was revoked or is older than a void, and CannotSign when
    the event, the wave, the texts or the consents do not allow it; nothing is written then.
    """
    person, has_signed, has_refused = _lock(ticket)
    texts = pact.texts_of(person)
    signed = {s.pact_id: s for s in person.signatures.live().order_by()} if has_signed else {}
    if signed and all(row.pk in signed for row in texts):
        return signatures_of(person)[0]
    _require_turn(person)
    shown = _shown(texts, ticket, person.event)
    _require_every_point(shown, consents)
    new = {
        row.pk: _write(ticket, person, row, mark, delivery) for row in shown if row.pk not in signed
    }
    rows.append(
        *(_told(signature, filed_by=filed_by) for signature in new.values()),
        *(_announced(new.values()) if person.email else ()),
    )
    if has_refused:
        _take_back(person, new.values())
    if any(signature.pact.kind == PactKind.DECLARATION for signature in new.values()):
        declaration.complete_when_all_signed(person.event)
    return (signed | new)[shown[0].pk]


def _take_back(person: Signatory, new: Iterable[Signature]) -> None:
    """Whoever signs their own pact refuses no longer."""
    for signature in new:
        if signature.pact.kind == PactKind.INDIVIDUAL:
            standing = person.refusals.filter(taken_back_at__isnull=True)
            standing.update(taken_back_at=signature.signed_at)


def _announced(new: Iterable[Signature]) -> list[Notice]:
    """One notice tells of everything that was signed at once."""
    return [Notice(signature=first) for first in islice(new, 1)]


def _shown(texts: Sequence[PactRow], ticket: Ticket, event: Event) -> list[PactRow]:
    """The texts that the ticket's holder has read, as they are asked for now."""
    if not texts:
        raise DeclarationClosed
    shown = [row for row in texts if row.digest in ticket.digests]
    if not shown or not _known(event).keys() >= set(ticket.digests):
        raise TextChanged
    return shown


def _known(event: Event) -> dict[str, PactRow]:
    """An event's texts by their digests."""
    return {row.digest: row for row in pact.rows_of(event)}


def lock(ticket: Ticket) -> Signatory:
    """Event first, then the signatory: the lock order of the whole house."""
    return _lock(ticket)[0]


def _lock(ticket: Ticket) -> tuple[Signatory, bool, bool]:
    """And whether they have signed anything yet, and whether they have refused to."""
    holding = events.holding("%s")
    try:
        person, [has_signed, has_refused] = rows.read(
            _SIGNER, ticket.signatory, first=f"{holding}; {_LOCKING}" if holding else ""
        )
    except Signatory.DoesNotExist as error:
        raise BadTicket from error
    if person.is_withdrawn or is_outdated(ticket, person):
        raise BadTicket
    return person, has_signed, has_refused


def _require_turn(person: Signatory) -> None:
    if not person.event.is_open:
        raise EventNotOpen(person.event)
    if not waves.is_turn_of(person):
        raise NotYourTurn(person)


def _require_every_point(rows: Sequence[PactRow], consents: Collection[int]) -> None:
    numbers = range(1, sum(len(pact.of(row).points) for row in rows) + 1)
    if missing := [number for number in numbers if number not in consents]:
        raise NotAffirmed(missing)


def _write(
    ticket: Ticket,
    person: Signatory,
    row: PactRow,
    mark: Mark,
    delivery: Delivery,
) -> Signature:
    now = timezone.now()
    signature = Signature(
        signatory=person,
        pact=row,
        verification_code=new_verification_code(),
        nonce=ticket.nonce,
        mark=mark.stored,
        mark_digest=mark.digest,
        method=ticket.method,
        signed_at=now,
        is_late=now > person.event.deadline,
        is_sent_later=delivery.is_sent_later,
        desk_id=ticket.desk,
        device=_device(delivery, person.event),
    )
    signature.statement = pact.canonical(_statement(signature, ticket, mark, delivery))
    return rows.write(signature)


def _told(signature: Signature, *, filed_by: Actor) -> AuditEntry:
    """Who did it here: the person, or for a sheet of paper whoever filed it."""
    person, method = signature.signatory, signature.method
    if method == PAPER:
        return audit.entry(
            by=filed_by, action="signature.file", target=signature, event=person.event
        )
    return audit.entry(
        by=person, action="signature.sign", target=signature, event=person.event, method=method
    )


def _device(delivery: Delivery, event: Event) -> str:
    """Tells devices of one event apart, and follows nobody from event to event."""
    return keys.derived("device", event.pk, delivery.device, bits=160) if delivery.device else ""


def _statement(
    signature: Signature, ticket: Ticket, mark: Mark, delivery: Delivery
) -> dict[str, Any]:
    person, row, event = signature.signatory, signature.pact, signature.signatory.event
    text, claimed = pact.of(row), delivery.claimed_at
    return {
        "version": VERSION,
        "event": {
            "code": event.code,
            "title": text.event.title,
            "agency": text.letterhead.agency,
        },
        "pact": {"digest": row.digest, "kind": row.kind, "title": row.title},
        "signatory": snapshot(person),
        "consents": list(range(1, len(text.points) + 1)),
        "identity": {"method": ticket.method, "detail": ticket.detail, "desk": ticket.desk},
        "mark": {"kind": mark.kind, "sha256": mark.digest},
        "signed_at": signature.signed_at.isoformat(),
        "claimed_at": claimed.isoformat() if claimed else None,
        "is_late": signature.is_late,
        "is_sent_later": delivery.is_sent_later,
        "is_example": event.is_example,
        "verification_code": signature.verification_code,
        "salt": secrets.token_hex(32),
    }


def snapshot(person: Signatory) -> dict[str, Any]:
    """What statements and sheets say of a person: what the roster says now."""
    return {
        "number": person.number,
        "name": person.name,
        "identifier_label": person.identifier_label,
        "identifier": person.identifier,
        "kind": person.kind,
        "rank": person.rank,
        "grade": person.grade,
        "position": person.position,
        "part": person.part,
        "capacity": person.capacity,
        "unit": unit_path(person),
    }


def unit_path(person: Signatory) -> list[str]:
    """Names from the work unit at the top down to the person's own, without the agency."""
    return person.unit.names_below(person.event.agency_id) or [person.unit.name]


@transaction.atomic
def void(signature: Signature, *, reason: str, by: Actor) -> None:
    """Make a signature void, so that the person can sign again; its document stays on record.

    A declaration that was completed with it is void as well. Tickets and waiting entries of
    before the void are refused from now on.
    """
    event = events.hold(signature.signatory.event, exclusive=True)
    person = Signatory.objects.select_for_update(of=("self",)).get(pk=signature.signatory_id)
    signature = Signature.objects.select_related("pact").get(pk=signature.pk)
    events.require_kept(event)
    if signature.voided_at is not None:
        raise WrongState("Tanda tangan ini sudah dibatalkan.")
    signature.voided_at = timezone.now()
    signature.voided_by_id = by.pk if by is not None else None
    signature.void_reason = reason
    signature.save(update_fields=["voided_at", "voided_by", "void_reason"])
    person.voids += 1
    person.save(update_fields=["voids"])
    audit.record(by=by, action="signature.void", target=signature, event=event)
    if signature.pact.kind == PactKind.DECLARATION:
        declaration.revoke(event, reason=reason, by=by)
