"""`purge_expired [--dry-run]`: delete the data of events whose retention is over."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand

from pledges import retention
from pledges.models import Event


class Command(BaseCommand):
    help = (
        "Menghapus data acara yang sudah ditutup dan habis masa simpannya: pernyataan, gambar "
        "tanda tangan, berkas, nama dan nomor. Jumlah dan sidiknya tetap. Bila terputus, "
        "jalankan lagi."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="hanya menunjukkan")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        total: Counter[str] = Counter(events=0, skipped=0)
        for event in retention.expired():
            if event.is_closed:
                found = retention.left(event) if dry_run else retention.purge(event, by=None)
                self._tell(event, found, "akan dihapus" if dry_run else "dihapus")
                total["events"] += bool(found)
                total.update(found)
            elif retention.left(event):
                state = event.get_state_display().lower()
                self.stdout.write(f"{event.code} dilewati: masih {state}. {event.title}")
                total["skipped"] += 1
        for name, count in total.items():
            self.stdout.write(f"{name} {count}")

    def _tell(self, event: Event, found: Mapping[str, int], what: str) -> None:
        if found:
            until = retention.expires_on(event)
            self.stdout.write(f"{event.code} {what}: disimpan sampai {until}. {event.title}")
