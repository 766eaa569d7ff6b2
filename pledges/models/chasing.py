"""Who need not sign this time, and who was reminded."""

from __future__ import annotations

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from pledges.models.agency import Agency
from pledges.models.event import Event
from pledges.models.signatory import Signatory


class Excuse(models.Model):
    """Why somebody is not asked to sign this time, by the word of the unit's officer."""

    class Code(models.TextChoices):
        LEAVE = "leave", "Cuti"
        SICK = "sick", "Sakit"
        STUDY = "study", "Tugas belajar"
        AWAY = "away", "Dinas luar"
        RETIRED = "retired", "Pensiun"
        DIED = "died", "Meninggal"

    signatory = models.ForeignKey(Signatory, on_delete=models.PROTECT, related_name="excuses")
    code = models.CharField("alasan", max_length=10, choices=Code.choices)
    note = models.CharField("keterangan", max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField(default=timezone.now)
    # When the officer took it back; who signs nevertheless counts as signed.
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "halangan"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["signatory"],
                condition=Q(lifted_at__isnull=True),
                name="excuse_one_standing_per_person",
            ),
        ]

    def __str__(self) -> str:
        return self.get_code_display()


class ReminderRun(models.Model):
    """One round of reminder e-mails to those who are missing in a unit, now or on a later day.

    When it is due it is written out, one reminder for each person; these are then sent.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="reminder_runs")
    unit = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    # Counted from the event's deadline, so that it moves with it; None for one made by hand.
    days_before = models.PositiveSmallIntegerField("hari sebelum batas waktu", null=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True)
    # When its reminders were written out, and to how many people without an address none was.
    begun_at = models.DateTimeField(null=True)
    without_address = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "putaran pengingat"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "unit", "days_before"],
                condition=Q(cancelled_at__isnull=True),
                name="reminder_run_once_per_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def on(self, day: datetime.date) -> Self:
        return self.filter(day=day)


class Reminder(models.Model):
    """One person reminded on one day, at most once by each channel.

    An e-mail is claimed before it is sent and marked afterwards. What was claimed and never
    marked may have gone out or not: it is shown as uncertain and not sent again.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", "Surel"
        WHATSAPP = "whatsapp", "WhatsApp"

    signatory = models.ForeignKey(Signatory, on_delete=models.CASCADE, related_name="reminders")
    channel = models.CharField("saluran", max_length=10, choices=Channel.choices)
    # The date in the event's time zone.
    day = models.DateField("tanggal")
    run = models.ForeignKey(
        ReminderRun, on_delete=models.CASCADE, null=True, related_name="reminders"
    )
    # The officer who sent it; nobody for a run's.
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    # What the mail server said against it, without its own words.
    error = models.CharField(max_length=200, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "pengingat"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["signatory", "channel", "day"], name="reminder_once_a_day_by_channel"
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(claimed_at__isnull=False),
                name="reminder_claimed_before_sent",
            ),
        ]
        indexes = [
            models.Index(fields=["run"], condition=Q(claimed_at__isnull=True), name="reminder_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.day:%Y-%m-%d}"
