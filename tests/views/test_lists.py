"""No page asks the database once for every line of its list."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pledges.models import Event, Role
from tests import cast
from tests.cast import City


def grow(city: City, event: Event) -> None:
    """Twelve more of everything that a page lists."""
    for number in range(12):
        unit = cast.make_agency(f"Kelurahan {number}", above=city.agency)
        nip = f"1980010120050110{number:02}"
        cast.make_person(event, unit=unit, name=f"Pegawai {number}", nip=nip)
        cast.sign(event.signatories.get(nip=nip))
        cast.make_user(f"petugas{number}@contoh.example", (Role.OFFICER, unit))
        cast.make_open(city, title=f"Acara {number}")


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize(
    "page",
    [
        "", "acara/baru", "acara/{code}/", "acara/{code}/naskah", "acara/{code}/daftar",
        "acara/{code}/progres", "acara/{code}/progres/orang?status=", "acara/{code}/unduhan",
        "acara/{code}/slip", "acara/{code}/petugas", "acara/{code}/progres/daftar.xlsx?status=",
        "acara/{code}/catatan",
    ],
)  # fmt: skip
def test_a_longer_list_needs_no_more_queries(
    as_admin: Client, city: City, open_event: Event, page: str
) -> None:
    address = "/kelola/" + page.format(code=open_event.code)
    cast.sign(cast.someone(open_event))
    before = queries(as_admin, address)

    grow(city, open_event)

    assert queries(as_admin, address) <= before
