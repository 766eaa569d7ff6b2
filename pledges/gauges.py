"""How much there is and how much waits: the same answer from every process of every host."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import Error
from django.db.models import Count, Min, Q
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from pledges.models import Document, EmailCode, Heartbeat, Notice, Reminder, Signature

_SENT, _UNSENT = Q(sent_at__isnull=False), Q(sent_at__isnull=True)
_REFUSED = _UNSENT & ~Q(error="")


class _FromDatabase(Collector):
    """Asked anew at each scrape; when the database is away that is what it tells."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        answers = GaugeMetricFamily("pakta_database_answers", "1 while the database answers.")
        try:
            found = list(_all())
        except Error:
            found = []
        answers.add_metric([], float(bool(found)))
        yield answers
        yield from found


def _all() -> Iterator[GaugeMetricFamily]:
    now = timezone.now()
    yield from _signatures(now)
    yield _heartbeats(now)
    yield _mails()
    yield _tasks()


def _signatures(now: datetime) -> Iterator[GaugeMetricFamily]:
    live = Signature.objects.live()
    waiting = live.unsealed().order_by().aggregate(count=Count("pk"), oldest=Min("signed_at"))
    yield _one("pakta_signatures", "Signatures that stand.", live.count())
    yield _one("pakta_unsealed_signatures", "Those without a document yet.", waiting["count"])
    yield _one(
        "pakta_oldest_unsealed_seconds",
        "For how long the oldest of them has waited; what cannot be sealed shows here.",
        _seconds(now - (waiting["oldest"] or now)),
    )
    documents = GaugeMetricFamily("pakta_documents", "Sealed documents.", labels=["kind"])
    for kind, count in Document.objects.order_by().values_list("kind").annotate(Count("pk")):
        documents.add_metric([kind], count)
    yield documents


def _heartbeats(now: datetime) -> GaugeMetricFamily:
    ages = GaugeMetricFamily(
        "pakta_heartbeat_age_seconds",
        "Since a background process last showed that it is at work.",
        labels=["worker", "host"],
    )
    for one in Heartbeat.objects.all():
        ages.add_metric([one.name, one.host], _seconds(now - one.at))
    return ages


def _mails() -> GaugeMetricFamily:
    """As far as they are on record: reminders of the last days, codes, notices."""
    waiting = _UNSENT & Q(error="")
    by_email = Reminder.objects.filter(channel=Reminder.Channel.EMAIL)
    found = {
        "notice": Notice.objects.aggregate(
            sent=Count("pk", _SENT), waiting=Count("pk", waiting), refused=Count("pk", _REFUSED)
        ),
        "reminder": by_email.aggregate(
            sent=Count("pk", _SENT),
            waiting=Count("pk", waiting & Q(claimed_at__isnull=True)),
            refused=Count("pk", _REFUSED),
            uncertain=Count("pk", waiting & Q(claimed_at__isnull=False)),
        ),
        "code": EmailCode.objects.aggregate(
            sent=Count("pk", _SENT), waiting=Count("pk", _UNSENT & Q(spent_at__isnull=True))
        ),
    }
    mails = GaugeMetricFamily("pakta_mails", "E-mails on record.", labels=["kind", "state"])
    for kind, states in found.items():
        for state, count in states.items():
            mails.add_metric([kind, state], count)
    return mails


def _tasks() -> GaugeMetricFamily:
    tasks = GaugeMetricFamily("pakta_tasks", "Background tasks on record.", labels=["state"])
    for state in (TaskResultStatus.READY, TaskResultStatus.RUNNING, TaskResultStatus.FAILED):
        tasks.add_metric([state.lower()], DBTaskResult.objects.filter(status=state).count())
    return tasks


def _one(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)


def _seconds(span: timedelta) -> float:
    """Clocks of two hosts may differ a little."""
    return max(span.total_seconds(), 0.0)


def told() -> bytes:
    """In Prometheus' words."""
    registry = CollectorRegistry()
    registry.register(_FromDatabase())
    return generate_latest(registry)
