"""An agency's own login is believed after every check of OpenID Connect, and leaves nothing.

Each check has a test in which a provider on this machine lies about exactly that.
"""

from __future__ import annotations

import json
import logging
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from pledges import events
from pledges.models import AuditEntry, Event, Signatory, Way
from tests import cast
from tests.cast import City
from tests.conftest import free_port
from tests.openid import (
    LyingProvider,
    come_back,
    liar,
    log_in_at,
    login_server,
    make_provider,
    private_key,
)
from tests.pages import text_of
from tests.views.test_signer import FORM, ticket_in

__all__ = ["liar", "login_server"]


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Another test's provider may have had the same port."""
    cache.clear()


@pytest.fixture
def event(city: City) -> Event:
    return cast.make_open(city, ways=[Way.LOGIN])


@pytest.fixture
def honest(city: City, login_server: str) -> str:
    make_provider(city.agency, login_server)
    return login_server


@pytest.fixture
def lying(city: City, liar: LyingProvider) -> LyingProvider:
    make_provider(city.agency, liar.url)
    return liar


def leave(client: Client, event: Event) -> str:
    """From Pakta's page to the provider's."""
    response = client.get(f"/a/{event.code}/login")
    assert response.status_code == 302
    return str(response["Location"])


def round_trip(client: Client, event: Event) -> Any:
    """Through a provider that asks nothing."""
    answer = requests.get(leave(client, event), allow_redirects=False, timeout=5)
    return come_back(client, answer.headers["Location"])


# The way there and back


def test_a_login_shows_its_person_the_pact_and_the_signature_names_the_provider(
    client: Client, event: Event, honest: str
):
    page = come_back(client, log_in_at(leave(client, event), "siti"))
    assert page.status_code == 200
    assert "Apakah ini Anda? Siti Aminah, S.Pd." in text_of(page)
    client.post("/tandatangan", {"ticket": ticket_in(page)} | FORM)
    statement = json.loads(cast.someone(event).signatures.get().statement)
    assert statement["identity"] == {"method": "login", "detail": "SSO Kota Contoh", "desk": None}


def test_a_login_creates_no_user_and_no_account_and_links_nobody_by_email(
    client: Client, event: Event, honest: str, admin: User
):
    """The provider says that Siti has the admin's e-mail address."""
    come_back(client, log_in_at(leave(client, event), "siti"))
    assert list(User.objects.all()) == [admin]
    assert not SocialAccount.objects.exists()
    assert not SocialToken.objects.exists()


def test_a_social_login_never_logs_an_organiser_in(
    client: Client, event: Event, honest: str, admin: User
):
    come_back(client, log_in_at(leave(client, event), "siti"))
    assert client.get("/kelola/")["Location"].startswith("/akun/masuk")


def test_after_the_login_no_session_is_left_and_the_cookie_is_taken_back(
    client: Client, event: Event, honest: str
):
    address = leave(client, event)
    assert Session.objects.count() == 1
    page = come_back(client, log_in_at(address, "siti"))
    assert not Session.objects.exists()
    assert page.cookies["pakta_session"]["max-age"] == 0


def test_a_session_that_nobody_comes_back_to_ends_after_ten_minutes(
    client: Client, event: Event, honest: str
):
    leave(client, event)
    left = Session.objects.get().expire_date - timezone.now()
    assert 590 < left.total_seconds() <= 600


def test_an_organiser_who_signs_by_login_stays_logged_in(
    client: Client, event: Event, honest: str, admin: User
):
    client.force_login(admin)
    page = come_back(client, log_in_at(leave(client, event), "siti"))
    assert "Siti Aminah, S.Pd." in text_of(page)
    assert client.get("/kelola/").status_code == 200


def test_nothing_of_the_claims_is_kept(client: Client, event: Event, honest: str):
    before = AuditEntry.objects.count()
    come_back(client, log_in_at(leave(client, event), "orang-lain"))
    assert AuditEntry.objects.count() == before
    assert not Session.objects.exists()


def test_the_claim_that_carries_the_nip_is_a_setting(
    client: Client, city: City, event: Event, liar: LyingProvider
):
    make_provider(city.agency, liar.url, nip_claim="employee_number")
    liar.claims = {"nip": cast.BUDI, "employee_number": cast.SITI}
    assert "Siti Aminah, S.Pd." in text_of(round_trip(client, event))


def test_the_claim_may_be_in_userinfo_only(client: Client, event: Event, lying: LyingProvider):
    lying.claims, lying.userinfo = {"nip": None}, {"nip": cast.SITI}
    assert "Siti Aminah, S.Pd." in text_of(round_trip(client, event))


# Who is refused


def test_an_oidc_login_whose_nip_is_not_on_the_roster_is_told_so_and_nothing_is_stored(
    client: Client, event: Event, honest: str
):
    page = come_back(client, log_in_at(leave(client, event), "orang-lain"))
    assert page.status_code == 403
    assert "NIP pada akun itu tidak ada dalam daftar penanda tangan acara ini" in text_of(page)
    assert "Tidak ada yang disimpan." in text_of(page)
    assert f'href="/a/{event.code}"' in page.content.decode()
    assert 'name="ticket"' not in page.content.decode()


def test_a_login_without_the_claim_is_told_what_is_missing(
    client: Client, event: Event, honest: str
):
    page = come_back(client, log_in_at(leave(client, event), "tanpa-nip"))
    assert page.status_code == 403
    assert "SSO Kota Contoh tidak memberitahukan NIP Anda" in text_of(page)


def test_somebody_taken_off_the_roster_is_told_so(client: Client, event: Event, honest: str):
    Signatory.objects.filter(nip=cast.SITI).update(withdrawn_at=timezone.now())
    page = come_back(client, log_in_at(leave(client, event), "siti"))
    assert page.status_code == 403
    assert "Nama Anda tidak lagi ada dalam daftar" in text_of(page)


def test_a_provider_serves_only_its_own_agencys_events(
    client: Client, city: City, other_city: City, honest: str
):
    theirs = cast.make_open(other_city, ways=[Way.LOGIN])
    assert client.get(f"/a/{theirs.code}/login").status_code == 403
    assert not Session.objects.exists()


def test_a_login_through_one_agencys_provider_is_refused_at_another_agencys_event(
    client: Client, event: Event, honest: str, other_city: City, liar: LyingProvider
):
    """Whoever brings an answer of the first provider to the second one's address."""
    make_provider(other_city.agency, liar.url, short_name="tetangga")
    theirs = cast.make_open(other_city, ways=[Way.LOGIN])
    leave(client, theirs)
    location = log_in_at(leave(client, event), "siti")
    page = come_back(client, location.replace("/login/pemkot", "/login/tetangga"))
    assert page.status_code == 403
    assert "Login tidak selesai" in text_of(page)


def test_an_event_that_does_not_offer_login_leads_nobody_to_the_provider(
    client: Client, city: City, honest: str
):
    page = client.get(f"/a/{cast.make_open(city).code}/login")
    assert page.status_code == 403
    assert "Acara ini tidak memakai cara ini" in text_of(page)


def test_a_draft_leads_nobody_to_the_provider(client: Client, city: City, honest: str):
    assert client.get(f"/a/{cast.make_draft(city).code}/login").status_code == 409


def test_a_closed_event_shows_the_receipt_of_who_logs_in(client: Client, event: Event, honest: str):
    page = come_back(client, log_in_at(leave(client, event), "siti"))
    client.post("/tandatangan", {"ticket": ticket_in(page)} | FORM)
    events.close(event, by=None)
    page = come_back(client, log_in_at(leave(client, event), "siti"))
    assert page["Location"].startswith("/bukti/")


def test_somebody_who_cancels_at_the_provider_is_back_at_the_event(
    client: Client, event: Event, honest: str
):
    address = leave(client, event)
    answer = requests.post(address, data={"action": "deny"}, allow_redirects=False, timeout=5)
    state = parse_qs(urlsplit(address).query)["state"][0]
    location = answer.headers["Location"]
    location += "" if "state=" in location else f"&state={state}"
    assert come_back(client, location)["Location"] == f"/a/{event.code}"
    assert not Session.objects.exists()


# What is checked


def test_pkce_and_nonce_are_sent_and_the_verifier_is_redeemed(
    client: Client, event: Event, lying: LyingProvider
):
    assert round_trip(client, event).status_code == 200
    [question], [form] = lying.asked, lying.redeemed
    assert question["code_challenge_method"] == "S256"
    assert len(question["code_challenge"]) == 43
    assert len(form["code_verifier"]) >= 43
    assert len(question["nonce"]) == 26
    assert question["response_type"] == "code"
    assert set(question["scope"].split()) == {"openid", "profile", "email"}
    assert question["redirect_uri"] == "http://localhost:8000/login/pemkot"


def test_a_setting_of_the_provider_cannot_turn_pkce_off(
    client: Client, city: City, event: Event, lying: LyingProvider
):
    app = city.agency.login_providers.get().app
    app.settings |= {"oauth_pkce_enabled": False}
    app.save()
    round_trip(client, event)
    assert "code_challenge" in lying.asked[0]


def test_the_provider_is_told_to_ask_for_the_password_again(
    client: Client, event: Event, lying: LyingProvider
):
    """On a borrowed phone somebody else may still be logged in there."""
    round_trip(client, event)
    assert lying.asked[0]["prompt"] == "login"


def now(seconds: int) -> int:
    return int(time.time()) + seconds


LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"claims": {"iss": "https://lain.example"}},
    "no issuer": {"claims": {"iss": None}},
    "another audience": {"claims": {"aud": "aplikasi-lain"}},
    "no audience": {"claims": {"aud": None}},
    "another authorised party": {"claims": {"aud": ["pakta", "lain"], "azp": "lain"}},
    "another nonce": {"claims": {"nonce": "bukan-yang-ditanyakan"}},
    "no nonce": {"claims": {"nonce": None}},
    "expired": {"claims": {"exp": now(-120)}},
    "without an end": {"claims": {"exp": None}},
    "issued tomorrow": {"claims": {"iat": now(24 * 60 * 60)}},
    "without a subject": {"claims": {"sub": None}},
    "signed with another key": {"signs_with": private_key()},
    "signed with a shared secret": {"signs_with": "x" * 64, "algorithm": "HS256"},
    "not signed": {"algorithm": "none"},
    "of an unknown key": {"key_id": "2"},
    "no ID token": {"token": {"id_token": None}},
    "an ID token that is none": {"token": {"id_token": "a.b.c"}},
    "userinfo of another subject": {
        "claims": {"nip": None}, "userinfo": {"sub": "budi", "nip": cast.SITI},
    },
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_what_it_should_be_identifies_nobody(
    client: Client, event: Event, lying: LyingProvider, lie: str, caplog: pytest.LogCaptureFixture
):
    for name, value in LIES[lie].items():
        setattr(lying, name, value)
    with caplog.at_level(logging.DEBUG):
        page = round_trip(client, event)
    assert page.status_code == 403, lie
    assert "Login tidak selesai" in text_of(page)
    assert f'href="/a/{event.code}"' in page.content.decode()
    assert 'name="ticket"' not in page.content.decode()
    assert not Session.objects.exists()
    assert cast.SITI not in caplog.text


def test_an_answer_is_good_for_one_use(client: Client, event: Event, honest: str):
    location = log_in_at(leave(client, event), "siti")
    assert come_back(client, location).status_code == 200
    assert come_back(client, location).status_code == 403


def test_an_answer_in_another_persons_browser_identifies_nobody(event: Event, honest: str):
    """The state is kept in the session of whoever asked."""
    location = log_in_at(leave(Client(), event), "siti")
    page = come_back(Client(), location)
    assert page.status_code == 403
    assert "Siti" not in text_of(page)


def test_an_answer_that_came_after_ten_minutes_identifies_nobody(
    client: Client, event: Event, honest: str
):
    location = log_in_at(leave(client, event), "siti")
    Session.objects.update(expire_date=timezone.now())
    assert come_back(client, location).status_code == 403


@pytest.mark.parametrize("path", ["/login/pemkot", "/login/pemkot?code=1&state=2"])
def test_coming_back_without_having_left_is_explained(
    client: Client, event: Event, honest: str, path: str
):
    page = client.get(path)
    assert page.status_code == 403
    assert "Mulai lagi dari halaman acara" in text_of(page)


def test_a_provider_that_is_not_registered_is_not_found(client: Client, event: Event):
    assert client.get("/login/pemkot").status_code == 404


@pytest.mark.parametrize(
    "discovery",
    [
        {"token_endpoint": "http://169.254.169.254/latest/meta-data"},
        {"jwks_uri": "file:///etc/passwd"},
        {"userinfo_endpoint": "http://10.0.0.1/"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_provider_that_names_addresses_inside_is_not_gone_to(
    client: Client, event: Event, lying: LyingProvider, discovery: dict[str, Any]
):
    lying.discovery = discovery
    assert client.get(f"/a/{event.code}/login").status_code == 424


@pytest.mark.parametrize("endpoint", ["token_endpoint", "jwks_uri", "userinfo_endpoint"])
def test_a_provider_has_no_other_server_of_this_network_asked(
    client: Client, event: Event, lying: LyingProvider, endpoint: str
):
    """The same one here, by a name that nobody registered."""
    elsewhere = lying.url.replace("127.0.0.1", "localhost")
    lying.discovery = {endpoint: f"{elsewhere}/{endpoint}"}
    lying.claims = {"nip": None}
    page = round_trip(client, event)
    assert page.status_code in {403, 424}
    assert f"/{endpoint}" not in lying.paths


@pytest.mark.parametrize(
    "discovery",
    [{"issuer": "https://lain.example"}, {"jwks_uri": None}, {"authorization_endpoint": 7}],
)
def test_a_provider_that_describes_itself_as_somebody_else_is_not_gone_to(
    client: Client, event: Event, lying: LyingProvider, discovery: dict[str, Any]
):
    lying.discovery = discovery
    page = client.get(f"/a/{event.code}/login")
    assert page.status_code == 424
    assert "Layanan login instansi sedang tidak dapat dihubungi" in text_of(page)
    assert not Session.objects.exists()


def test_a_provider_that_is_down_is_told_about_with_the_way_back(
    client: Client, city: City, event: Event
):
    make_provider(city.agency, f"http://127.0.0.1:{free_port()}")
    page = client.get(f"/a/{event.code}/login")
    assert page.status_code == 424
    assert "Coba lagi beberapa menit lagi, atau gunakan cara lain." in text_of(page)
    assert f'href="/a/{event.code}"' in page.content.decode()


def test_a_provider_that_goes_down_in_between_is_told_about(
    client: Client, event: Event, lying: LyingProvider
):
    location = requests.get(leave(client, event), allow_redirects=False, timeout=5).headers[
        "Location"
    ]
    lying.discovery = {"issuer": "https://lain.example"}
    cache.clear()
    page = come_back(client, location)
    assert page.status_code == 424
    assert not Session.objects.exists()


def test_a_wrong_client_secret_identifies_nobody_and_is_not_logged(
    client: Client, event: Event, lying: LyingProvider, city: City, caplog: pytest.LogCaptureFixture
):
    app = city.agency.login_providers.get().app
    app.secret = "rahasia-yang-salah"
    app.save()
    with caplog.at_level(logging.DEBUG):
        assert round_trip(client, event).status_code == 403
    assert "login through provider" in caplog.text
    assert "rahasia-yang-salah" not in caplog.text


# allauth's own pages


@pytest.mark.parametrize(
    "name",
    [
        "socialaccount_connections",
        "socialaccount_signup",
        "socialaccount_login_cancelled",
        "socialaccount_login_error",
        "openid_connect_login",
        "openid_connect_callback",
    ],
)
def test_allauths_own_pages_for_logins_are_not_there(name: str):
    with pytest.raises(NoReverseMatch):
        reverse(name, args=["pemkot"] if name.startswith("openid") else [])


def test_the_organisers_login_offers_no_provider(client: Client, event: Event, honest: str):
    page = text_of(client.get("/akun/masuk"))
    assert "SSO" not in page
