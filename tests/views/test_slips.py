"""The page that offers the slips, and the PDFs behind it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from pledges import identity, slips
from pledges.models import AuditEntry, Event, Way
from tests import cast
from tests.cast import BUDI, SITI, City, make_event, someone
from tests.pages import text_of
from tests.test_slips import pages_of


def at(event: Event, rest: str = "") -> str:
    return f"/kelola/acara/{event.code}/slip{rest}"


def test_the_slips_are_offered_per_unit_and_for_all(as_admin: Client, open_event: Event):
    page = as_admin.get(at(open_event))
    assert [(pile.unit.name, pile.depth, pile.people) for pile in page.context["piles"]] == [
        ("Pemerintah Kota Contoh", 0, 5),
        ("Dinas Pendidikan", 1, 3),
        ("SDN 1 Contoh", 2, 2),
        ("Dinas Kesehatan", 1, 2),
        ("Puskesmas Contoh", 2, 2),
    ]


def test_the_pdf_of_a_unit_holds_the_slips_of_its_people(
    as_admin: Client, open_event: Event, city: City
):
    response = as_admin.get(at(open_event, f"/{city.education.pk}-1.pdf"))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'inline; filename="slip Dinas Pendidikan 1.pdf"'
    assert "no-store" in response["Cache-Control"]
    text = " ".join(pages_of(response.content))
    assert identity.personal_code(someone(open_event, SITI)) in text
    assert identity.personal_code(someone(open_event, BUDI)) not in text
    assert AuditEntry.objects.get(action="slips.print").details == {"people": 3}


def test_a_part_that_is_not_there_is_not_found(as_admin: Client, open_event: Event, city: City):
    for rest in (
        f"/{city.agency.pk}-2.pdf",
        f"/{city.agency.pk}-0.pdf",
        f"/{city.agency.pk}-{10**30}.pdf",
        "/999999-1.pdf",
    ):
        assert as_admin.get(at(open_event, rest)).status_code == 404


def test_more_people_than_one_part_holds_are_offered_in_parts(
    as_admin: Client, open_event: Event, monkeypatch
):
    monkeypatch.setattr(slips, "PER_PART", 3)
    page = text_of(as_admin.get(at(open_event)))
    assert "Pemerintah Kota Contoh 5 Bagian 1 Bagian 2" in page
    assert "Lebih dari 3 orang dibagi menjadi beberapa bagian" in page


@pytest.mark.parametrize(
    ("address", "warning"),
    [
        ("http://localhost:8000", "hanya dapat dibuka dari komputer ini"),
        ("http://pakta.contoh.go.id", "tanpa HTTPS"),
        ("https://pakta.contoh.go.id", ""),
    ],
)
def test_printing_with_localhost_or_plain_http_warns_loudly(
    as_admin: Client, open_event: Event, settings, address: str, warning: str
):
    settings.BASE_URL = address
    page = text_of(as_admin.get(at(open_event)))
    assert ("Jangan cetak slip dulu." in page) == bool(warning)
    assert warning in page


def test_people_from_outside_are_counted_with_the_agency(as_admin: Client, city: City):
    page = as_admin.get(at(cast.make_open_ceremony(city)))
    assert [(pile.unit.name, pile.people) for pile in page.context["piles"]][:2] == [
        ("Pemerintah Kota Contoh", 6), ("Dinas Pendidikan", 3),
    ]  # fmt: skip


def test_without_slips_as_a_way_in_the_page_explains_whose_slips_remain(
    as_admin: Client, city: City
):
    event = cast.make_open_ceremony(city, ways=[Way.DESK])
    page = as_admin.get(at(event))
    assert [(pile.unit.name, pile.people) for pile in page.context["piles"]] == [
        ("Pemerintah Kota Contoh", 1)
    ]
    assert "tidak memakai tautan dan kode pada slip" in text_of(page)
    assert "kode pribadi" not in text_of(page)


def test_without_slips_and_without_guests_there_is_nothing_to_print(as_admin: Client, city: City):
    page = text_of(as_admin.get(at(cast.make_open(city, ways=[Way.DESK]))))
    assert "Tidak ada yang perlu slip" in page
    assert "peserta masuk dengan cara lain" in page


def test_an_empty_roster_leads_to_the_roster(as_admin: Client, city: City):
    page = as_admin.get(at(make_event(city.agency)))
    assert "Belum ada yang perlu slip" in text_of(page)


def test_a_draft_says_that_the_codes_do_not_work_yet(as_admin: Client, draft_event: Event):
    assert "baru dapat dipakai setelah acara diterbitkan" in text_of(as_admin.get(at(draft_event)))


def test_an_officer_prints_the_own_subtree_only(
    client: Client, officer: User, open_event: Event, city: City
):
    client.force_login(officer)
    page = client.get(at(open_event))
    assert [pile.unit.name for pile in page.context["piles"]] == [
        "Dinas Pendidikan", "SDN 1 Contoh",
    ]  # fmt: skip
    assert client.get(at(open_event, f"/{city.school.pk}-1.pdf")).status_code == 200
    assert client.get(at(open_event, f"/{city.clinic.pk}-1.pdf")).status_code == 404
    assert client.get(at(open_event, f"/{city.agency.pk}-1.pdf")).status_code == 404


@pytest.mark.parametrize(("who", "status"), [("overseer", 403), ("outsider", 404)])
def test_nobody_else_prints_slips(
    client: Client, open_event: Event, city: City, who: str, status: int, request
):
    client.force_login(request.getfixturevalue(who))
    assert client.get(at(open_event)).status_code == status
    assert client.get(at(open_event, f"/{city.agency.pk}-1.pdf")).status_code == status
    assert not AuditEntry.objects.filter(action="slips.print").exists()
