"""Is every document's file there, unchanged and sealed? After a restore, and now and then."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage, Storage, default_storage
from django.core.management.base import BaseCommand, CommandError

from pledges import verification
from pledges.verification import Kept

# Seconds between two lines that tell how far it is.
_TELLING = 10.0
_WORDS = {
    Kept.MISSING: "berkasnya TIDAK ADA",
    Kept.ALTERED: "berkasnya SUDAH BERUBAH",
    Kept.UNSEALED: "segelnya TIDAK BERLAKU",
}


class Command(BaseCommand):
    help = "Memeriksa berkas dan segel semua dokumen; status keluar 1 bila ada yang tidak utuh."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--files", type=Path, metavar="DIR", help="folder files dari suatu cadangan"
        )

    def handle(self, *args: Any, files: Path | None, **options: Any) -> None:
        storage = FileSystemStorage(location=files) if files else default_storage
        count: Counter[Kept] = Counter()
        try:
            self._look_at_all(storage, count)
        except OSError as error:
            raise CommandError(f"Berkas tidak dapat dibaca: {error}") from error
        for kept in Kept:
            self.stdout.write(f"{kept} {count[kept]}")
        if count[Kept.INTACT] < count.total():
            sys.exit(1)

    def _look_at_all(self, storage: Storage, count: Counter[Kept]) -> None:
        total, told_at = verification.kept().count(), time.monotonic()
        for document, state in verification.all_kept(storage):
            count[state] += 1
            if state != Kept.INTACT:
                self.stdout.write(f"{document.file}: {_WORDS[state]}")
            if time.monotonic() - told_at > _TELLING:
                self.stderr.write(f"{count.total()} dari {total} diperiksa …")
                told_at = time.monotonic()
