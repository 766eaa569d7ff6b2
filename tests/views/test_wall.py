"""The wall's pages: title, ikrar, QR code and live count; and the organiser's way to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from pledges import events, logos, wall, waves
from pledges.models import Event, Refusal
from pledges.views.public.wall import Scene
from tests import cast
from tests.cast import BUDI, SITI
from tests.test_logos import picture


@pytest.fixture(autouse=True)
def _no_count_of_another_test() -> Iterator[None]:
    wall._shared.clear()
    yield
    wall._shared.clear()


@pytest.fixture
def ceremony(city) -> Event:
    return cast.make_open_ceremony(city)


def show(client: Client, event: Event):
    return client.get(reverse("public:wall", args=[wall.token(event)]))


def text_of(client: Client, event: Event) -> str:
    return str(show(client, event).content.decode())


def count(client: Client, event: Event) -> dict[str, Any]:
    """As a second later."""
    wall._shared.clear()
    answer = client.get(reverse("public:wall_count", args=[wall.token(event)]))
    assert answer.status_code == 200
    answered: dict[str, Any] = answer.json()
    return answered


def headings(html: str) -> list[str]:
    return re.findall(r"<h1>(.*?)</h1>", html)


def test_the_wall_shows_title_then_ikrar_point_by_point_then_the_qr_code(client, ceremony):
    html = text_of(client, ceremony)

    assert headings(html) == [
        ceremony.title,
        "Ikrar Netralitas Pegawai ASN",
        "Butir 1 dari 3",
        "Butir 2 dari 3",
        "Butir 3 dari 3",
        "Penutup",
        "Pindai untuk menandatangani",
    ]
    words = re.findall(r'<p class="words">(.*?)</p>', html, re.DOTALL)
    assert words == ["Kami berikrar:", *cast.IKRAR, "Demikian ikrar ini kami buat."]


def test_an_event_without_an_ikrar_goes_from_the_title_straight_to_the_qr_code(client, open_event):
    html = text_of(client, open_event)
    assert headings(html) == [open_event.title, "Pindai untuk menandatangani"]


def test_the_qr_code_stands_with_the_short_address(client, open_event, settings):
    settings.BASE_URL = "https://pakta.contoh.example"

    html = text_of(client, open_event)

    assert f"<span>pakta.contoh.example</span><wbr><b>/a/{open_event.code}</b>" in html
    assert 'src="data:image/svg+xml' in html


def test_the_wall_needs_no_login_and_begins_no_session(client, open_event):
    answer = show(client, open_event)

    assert answer.status_code == 200
    assert not answer.cookies


def test_a_draft_is_shown_for_rehearsal_and_marked_gladi(client, city):
    draft = cast.make_ceremony(city)
    assert "<strong>GLADI</strong>" in text_of(client, draft)
    assert cast.IKRAR[0] in text_of(client, draft)
    assert count(client, draft)["status"] == "Gladi: penandatanganan belum dibuka."
    assert count(client, draft)["is_draft"] is True

    event = events.publish(draft, by=None)

    assert "GLADI" not in text_of(client, event)
    assert count(client, event)["is_draft"] is False


def test_the_wall_of_an_example_says_so(client, city):
    assert "CONTOH" in text_of(client, cast.make_event(city.agency, is_example=True))


def test_a_frozen_ikrar_is_shown_as_it_was_frozen(client, ceremony):
    point = ceremony.pacts.get(kind="declaration").points.get(number=1)
    point.text = "Diubah sesudah terbit"
    point.save()

    assert "Diubah sesudah terbit" not in text_of(client, ceremony)


def test_the_count_tells_whole_event_top_units_and_when_it_was_counted(client, open_event):
    cast.sign(cast.someone(open_event, SITI))

    counted = count(client, open_event)

    assert (counted["signed"], counted["total"]) == (1, 5)
    assert counted["units"] == [
        {"name": "Dinas Pendidikan", "signed": 1, "total": 3},
        {"name": "Dinas Kesehatan", "signed": 0, "total": 2},
    ]
    assert re.fullmatch(r"\d\d\.\d\d\.\d\d WIB", counted["at"])


def test_the_time_of_the_count_is_in_the_agencys_zone(client, city, open_event):
    city.agency.timezone = "Asia/Jayapura"
    city.agency.save()

    assert count(client, open_event)["at"].endswith(" WIT")


def test_those_without_a_unit_are_called_the_others(client, city, open_event):
    cast.make_person(open_event, unit=city.agency, name="Sekda", nip="197001011995011001")
    assert count(client, open_event)["units"][-1]["name"] == "Lainnya"


def test_the_status_names_the_wave_that_is_open(client, city):
    draft = cast.make_draft(city)
    waves.define(draft, [waves.Definition("Sekda"), waves.Definition("Semua")], by=None)
    event = events.publish(draft, by=None)
    told = [count(client, event)["status"]]
    waves.open_next(event, 1, by=None)
    told.append(count(client, event)["status"])
    events.close(event, by=None)
    told.append(count(client, event)["status"])

    assert told == [
        "Tunggu sebentar: gelombang 1 segera dibuka.",
        "Giliran gelombang 1 dari 2: Sekda",
        "Penandatanganan sudah ditutup.",
    ]


def test_an_event_without_waves_needs_no_status(client, open_event):
    assert count(client, open_event)["status"] == ""


def test_nothing_on_the_wall_tells_who_signed_and_who_declined(client, open_event):
    cast.sign(cast.someone(open_event, SITI))
    before = count(client, open_event)
    Refusal.objects.create(signatory=cast.someone(open_event, BUDI), reason="Alasan")

    after = count(client, open_event)

    when = {"at": "", "moment": 0}
    assert after | when == before | when
    shown = text_of(client, open_event) + json.dumps(after)
    assert not any(word in shown for word in ("Siti", "Budi", SITI, BUDI, "bersedia", "Alasan"))


def test_many_screens_ask_the_database_once_a_second(client, open_event, django_assert_num_queries):
    address = reverse("public:wall_count", args=[wall.token(open_event)])
    with django_assert_num_queries(1):
        for _ in range(20):
            assert client.get(address).status_code == 200


@pytest.mark.parametrize("route", ["wall", "wall_count", "wall_logo"])
def test_a_guessed_address_is_refused(client, admin, open_event, route):
    client.force_login(admin)
    answer = client.get(reverse(f"public:{route}", args=[f"{open_event.pk}-{'0' * 26}"]))

    assert answer.status_code == 404
    assert "Alamat layar ini tidak dikenal" in answer.content.decode()


def test_the_logo_is_shown_as_large_as_it_is_kept(client, city, open_event):
    address = reverse("public:wall_logo", args=[wall.token(open_event)])
    assert client.get(address).status_code == 404
    city.agency.logo = logos.store(picture())
    city.agency.save()

    answer = client.get(address)

    assert answer["Content-Type"] == "image/png"
    with logos.opened(city.agency.logo) as kept:
        assert answer.content == kept.read()
    assert address in text_of(client, open_event)


def test_nothing_on_the_wall_is_kept_or_comes_from_elsewhere(client, ceremony):
    answer = show(client, ceremony)
    html = answer.content.decode()

    assert answer["Cache-Control"] == "no-store"
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert not re.search(r"<style|style=|<script(?![^>]* src=)| on\w+=", html)
    assert not re.search(r"(src|href)=.(https?:)?//", html)


@pytest.mark.parametrize(
    ("length", "size"), [(1, 1), (60, 1), (61, 2), (300, 6), (1200, 9), (1201, 10), (2000, 10)]
)
def test_the_longer_a_text_the_smaller_its_type(length, size):
    assert Scene("Butir 1 dari 1", "a" * length).size == size


def test_short_lines_take_room_too():
    assert Scene("Butir 1 dari 1", "a\nb\nc\nd").size > Scene("Butir 1 dari 1", "a b c d").size


def test_the_admin_finds_the_wall_from_the_event_with_its_keys_and_address(as_admin, open_event):
    overview = as_admin.get(reverse("organiser:event", args=[open_event.code])).content.decode()
    address = reverse("organiser:wall", args=[open_event.code])
    assert address in overview

    html = as_admin.get(address).content.decode()

    assert wall.address(open_event) in html
    assert "Buka layar" in html
    assert "Page Down" in html
    assert 'alt="Kode QR alamat layar"' in html


def test_a_draft_has_its_wall_too_for_rehearsal(as_admin, draft_event):
    overview = as_admin.get(reverse("organiser:event", args=[draft_event.code])).content.decode()
    assert reverse("organiser:wall", args=[draft_event.code]) in overview
    page = as_admin.get(reverse("organiser:wall", args=[draft_event.code])).content.decode()
    assert "gladi" in page


def test_the_walls_address_is_for_those_who_manage_the_event(
    client, officer: User, outsider: User, open_event
):
    address = reverse("organiser:wall", args=[open_event.code])
    assert client.get(address).status_code == 302
    for user, status in ((officer, 403), (outsider, 404)):
        client.force_login(user)
        assert client.get(address).status_code == status
