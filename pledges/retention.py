"""How long an event's data are kept, and their deletion afterwards.

What people signed goes: statements with their salt, marks, files, names, numbers and whatever
anybody wrote. What stays are the rows, so that every count is the same as before, and the
hashes, so that whoever still holds a document can have it checked.

A file is deleted before its row is blanked, and rows are blanked batch by batch, the people
last. So a run that was killed is finished by running it again, and nothing is left behind.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from pakta.storage import names_in
from pledges import audit, events, pact
from pledges.audit import Actor
from pledges.events import WrongState
from pledges.models import (
    ERASED,
    CodeAttempt,
    Dispute,
    Document,
    EmailCode,
    Event,
    Excuse,
    Export,
    MatchAttempt,
    Notice,
    Refusal,
    Reminder,
    Scan,
    Signature,
)

MIN_YEARS, MAX_YEARS = 1, 30
BATCH = 500
TASKS_KEPT = datetime.timedelta(days=7)


class StillKept(WrongState):
    """The event is not closed, or its time has not come."""


def expires_on(event: Event, years: int | None = None) -> datetime.date:
    """The last day on which its data are kept; with so many years, if they are given."""
    year = event.date.year + (event.retention_years if years is None else years)
    try:
        return event.date.replace(year=year)
    except ValueError:  # 29 February
        return datetime.date(year, 3, 1)


def is_expired(event: Event, years: int | None = None) -> bool:
    return timezone.now().astimezone(event.zone).date() > expires_on(event, years)


@transaction.atomic
def set_years(event: Event, *, years: int, by: Actor) -> Event:
    """At any time, published or not, until the data are deleted."""
    event = events.hold(event, exclusive=True)
    events.require_kept(event)
    event.retention_years = years
    event.save(update_fields=["retention_years"])
    audit.record(by=by, action="retention.set", target=event, event=event, years=years)
    return event


def forget_tasks() -> None:
    """Those that ended a week ago. One that failed keeps its error's words, which may be about
    somebody."""
    ended = DBTaskResult.objects.finished()
    ended.filter(finished_at__lt=timezone.now() - TASKS_KEPT).delete()


def expired() -> list[Event]:
    """Every event whose time has come, the oldest first; those that are not closed among them."""
    found = Event.objects.select_related("agency").order_by("date", "pk")
    return [event for event in found if is_expired(event)]


def left(event: Event) -> dict[str, int]:
    """What there is to delete, by kind; kinds of which there is nothing are not named."""
    counts = {part.name: part.rows(event).count() for part in _PARTS}
    counts["strays"] = len(_strays(event))
    return {name: count for name, count in counts.items() if count}


def purge(event: Event, *, by: Actor) -> dict[str, int]:
    """Delete what `left` says, and return it. Raises StillKept.

    Everybody is told that the data are gone from the moment it begins.
    """
    event = _begin(event, by=by)
    done = {part.name: _erase(part, event) for part in _PARTS}
    done["strays"] = _sweep(event)
    done = {name: count for name, count in done.items() if count}
    if done:
        audit.record(by=by, action="retention.purge", target=event, event=event, **done)
    return done


@transaction.atomic
def _begin(event: Event, *, by: Actor) -> Event:
    event = events.hold(event, exclusive=True)
    if event.purged_at is not None:
        return event
    if not (event.is_closed and is_expired(event)):
        raise StillKept("Masa simpan acara ini belum habis, atau acaranya belum ditutup.")
    event.purged_at = timezone.now()
    event.save(update_fields=["purged_at"])
    audit.record(
        by=by, action="retention.begin", target=event, event=event, years=event.retention_years
    )
    return event


@dataclass(frozen=True, slots=True)
class _Part:
    """One kind of what is deleted. `rows` are those of an event that still hold something;
    `erase` blanks some of them, or deletes them."""

    name: str
    rows: Callable[[Event], QuerySet[Any]]
    erase: Callable[[QuerySet[Any]], object]


def _erase(part: _Part, event: Event) -> int:
    """Batches are asked for by number alone: looking for the rest of an event's rows each time
    would take longer with each batch."""
    found = part.rows(event)
    numbers = list(found.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(numbers), BATCH):
        with transaction.atomic():
            part.erase(found.model._default_manager.filter(pk__in=numbers[start : start + BATCH]))
    return len(numbers)


def _blanked(**values: object) -> Callable[[QuerySet[Any]], object]:
    return lambda rows: rows.update(**values)


def _files(*columns: str, **values: object) -> Callable[[QuerySet[Any]], object]:
    """Delete the files that these columns name, then blank them."""

    def erase(rows: QuerySet[Any]) -> None:
        found = list(rows.values_list("event", *columns))
        if not found:  # another run was faster
            return
        names = {name for _, *named in found for name in named if name}
        for name in names - _kept_by_others(names, but=found[0][0]):
            default_storage.delete(name)
        rows.update(**dict.fromkeys(columns, ""), **values)

    return erase


def _strays(event: Event) -> set[str]:
    """Files of the event that no row names: a worker that was killed had stored them, and not
    written it down yet. Of an event whose purge has begun, nothing else will name them."""
    strays = set()
    for model, kind in ((Document, "documents"), (Scan, "scans")):
        folder = f"{kind}/{event.pk}/"
        if stored := set(names_in(folder)):
            named = model._default_manager.filter(file__startswith=folder)
            strays |= stored - set(named.values_list("file", flat=True))
    return strays


def _sweep(event: Event) -> int:
    strays = _strays(event)
    for name in strays:
        default_storage.delete(name)
    return len(strays)


def _kept_by_others(names: Iterable[str], *, but: int) -> set[str]:
    """The files that another event keeps too, as a photograph that was sent in twice."""
    return {
        name
        for rows in (
            Document.objects.filter(file__in=names).values_list("file", flat=True),
            Scan.objects.filter(file__in=names).values_list("file", flat=True),
            Export.objects.filter(index__in=names).values_list("index", flat=True),
        )
        for name in rows.exclude(event=but)
    }


def _statements(rows: QuerySet[Any]) -> None:
    """Of signatures, declarations and reports: the hash takes the place of the statement."""
    rows = rows.exclude(statement="")  # another run may have been faster
    hashed = list(rows.select_for_update().only("statement"))
    for row in hashed:
        row.statement_digest = pact.sha256(row.statement)
    rows.model._default_manager.bulk_update(hashed, ["statement_digest"])
    # Why it was made void may name people; that it was stays.
    rows.filter(voided_at__isnull=False).update(void_reason=ERASED)
    blank = {"mark": "", "device": ""} if rows.model is Signature else {}
    rows.update(statement="", **blank)


# In this order; people come last.
_PARTS = (
    _Part(
        "exports",
        lambda event: event.exports.exclude(index="", failure=""),
        _files("index", failure=""),
    ),
    _Part(
        "imports",
        lambda event: event.imports.exclude(filename=ERASED, file="", report=""),
        _files("file", "report", filename=ERASED, failure="", choices={}),
    ),
    _Part(
        "scans",
        lambda event: event.scans.exclude(filename=ERASED, file=""),
        _files("file", filename=ERASED, problem="", code=""),
    ),
    _Part("documents", lambda event: event.documents.exclude(file=""), _files("file")),
    _Part("reports", lambda event: event.reports.exclude(statement=""), _statements),
    _Part("declarations", lambda event: event.declarations.exclude(statement=""), _statements),
    _Part(
        "signatures",
        lambda event: Signature.objects.filter(signatory__event=event).exclude(statement=""),
        _statements,
    ),
    _Part(
        "refusals",
        lambda event: Refusal.objects.filter(signatory__event=event).exclude(reason=""),
        _blanked(reason=""),
    ),
    _Part(
        "excuses",
        lambda event: Excuse.objects.filter(signatory__event=event).exclude(note=""),
        _blanked(note=""),
    ),
    _Part(
        "corrections",
        lambda event: event.corrections.exclude(message=ERASED, answer="", nip=""),
        _blanked(name=ERASED, nip="", message=ERASED, answer=""),
    ),
    _Part(
        "disputes",
        lambda event: Dispute.objects.filter(signature__signatory__event=event).exclude(message=""),
        _blanked(message=""),
    ),
    _Part(
        "notices",
        lambda event: Notice.objects.filter(signature__signatory__event=event).exclude(error=""),
        _blanked(error=""),
    ),
    _Part(
        "reminders",
        lambda event: Reminder.objects.filter(signatory__event=event).exclude(error=""),
        _blanked(error=""),
    ),
    _Part(
        "codes",
        lambda event: EmailCode.objects.filter(signatory__event=event),
        QuerySet.delete,
    ),
    _Part(
        "attempts",
        lambda event: CodeAttempt.objects.filter(event=event),
        QuerySet.delete,
    ),
    _Part(
        "matches",
        lambda event: MatchAttempt.objects.filter(signature__signatory__event=event),
        QuerySet.delete,
    ),
    _Part(
        "people",
        lambda event: event.signatories.filter(erased_at=None),
        lambda rows: rows.update(
            name=ERASED, nip=None, nik_cipher=None, nik_hash=None, rank="", grade="", position="",
            echelon="", email="", phone="", capacity="", handed_out_by=None,
            erased_at=timezone.now(),
        ),
    ),
)  # fmt: skip
