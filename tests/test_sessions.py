"""Sessions end: of whoever leaves, loses a role or a device, or wants it, at the next request."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from pledges import accounts, second_factors, sessions
from pledges.models import AuditEntry, Role
from tests.cast import City
from tests.second_steps import log_in

CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/124.0.0.0 Mobile Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.4 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def browsers(officer: User) -> list[Client]:
    """Two in which the officer is logged in."""
    cache.clear()
    found = [Client(HTTP_USER_AGENT=name) for name in (CHROME, FIREFOX)]
    for client in found:
        log_in(client, officer.email)
    assert are_in(found) == [True, True]
    return found


def are_in(browsers: list[Client]) -> list[bool]:
    return [client.get("/kelola/").status_code == 200 for client in browsers]


ENDS: dict[str, Callable[[User, City, User], object]] = {
    "deactivated": lambda user, city, by: accounts.deactivate(user, by=by),
    "role removed": lambda user, city, by: accounts.remove(user.memberships.get(), by=by),
    "role changed": lambda user, city, by: accounts.change(
        user.memberships.get(), role=Role.OVERSEER, unit=city.agency, by=by
    ),
    "second factors reset": lambda user, city, by: second_factors.reset(user, by=by),
    "logged out by an admin": lambda user, city, by: accounts.log_out(user, by=by),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_sessions_end_at_once_in_every_browser(
    browsers: list[Client], officer: User, city: City, admin: User, end
) -> None:
    end(officer, city, admin)
    assert are_in(browsers) == [False, False]
    assert not Session.objects.exists()
    assert sessions.of(officer) == []


def test_sessions_of_others_go_on(browsers: list[Client], officer: User, admin: User) -> None:
    own = Client()
    log_in(own, admin.email)
    accounts.log_out(officer, by=admin)
    assert are_in([own]) == [True]
    assert AuditEntry.objects.get(action="account.log_out").details == {"sessions": 2}


def test_a_new_password_ends_every_session_but_the_one_it_was_given_in(
    browsers: list[Client],
) -> None:
    form = {"oldpassword": "sandi-untuk-uji-2024"}
    form |= dict.fromkeys(("password1", "password2"), "sandi-baru-untuk-uji")
    browsers[0].post("/akun/kata-sandi", form)
    assert are_in(browsers) == [True, False]


def test_a_password_that_was_reset_ends_every_session(
    browsers: list[Client], officer: User
) -> None:
    officer.set_password("sandi-baru-untuk-uji")
    officer.save()
    assert are_in(browsers) == [False, False]
    assert sessions.of(officer) == []


def test_a_switched_off_account_is_nobody_even_where_its_session_is_left(
    browsers: list[Client], officer: User
) -> None:
    officer.is_active = False
    officer.save()
    assert are_in(browsers) == [False, False]


def test_one_sees_where_one_is_logged_in_and_leaves_everywhere(browsers: list[Client]) -> None:
    page = browsers[0].get("/akun/perangkat").content.decode()
    assert "Chrome di Android" in page
    assert "Firefox di Windows" in page
    assert page.count("Perangkat ini") == 1
    left = browsers[0].post("/akun/perangkat", follow=True)
    assert left.redirect_chain[-1][0] == "/akun/masuk"
    assert "Anda sudah keluar dari semua perangkat." in left.content.decode()
    assert are_in(browsers) == [False, False]


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (CHROME, "Chrome di Android"),
        (FIREFOX, "Firefox di Windows"),
        (SAFARI, "Safari di iPhone"),
        (CHROME + " EdgA/124.0", "Edge di Android"),
        ("curl/8.5", "Peramban"),
        ("", "Peramban"),
    ],
)
def test_a_browser_is_told_in_words(says: str, words: str) -> None:
    assert sessions.browser(says) == words


def test_no_address_is_kept_of_whoever_logs_in(officer: User) -> None:
    log_in(Client(REMOTE_ADDR="203.0.113.7"), officer.email)
    [session] = sessions.of(officer)
    assert session.ip == "0.0.0.0"


def test_sessions_that_began_before_they_were_known_by_user_end_with_the_upgrade(
    officer: User, client: Client
) -> None:
    desk = SessionStore()
    desk["desk"] = 7
    desk.save()
    client.force_login(officer)
    [migration] = (settings.BASE_DIR / "pledges" / "migrations").glob("*_accounts.py")
    import_module(f"pledges.migrations.{migration.stem}").log_everybody_out(apps, None)
    assert client.get("/kelola/").status_code == 302
    assert [row.session_key for row in Session.objects.all()] == [desk.session_key]
