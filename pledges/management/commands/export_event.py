"""`export_event EVENT --out DIR`: the tree of files that the ZIP of a whole event holds."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pledges import downloads
from pledges.downloads import NothingSealed
from pledges.events import Purged
from pledges.models import Event


class Command(BaseCommand):
    help = "Menulis semua dokumen tersegel suatu acara beserta manifesnya ke sebuah folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", metavar="EVENT", help="kode acara")
        parser.add_argument(
            "--out",
            required=True,
            type=Path,
            metavar="DIR",
            help="folder yang kosong atau belum ada",
        )

    def handle(self, *, event: str, out: Path, **options: Any) -> None:
        found = Event.objects.filter(code=event.upper()).first()
        if found is None:
            raise CommandError(f"Acara {event} tidak ditemukan.")
        _require_empty(out)
        try:
            bundle = downloads.export(found, by=None)
        except NothingSealed as error:
            self._count(documents=0, waiting=error.waiting)
            raise CommandError(str(error)) from error
        except Purged as error:
            raise CommandError(str(error)) from error
        # Names and NIP of people are in there: for nobody else's eyes.
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        bundle.write_to(out)
        self._count(documents=len(bundle.entries), waiting=bundle.waiting)

    def _count(self, **counts: int) -> None:
        for name, value in counts.items():
            self.stdout.write(f"{name} {value}")


def _require_empty(directory: Path) -> None:
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise CommandError(f"{directory} sudah berisi. Pilih folder yang kosong atau belum ada.")
