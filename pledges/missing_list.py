"""Who is missing, unit by unit, to be printed and carried from desk to desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from pledges import audit, progress, reminders
from pledges.audit import Actor
from pledges.models import Event, Signatory
from pledges.models.signatory import SignatoryQuerySet


@dataclass(frozen=True, slots=True)
class Sheet:
    """Those of one unit, without the units below it."""

    unit: str
    people: Sequence[Signatory]


def take(
    event: Event, people: SignatoryQuerySet, *, by: Actor, reveals_refusals: bool = False
) -> list[Sheet]:
    """In the order of the tree; that it was taken is recorded."""
    found = list(
        reminders.missing(people, reveals_refusals=reveals_refusals)
        .select_related("unit")
        .order_by("unit__path", "name", "pk")
    )
    audit.record(by=by, action="missing.print", target=event, event=event, people=len(found))
    names = progress.unit_names(event.agency)
    by_unit = groupby(found, key=lambda person: person.unit_id)
    return [Sheet(names[unit], list(of_unit)) for unit, of_unit in by_unit]
