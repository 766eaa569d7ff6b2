"""Make the sealed documents of all signatures that have none yet."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, close_old_connections

from pledges.documents import seal, typesetting
from pledges.documents.issue import Worker

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Menyegel semua dokumen yang belum disegel."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", action="store_true", help="terus bekerja sampai dihentikan")
        parser.add_argument("--interval", type=float, default=1, help="jeda dalam detik")

    def handle(self, *args: Any, watch: bool, interval: float, **options: Any) -> None:
        if not typesetting.IS_FAST:
            self.stderr.write(
                "PERINGATAN: pustaka libharfbuzz-subset0 tidak ada. Setiap dokumen dibuat lima "
                "kali lebih lambat. Pasanglah: apt-get install libharfbuzz-subset0"
            )
        try:
            worker = Worker(seal.load())
            with _stopped_by_signals() as stop:
                if watch:
                    _watch(worker, stop, interval)
                else:
                    worker.round(stopping=stop.is_set)
        except (seal.NoSealingKey, seal.OutsideValidity) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"documents {worker.tally.documents}")
        self.stdout.write(f"failed {worker.tally.failed}")
        if worker.tally.failed and not watch:
            sys.exit(1)


def _watch(worker: Worker, stop: threading.Event, interval: float) -> None:
    while not stop.is_set():
        try:
            worker.round(stopping=stop.is_set)
        except (OperationalError, InterfaceError) as error:
            logger.warning("the database is away, trying again: %s", error)
        close_old_connections()
        stop.wait(interval)


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM or Ctrl-C sets: the document in hand is finished."""
    stop = threading.Event()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: stop.set()) for number in numbers]
    try:
        yield stop
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
