"""The wall: what an event projects in front of everybody, and its live count.

Whoever knows a wall's address sees the event's texts and how many have signed, and nobody's
name. It asks for no login, so that the projector's computer holds no organiser's session.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count as CountOf
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Length, Substr
from django.utils import timezone

from pledges import keys
from pledges.models import Agency, Event, Excuse, Signatory, Wave

# However many screens ask, a process counts an event once in so many seconds.
LIFETIME = 1.0


class UnknownWall(LookupError):
    def __init__(self) -> None:
        super().__init__(
            "Alamat layar ini tidak dikenal. Buka lagi layar dari halaman acara, "
            "atau pindai lagi kode QR layar."
        )


def token(event: Event) -> str:
    """The secret part of a wall's address: which event, and 130 bits that prove it."""
    return _token(event.pk)


def address(event: Event) -> str:
    return f"{settings.BASE_URL}/layar/{token(event)}"


def event_at(token: str) -> Event:
    event = Event.objects.filter(pk=_number(token)).select_related("agency").first()
    if event is None:
        raise UnknownWall
    return event


def _number(token: str) -> int:
    """The primary key of the event whose wall this is; asks no database."""
    number = keys.row_of(token)
    if not keys.same(_token(number), token):
        raise UnknownWall
    return number


def _token(number: int) -> str:
    return f"{number}-{keys.derived('wall', number, bits=keys.SECRET_BITS)}"


@dataclass(frozen=True, slots=True)
class UnitCount:
    """A work unit right below the event's agency, with everybody in its subtree.

    Without a name: those who belong to the agency and to no unit of it.
    """

    name: str
    signed: int
    total: int


@dataclass(frozen=True, slots=True)
class Count:
    """Of those who are asked for a pact: who is excused is not, unless they sign nevertheless.
    Who declined has not signed: a wall tells nobody's refusal.

    `wave` names the one that was opened last; "" before the first, and without waves.
    """

    state: str
    open_wave: int
    waves: int
    wave: str
    units: tuple[UnitCount, ...]
    at: datetime
    zone: ZoneInfo

    @property
    def signed(self) -> int:
        return sum(unit.signed for unit in self.units)

    @property
    def total(self) -> int:
        return sum(unit.total for unit in self.units)


def count(token: str) -> Count:
    """What the wall shows, at most about a second old."""
    event = _number(token)
    return _shared.setdefault(event, _Shared()).count(event)


class _Shared:
    """One event's count, shared by all threads of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: Count | None = None
        self._good_until = 0.0

    def count(self, event: int) -> Count:
        """Who comes while somebody else counts gets the count before, if there is one.

        A slow database thus holds one thread up, and leaves the others to the signers.
        """
        latest = self._latest
        is_mine = self._lock.acquire(blocking=latest is None)
        if latest is not None and not is_mine:
            return latest
        try:
            if self._latest is None or time.monotonic() >= self._good_until:
                self._latest = _count(event)
                self._good_until = time.monotonic() + LIFETIME
            return self._latest
        finally:
            self._lock.release()


_shared: dict[int, _Shared] = {}


def _count(event: int) -> Count:
    rows = list(_rows(event))
    if not rows:
        raise UnknownWall
    units = [_unit(row) for row in rows if row["total"]]
    return Count(
        state=rows[0]["state"],
        open_wave=rows[0]["open_wave"],
        waves=rows[0]["last_wave"] or 0,
        wave=rows[0]["wave_name"] or "",
        # In the order of the tree, and last of all those without a unit.
        units=tuple(sorted(units, key=lambda unit: not unit.name)),
        at=timezone.now(),
        zone=ZoneInfo(rows[0]["zone"]),
    )


def _unit(row: dict[str, Any]) -> UnitCount:
    is_below = len(row["top"]) > len(row["path"])
    return UnitCount(row["name"] if is_below else "", row["signed"], row["total"])


def _rows(event: int) -> Iterable[dict[str, Any]]:
    """One query: a row for each top unit, each with what is to be known of the event.

    It starts from the event, which is there also before anybody is on its roster.
    """
    people = Signatory.objects.filter(event=event).active().owing()
    excuses = Excuse.objects.filter(signatory=OuterRef("pk"), lifted_at__isnull=True)
    asked = people.exclude(Exists(excuses)) | people.signed()
    units = Agency.objects.filter(path=OuterRef("top"))
    rows: QuerySet[Any, Any] = (
        Event.objects.filter(pk=event)
        .values(
            "state",
            "open_wave",
            path=F("agency__path"),
            zone=F("agency__timezone"),
            top=Substr("signatories__unit__path", 1, Length("agency__path") + Agency.steplen),
        )
        .annotate(
            name=Subquery(units.values("name")),
            last_wave=_of_wave(Q(), "number"),
            wave_name=_of_wave(Q(number=OuterRef("open_wave")), "name"),
            total=CountOf("signatories", filter=Q(signatories__in=asked)),
            signed=CountOf("signatories", filter=Q(signatories__in=people.signed())),
        )
        .order_by("top")
    )
    return rows


def _of_wave(which: Q, field: str) -> Subquery:
    """A column of the last of these waves."""
    waves = Wave.objects.filter(which, event=OuterRef("pk")).order_by("-number")
    return Subquery(waves.values(field)[:1])
