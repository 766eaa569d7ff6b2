"""Do what has come due: begin rounds of reminders and send them, delete old exports and tasks.

To be run every minute. A job that fails is logged and holds up none of the others.
"""

from __future__ import annotations

import logging
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError

from pledges import exports, health, reminders, retention
from pledges.mailing import MailServerAway
from pledges.management.watching import again_and_again, stopped_by_signals

logger = logging.getLogger(__name__)

# The next tick goes on where this one stops, so that they do not pile up.
_LONGEST = 50.0


class Command(BaseCommand):
    help = "Memulai pengingat yang sudah waktunya dan mengirimnya. Jalankan setiap menit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", action="store_true", help="terus bekerja sampai dihentikan")
        parser.add_argument("--interval", type=float, default=60, help="jeda dalam detik")

    def handle(self, *args: Any, watch: bool, interval: float, **options: Any) -> None:
        ticks = _Ticks()
        with stopped_by_signals() as stop:
            act = partial(ticks.tick, is_stopped=stop.is_set)
            if watch:
                again_and_again(act, stop=stop, interval=interval, outages=(MailServerAway,))
                went_well = True
            else:
                went_well = self._once(act) and not (ticks.broken or ticks.sender.tally.failed)
        self.stdout.write(f"rounds {ticks.rounds}")
        self.stdout.write(f"sent {ticks.sender.tally.sent}")
        self.stdout.write(f"failed {ticks.sender.tally.failed}")
        if not went_well:
            sys.exit(1)

    def _once(self, act: Callable[[], None]) -> bool:
        """Whether the mail server was there."""
        try:
            act()
        except MailServerAway as error:
            self.stderr.write(
                f"Server surel tidak dapat dihubungi ({error}). Yang belum terkirim menunggu "
                "sampai hari berganti; periksa EMAIL_URL."
            )
            return False
        return True


class _Ticks:
    """`broken` is how many jobs failed that should not have."""

    def __init__(self) -> None:
        self.rounds = 0
        self.broken = 0
        self.sender = reminders.Sender()
        self._pulse = health.Pulse(health.TICKS)

    def tick(self, *, is_stopped: Callable[[], bool]) -> None:
        """Raises MailServerAway, and what says that the database is away."""
        self._pulse.beat()
        end = time.monotonic() + _LONGEST
        self._try(exports.delete_expired)
        self._try(retention.forget_tasks)
        self._try(self._begin)
        self._try(self.sender.round, stopping=lambda: is_stopped() or time.monotonic() > end)

    def _begin(self) -> None:
        self.rounds += reminders.begin_due()

    def _try(self, job: Callable[..., object], **options: Any) -> None:
        try:
            job(**options)
        except (MailServerAway, OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("%s failed", job.__qualname__)
            self.broken += 1
