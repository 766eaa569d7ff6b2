"""Proof by a one-time code that is e-mailed to the address on the roster.

Eight digits, ten minutes, five tries, one use; a newer code replaces the older. The code is
derived from its row, so it is stored nowhere, and it is never logged. Who asks for a code,
and who types a wrong one, learns nothing of the number: known and unknown are answered alike.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone

from pledges import guesses, identity, keys
from pledges.identity import NotIdentified, Ticket, WayNotOffered, Withdrawn
from pledges.models import EmailCode, Event, Signatory, Way

logger = logging.getLogger(__name__)

DIGITS = 8
VALID = timedelta(minutes=10)
MAX_TRIES = 5
MAX_PER_HOUR = 5
RETRY = timedelta(seconds=30)

_SALT = "pledges.mailed"
# Backends that keep e-mails on this machine instead of sending them.
_LOCAL = ("filebased", "console", "dummy")


class WrongEmailCode(NotIdentified):
    """One answer to everything that can be the matter; the page tells the rules beside it."""

    def __init__(self) -> None:
        super().__init__(
            "Kode ini tidak cocok atau tidak berlaku lagi. Periksa lagi kode pada surel yang "
            "terbaru, atau minta kode baru."
        )


class StaleQuestion(NotIdentified):
    def __init__(self) -> None:
        super().__init__(
            "Sudah lebih dari sepuluh menit sejak kode diminta, jadi kodenya tidak berlaku lagi. "
            "Minta kode baru; belum ada yang tersimpan atas nama Anda."
        )


@dataclass(frozen=True, slots=True)
class Question:
    """What the page keeps of whoever asked for a code, and who that is; 0 for nobody."""

    sealed: str
    signatory: int


def is_set_up() -> bool:
    """Whether this server sends e-mails at all."""
    return not any(name in settings.EMAIL_BACKEND for name in _LOCAL)


def is_disturbed() -> bool:
    """Whether a code that should have left by now has not: told to everybody who asks."""
    now = timezone.now()
    return EmailCode.objects.filter(
        sent_at__isnull=True,
        spent_at__isnull=True,
        created_at__gt=now - VALID,
        created_at__lt=now - RETRY / 2,
    ).exists()


def ask(event: Event, *, identifier: str) -> Question:
    """Writes nothing: whoever sends the code makes it, so that a number that nobody has takes
    the same work."""
    if not event.offers(Way.EMAIL):
        raise WayNotOffered
    person = identity.find(event, identifier)
    return Question(signing.dumps([event.pk, identifier], salt=_SALT), person.pk if person else 0)


@transaction.atomic
def make(signatory: int) -> EmailCode | None:
    """A code for somebody who asked; None for who has no address or asked too often."""
    person = Signatory.objects.select_for_update().filter(pk=signatory).first()
    if person is None or person.is_withdrawn or not person.email:
        return None
    now = timezone.now()
    lately = person.email_codes.filter(created_at__gt=now - timedelta(hours=1))
    if lately.count() >= MAX_PER_HOUR:
        return None
    person.email_codes.filter(spent_at__isnull=True).update(spent_at=now)
    return person.email_codes.create()


def code_of(row: EmailCode) -> str:
    return keys.derived_digits("email-code", row.pk, row.signatory_id, count=DIGITS)


def send(pk: int) -> bool:
    """Whether nothing is left to do. Sends no code that was replaced or has run out."""
    row = EmailCode.objects.filter(pk=pk).select_related("signatory__event__agency").first()
    if row is None or row.sent_at or row.spent_at or _expires(row) < timezone.now():
        return True
    try:
        _email(row).send()
    except (OSError, ValueError) as error:
        # Its own words may quote the address.
        logger.warning("E-mail code %s was not sent: %s", pk, type(error).__name__)
        if not _is_final(error):
            return False
    EmailCode.objects.filter(pk=pk).update(sent_at=timezone.now())
    return True


def _expires(row: EmailCode) -> datetime:
    return row.created_at + VALID


def _is_final(error: Exception) -> bool:
    """Whether this address will never be taken: it is malformed, or its server refuses it."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, ValueError)


def _email(row: EmailCode) -> EmailMessage:
    event = row.signatory.event
    code = code_of(row)
    context = {
        "event": event,
        "code": f"{code[:4]} {code[4:]}",
        "until": _expires(row).astimezone(event.zone),
    }
    return EmailMessage(
        # Without the code, which mail servers would log, and on one line.
        subject=f"Kode masuk: {' '.join(event.title.split())}",
        body=render_to_string("email/code.txt", context),
        to=[row.signatory.email],
        headers={"Auto-Submitted": "auto-generated"},
    )


def by_email_code(event: Event, *, question: str, code: str) -> tuple[Signatory, Ticket]:
    if not event.offers(Way.EMAIL):
        raise WayNotOffered
    number = _identifier(question, event)
    found = identity.find(event, number)
    unspent = EmailCode.objects.filter(spent_at__isnull=True)
    row = unspent.filter(signatory_id=found.pk if found else 0).first()
    # Compare against a code that nobody got, so that an unknown number takes as long.
    is_right = keys.same(code_of(row) if row else keys.random_code(5 * DIGITS), code)
    if row is None or not _takes_try(row) or not is_right or not _spends(row):
        guesses.note(event, number, code)
        raise WrongEmailCode
    guesses.forget(event, number)
    person = identity.people().get(pk=row.signatory_id)
    if person.is_withdrawn:
        raise Withdrawn
    return person, identity.issue(person, method=identity.EMAIL_CODE, detail=masked(person.email))


def _identifier(question: str, event: Event) -> str:
    """Whose code was asked for on this page, if it was asked for at this event."""
    try:
        of_event, identifier = signing.loads(question, salt=_SALT, max_age=VALID)
    except signing.SignatureExpired as error:
        raise StaleQuestion from error
    except signing.BadSignature as error:
        raise WrongEmailCode from error
    if of_event != event.pk:
        raise WrongEmailCode
    return str(identifier)


def _takes_try(row: EmailCode) -> bool:
    """One statement, so that tries at the same moment are counted one by one."""
    lives = EmailCode.objects.filter(
        pk=row.pk, tries__lt=MAX_TRIES, created_at__gt=timezone.now() - VALID
    )
    return lives.update(tries=F("tries") + 1) == 1


def _spends(row: EmailCode) -> bool:
    """Whether this is the one use; somebody may have been faster."""
    unspent = EmailCode.objects.filter(pk=row.pk, spent_at__isnull=True)
    return unspent.update(spent_at=timezone.now()) == 1


def masked(address: str) -> str:
    """ "s•••@contoh.go.id": enough for its owner to know it again."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"
