"""Who has signed, who is late, who is missing: per person, per unit, per event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import BooleanField, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from pledges import keys
from pledges.models import Agency, Event, Signatory, Signature
from pledges.models.signatory import SignatoryQuerySet

SIGNED, MISSING, WITHDRAWN = "signed", "missing", "withdrawn"
LATE = "late"


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
        """0 to 100; an empty unit owes nothing, so it is complete."""
        return 100 * self.signed / self.total if self.total else 100.0


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


def with_status(people: QuerySet[Signatory]) -> SignatoryQuerySet:
    """Annotate `has_signed`, `is_late`, `signed_at` and `signature_id` of the live signature."""
    live = Signature.objects.live().filter(signatory=OuterRef("pk"))
    return people.annotate(
        has_signed=Exists(live),
        is_late=Coalesce(
            Subquery(live.values("is_late")[:1]), Value(False), output_field=BooleanField()
        ),
        signed_at=Subquery(live.values("signed_at")[:1]),
        signature_id=Subquery(live.values("pk")[:1]),
    )


def tally(people: SignatoryQuerySet) -> Tally:
    return Tally(**with_status(people.active()).aggregate(**_COUNTS))


def by_event(events: Iterable[Event]) -> dict[int, Tally]:
    """Tallies of many events at once, by primary key; for the list of events."""
    people = Signatory.objects.active().filter(event__in=[event.pk for event in events])
    rows = with_status(people).order_by().values("event").annotate(**_COUNTS)
    return {row.pop("event"): Tally(**row) for row in rows}


def by_unit(people: SignatoryQuerySet, *, top: Agency) -> list[UnitTally]:
    """A tally for each unit of the tree below `top` that has people in it, each with all
    of its subtree counted, in the order of the tree. Two queries, whatever the size."""
    rows = (
        with_status(people.active().in_unit(top))
        .order_by()
        .values("unit__path")
        .annotate(**_COUNTS)
    )
    sums: dict[str, list[int]] = {}
    for row in rows:
        path = row["unit__path"]
        for end in range(len(top.path), len(path) + 1, Agency.steplen):
            counts = sums.setdefault(path[:end], [0, 0, 0])
            for index, name in enumerate(("total", "signed", "late")):
                counts[index] += row[name]
    units = Agency.objects.filter(path__in=sums).order_by("path")
    return [UnitTally(unit, unit.depth - top.depth, Tally(*sums[unit.path])) for unit in units]


def search(people: SignatoryQuerySet, *, status: str = "", text: str = "") -> SignatoryQuerySet:
    """Filter by status and by a piece of the name, a NIP or a whole NIK."""
    found = with_status(people)
    if status == WITHDRAWN:
        found = found.filter(withdrawn_at__isnull=False)
    else:
        found = found.active()
    if status == SIGNED:
        found = found.filter(has_signed=True)
    elif status == LATE:
        found = found.filter(is_late=True)
    elif status == MISSING:
        found = found.filter(has_signed=False)
    return found.filter(_matches(text)) if text.strip() else found


def _matches(text: str) -> Q:
    digits = "".join(c for c in text if c.isdigit())
    if not digits:
        return Q(name__icontains=text.strip())
    match = Q(nip__contains=digits)
    return match | Q(nik_hash=keys.nik_hash(digits)) if len(digits) == 16 else match
