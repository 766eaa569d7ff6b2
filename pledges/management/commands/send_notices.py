"""Send the e-mails that tell people of a signature in their name."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pledges.mailing import MailServerAway
from pledges.management.watching import again_and_again, stopped_by_signals
from pledges.notices import Sender


class Command(BaseCommand):
    help = "Mengirim semua pemberitahuan tanda tangan yang sudah waktunya."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", action="store_true", help="terus bekerja sampai dihentikan")
        parser.add_argument("--interval", type=float, default=5, help="jeda dalam detik")

    def handle(self, *args: Any, watch: bool, interval: float, **options: Any) -> None:
        sender = Sender()
        with stopped_by_signals() as stop:
            act = partial(sender.round, stopping=stop.is_set)
            if watch:
                again_and_again(act, stop=stop, interval=interval, outages=(MailServerAway,))
            else:
                _once(act)
        self.stdout.write(f"sent {sender.tally.sent}")
        self.stdout.write(f"failed {sender.tally.failed}")
        if sender.tally.failed and not watch:
            sys.exit(1)


def _once(act: Callable[[], None]) -> None:
    try:
        act()
    except MailServerAway as error:
        raise CommandError(
            f"Server surel tidak dapat dihubungi ({error}). Yang belum terkirim tetap menunggu; "
            "periksa EMAIL_URL, lalu coba lagi."
        ) from error
