"""The pages on which waves are laid out and opened."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from pledges import events, waves
from pledges.models import AuditEntry, Event
from pledges.waves import BY_RANK
from tests import cast
from tests.cast import AGUS, DEWI, SITI, City, someone
from tests.pages import text_of


def at(event: Event, rest: str = "") -> str:
    return f"/kelola/acara/{event.code}/gelombang{rest}"


def lines(*waves: dict[str, object], act: str = "save", initial: int = 0) -> dict[str, object]:
    """What the page sends: one line a wave, and one that was left empty."""
    data: dict[str, object] = {
        "act": act, "form-TOTAL_FORMS": len(waves) + 1, "form-INITIAL_FORMS": initial,
    }  # fmt: skip
    for number, wave in enumerate([*waves, {}]):
        data |= {f"form-{number}-{name}": value for name, value in wave.items()}
    return data


SEKDA: dict[str, object] = {"name": "Sekretaris Daerah"}
LEADERS: dict[str, object] = {"name": "Eselon II dan III", "echelons": ["II", "III"]}
REST: dict[str, object] = {"name": "Semua"}


def names(event: Event) -> list[str]:
    return list(event.waves.values_list("name", flat=True))


@pytest.fixture
def opened(city: City) -> Event:
    """Published in three waves, of which none is open; Agus is in the first."""
    event = cast.make_draft(city)
    waves.define(event, BY_RANK, by=None)
    waves.give(someone(event, AGUS), 1, by=None)
    return events.publish(event, by=None)


# In the draft


def test_without_waves_the_page_says_so_and_offers_an_example(as_admin: Client, draft_event: Event):
    page = text_of(as_admin.get(at(draft_event)))
    assert "Tanpa gelombang: semua sekaligus" in page
    assert "Pakai contoh: Sekda, lalu eselon II dan III, lalu semua" in page
    as_admin.post(at(draft_event), lines(act="by_rank"))
    assert names(draft_event) == [
        "Sekretaris Daerah", "Pejabat eselon II dan III",
        "Semua pegawai, di unit kerja masing-masing",
    ]  # fmt: skip


def test_waves_are_laid_out_with_names_echelons_and_expected_times(
    as_admin: Client, draft_event: Event
):
    sekda = SEKDA | {"expected_at": "2024-07-29T07:30"}
    response = as_admin.post(at(draft_event), lines(sekda, LEADERS, REST))
    assert response.status_code == 302
    first, second, third = draft_event.waves.all()
    assert first.expected_at == datetime.datetime(
        2024, 7, 29, 7, 30, tzinfo=ZoneInfo("Asia/Jakarta")
    )
    assert (second.echelons, third.echelons) == (["II", "III"], [])
    assert someone(draft_event, DEWI).wave == 2


def test_the_page_tells_how_many_people_are_in_each_wave_and_why(as_admin: Client, city: City):
    event = cast.make_ceremony(city)
    waves.define(event, BY_RANK, by=None)
    waves.give(someone(event, AGUS), 1, by=None)
    page = text_of(as_admin.get(at(event)))
    assert (
        "4 orang , 1 di antaranya ditentukan satu per satu, 3 karena perannya; "
        "ditambah 1 orang di luar daftar." in page
    )
    assert "Belum ada orang. Centang eselonnya" in page
    found = as_admin.get(f"/kelola/acara/{event.code}/daftar?gelombang=3")
    assert [person.name for person in found.context["page"]] == ["Rahmat Hidayat"]


def test_people_put_into_waves_that_are_not_there_yet_are_told(
    as_admin: Client, draft_event: Event
):
    draft_event.signatories.filter(nip=SITI).update(given_wave=3)
    page = text_of(as_admin.get(at(draft_event)))
    assert "1 orang ditentukan untuk gelombang yang belum ada di sini" in page
    as_admin.post(at(draft_event), lines(SEKDA, LEADERS, REST))
    assert "belum ada di sini" not in text_of(as_admin.get(at(draft_event)))


def test_waves_are_moved_and_removed(as_admin: Client, draft_event: Event):
    as_admin.post(at(draft_event), lines(SEKDA, LEADERS, REST))
    was = [wave | {"was": n} for n, wave in enumerate((SEKDA, LEADERS, REST), start=1)]
    as_admin.post(at(draft_event), lines(*was, act="down:1", initial=3))
    assert names(draft_event) == ["Eselon II dan III", "Sekretaris Daerah", "Semua"]
    as_admin.post(at(draft_event), lines(*was, act="up:1", initial=3))
    assert names(draft_event) == ["Sekretaris Daerah", "Eselon II dan III", "Semua"]
    as_admin.post(at(draft_event), lines(*was, act="remove:2", initial=3))
    assert names(draft_event) == ["Sekretaris Daerah", "Semua"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"echelons": ["II"]}, "Tulis siapa yang menandatangani di gelombang ini."),
        ({"name": "Lain", "echelons": ["II"]}, "Eselon II sudah ada di gelombang 1."),
        ({"name": "Lain", "echelons": ["VI"]}, "VI"),
        ({"name": "Lain", "expected_at": "besok"}, "Belum disimpan."),
        ({"name": "L" * 101}, "Belum disimpan."),
        ({"name": "Lain \U0001f600"}, "Karakter ini tidak dapat dicetak"),
    ],
)
def test_a_wrong_line_is_explained_and_nothing_is_saved(
    as_admin: Client, draft_event: Event, wrong: dict[str, object], why: str
):
    response = as_admin.post(at(draft_event), lines(LEADERS, wrong))
    assert response.status_code == 422
    assert why in text_of(response)
    assert b'value="Eselon II dan III"' in response.content
    assert not draft_event.waves.exists()


def test_more_than_twenty_waves_are_refused(as_admin: Client, draft_event: Event):
    many: list[dict[str, object]] = [{"name": f"Gelombang {n}"} for n in range(21)]
    assert as_admin.post(at(draft_event), lines(*many)).status_code == 422
    assert not draft_event.waves.exists()


# Opening


def test_the_overview_shows_the_current_wave_and_the_next_action(as_admin: Client, opened: Event):
    overview = f"/kelola/acara/{opened.code}/"
    page = text_of(as_admin.get(overview))
    assert "Belum ada gelombang yang dibuka" in page
    assert "Buka gelombang 1…" in page
    waves.open_next(opened, 1, by=None)
    cast.sign(someone(opened, AGUS))
    page = text_of(as_admin.get(overview))
    assert "Sekarang gelombang 1 dari 3" in page
    assert "1 dari 1 sudah menandatangani" in page
    assert "Buka gelombang 2…" in page
    for number in (2, 3):
        waves.open_next(opened, number, by=None)
    page = text_of(as_admin.get(overview))
    assert "Semua gelombang sudah dibuka" in page
    assert "Buka gelombang" not in page


def test_a_wave_is_opened_after_a_question(as_admin: Client, admin: User, opened: Event):
    question = text_of(as_admin.get(at(opened, "/1/buka")))
    assert "Buka gelombang 1: Sekretaris Daerah?" in question
    assert "1 orang di gelombang ini dapat menandatangani." in question
    opened.refresh_from_db()
    assert opened.open_wave == 0
    response = as_admin.post(at(opened, "/1/buka"), follow=True)
    assert "Gelombang 1: Sekretaris Daerah dibuka." in text_of(response)
    opened.refresh_from_db()
    assert opened.open_wave == 1
    assert f"oleh {admin.email}" in text_of(as_admin.get(at(opened)))


def test_the_question_tells_who_of_earlier_waves_has_not_signed(as_admin: Client, opened: Event):
    waves.open_next(opened, 1, by=None)
    question = text_of(as_admin.get(at(opened, "/2/buka")))
    assert "1 orang dari gelombang sebelumnya belum menandatangani" in question


def test_whoever_opens_a_wave_second_is_told_kindly(as_admin: Client, opened: Event):
    as_admin.post(at(opened, "/1/buka"))
    response = as_admin.post(at(opened, "/1/buka"), follow=True)
    assert (
        "Gelombang 1: Sekretaris Daerah sudah dibuka. Tidak ada yang perlu Anda ulangi."
        in text_of(response)
    )
    assert b'<div class="notice notice-info" role="status">Gelombang 1' in response.content
    opened.refresh_from_db()
    assert opened.open_wave == 1
    assert AuditEntry.objects.filter(action="waves.open").count() == 1
    page: HttpResponse = as_admin.get(at(opened, "/1/buka"), follow=True)  # type: ignore[assignment]
    assert "sudah dibuka" in text_of(page)


def test_a_wave_is_not_opened_before_the_one_before_it(as_admin: Client, opened: Event):
    for response in (
        as_admin.get(at(opened, "/2/buka"), follow=True),
        as_admin.post(at(opened, "/2/buka"), follow=True),
    ):
        assert "Buka dahulu gelombang 1" in text_of(response)
    assert as_admin.get(at(opened, "/9/buka")).status_code == 404


def test_published_waves_are_shown_and_not_changed(as_admin: Client, opened: Event):
    page = text_of(as_admin.get(at(opened)))
    assert "1. Sekretaris Daerah Berikutnya" in page
    assert "0 dari 3 sudah menandatangani" in page
    response = as_admin.post(at(opened), lines(REST), follow=True)
    assert "tidak dapat diubah" in text_of(response)
    assert len(names(opened)) == 3


def test_an_event_published_without_waves_says_so(as_admin: Client, open_event: Event):
    assert "Tanpa gelombang: semua sekaligus" in text_of(as_admin.get(at(open_event)))


def test_a_guest_who_has_not_signed_is_seen_beside_the_wave(as_admin: Client, city: City):
    event = cast.make_ceremony(city)
    waves.define(event, BY_RANK, by=None)
    event = events.publish(event, by=None)
    waves.open_next(event, 1, by=None)
    page = text_of(as_admin.get(at(event)))
    assert "0 dari 3 sudah menandatangani" in page
    assert "0 dari 1 di luar daftar sudah menandatangani ikrar" in page
    cast.sign(cast.outsider_of(event))
    assert "1 dari 1 di luar daftar" in text_of(as_admin.get(at(event)))


# One person's wave


def test_one_person_is_put_into_a_wave_by_hand_and_back(as_admin: Client, opened: Event):
    siti = someone(opened, SITI)
    page = f"/kelola/acara/{opened.code}/orang/{siti.pk}"
    assert "Gelombang 3, Semua pegawai" in text_of(as_admin.get(page))
    response = as_admin.post(f"{page}/gelombang", {"wave": "2"}, follow=True)
    assert "Gelombang 2, Pejabat eselon II dan III (ditentukan untuk orang ini)" in text_of(
        response
    )
    assert (someone(opened, SITI).wave, someone(opened, SITI).given_wave) == (2, 2)
    as_admin.post(f"{page}/gelombang", {"wave": ""})
    assert (someone(opened, SITI).wave, someone(opened, SITI).given_wave) == (3, None)


def test_a_wave_that_is_not_there_is_refused(as_admin: Client, opened: Event):
    siti = someone(opened, SITI)
    for wave in ("9", "satu"):
        as_admin.post(f"/kelola/acara/{opened.code}/orang/{siti.pk}/gelombang", {"wave": wave})
    assert someone(opened, SITI).given_wave is None


# Who may


@pytest.mark.parametrize(
    ("who", "status"), [("officer", 403), ("overseer", 403), ("outsider", 404)]
)
def test_nobody_else_lays_out_or_opens_waves(
    client: Client, opened: Event, who: str, status: int, request: pytest.FixtureRequest
):
    client.force_login(request.getfixturevalue(who))
    siti = someone(opened, SITI)
    assert client.get(at(opened)).status_code == status
    assert client.post(at(opened), lines(REST)).status_code == status
    assert client.get(at(opened, "/1/buka")).status_code == status
    assert client.post(at(opened, "/1/buka")).status_code == status
    give = f"/kelola/acara/{opened.code}/orang/{siti.pk}/gelombang"
    assert client.post(give, {"wave": "1"}).status_code == status
    opened.refresh_from_db()
    assert opened.open_wave == 0


def test_an_officer_sees_the_waves_on_the_overview_and_no_button(as_officer: Client, opened: Event):
    page = text_of(as_officer.get(f"/kelola/acara/{opened.code}/"))
    assert "1. Sekretaris Daerah" in page
    assert "Buka gelombang" not in page
