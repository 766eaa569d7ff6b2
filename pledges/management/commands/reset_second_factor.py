"""`reset_second_factor`: for who lost all of theirs, where no admin is left to do it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from pledges import second_factors, tasks


class Command(BaseCommand):
    help = (
        "Menghapus verifikasi dua langkah sebuah akun dan mengakhiri semua sesinya. Pastikan "
        "dahulu bahwa pemiliknya sendiri yang memintanya; ia diberi tahu lewat surel."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="alamat surel akun itu")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(f"Tidak ada akun dengan alamat surel {email}.")
        second_factors.reset(user, by=None)
        tasks.tell_of_change.enqueue(user.pk, "second_factors_reset")
        self.stdout.write(f"reset {user.email}")
