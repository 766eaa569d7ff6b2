"""`restore BACKUP`: what `backup` wrote, into an empty database and the storage."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pledges import backups


class Command(BaseCommand):
    help = "Memulihkan cadangan ke database yang kosong, dan berkas-berkasnya."
    # There are no tables yet that could be checked.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backup", type=Path, metavar="BACKUP")

    def handle(self, *args: Any, backup: Path, **options: Any) -> None:
        try:
            files = backups.restore(backup)
        except (backups.NoBackup, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"files {files}")
        self.stdout.write(
            "Peran web dan pekerja belum boleh apa-apa: manage.py grant_runtime --role …"
        )
        self.stdout.write("Lalu periksa semuanya: manage.py verify_documents")
