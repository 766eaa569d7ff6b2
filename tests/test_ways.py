"""By which ways an event's people prove who they are."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from pledges import events, ways
from pledges.models import AuditEntry, Event, Kind, Part, Way
from pledges.ways import Closed, NoProvider, NoWay, Reach
from tests import cast
from tests.cast import City
from tests.openid import make_provider


def choose(event: Event, *chosen: str, allows_refusal: bool = False, by: User | None = None):
    return ways.choose(event, ways=chosen, allows_refusal=allows_refusal, by=by)


def test_a_new_event_offers_the_slip_and_no_declining(draft_event: Event):
    assert draft_event.ways == ["slip"]
    assert not draft_event.allows_refusal


def test_ways_are_chosen_and_recorded(open_event: Event, admin: User):
    choose(open_event, Way.DESK, Way.EMAIL, allows_refusal=True, by=admin)
    open_event.refresh_from_db()
    assert open_event.ways == ["email", "desk"]
    assert open_event.allows_refusal
    entry = AuditEntry.objects.get(action="event.ways")
    assert entry.actor == f"user:{admin.pk}"
    assert entry.event_id == open_event.pk
    assert entry.details == {"ways": ["email", "desk"], "allows_refusal": True}


def test_at_least_one_way_is_left(open_event: Event):
    with pytest.raises(NoWay):
        choose(open_event)
    open_event.refresh_from_db()
    assert open_event.ways == ["slip"]


def test_a_closed_event_keeps_its_ways(closed_event: Event):
    with pytest.raises(Closed):
        choose(closed_event, Way.EMAIL)


def test_ways_change_again_once_an_event_is_reopened(closed_event: Event):
    events.reopen(closed_event, by=None)
    assert choose(closed_event, Way.EMAIL).ways == ["email"]


def test_a_login_needs_a_provider(open_event: Event, city: City):
    with pytest.raises(NoProvider):
        choose(open_event, Way.LOGIN)
    make_provider(city.agency, "https://sso.contoh.example")
    assert choose(open_event, Way.LOGIN).ways == ["login"]


def test_a_way_that_nobody_knows_is_left_out(open_event: Event):
    assert choose(open_event, Way.SLIP, "sidik jari").ways == ["slip"]


def test_the_usual_way_comes_first_whatever_was_ticked_first(city: City):
    event = cast.make_event(city.agency, ways=["desk", "email", "slip"])
    assert ways.offered(event) == [Way.SLIP, Way.EMAIL, Way.DESK]


def test_a_login_whose_provider_is_gone_is_not_offered(city: City):
    event = cast.make_event(city.agency, ways=["login", "desk"])
    assert ways.offered(event) == [Way.DESK]
    make_provider(city.agency, "https://sso.contoh.example")
    assert ways.offered(event) == [Way.LOGIN, Way.DESK]


def test_reach_counts_addresses_and_those_that_people_share(draft_event: Event, city: City):
    assert ways.reach(draft_event) == Reach(people=5, with_email=1, sharing=0)
    draft_event.signatories.filter(nip=cast.BUDI).update(email="Siti@contoh.example")
    draft_event.signatories.filter(nip=cast.DEWI).update(email="dewi@contoh.example")
    cast.make_person(
        draft_event, unit=city.agency, name="Ketua KPU", kind=Kind.OUTSIDE, part=Part.WITNESS
    )
    assert ways.reach(draft_event) == Reach(people=5, with_email=3, sharing=2)


def test_people_without_an_address_are_left_out_only_where_email_is_all_there_is(
    open_event: Event,
):
    assert ways.left_out(open_event) == 0
    assert ways.left_out(choose(open_event, Way.EMAIL)) == 4
    assert ways.left_out(choose(open_event, Way.EMAIL, Way.DESK)) == 0
