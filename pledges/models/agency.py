"""Agencies and their work units, who may act for them, and the laws they cite."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from treebeard.mp_tree import MP_Node, MP_NodeManager

from pledges.models import rows


class Timezone(models.TextChoices):
    WIB = "Asia/Jakarta", "WIB (Waktu Indonesia Barat)"
    WITA = "Asia/Makassar", "WITA (Waktu Indonesia Tengah)"
    WIT = "Asia/Jayapura", "WIT (Waktu Indonesia Timur)"


class Agency(MP_Node):
    """A government, or a work unit below it; a subtree is one indexed prefix of `path`.

    Letterhead, city and time zone count on the node that holds an event; its units
    inherit them by way of the event.
    """

    name = models.CharField("nama", max_length=200)
    address = models.CharField("alamat pada kop surat", max_length=300, blank=True)
    city = models.CharField("kota pada tempat dan tanggal", max_length=100, blank=True)
    timezone = models.CharField(
        "zona waktu", max_length=20, choices=Timezone.choices, default=Timezone.WIB
    )
    # The name of a PNG in the storage, which is its SHA-256: an image never changes
    # under a pact that was frozen with it.
    logo = models.CharField("lambang", max_length=100, blank=True, editable=False)
    # On a root: everything this agency does is a demonstration and says so.
    is_example = models.BooleanField("instansi contoh", default=False, editable=False)
    # Whoever holds a role here or anywhere below needs a second factor to work.
    requires_second_factor = models.BooleanField(
        "mewajibkan verifikasi dua langkah", default=False, editable=False
    )

    node_order_by: list[str] = []
    objects = MP_NodeManager()

    class Meta:
        verbose_name = verbose_name_plural = "instansi"
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="agency_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def names_below(self, top: int) -> list[str]:
        """Names from the unit right below the agency with this primary key down to this one;
        none for that agency itself."""
        above = [self.path[:end] for end in range(self.steplen, len(self.path), self.steplen)]
        line = rows.columns(Agency, ("id", "name"), by="path", keys=[*above, self.path])
        numbers = [number for number, _ in line]
        return [name for _, name in line[numbers.index(top) + 1 :]]


class Role(models.TextChoices):
    ADMIN = "admin", "Admin"
    OFFICER = "officer", "Petugas unit kerja"
    OVERSEER = "overseer", "Pengawas"


class Membership(models.Model):
    """A role that a user holds for an agency and everything below it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField("peran", max_length=10, choices=Role.choices)
    # Whether an e-mail is to tell of this role, and when the last one went out.
    invitation_is_due = models.BooleanField(default=False, editable=False)
    invited_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "keanggotaan"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "agency", "role"], name="membership_once_per_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.agency}"


class LoginProvider(models.Model):
    """An agency's own login (OpenID Connect), by which its people prove who they are.

    The provider itself is allauth's application; it serves this agency's events and no other's.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="login_providers")
    app = models.OneToOneField(
        "socialaccount.SocialApp", on_delete=models.CASCADE, related_name="login_provider"
    )
    nip_claim = models.CharField("klaim yang memuat NIP", max_length=50, default="nip")

    class Meta:
        verbose_name = verbose_name_plural = "penyedia login"
        constraints = [
            models.UniqueConstraint(fields=["agency"], name="login_provider_once_per_agency"),
            models.CheckConstraint(condition=~Q(nip_claim=""), name="login_provider_has_a_claim"),
        ]

    def __str__(self) -> str:
        return f"{self.app.name} · {self.agency}"


class LegalBasis(models.Model):
    """A law that pacts cite. An event keeps a copy of the title, so this may change freely."""

    title = models.TextField("judul", unique=True)
    valid_from = models.DateField("berlaku sejak", null=True, blank=True)
    revoked_on = models.DateField("dicabut pada", null=True, blank=True)
    replaced_by = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, verbose_name="diganti oleh"
    )
    note = models.TextField("keterangan", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "dasar hukum"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title
