"""Let web and workers use the database with a role that cannot rewrite the audit log."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pledges import grants


class Command(BaseCommand):
    help = "Memberi peran database apa yang diperlukan web dan pekerja, tidak lebih."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", required=True, help="peran pada DATABASE_URL web dan pekerja")

    def handle(self, *args: Any, role: str, **options: Any) -> None:
        try:
            grants.grant_to(role)
        except grants.CannotGrant as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Peran {role} boleh bekerja, dan tidak dapat mengubah atau menghapus catatan audit."
        )
