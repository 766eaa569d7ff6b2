"""Accounts of organisers: nobody signs up, people are invited to a role."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from smtplib import SMTPException

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from pledges import audit
from pledges.audit import Actor
from pledges.models import Agency, Membership, Role

logger = logging.getLogger(__name__)

# Of Django's column for the name of a user, which is the e-mail address here.
LONGEST_EMAIL = 150


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Accounts come from the superuser and from invitations only."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "Alamat surel atau kata sandi tidak cocok.",
        "enter_current_password": "Kata sandi yang sekarang tidak cocok.",
        "too_many_login_attempts": (
            "Terlalu banyak percobaan masuk yang gagal. Coba lagi beberapa menit lagi."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """From BASE_URL like every link: whoever asks for it may name any host."""
        user, _, token = key.partition("-")
        return _absolute("account_reset_password_from_key", uidb36=user, key=token)


class OwnRole(Exception):
    """Nobody takes their own role away: the last admin could not give it back."""

    def __init__(self) -> None:
        super().__init__("Anda tidak dapat mencabut peran Anda sendiri. Minta admin lain.")


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
    if by is not None and membership.user_id == by.pk:
        raise OwnRole
    audit.record(
        by=by, action="role.remove", target=membership,
        user=membership.user_id, agency=membership.agency_id, role=membership.role,
    )  # fmt: skip
    membership.delete()


@transaction.atomic
def invite_again(membership: Membership, *, by: Actor) -> None:
    """Have the e-mail sent once more, with a new link."""
    membership.invitation_is_due = True
    membership.save(update_fields=["invitation_is_due"])
    audit.record(by=by, action="role.invite_again", target=membership)


def send_invitations() -> int:
    """Send every e-mail that is due, and mark it then: rather twice than never. One that
    fails stays due."""
    due = Membership.objects.filter(invitation_is_due=True).select_related("user", "agency")
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
        "link": _absolute("account_login") if user.has_usable_password() else _password_link(user),
        "is_new": not user.has_usable_password(),
        "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
        "reset": _absolute("account_reset_password"),
    }
    return EmailMessage(
        # On one line: a line break in it would stop all that are sent after this one.
        subject=" ".join(render_to_string("email/invitation_subject.txt", context).split()),
        body=render_to_string("email/invitation.txt", context),
        to=[user.email],
    )


def _password_link(user: User) -> str:
    """allauth's own page for setting a password; the key is void once one was set."""
    return _absolute(
        "account_reset_password_from_key",
        uidb36=user_pk_to_url_str(user),
        key=default_token_generator.make_token(user),
    )


def _absolute(name: str, **arguments: str) -> str:
    return f"{settings.BASE_URL}{reverse(name, kwargs=arguments)}"
