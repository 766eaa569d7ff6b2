"""`account`: what admins do to an account, for those over whom there is no admin."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from pledges import accounts, second_factors, tasks

# Act → what does it, and what the owner is told.
_ACTS: dict[str, tuple[Callable[..., object], str]] = {
    "deactivate": (accounts.deactivate, "deactivated"),
    "activate": (accounts.activate, "activated"),
    "log_out": (accounts.log_out, "logged_out"),
    "reset_second_factor": (second_factors.reset, "second_factors_reset"),
}


class Command(BaseCommand):
    help = (
        "Menonaktifkan atau mengaktifkan sebuah akun, mengeluarkannya dari semua perangkat, atau "
        "menghapus verifikasi dua langkahnya. Pemiliknya diberi tahu lewat surel."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=_ACTS)
        parser.add_argument("email", help="alamat surel akun itu")

    def handle(self, *args: Any, act: str, email: str, **options: Any) -> None:
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(f"Tidak ada akun dengan alamat surel {email}.")
        do, change = _ACTS[act]
        try:
            do(user, by=None)
        except accounts.NotDone as error:
            raise CommandError(str(error)) from error
        tasks.tell_of_change.enqueue(user.pk, change)
        self.stdout.write(f"{act} {user.email}")
