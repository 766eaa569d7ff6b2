"""Officers' desks: one device, handed from person to person."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from pledges.models.agency import Agency
from pledges.models.event import Event


class Desk(models.Model):
    """A device that an officer opened for the people of one unit who sign on it in turn.

    Each person is attested with the desk's PIN, which the officer chose and keeps.
    """

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="desks")
    unit = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # A keyed hash, see `pledges.desks`.
    pin = models.CharField(max_length=128)
    pin_failures = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "meja petugas"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.unit} · {self.started_at:%Y-%m-%d}"
