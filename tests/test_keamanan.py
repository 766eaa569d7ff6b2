"""docs/keamanan.md names every line of ASVS 5.0.0, levels 1 and 2, and nothing that is not there;
and the few lines that no other test says."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests import cast
from tests.test_architecture import MODULES

TOLD = (settings.BASE_DIR / "docs" / "keamanan.md").read_text()
ROW = re.compile(r"\| (\d+\.\d+\.\d+) \| ([12]) \| (.+) \| (met|not met|n/a) \| (.+) \|")
# The level of each line, section by section: 1.1.1 and 1.1.2 are of level 2, and so on.
LEVELS = """
1.1 22  1.2 1111122223  1.3 112222222223  1.4 222  1.5 123
2.1 122  2.2 112  2.3 12223  2.4 23
3.1 3  3.2 113  3.3 12223  3.4 11222233  3.5 11122333  3.6 3  3.7 22333
4.1 12233  4.2 23333  4.3 22  4.4 1222
5.1 2  5.2 112333  5.3 113  5.4 222
6.1 122  6.2 111111112222  6.3 11223333  6.4 112233  6.5 22222333  6.6 2223  6.7 33  6.8 2222
7.1 222  7.2 1111  7.3 22  7.4 11222  7.5 223  7.6 22
8.1 1233  8.2 1123  8.3 133  8.4 23
9.1 111  9.2 1222
10.1 22  10.2 223  10.3 22223  10.4 1111122222233333  10.5 22222  10.6 22  10.7 222
11.1 2233  11.2 22233  11.3 11233  11.4 1222  11.5 23  11.6 23  11.7 33
12.1 12233  12.2 11  12.3 22223
13.1 2333  13.2 222223  13.3 2233  13.4 1222233
14.1 22  14.2 12223333  14.3 122
15.1 12233  15.2 12233  15.3 1222222  15.4 3333
16.1 2  16.2 22222  16.3 2222  16.4 222  16.5 2223
17.1 23  17.2 22223333  17.3 22
"""
# What is quoted and is no name of ours.
FOREIGN = {
    "EmailMessage", "FileResponse", "__Host-", "autocomplete", "cryptography", "cycle_key",
    "default-src 'none'", "eval", "flush", "hmac", "innerHTML", "json", "next", "request.GET",
    "request.POST", "reverse", "rotate_nik_key", "secrets", "smtp+ssl", "smtp+tls", "sslmode",
    "sslmode=verify-full", "str.format", "sub", "textContent", "zipfile",
    "/metrics", "/readyz", "/a/KODE/data-anda", "make lint", "make requirements",
}  # fmt: skip


def wanted() -> dict[str, str]:
    pairs = LEVELS.split()
    return {
        f"{section}.{number}": level
        for section, levels in zip(pairs[::2], pairs[1::2], strict=True)
        for number, level in enumerate(levels, start=1)
    }


@cache
def known_tests() -> set[str]:
    files = (settings.BASE_DIR / "tests").rglob("test_*.py")
    return {name for file in files for name in re.findall(r"def (test_\w+)", file.read_text())}


def test_the_standard_has_as_many_lines_of_each_level_as_it_says():
    levels = list(wanted().values())

    assert [levels.count(level) for level in "123"] == [70, 183, 92]


def test_every_line_of_levels_1_and_2_is_told_once_with_its_level():
    told = [(found[1], found[2]) for found in ROW.finditer(TOLD)]

    assert told == [(name, level) for name, level in wanted().items() if level != "3"]
    assert len(re.findall(r"^\| \d", TOLD, re.MULTILINE)) == len(told)


def test_what_is_not_met_says_why():
    short = [
        found[1]
        for found in ROW.finditer(TOLD)
        if found[4] != "met" and len(found[5]) < (60 if found[4] == "not met" else 6)
    ]
    assert short == []


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([^`\n]+)`", TOLD))))
def test_whatever_it_names_is_there(name):
    """A file, a module, a test, a setting; the rest is listed above."""
    is_there = (
        (settings.BASE_DIR / name).exists()
        or name in MODULES
        or name in known_tests()
        or (name.isupper() and hasattr(settings, name))
        or name in FOREIGN
    )
    assert is_there


def test_a_session_that_nobody_uses_ends_within_half_a_day(client: Client, admin: User):
    client.post("/akun/masuk", {"login": admin.email, "password": cast.PASSWORD})
    [session] = Session.objects.all()
    assert session.expire_date < timezone.now() + timedelta(hours=12, minutes=1)

    Session.objects.update(expire_date=timezone.now())
    assert client.get("/kelola/").status_code == 302


def test_a_session_of_an_account_that_was_switched_off_is_nobodys(client: Client, admin: User):
    client.force_login(admin)
    assert client.get("/kelola/").status_code == 200
    User.objects.update(is_active=False)

    assert client.get("/kelola/").status_code == 302


def test_a_new_password_ends_the_other_sessions(client: Client, admin: User):
    other = Client()
    for browser in (client, other):
        browser.force_login(admin)
    new = "sandi-baru-untuk-uji"
    form = {"oldpassword": cast.PASSWORD, "password1": new, "password2": new}
    assert client.post("/akun/kata-sandi", form).status_code == 302

    assert client.get("/kelola/").status_code == 200
    assert other.get("/kelola/").status_code == 302


@pytest.mark.parametrize("path", ["/", "/verifikasi", "/akun/masuk", "/tandatangan", "/healthz"])
def test_trace_echoes_nothing(client: Client, db: None, path: str):
    answer = client.generic("TRACE", path, HTTP_X_SECRET="rahasia")

    assert b"rahasia" not in answer.content
