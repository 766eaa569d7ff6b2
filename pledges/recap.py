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


# What decides on somebody's status, and what else is counted of it.
_DECIDING = ("has_signed", "is_late", "is_paper", "has_declined", "excuse_code", "is_waiting")
_COUNTED = ("total", "signed", "late", "paper", "declined", "excused", "waiting", "missing")


def _lines(people: SignatoryQuerySet, top: Agency) -> Iterator[tuple[Agency, Counts]]:
    """Each unit with people in it and those above it, in the order of the tree."""
    sums = progress.rolled_up(_counted(people), by="path", top=top)
    for unit in Agency.objects.filter(path__in=sums).order_by("path"):
        yield unit, _counts(sums[unit.path])


def _counted(people: SignatoryQuerySet) -> Iterator[dict[str, Any]]:
    """People of one unit who are alike in all that is counted."""
    alike = people.order_by().values("unit__path", *_DECIDING).annotate(people=Count("pk"))
    for row in alike:
        counted = {"total": True, _status(**{name: row[name] for name in _DECIDING}): True}
        counted |= {"late": row["is_late"], "paper": row["is_paper"]}
        yield {"path": row["unit__path"]} | {
            name: row["people"] for name, is_counted in counted.items() if is_counted
        }


def _counts(sums: Counter[str]) -> Counts:
    told = {name: sums[name] for name in _COUNTED}
    tally = progress.Tally(total=told["total"], signed=told["signed"], late=told["late"])
    return Counts(**told, percent=tally.percent)


def _unsigned(people: SignatoryQuerySet) -> SignatoryQuerySet:
    return people.filter(Q(has_signed=False)).order_by("unit__path", "number")


def _about(person: Any) -> dict[str, str]:
    status = _status(**{name: getattr(person, name) for name in _DECIDING})
    is_excused = status == "excused"
    return {
        "name": person.name,
        "identifier": person.masked_identifier,
        "position": person.position,
        "status": status,
        "reason": Excuse.Code(person.excuse_code).label if is_excused else _REASONS[status],
        "note": person.excuse_note if is_excused else "",
    }


def _status(
    *,
    has_signed: bool,
    has_declined: bool,
    excuse_code: str | None,
    is_waiting: bool,
    **others: object,
) -> str:
    """The first that holds."""
    if has_signed:
        return "signed"
    if has_declined:
        return "declined"
    if excuse_code:
        return "excused"
    return "waiting" if is_waiting else "missing"
