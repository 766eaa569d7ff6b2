"""The page that offers sheets to be signed with a pen, the PDFs, and what a stranger is told."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from pledges import events
from pledges.models import AuditEntry, Event
from pledges.paper import codes, sheets
from tests import cast
from tests.cast import BUDI, RAHMAT_NIK, SITI, City, someone
from tests.pages import text_of
from tests.pdfs import page_count, words
from tests.photographs import text_of as pact_of


def at(event: Event, rest: str = "") -> str:
    return f"/kelola/acara/{event.code}/lembar{rest}"


def test_sheets_are_offered_per_unit_for_those_who_have_not_signed(
    as_officer: Client, open_event: Event
):
    cast.sign(someone(open_event))

    page = as_officer.get(at(open_event))

    assert [(pile.unit.name, pile.people) for pile in page.context["piles"]] == [
        ("Dinas Pendidikan", 2), ("SDN 1 Contoh", 1),
    ]  # fmt: skip


def test_the_pdf_of_a_unit_holds_a_page_for_each_of_its_people(
    as_officer: Client, open_event: Event, city: City
):
    response = as_officer.get(at(open_event, f"/{city.education.pk}-1.pdf"))

    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'inline; filename="lembar Dinas Pendidikan 1.pdf"'
    assert "no-store" in response["Cache-Control"]
    assert page_count(response.content) == 3
    assert SITI in words(response.content)
    assert BUDI not in words(response.content)


def test_one_persons_sheet_is_printed_from_that_persons_page(as_officer: Client, siti):
    page = as_officer.get(f"/kelola/acara/{siti.event.code}/orang/{siti.pk}")
    address = f"/kelola/acara/{siti.event.code}/orang/{siti.pk}/lembar.pdf"

    assert address in page.content.decode()
    assert "Siti Aminah" in words(as_officer.get(address).content)


def test_whoever_has_signed_has_no_sheet(as_officer: Client, siti):
    cast.sign(siti)
    address = f"/kelola/acara/{siti.event.code}/orang/{siti.pk}/lembar.pdf"

    page = as_officer.get(address, follow=True)

    assert "sudah menandatangani" in text_of(page)


def test_a_closed_event_prints_nothing_and_says_what_becomes_of_photographs(
    as_officer: Client, open_event: Event, city: City
):
    events.close(open_event, by=None)

    assert "menunggu sampai acara dibuka lagi" in text_of(as_officer.get(at(open_event)))
    page = as_officer.get(at(open_event, f"/{city.school.pk}-1.pdf"), follow=True)
    assert "hanya dapat dicetak selama acaranya dibuka" in text_of(page)


def test_a_draft_has_no_sheets_yet(as_admin: Client, draft_event: Event, city: City):
    assert "baru dapat dicetak setelah acara diterbitkan" in text_of(as_admin.get(at(draft_event)))
    assert as_admin.get(at(draft_event, f"/{city.school.pk}-1.pdf")).status_code == 302


def test_when_everybody_has_signed_there_is_nothing_to_print(as_officer: Client, open_event):
    for nip in (cast.SITI, cast.DEWI, cast.AGUS):
        cast.sign(someone(open_event, nip))

    assert "Tidak ada lembar yang perlu dicetak" in text_of(as_officer.get(at(open_event)))


def test_printing_for_localhost_warns_loudly(as_officer: Client, open_event: Event):
    assert "Jangan cetak lembar dulu." in text_of(as_officer.get(at(open_event)))


def test_a_part_that_is_not_there_is_not_found(as_admin: Client, open_event: Event, city: City):
    unit = city.agency.pk
    for rest in (f"{unit}-2", f"{unit}-0", "999999-1", f"{unit}-999999999999999999"):
        assert as_admin.get(at(open_event, f"/{rest}.pdf")).status_code == 404


def test_more_people_than_one_part_holds_are_offered_in_parts(
    as_admin: Client, open_event: Event, monkeypatch
):
    monkeypatch.setattr(sheets, "PER_PART", 3)

    assert "Pemerintah Kota Contoh 5 belum Bagian 1 Bagian 2" in text_of(
        as_admin.get(at(open_event))
    )


@pytest.mark.parametrize(("who", "status"), [("overseer", 403), ("outsider", 404)])
def test_nobody_else_prints_sheets(
    client: Client, open_event: Event, city: City, who: str, status: int, request
):
    client.force_login(request.getfixturevalue(who))
    for rest in ("", f"/{city.agency.pk}-1.pdf"):
        assert client.get(at(open_event, rest)).status_code == status
    assert not AuditEntry.objects.filter(action="sheets.print").exists()


def test_an_officer_prints_no_sheet_of_another_unit(
    as_officer: Client, open_event: Event, city: City, officer: User
):
    budi = someone(open_event, BUDI)
    assert as_officer.get(at(open_event, f"/{city.clinic.pk}-1.pdf")).status_code == 404
    other = f"/kelola/acara/{open_event.code}/orang/{budi.pk}/lembar.pdf"
    assert as_officer.get(other).status_code == 404


def test_a_stranger_who_scans_a_sheet_is_told_what_it_is_and_nothing_of_the_person(
    client: Client, open_event: Event
):
    rahmat = someone(open_event, RAHMAT_NIK)
    page = client.get(f"/lembar/{codes.token(rahmat, pact_of(open_event))}")
    html = page.content.decode()

    assert page.status_code == 200
    assert "Lembar tanda tangan basah" in html
    assert open_event.title in html
    assert "tidak dapat dipakai untuk itu" in html
    for secret in ("Rahmat", "Hidayat", RAHMAT_NIK, "Puskesmas", '<form method="post"'):
        assert secret not in html


def test_a_sheet_that_is_not_ours_is_called_unknown(client: Client, db):
    page = client.get("/lembar/1-AAAAAAAA-0123456789ab-AAAAAAAAAAAAAAAAAAAAAAAAAA")

    assert page.status_code == 404
    assert "Lembar tidak dikenal" in text_of(page)
