""" "Saya tidak bersedia": asked for, receipted, and for admins' eyes only."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.contrib.auth.models import User
from django.test import Client
from openpyxl import load_workbook

from pledges import events, identity, refusals
from pledges.models import Event, Refusal, Signatory
from tests import cast
from tests.cast import City
from tests.pages import text_of

REASON = "Keberatan atas butir 3"


@pytest.fixture
def event(city: City) -> Event:
    return cast.make_open(city, allows_refusal=True)


@pytest.fixture
def siti(event: Event) -> Signatory:
    return cast.someone(event)


def link_of(person: Signatory) -> str:
    return f"/s/{identity.link_token(person)}"


def refuse(client: Client, person: Signatory, **fields: str):
    return client.post("/tidak-bersedia", {"ticket": cast.ticket_of(person).seal()} | fields)


def refused(person: Signatory) -> Refusal:
    return refusals.refuse(cast.ticket_of(person), reason=REASON)


def at(event: Event, path: str) -> str:
    return f"/kelola/acara/{event.code}/{path}"


# The signer's pages


def test_the_signing_page_offers_it_where_the_event_allows_it(client: Client, siti: Signatory):
    assert "Saya tidak bersedia" in text_of(client.get(link_of(siti)))


def test_an_event_does_not_offer_it_unless_told_to(client: Client, open_event: Event):
    person = cast.someone(open_event)
    assert "tidak bersedia" not in text_of(client.get(link_of(person))).lower()
    assert refuse(client, person, reason="").status_code == 409
    assert not Refusal.objects.exists()


def test_it_asks_first_and_says_what_follows(client: Client, siti: Signatory):
    response = refuse(client, siti)
    shown = text_of(response)
    assert response.status_code == 200
    assert "yang melihatnya hanya admin BKPSDM" in shown
    assert "dapat ditarik kembali selama acara dibuka: cukup dengan menandatangani" in shown
    assert not Refusal.objects.exists()


def test_a_refusal_is_recorded_and_receipted_with_its_code(client: Client, siti: Signatory):
    response = refuse(client, siti, reason=REASON)
    assert response.status_code == 303
    assert not response.cookies
    refusal = Refusal.objects.get()

    receipt = client.get(response["Location"])

    shown = text_of(receipt)
    code = refusal.verification_code
    assert "Menyatakan tidak bersedia Siti Aminah, S.Pd." in shown
    assert REASON in shown
    assert f"{code[:4]} {code[4:8]} {code[8:12]} {code[12:]}" in shown
    assert f"/v/{code}" in shown
    assert cast.SITI not in shown
    assert receipt["Cache-Control"] == "no-store"


def test_refusing_again_shows_the_same_receipt(client: Client, siti: Signatory):
    once, again = refuse(client, siti, reason="A"), refuse(client, siti, reason="B")
    assert once["Location"] == again["Location"]
    assert Refusal.objects.count() == 1


def test_the_code_verifies_as_a_statement_of_unwillingness(client: Client, siti: Signatory):
    refusal = refused(siti)
    response = client.get(f"/v/{refusal.verification_code}")
    assert response.status_code == 200
    assert "tidak bersedia" in text_of(response)
    assert REASON not in text_of(response)
    assert "Siti Aminah" not in text_of(response)


def test_opening_the_link_again_shows_the_state_and_lets_one_sign(client: Client, siti: Signatory):
    refused(siti)
    shown = text_of(client.get(link_of(siti)))
    assert "Anda menyatakan tidak bersedia" in shown
    assert "Tanda tangani" in shown
    assert "Saya tidak bersedia menandatangani" not in shown


def test_after_signing_the_receipt_says_that_it_was_taken_back(client: Client, siti: Signatory):
    receipt = f"/tidak-bersedia/{refusals.receipt_token(refused(siti))}"
    cast.sign(siti)
    shown = text_of(client.get(receipt))
    assert "Pernyataan ini ditarik kembali" in shown
    assert "dengan menandatangani" in shown


def test_in_a_closed_event_the_link_leads_to_the_receipt(client: Client, siti: Signatory):
    refusal = refused(siti)
    events.close(siti.event, by=None)
    response = client.get(link_of(siti))
    assert response.status_code == 303
    assert response["Location"] == f"/tidak-bersedia/{refusals.receipt_token(refusal)}"


def test_in_a_closed_event_nobody_refuses(client: Client, siti: Signatory):
    ticket = cast.ticket_of(siti).seal()
    events.close(siti.event, by=None)
    response = client.post("/tidak-bersedia", {"ticket": ticket, "reason": ""})
    assert response.status_code == 409
    assert "Pernyataan Anda tidak dicatat" in text_of(response)


def test_who_has_signed_is_told_so(client: Client, siti: Signatory):
    ticket = cast.ticket_of(siti).seal()
    cast.sign(siti)
    response = client.post("/tidak-bersedia", {"ticket": ticket, "reason": ""})
    assert response.status_code == 409
    assert "sudah menandatangani" in text_of(response)


@pytest.mark.parametrize("ticket", ["", "palsu"])
def test_without_a_ticket_nobody_refuses(client: Client, siti: Signatory, ticket: str):
    response = client.post("/tidak-bersedia", {"ticket": ticket, "reason": ""})
    assert response.status_code == 403
    assert not Refusal.objects.exists()


def test_a_reason_that_is_too_long_is_given_back(client: Client, siti: Signatory):
    response = refuse(client, siti, reason="a" * 1001)
    assert response.status_code == 400
    assert "a" * 1001 in response.content.decode()


def test_a_guessed_receipt_is_unknown(client: Client, siti: Signatory):
    code = refused(siti).verification_code
    assert client.get(f"/tidak-bersedia/{code}-0000000000").status_code == 404


# Who sees it


def test_admins_see_who_declined_and_why(as_admin: Client, siti: Signatory):
    refused(siti)
    event = siti.event
    assert "1 tidak bersedia" in text_of(as_admin.get(at(event, "")))
    people = text_of(as_admin.get(at(event, "progres/orang?status=declined")))
    assert "Siti Aminah, S.Pd." in people
    assert "Belum 4 Tidak bersedia 1" in people
    person = text_of(as_admin.get(at(event, f"orang/{siti.pk}")))
    assert "Pernyataan tidak bersedia" in person
    assert REASON in person


@pytest.mark.parametrize("role", ["officer", "overseer"])
def test_officers_and_overseers_see_belum(
    client: Client, request: pytest.FixtureRequest, siti: Signatory, role: str
):
    refused(siti)
    client.force_login(request.getfixturevalue(role))
    event = siti.event
    for path in ("", "progres", "progres/orang?status=", f"orang/{siti.pk}"):
        shown = text_of(client.get(at(event, path)))
        assert "bersedia" not in shown.lower()
        assert REASON not in shown
    person = text_of(client.get(at(event, f"orang/{siti.pk}")))
    assert "Siti Aminah, S.Pd. Belum" in person
    missing = text_of(client.get(at(event, "progres/orang?status=missing")))
    assert "Siti Aminah, S.Pd." in missing


@pytest.mark.parametrize("role", ["officer", "overseer"])
def test_asking_for_the_declined_tells_officers_and_overseers_nothing(
    client: Client, request: pytest.FixtureRequest, siti: Signatory, role: str
):
    refused(siti)
    client.force_login(request.getfixturevalue(role))
    shown = text_of(client.get(at(siti.event, "progres/orang?status=declined")))
    assert "Siti Aminah" not in shown
    listed = client.get(at(siti.event, "progres/daftar.xlsx?status=declined"))
    assert statuses(listed) == []
    listed = client.get(at(siti.event, "progres/daftar.xlsx?status="))
    assert set(statuses(listed)) == {"Belum menandatangani"}


def test_the_admins_list_names_the_state(as_admin: Client, siti: Signatory):
    refused(siti)
    listed = as_admin.get(at(siti.event, "progres/daftar.xlsx?status="))
    assert sorted(statuses(listed)) == ["Belum menandatangani"] * 4 + ["Tidak bersedia"]


def statuses(response) -> list[str]:
    sheet = load_workbook(BytesIO(response.content)).worksheets[0]
    return [str(row[5]) for row in sheet.iter_rows(min_row=2, values_only=True)]


def test_whose_refusal_was_taken_back_counts_as_signed(as_admin: Client, siti: Signatory):
    refused(siti)
    cast.sign(siti)
    shown = text_of(as_admin.get(at(siti.event, f"orang/{siti.pk}")))
    assert "Siti Aminah, S.Pd. Sudah" in shown
    assert "ditarik kembali" in shown


def test_another_government_sees_nothing_of_it(client: Client, siti: Signatory, outsider: User):
    refused(siti)
    client.force_login(outsider)
    assert client.get(at(siti.event, f"orang/{siti.pk}")).status_code == 404
