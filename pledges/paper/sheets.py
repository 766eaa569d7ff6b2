"""Printing pacts to be signed with a pen, for those who cannot or will not by telephone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef

from pledges import audit, pact, progress, signing
from pledges.audit import Actor
from pledges.documents import press
from pledges.documents.pact_form import Signer, signer_facts
from pledges.documents.sheet_form import Sheet
from pledges.events import WrongState
from pledges.models import Agency, Event, Excuse, Signatory
from pledges.models.signatory import SignatoryQuerySet
from pledges.pact import Pact
from pledges.paper import codes

# Some five seconds of work: more people than this are printed in several parts.
PER_PART = 40


class NoSuchPart(LookupError):
    """There are fewer people than this part begins at."""


class NotPrinted(WrongState):
    """A sheet could not be filed, or need not be; the message says which."""


@dataclass(frozen=True, slots=True)
class Pile:
    """The sheets of one unit and everything below it."""

    unit: Agency
    depth: int
    people: int

    @property
    def parts(self) -> range:
        return range(1, parts(self.people) + 1)


def parts(people: int) -> int:
    return math.ceil(people / PER_PART)


def receivers(people: SignatoryQuerySet) -> SignatoryQuerySet:
    """Those who are still asked for a pact. Who declined is among them: nobody learns of it."""
    excused = Excuse.objects.filter(signatory=OuterRef("pk"), lifted_at__isnull=True)
    return people.missing().exclude(Exists(excused))


def piles(people: SignatoryQuerySet, *, top: Agency) -> list[Pile]:
    """A pile for each unit below `top` where somebody has not signed, in the tree's order."""
    found = receivers(people).in_unit(top).order_by().values("unit__path")
    counts = progress.rolled_up(found.annotate(people=Count("pk")), by="unit__path", top=top)
    units = Agency.objects.filter(path__in=counts).order_by("path")
    return [Pile(unit, unit.depth - top.depth, counts[unit.path]["people"]) for unit in units]


def print_part(event: Event, people: SignatoryQuerySet, *, by: Actor, number: int = 1) -> bytes:
    """The sheets of those who have not signed, unit by unit, as a PDF; part 1, 2, 3 …"""
    _require_open(event)
    found = receivers(people).select_related("unit").order_by("unit__path", "name", "pk")
    if number not in range(1, parts(found.count()) + 1):
        raise NoSuchPart(number)
    return _print(event, list(found[PER_PART * (number - 1) : PER_PART * number]), by=by)


def print_one(person: Signatory, *, by: Actor) -> bytes:
    _require_open(person.event)
    if not Signatory.objects.filter(pk=person.pk).missing().exists():
        raise NotPrinted(f"{person.name} sudah menandatangani, atau tidak diminta pakta.")
    return _print(person.event, [person], by=by)


def _require_open(event: Event) -> None:
    if not event.is_open:
        raise NotPrinted(
            "Lembar tanda tangan basah hanya dapat dicetak selama acaranya dibuka: "
            "naskahnya harus sudah terbit, dan sesudah ditutup lembarnya tidak dapat dicatat."
        )


def _print(event: Event, people: Sequence[Signatory], *, by: Actor) -> bytes:
    pdf = press.press_sheets(list(_sheets(event, people)))
    audit.record(by=by, action="sheets.print", target=event, event=event, people=len(people))
    return pdf


def _sheets(event: Event, people: Sequence[Signatory]) -> Iterator[Sheet]:
    texts: dict[str, Pact] = {}
    for person in people:
        person.event = event
        row = pact.texts_of(person)[0]
        text = texts.setdefault(row.digest, pact.of(row))
        signer = Signer(**signer_facts(event.code, signing.snapshot(person)))
        yield Sheet(text, signer, codes.address(codes.token(person, row)))
