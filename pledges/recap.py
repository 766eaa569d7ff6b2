"""What a recap says: counts down the tree of units, and who has not signed and why.

Its part of a report's statement is described in `pledges.reports`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db.models import Q

from pledges import progress
from pledges.documents.reported import Counts
from pledges.models import Agency, Excuse
from pledges.models.signatory import SignatoryQuerySet
from pledges.progress import NOBODY, Status, Tally, UnitTally


def gathered(
    people: SignatoryQuerySet, *, top: Agency, reveals_refusals: bool = False
) -> dict[str, Any]:
    """Each unit with people in it and those above it, in the order of the tree."""
    rows = progress.by_unit(people, top=top, reveals_refusals=reveals_refusals)
    places = {row.unit.pk: place for place, row in enumerate(rows)}
    unsigned = _unsigned(people, reveals_refusals=reveals_refusals)
    return {
        "totals": _totals(rows),
        "units": [
            {"name": row.unit.name, "depth": row.depth, **asdict(_counts(row.tally))}
            for row in rows
        ],
        "unsigned": [{"unit": places[person.unit_id], **_about(person)} for person in unsigned],
    }


def totals(
    people: SignatoryQuerySet, *, top: Agency, reveals_refusals: bool = False
) -> dict[str, Any]:
    return _totals(progress.by_unit(people, top=top, reveals_refusals=reveals_refusals))


def _totals(rows: list[UnitTally]) -> dict[str, Any]:
    """The first row is that of the top, which counts everybody."""
    return asdict(_counts(rows[0].tally if rows else NOBODY))


def _counts(tally: Tally) -> Counts:
    return Counts(**asdict(tally), missing=tally.missing, percent=tally.percent)


def _unsigned(people: SignatoryQuerySet, *, reveals_refusals: bool) -> SignatoryQuerySet:
    owing = progress.with_status(people.active().owing(), reveals_refusals=reveals_refusals)
    return owing.filter(Q(has_signed=False)).order_by("unit__path", "number")


def _about(person: Any) -> dict[str, str]:
    """Of an excuse its reason alone: an officer's note may be about somebody's health, and is
    for those who care for that person."""
    status = progress.status_of(person)
    is_excused = status is Status.EXCUSED
    return {
        "name": person.name,
        "identifier": person.masked_identifier,
        "position": person.position,
        "status": status.value,
        "reason": Excuse.Code(person.excuse_code).label if is_excused else status.label,
    }
