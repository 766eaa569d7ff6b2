"""The wall's address and its live count: one query a second, however many screens ask."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pledges import events, excuses, signing, wall, waves
from pledges.models import Event, Excuse, Refusal
from pledges.wall import Count, UnitCount, UnknownWall
from tests import cast, threads
from tests.cast import AGUS, BUDI, DEWI, SITI


@pytest.fixture(autouse=True)
def _no_count_of_another_test() -> Iterator[None]:
    """Primary keys come again in the next test; counts must not."""
    wall._shared.clear()
    yield
    wall._shared.clear()


def count(event: Event) -> Count:
    """As a second later."""
    wall._shared.clear()
    return wall.count(wall.token(event))


def test_a_walls_address_leads_to_its_event_alone(city, open_event, settings):
    other = cast.make_open(city)
    settings.BASE_URL = "https://pakta.contoh.example"

    assert wall.event_at(wall.token(open_event)) == open_event
    assert wall.token(open_event) != wall.token(other)
    assert (
        wall.address(open_event) == f"https://pakta.contoh.example/layar/{wall.token(open_event)}"
    )
    assert len(wall.token(open_event).partition("-")[2]) == 26


@pytest.mark.parametrize(
    "wrong", ["", "1", "-", "x-1", "٣-AAAA", "{pk}", "{pk}-", "{pk}-" + "0" * 26]
)
def test_a_guessed_address_is_unknown(open_event, wrong):
    for ask in (wall.event_at, wall.count):
        with pytest.raises(UnknownWall, match="tidak dikenal"):
            ask(wrong.format(pk=open_event.pk))


def test_the_proof_of_one_event_opens_no_other(city, open_event):
    other = cast.make_open(city)
    proof = wall.token(open_event).partition("-")[2]

    with pytest.raises(UnknownWall):
        wall.event_at(f"{other.pk}-{proof}")


def test_the_wall_of_an_event_that_is_gone_is_unknown(draft_event):
    token = wall.token(draft_event)
    draft_event.delete()

    for ask in (wall.event_at, wall.count):
        with pytest.raises(UnknownWall):
            ask(token)


def test_it_counts_the_whole_event_and_the_units_below_its_agency(open_event):
    cast.sign(cast.someone(open_event, SITI))
    cast.sign(cast.someone(open_event, DEWI))

    counted = count(open_event)

    assert (counted.signed, counted.total) == (2, 5)
    assert counted.units == (
        UnitCount("Dinas Pendidikan", signed=2, total=3),
        UnitCount("Dinas Kesehatan", signed=0, total=2),
    )
    assert counted.state == Event.State.OPEN
    assert counted.zone.key == "Asia/Jakarta"
    assert abs((timezone.now() - counted.at).total_seconds()) < 60


def test_those_without_a_unit_come_last_and_without_a_name(city, open_event):
    cast.make_person(open_event, unit=city.agency, name="Sekda", nip="197001011995011001")

    counted = count(open_event)

    assert counted.units[-1] == UnitCount("", signed=0, total=1)
    assert counted.total == 6


def test_an_event_below_another_agency_counts_the_units_below_its_own(city):
    event = cast.make_event(city.education)
    cast.make_person(event, unit=city.school, name="Siti", nip=SITI)

    assert count(event).units == (UnitCount("SDN 1 Contoh", signed=0, total=1),)


def test_only_people_who_owe_a_pact_are_counted_and_only_by_their_pact(city):
    event = cast.make_open_ceremony(city)
    cast.sign(cast.outsider_of(event))
    event.signatories.filter(nip=AGUS).update(withdrawn_at=timezone.now())

    assert (count(event).signed, count(event).total) == (0, 4)

    cast.sign(cast.someone(event, SITI))  # the pact and, as a representative, the ikrar

    assert (count(event).signed, count(event).total) == (1, 4)


def test_a_voided_signature_is_counted_no_more(siti):
    signing.void(cast.sign(siti), reason="Salah orang", by=None)

    assert count(siti.event).signed == 0


def test_who_is_excused_is_not_waited_for_and_counts_when_they_sign_nevertheless(open_event):
    for nip in (SITI, AGUS):
        excuses.record(cast.someone(open_event, nip), code=Excuse.Code.LEAVE, by=None)
    cast.sign(cast.someone(open_event, SITI))

    assert count(open_event).units == (
        UnitCount("Dinas Pendidikan", signed=1, total=2),
        UnitCount("Dinas Kesehatan", signed=0, total=2),
    )


def test_the_wall_sees_belum_for_somebody_who_declined(open_event):
    before = count(open_event)
    Refusal.objects.create(signatory=cast.someone(open_event, BUDI), reason="Alasan")

    after = count(open_event)

    assert (after.signed, after.total, after.units) == (before.signed, before.total, before.units)


def test_it_tells_which_wave_is_open(city):
    draft = cast.make_draft(city)
    plan = [
        waves.Definition("Sekda"),
        waves.Definition("Eselon II dan III"),
        waves.Definition("Semua"),
    ]
    waves.define(draft, plan, by=None)
    event = events.publish(draft, by=None)

    told = [(count(event).open_wave, count(event).waves, count(event).wave)]
    for number in (1, 2):
        waves.open_next(event, number, by=None)
        told.append((count(event).open_wave, count(event).waves, count(event).wave))

    assert told == [(0, 3, ""), (1, 3, "Sekda"), (2, 3, "Eselon II dan III")]


def test_an_event_without_waves_tells_of_none(open_event):
    assert (count(open_event).waves, count(open_event).wave) == (0, "")


def test_an_event_without_people_counts_nobody(city):
    counted = count(cast.make_event(city.agency))

    assert (counted.signed, counted.total, counted.units) == (0, 0, ())
    assert counted.state == Event.State.DRAFT


def test_counting_uses_one_query(city, open_event, django_assert_num_queries):
    for number in range(20):
        unit = cast.make_agency(f"Kecamatan {number}", above=city.agency)
        cast.make_person(open_event, unit=unit, name="Pegawai", nip=f"19800101200501{number:04}")
    wall._shared.clear()

    with django_assert_num_queries(1):
        assert len(wall.count(wall.token(open_event)).units) == 22


def test_a_count_is_kept_for_a_second_and_then_counted_again(open_event, django_assert_num_queries):
    token = wall.token(open_event)
    with django_assert_num_queries(1):
        first = wall.count(token)
    cast.sign(cast.someone(open_event, SITI))

    with django_assert_num_queries(0):
        assert wall.count(token) is first
    time.sleep(wall.LIFETIME)
    with django_assert_num_queries(1):
        assert wall.count(token).signed == 1


def test_each_event_is_counted_on_its_own(city, open_event):
    other = cast.make_open(city)
    cast.sign(cast.someone(other, SITI))

    assert wall.count(wall.token(open_event)).signed == 0
    assert wall.count(wall.token(other)).signed == 1


@pytest.mark.django_db(transaction=True)
def test_one_query_a_second_in_a_process_however_many_screens_show_it(open_event):
    token = wall.token(open_event)

    def a_screen() -> tuple[int, float]:
        """How many queries its thread made, and when it was answered last."""
        with CaptureQueriesContext(connection) as queries:
            for _ in range(30):
                assert wall.count(token).total == 5
                time.sleep(0.1)
        return len(queries), time.monotonic()

    begun = time.monotonic()
    screens: list[Any] = threads.at_once([a_screen] * 24)

    seconds = max(screen[1] for screen in screens) - begun
    asked = sum(screen[0] for screen in screens)
    assert 3 <= asked <= seconds / wall.LIFETIME + 1


@pytest.mark.django_db(transaction=True)
def test_screens_that_come_together_at_first_wait_for_one_count(open_event):
    token = wall.token(open_event)

    def a_screen() -> tuple[int, Count]:
        with CaptureQueriesContext(connection) as queries:
            counted = wall.count(token)
        return len(queries), counted

    screens: list[Any] = threads.at_once([a_screen] * 24)

    assert sum(queries for queries, _ in screens) == 1
    assert len({id(counted) for _, counted in screens}) == 1


def test_who_comes_while_a_slow_count_is_under_way_gets_the_one_before(open_event):
    token = wall.token(open_event)
    before = wall.count(token)
    shared = wall._shared[open_event.pk]
    shared._good_until = 0.0

    with shared._lock:  # somebody else is counting
        assert wall.count(token) is before


def test_a_failed_count_keeps_nobody_waiting(open_event, monkeypatch):
    token = wall.token(open_event)
    with monkeypatch.context() as broken:
        broken.setattr(wall, "_rows", lambda event: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            wall.count(token)

    assert wall.count(token).total == 5
