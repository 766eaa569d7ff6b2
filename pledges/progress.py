"""Who has signed, who is late, who is missing: per person, per unit, per event."""

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
    OuterRef,
    Q,
    Subquery,
    TextChoices,
    Value,
)
from django.db.models.functions import Coalesce

from pledges import keys
from pledges.models import Agency, Signature
from pledges.models.signatory import SignatoryQuerySet
from pledges.nip import NIK_LENGTH


class Status(TextChoices):
    """Of one person; those who signed late have signed too."""

    MISSING = "missing", "Belum menandatangani"
    SIGNED = "signed", "Sudah menandatangani"
    LATE = "late", "Terlambat"
    WITHDRAWN = "withdrawn", "Dikeluarkan dari daftar"


@dataclass(frozen=True, slots=True)
class Tally:
    """People of an event or unit; `late` are among `signed`, withdrawn people are in none."""

    total: int
    signed: int
    late: int

    @property
    def missing(self) -> int:
        return self.total - self.signed

    @property
    def percent(self) -> float:
        """To one decimal, rounded down: it is 100 only when nobody is missing."""
        return self.signed * 1000 // self.total / 10 if self.total else 0.0


@dataclass(frozen=True, slots=True)
class UnitTally:
    unit: Agency
    depth: int
    tally: Tally


_COUNTS = {
    "total": Count("pk"),
    "signed": Count("pk", filter=Q(has_signed=True)),
    "late": Count("pk", filter=Q(is_late=True)),
}


# None: everybody on the roster.
_OF_STATUS = {
    None: Q(withdrawn_at__isnull=True),
    Status.MISSING: Q(withdrawn_at__isnull=True, has_signed=False),
    Status.SIGNED: Q(withdrawn_at__isnull=True, has_signed=True),
    Status.LATE: Q(withdrawn_at__isnull=True, is_late=True),
    Status.WITHDRAWN: Q(withdrawn_at__isnull=False),
}


def with_status(people: SignatoryQuerySet) -> SignatoryQuerySet:
    """Annotate `has_signed`, `is_late`, `signed_at` and `is_sealed`, of the live signature."""
    live = Signature.objects.live().of_pacts().filter(signatory=OuterRef("pk"))
    return people.annotate(
        has_signed=Exists(live),
        is_late=Coalesce(
            Subquery(live.values("is_late")[:1]), Value(False), output_field=BooleanField()
        ),
        signed_at=Subquery(live.values("signed_at")[:1]),
        is_sealed=Exists(live.filter(document__isnull=False)),
    )


def status_of(person: Any) -> Status:
    """Of a person who came out of `with_status`."""
    if person.withdrawn_at:
        return Status.WITHDRAWN
    if not person.has_signed:
        return Status.MISSING
    return Status.LATE if person.is_late else Status.SIGNED


def tally(people: SignatoryQuerySet) -> Tally:
    return Tally(**with_status(people.active().owing()).aggregate(**_COUNTS))


def by_event(people: SignatoryQuerySet) -> dict[int, Tally]:
    """Tallies of many events at once, by primary key; for the list of events."""
    return {row.pop("event"): Tally(**row) for row in _counted(people, "event")}


def by_unit(people: SignatoryQuerySet, *, top: Agency) -> list[UnitTally]:
    """A tally for each unit of the tree below `top` that has people in it, each with all
    of its subtree counted, in the order of the tree. Two queries, whatever the size."""
    sums = rolled_up(_counted(people.in_unit(top), "unit__path"), by="unit__path", top=top)
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


def _counted(people: SignatoryQuerySet, key: str) -> Iterable[Any]:
    counted: Iterable[Any] = (
        with_status(people.active().owing()).order_by().values(key).annotate(**_COUNTS)
    )
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
) -> SignatoryQuerySet:
    """People of one status, or all who are on the roster; `text` is a piece of the name, and
    of those in care a piece of the NIP or a whole NIK."""
    found = with_status(people).filter(_OF_STATUS[status])
    return found.filter(_matches(text, in_care)) if text.strip() else found


def _matches(text: str, in_care: SignatoryQuerySet) -> Q:
    digits = re.sub(r"[\s.'’-]", "", text)
    if not digits.isdigit():
        return Q(name__icontains=" ".join(text.split()))
    match = Q(nip__contains=digits)
    if len(digits) == NIK_LENGTH:
        match |= Q(nik_hash=keys.nik_hash(digits))
    # Anybody else could find out digit by digit what the mask hides.
    return match & Q(pk__in=in_care.values("pk"))
