"""What a recap says: counts down the tree of units, and who has not signed and why.

Its part of a report's statement is described in `pledges.reports`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from pledges import progress
from pledges.documents.reported import Counts
from pledges.models import Agency, Excuse, Signature
from pledges.models.signatory import SignatoryQuerySet

PAPER = "paper"

_REASONS = {
    "declined": "Tidak bersedia",
    "waiting": "Menunggu gelombang",
    "missing": "Belum menandatangani",
}


def gathered(
    people: SignatoryQuerySet, *, top: Agency, reveals_refusals: bool = False
) -> dict[str, Any]:
    people = _with_status(people, reveals_refusals=reveals_refusals)
    lines = list(_lines(people, top))
    places = {unit.pk: place for place, (unit, _) in enumerate(lines)}
    return {
        "totals": _totals(lines),
        "units": [
            {"name": unit.name, "depth": unit.depth - top.depth, **asdict(counts)}
            for unit, counts in lines
        ],
        "unsigned": [
            {"unit": places[person.unit_id], **_about(person)} for person in _unsigned(people)
        ],
    }


def totals(
    people: SignatoryQuerySet, *, top: Agency, reveals_refusals: bool = False
) -> dict[str, Any]:
    return _totals(list(_lines(_with_status(people, reveals_refusals=reveals_refusals), top)))


def _totals(lines: list[tuple[Agency, Counts]]) -> dict[str, Any]:
    """The first line is that of the top, which counts everybody."""
    return asdict(lines[0][1] if lines else _counts(Counter()))


def _with_status(people: SignatoryQuerySet, *, reveals_refusals: bool) -> SignatoryQuerySet:
    live = Signature.objects.live().of_pacts().filter(signatory=OuterRef("pk"))
    excuse = Excuse.objects.filter(signatory=OuterRef("pk"), lifted_at__isnull=True)
    owing = progress.with_status(people.active().owing(), reveals_refusals=reveals_refusals)
    return owing.annotate(
        is_paper=Exists(live.filter(method=PAPER)),
        excuse_code=Subquery(excuse.values("code")[:1]),
        excuse_note=Subquery(excuse.values("note")[:1]),
    )


_UNSIGNED = Q(has_signed=False)
_IS_EXCUSED = Q(excuse_code__isnull=False)
_COUNTED = {
    "total": Q(),
    "signed": Q(has_signed=True),
    "late": Q(is_late=True),
    "paper": Q(is_paper=True),
    "declined": _UNSIGNED & Q(has_declined=True),
    "excused": _UNSIGNED & Q(has_declined=False) & _IS_EXCUSED,
    "waiting": _UNSIGNED & Q(has_declined=False, is_waiting=True) & ~_IS_EXCUSED,
}
_COUNTS = {name: Count("pk", filter=which) for name, which in _COUNTED.items()}


def _lines(people: SignatoryQuerySet, top: Agency) -> Iterator[tuple[Agency, Counts]]:
    """Each unit with people in it and those above it, in the order of the tree."""
    rows = people.order_by().values("unit__path").annotate(**_COUNTS)
    sums = progress.rolled_up(rows, by="unit__path", top=top)
    for unit in Agency.objects.filter(path__in=sums).order_by("path"):
        yield unit, _counts(sums[unit.path])


def _counts(sums: Counter[str]) -> Counts:
    told = {name: sums[name] for name in _COUNTED}
    tally = progress.Tally(
        **{name: told[name] for name in ("total", "signed", "late", "declined", "waiting")}
    )
    missing = tally.missing - told["excused"]
    return Counts(**told, missing=missing, percent=tally.percent)


def _unsigned(people: SignatoryQuerySet) -> SignatoryQuerySet:
    return people.filter(_UNSIGNED).order_by("unit__path", "number")


def _about(person: Any) -> dict[str, str]:
    status = _status(person)
    is_excused = status == "excused"
    return {
        "name": person.name,
        "identifier": person.masked_identifier,
        "position": person.position,
        "status": status,
        "reason": Excuse.Code(person.excuse_code).label if is_excused else _REASONS[status],
        "note": person.excuse_note if is_excused else "",
    }


def _status(person: Any) -> str:
    """The first that holds."""
    if person.has_declined:
        return "declined"
    if person.excuse_code:
        return "excused"
    return "waiting" if person.is_waiting else "missing"
