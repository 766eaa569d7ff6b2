"""Slips to cut out and hand over: who somebody is, their personal link as a QR code, their code.

A page holds ten slips of one work unit. Each unit begins a page of its own, so that the
pages can be given to the units before anybody cuts.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import segno
from django.db import transaction
from django.db.models import Count
from django.template.loader import render_to_string

from pledges import addresses, audit, events, identity, progress
from pledges.audit import Actor
from pledges.models import Agency, Event, Kind, Signatory, Way
from pledges.models.signatory import SignatoryQuerySet

PER_PAGE = 10
# Some five seconds of work: more people than this are printed in several parts.
PER_PART = 500


class NoSuchPart(LookupError):
    """There are fewer people than this part begins at."""


@dataclass(frozen=True, slots=True)
class Slip:
    """`code` is empty for somebody from outside, whose link is the only way in."""

    person: Signatory
    code: str

    @classmethod
    def of(cls, person: Signatory) -> Slip:
        return cls(person, "" if person.is_outside else identity.personal_code(person))

    @property
    def image(self) -> str:
        return f"qr-{self.person.pk}"

    @property
    def size(self) -> str:
        """Longer names, units and offices are set smaller, so that nothing is ever cut off."""
        person = self.person
        place = person.position if person.is_outside else person.unit.name
        length = max(len(person.name), len(place))
        return "small" if length > 75 else "medium" if length > 38 else "large"


@dataclass(frozen=True, slots=True)
class Page:
    """`first` and `total` count the unit's slips of this part."""

    unit: str
    first: int
    total: int
    slips: Sequence[Slip]

    @property
    def last(self) -> int:
        return self.first + len(self.slips) - 1


@dataclass(frozen=True, slots=True)
class Pile:
    """The slips of one unit and everything below it."""

    unit: Agency
    depth: int
    people: int

    @property
    def parts(self) -> range:
        return range(1, parts(self.people) + 1)


def parts(people: int) -> int:
    return math.ceil(people / PER_PART)


def receivers(event: Event, people: SignatoryQuerySet) -> SignatoryQuerySet:
    """Those whom a slip serves: everybody where slips are a way in, else people from outside."""
    people = people.active()
    return people if event.offers(Way.SLIP) else people.filter(kind=Kind.OUTSIDE)


def piles(event: Event, people: SignatoryQuerySet, *, top: Agency) -> list[Pile]:
    """A pile for each unit below `top` that has somebody to receive a slip, in the tree's order."""
    found = receivers(event, people).in_unit(top).order_by().values("unit__path")
    counts = progress.rolled_up(found.annotate(people=Count("pk")), by="unit__path", top=top)
    units = Agency.objects.filter(path__in=counts).order_by("path")
    return [Pile(unit, unit.depth - top.depth, counts[unit.path]["people"]) for unit in units]


def print_part(event: Event, people: SignatoryQuerySet, *, by: Actor, number: int = 1) -> bytes:
    """The slips of those who receive one, unit by unit, as a PDF; part 1, 2, 3 …

    Who prints them hands them out, as documents will tell.
    """
    events.require_kept(event)
    found = receivers(event, people).select_related("unit").order_by("unit__path", "name", "pk")
    if number not in range(1, parts(found.count()) + 1):
        raise NoSuchPart(number)
    chosen = list(found[PER_PART * (number - 1) : PER_PART * number])
    with transaction.atomic():
        identity.hand_out(people.filter(pk__in=[person.pk for person in chosen]), by=by)
        audit.record(by=by, action="slips.print", target=event, event=event, people=len(chosen))
    return lay_out(event, chosen, progress.unit_names(event.agency))


def lay_out(event: Event, people: Sequence[Signatory], units: Mapping[int, str]) -> bytes:
    """People in the order of their units, of which `units` has the names by primary key."""
    # Costly to import, and only this page of the organiser's prints.
    from pledges.documents import typesetting

    slips = [Slip.of(person) for person in people]
    html = render_to_string(
        "pdf/slips.html",
        {
            "event": event,
            "pages": list(_pages(slips, units)),
            "address": addresses.of_event(event).partition("://")[2],
        },
    )
    images = {slip.image: _qr(identity.personal_link(slip.person)) for slip in slips}
    return typesetting.write_handout(html, stylesheet="pdf/slips.css", images=images)


def _pages(slips: Sequence[Slip], units: Mapping[int, str]) -> Iterator[Page]:
    for unit, group in groupby(slips, key=lambda slip: slip.person.unit_id):
        of_unit = list(group)
        for start in range(0, len(of_unit), PER_PAGE):
            some = of_unit[start : start + PER_PAGE]
            yield Page(units[unit], start + 1, len(of_unit), some)


def _qr(link: str) -> bytes:
    """A PNG with one pixel a module. The mask is fixed: choosing one takes five times as long."""
    file = io.BytesIO()
    segno.make_qr(link, error="m", mask=2).save(file, kind="png", border=0)
    return file.getvalue()
