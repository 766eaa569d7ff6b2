"""The tree of work units: moving one, with everything below it, while people sign."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from pledges import audit, events
from pledges.audit import Actor
from pledges.models import Agency, Event
from pledges.roster.units import MAX_LEVELS
from pledges.roster.words import fold


class CannotMove(ValueError):
    """The message is for whoever moves the unit."""


@transaction.atomic
def move(unit: Agency, *, above: Agency, by: Actor) -> Agency:
    """Put a unit below another one of the same government. Roles, people and desks go with it.

    A statement names the units above its signer, so whoever is signing at any event of this
    government is waited for, and whoever comes next waits: each is filed under the path of
    their moment. Raises CannotMove.
    """
    _hold_tree(unit)
    unit, above = Agency.objects.get(pk=unit.pk), Agency.objects.get(pk=above.pk)
    _require_place(unit, above)
    _require_events_stay_above(unit, above)
    was = Agency.objects.get_parent(unit)
    Agency.objects.move(unit, above, "last-child")
    audit.record(by=by, action="agency.move", target=unit, was=was.pk, above=above.pk)
    moved: Agency = Agency.objects.get(pk=unit.pk)
    return moved


def _hold_tree(unit: Agency) -> None:
    """Lock order: events by their numbers, then the root, as `enrol.hold_unclosed` has it."""
    root = unit.path[: Agency.steplen]
    for event in Event.objects.filter(agency__path__startswith=root).order_by("pk"):
        events.hold(event, exclusive=True)
    Agency.objects.select_for_update().get(path=root)


def _require_place(unit: Agency, above: Agency) -> None:
    if unit.depth == 1 or unit.path[: Agency.steplen] != above.path[: Agency.steplen]:
        raise CannotMove("Unit hanya dapat dipindahkan di dalam pemerintah yang sama.")
    if above.path.startswith(unit.path):
        raise CannotMove("Unit tidak dapat dipindahkan ke bawah dirinya sendiri.")
    below = Agency.objects.filter(path__startswith=unit.path)
    levels = (below.aggregate(deepest=Max("depth"))["deepest"] or unit.depth) - unit.depth
    if above.depth + levels > MAX_LEVELS:
        raise CannotMove(f"Paling banyak {MAX_LEVELS} tingkat unit di bawah pemerintah.")
    siblings = Agency.objects.get_children(above).exclude(pk=unit.pk)
    if fold(unit.name) in {fold(sibling.name) for sibling in siblings}:
        raise CannotMove(f"Di bawah {above.name} sudah ada unit bernama {unit.name}.")


def _require_events_stay_above(unit: Agency, above: Agency) -> None:
    """Nobody leaves the agency of an event that they are on the roster of."""
    concerned = Event.objects.filter(signatories__unit__path__startswith=unit.path)
    for event in concerned.select_related("agency").distinct():
        path = event.agency.path
        if not (path.startswith(unit.path) or above.path.startswith(path)):
            raise CannotMove(
                f"Orang unit ini ada dalam daftar acara “{event.title}” milik {event.agency.name}, "
                f"dan {above.name} tidak berada di bawahnya."
            )
