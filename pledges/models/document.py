"""The sealed documents made of signatures, and the certificates that sealed them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from pledges.models.event import Event
from pledges.models.signatory import Signature


class SealCertificate(models.Model):
    """A certificate that documents were sealed with, kept for ever so that they verify for ever."""

    # SHA-256 of the DER encoding, in hex.
    fingerprint = models.CharField(max_length=64, unique=True)
    # PEM: the certificate first, then the rest of its chain up to the root.
    chain = models.TextField()
    subject = models.CharField(max_length=300)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    is_development = models.BooleanField()

    class Meta:
        verbose_name = verbose_name_plural = "sertifikat segel"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.subject


class Document(models.Model):
    """A sealed PDF in the storage, under its own hash. Never changed, never sealed again."""

    class Kind(models.TextChoices):
        PACT = "pact", "Pakta integritas"

    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.PACT)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="documents")
    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, related_name="document")
    certificate = models.ForeignKey(SealCertificate, on_delete=models.PROTECT, related_name="+")
    file = models.CharField(max_length=150)
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveIntegerField()
    crc32 = models.PositiveBigIntegerField()
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "dokumen"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.sha256


class MatchAttempt(models.Model):
    """How often somebody compared a number with one signature's, in the hour since the first."""

    signature = models.OneToOneField(Signature, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "percobaan pencocokan"

    def __str__(self) -> str:
        return f"{self.tries} percobaan"
