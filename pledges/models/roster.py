"""How a roster came in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from pledges.models.event import Event


class ImportState(models.TextChoices):
    READING = "reading", "Sedang dibaca"
    READ = "read", "Menunggu keputusan Anda"
    ENROLLING = "enrolling", "Sedang dimasukkan"
    ENROLLED = "enrolled", "Selesai"
    FAILED = "failed", "Tidak terbaca"


class Import(models.Model):
    """A roster file on its way in: uploaded, read and shown, confirmed, enrolled.

    Its state changes only in `pledges.roster.imports`.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="imports")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(default=timezone.now)
    filename = models.CharField("nama berkas", max_length=200)
    state = models.CharField(
        max_length=10, choices=ImportState.choices, default=ImportState.READING
    )
    # In the storage, encrypted, as they hold NIK: the file as it came, and what was read
    # from it (`pledges.roster.report`). Empty once they are deleted.
    file = models.CharField(max_length=150, blank=True)
    report = models.CharField(max_length=150, blank=True)
    # What the admin chose instead of what was recognised, see `report.Choices`.
    choices = models.JSONField(default=dict)
    # What reading or enrolling came to: {"rows": 213, "faulty": 4, "new": 200, …}, and the
    # first of the people who stay as they are: {"signed": [7, 81], "absent": […], …}.
    counts = models.JSONField(default=dict)
    left_alone = models.JSONField(default=dict)
    failure = models.TextField(blank=True)
    # Whether the background has begun what the state says, and how far reading is, in lines.
    is_begun = models.BooleanField(default=False)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    moved_at = models.DateTimeField(default=timezone.now)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "impor daftar"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_working(self) -> bool:
        return self.state in {ImportState.READING, ImportState.ENROLLING}
