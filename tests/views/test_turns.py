from __future__ import annotations

import re

import pytest
from django.test import Client

from pledges import events, identity, waves
from pledges.models import Event, Signatory
from tests import cast
from tests.cast import City
from tests.pages import text_of


@pytest.fixture
def event(city: City) -> Event:
    """Two waves, of which none is open yet: echelon II, then everybody else."""
    event = cast.make_draft(city)
    first, second = waves.Definition("Eselon II", ("II",)), waves.Definition("Semua pegawai")
    waves.define(event, [first, second], by=None)
    return events.publish(event, by=None)


@pytest.fixture
def siti(event: Event) -> Signatory:
    return cast.someone(event)


def link_of(person: Signatory) -> str:
    return f"/s/{identity.link_token(person)}"


def ticket_in(response) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', response.content.decode())
    assert found
    return found[1]


def test_whoever_comes_early_is_told_when_it_is_their_turn(
    client: Client, event: Event, siti: Signatory
):
    response = client.get(link_of(siti))
    assert response.status_code == 403
    assert "giliran Anda adalah Gelombang 2: Semua pegawai." in text_of(response)
    assert "Penandatanganan belum dimulai." in text_of(response)
    waves.open_next(event, 1, by=None)
    shown = text_of(client.get(link_of(siti)))
    assert "Sekarang sedang berlangsung Gelombang 1: Eselon II." in shown
    assert "Saya menyatakan" not in shown


def test_without_script_the_waiting_page_has_a_button_that_looks_again(
    client: Client, event: Event, siti: Signatory
):
    page = client.get(link_of(siti))
    ticket = ticket_in(page)
    assert "Periksa sekarang" in text_of(page)
    assert client.post("/lanjut", {"ticket": ticket}).status_code == 403
    for number in (1, 2):
        waves.open_next(event, number, by=None)
    response = client.post("/lanjut", {"ticket": ticket})
    assert response.status_code == 200
    assert "Apakah ini Anda? Siti Aminah, S.Pd." in text_of(response)


def test_who_typed_a_code_goes_on_without_typing_it_again_and_is_recorded_so(
    client: Client, event: Event, siti: Signatory
):
    page = client.post(
        f"/a/{event.code}", {"identifier": siti.nip, "code": identity.personal_code(siti)}
    )
    for number in (1, 2):
        waves.open_next(event, number, by=None)
    response = client.post("/lanjut", {"ticket": ticket_in(page)})
    assert identity.Ticket.unseal(ticket_in(response)).method == "personal_code"


def test_going_on_with_a_ticket_that_was_revoked_is_refused(client: Client, siti: Signatory):
    ticket = ticket_in(client.get(link_of(siti)))
    Signatory.objects.update(generation=2)
    for bad in (ticket, "", "x" + ticket):
        assert client.post("/lanjut", {"ticket": bad}).status_code == 403


def test_going_on_after_the_text_was_changed_shows_the_new_one(
    client: Client, event: Event, siti: Signatory
):
    ticket = ticket_in(client.get(link_of(siti)))
    events.unpublish(event, by=None)
    event.pacts.get().points.filter(number=4).update(text="Menolak politik uang.")
    waves.define(event, [], by=None)
    events.publish(event, by=None)
    response = client.post("/lanjut", {"ticket": ticket})
    assert "Menolak politik uang. Saya menyatakan" in text_of(response)
    digest = event.pacts.get().digest
    assert identity.Ticket.unseal(ticket_in(response)).digests == (digest,)


def test_the_open_wave_is_told_to_whoever_asks(client: Client, event: Event):
    address = f"/a/{event.code}/giliran"
    assert client.get(address).json() == {"open_wave": 0}
    waves.open_next(event, 1, by=None)
    response = client.get(address)
    assert response.json() == {"open_wave": 1}
    assert response["Cache-Control"] == "public, max-age=5"


def test_a_closed_event_has_no_open_wave(client: Client, event: Event):
    waves.open_next(event, 1, by=None)
    events.close(event, by=None)
    assert client.get(f"/a/{event.code}/giliran").json() == {"open_wave": 0}


def test_asking_for_the_turn_is_one_query(client: Client, event: Event, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get(f"/a/{event.code}/giliran")


def test_an_unknown_event_has_no_turn(client: Client, db: None):
    assert client.get("/a/ZZZZZZ/giliran").status_code == 404
