from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from pledges.models import Event


@pytest.mark.parametrize("rest", ["", "progres/orang", "daftar", "petugas"])
def test_what_an_organiser_sees_is_kept_by_no_cache(
    client: Client, admin: User, open_event: Event, rest: str
) -> None:
    client.force_login(admin)
    response = client.get(f"/kelola/acara/{open_event.code}/{rest}")
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


def test_a_person_is_kept_by_no_cache(client: Client, admin: User, open_event: Event) -> None:
    client.force_login(admin)
    person = open_event.signatories.first()
    assert person
    response = client.get(f"/kelola/acara/{open_event.code}/orang/{person.pk}")
    assert "no-store" in response["Cache-Control"]
