"""The people of an event's roster, their signatures, and the codes they mistyped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from pledges import keys, nip
from pledges.models.agency import Agency
from pledges.models.event import Audience, Event, Pact

if TYPE_CHECKING:
    from pledges.models.document import Document


class Kind(models.TextChoices):
    PNS = "pns", "PNS"
    PPPK = "pppk", "PPPK"
    PPPK_PART_TIME = "pppk_paruh_waktu", "PPPK Paruh Waktu"
    NON_ASN = "non_asn", "Non-ASN"


class SignatoryQuerySet(models.QuerySet["Signatory"]):
    def active(self) -> Self:
        return self.filter(withdrawn_at__isnull=True)

    def in_unit(self, unit: Agency) -> Self:
        return self.filter(unit__path__startswith=unit.path)

    def signed(self) -> Self:
        return self.filter(self._has_signature())

    def missing(self) -> Self:
        return self.active().exclude(self._has_signature())

    @staticmethod
    def _has_signature() -> Exists:
        return Exists(Signature.objects.live().filter(signatory=OuterRef("pk")))


class Signatory(models.Model):
    """One person in one event.

    A PNS or PPPK has a NIP; a non-ASN person has a NIK, which is kept encrypted and
    found by a keyed hash.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="signatories")
    unit = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    # The serial number on the person's pact: 1, 2, 3 … in the order of enrolment.
    number = models.PositiveIntegerField("nomor urut")
    kind = models.CharField("jenis kepegawaian", max_length=20, choices=Kind.choices)
    name = models.CharField("nama lengkap dan gelar", max_length=150)
    nip = models.CharField("NIP", max_length=18, null=True, blank=True)
    nik_cipher = models.TextField(null=True, blank=True, editable=False)
    nik_hash = models.CharField(max_length=64, null=True, blank=True, editable=False)
    rank = models.CharField("pangkat", max_length=50, blank=True)
    grade = models.CharField("golongan ruang", max_length=10, blank=True)
    position = models.CharField("jabatan", max_length=200, blank=True)
    echelon = models.CharField("eselon", max_length=10, blank=True)
    email = models.EmailField("surel", blank=True)
    phone = models.CharField("nomor WhatsApp", max_length=20, blank=True)
    # Raised to make all links, codes and tickets of this person void.
    generation = models.PositiveSmallIntegerField(default=1, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SignatoryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "penanda tangan"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["event", "nip"], name="signatory_once_per_nip"),
            models.UniqueConstraint(fields=["event", "nik_hash"], name="signatory_once_per_nik"),
            models.UniqueConstraint(fields=["event", "number"], name="signatory_number_once"),
            models.CheckConstraint(
                condition=Q(nip__isnull=False, nik_hash__isnull=True, nik_cipher__isnull=True)
                | Q(nip__isnull=True, nik_hash__isnull=False, nik_cipher__isnull=False),
                name="signatory_has_nip_or_nik",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="signatory_has_a_name"),
        ]
        indexes = [models.Index(fields=["event", "unit"], name="signatory_by_unit")]

    def __str__(self) -> str:
        return self.name

    @property
    def audience(self) -> Audience:
        return Audience.NON_ASN if self.kind == Kind.NON_ASN else Audience.ASN

    @property
    def identifier_label(self) -> str:
        return "NIP" if self.nip else "NIK"

    @property
    def identifier(self) -> str:
        """What stands on the person's pact: the NIP, or the NIK masked."""
        return self.nip or self.masked_identifier

    @property
    def masked_identifier(self) -> str:
        if self.nip:
            return nip.mask_nip(self.nip)
        return nip.mask_nik(keys.decrypt_nik(self.nik_cipher or ""))

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None


def new_verification_code() -> str:
    return keys.random_code(80)


class SignatureQuerySet(models.QuerySet["Signature"]):
    def live(self) -> Self:
        return self.filter(voided_at__isnull=True)

    def unsealed(self) -> Self:
        return self.filter(document__isnull=True)


class Signature(models.Model):
    """One person's signature under one pact.

    `statement` is canonical JSON (see `pledges.signing`), written in the signing
    transaction, with everything the PDF says about this act. Issuing and verification
    read statement, mark and frozen pact, nothing else.
    """

    signatory = models.ForeignKey(Signatory, on_delete=models.PROTECT, related_name="signatures")
    pact = models.ForeignKey(Pact, on_delete=models.PROTECT, related_name="signatures")
    verification_code = models.CharField(max_length=16, unique=True, default=new_verification_code)
    # The nonce of the ticket it was signed with: a ticket signs once.
    nonce = models.CharField(max_length=32, unique=True)
    mark = models.TextField()
    statement = models.TextField()
    signed_at = models.DateTimeField()
    is_late = models.BooleanField(default=False)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    document: Document

    objects = SignatureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "tanda tangan"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["signatory", "pact"],
                condition=Q(voided_at__isnull=True),
                name="signature_one_live_per_pact",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True) | ~Q(void_reason=""),
                name="signature_voided_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.verification_code


class CodeAttempt(models.Model):
    """Wrong codes typed for one identifier of one event.

    Counted for the identifier, never for a network address: a whole hall sits behind one.
    Kept under a keyed hash and for unknown identifiers too, so that known and unknown
    ones answer alike.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    identifier_hash = models.CharField(max_length=64)
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "percobaan kode"
        constraints = [
            models.UniqueConstraint(
                fields=["event", "identifier_hash"], name="code_attempt_once_per_identifier"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.failures} percobaan"
