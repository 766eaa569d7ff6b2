"""Who signs when: waves, defined in the draft and opened one by one.

A person's wave is what the roster or an admin gave them; else the first for those who have a
part in the declaration, which is signed in front of all; else the first wave that names their
echelon; else the last.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case, Count, F, PositiveSmallIntegerField, Q, Value, When
from django.utils import timezone

from pledges import audit, events
from pledges.audit import Actor
from pledges.events import WrongState
from pledges.models import Event, Kind, Part, Signatory, Wave
from pledges.models.event import MAX_WAVES

ECHELONS = ("I", "II", "III", "IV", "V")


class AlreadyOpened(WrongState):
    """Another admin was faster; nothing is left to do."""

    def __init__(self, wave: Wave) -> None:
        super().__init__(f"{wave} sudah dibuka. Tidak ada yang perlu Anda ulangi.")


class NoSuchWave(WrongState):
    def __init__(self, number: int) -> None:
        super().__init__(f"Acara ini tidak mempunyai gelombang {number}.")


@dataclass(frozen=True, slots=True)
class Definition:
    """What an admin says about one wave. `was` is the number it had until now, if it had one."""

    name: str
    echelons: tuple[str, ...] = ()
    expected_at: datetime.datetime | None = None
    was: int | None = None


@dataclass(frozen=True, slots=True)
class Headcount:
    """Who would sign in a wave; `given` were put there by the roster or by hand, `cast` have a
    part in the ceremony, and guests, who come from outside, are in none of the others."""

    total: int = 0
    given: int = 0
    cast: int = 0
    guests: int = 0


# As Kota Bitung did it. The Sekda is put into the first wave by hand.
BY_RANK = (
    Definition("Sekretaris Daerah"),
    Definition("Pejabat eselon II dan III", ("II", "III")),
    Definition("Semua pegawai, di unit kerja masing-masing"),
)


def is_turn_of(person: Signatory) -> bool:
    return person.wave <= person.event.open_wave


def of(person: Signatory) -> Wave | None:
    """The wave this person signs in; None where the event has no waves."""
    return person.event.waves.filter(number=person.wave).first()


@transaction.atomic
def define(event: Event, definitions: Sequence[Definition], *, by: Actor) -> list[Wave]:
    """Replace a draft's waves, and give everybody theirs. Who was put into a wave stays in it
    when it gets another number, and follows the rules again when it is gone."""
    event = events.hold_draft(event)
    if len(definitions) > MAX_WAVES:
        raise ValueError(f"more than {MAX_WAVES} waves")
    _renumber(event, definitions)
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
    _assign_everybody(event, waves)
    audit.record(by=by, action="waves.define", target=event, event=event, waves=len(waves))
    return waves


def _renumber(event: Event, definitions: Sequence[Definition]) -> None:
    """A number beyond the waves there were came with the roster, and stays."""
    now: dict[int, int | None] = dict.fromkeys(event.waves.values_list("number", flat=True))
    now |= {d.was: number for number, d in enumerate(definitions, start=1) if d.was}
    cases = [When(given_wave=was, then=Value(number)) for was, number in now.items()]
    if cases:
        people = event.signatories.exclude(given_wave=None)
        people.update(
            given_wave=Case(
                *cases, default=F("given_wave"), output_field=PositiveSmallIntegerField()
            )
        )


def _assign_everybody(event: Event, waves: Sequence[Wave]) -> None:
    """One update for each kind of person, as an event may have 20,000 people."""
    people = event.signatories.all()
    for kind in people.order_by().values("given_wave", "part", "echelon").distinct():
        people.filter(**kind).update(wave=_number(waves, **kind))


def headcounts(event: Event) -> dict[int, Headcount]:
    """By the number of the wave."""
    ours = ~Q(kind=Kind.OUTSIDE)
    people = event.signatories.active().order_by().values("wave")
    rows = people.annotate(
        total=Count("pk", filter=ours),
        given=Count("pk", filter=ours & Q(given_wave__isnull=False)),
        cast=Count("pk", filter=ours & ~Q(part=Part.SIGNER)),
        guests=Count("pk", filter=~ours),
    )
    return {
        row["wave"]: Headcount(row["total"], row["given"], row["cast"], row["guests"])
        for row in rows
    }


def assign(event: Event, people: Iterable[Signatory]) -> list[Signatory]:
    """Set the wave on people of an event, saved or not yet; returns those it changed."""
    waves = list(event.waves.all())
    changed = []
    for person in people:
        wave = _number(
            waves, given_wave=person.given_wave, part=person.part, echelon=person.echelon
        )
        if person.wave != wave:
            person.wave = wave
            changed.append(person)
    return changed


def _number(waves: Sequence[Wave], *, given_wave: int | None, part: str, echelon: str) -> int:
    last = len(waves) or 1
    if given_wave is not None:
        # A roster may name more waves than the event has.
        return min(given_wave, last)
    if part != Part.SIGNER:
        return 1
    roman = _roman(echelon)
    return next((wave.number for wave in waves if roman in wave.echelons), last)


def _roman(echelon: str) -> str:
    """The number of "II.a", "IIa" or "II/b"; "" for who holds none."""
    number = ""
    for character in echelon.strip().upper():
        if character not in "IV":
            break
        number += character
    return number


@transaction.atomic
def give(person: Signatory, number: int | None, *, by: Actor) -> None:
    """Put somebody into a wave by hand, or with None back where the rules put them."""
    event = events.hold(person.event, exclusive=True)
    if event.is_closed:
        raise WrongState("Acara sudah ditutup; gelombang tidak dapat diubah lagi.")
    if number is not None and not event.waves.filter(number=number).exists():
        raise NoSuchWave(number)
    person.event = event
    person.given_wave = number
    assign(event, [person])
    person.save(update_fields=["wave", "given_wave"])
    audit.record(by=by, action="waves.give", target=person, event=event, wave=person.wave)


@transaction.atomic
def open_next(event: Event, number: int, *, by: Actor) -> Wave:
    """Open wave `number`, which must be the next one.

    Raises AlreadyOpened for the second of two admins, and WrongState otherwise.
    """
    event = events.hold(event, exclusive=True)
    if not event.is_open:
        raise WrongState("Gelombang hanya dapat dibuka selama acara sedang dibuka.")
    wave = event.waves.filter(number=number).first()
    if wave is None:
        raise NoSuchWave(number)
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
