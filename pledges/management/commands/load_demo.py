from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pledges.demo import load, logins
from pledges.models import Signatory, Signature


class Command(BaseCommand):
    help = "Memuat lima acara contoh beserta akunnya; yang sudah ada tidak diubah."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load.load()
        except load.RealEventsThere as error:
            raise CommandError(str(error)) from error
        for _, event in loaded:
            self.stdout.write(f"event {event.code} {event.title}")
        for login in logins.make(loaded):
            self.stdout.write(f"login {login.email} {logins.PASSWORD} ({login.role})")
        people = Signatory.objects.filter(event__in=[event for _, event in loaded])
        signatures = Signature.objects.live().of_pacts().filter(signatory__in=people)
        self.stdout.write(f"events {len(loaded)}")
        self.stdout.write(f"people {people.active().owing().count()}")
        self.stdout.write(f"signatures {signatures.count()}")
