"""Who has a part in the ceremony: the presiding official, representatives, witnesses.

They sign the joint declaration, each in a capacity and in the order that is kept here. Nothing
of it changes for somebody who has signed the declaration, and nothing at all once that is
complete. Withdrawing and restoring people is `pledges.roster.enrol`, whoever they are.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import Max, Q

from pledges import audit, events, waves
from pledges.audit import Actor
from pledges.events import WrongState
from pledges.models import Event, Kind, PactKind, Part, Signatory
from pledges.models.signatory import SignatoryQuerySet


class OnePresides(WrongState):
    def __init__(self, presiding: Signatory) -> None:
        super().__init__(
            f"{presiding.name} sudah dicatat sebagai pimpinan acara, dan pimpinan hanya satu. "
            "Ubah dahulu perannya, lalu ulangi."
        )


class HasSignedDeclaration(WrongState):
    def __init__(self, person: Signatory) -> None:
        super().__init__(
            f"{person.name} sudah menandatangani ikrar bersama, jadi peran dan kapasitasnya tidak "
            "dapat diubah lagi."
        )


class DeclarationComplete(WrongState):
    def __init__(self) -> None:
        super().__init__(
            "Deklarasi bersama sudah selesai dan disegel, jadi peran tidak dapat diubah lagi. "
            "Bila memang perlu, batalkan dahulu deklarasinya."
        )


class HasNoPart(WrongState):
    def __init__(self, person: Signatory) -> None:
        super().__init__(f"{person.name} tidak lagi mempunyai peran pada acara ini.")


class NoDeclaration(WrongState):
    def __init__(self) -> None:
        super().__init__(
            "Acara ini diterbitkan tanpa ikrar bersama, jadi tidak ada yang akan ditandatangani "
            "oleh pimpinan, perwakilan, dan saksi."
        )


@dataclass(frozen=True, slots=True)
class Guest:
    """What an admin says about somebody from outside, who has no NIP and owes no pact."""

    name: str
    position: str
    part: Part
    capacity: str = ""
    email: str = ""
    phone: str = ""


@transaction.atomic
def give(person: Signatory, *, part: Part, capacity: str, by: Actor) -> None:
    """Give somebody on the roster another part, or the same in another capacity.

    With `Part.SIGNER` whatever part they had is taken away.
    """
    event = _hold(person.event)
    person.refresh_from_db()
    _require_unsigned(person)
    _cast(event, person, part)
    person.capacity = capacity if person.has_part else ""
    person.save(update_fields=["part", "capacity", "sequence", "wave"])
    audit.record(by=by, action="ceremony.give", target=person, event=event, part=part)


@transaction.atomic
def add_guest(event: Event, guest: Guest, *, by: Actor) -> Signatory:
    """Somebody from KPU, Bawaslu or Forkopimda say: has a personal link, and no code."""
    event = _hold(event)
    last = event.signatories.aggregate(last=Max("number"))["last"] or 0
    person = Signatory(event=event, unit=event.agency, kind=Kind.OUTSIDE, number=last + 1)
    _describe(event, person, guest)
    person.save(force_insert=True)
    audit.record(by=by, action="ceremony.add_guest", target=person, event=event, part=guest.part)
    return person


@transaction.atomic
def change_guest(person: Signatory, guest: Guest, *, by: Actor) -> None:
    event = _hold(person.event)
    person.refresh_from_db()
    _require_unsigned(person)
    _describe(event, person, guest)
    person.save(update_fields=[*asdict(guest), "sequence", "wave"])
    audit.record(by=by, action="ceremony.change_guest", target=person, event=event, part=guest.part)


def _describe(event: Event, person: Signatory, guest: Guest) -> None:
    _cast(event, person, guest.part)
    for name, value in asdict(guest).items():
        setattr(person, name, value)


@transaction.atomic
def move(person: Signatory, *, places: int, by: Actor) -> None:
    """Move somebody among those with the same part; -1 is one place towards the first."""
    event = _hold(person.event)
    people = list(event.signatories.active().filter(part=person.part).with_part())
    if person not in people:
        raise HasNoPart(person)
    at = people.index(person)
    people.insert(max(at + places, 0), people.pop(at))
    for place, someone in enumerate(people, start=1):
        someone.sequence = place
    Signatory.objects.bulk_update(people, ["sequence"])
    audit.record(by=by, action="ceremony.move", target=person, event=event, places=places)


def candidates(people: SignatoryQuerySet, text: str) -> SignatoryQuerySet:
    """Of these people those on the roster whose name, position or NIP has these words in it."""
    words = " ".join(text.split())
    match = Q(name__icontains=words) | Q(position__icontains=words)
    if digits := re.sub(r"\D", "", text):
        match |= Q(nip__contains=digits)
    return people.active().owing().filter(match).order_by("name", "pk")


def require_presiding_is_free(event: Event, *, but: Signatory | None = None) -> None:
    """Of an event held exclusively: nobody presides yet, except perhaps the person named."""
    others = event.signatories.active().filter(part=Part.PRESIDING)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if other := others.first():
        raise OnePresides(other)


def require_incomplete(event: Event) -> None:
    if event.declarations.live().exists():
        raise DeclarationComplete


def _hold(event: Event) -> Event:
    event = events.hold(event, exclusive=True)
    if event.is_closed:
        raise WrongState("Acara sudah ditutup; peran tidak dapat diubah lagi.")
    require_incomplete(event)
    if not event.is_draft and not event.pacts.filter(kind=PactKind.DECLARATION).exists():
        raise NoDeclaration
    return event


def _require_unsigned(person: Signatory) -> None:
    if person.signatures.live().filter(pact__kind=PactKind.DECLARATION).exists():
        raise HasSignedDeclaration(person)


def _cast(event: Event, person: Signatory, part: Part) -> None:
    """Set the part, the last place of those who have it, and the wave that follows."""
    if part == Part.PRESIDING:
        require_presiding_is_free(event, but=person)
    if person.part != part:
        last = event.signatories.filter(part=part).aggregate(last=Max("sequence"))["last"] or 0
        person.part, person.sequence = part, 0 if part == Part.SIGNER else last + 1
    person.event = event
    waves.assign(event, [person])
