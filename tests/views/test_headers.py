"""Every page runs under one strict policy, and holds nothing that it forbids."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

from tests.conftest import process_environment
from tests.test_roles import ROWS, ask, fill, places, users

__all__ = ["places", "users"]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The one page whose forms lead to another site: to a chat with one person.
CHASING = POLICY.replace("'self'; base", "'self' https://wa.me https://api.whatsapp.com; base")
# JSON in a script element is data, and runs nowhere.
INLINE = re.compile(
    r"<style|\sstyle=|\son\w+=|javascript:"
    r'|<script(?![^>]*\ssrc=)(?![^>]*\stype="application/json">)',
    re.IGNORECASE,
)
TEMPLATES = settings.BASE_DIR / "templates"
# Laid out by WeasyPrint, which is no browser.
PDF = TEMPLATES / "pdf"


# Together they see every page there is.
@pytest.mark.parametrize("role", ["signer", "officer", "admin", "superuser"])
def test_every_page_carries_the_strict_policy_and_nothing_inline(role, users, places):
    faults = {}
    for row in ROWS:
        response = ask(users.get(role), "GET", fill(row.path, places, role))
        chases = row.route == "organiser:chase" and response.status_code == 200
        expected = CHASING if chases else POLICY
        if response["Content-Security-Policy"] != expected:
            faults[row.path] = response["Content-Security-Policy"]
        is_page = response["Content-Type"].startswith("text/html") and not response.streaming
        if is_page and (found := INLINE.search(response.content.decode())):
            faults[row.path] = found[0]

    assert faults == {}


def test_no_template_has_inline_styles_or_scripts():
    pages = [path for path in TEMPLATES.rglob("*.html") if not path.is_relative_to(PDF)]
    found = {
        str(path.relative_to(TEMPLATES)): INLINE.findall(path.read_text())
        for path in pages
        if INLINE.search(path.read_text())
    }

    assert len(pages) > 100
    assert found == {}


def test_every_answer_is_framed_nowhere_taken_for_what_it_says_and_asks_for_no_device(client, db):
    for path in ("/", "/akun/masuk", "/verifikasi", "/a/UNKNOWN", "/unknown", "/admin/"):
        answer = client.get(path)

        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["Permissions-Policy"] == (
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
        )


# Nothing is collected here.
PLAIN = """
from pakta import settings as own
own.STORAGES["staticfiles"]["BACKEND"] = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
)
"""
COOKIES = """
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.auth.models import User
from django.test import Client
User.objects.create_user("a@contoh.example", "a@contoh.example", "sandi-untuk-uji")
client = Client(headers={"host": settings.ALLOWED_HOSTS[0], "x-forwarded-proto": "https"})
form = {"login": "a@contoh.example", "password": "sandi-untuk-uji"}
client.get("/akun/masuk", secure=True)
assert client.post("/akun/masuk", form, secure=True).status_code == 302
for name, cookie in sorted(client.cookies.items()):
    print(name, *(cookie[one] for one in ("secure", "httponly", "samesite", "path", "domain")))
"""


def test_over_https_every_cookie_is_this_hosts_own_and_out_of_reach_of_scripts(tmp_path):
    """Browsers refuse a cookie of such a name without Secure, with a Domain or another path."""
    environment = process_environment() | {
        "BASE_URL": "https://pakta.contoh.example", "DATABASE_URL": f"sqlite:///{tmp_path}/db",
        "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "pakta.settings",
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-c", COOKIES.replace("django.setup()", PLAIN + "django.setup()", 1)],
        cwd=settings.BASE_DIR, capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip

    told = [line.partition(" ") for line in ran.stdout.splitlines()]
    assert len(told) >= 2, ran.stderr
    assert [name for name, _, _ in told if not name.startswith("__Host-")] == []
    assert {attributes for _, _, attributes in told} == {"True True Lax / "}


def test_an_error_of_ours_carries_the_policy_too(db, monkeypatch):
    monkeypatch.setattr("pledges.wall.event_at", lambda token: 1 / 0)
    answer = Client(raise_request_exception=False).get("/layar/1-00000000000000000000000000")

    assert answer.status_code == 500
    assert answer["Content-Security-Policy"] == POLICY


ASK = """
import django
django.setup()
from django.conf import settings
from django.test import Client
headers = {"host": settings.ALLOWED_HOSTS[0], "x-forwarded-proto": "https"}
answer = Client().get("/kelola/", secure=True, headers=headers)
print(answer.get("Strict-Transport-Security"), settings.SESSION_COOKIE_SECURE,
    settings.CSRF_COOKIE_SECURE)
"""


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://pakta.contoh.example", "max-age=31536000 True True"),
        ("http://localhost:8000", "None False False"),
    ],
)
def test_where_the_address_has_https_browsers_stay_with_it_and_cookies_do(address, told):
    ran = subprocess.run(
        [sys.executable, "-c", ASK], cwd=settings.BASE_DIR, capture_output=True, text=True,
        env=process_environment() | {"BASE_URL": address}, check=False,
    )  # fmt: skip

    assert ran.stdout.strip() == told, ran.stderr
