"""Sending e-mails in rounds, over one connection each: notices, reminders.

A letter is claimed before it is sent and marked afterwards, each in a statement of its own, so
that two senders never send the same one. What becomes of a letter whose sender died in between
is for each kind of letter to say. What was certainly not taken for reasons that are not the
letter's own is released, and is due as before.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from smtplib import (
    SMTPDataError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from typing import Generic, TypeVar

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.db.models import Model, QuerySet
from django.utils import timezone

logger = logging.getLogger(__name__)

BATCH = 100

# The address or the message is refused, and the connection is as good as before.
_CONCERNS_ONE = (SMTPRecipientsRefused, SMTPDataError, ValueError)
# "Service not available, closing transmission channel" (RFC 5321), in answer to anything.
_GOODBYE = 421
# So many letters one after the other are cut off by the server, and not by their addresses.
_MOST_CUT_OFF = 2

Letter = TypeVar("Letter", bound=Model)


class MailServerAway(Exception):
    """Nothing can be sent at the moment, whoever it is for."""


@dataclass(slots=True)
class Tally:
    sent: int = 0
    failed: int = 0


class Sender(ABC, Generic[Letter]):
    """Sends what is due of one kind of letter, round after round."""

    def __init__(self) -> None:
        self.tally = Tally()

    @abstractmethod
    def due(self, now: datetime) -> QuerySet[Letter]:
        """Those whose time has come and that nobody has claimed, the oldest first."""

    @abstractmethod
    def claim(self, letter: Letter) -> bool:
        """Whether this sender is the one that sends it now; another may have been faster."""

    @abstractmethod
    def release(self, letter: Letter) -> None:
        """Take the claim back: it was certainly not taken, whoever it is for."""

    @abstractmethod
    def write(self, letter: Letter) -> EmailMessage: ...

    @abstractmethod
    def mark_sent(self, letter: Letter) -> None: ...

    @abstractmethod
    def mark_refused(self, letter: Letter, reason: str) -> None:
        """It was certainly not taken."""

    @abstractmethod
    def mark_cut_off(self, letter: Letter, reason: str) -> None:
        """The connection broke, and it may have been taken or not."""

    def round(self, *, stopping: Callable[[], bool] = lambda: False) -> None:
        """Once through all that is due; `stopping` is asked between two e-mails.

        An address that is refused, or at which the server hangs, is counted and holds up no
        other. Raises MailServerAway.
        """
        if not self.due(timezone.now()).exists():
            return
        connection = get_connection()
        _open(connection)
        try:
            self._send_all(connection, stopping)
        finally:
            connection.close()

    def _send_all(self, connection: BaseEmailBackend, stopping: Callable[[], bool]) -> None:
        cut_off = 0
        while batch := list(self.due(timezone.now())[:BATCH]):
            for letter in batch:
                if stopping():
                    return
                _require_line(connection)
                if not self.claim(letter):
                    continue
                cut_off = 0 if self._send(letter, connection) else cut_off + 1
                if cut_off == _MOST_CUT_OFF:
                    raise MailServerAway(f"{cut_off} letters were cut off")

    def _send(self, letter: Letter, connection: BaseEmailBackend) -> bool:
        """False when the connection broke over it."""
        message = self.write(letter)
        try:
            connection.send_messages([message])
        except SMTPSenderRefused as error:
            self.release(letter)
            raise MailServerAway(in_short(error)) from error
        except _CONCERNS_ONE as error:
            self._count_failed(letter, error)
            self.mark_refused(letter, in_short(error))
            if _GOODBYE in _codes(error):
                raise MailServerAway(in_short(error)) from error
        except OSError as error:
            self._count_failed(letter, error)
            self.mark_cut_off(letter, in_short(error))
            return False
        else:
            self.tally.sent += 1
            self.mark_sent(letter)
        return True

    def _count_failed(self, letter: Letter, error: Exception) -> None:
        self.tally.failed += 1
        name = letter._meta.model_name
        logger.warning("%s %s was not taken: %s", name, letter.pk, in_short(error))


def _open(connection: BaseEmailBackend) -> None:
    try:
        connection.open()
    except OSError as error:
        raise MailServerAway(str(error)) from error


def _require_line(connection: BaseEmailBackend) -> None:
    """Before a letter is claimed: one that is sent down a line that the server has closed may
    have been taken, for all that anybody can tell."""
    if not isinstance(connection, EmailBackend) or connection.connection is None:
        return
    try:
        code, _ = connection.connection.noop()
    except OSError:
        connection.close()
        _open(connection)
    else:
        if code == _GOODBYE:
            raise MailServerAway(str(code))


def in_short(error: Exception) -> str:
    """Without the server's own words, which mostly repeat the address."""
    return " ".join([type(error).__name__, *map(str, _codes(error))])


def _codes(error: Exception) -> list[int]:
    if isinstance(error, SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, SMTPResponseException) else []
