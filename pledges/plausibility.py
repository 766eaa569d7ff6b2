"""What the report on plausibility (laporan kewajaran) says: numbers and units, and nobody's name.

It counts what `pledges.fairness` finds. Its part of a report's statement is described in
`pledges.reports`; it has one page, so of many units the first are named, the others counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Count, F, Q

from pledges import fairness, identity
from pledges.fairness import Group
from pledges.models import Event, Signature
from pledges.models.signatory import SignatoryQuerySet

NAMED_UNITS = 3
NAMED_SHARES = 6


def gathered(event: Event, people: SignatoryQuerySet) -> dict[str, Any]:
    found = fairness.signals(event, people)
    reported = [dispute.signature for dispute in found.disputes]
    return {
        "devices": _groups(found.devices),
        "marks": _groups(found.marks),
        "bursts": _groups(found.bursts),
        "disputes": {
            "reports": len(reported),
            "voided": sum(signature.voided_at is not None for signature in reported),
            **_units(reported),
        },
        "alerts": {
            "times": len(found.alerts),
            "numbers": max((alert.numbers for alert in found.alerts), default=0),
        },
        "shares": _shares(people),
    }


def _groups(groups: Sequence[Group]) -> dict[str, Any]:
    largest = max(groups, key=lambda group: group.people, default=None)
    return {
        "groups": len(groups),
        "people": sum(group.people for group in groups),
        "largest": _largest(largest) if largest else None,
        **_units(signature for group in groups for signature in group.signatures),
    }


def _largest(group: Group) -> dict[str, Any]:
    return {
        "people": group.people,
        "first": group.first.isoformat(),
        "minutes": group.minutes,
    }


def _units(signatures: Iterable[Signature]) -> dict[str, Any]:
    """In which units the people are; those of the most first."""
    people = {signature.signatory_id: signature.signatory.unit for signature in signatures}
    counts = Counter(unit.pk for unit in people.values())
    names = {unit.pk: unit.name for unit in people.values()}
    ranked = sorted(counts.items(), key=lambda each: (-each[1], names[each[0]]))
    return {
        "units": [{"name": names[pk], "people": count} for pk, count in ranked[:NAMED_UNITS]],
        "other_units": max(0, len(ranked) - NAMED_UNITS),
    }


def _shares(people: SignatoryQuerySet) -> dict[str, Any]:
    """Of whose signature an officer was the witness: at a desk, or as a wet one on paper."""
    rows = list(_shared(people))
    others = [row for row in rows if row["desk"] or row["paper"]]
    others.sort(key=lambda row: (-(row["desk"] + row["paper"]), row["signed"], row["name"]))
    whole = {name: sum(row[name] for row in rows) for name in ("signed", "desk", "paper")}
    return {
        "whole": whole,
        "units": others[:NAMED_SHARES],
        "other_units": max(0, len(others) - NAMED_SHARES),
    }


def _shared(people: SignatoryQuerySet) -> Iterator[dict[str, Any]]:
    """Of every unit by itself, without those below it."""
    rows = (
        Signature.objects.live()
        .of_pacts()
        .filter(signatory__in=people.active().owing())
        .order_by()
        .values("signatory__unit", name=F("signatory__unit__name"))
        .annotate(
            signed=Count("pk"),
            desk=Count("pk", filter=Q(method=identity.DESK)),
            paper=Count("pk", filter=Q(method=identity.PAPER)),
        )
    )
    for row in rows:
        yield {name: row[name] for name in ("name", "signed", "desk", "paper")}
