"""Accounts of organisers: nobody signs up, people are invited to a role.

Whoever loses a role or an account is logged out everywhere, and no agency loses its last admin.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from smtplib import SMTPException

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from pledges import audit, sessions
from pledges.audit import Actor
from pledges.models import Agency, Membership, Role

logger = logging.getLogger(__name__)

# Of Django's column for the name of a user, which is the e-mail address here.
LONGEST_EMAIL = 150


# What somebody is told by e-mail when their account changed; the first by allauth's names.
CHANGES = {
    "password_set": "Kata sandi akun Anda dibuat.",
    "password_changed": "Kata sandi akun Anda diganti.",
    "password_reset": "Kata sandi akun Anda dibuat baru lewat surel.",
    "totp_activated": "Aplikasi autentikator dipasang pada akun Anda.",
    "totp_deactivated": "Aplikasi autentikator dilepas dari akun Anda.",
    "webauthn_added": "Kunci sandi ditambahkan pada akun Anda.",
    "webauthn_removed": "Kunci sandi dihapus dari akun Anda.",
    "recovery_codes_generated": "Kode cadangan akun Anda diganti dengan yang baru.",
    "second_factors_reset": (
        "Verifikasi dua langkah akun Anda dihapus oleh admin, dan Anda dikeluarkan dari semua "
        "perangkat. Masuklah dengan kata sandi, lalu pasang lagi."
    ),
    "logged_out": "Admin mengeluarkan akun Anda dari semua perangkat. Masuklah kembali.",
    "deactivated": "Akun Anda dinonaktifkan oleh admin.",
    "activated": "Akun Anda diaktifkan lagi oleh admin.",
}


class NotDone(Exception):
    """The message is for whoever wanted to change an account or a role."""


class OwnRole(NotDone):
    """Nobody takes their own role away: the last admin could not give it back."""

    def __init__(self) -> None:
        super().__init__("Peran Anda sendiri hanya dapat dicabut atau diubah oleh admin lain.")


class OwnAccount(NotDone):
    def __init__(self) -> None:
        super().__init__("Anda tidak dapat menonaktifkan akun Anda sendiri. Minta admin lain.")


class LastAdmin(NotDone):
    def __init__(self, agency: Agency) -> None:
        super().__init__(
            f"{agency.name} akan tidak mempunyai admin lagi. Tunjuk admin lain dahulu, dan tunggu "
            "sampai ia membuat kata sandinya."
        )


class RoleHeldAlready(NotDone):
    def __init__(self) -> None:
        super().__init__("Peran itu sudah dipegangnya di unit itu.")


@dataclass(frozen=True, slots=True)
class Invitation:
    email: str
    name: str
    unit: Agency
    role: Role = Role.OFFICER


@transaction.atomic
def invite(invitations: Iterable[Invitation], *, by: Actor) -> list[Membership]:
    """Give people their roles, and an account without a password to those who have none.

    Returns the roles that are new. Their e-mails are sent by `send_invitations`.
    """
    granted = [_grant(invitation) for invitation in invitations]
    new = [membership for membership, is_new in granted if is_new]
    for membership in new:
        audit.record(
            by=by, action="role.grant", target=membership,
            user=membership.user_id, agency=membership.agency_id, role=membership.role,
        )  # fmt: skip
    return new


def _grant(invitation: Invitation) -> tuple[Membership, bool]:
    return Membership.objects.get_or_create(
        user=_account(invitation),
        agency=invitation.unit,
        role=invitation.role,
        defaults={"invitation_is_due": True},
    )


def _account(invitation: Invitation) -> User:
    email = invitation.email.lower()
    existing = User.objects.filter(email__iexact=email).first()
    if existing:
        return existing
    # Without a password: only the e-mailed link can set one.
    return User.objects.create_user(email, email, first_name=invitation.name[:150])


@transaction.atomic
def remove(membership: Membership, *, by: Actor) -> None:
    """Raises OwnRole or LastAdmin."""
    _require_takeable(membership, by=by)
    audit.record(
        by=by, action="role.remove", target=membership,
        user=membership.user_id, agency=membership.agency_id, role=membership.role,
    )  # fmt: skip
    membership.delete()
    sessions.end(membership.user)


@transaction.atomic
def change(membership: Membership, *, role: Role, unit: Agency, by: Actor) -> None:
    """Give somebody another role instead, or the same one elsewhere, and tell by e-mail.

    Raises OwnRole, LastAdmin or RoleHeldAlready.
    """
    if (membership.role, membership.agency_id) == (role, unit.pk):
        return
    _require_takeable(membership, by=by)
    held = Membership.objects.filter(user=membership.user_id, agency=unit, role=role)
    if held.exists():
        raise RoleHeldAlready
    audit.record(
        by=by, action="role.change", target=membership, user=membership.user_id,
        agency=unit.pk, role=role, was_agency=membership.agency_id, was_role=membership.role,
    )  # fmt: skip
    membership.role, membership.agency, membership.invitation_is_due = role, unit, True
    membership.save(update_fields=["role", "agency", "invitation_is_due"])
    sessions.end(membership.user)


@transaction.atomic
def deactivate(user: User, *, by: Actor) -> None:
    """The roles stay on record; nobody logs in with this account, or is still logged in.

    Raises OwnAccount or LastAdmin.
    """
    if by is not None and user.pk == by.pk:
        raise OwnAccount
    _require_other_admins(list(user.memberships.select_related("agency")))
    user.is_active = False
    user.save(update_fields=["is_active"])
    audit.record(by=by, action="account.deactivate", target=user, sessions=sessions.end(user))


@transaction.atomic
def activate(user: User, *, by: Actor) -> None:
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.record(by=by, action="account.activate", target=user)


@transaction.atomic
def log_out(user: User, *, by: Actor) -> int:
    """Everywhere; how many sessions that were."""
    ended = sessions.end(user)
    audit.record(by=by, action="account.log_out", target=user, sessions=ended)
    return ended


def _require_takeable(membership: Membership, *, by: Actor) -> None:
    if by is not None and membership.user_id == by.pk:
        raise OwnRole
    _require_other_admins([membership])


def _require_other_admins(lost: list[Membership]) -> None:
    """For each role of an admin among them; one of an agency above will do.

    The governments are locked, so that two admins do not remove each other at the same moment.
    """
    admins = [membership for membership in lost if membership.role == Role.ADMIN]
    roots = {membership.agency.path[: Agency.steplen] for membership in admins}
    list(Agency.objects.select_for_update().filter(path__in=roots).order_by("path"))
    for membership in admins:
        if not _admins_of(membership.agency).exclude(pk__in=[each.pk for each in lost]).exists():
            raise LastAdmin(membership.agency)


def _admins_of(agency: Agency) -> QuerySet[Membership]:
    """The roles by which somebody who can log in administers an agency."""
    ends = range(Agency.steplen, len(agency.path) + 1, Agency.steplen)
    return Membership.objects.filter(
        role=Role.ADMIN, agency__path__in=[agency.path[:end] for end in ends], user__is_active=True
    ).exclude(user__password__startswith=UNUSABLE_PASSWORD_PREFIX)


@transaction.atomic
def invite_again(membership: Membership, *, by: Actor) -> None:
    """Have the e-mail sent once more, with a new link."""
    membership.invitation_is_due = True
    membership.save(update_fields=["invitation_is_due"])
    audit.record(by=by, action="role.invite_again", target=membership)


def send_invitations() -> int:
    """Send every e-mail that is due, and mark it then: rather twice than never. One that
    fails stays due."""
    due = Membership.objects.filter(invitation_is_due=True, user__is_active=True)
    due = due.select_related("user", "agency")
    return sum(_send(membership) for membership in due)


def _send(membership: Membership) -> bool:
    try:
        _email(membership).send()
    except (SMTPException, OSError):
        logger.exception("Invitation %s could not be sent", membership.pk)
        return False
    membership.invitation_is_due = False
    membership.invited_at = timezone.now()
    membership.save(update_fields=["invitation_is_due", "invited_at"])
    return True


def _email(membership: Membership) -> EmailMessage:
    user = membership.user
    context = {
        "membership": membership,
        "name": user.get_full_name() or user.email,
        "link": _address("account_login") if user.has_usable_password() else _password_link(user),
        "is_new": not user.has_usable_password(),
        "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
        "reset": _address("account_reset_password"),
    }
    return EmailMessage(
        # On one line: a line break in it would stop all that are sent after this one.
        subject=" ".join(render_to_string("email/invitation_subject.txt", context).split()),
        body=render_to_string("email/invitation.txt", context),
        to=[user.email],
    )


def tell_of_change(user: User, change: str) -> None:
    """Raises what says that the mail server did not take it."""
    context = {
        "name": user.get_full_name() or user.email,
        "change": CHANGES[change],
        "reset": _address("account_reset_password"),
    }
    EmailMessage(
        subject="Perubahan pada akun Pakta Anda",
        body=render_to_string("email/account_changed.txt", context),
        to=[user.email],
    ).send()


def send_password_link(user: User) -> None:
    """To the address on record, however it was spelled by whoever asked. Raises as above."""
    EmailMessage(
        subject="Kata sandi baru untuk Pakta",
        body=render_to_string("email/password_link.txt", {"link": _password_link(user)}),
        to=[user.email],
    ).send()


def _password_link(user: User) -> str:
    """allauth's own page for setting a password; the key is void once one was set."""
    return _address(
        "account_reset_password_from_key",
        uidb36=user_pk_to_url_str(user),
        key=default_token_generator.make_token(user),
    )


def _address(name: str, **arguments: str) -> str:
    """From BASE_URL like every link: whoever asks for it may name any host."""
    return f"{settings.BASE_URL}{reverse(name, kwargs=arguments)}"
