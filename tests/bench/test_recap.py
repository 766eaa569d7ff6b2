"""The progress page and the recap of 20,000 people of whom 14,000 have signed."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.test import Client

from pledges.models import Report, Role
from tests import cast
from tests.bench import crowd

SIGNED = 14_000


@pytest.mark.bench
@pytest.mark.django_db(transaction=True)
def test_progress_and_recap_of_20000_people(client: Client) -> None:
    event = crowd.make(signed=SIGNED)
    client.force_login(cast.make_user("admin@contoh.example", (Role.ADMIN, event.agency)))
    address = f"/kelola/acara/{event.code}"
    print()
    with crowd.measured("progress_20000"):
        assert client.get(f"{address}/progres").status_code == 200
    with crowd.measured("progress_20000_people"):
        assert client.get(f"{address}/progres/orang").status_code == 200
    with crowd.measured("recap_make"):
        unit = {"recap-unit": event.agency_id}
        assert client.post(f"{address}/laporan/rekapitulasi", unit).status_code == 302
    report = Report.objects.get()
    with crowd.measured("recap_xlsx"):
        response = client.get(f"{address}/laporan/{report.pk}.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(response.content), read_only=True)
    names = list(book["Yang belum"].iter_rows(values_only=True))
    assert len(names) == 1 + crowd.PEOPLE - SIGNED
    print(f"recap_xlsx_kb {len(response.content) / 1000:.0f}")
