"""What may need a second look: one device for many, marks alike, bursts at night, reports.

An officer holds every slip of a unit, so a signature may be somebody else's doing. What is
found here blocks nothing and accuses nobody: each of these has a harmless explanation too,
and the page says which. Signatures that were voided since count, and are marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter, itemgetter

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractHour
from django.utils import timezone

from pledges import guesses
from pledges.marks import Mark
from pledges.models import Agency, AuditEntry, Dispute, Event, Signature
from pledges.models.signatory import SignatoryQuerySet, SignatureQuerySet

# A family's or an office's telephone serves two or three.
MAX_PEOPLE_PER_DEVICE = 3
# So many of one unit do not come together at night without an appointment.
BURST, BURST_WITHIN = 10, timedelta(minutes=10)
# The hours, in the event's zone, in which offices are dark.
NIGHT_FROM, NIGHT_UNTIL = 21, 5
# How long an alert is news on the event's overview.
NEWS = timedelta(days=1)

# A signature as unit, time and key.
Row = tuple[int, datetime, int]


@dataclass(frozen=True, slots=True)
class Group:
    """Signatures that have something in common, in the order in which they were given."""

    signatures: tuple[Signature, ...]

    @property
    def people(self) -> int:
        return len({signature.signatory_id for signature in self.signatures})

    @property
    def first(self) -> datetime:
        return self.signatures[0].signed_at

    @property
    def last(self) -> datetime:
        return self.signatures[-1].signed_at

    @property
    def minutes(self) -> int:
        """From the first to the last, whole ones."""
        return (self.last - self.first) // timedelta(minutes=1)

    @property
    def sent_later(self) -> int:
        return sum(signature.is_sent_later for signature in self.signatures)


@dataclass(frozen=True, slots=True)
class Burst(Group):
    unit: Agency


@dataclass(frozen=True, slots=True)
class CodeAlert:
    """Wrong codes were tried over many numbers; at the time of the alert so many."""

    at: datetime
    same_code: int
    numbers: int
    signed: int


@dataclass(frozen=True, slots=True)
class Signals:
    devices: tuple[Group, ...]
    marks: tuple[Group, ...]
    bursts: tuple[Burst, ...]
    disputes: tuple[Dispute, ...]
    alerts: tuple[CodeAlert, ...]

    @property
    def count(self) -> int:
        return sum(map(len, (self.devices, self.marks, self.bursts, self.disputes, self.alerts)))


def signals(event: Event, people: SignatoryQuerySet) -> Signals:
    """Those of an event that concern these people of it; the alerts are of the whole event, since
    nobody knows whose numbers were tried. Six queries, whatever the size."""
    given = Signature.objects.filter(pact__event=event)
    of_people = given.filter(signatory__in=people)
    return Signals(
        devices=tuple(_shared_devices(given, people)),
        marks=tuple(_shared_marks(given, people)),
        bursts=tuple(_bursts(of_people, event)),
        disputes=tuple(_disputes().filter(signature__in=of_people)),
        alerts=tuple(_alerts(event)),
    )


def disputes_of(people: SignatoryQuerySet) -> QuerySet[Dispute]:
    return _disputes().filter(signature__signatory__in=people)


def latest_alert(event: Event) -> CodeAlert | None:
    """Of the last day; what is older waits on the page of signals."""
    alert = next(_alerts(event), None)
    return alert if alert and alert.at > timezone.now() - NEWS else None


def _shared_devices(given: SignatureQuerySet, people: SignatoryQuerySet) -> Iterator[Group]:
    outside_desks = given.filter(desk__isnull=True).exclude(device="")
    return _in_common(outside_desks, "device", people, more_than=MAX_PEOPLE_PER_DEVICE)


def _shared_marks(given: SignatureQuerySet, people: SignatoryQuerySet) -> Iterator[Group]:
    """Of drawings, which never come out alike; typed names do, where people are namesakes."""
    drawn = Q(mark__startswith=Mark.DRAWN)
    return _in_common(given, "mark_digest", people, more_than=1, only=drawn)


def _in_common(
    given: SignatureQuerySet,
    column: str,
    people: SignatoryQuerySet,
    *,
    more_than: int,
    only: Q = Q(),  # noqa: B008 (never changed)
) -> Iterator[Group]:
    """The signatures of more than so many of these people whose value in a column is the same.

    The database counts signatures over the whole event, which is fast; how many people they
    are, and which, is asked of those few whose value is so frequent.
    """
    frequent = (
        given.order_by().values(column).annotate(times=Count("pk")).filter(times__gt=more_than)
    )
    found = given.filter(only, signatory__in=people, **{f"{column}__in": frequent.values(column)})
    rows = _light(found).order_by(column, "signed_at", "pk")
    for _, signatures in groupby(rows, key=attrgetter(column)):
        group = Group(_acts(signatures))
        if group.people > more_than:
            yield group


def _light(signatures: SignatureQuerySet) -> SignatureQuerySet:
    """With the people and their units, without drawings and statements, which are large."""
    return signatures.select_related("signatory__unit").defer("mark", "statement")


def _acts(signatures: Iterable[Signature]) -> tuple[Signature, ...]:
    """Who signs two texts at once does so in one act, with one ticket: only its first counts."""
    acts: dict[tuple[int, str], Signature] = {}
    for signature in signatures:
        acts.setdefault((signature.signatory_id, signature.nonce), signature)
    return tuple(acts.values())


def _bursts(given: SignatureQuerySet, event: Event) -> Iterator[Burst]:
    """By the server's time: what a device says about the hour is not believed."""
    at_night = (
        given.of_pacts()
        .annotate(hour=ExtractHour("signed_at", tzinfo=event.zone))
        .filter(Q(hour__gte=NIGHT_FROM) | Q(hour__lt=NIGHT_UNTIL))
        .order_by("signatory__unit", "signed_at", "pk")
        .values_list("signatory__unit", "signed_at", "pk")
    )
    found = [
        [pk for _, _, pk in burst]
        for _, rows in groupby(at_night, key=itemgetter(0))
        for burst in _dense(list(rows))
    ]
    loaded = _light(given).in_bulk([pk for burst in found for pk in burst])
    for burst in found:
        signatures = tuple(loaded[pk] for pk in burst)
        yield Burst(signatures, signatures[0].signatory.unit)


def _dense(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The longest stretches in which any `BURST` in a row lie within `BURST_WITHIN`."""
    stretch = range(0)
    for at in range(len(rows) - BURST + 1):
        if rows[at + BURST - 1][1] - rows[at][1] > BURST_WITHIN:
            continue
        if stretch and at not in stretch:
            yield rows[stretch.start : stretch.stop]
            stretch = range(0)
        stretch = range(stretch.start if stretch else at, at + BURST)
    if stretch:
        yield rows[stretch.start : stretch.stop]


def _disputes() -> QuerySet[Dispute]:
    heavy = ("signature__mark", "signature__statement")
    return Dispute.objects.select_related("signature__signatory__unit").defer(*heavy)


def _alerts(event: Event) -> Iterator[CodeAlert]:
    """The latest first."""
    entries = AuditEntry.objects.filter(event_id=event.pk, action=guesses.ACTION)
    for entry in entries.order_by("-pk"):
        yield CodeAlert(at=entry.at, **entry.details)
