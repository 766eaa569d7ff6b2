"""`backup DIR`: database and files into a folder of their own below DIR. Keys are kept apart."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pledges import backups


class Command(BaseCommand):
    help = "Mencadangkan database dan berkas ke folder baru di dalam DIR. Kunci tidak termasuk."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("parent", type=Path, metavar="DIR")
        parser.add_argument(
            "--keep", type=int, default=14, help="banyaknya cadangan yang disimpan (bawaan: 14)"
        )

    def handle(self, *args: Any, parent: Path, keep: int, **options: Any) -> None:
        if keep < 1:
            raise CommandError("--keep sedikitnya 1.")
        try:
            made = backups.make(parent, keep=keep)
        except (backups.NoBackup, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"backup {made.folder}")
        self.stdout.write(f"copied {made.copied}")
        self.stdout.write(f"linked {made.linked}")
        self.stdout.write(f"missing {made.missing}")
        if made.missing:
            self.stderr.write("Ada dokumen yang berkasnya tidak ada; lihat: verify_documents")
            sys.exit(1)
