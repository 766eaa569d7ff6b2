"""The sealed documents made of signatures, and the certificates that sealed them."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from pledges import keys
from pledges.models.collected import Report
from pledges.models.event import Event, Pact
from pledges.models.signatory import Signature


class DeclarationQuerySet(models.QuerySet["Declaration"]):
    def live(self) -> Self:
        return self.filter(voided_at__isnull=True)

    def unsealed(self) -> Self:
        return self.filter(document__isnull=True, statement_digest="")


def new_declaration_code() -> str:
    return keys.random_code(80)


class Declaration(models.Model):
    """A joint declaration that is complete: the last has signed, or an admin closed it.

    `statement` is canonical JSON (see `pledges.declaration`) with every place, signed or
    blank; the sealed PDF is made of it and of the marks it names, and of nothing else.
    """

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="declarations")
    pact = models.ForeignKey(Pact, on_delete=models.PROTECT, related_name="declarations")
    verification_code = models.CharField(max_length=16, unique=True, default=new_declaration_code)
    statement = models.TextField()
    # Written when the statement itself was deleted after its retention, see `pledges.retention`.
    statement_digest = models.CharField(max_length=64, blank=True)
    completed_at = models.DateTimeField()
    # The admin who closed it with blank places; nobody when the last one signed.
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    document: Document

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "deklarasi bersama"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["event"],
                condition=Q(voided_at__isnull=True),
                name="declaration_one_live_per_event",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True) | ~Q(void_reason=""),
                name="declaration_voided_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.verification_code


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
        DECLARATION = "declaration", "Deklarasi bersama"
        SCAN = "scan", "Pindaian tanda tangan basah"
        REPORT = "report", "Laporan"

    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.PACT)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="documents")
    signature = models.OneToOneField(
        Signature, on_delete=models.PROTECT, null=True, related_name="document"
    )
    declaration = models.OneToOneField(
        Declaration, on_delete=models.PROTECT, null=True, related_name="document"
    )
    report = models.OneToOneField(
        Report, on_delete=models.PROTECT, null=True, related_name="document"
    )
    certificate = models.ForeignKey(SealCertificate, on_delete=models.PROTECT, related_name="+")
    # "" once the file was deleted after its retention; its hash stays.
    file = models.CharField(max_length=150, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    crc32 = models.PositiveBigIntegerField()
    sealed_at = models.DateTimeField(default=timezone.now)
    # By the authority whose timestamp the file carries; None without one.
    timestamped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "dokumen"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["sha256"], name="document_hash_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["pact", "scan"], signature__isnull=False)
                & Q(declaration__isnull=True, report__isnull=True)
                | Q(kind="declaration", declaration__isnull=False)
                & Q(signature__isnull=True, report__isnull=True)
                | Q(kind="report", report__isnull=False)
                & Q(signature__isnull=True, declaration__isnull=True),
                name="document_of_what_its_kind_says",
            ),
        ]

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
