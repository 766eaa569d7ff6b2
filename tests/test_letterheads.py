from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from PIL import Image

from pledges import letterheads, logos
from pledges.models import Agency, AuditEntry
from tests.cast import City

WORDS: dict[str, Any] = {
    "name": "Pemerintah Kota Contoh",
    "address": "Jalan Wastukencana Nomor 2",
    "city": "Contoh",
    "timezone": "Asia/Makassar",
    "logo": None,
    "keeps_logo": True,
}


def picture() -> io.BytesIO:
    output = io.BytesIO()
    Image.new("RGB", (40, 40), "#123f73").save(output, "PNG")
    output.seek(0)
    return output


@pytest.fixture
def agency(city: City) -> Agency:
    return city.agency


def test_a_letterhead_is_saved_with_its_audit_row(agency: Agency, admin: User) -> None:
    letterheads.save(agency, **WORDS, by=admin)
    agency.refresh_from_db()
    assert agency.address == "Jalan Wastukencana Nomor 2"
    assert agency.timezone == "Asia/Makassar"
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action) == (f"user:{admin.pk}", "agency.save")
    assert entry.details == {"has_logo": False}


def test_a_logo_stays_until_another_takes_its_place_or_it_is_removed(agency: Agency) -> None:
    letterheads.save(agency, **WORDS | {"logo": picture()}, by=None)
    stored = agency.logo
    with logos.opened(stored) as file:
        assert Image.open(file).size == (40, 40)
    letterheads.save(agency, **WORDS, by=None)
    assert agency.logo == stored
    letterheads.save(agency, **WORDS | {"keeps_logo": False}, by=None)
    assert agency.logo == ""


def test_a_logo_that_is_no_image_changes_nothing(agency: Agency) -> None:
    with pytest.raises(logos.NotAnImage):
        letterheads.save(agency, **WORDS | {"logo": io.BytesIO(b"bukan gambar")}, by=None)
    agency.refresh_from_db()
    assert agency.address == "Jalan Merdeka Nomor 1"
    assert not AuditEntry.objects.exists()
