"""Who has signed, who is late, who declined, is excused, waits for their wave, is missing.

Of these the first that holds is a person's status. Refusals are for admins' eyes: nothing
here tells of one unless it is called with `reveals_refusals`; without it whoever declined is
excused, waiting or missing, like everybody else who has not signed.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from functools import reduce
from operator import add
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    ExpressionWrapper,
    F,
    FilteredRelation,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Substr, Trunc

from pledges import keys, niks
from pledges.identity import PAPER
from pledges.models import Agency, Event, Kind, Pact, PactKind, Signature
from pledges.models.signatory import SignatoryQuerySet
from pledges.nip import NIK_LENGTH


class Status(TextChoices):
    """Of one person; those who signed late or on paper have signed too."""

    MISSING = "missing", "Belum menandatangani"
    SIGNED = "signed", "Sudah menandatangani"
    LATE = "late", "Terlambat"
    PAPER = "paper", "Tanda tangan basah"
    WAITING = "waiting", "Menunggu gelombang"
    EXCUSED = "excused", "Berhalangan"
    DECLINED = "declined", "Tidak bersedia"
    # Somebody from outside, who signs the joint declaration and owes no pact.
    EXEMPT = "exempt", "Tidak diminta pakta"
    WITHDRAWN = "withdrawn", "Dikeluarkan dari daftar"


@dataclass(frozen=True, slots=True)
class Tally:
    """People of an event or unit who owe a pact; `late` and `paper` are among `signed`, and
    withdrawn people are in none. Nobody is among the declined for whom that is not to see."""

    total: int
    signed: int
    late: int
    declined: int = 0
    waiting: int = 0
    excused: int = 0
    paper: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*map(add, astuple(self), astuple(other)))

    @property
    def asked(self) -> int:
        """Whoever shall sign this time, and whoever has signed."""
        return self.total - self.excused

    @property
    def missing(self) -> int:
        """Whoever might have signed by now and has not."""
        return self.asked - self.signed - self.declined - self.waiting

    @property
    def is_complete(self) -> bool:
        return self.signed == self.asked and self.total > 0

    @property
    def percent(self) -> float:
        """Of those asked, to one decimal, rounded down: it is 100 only when all have signed."""
        if not self.asked:
            return 100.0 if self.total else 0.0
        return self.signed * 1000 // self.asked / 10


NOBODY = Tally(total=0, signed=0, late=0)


@dataclass(frozen=True, slots=True)
class UnitTally:
    unit: Agency
    depth: int
    tally: Tally


_ON_ROSTER = Q(withdrawn_at__isnull=True)
_LEFT = Q(has_signed=False, has_declined=False, is_excused=False)
# Of those on the roster who owe a pact.
_OWING = {
    Status.SIGNED: Q(has_signed=True),
    Status.LATE: Q(is_late=True),
    Status.PAPER: Q(is_on_paper=True),
    Status.DECLINED: Q(has_signed=False, has_declined=True),
    Status.EXCUSED: Q(has_signed=False, has_declined=False, is_excused=True),
    Status.WAITING: _LEFT & Q(is_waiting=True),
    Status.MISSING: _LEFT & Q(is_waiting=False),
}
# None: everybody on the roster.
_OF_STATUS: dict[Status | None, Q] = {
    None: _ON_ROSTER,
    **{status: _ON_ROSTER & ~Q(kind=Kind.OUTSIDE) & state for status, state in _OWING.items()},
    Status.EXEMPT: _ON_ROSTER & Q(kind=Kind.OUTSIDE, has_signed=False),
    Status.WITHDRAWN: ~_ON_ROSTER,
}
_COUNTS = {"total": Count("pk")} | {
    status.value: Count("pk", filter=state)
    for status, state in _OWING.items()
    if status is not Status.MISSING
}


def with_status(
    people: SignatoryQuerySet, *, reveals_refusals: bool = False, event: Event | None = None
) -> SignatoryQuerySet:
    """Annotate what a status follows from: `has_signed`, `is_late` and `is_on_paper`,
    `has_declined`, `is_excused` and `is_waiting`; and what a list shows beside it: `signed_at`,
    `is_sealed`, and of an excuse `excuse_code`. Of people of one event it is found sooner when
    that is told."""
    return _with_standing(people, reveals_refusals, event).annotate(
        signed_at=F("live__signed_at"),
        is_sealed=_holds(live__document__isnull=False),
        excuse_code=F("excuse__code"),
    )


def _with_standing(
    people: SignatoryQuerySet, reveals_refusals: bool, event: Event | None = None
) -> SignatoryQuerySet:
    """By joins that add no row to anybody: one live signature of the one pact that somebody is
    asked for, one standing excuse, one standing refusal. Whether there is one is asked of the
    column they are joined by, so that PostgreSQL knows an anti-join when it sees one.

    Where all are of one `event`, what is known of it spares PostgreSQL two more joins, with
    which it would not count 200,000 people in parallel.
    """
    pacts = list(_own_pacts().filter(event=event)) if event else Subquery(_own_pacts())
    declined = _holds(refusal__signatory__isnull=False)
    return people.annotate(
        live=FilteredRelation(
            "signatures",
            condition=Q(signatures__voided_at__isnull=True, signatures__pact__in=pacts),
        ),
        excuse=FilteredRelation("excuses", condition=Q(excuses__lifted_at__isnull=True)),
        has_signed=_holds(live__signatory__isnull=False),
        is_late=Coalesce(F("live__is_late"), Value(False)),
        is_on_paper=Coalesce(_holds(live__method=PAPER), Value(False)),
        is_excused=_holds(excuse__signatory__isnull=False),
        is_waiting=_waits(event),
        refusal=FilteredRelation("refusals", condition=Q(refusals__taken_back_at__isnull=True)),
        has_declined=declined if reveals_refusals else Value(False),
    )


def _own_pacts() -> QuerySet[Pact, int]:
    return Pact.objects.filter(kind=PactKind.INDIVIDUAL).values_list("pk", flat=True)


def _waits(event: Event | None) -> ExpressionWrapper[Q] | Value:
    """Before publication nobody waits for a wave, and after closing nobody does any more."""
    if event is None:
        return _holds(event__state=Event.State.OPEN, wave__gt=F("event__open_wave"))
    return _holds(wave__gt=event.open_wave) if event.is_open else Value(False)


def _holds(**lookups: object) -> ExpressionWrapper[Q]:
    return ExpressionWrapper(Q(**lookups), output_field=BooleanField())


def status_of(person: Any) -> Status:
    """Of a person who came out of `with_status`."""
    if person.withdrawn_at:
        return Status.WITHDRAWN
    if person.has_signed:
        return Status.LATE if person.is_late else Status.SIGNED
    if person.is_outside:
        return Status.EXEMPT
    if person.has_declined:
        return Status.DECLINED
    if person.is_excused:
        return Status.EXCUSED
    return Status.WAITING if person.is_waiting else Status.MISSING


def tally(
    people: SignatoryQuerySet, *, reveals_refusals: bool = False, event: Event | None = None
) -> Tally:
    owing = _with_standing(people.active().owing(), reveals_refusals, event)
    return Tally(**owing.aggregate(**_COUNTS))


def by_event(people: SignatoryQuerySet) -> dict[int, Tally]:
    """Tallies of many events at once, by primary key; for the list of events."""
    return {row.pop("event"): Tally(**row) for row in _counted(people, by="event")}


def by_wave(people: SignatoryQuerySet) -> dict[int, Tally]:
    """Of one event, by the number of the wave."""
    return {row.pop("wave"): Tally(**row) for row in _counted(people, by="wave")}


def by_unit(
    people: SignatoryQuerySet, *, top: Agency, reveals_refusals: bool = False
) -> list[UnitTally]:
    """A tally for each unit of the tree below `top` that has people in it, each with all
    of its subtree counted, in the order of the tree. Two queries, whatever the size."""
    rows = _counted(people.in_unit(top), by="unit__path", reveals_refusals=reveals_refusals)
    sums = rolled_up(rows, by="unit__path", top=top)
    units = Agency.objects.filter(path__in=sums).order_by("path")
    return [UnitTally(unit, unit.depth - top.depth, Tally(**sums[unit.path])) for unit in units]


@dataclass(frozen=True, slots=True)
class Level:
    """One step down the tree: below one top each unit with all of its subtree, and the top's
    own people by themselves; of several tops each of them. By the unit's path."""

    tallies: dict[str, Tally]

    @property
    def whole(self) -> Tally:
        return reduce(add, self.tallies.values(), NOBODY)

    def most_missing_first(self) -> list[str]:
        return sorted(self.tallies, key=lambda path: (-self.tallies[path].missing, path))

    def units(self, paths: Sequence[str]) -> list[tuple[Agency, Tally]]:
        """These of its units, in this order, without those that were moved away meanwhile.
        One query."""
        units = {unit.path: unit for unit in Agency.objects.filter(path__in=paths)}
        return [(units[path], self.tallies[path]) for path in paths if path in units]


def level(
    people: SignatoryQuerySet,
    *,
    event: Event,
    tops: Sequence[Agency],
    reveals_refusals: bool = False,
) -> Level:
    """Of people of one event in the subtrees of these tops. Two queries, whatever the size."""
    rows = _counted(
        people.annotate(below=_below(tops)),
        by="below",
        reveals_refusals=reveals_refusals,
        event=event,
    )
    return Level({row.pop("below"): Tally(**row) for row in rows})


def _below(tops: Sequence[Agency]) -> Substr | Case:
    if len(tops) == 1:
        return Substr("unit__path", 1, len(tops[0].path) + Agency.steplen)
    return Case(
        *(When(unit__path__startswith=top.path, then=Value(top.path)) for top in tops),
        output_field=CharField(),
    )


def timeline(
    event: Event, *, every: str, people: SignatoryQuerySet | None = None
) -> list[tuple[datetime.datetime, int]]:
    """How many signed in each minute, hour or day in which somebody did, from the first on;
    each by the time at which it begins. Of the whole event, or of these people of it."""
    pacts = list(_own_pacts().filter(event=event))
    signed = Signature.objects.live().filter(pact__in=pacts)
    if people is not None:
        signed = signed.filter(signatory__in=people.order_by())
    return list(
        signed.annotate(begins=Trunc("signed_at", every, tzinfo=event.zone))
        .values_list("begins")
        .annotate(people=Count("*"))
        .order_by("begins")
    )


def unit_names(top: Agency) -> dict[int, str]:
    """Primary key → "Dinas Kesehatan › Puskesmas Contoh", for the units below an agency."""
    units = list(Agency.objects.get_descendants(top))
    return _names([top, *units], {unit.path: unit for unit in units}, top)


def names_of(units: Iterable[Agency], *, top: Agency) -> dict[int, str]:
    """The same of some units alone. One query."""
    units = list(units)
    paths = {path for unit in units for path in _down_to(unit, top=top)}
    return _names(units, {unit.path: unit for unit in Agency.objects.filter(path__in=paths)}, top)


def _names(units: Iterable[Agency], by_path: dict[str, Agency], top: Agency) -> dict[int, str]:
    return {
        unit.pk: " › ".join(by_path[path].name for path in _down_to(unit, top=top)) or top.name
        for unit in units
    }


def _down_to(unit: Agency, *, top: Agency) -> list[str]:
    """The paths of the units from right below `top` down to this one."""
    step, first = Agency.steplen, len(top.path) + Agency.steplen
    return [unit.path[:end] for end in range(first, len(unit.path) + 1, step)]


def trail(unit: Agency, *, below: Iterable[Agency]) -> list[Agency]:
    """The units above this one, as far up as one of `below`."""
    above = Agency.objects.get_ancestors(unit)
    return [one for one in above if any(one.path.startswith(top.path) for top in below)]


def around(tops: Iterable[Agency], *, among: Iterable[Agency]) -> list[Agency]:
    """The units above these, themselves, and those right below."""
    paths = [top.path for top in tops]
    return [
        unit
        for unit in among
        if unit.path[: -Agency.steplen] in paths or any(p.startswith(unit.path) for p in paths)
    ]


def _counted(
    people: SignatoryQuerySet,
    *,
    by: str,
    reveals_refusals: bool = False,
    event: Event | None = None,
) -> Iterable[Any]:
    owing = _with_standing(people.active().owing(), reveals_refusals, event)
    counted: Iterable[Any] = owing.order_by().values(by).annotate(**_COUNTS)
    return counted


def rolled_up(rows: Iterable[Any], *, by: str, top: Agency) -> dict[str, Counter[str]]:
    """Counts of single units, each row with its unit's path under the key `by`, added up
    along the tree as far as `top`: path → the sums of everything else in the rows."""
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        path = row.pop(by)
        for end in range(len(top.path), len(path) + 1, Agency.steplen):
            sums[path[:end]].update(row)
    return sums


def search(
    people: SignatoryQuerySet,
    *,
    in_care: SignatoryQuerySet,
    status: Status | None = None,
    text: str = "",
    reveals_refusals: bool = False,
    event: Event | None = None,
) -> SignatoryQuerySet:
    """People of one status, or all who are on the roster; `text` is a piece of the name, and
    of those in care a piece of the NIP or a whole NIK."""
    shown = with_status(people, reveals_refusals=reveals_refusals, event=event)
    found = shown.filter(_OF_STATUS[status])
    return found.filter(_matches(text, in_care)) if text.strip() else found


def _matches(text: str, in_care: SignatoryQuerySet) -> Q:
    digits = re.sub(r"[\s.'’-]", "", text)
    if not digits.isdigit():
        return Q(name__icontains=" ".join(text.split()))
    match = Q(nip__contains=digits)
    if len(digits) == NIK_LENGTH:
        niks.require_key()
        match |= Q(nik_hash=keys.nik_hash(digits))
    # Anybody else could find out digit by digit what the mask hides.
    return match & Q(pk__in=in_care.values("pk"))
