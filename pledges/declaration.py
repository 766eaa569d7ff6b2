"""The joint declaration: one document, signed by all who have a part in the ceremony.

It is complete when the last of them has signed, or when an admin closes it; blank places
are named then. Its statement, canonical JSON as in `pledges.pact`, holds:

    version       1
    event         {code, title, agency}
    pact          {digest, kind, title}
    places        [{part, capacity, name, position, signature}], in order; signature is
                  null for a blank place, else {verification_code, statement, mark, method,
                  signed_at}, with statement and mark as SHA-256
    completed_at  server time, ISO 8601 in UTC
    is_closed_early, is_example
    verification_code
    salt          32 random bytes in hex
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from pledges import audit, events, pact
from pledges.audit import Actor
from pledges.events import WrongState
from pledges.models import Declaration, Event, PactKind, Signatory, Signature
from pledges.models import Pact as PactRow
from pledges.models.document import DeclarationQuerySet, new_declaration_code

VERSION = 1


class NothingToClose(WrongState):
    def __init__(self) -> None:
        super().__init__("Deklarasi bersama belum dapat ditutup: belum ada yang menandatanganinya.")


def text_of(event: Event) -> PactRow | None:
    return event.pacts.filter(kind=PactKind.DECLARATION).first()


def places(event: Event) -> list[tuple[Signatory, Signature | None]]:
    """Everybody who signs the declaration, in order, each with the signature if there is one."""
    text = text_of(event)
    signatures = text.signatures.live() if text else ()
    given = {signature.signatory_id: signature for signature in signatures}
    people = event.signatories.active().with_part().select_related("unit")
    return [(person, given.get(person.pk)) for person in people]


def current(event: Event) -> Declaration | None:
    """The completed declaration that stands."""
    return event.declarations.live().select_related("document").first()


def voided(event: Event) -> DeclarationQuerySet:
    """Those that were completed and made void since, the last first."""
    rows = event.declarations.filter(voided_at__isnull=False)
    return rows.select_related("document").order_by("-pk")


def naming(signature: Signature) -> Declaration | None:
    """The completed declaration that a signature stands on; of a voided one's, the last."""
    completed = signature.pact.declarations.select_related("document__certificate")
    if signature.voided_at is None:
        completed = completed.live()
    code = signature.verification_code
    return next((each for each in completed.order_by("-pk") if code in _codes(each)), None)


def _codes(declaration: Declaration) -> set[str]:
    """Of the signatures that a declaration names."""
    signed = (place["signature"] for place in json.loads(declaration.statement)["places"])
    return {signature["verification_code"] for signature in signed if signature}


def complete_when_all_signed(event: Event) -> Declaration | None:
    """Called by `signing` after each signature on it, which holds the event exclusively."""
    if all(signature for _, signature in places(event)):
        return _complete(event, by=None, is_closed_early=False)
    return None


@transaction.atomic
def close(event: Event, *, by: Actor) -> Declaration:
    """Complete the declaration as it is; those whose places are blank cannot sign it any more.

    Where nobody's is, it completes what was voided, or what waited for somebody who was
    withdrawn since.
    """
    event = events.hold(event, exclusive=True)
    events.require_kept(event)
    if event.is_draft or event.declarations.live().exists():
        raise WrongState("Deklarasi bersama ini sudah selesai atau acaranya belum diterbitkan.")
    signatures = [signature for _, signature in places(event)]
    if not any(signatures):
        raise NothingToClose
    return _complete(event, by=by, is_closed_early=not all(signatures))


@transaction.atomic
def void(declaration: Declaration, *, reason: str, by: Actor) -> None:
    """Make the completed declaration void; its signatures stand and a new one can be completed."""
    event = events.hold(declaration.event, exclusive=True)
    events.require_kept(event)
    if not event.declarations.live().filter(pk=declaration.pk).exists():
        raise WrongState("Deklarasi ini sudah dibatalkan.")
    revoke(event, reason=reason, by=by)


def revoke(event: Event, *, reason: str, by: Actor) -> None:
    """As `void`, for who holds the event exclusively already."""
    declaration = event.declarations.live().first()
    if declaration is None:
        return
    declaration.voided_at, declaration.void_reason = timezone.now(), reason
    declaration.save(update_fields=["voided_at", "void_reason"])
    audit.record(by=by, action="declaration.void", target=declaration, event=event)


def _complete(event: Event, *, by: Actor, is_closed_early: bool) -> Declaration:
    row = text_of(event)
    if row is None:
        raise WrongState("Acara ini tidak mempunyai ikrar bersama.")
    declaration = Declaration(
        event=event,
        pact=row,
        verification_code=new_declaration_code(),
        completed_at=timezone.now(),
        closed_by_id=by.pk if by and is_closed_early else None,
    )
    declaration.statement = pact.canonical(_statement(declaration, is_closed_early))
    declaration.save(force_insert=True)
    audit.record(
        by=by, action="declaration.complete", target=declaration, event=event,
        is_closed_early=is_closed_early,
    )  # fmt: skip
    return declaration


def _statement(declaration: Declaration, is_closed_early: bool) -> dict[str, Any]:
    event, row = declaration.event, declaration.pact
    return {
        "version": VERSION,
        "event": {"code": event.code, "title": event.title, "agency": event.agency.name},
        "pact": {"digest": row.digest, "kind": row.kind, "title": row.title},
        "places": [_place(person, signature) for person, signature in places(event)],
        "completed_at": declaration.completed_at.isoformat(),
        "is_closed_early": is_closed_early,
        "is_example": event.is_example,
        "verification_code": declaration.verification_code,
        "salt": secrets.token_hex(32),
    }


def _place(person: Signatory, signature: Signature | None) -> dict[str, Any]:
    """A signed place says what the signer's own statement says, not what the roster says now."""
    signed = json.loads(signature.statement)["signatory"] if signature else None
    return {
        "part": signed["part"] if signed else person.part,
        "capacity": signed["capacity"] if signed else person.capacity,
        "name": signed["name"] if signed else person.name,
        "position": signed["position"] if signed else person.position,
        "signature": _signature(signature) if signature else None,
    }


def _signature(signature: Signature) -> dict[str, Any]:
    return {
        "verification_code": signature.verification_code,
        "statement": pact.sha256(signature.statement),
        "mark": signature.mark_digest,
        "method": signature.method,
        "signed_at": signature.signed_at.isoformat(),
    }
