"""Make the sealed documents of all signatures that have none yet."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from functools import partial
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from pakta.storage import StorageAway
from pledges import checks, health
from pledges.documents import press, seal, typesetting
from pledges.documents.issue import Worker
from pledges.documents.seal import Sealer
from pledges.management.watching import again_and_again, stopped_by_signals


class Command(BaseCommand):
    help = "Menyegel semua dokumen yang belum disegel."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", action="store_true", help="terus bekerja sampai dihentikan")
        parser.add_argument("--interval", type=float, default=1, help="jeda dalam detik")
        parser.add_argument(
            "--metrics", type=int, metavar="PORT", help="hitungan untuk Prometheus di 127.0.0.1"
        )

    def handle(
        self, *args: Any, watch: bool, interval: float, metrics: int | None, **options: Any
    ) -> None:
        self.check(tags=[checks.PRODUCTION], include_deployment_checks=True, databases=["default"])
        if not typesetting.IS_FAST:
            self.stderr.write(
                "PERINGATAN: pustaka libharfbuzz-subset0 tidak ada. Setiap dokumen dibuat lima "
                "kali lebih lambat. Pasanglah: apt-get install libharfbuzz-subset0"
            )
        try:
            sealer = seal.load()
            worker = Worker(sealer)
            if metrics:
                _tell(worker, metrics)
            with stopped_by_signals() as stop:
                act = partial(_round, worker, _Signs(sealer), stop)
                if watch:
                    outages = (StorageAway, *seal.OUTAGES)
                    again_and_again(act, stop=stop, interval=interval, outages=outages)
                else:
                    act()
        except (seal.NoSealingKey, StorageAway, *seal.CONCERNING_ALL) as error:
            # To a supervisor: not again by itself. A token locks after a few wrong PINs.
            raise CommandError(str(error), returncode=os.EX_CONFIG) from error
        self.stdout.write(f"documents {worker.tally.documents}")
        self.stdout.write(f"failed {worker.tally.failed}")
        # Of the documents: what could not be pressed, which takes a tenth of a second each.
        self.stdout.write(f"laid_out {press.counted['laid out']}")
        if worker.tally.failed and not watch:
            sys.exit(1)


class _Counted(Collector):
    """What one worker did since it started; what there is in all, the web tells."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def collect(self) -> Iterator[CounterMetricFamily]:
        tally, whole = self._worker.tally, press.counted["laid out"]
        yield _counter("documents", "Documents that this worker sealed.", tally.documents)
        yield _counter("failures", "Times that one could not be sealed.", tally.failed)
        yield _counter("laid_out", "Of the documents, those that could not be pressed.", whole)


def _counter(name: str, words: str, value: int) -> CounterMetricFamily:
    return CounterMetricFamily(f"pakta_sealing_{name}", words, value=value)


def _tell(worker: Worker, port: int) -> None:
    registry = CollectorRegistry()
    registry.register(_Counted(worker))
    start_http_server(port, addr="127.0.0.1", registry=registry)


class _Signs:
    """Of life, of one that can seal; and of an authority that gives no timestamps."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self._at_work = health.Pulse(health.SEALING)
        self._unstamped = health.Pulse(health.UNSTAMPED)

    def show(self) -> None:
        if not self._sealer.lacks_key:
            self._at_work.beat()
        if self._sealer.lacks_timestamps:
            self._unstamped.beat()


def _round(worker: Worker, signs: _Signs, stop: Event) -> None:
    """A long one shows between two documents that it is at work."""

    def stopping() -> bool:
        signs.show()
        return stop.is_set()

    if not stopping():
        worker.round(stopping=stopping)
