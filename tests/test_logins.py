"""Proof by an agency's own login, once it is believed: the claim, the roster, the agency."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.socialaccount.models import SocialApp

from pledges import identity, logins, ways
from pledges.identity import WayNotOffered, Withdrawn
from pledges.logins import NoNumber, NotOnRoster, Registration
from pledges.models import AuditEntry, Event, LoginProvider, Signatory, Way
from tests import cast
from tests.cast import City
from tests.openid import make_provider

URL = "https://sso.contoh.example"


@pytest.fixture
def provider(city: City) -> LoginProvider:
    return make_provider(city.agency, URL)


@pytest.fixture
def event(city: City) -> Event:
    return cast.make_open(city, ways=[Way.LOGIN])


def log_in(event: Event, provider: LoginProvider, **claims: Any) -> tuple[Signatory, Any]:
    return logins.by_login(event, provider=provider, claims=claims)


@pytest.mark.parametrize(
    "claim", [cast.SITI, "19800101 200501 2 001", int(cast.SITI)], ids=["text", "spaced", "number"]
)
def test_the_claimed_nip_gives_its_person_a_ticket_that_names_the_provider(
    event: Event, provider: LoginProvider, claim: Any
):
    person, ticket = log_in(event, provider, nip=claim)
    assert person == cast.someone(event)
    assert (ticket.method, ticket.detail) == (identity.LOGIN, "SSO Kota Contoh")
    assert ticket.signatory == person.pk


def test_a_nik_is_a_number_too(event: Event, provider: LoginProvider):
    person, _ = log_in(event, provider, nip=cast.RAHMAT_NIK)
    assert person == cast.someone(event, cast.RAHMAT_NIK)


@pytest.mark.parametrize(
    "claim",
    [None, "", "siti", 1.98e17, [cast.SITI], {"nip": cast.SITI}, True, f"{cast.SITI}@pemkot",
     cast.SITI[:-1], "１９８００１０１２００５０１２００１"],
)  # fmt: skip
def test_a_claim_that_is_no_number_is_not_guessed_at(
    event: Event, provider: LoginProvider, claim: Any
):
    with pytest.raises(NoNumber):
        log_in(event, provider, nip=claim)


def test_only_the_claim_that_was_registered_counts(event: Event, provider: LoginProvider):
    with pytest.raises(NoNumber):
        log_in(event, provider, nomor=cast.SITI, sub=cast.SITI)


def test_an_oidc_login_whose_nip_is_not_on_the_roster(event: Event, provider: LoginProvider):
    with pytest.raises(NotOnRoster):
        log_in(event, provider, nip="197001011995031001")


def test_somebody_of_another_event_of_the_agency_is_not_on_this_roster(
    city: City, event: Event, provider: LoginProvider
):
    other = cast.make_draft(city)
    cast.make_person(other, unit=city.school, name="Tuti", nip="197001011995031001")
    with pytest.raises(NotOnRoster):
        log_in(event, provider, nip="197001011995031001")


def test_somebody_withdrawn_is_told_so(event: Event, provider: LoginProvider):
    Signatory.objects.filter(nip=cast.SITI).update(withdrawn_at=event.created_at)
    with pytest.raises(Withdrawn):
        log_in(event, provider, nip=cast.SITI)


def test_an_event_that_does_not_offer_it_takes_no_login(city: City, provider: LoginProvider):
    with pytest.raises(WayNotOffered):
        log_in(cast.make_open(city), provider, nip=cast.SITI)


def test_a_login_of_agency_a_is_refused_at_an_event_of_agency_b(
    event: Event, provider: LoginProvider, other_city: City
):
    theirs = make_provider(other_city.agency, URL, short_name="tetangga")
    with pytest.raises(WayNotOffered):
        log_in(event, theirs, nip=cast.SITI)


def test_an_event_of_a_unit_uses_the_login_of_the_government_above(
    city: City, provider: LoginProvider
):
    below = cast.make_event(city.school, ways=[Way.LOGIN])
    assert logins.provider_for(below) == provider


def test_a_unit_with_a_login_of_its_own_uses_that(city: City, provider: LoginProvider):
    own = make_provider(city.education, URL, short_name="disdik")
    assert logins.provider_for(cast.make_event(city.school, ways=[Way.LOGIN])) == own
    assert logins.provider_for(cast.make_event(city.clinic, ways=[Way.LOGIN])) == provider


def test_a_units_login_does_not_serve_the_event_above(city: City):
    make_provider(city.education, URL)
    assert ways.provider_of(cast.make_event(city.agency)) is None


# Registering


def test_registering_a_provider_is_recorded(city: City, provider: LoginProvider):
    entry = AuditEntry.objects.get(action="login_provider.save")
    assert entry.details == {"agency": city.agency.pk}


def test_an_empty_secret_leaves_the_one_that_is_kept(provider: LoginProvider):
    changed = Registration("pemkot", "SSO Baru", URL, "lain", "")
    logins.register(provider, changed, by=None)
    app = SocialApp.objects.get()
    assert (app.name, app.client_id, app.secret) == ("SSO Baru", "lain", "rahasia-klien-untuk-uji")


def test_removing_a_provider_removes_its_secret_too(provider: LoginProvider):
    logins.remove(provider, by=None)
    assert not SocialApp.objects.exists()
    assert not LoginProvider.objects.exists()
    assert AuditEntry.objects.filter(action="login_provider.remove").exists()
