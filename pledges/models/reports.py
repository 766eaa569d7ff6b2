"""What people report back, and what they are told."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from pledges import keys
from pledges.models.agency import Agency
from pledges.models.event import Event
from pledges.models.signatory import Signatory, Signature


class Correction(models.Model):
    """A request to the unit's officer: "my data are wrong", or "my name is not there"."""

    class State(models.TextChoices):
        OPEN = "open", "Menunggu"
        DONE = "done", "Sudah diperbaiki"
        DECLINED = "declined", "Tidak diperbaiki"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="corrections")
    # Nobody: the name is not on the roster, and `name` and `nip` say who asks.
    signatory = models.ForeignKey(
        Signatory, on_delete=models.CASCADE, null=True, related_name="corrections"
    )
    unit = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("nama", max_length=150, blank=True)
    nip = models.CharField("NIP", max_length=18, blank=True)
    message = models.CharField("yang perlu diperbaiki", max_length=500)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    answer = models.CharField("jawaban", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "permintaan perbaikan"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(signatory__isnull=False) | ~Q(name=""),
                name="correction_says_who_asks",
            ),
            models.UniqueConstraint(
                fields=["signatory"],
                condition=Q(state="open"),
                name="correction_one_open_per_person",
            ),
            models.UniqueConstraint(
                fields=["event", "nip"],
                condition=Q(state="open") & ~Q(nip=""),
                name="correction_one_open_per_nip",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} · {self.unit}"


def new_refusal_code() -> str:
    return keys.random_code(80)


class Refusal(models.Model):
    """Somebody will not sign. For admins' eyes; taken back by signing."""

    signatory = models.ForeignKey(Signatory, on_delete=models.PROTECT, related_name="refusals")
    verification_code = models.CharField(max_length=16, unique=True, default=new_refusal_code)
    reason = models.CharField("alasan", max_length=1000, blank=True)
    refused_at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "pernyataan tidak bersedia"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["signatory"],
                condition=Q(taken_back_at__isnull=True),
                name="refusal_one_standing_per_person",
            ),
        ]

    def __str__(self) -> str:
        return self.verification_code


class Notice(models.Model):
    """The e-mail that tells somebody of a signature in their name, with a "not me" link."""

    signature = models.OneToOneField(Signature, on_delete=models.CASCADE, related_name="notice")
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "pemberitahuan"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["id"], condition=Q(sent_at__isnull=True), name="notice_unsent")
        ]

    def __str__(self) -> str:
        return f"{self.tries} percobaan"


class Dispute(models.Model):
    """Somebody says that a signature in their name is not theirs."""

    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, related_name="dispute")
    message = models.CharField("keterangan", max_length=500, blank=True)
    reported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "laporan bukan saya"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.reported_at:%Y-%m-%d %H:%M}"
