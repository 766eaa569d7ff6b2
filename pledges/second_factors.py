"""The second step when logging in: who has one, where it is asked for, and taking it away.

Passkeys, codes of an app and recovery codes are allauth's (`allauth.mfa`). What they are
computed from is encrypted as NIK are, and `rotate_nik_key` gives it the new key too.
"""

from __future__ import annotations

from collections.abc import Collection

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AbstractBaseUser, User
from django.db import transaction
from django.db.models import QuerySet

from pledges import audit, keys, sessions
from pledges.audit import Actor
from pledges.models import Agency

_STEPS = (Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP)


def steps(user: AbstractBaseUser) -> QuerySet[Authenticator]:
    """What somebody logs in with; recovery codes alone are nothing to log in with."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=user.pk, type__in=_STEPS)
    return found


def owners(users: Collection[int]) -> set[int]:
    """Which of these users have a second factor, by their numbers."""
    found = Authenticator.objects.filter(user__in=users, type__in=_STEPS)
    return set(found.values_list("user", flat=True))


def encrypt(text: str) -> str:
    return keys.nik_key().encrypt(text.encode()).decode()


def decrypt(cipher: str) -> str:
    """Raises WrongNikKey."""
    return keys.nik_key().decrypt(cipher.encode()).decode()


@transaction.atomic
def require(agency: Agency, *, required: bool, by: Actor) -> None:
    """Of everybody with a role in an agency or below it, from their next page on."""
    agency.requires_second_factor = required
    agency.save(update_fields=["requires_second_factor"])
    audit.record(by=by, action="second_factor.require", target=agency, required=required)


@transaction.atomic
def reset(user: User, *, by: Actor) -> None:
    """For who lost all of them; whoever found the device is logged out."""
    factors, _ = Authenticator.objects.filter(user=user).delete()
    ended = sessions.end(user)
    audit.record(by=by, action="second_factor.reset", target=user, factors=factors, sessions=ended)
