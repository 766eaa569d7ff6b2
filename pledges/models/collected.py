"""What is taken away when the work is done: sealed reports, exports, scans of wet signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from pledges import keys
from pledges.models.agency import Agency
from pledges.models.event import Event
from pledges.models.signatory import Signatory, Signature

if TYPE_CHECKING:
    from pledges.models.document import Document


class ReportQuerySet(models.QuerySet["Report"]):
    def live(self) -> Self:
        return self.filter(voided_at__isnull=True)

    def unsealed(self) -> Self:
        return self.filter(document__isnull=True, statement_digest="")

    def ended_by_reopening(self) -> Self:
        """Those that say how it ended; what is odd stays odd when more people sign."""
        return self.live().filter(kind__in=[Report.Kind.RECAP, Report.Kind.MINUTES])

    def void(self, reason: str) -> int:
        """Those that stood, at this moment; how many they were."""
        return self.live().update(voided_at=timezone.now(), void_reason=reason)


def new_report_code() -> str:
    return keys.random_code(80)


class Report(models.Model):
    """What was on record of an event or unit at one moment, as a sealed document.

    `statement` is canonical JSON (see `pledges.reports`) with every number and line that the
    PDF and the spreadsheet say; both are made of it and of nothing else.
    """

    class Kind(models.TextChoices):
        RECAP = "recap", "Rekapitulasi"
        MINUTES = "minutes", "Berita acara"
        PLAUSIBILITY = "plausibility", "Laporan kewajaran"

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="reports")
    unit = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("jenis", max_length=12, choices=Kind.choices)
    verification_code = models.CharField(max_length=16, unique=True, default=new_report_code)
    statement = models.TextField()
    # Written when the statement itself was deleted after its retention, see `pledges.retention`.
    statement_digest = models.CharField(max_length=64, blank=True)
    # Counts or names those who declined: for nobody but who manages the event.
    tells_refusals = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    voided_at = models.DateTimeField(null=True)
    void_reason = models.TextField(blank=True)

    document: Document

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "laporan"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True) | ~Q(void_reason=""),
                name="report_voided_with_reason",
            ),
            models.UniqueConstraint(
                fields=["event"],
                condition=Q(kind="minutes", voided_at__isnull=True),
                name="report_one_live_minutes_per_event",
            ),
        ]

    def __str__(self) -> str:
        return self.verification_code


class Export(models.Model):
    """Documents to take away, fixed at the moment they were asked for.

    The same export is the same bytes however often and in however many pieces it is taken:
    `index`, in the storage, lists what goes in, and nothing that is signed later does.
    """

    class Kind(models.TextChoices):
        DOCUMENTS = "documents", "Dokumen bersegel (ZIP)"
        BOOK = "book", "Buku pakta untuk dicetak (PDF)"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="exports")
    unit = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("jenis", max_length=10, choices=Kind.choices)
    # Whom it is about, as `progress.Status`; "" for everybody who has signed.
    status = models.CharField("status", max_length=15, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    documents = models.PositiveIntegerField(default=0)
    # How many were still waiting for their seal, and are not in it.
    waiting = models.PositiveIntegerField(default=0)
    # In the storage. Of a book the finished PDF; empty while the background makes it.
    index = models.CharField(max_length=150, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    # Of what is taken away, in bytes.
    size = models.PositiveBigIntegerField(default=0)
    # How many pages of a book are done, and why it failed.
    done = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "unduhan"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.unit}"


class Scan(models.Model):
    """One photographed or scanned sheet with a wet signature, on its way to its person."""

    class State(models.TextChoices):
        READING = "reading", "Sedang dibaca"
        # What waits for a human: no QR, two, another event's, somebody who has signed.
        TRAY = "tray", "Perlu diperiksa"
        FILED = "filed", "Sudah dicatat"
        DISCARDED = "discarded", "Dibuang"

    class Problem(models.TextChoices):
        """Why a sheet waits in the tray, in words for the officer."""

        READY = "ready", "Kode QR sudah terbaca, tetapi belum sempat dicatat."
        UNREADABLE = (
            "unreadable",
            "Tidak ada kode QR lembar pakta yang terbaca pada foto ini. Pilih sendiri orangnya, "
            "atau foto lagi dengan kode QR yang utuh dan terang.",
        )
        SEVERAL = (
            "several",
            "Ada lebih dari satu kode QR lembar pakta pada foto ini. Foto lembarnya satu per satu.",
        )
        OTHER_EVENT = (
            "other_event",
            "Kode QR ini milik lembar dari acara lain. Unggah fotonya pada acara itu.",
        )
        NOT_IN_CARE = "not_in_care", "Kode QR ini milik orang di luar unit pengunggahnya."
        SIGNED = (
            "signed",
            "Orang ini sudah menandatangani, jadi lembar ini tidak diperlukan lagi. "
            "Terima kasih; fotonya boleh dibuang.",
        )
        FORGED = (
            "forged",
            "Kode QR pada lembar ini bukan dari sini, atau diubah. Lembarnya tidak dapat dicatat.",
        )
        OUTDATED = (
            "outdated",
            "Lembar ini tidak berlaku lagi: sesudah dicetak, NIP atau NIK orang ini diganti atau "
            "tanda tangannya dibatalkan. Cetak lembar baru untuk ditandatangani.",
        )
        TEXT_CHANGED = (
            "text_changed",
            "Naskah pakta sudah berubah sejak lembar ini dicetak. Cetak lembar baru untuk "
            "ditandatangani.",
        )
        CLOSED = (
            "closed",
            "Acara sedang tidak dibuka. Lembar ini dicatat bila acara dibuka lagi.",
        )
        NOT_TURN = (
            "not_turn",
            "Gelombang orang ini belum dibuka. Lembar ini dicatat sesudah gelombangnya dibuka.",
        )
        WITHDRAWN = "withdrawn", "Orang ini sudah dikeluarkan dari daftar penanda tangan."
        BROKEN = (
            "broken",
            "Berkas ini rusak atau terkunci sandi, jadi tidak dapat dibuka. Foto atau pindai lagi "
            "lembarnya.",
        )
        TOO_LARGE = (
            "too_large",
            "Gambar ini terlalu besar untuk dibuka. Foto lagi dengan resolusi biasa.",
        )
        TOO_LONG = (
            "too_long",
            "PDF ini mempunyai terlalu banyak halaman. Bagi menjadi beberapa berkas.",
        )
        TOO_HARD = (
            "too_hard",
            "Membaca berkas ini memakan terlalu banyak waktu atau memori, jadi dihentikan. Foto "
            "lagi lembarnya dengan kamera biasa, lalu unggah fotonya.",
        )
        INTERRUPTED = (
            "interrupted",
            "Pembacaan berkas ini terputus, dan tidak diulangi dengan sendirinya. Buang berkas "
            "ini, lalu unggah lagi atau foto lagi lembarnya.",
        )
        REPEATED = "repeated", "Lembar yang sama persis sudah pernah diunggah."

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="scans")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(default=timezone.now)
    filename = models.CharField("nama berkas", max_length=200)
    # Of a PDF with several sheets; 1 for a photograph.
    page = models.PositiveSmallIntegerField("halaman", default=1)
    # SHA-256 of the file as it was uploaded, to tell who uploads the same one twice.
    source = models.CharField(max_length=64)
    # In the storage: the upload as it came while it is being read, then one sheet as a JPEG
    # under its hash. "" once it was discarded, or when it could not be opened.
    file = models.CharField(max_length=150, blank=True)
    sha256 = models.CharField(max_length=64)
    # What the sheet's QR code says, see `pledges.paper.codes`; "" when none was read.
    code = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READING)
    # Since when the upload is in the hands of its reader; what is still there after that one's
    # time killed a worker, or was with it when it died.
    begun_at = models.DateTimeField(null=True)
    # A `Problem` while it is in the tray.
    problem = models.CharField(max_length=15, blank=True)
    # Whom the QR names, or whom an officer chose.
    signatory = models.ForeignKey(
        Signatory, on_delete=models.PROTECT, null=True, related_name="scans"
    )
    signature = models.OneToOneField(
        Signature, on_delete=models.PROTECT, null=True, related_name="scan"
    )

    class Meta:
        verbose_name = verbose_name_plural = "pindaian"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="filed", signature__isnull=False)
                | ~Q(state="filed") & Q(signature__isnull=True),
                name="scan_filed_with_its_signature",
            ),
            models.UniqueConstraint(
                fields=["event", "sha256"],
                condition=~Q(state="discarded"),
                name="scan_once_per_sheet",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.filename} · {self.page}"

    @property
    def reason(self) -> str:
        return self.Problem(self.problem).label if self.problem else ""

    @property
    def is_reading(self) -> bool:
        return self.state == self.State.READING

    @property
    def waits(self) -> bool:
        return self.state == self.State.TRAY

    @property
    def may_be_chosen_for(self) -> bool:
        """Whether an officer's word may stand in for the code: only where none was read."""
        return self.waits and self.problem == self.Problem.UNREADABLE
