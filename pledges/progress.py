"""Who has signed, who is late, who declined, who waits for their wave, who is missing.

Of these the first that holds is a person's status. Refusals are for admins' eyes: nothing
here tells of one unless it is called with `reveals_refusals`; without it whoever declined is
waiting or missing, like everybody else who has not signed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Subquery,
    TextChoices,
    Value,
)
from django.db.models.functions import Coalesce

from pledges import keys, niks
from pledges.models import Agency, Event, Kind, Refusal, Signature
from pledges.models.signatory import SignatoryQuerySet
from pledges.nip import NIK_LENGTH


class Status(TextChoices):
    """Of one person; those who signed late have signed too."""

    MISSING = "missing", "Belum menandatangani"
    SIGNED = "signed", "Sudah menandatangani"
    LATE = "late", "Terlambat"
    WAITING = "waiting", "Menunggu gelombang"
    DECLINED = "declined", "Tidak bersedia"
    # Somebody from outside, who signs the joint declaration and owes no pact.
    EXEMPT = "exempt", "Tidak diminta pakta"
    WITHDRAWN = "withdrawn", "Dikeluarkan dari daftar"


@dataclass(frozen=True, slots=True)
class Tally:
    """People of an event or unit who owe a pact; `late` are among `signed`, and withdrawn
    people are in none. Nobody is among the declined for whom that is not to see."""

    total: int
    signed: int
    late: int
    declined: int = 0
    waiting: int = 0

    @property
    def missing(self) -> int:
        """Whoever might have signed by now and has not."""
        return self.total - self.signed - self.declined - self.waiting

    @property
    def percent(self) -> float:
        """To one decimal, rounded down: it is 100 only when everybody has signed."""
        return self.signed * 1000 // self.total / 10 if self.total else 0.0


@dataclass(frozen=True, slots=True)
class UnitTally:
    unit: Agency
    depth: int
    tally: Tally


# Before publication nobody waits for a wave, and after closing nobody does any more.
_WAITS = Q(event__state=Event.State.OPEN, wave__gt=F("event__open_wave"))
_ON_ROSTER = Q(withdrawn_at__isnull=True)
_UNSIGNED = _ON_ROSTER & ~Q(kind=Kind.OUTSIDE) & Q(has_signed=False)
# None: everybody on the roster.
_OF_STATUS = {
    None: _ON_ROSTER,
    Status.SIGNED: _ON_ROSTER & Q(has_signed=True),
    Status.LATE: _ON_ROSTER & Q(is_late=True),
    Status.DECLINED: _UNSIGNED & Q(has_declined=True),
    Status.WAITING: _UNSIGNED & Q(has_declined=False, is_waiting=True),
    Status.MISSING: _UNSIGNED & Q(has_declined=False, is_waiting=False),
    Status.EXEMPT: _ON_ROSTER & Q(kind=Kind.OUTSIDE, has_signed=False),
    Status.WITHDRAWN: ~_ON_ROSTER,
}
_COUNTED = (Status.SIGNED, Status.LATE, Status.DECLINED, Status.WAITING)
_COUNTS = {"total": Count("pk")} | {
    status.value: Count("pk", filter=_OF_STATUS[status]) for status in _COUNTED
}


def with_status(people: SignatoryQuerySet, *, reveals_refusals: bool = False) -> SignatoryQuerySet:
    """Annotate `has_signed`, `is_late`, `signed_at` and `is_sealed`, of the live signature,
    and `has_declined` and `is_waiting`."""
    live = Signature.objects.live().of_pacts().filter(signatory=OuterRef("pk"))
    standing = Refusal.objects.filter(signatory=OuterRef("pk"), taken_back_at__isnull=True)
    return people.annotate(
        has_signed=Exists(live),
        is_late=Coalesce(
            Subquery(live.values("is_late")[:1]), Value(False), output_field=BooleanField()
        ),
        signed_at=Subquery(live.values("signed_at")[:1]),
        is_sealed=Exists(live.filter(document__isnull=False)),
        has_declined=Exists(standing) if reveals_refusals else Value(False),
        is_waiting=ExpressionWrapper(_WAITS, output_field=BooleanField()),
    )


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
    return Status.WAITING if person.is_waiting else Status.MISSING


def tally(people: SignatoryQuerySet, *, reveals_refusals: bool = False) -> Tally:
    owing = with_status(people.active().owing(), reveals_refusals=reveals_refusals)
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


def most_missing_first(rows: Sequence[UnitTally]) -> list[UnitTally]:
    """The same tree with those who need chasing at the top of each level."""
    missing = {row.unit.path: row.tally.missing for row in rows}

    def place(row: UnitTally) -> list[tuple[int, str]]:
        path = row.unit.path
        above = (path[:end] for end in range(Agency.steplen, len(path) + 1, Agency.steplen))
        return [(-missing[part], part) for part in above if part in missing]

    return sorted(rows, key=place)


def unit_names(top: Agency) -> dict[int, str]:
    """Primary key → "Dinas Kesehatan › Puskesmas Contoh", for the units below an agency."""
    names: dict[str, str] = {}
    by_key = {top.pk: top.name}
    for unit in Agency.objects.get_descendants(top):
        above = names.get(unit.path[: -Agency.steplen])
        names[unit.path] = by_key[unit.pk] = f"{above} › {unit.name}" if above else unit.name
    return by_key


def _counted(
    people: SignatoryQuerySet, *, by: str, reveals_refusals: bool = False
) -> Iterable[Any]:
    owing = with_status(people.active().owing(), reveals_refusals=reveals_refusals)
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
) -> SignatoryQuerySet:
    """People of one status, or all who are on the roster; `text` is a piece of the name, and
    of those in care a piece of the NIP or a whole NIK."""
    found = with_status(people, reveals_refusals=reveals_refusals).filter(_OF_STATUS[status])
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
