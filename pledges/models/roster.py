"""How a roster came in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from pledges.models.event import Event


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", "Diunggah"
    READ = "read", "Terbaca"
    ENROLLING = "enrolling", "Sedang dimasukkan"
    ENROLLED = "enrolled", "Selesai"
    FAILED = "failed", "Gagal"


class Import(models.Model):
    """A roster file on its way in: uploaded, read and shown, confirmed, enrolled."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="imports")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    uploaded_at = models.DateTimeField(default=timezone.now)
    filename = models.CharField("nama berkas", max_length=200)
    file = models.CharField(max_length=150)
    state = models.CharField(
        max_length=10, choices=ImportState.choices, default=ImportState.UPLOADED
    )
    # What the admin chose: {"sheets": [name, …], "columns": {sheet: {field: index}}}.
    choices = models.JSONField(default=dict)
    # What reading found; its shape is `pledges.roster.imports.Report`.
    report = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True)

    class Meta:
        verbose_name = "impor daftar"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.filename
