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
from django.template.loader import render_to_string

from pledges import addresses, audit, identity, progress
from pledges.audit import Actor
from pledges.models import Event, Signatory
from pledges.models.signatory import SignatoryQuerySet

PER_PAGE = 10
# Some five seconds of work: more people than this are printed in several parts.
PER_PART = 500


class NoSuchPart(LookupError):
    """There are fewer people than this part begins at."""


@dataclass(frozen=True, slots=True)
class Slip:
    person: Signatory
    code: str

    @classmethod
    def of(cls, person: Signatory) -> Slip:
        return cls(person, identity.personal_code(person))

    @property
    def image(self) -> str:
        return f"qr-{self.person.pk}"

    @property
    def size(self) -> str:
        """Longer names and units are set smaller, so that nothing is ever cut off."""
        length = max(len(self.person.name), len(self.person.unit.name))
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


def parts(people: int) -> int:
    return math.ceil(people / PER_PART)


def print_part(event: Event, people: SignatoryQuerySet, *, by: Actor, number: int = 1) -> bytes:
    """The slips of the active among `people`, unit by unit, as a PDF; part 1, 2, 3 …"""
    chosen = people.active().select_related("unit").order_by("unit__path", "name", "pk")
    if number not in range(1, parts(chosen.count()) + 1):
        raise NoSuchPart(number)
    chosen = chosen[PER_PART * (number - 1) : PER_PART * number]
    audit.record(by=by, action="slips.print", target=event, event=event, people=len(chosen))
    return lay_out(event, list(chosen), progress.unit_names(event.agency))


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
