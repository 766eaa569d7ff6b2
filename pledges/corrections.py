"""Requests to a unit's officer: "my data are wrong", and "my name is not there".

The first comes from somebody with a ticket, the second from anybody at the event's address.
That one is no proof of anything, so it tells nobody who is on the roster, and it is capped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from pledges import audit, events, signing
from pledges.audit import Actor
from pledges.events import WrongState
from pledges.identity import Ticket
from pledges.models import Agency, AuditEntry, Correction, Event, Signatory
from pledges.roster import amend, enrol
from pledges.roster.rows import Row
from pledges.roster.words import fold

# Of people who are not on the roster. A unit's cap keeps its officer's page readable, the
# event's keeps a script that fills one unit after the other from filling the disk.
MAX_OPEN_IN_UNIT = 50
MAX_OPEN_IN_EVENT = 2000
_LISTED = 100


class CannotAsk(Exception):
    """Base of what takes no request; the message is for whoever asks."""


class NotOpen(CannotAsk):
    def __init__(self) -> None:
        super().__init__(
            "Acara ini sedang tidak dibuka, jadi permintaan tidak dikirim. Hubungi pengelola "
            "kepegawaian unit Anda."
        )


class TooMany(CannotAsk):
    def __init__(self) -> None:
        super().__init__(
            "Permintaan untuk unit ini sudah terlalu banyak yang menunggu, jadi permintaan Anda "
            "belum dikirim. Hubungi langsung pengelola kepegawaian unit Anda, atau coba lagi nanti."
        )


class AlreadyAnswered(WrongState):
    def __init__(self) -> None:
        super().__init__("Permintaan ini sudah dijawab. Tidak ada yang diubah.")


@transaction.atomic
def ask(ticket: Ticket, *, message: str) -> Correction:
    """Somebody's data are wrong. Asking again changes the message of what is still open.

    Raises BadTicket as signing does, and CannotAsk.
    """
    person = signing.lock(ticket)
    if not person.event.is_open:
        raise NotOpen
    correction, _ = person.corrections.update_or_create(
        state=Correction.State.OPEN,
        defaults={"event": person.event, "unit": person.unit, "message": message},
    )
    audit.record(by=person, action="correction.ask", target=correction, event=person.event)
    return correction


@transaction.atomic
def report_missing(event: Event, *, name: str, nip: str, unit_id: int, message: str) -> Correction:
    """Somebody's name is not on the roster, they say. A second report of one person finds the
    first, and leaves it as it is: nobody overwrites another's by typing a NIP.

    Raises CannotAsk.
    """
    event = events.hold(event)
    if not event.is_open:
        raise NotOpen
    waiting = event.corrections.filter(state=Correction.State.OPEN, signatory=None)
    same = {"nip": nip} if nip else {"nip": "", "name": name, "unit_id": unit_id}
    if not waiting.filter(**same).exists():
        _require_room(waiting, unit_id)
    said = {"event": event, "name": name, "unit_id": unit_id, "message": message}
    correction, is_new = waiting.get_or_create(**same, defaults=said)
    if is_new:
        audit.record(by=None, action="correction.report_missing", target=correction, event=event)
    return correction


def _require_room(waiting: QuerySet[Correction], unit_id: int) -> None:
    in_unit = waiting.filter(unit_id=unit_id).count()
    if in_unit >= MAX_OPEN_IN_UNIT or waiting.count() >= MAX_OPEN_IN_EVENT:
        raise TooMany


def units_like(names: Mapping[int, str], words: str) -> list[int]:
    """The units, as primary key → "Dinas Kesehatan › Puskesmas Contoh", whose names have all
    the words; only those that are called so, if there are any."""
    wanted = fold(words)
    called = [pk for pk, name in names.items() if fold(name.rpartition(" › ")[2]) == wanted]
    if called or not wanted:
        return called
    return [pk for pk, name in names.items() if _has(fold(name).split(), wanted.split())]


def _has(parts: Sequence[str], wanted: Sequence[str]) -> bool:
    """Words may be begun and numbers not: SDN 1 is none of SDN 11."""
    return all(
        any(part == word if word.isdigit() else part.startswith(word) for part in parts)
        for word in wanted
    )


def latest_of(person: Signatory) -> Correction | None:
    """What this person last asked for, open or answered."""
    return person.corrections.last()


def open_of(person: Signatory) -> Correction | None:
    return person.corrections.filter(state=Correction.State.OPEN).first()


@transaction.atomic
def mend(person: Signatory, row: Row, *, unit: Agency, by: Actor, answer: str = "") -> list[str]:
    """Change somebody's data, and with it answer what they asked for, if they did.

    Returns the names of the fields that changed. Raises as `roster.amend.data` does.
    """
    changed = amend.data(person, row, unit=unit, by=by)
    if correction := open_of(person):
        _settle(correction, Correction.State.DONE, answer=answer, by=by)
    return changed


@transaction.atomic
def add(correction: Correction, row: Row, *, by: Actor, answer: str = "") -> Signatory:
    """Put somebody on the roster who said that they are missing. Raises as `enrol` does."""
    events.hold(correction.event, exclusive=True)
    person = enrol.add_person(correction.event, row, by=by)
    correction.signatory = person
    _settle(correction, Correction.State.DONE, answer=answer, by=by)
    return person


@transaction.atomic
def decline(correction: Correction, *, answer: str, by: Actor) -> None:
    events.require_kept(events.hold(correction.event))
    _settle(correction, Correction.State.DECLINED, answer=answer, by=by)


def _settle(correction: Correction, state: Correction.State, *, answer: str, by: Actor) -> None:
    """Of two who answer at once the second is refused, and what they did with it undone."""
    still_open = Correction.objects.filter(pk=correction.pk, state=Correction.State.OPEN)
    settled = still_open.update(
        state=state,
        signatory=correction.signatory,
        answer=answer,
        answered_at=timezone.now(),
        answered_by=by.pk if by is not None else None,
    )
    if not settled:
        raise AlreadyAnswered
    audit.record(by=by, action=f"correction.{state}", target=correction, event=correction.event)


def already_there(event: Event, requests: Iterable[Correction]) -> dict[str, Signatory]:
    """NIP → who has it, of those whose name is not on the roster, as they say."""
    numbers = [request.nip for request in requests if request.signatory is None and request.nip]
    return {person.nip or "": person for person in event.signatories.filter(nip__in=numbers)}


@dataclass(frozen=True, slots=True)
class EmailChange:
    person: Signatory
    by: AbstractBaseUser | None
    at: datetime


def changed_emails(event: Event) -> list[EmailChange]:
    """Who got another e-mail address, and from whom: codes may be sent there. Latest first."""
    entries = AuditEntry.objects.filter(event_id=event.pk, action=amend.EMAIL_CHANGED)
    latest = list(entries.order_by("-pk")[:_LISTED])
    people = event.signatories.in_bulk({_number(entry.target) for entry in latest})
    users = get_user_model().objects.in_bulk({_number(entry.actor) for entry in latest})
    return [
        EmailChange(people[_number(entry.target)], users.get(_number(entry.actor)), entry.at)
        for entry in latest
        if _number(entry.target) in people
    ]


def _number(name: str) -> int:
    """7, of "user:7" in the audit log; 0 of the system."""
    return int(name.partition(":")[2] or 0)
