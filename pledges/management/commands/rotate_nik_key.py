"""`rotate_nik_key`: everything that was stored with the old key gets the one in NIK_KEY."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pledges import keys, niks
from pledges.keys import NikKey

_VARIABLE = "OLD_NIK_KEY"


class Command(BaseCommand):
    help = (
        "Menyimpan ulang semua NIK, dan rahasia verifikasi dua langkah, dengan kunci yang baru. "
        "Kunci baru ada di NIK_KEY, kunci lama "
        f"di variabel lingkungan {_VARIABLE} atau di sebuah berkas. Bila terputus, jalankan lagi."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        # Never the key itself: everybody on the machine can read a command line.
        parser.add_argument(
            "--old-key-file", type=Path, metavar="FILE", help="berkas yang berisi kunci lama"
        )

    def handle(self, *args: Any, old_key_file: Path | None, **options: Any) -> None:
        old = NikKey(_old_key(old_key_file))
        if old == keys.nik_key():
            raise CommandError("Kunci lama sama dengan NIK_KEY. Isi NIK_KEY dengan kunci baru.")
        tally = niks.rotate(old=old)
        self.stdout.write(f"people {tally.people}")
        self.stdout.write(f"files {tally.files}")
        self.stdout.write(f"factors {tally.factors}")
        self.stdout.write(f"unreadable {tally.unreadable}")
        if tally.unreadable:
            raise CommandError(
                f"{tally.unreadable} NIK, berkas, atau rahasia dua langkah tidak dapat dibuka "
                "dengan kunci lama maupun NIK_KEY, dan dibiarkan seperti semula. Periksa apakah "
                "kunci lamanya benar, lalu jalankan lagi."
            )


def _old_key(path: Path | None) -> str:
    try:
        key = path.read_text().strip() if path else os.environ.get(_VARIABLE, "")
    except OSError as error:
        raise CommandError(f"{path} tidak dapat dibuka: {error.strerror}.") from error
    if not key:
        raise CommandError(f"Sebutkan kunci lama dengan {_VARIABLE}=… atau --old-key-file FILE.")
    return key
