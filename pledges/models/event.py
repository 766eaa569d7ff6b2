"""Events and the texts that are signed at them."""

from __future__ import annotations

import datetime
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from pledges import keys
from pledges.models.agency import Agency

MAX_POINTS = 20
MAX_TITLE = 200
MAX_WAVES = 20


class ElectionKind(models.TextChoices):
    PEMILU = "pemilu", "Pemilu"
    PILKADA = "pilkada", "Pilkada / Pemilihan"
    PSU = "psu", "Pemungutan suara ulang (PSU)"
    PILKADES = "pilkades", "Pilkades"
    OTHER = "other", "Lainnya"


class Way(models.TextChoices):
    """How people prove who they are; an event offers some of these."""

    SLIP = "slip", "Tautan atau kode pribadi pada slip"
    EMAIL = "email", "Kode sekali pakai lewat surel"
    LOGIN = "login", "Login instansi (SSO)"
    DESK = "desk", "Meja petugas"


def usual_ways() -> list[str]:
    return [Way.SLIP]


def new_event_code() -> str:
    """Six characters: short enough to type from a projector."""
    return keys.random_code(30)


class EventQuerySet(models.QuerySet["Event"]):
    def below(self, agency: Agency) -> Self:
        return self.filter(agency__path__startswith=agency.path)


class Event(models.Model):
    """A gathering at which a pact is signed. Its state changes only in `pledges.events`."""

    class State(models.TextChoices):
        DRAFT = "draft", "Rancangan"
        OPEN = "open", "Dibuka"
        CLOSED = "closed", "Ditutup"

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="events")
    code = models.CharField("kode acara", max_length=8, unique=True, default=new_event_code)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    is_example = models.BooleanField("acara contoh", default=False, editable=False)

    title = models.CharField("judul acara", max_length=250)
    ceremony = models.CharField("bentuk acara", max_length=100, default="apel netralitas")
    election_kind = models.CharField(
        "jenis pemilihan",
        max_length=10,
        choices=ElectionKind.choices,
        default=ElectionKind.PILKADA,
    )
    election = models.CharField("nama pemilihan", max_length=200)
    date = models.DateField("tanggal acara")
    venue = models.CharField("tempat", max_length=200, blank=True)
    presiding_name = models.CharField("nama pimpinan acara", max_length=150, blank=True)
    presiding_position = models.CharField("jabatan pimpinan acara", max_length=150, blank=True)
    deadline = models.DateTimeField("batas waktu menandatangani")

    ways = models.JSONField("cara membuktikan diri", default=usual_ways)
    allows_refusal = models.BooleanField("boleh menyatakan tidak bersedia", default=False)
    # Everybody of this wave and those before it may sign. 0: no wave is open yet.
    open_wave = models.PositiveSmallIntegerField(default=1, editable=False)

    # How long what people signed is kept after the event's date; then `pledges.retention`
    # deletes it and keeps counts and hashes.
    retention_years = models.PositiveSmallIntegerField("masa simpan (tahun)", default=5)
    purged_at = models.DateTimeField(null=True, editable=False)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "acara"
        ordering = ["-date", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft") | Q(published_at__isnull=False),
                name="event_beyond_draft_was_published",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at__isnull=True)),
                name="event_closed_at_iff_closed",
            ),
            models.CheckConstraint(
                condition=Q(retention_years__gte=1, retention_years__lte=30),
                name="event_kept_1_to_30_years",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> ZoneInfo:
        return self.agency.zone

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_closed(self) -> bool:
        return self.state == self.State.CLOSED

    def offers(self, way: Way) -> bool:
        return way in self.ways

    @staticmethod
    def end_of(day: datetime.date, zone: ZoneInfo) -> datetime.datetime:
        """23:59 of a day in a zone, the deadline unless another is set."""
        return datetime.datetime.combine(day, datetime.time(23, 59), tzinfo=zone)


class Wave(models.Model):
    """One turn of those who sign one after the other. An event without waves has one turn.

    Waves are numbered from 1 without a gap; `pledges.waves` alone writes them.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="waves")
    number = models.PositiveSmallIntegerField("nomor")
    name = models.CharField("siapa", max_length=100)
    # Echelons whose people sign in this wave, as roman numbers: "II" stands for II.a and II.b.
    echelons = models.JSONField("eselon", default=list, blank=True)
    expected_at = models.DateTimeField("perkiraan waktu", null=True, blank=True)
    opened_at = models.DateTimeField(null=True, editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "gelombang"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["event", "number"], name="wave_number_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=MAX_WAVES), name="wave_number_1_to_20"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="wave_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"Gelombang {self.number}: {self.name}"


class PactKind(models.TextChoices):
    INDIVIDUAL = "individual", "Pakta integritas"
    DECLARATION = "declaration", "Ikrar bersama"


class Audience(models.TextChoices):
    ALL = "all", "Semua"
    ASN = "asn", "ASN (PNS dan PPPK)"
    NON_ASN = "non_asn", "Non-ASN"


class Pact(models.Model):
    """A text of an event.

    While the event is a draft the text lives in these columns and in the points.
    Publication writes `content`, the canonical JSON of every word and image that is
    shown and not about the signer, and `digest`, its SHA-256; from then on the pact is
    read through `pledges.pact` only.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="pacts")
    kind = models.CharField("jenis", max_length=12, choices=PactKind.choices)
    audience = models.CharField(
        "untuk", max_length=10, choices=Audience.choices, default=Audience.ALL
    )
    title = models.CharField("judul naskah", max_length=MAX_TITLE)
    opening = models.TextField("pembuka")
    closing = models.TextField("penutup", blank=True)
    legal_bases = models.JSONField("dasar hukum", default=list, blank=True)
    # A composed example may be edited but not published before somebody confirms
    # that it now is the agency's own text.
    is_official_text = models.BooleanField("naskah resmi", default=True)
    content = models.TextField(blank=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "naskah"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "kind", "audience"], name="pact_once_per_audience"
            ),
            models.UniqueConstraint(
                fields=["event"],
                condition=Q(kind="declaration"),
                name="pact_one_declaration_per_event",
            ),
            models.CheckConstraint(
                condition=Q(content="", digest="") | (~Q(content="") & ~Q(digest="")),
                name="pact_frozen_with_digest",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_frozen(self) -> bool:
        return bool(self.digest)


class PledgePoint(models.Model):
    pact = models.ForeignKey(Pact, on_delete=models.CASCADE, related_name="points")
    number = models.PositiveSmallIntegerField("nomor")
    text = models.TextField("butir")

    class Meta:
        verbose_name = verbose_name_plural = "butir"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["pact", "number"], name="point_number_once_per_pact"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=MAX_POINTS), name="point_number_1_to_20"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="point_has_text"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text}"
