"""Who signs when: waves, defined in the draft and opened one by one.

A person's wave is what the roster or an admin gave them; else the first wave that names
their echelon; else the last, or the first for those who have a part in the declaration.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from pledges import audit, events
from pledges.audit import Actor
from pledges.events import WrongState
from pledges.models import Event, Signatory, Wave
from pledges.models.event import MAX_WAVES

_BATCH = 1000


class AlreadyOpened(WrongState):
    """Another admin was faster; nothing is left to do."""

    def __init__(self, wave: Wave) -> None:
        super().__init__(f"{wave} sudah dibuka.")


@dataclass(frozen=True, slots=True)
class Definition:
    """What an admin says about one wave."""

    name: str
    echelons: tuple[str, ...] = ()
    expected_at: datetime.datetime | None = None


def is_turn_of(person: Signatory) -> bool:
    return person.wave <= person.event.open_wave


def of(person: Signatory) -> Wave | None:
    """The wave this person signs in; None where the event has no waves."""
    return person.event.waves.filter(number=person.wave).first()


@transaction.atomic
def define(event: Event, definitions: Sequence[Definition], *, by: Actor) -> list[Wave]:
    """Replace a draft's waves, and give everybody theirs. One wave is none."""
    event = events.hold_draft(event)
    if len(definitions) > MAX_WAVES:
        raise ValueError(f"more than {MAX_WAVES} waves")
    event.waves.all().delete()
    waves = Wave.objects.bulk_create(
        Wave(
            event=event,
            number=number,
            name=definition.name,
            echelons=list(definition.echelons),
            expected_at=definition.expected_at,
        )
        for number, definition in enumerate(definitions, start=1)
    )
    _write(event, event.signatories.all(), waves)
    audit.record(by=by, action="waves.define", target=event, event=event, waves=len(waves))
    return waves


def assign(event: Event, people: Iterable[Signatory]) -> list[Signatory]:
    """Set the wave on people of an event, saved or not yet; returns those it changed."""
    waves = list(event.waves.all())
    changed = []
    for person in people:
        wave = _wave_for(person, waves)
        if person.wave != wave:
            person.wave = wave
            changed.append(person)
    return changed


def _write(event: Event, people: Iterable[Signatory], waves: Sequence[Wave]) -> None:
    changed = assign(event, people)
    Signatory.objects.bulk_update(changed, ["wave"], batch_size=_BATCH)


def _wave_for(person: Signatory, waves: Sequence[Wave]) -> int:
    last = len(waves) or 1
    if person.wave_is_given:
        # A roster may name more waves than the event has.
        return person.wave if not waves else min(person.wave, last)
    for wave in waves:
        if _echelon(person) in wave.echelons:
            return wave.number
    return 1 if person.has_part else last


def _echelon(person: Signatory) -> str:
    """The roman number of "II.a", "IIa" or "II/b"; "" for who holds none."""
    number = ""
    for character in person.echelon.strip().upper():
        if character not in "IV":
            break
        number += character
    return number


@transaction.atomic
def give(person: Signatory, number: int | None, *, by: Actor) -> None:
    """Put somebody into a wave by hand, or with None back where the rules put them."""
    event = events.hold(person.event, exclusive=True)
    person.wave_is_given = number is not None
    person.wave = number or person.wave
    person.event = event
    assign(event, [person])
    person.save(update_fields=["wave", "wave_is_given"])
    audit.record(by=by, action="waves.give", target=person, event=event, wave=person.wave)


@transaction.atomic
def open_next(event: Event, number: int, *, by: Actor) -> Wave:
    """Open wave `number`, which must be the next one.

    Raises AlreadyOpened for the second of two admins, and WrongState otherwise.
    """
    event = events.hold(event, exclusive=True)
    wave = event.waves.filter(number=number).first()
    if wave is None or not event.is_open:
        raise WrongState("Gelombang ini tidak dapat dibuka: acaranya tidak sedang dibuka.")
    if number <= event.open_wave:
        raise AlreadyOpened(wave)
    if number != event.open_wave + 1:
        raise WrongState(f"Buka dahulu gelombang {event.open_wave + 1}.")
    wave.opened_at, wave.opened_by_id = timezone.now(), by.pk if by else None
    wave.save(update_fields=["opened_at", "opened_by"])
    event.open_wave = number
    event.save(update_fields=["open_wave"])
    audit.record(by=by, action="waves.open", target=wave, event=event, wave=number)
    return wave
