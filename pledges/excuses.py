"""Somebody need not sign this time: on leave, ill, away, and so on, by the unit's officer's word.

An excuse keeps nobody from signing; who signs nevertheless has signed.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from pledges import audit, events
from pledges.audit import Actor
from pledges.events import WrongState
from pledges.models import Excuse, Signatory


class CannotExcuse(Exception):
    """Base of what takes no excuse; the message is for the officer."""


class AlreadyExcused(CannotExcuse):
    def __init__(self, standing: Excuse) -> None:
        reason = standing.get_code_display()
        super().__init__(
            f"{standing.signatory.name} sudah dicatat berhalangan: {reason}. Catatan itu tetap, "
            "dan tidak ada yang berubah. Bila alasannya keliru, cabut dahulu catatan itu."
        )


class NotAsked(CannotExcuse):
    """Nothing is expected of this person: signed, withdrawn, or from outside."""


@transaction.atomic
def record(person: Signatory, *, code: Excuse.Code, note: str = "", by: Actor) -> Excuse:
    """Of two who record at once the first stands, and the second is told so.

    Raises CannotExcuse, and WrongState once the event is closed.
    """
    person = _hold(person)
    _require_asked(person)
    if earlier := standing(person):
        raise AlreadyExcused(earlier)
    excuse = Excuse.objects.create(
        signatory=person, code=code, note=note, recorded_by_id=by.pk if by is not None else None
    )
    audit.record(by=by, action="excuse.record", target=excuse, event=person.event, code=code)
    return excuse


@transaction.atomic
def lift(person: Signatory, *, by: Actor) -> None:
    """Take back what was recorded. Lifting what somebody else has lifted already is no error.

    Raises WrongState once the event is closed.
    """
    person = _hold(person)
    if excuse := standing(person):
        excuse.lifted_at = timezone.now()
        excuse.save(update_fields=["lifted_at"])
        audit.record(by=by, action="excuse.lift", target=excuse, event=person.event)


def standing(person: Signatory) -> Excuse | None:
    return person.excuses.filter(lifted_at__isnull=True).first()


def _hold(person: Signatory) -> Signatory:
    """The event first, then the signatory, as everywhere."""
    event = events.hold(person.event)
    if event.is_closed:
        raise WrongState("Acara sudah ditutup; catatan halangan tidak dapat diubah lagi.")
    person = Signatory.objects.select_for_update(of=("self",)).get(pk=person.pk)
    person.event = event
    return person


def _require_asked(person: Signatory) -> None:
    if person.is_withdrawn or person.is_outside:
        raise NotAsked(f"{person.name} tidak diminta menandatangani pakta pada acara ini.")
    if person.signatures.live().of_pacts().exists():
        raise NotAsked(f"{person.name} sudah menandatangani, jadi tidak dicatat berhalangan.")
