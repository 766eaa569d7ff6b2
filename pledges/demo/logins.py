"""Accounts to look around with. Their password is printed and public: for demonstrations only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from pledges.demo.sources import Source
from pledges.models import Agency, Event, Membership, Role

PASSWORD = "contoh-bukan-rahasia"  # noqa: S105 - meant to be known
SUPERUSER = "superuser@contoh.example"


@dataclass(frozen=True, slots=True)
class Login:
    email: str
    role: str


def that_work() -> QuerySet[User]:
    """Their addresses end as no real one does, whatever became of their password."""
    return User.objects.filter(is_active=True, email__iendswith="contoh.example")


@transaction.atomic
def make(loaded: Iterable[tuple[Source, Event]]) -> list[Login]:
    """One superuser; an admin of each agency; of the first also an officer and an overseer,
    and an Inspektorat where the source says that it checks.

    Accounts that are there already stay as they are, changed passwords included.
    """
    (source, event), *others = loaded
    health = Agency.objects.get_children(event.agency).get(name="Dinas Kesehatan")
    return [
        _superuser(),
        *(_member("admin", Role.ADMIN, s, e.agency) for s, e in [(source, event), *others]),
        _member("petugas", Role.OFFICER, source, health),
        _member("pengawas", Role.OVERSEER, source, event.agency),
        *(
            _member("inspektorat", Role.OVERSEER, s, e.agency)
            for s, e in others
            if "Inspektorat" in s.data.get("oversight", "")
        ),
    ]


def _superuser() -> Login:
    if not User.objects.filter(email=SUPERUSER).exists():
        User.objects.create_superuser(SUPERUSER, SUPERUSER, PASSWORD)
    return Login(SUPERUSER, "Superuser")


def _member(name: str, role: Role, source: Source, agency: Agency) -> Login:
    email = f"{name}@{source.domain}"
    user = User.objects.filter(email=email).first()
    user = user or User.objects.create_user(email, email, PASSWORD)
    Membership.objects.get_or_create(user=user, agency=agency, role=role)
    return Login(email, f"{role.label}, {agency.name}")
