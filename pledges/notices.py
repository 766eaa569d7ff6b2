"""Telling people by e-mail of a signature in their name, with a link to say "Bukan saya".

A notice is claimed before it is sent and marked afterwards, each in a statement of its own:
two senders never send the same one, and a sender that dies in between leaves one that is
sent again after its pause. Rather twice than never. What was voided before its turn is not
told: nothing stands in the person's name any more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPResponseException

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Count, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from pledges import disputes
from pledges.documents.form import Act
from pledges.models import Notice, Signature
from pledges.models.signatory import SignatoryQuerySet

logger = logging.getLogger(__name__)

# How long after each try the next one comes. After the last nobody is asked again: an
# address that took nothing for three days is wrong.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 60, 6 * 60, 24 * 60, 48 * 60))
BATCH = 100

# The address or the message is refused, and the connection is as good as before.
_CONCERNS_ONE = (SMTPRecipientsRefused, SMTPDataError, ValueError)


class MailServerAway(Exception):
    """Nothing can be sent at the moment, whoever it is for."""


def due(now: datetime) -> QuerySet[Notice]:
    """Those whose time has come, the oldest first."""
    when = Q(tries=0)
    for tries, pause in enumerate(PAUSES, start=1):
        when |= Q(tries=tries, tried_at__lte=now - pause)
    return (
        Notice.objects.filter(when, sent_at__isnull=True, signature__voided_at__isnull=True)
        .exclude(signature__signatory__email="")
        .select_related("signature__signatory__event__agency", "signature__signatory__unit")
        .order_by("pk")
    )


@dataclass(slots=True)
class Tally:
    sent: int = 0
    failed: int = 0


class Sender:
    """Sends what is due, round after round, over one connection each."""

    def __init__(self) -> None:
        self.tally = Tally()

    def round(self, *, stopping: Callable[[], bool] = lambda: False) -> None:
        """Once through all that is due; `stopping` is asked between two e-mails.

        An address that is refused is counted, and holds up no other. Raises MailServerAway.
        """
        if not due(timezone.now()).exists():
            return
        connection = get_connection()
        _open(connection)
        try:
            self._send_all(connection, stopping)
        finally:
            connection.close()

    def _send_all(self, connection: BaseEmailBackend, stopping: Callable[[], bool]) -> None:
        while batch := list(due(timezone.now())[:BATCH]):
            for notice in batch:
                if stopping():
                    return
                if _claim(notice):
                    self._send(notice, connection)

    def _send(self, notice: Notice, connection: BaseEmailBackend) -> None:
        message = email(notice.signature)
        try:
            connection.send_messages([message])
        except _CONCERNS_ONE as error:
            self._write_down(notice, error)
        except OSError as error:
            self._write_down(notice, error)
            raise MailServerAway(str(error)) from error
        else:
            self.tally.sent += 1
            Notice.objects.filter(pk=notice.pk).update(sent_at=timezone.now(), error="")

    def _write_down(self, notice: Notice, error: Exception) -> None:
        self.tally.failed += 1
        Notice.objects.filter(pk=notice.pk).update(error=_in_short(error))
        logger.warning("notice %s was not taken: %s", notice.pk, _in_short(error))


def _open(connection: BaseEmailBackend) -> None:
    try:
        connection.open()
    except OSError as error:
        raise MailServerAway(str(error)) from error


def _claim(notice: Notice) -> bool:
    """Whether this sender is the one that sends it now; another may have been faster."""
    free = Notice.objects.filter(pk=notice.pk, tries=notice.tries, sent_at__isnull=True)
    return bool(free.update(tries=notice.tries + 1, tried_at=timezone.now()))


def _in_short(error: Exception) -> str:
    """Without the server's own words, which mostly repeat the address."""
    codes: list[int] = []
    if isinstance(error, SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    elif isinstance(error, SMTPResponseException):
        codes = [error.smtp_code]
    return " ".join([type(error).__name__, *map(str, codes)])


def email(signature: Signature) -> EmailMessage:
    person = signature.signatory
    context = {
        "event": person.event,
        "person": person,
        "act": Act.of(signature.statement),
        "texts": _texts(signature),
        "link": disputes.link(signature),
    }
    return EmailMessage(
        # On one line: a line break in it would be refused.
        subject=" ".join(render_to_string("email/notice_subject.txt", context).split()),
        body=render_to_string("email/notice.txt", context),
        to=[person.email],
        # No answer of an absent person's mailbox, please (RFC 3834).
        headers={"Auto-Submitted": "auto-generated"},
    )


def _texts(signature: Signature) -> list[str]:
    """The titles of everything that was signed in the same act."""
    together = Signature.objects.filter(nonce=signature.nonce, signatory=signature.signatory)
    return list(together.order_by("pk").values_list("pact__title", flat=True))


@dataclass(frozen=True, slots=True)
class Counts:
    """How many notices were sent, will be, and were given up."""

    sent: int
    waiting: int
    given_up: int


def counts(people: SignatoryQuerySet) -> Counts:
    unsent, last = Q(sent_at__isnull=True, signature__voided_at__isnull=True), len(PAUSES)
    found = Notice.objects.filter(signature__signatory__in=people).aggregate(
        sent=Count("pk", filter=Q(sent_at__isnull=False)),
        waiting=Count("pk", filter=unsent & Q(tries__lte=last)),
        given_up=Count("pk", filter=unsent & Q(tries__gt=last)),
    )
    return Counts(**found)
