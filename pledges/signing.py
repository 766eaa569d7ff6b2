"""The act of signing: one short transaction, idempotent.

The statement written here is everything a document will say about the act. Its JSON,
canonical as in `pledges.pact`, holds:

    version       1
    event         {code, title, agency}
    pact          {digest, kind, title}
    signatory     {number, name, identifier_label, identifier, kind, rank, grade,
                   position, unit: [names from the event's agency down]}
    consents      [1, 2, …], every point's number
    identity      {method}
    mark          {kind, sha256}
    signed_at     server time, ISO 8601 in UTC
    is_late, is_example
    verification_code
    salt          32 random bytes in hex, so that the digest of a statement cannot be
                  found by guessing names
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone

from pledges import audit, events, pact
from pledges.identity import BadTicket, Ticket
from pledges.marks import Mark
from pledges.models import Agency, Event, Signatory, Signature
from pledges.models import Pact as PactRow
from pledges.models.signatory import new_verification_code

VERSION = 1


class CannotSign(Exception):
    """Base of what refuses a signature; the message is for the signer."""


class EventNotOpen(CannotSign):
    def __init__(self, event: Event) -> None:
        if event.is_closed:
            reason = "Penandatanganan untuk acara ini sudah ditutup."
        else:
            reason = "Penandatanganan untuk acara ini belum dibuka."
        super().__init__(f"{reason} Tanda tangan Anda tidak disimpan. Hubungi BKPSDM bila perlu.")


class TextChanged(CannotSign):
    def __init__(self) -> None:
        super().__init__(
            "Naskah pakta ini sudah berubah sejak Anda membukanya. Tanda tangan Anda tidak "
            "disimpan. Buka lagi tautan Anda dan baca naskah yang baru."
        )


class NotAffirmed(CannotSign):
    def __init__(self, missing: list[int]) -> None:
        listed = ", ".join(map(str, missing))
        super().__init__(f"Centang “Saya menyatakan” pada setiap butir. Belum: butir {listed}.")
        self.missing = missing


def signature_of(person: Signatory) -> Signature | None:
    """The signature this person has given, if it stands."""
    return person.signatures.live().first()


@transaction.atomic
def sign(ticket: Ticket, *, mark: Mark, consents: Collection[int]) -> Signature:
    """Record one signature; a second call for the same person and text returns the first.

    Raises BadTicket for a ticket that was revoked, and CannotSign when the event, the
    text or the consents do not allow it; nothing is written then.
    """
    person = _lock(ticket)
    row = pact.for_signatory(person)
    if earlier := person.signatures.live().filter(pact=row).first():
        return earlier
    if not person.event.is_open:
        raise EventNotOpen(person.event)
    if row.digest != ticket.digest:
        raise TextChanged
    _require_every_point(row, consents)
    return _write(ticket, person, row, mark)


def _lock(ticket: Ticket) -> Signatory:
    """Event first, then the signatory: the lock order of the whole house."""
    person = Signatory.objects.filter(pk=ticket.signatory).select_related("event").first()
    if person is None:
        raise BadTicket
    event = events.hold(person.event)
    person = (
        Signatory.objects.select_for_update(of=("self",))
        .select_related("unit")
        .get(pk=ticket.signatory)
    )
    person.event = event
    if person.is_withdrawn or person.generation != ticket.generation:
        raise BadTicket
    return person


def _require_every_point(row: PactRow, consents: Collection[int]) -> None:
    numbers = range(1, len(pact.of(row).points) + 1)
    if missing := [number for number in numbers if number not in consents]:
        raise NotAffirmed(missing)


def _write(ticket: Ticket, person: Signatory, row: PactRow, mark: Mark) -> Signature:
    now = timezone.now()
    signature = Signature(
        signatory=person,
        pact=row,
        verification_code=new_verification_code(),
        nonce=ticket.nonce,
        mark=mark.stored,
        signed_at=now,
        is_late=now > person.event.deadline,
    )
    signature.statement = pact.canonical(_statement(signature, ticket, mark))
    signature.save(force_insert=True)
    audit.record(
        by=person, action="signature.sign", target=signature, event=person.event,
        method=ticket.method,
    )  # fmt: skip
    return signature


def _statement(signature: Signature, ticket: Ticket, mark: Mark) -> dict[str, Any]:
    person, row, event = signature.signatory, signature.pact, signature.signatory.event
    frozen = pact.of(row)
    return {
        "version": VERSION,
        "event": {"code": event.code, "title": event.title, "agency": event.agency.name},
        "pact": {"digest": row.digest, "kind": row.kind, "title": row.title},
        "signatory": _snapshot(person),
        "consents": list(range(1, len(frozen.points) + 1)),
        "identity": {"method": ticket.method},
        "mark": {"kind": mark.kind, "sha256": mark.digest},
        "signed_at": signature.signed_at.isoformat(),
        "is_late": signature.is_late,
        "is_example": event.is_example,
        "verification_code": signature.verification_code,
        "salt": secrets.token_hex(32),
    }


def _snapshot(person: Signatory) -> dict[str, Any]:
    return {
        "number": person.number,
        "name": person.name,
        "identifier_label": person.identifier_label,
        "identifier": person.identifier,
        "kind": person.kind,
        "rank": person.rank,
        "grade": person.grade,
        "position": person.position,
        "unit": unit_path(person),
    }


def unit_path(person: Signatory) -> list[str]:
    """Names from the work unit at the top down to the person's own, without the agency."""
    top = person.event.agency
    units = [*Agency.objects.get_ancestors(person.unit), person.unit]
    return [unit.name for unit in units if unit.depth > top.depth] or [top.name]
