"""The people of an event's roster, their signatures, and the codes they mistyped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.utils import timezone

from pledges import keys, nip
from pledges.models.agency import Agency
from pledges.models.desk import Desk
from pledges.models.event import MAX_WAVES, Audience, Event, Pact, PactKind

if TYPE_CHECKING:
    from pledges.models.collected import Scan
    from pledges.models.document import Document


# What stands where something was deleted after its retention.
ERASED = "(dihapus)"


class Kind(models.TextChoices):
    PNS = "pns", "PNS"
    PPPK = "pppk", "PPPK"
    PPPK_PART_TIME = "pppk_paruh_waktu", "PPPK Paruh Waktu"
    NON_ASN = "non_asn", "Non-ASN"
    # A witness from KPU, Bawaslu or Forkopimda say: signs the declaration, owes no pact.
    OUTSIDE = "outside", "Luar instansi"


class Part(models.TextChoices):
    """What somebody is at the event; all but the signer sign the joint declaration too."""

    SIGNER = "signer", "Penanda tangan"
    PRESIDING = "presiding", "Pimpinan acara"
    REPRESENTATIVE = "representative", "Perwakilan"
    WITNESS = "witness", "Saksi"


class SignatoryQuerySet(models.QuerySet["Signatory"]):
    def active(self) -> Self:
        return self.filter(withdrawn_at__isnull=True)

    def owing(self) -> Self:
        """Those who are asked for a pact of their own."""
        return self.exclude(kind=Kind.OUTSIDE)

    def with_part(self) -> Self:
        """Those who sign the joint declaration, in the order in which they sign it."""
        rank = {Part.PRESIDING: 1, Part.REPRESENTATIVE: 2, Part.WITNESS: 3}
        order = Case(*(When(part=part, then=Value(at)) for part, at in rank.items()))
        return self.exclude(part=Part.SIGNER).order_by(order, "sequence", "number")

    def in_unit(self, unit: Agency) -> Self:
        return self.filter(unit__path__startswith=unit.path)

    def signed(self) -> Self:
        return self.filter(self._has_signature())

    def missing(self) -> Self:
        return self.active().owing().exclude(self._has_signature())

    @staticmethod
    def _has_signature() -> Exists:
        return Exists(Signature.objects.live().of_pacts().filter(signatory=OuterRef("pk")))


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
    part = models.CharField("peran", max_length=15, choices=Part.choices, default=Part.SIGNER)
    # In which capacity somebody with a part signs the declaration: "Ketua Paguyuban Camat".
    capacity = models.CharField("bertindak sebagai", max_length=200, blank=True)
    # Orders representatives, and witnesses, among each other.
    sequence = models.PositiveSmallIntegerField("urutan", default=0)
    wave = models.PositiveSmallIntegerField("gelombang", default=1)
    # What the roster or an admin named; else the wave follows from the event's waves.
    given_wave = models.PositiveSmallIntegerField(null=True, editable=False)
    # Who last printed or showed this person's link and code.
    handed_out_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    # How many of this person's signatures were voided: a ticket of before signs nothing.
    voids = models.PositiveSmallIntegerField(default=0, editable=False)
    # Raised to make all links, codes and tickets of this person void.
    generation = models.PositiveSmallIntegerField(default=1, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When the signing page was first shown to whoever holds the link or code.
    opened_at = models.DateTimeField(null=True, editable=False)
    # When name, numbers and office were deleted after their retention, see `pledges.retention`.
    erased_at = models.DateTimeField(null=True, editable=False)

    objects = SignatoryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "penanda tangan"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["event", "nip"], name="signatory_once_per_nip"),
            models.UniqueConstraint(fields=["event", "nik_hash"], name="signatory_once_per_nik"),
            models.UniqueConstraint(fields=["event", "number"], name="signatory_number_once"),
            models.CheckConstraint(
                condition=~Q(kind="outside")
                & Q(erased_at__isnull=True)
                & (
                    Q(nip__isnull=False, nik_hash__isnull=True, nik_cipher__isnull=True)
                    | Q(nip__isnull=True, nik_hash__isnull=False, nik_cipher__isnull=False)
                )
                | (Q(kind="outside") | Q(erased_at__isnull=False))
                & Q(nip__isnull=True, nik_hash__isnull=True, nik_cipher__isnull=True),
                name="signatory_has_nip_or_nik",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(name=ERASED, email="", phone=""),
                name="signatory_erased_wholly",
            ),
            models.CheckConstraint(
                condition=~Q(kind="outside", part="signer"), name="signatory_outside_has_a_part"
            ),
            models.CheckConstraint(
                condition=Q(wave__gte=1, wave__lte=MAX_WAVES)
                & (Q(given_wave__isnull=True) | Q(given_wave__gte=1, given_wave__lte=MAX_WAVES)),
                name="signatory_wave_1_to_20",
            ),
            models.UniqueConstraint(
                fields=["event"],
                condition=Q(part="presiding", withdrawn_at__isnull=True),
                name="signatory_one_presides",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="signatory_has_a_name"),
        ]
        indexes = [
            models.Index(fields=["event", "unit"], name="signatory_by_unit"),
            models.Index(
                fields=["id"], condition=Q(nik_cipher__isnull=False), name="signatory_with_nik"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audience(self) -> Audience:
        return Audience.NON_ASN if self.kind == Kind.NON_ASN else Audience.ASN

    @property
    def is_outside(self) -> bool:
        return self.kind == Kind.OUTSIDE

    @property
    def has_part(self) -> bool:
        return self.part != Part.SIGNER

    @property
    def identifier_label(self) -> str:
        """ "" for somebody from outside, who is known by name alone, and once it was deleted."""
        if self.is_outside or self.is_erased:
            return ""
        return "NIP" if self.nip else "NIK"

    @property
    def identifier(self) -> str:
        """What stands on the person's pact: the NIP, or the NIK masked."""
        return self.nip or self.masked_identifier

    @property
    def masked_identifier(self) -> str:
        if self.nip:
            return nip.mask_nip(self.nip)
        if self.is_outside or self.is_erased:
            return ""
        return nip.mask_nik(keys.decrypt_nik(self.nik_cipher or ""))

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def is_erased(self) -> bool:
        return self.erased_at is not None


def new_verification_code() -> str:
    return keys.random_code(80)


class SignatureQuerySet(models.QuerySet["Signature"]):
    def live(self) -> Self:
        return self.filter(voided_at__isnull=True)

    def of_pacts(self) -> Self:
        """People's own pacts, without what they signed on the joint declaration."""
        return self.filter(pact__kind=PactKind.INDIVIDUAL)

    def unsealed(self) -> Self:
        """Of people's own pacts; the declaration is one document for many signatures.

        Asked so that PostgreSQL goes through two indexes side by side, and no table.
        """
        return self.of_pacts().filter(document__signature__isnull=True, statement_digest="")


class Signature(models.Model):
    """One person's signature under one pact.

    `statement` is canonical JSON (see `pledges.signing`), written in the signing
    transaction, with everything the PDF says about this act. Issuing and verification
    read statement, mark and frozen pact, nothing else.
    """

    signatory = models.ForeignKey(Signatory, on_delete=models.PROTECT, related_name="signatures")
    pact = models.ForeignKey(Pact, on_delete=models.PROTECT, related_name="signatures")
    verification_code = models.CharField(max_length=16, default=new_verification_code)
    # The nonce of the ticket it was signed with: a ticket signs each text once.
    nonce = models.CharField(max_length=32)
    mark = models.TextField()
    # The columns below repeat what the statement says, to count and compare by.
    mark_digest = models.CharField(max_length=64)
    method = models.CharField(max_length=15)
    statement = models.TextField()
    # Written when statement and mark were deleted after their retention, see `pledges.retention`.
    statement_digest = models.CharField(max_length=64, blank=True)
    signed_at = models.DateTimeField()
    is_late = models.BooleanField(default=False)
    is_sent_later = models.BooleanField(default=False)
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, null=True, related_name="signatures")
    # A keyed hash of a random number that the browser keeps; "" when it sent none.
    device = models.CharField(max_length=64, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    void_reason = models.TextField(blank=True)

    document: Document
    scan: Scan

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
            models.UniqueConstraint(fields=["nonce", "pact"], name="signature_once_per_ticket"),
            # A unique field of text would have a second index, for beginnings of codes.
            models.UniqueConstraint(fields=["verification_code"], name="signature_code_once"),
        ]
        indexes = [
            # What is to be compared with the documents to find those without one.
            models.Index(
                fields=["id", "pact"],
                condition=Q(voided_at__isnull=True, statement_digest=""),
                name="signature_to_seal",
            ),
            # All that progress asks of 200,000 signatures, so that none of them is read for it.
            models.Index(
                fields=["pact", "signatory", "is_late", "method", "signed_at", "id"],
                condition=Q(voided_at__isnull=True),
                name="signature_live",
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
    # Of the last wrong code, keyed: one code tried on many numbers shows.
    code_hash = models.CharField(max_length=64, blank=True)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "percobaan kode"
        constraints = [
            models.UniqueConstraint(
                fields=["event", "identifier_hash"], name="code_attempt_once_per_identifier"
            ),
        ]
        indexes = [
            models.Index(fields=["event", "failed_at"], name="code_attempt_latest"),
            models.Index(fields=["event", "code_hash"], name="code_attempt_by_code"),
        ]

    def __str__(self) -> str:
        return f"{self.failures} percobaan"


class EmailCode(models.Model):
    """A one-time code that was sent, or is to be sent, to somebody's e-mail address.

    The code itself is derived from this row's number and key, and stored nowhere.
    """

    signatory = models.ForeignKey(Signatory, on_delete=models.CASCADE, related_name="email_codes")
    created_at = models.DateTimeField(default=timezone.now)
    # When the mail server took it; None while it is due.
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    # When it was used, or a newer one took its place.
    spent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "kode surel"
        constraints = [
            models.UniqueConstraint(
                fields=["signatory"],
                condition=Q(spent_at__isnull=True),
                name="email_code_one_unspent",
            ),
        ]
        indexes = [
            models.Index(fields=["signatory", "created_at"], name="email_code_latest"),
            models.Index(
                fields=["created_at"], condition=Q(sent_at__isnull=True), name="email_code_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"
