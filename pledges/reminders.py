"""Who is to be reminded, and reminders by e-mail, in rounds: now, or some days before the deadline.

A round ("run") that is due is written out as one reminder for each person, of whom there can be
one a day, whatever rounds overlap. These are then sent, at most once: what was claimed by a
sender that died before it could mark it may have arrived or not. It is told as uncertain and is
not sent again that day. A reminder is for its day only; what could not be sent until midnight
is left.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from pledges import addresses, audit, events, mailing, progress
from pledges.audit import Actor
from pledges.events import WrongState
from pledges.models import Agency, Event, Reminder, ReminderRun, Signatory, Timezone
from pledges.models.signatory import SignatoryQuerySet
from pledges.progress import Status

# When planned rounds go out, in the event's zone: people are at work, and nobody is asleep.
HOUR = datetime.time(8, 0)
MOST_DAYS = 60
# So long a sender may be at one e-mail; then nobody is at it any more.
_IN_HAND = datetime.timedelta(minutes=3)
_AT_ONCE = 1000


class PastSchedule(ValueError):
    """`at`, when the round would begin, is over or too late; the message is for who plans."""

    def __init__(self, message: str, at: datetime.datetime) -> None:
        super().__init__(message)
        self.at = at


class AlreadyPlanned(WrongState):
    """The same round for the same unit is there already."""


class AlreadyBegun(WrongState):
    """It is too late to cancel."""


# Who


def missing(people: SignatoryQuerySet, *, reveals_refusals: bool = False) -> SignatoryQuerySet:
    """Those who could have signed by now, have not, and have no excuse.

    Who declined is among them unless refusals are revealed, so that nobody learns of one from
    a list that lacks a name.
    """
    return progress.search(
        people, in_care=people, status=Status.MISSING, reveals_refusals=reveals_refusals
    )


def awaits_opening(person: Signatory) -> bool:
    """Whether it is of interest that this person opens the signing page: they were reminded, and
    have not been seen there. At an apel, where thousands come at once, nobody is asked."""
    return person.opened_at is None and person.reminders.exists()


def today_at(event: Event) -> datetime.date:
    return timezone.now().astimezone(event.zone).date()


@dataclass(frozen=True, slots=True)
class Outlook:
    """Of those who are missing, how many cannot be written to, and how many were today."""

    missing: int
    without_address: int
    reminded_today: int

    @property
    def to_send(self) -> int:
        return self.missing - self.without_address - self.reminded_today


def outlook(event: Event, people: SignatoryQuerySet, *, reveals_refusals: bool = False) -> Outlook:
    """What a round to these people of an event would do now."""
    today = Reminder.objects.filter(
        signatory=OuterRef("pk"), channel=Reminder.Channel.EMAIL, day=today_at(event)
    )
    found = missing(people, reveals_refusals=reveals_refusals)
    counts = found.annotate(was_reminded=Exists(today)).aggregate(
        missing=Count("pk"),
        without_address=Count("pk", filter=Q(email="")),
        reminded_today=Count("pk", filter=~Q(email="") & Q(was_reminded=True)),
    )
    return Outlook(**counts)


# Asking for a round


@transaction.atomic
def send_now(event: Event, *, unit: Agency, by: Actor) -> ReminderRun:
    """A round to those missing in a unit, which begins with the next tick.

    Raises AlreadyPlanned while the one before it is under way.
    """
    event = _hold_open(event, exclusive=True)
    before = event.reminder_runs.filter(unit=unit, days_before=None)
    if not all(result.is_over for result in results(before)):
        raise AlreadyPlanned(
            f"Pengingat untuk {unit.name} sudah diminta dan belum selesai dikirim, jadi tidak "
            "diminta lagi."
        )
    run = ReminderRun.objects.create(event=event, unit=unit, asked_by_id=by.pk if by else None)
    audit.record(by=by, action="reminders.send", target=run, event=event, unit=unit.pk)
    return run


@transaction.atomic
def plan(event: Event, *, unit: Agency, days_before: int, by: Actor) -> ReminderRun:
    """A round on a later day, which moves with the deadline.

    Raises PastSchedule and AlreadyPlanned.
    """
    event = _hold_open(event)
    at = _at(event, days_before)
    if at <= timezone.now():
        raise PastSchedule(
            "Waktu itu sudah lewat. Pilih jumlah hari yang lebih kecil, atau kirim sekarang.", at
        )
    if at >= event.deadline:
        raise PastSchedule("Itu sesudah batas waktu. Pilih paling sedikit 1 hari.", at)
    try:
        with transaction.atomic():
            run = ReminderRun.objects.create(
                event=event, unit=unit, days_before=days_before, asked_by_id=by.pk if by else None
            )
    except IntegrityError as error:
        raise AlreadyPlanned(
            f"Pengingat {days_before} hari sebelum batas waktu untuk {unit.name} sudah ada."
        ) from error
    audit.record(
        by=by, action="reminders.plan", target=run, event=event, unit=unit.pk, days=days_before
    )
    return run


@transaction.atomic
def cancel(run: ReminderRun, *, by: Actor) -> None:
    """Raises AlreadyBegun; a second time does nothing."""
    if not _unbegun().filter(pk=run.pk).update(cancelled_at=timezone.now()):
        run.refresh_from_db()
        if run.begun_at:
            raise AlreadyBegun("Pengingat ini sudah mulai dikirim, jadi tidak dapat dibatalkan.")
        return
    audit.record(by=by, action="reminders.cancel", target=run, event=run.event)


def _hold_open(event: Event, *, exclusive: bool = False) -> Event:
    event = events.hold(event, exclusive=exclusive)
    if not event.is_open:
        raise WrongState(
            "Acara tidak sedang dibuka, jadi tidak ada yang perlu diingatkan untuk menandatangani."
        )
    return event


def _unbegun() -> QuerySet[ReminderRun]:
    return ReminderRun.objects.filter(begun_at__isnull=True, cancelled_at__isnull=True)


def due_at(run: ReminderRun) -> datetime.datetime:
    """When a round begins, as the deadline is now."""
    return run.asked_at if run.days_before is None else _at(run.event, run.days_before)


def _at(event: Event, days_before: int) -> datetime.datetime:
    last = event.deadline.astimezone(event.zone).date()
    day = last - datetime.timedelta(days=days_before)
    return datetime.datetime.combine(day, HOUR, tzinfo=event.zone)


# A round begins


def begin_due() -> int:
    """Write out every round whose time has come; how many this call began.

    Killed in between, it has written out a round as a whole or not at all.
    """
    now = timezone.now()
    waiting = _unbegun().select_related("event__agency", "unit").order_by("pk")
    return sum(_begin(run) for run in waiting if run.days_before is None or due_at(run) <= now)


@transaction.atomic
def _begin(run: ReminderRun) -> bool:
    """False when another host was faster. A closed event's round ends without a reminder."""
    event = events.hold(run.event)
    now = timezone.now()
    ended = None if event.is_open else now
    if not _unbegun().filter(pk=run.pk).update(begun_at=now, cancelled_at=ended):
        return False
    if event.is_open:
        _write_out(run, event)
    people = run.reminders.count()
    audit.record(by=None, action="reminders.begin", target=run, event=event, people=people)
    return True


def _write_out(run: ReminderRun, event: Event) -> None:
    people = missing(event.signatories.in_unit(run.unit), reveals_refusals=True)
    day = today_at(event)
    reachable = people.exclude(email="").order_by("pk").values_list("pk", flat=True)
    Reminder.objects.bulk_create(
        [
            Reminder(signatory_id=pk, channel=Reminder.Channel.EMAIL, day=day, run=run)
            for pk in reachable
        ],
        ignore_conflicts=True,
        batch_size=_AT_ONCE,
    )
    run.without_address = people.filter(email="").count()
    run.save(update_fields=["without_address"])


# Sending


def due(now: datetime.datetime) -> QuerySet[Reminder]:
    """What is to be sent today to people who are still missing, round by round."""
    days = Q()
    for zone in Timezone.values:
        day = now.astimezone(ZoneInfo(zone)).date()
        days |= Q(run__event__agency__timezone=zone, day=day)
    still = missing(Signatory.objects.filter(pk=OuterRef("signatory")), reveals_refusals=True)
    return (
        Reminder.objects.filter(
            days, Exists(still), claimed_at__isnull=True, run__event__state=Event.State.OPEN
        )
        .exclude(signatory__email="")
        .select_related("signatory__event__agency")
        .order_by("run", "pk")
    )


class Sender(mailing.Sender[Reminder]):
    def due(self, now: datetime.datetime) -> QuerySet[Reminder]:
        return due(now)

    def claim(self, letter: Reminder) -> bool:
        now = timezone.now()
        # Still due: the person may have signed, or the event been closed, since it was read.
        # That it is free is asked of the row itself, which another sender may be claiming.
        free = Reminder.objects.filter(pk=letter.pk, pk__in=due(now), claimed_at__isnull=True)
        return bool(free.update(claimed_at=now))

    def release(self, letter: Reminder) -> None:
        Reminder.objects.filter(pk=letter.pk).update(claimed_at=None)

    def write(self, letter: Reminder) -> EmailMessage:
        return email(letter.signatory)

    def mark_sent(self, letter: Reminder) -> None:
        Reminder.objects.filter(pk=letter.pk).update(sent_at=timezone.now())

    def mark_refused(self, letter: Reminder, reason: str) -> None:
        Reminder.objects.filter(pk=letter.pk).update(error=reason)

    def mark_cut_off(self, letter: Reminder, reason: str) -> None:
        """It stays claimed and unmarked, which is what "uncertain" is."""


def email(person: Signatory) -> EmailMessage:
    """With the event's address and no personal link: addresses on rosters can be wrong, and
    whoever holds the link can sign."""
    event = person.event
    context = {
        "event": event,
        "person": person,
        "address": addresses.of_event(event),
        "is_late": timezone.now() > event.deadline,
    }
    return EmailMessage(
        # On one line: a line break in it would be refused.
        subject=" ".join(render_to_string("email/reminder_subject.txt", context).split()),
        body=render_to_string("email/reminder.txt", context),
        to=[person.email],
        # No answer of an absent person's mailbox, please (RFC 3834).
        headers={"Auto-Submitted": "auto-generated"},
    )


# What became of it


@dataclass(frozen=True, slots=True)
class Result:
    """One round and what became of it. `left` are those who signed before their turn, or whose
    day was over, or whose event was closed."""

    run: ReminderRun
    due_at: datetime.datetime
    sent: int
    failed: int
    uncertain: int
    waiting: int
    left: int

    @property
    def is_over(self) -> bool:
        return self.run.begun_at is not None and not self.waiting

    @property
    def found_closed(self) -> bool:
        """Whether its event was closed when its time came."""
        return self.run.begun_at is not None and self.run.cancelled_at is not None


def _unmarked(now: datetime.datetime) -> dict[str, Any]:
    return {"sent_at__isnull": True, "error": "", "claimed_at__lte": now - _IN_HAND}


def results(runs: QuerySet[ReminderRun]) -> list[Result]:
    """Of rounds that were not cancelled by hand, the latest first. Two queries."""
    now = timezone.now()
    uncertain = Q(**{f"reminders__{name}": value for name, value in _unmarked(now).items()})
    found = list(
        runs.exclude(begun_at__isnull=True, cancelled_at__isnull=False)
        .select_related("event__agency", "unit", "asked_by")
        .annotate(
            sent=Count("reminders", filter=Q(reminders__sent_at__isnull=False)),
            failed=Count("reminders", filter=~Q(reminders__error="")),
            uncertain=Count("reminders", filter=uncertain),
            all=Count("reminders"),
            unclaimed=Count("reminders", filter=Q(reminders__claimed_at__isnull=True)),
        )
        .order_by("-pk")
    )
    waiting = _waiting(found, now)
    return [_result(run, waiting.get(run.pk, 0)) for run in found]


def _waiting(runs: Iterable[ReminderRun], now: datetime.datetime) -> dict[int, int]:
    rows = due(now).filter(run__in=[run.pk for run in runs]).order_by().values_list("run")
    return dict(rows.annotate(Count("pk")))


def _result(run: Any, waiting: int) -> Result:
    in_hand = run.all - run.sent - run.failed - run.uncertain - run.unclaimed
    return Result(
        run=run,
        due_at=due_at(run),
        sent=run.sent,
        failed=run.failed,
        uncertain=run.uncertain,
        waiting=waiting + in_hand,
        left=run.unclaimed - waiting,
    )


def unreached(people: SignatoryQuerySet) -> QuerySet[Reminder]:
    """Of each person the last reminder by e-mail, where it was refused or is uncertain."""
    newer = Reminder.objects.filter(
        signatory=OuterRef("signatory"), channel=Reminder.Channel.EMAIL, pk__gt=OuterRef("pk"),
        claimed_at__isnull=False,
    )  # fmt: skip
    return (
        Reminder.objects.filter(
            ~Q(error="") | Q(**_unmarked(timezone.now())),
            ~Exists(newer),
            channel=Reminder.Channel.EMAIL,
            signatory__in=people.active().order_by().values("pk"),
        )
        .select_related("signatory__unit")
        .order_by("signatory__unit__path", "signatory__name", "pk")
    )


# By what the mail server's answer begins with; see RFC 5321, 4.2.3.
_REASONS = (
    ("SMTPRecipientsRefused 552", "kotak suratnya penuh"),
    ("SMTPRecipientsRefused 5", "alamatnya tidak dikenal atau ditolak"),
    ("SMTPRecipientsRefused", "server surelnya sedang tidak menerima"),
    ("SMTPDataError", "server surel menolak surel ini"),
)


def reason(reminder: Reminder) -> str:
    """Why somebody was not reached, in plain words."""
    if not reminder.error:
        return "tidak pasti: mungkin sampai, mungkin tidak"
    words = (words for start, words in _REASONS if reminder.error.startswith(start))
    return next(words, "alamatnya salah tulis")
