"""The second step of logging in: setting it up, using it, losing it, and where it is a must."""

from __future__ import annotations

import json
import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django_tasks_db.models import DBTaskResult

from pledges import accounts, second_factors
from pledges.models import Agency, AuditEntry, Event, Role
from tests import cast
from tests.cast import City, make_user
from tests.pages import text_of
from tests.second_steps import code_of, log_in, recovery_codes, set_up_app


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Attempts are counted in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def secret(admin: User) -> str:
    """The admin's app; it was set up in another browser."""
    client = Client()
    log_in(client)
    return set_up_app(client)


def second_step(client: Client, code: str):
    return client.post("/akun/masuk/langkah-kedua", {"code": code})


def is_in(client: Client) -> bool:
    return client.get("/kelola/").status_code == 200


# Setting it up


def test_an_app_is_set_up_and_recovery_codes_come_with_it(
    client: Client, admin: User, django_capture_on_commit_callbacks
) -> None:
    log_in(client)
    with django_capture_on_commit_callbacks(execute=True):
        set_up_app(client)
    assert "Terpasang" in text_of(client.get("/akun/dua-langkah"))
    assert len(set(recovery_codes(client))) == 10
    entry = AuditEntry.objects.get(action="second_factor.add")
    assert (entry.actor, entry.target) == (f"user:{admin.pk}", f"user:{admin.pk}")
    told = [task.args_kwargs["args"] for task in DBTaskResult.objects.all()]
    assert [admin.pk, "totp_activated"] in told


def test_the_owner_is_told_by_email_that_a_second_factor_was_added(admin: User, mailoutbox) -> None:
    accounts.tell_of_change(admin, "totp_activated")
    [message] = mailoutbox
    assert message.to == ["admin@contoh.example"]
    assert "Aplikasi autentikator dipasang pada akun Anda." in message.body
    assert "/akun/lupa-kata-sandi" in message.body


def test_setting_it_up_asks_for_the_password_again(client: Client, admin: User) -> None:
    log_in(client)
    page = client.get("/akun/dua-langkah/aplikasi", follow=True)
    assert "Pastikan ini Anda" in text_of(page)
    wrong = client.post(page.redirect_chain[-1][0], {"password": "salah"})
    assert "Kata sandi tidak cocok." in text_of(wrong)
    assert client.get("/akun/dua-langkah/aplikasi").status_code == 302


def test_a_wrong_code_sets_nothing_up_and_keeps_the_secret(client: Client, admin: User) -> None:
    log_in(client)
    page = client.get("/akun/dua-langkah/aplikasi", follow=True)
    client.post(page.redirect_chain[-1][0], {"password": cast.PASSWORD})
    page = client.get("/akun/dua-langkah/aplikasi")
    [secret] = re.findall(r'secret">([A-Z2-7]+)<', page.content.decode())
    page = client.post("/akun/dua-langkah/aplikasi", {"code": "000000"})
    assert "Kode tidak cocok" in text_of(page)
    assert secret in page.content.decode()
    assert not Authenticator.objects.exists()


def test_secrets_of_apps_and_recovery_codes_are_stored_encrypted(secret: str) -> None:
    stored = [json.dumps(row.data) for row in Authenticator.objects.order_by("type")]
    assert len(stored) == 2
    assert not [row for row in stored if secret in row]
    assert all("gAAAA" in row for row in stored)


# Logging in


def test_a_password_alone_does_not_log_in_whoever_has_an_app(client: Client, secret: str) -> None:
    assert log_in(client)["Location"].startswith("/akun/masuk/langkah-kedua")
    assert not is_in(client)
    assert second_step(client, code_of(secret))["Location"] == "/kelola/"
    assert is_in(client)


def test_whoever_cannot_take_the_second_step_goes_back_to_the_first(
    client: Client, secret: str
) -> None:
    log_in(client)
    answer = client.post("/akun/keluar", {"next": "/akun/masuk"})
    assert answer["Location"] == "/akun/masuk"
    assert client.get("/akun/masuk").status_code == 200


def test_a_code_that_was_used_is_refused_the_second_time(client: Client, secret: str) -> None:
    other, code = Client(), code_of(secret)
    log_in(client)
    second_step(client, code)
    log_in(other)
    assert "Kode tidak cocok atau sudah dipakai." in text_of(second_step(other, code))
    assert not is_in(other)


def test_a_recovery_code_lets_in_once(client: Client, secret: str) -> None:
    log_in(client)
    second_step(client, code_of(secret))
    client.get("/akun/dua-langkah/kode-cadangan")
    client.post("/akun/pastikan/kode", {"code": code_of(secret, later=1)})
    codes = recovery_codes(client)
    first, second = Client(), Client()
    log_in(first)
    second_step(first, codes[0])
    assert is_in(first)
    log_in(second)
    second_step(second, codes[0])
    assert not is_in(second)


def test_codes_cannot_be_tried_without_end_from_wherever(client: Client, secret: str) -> None:
    for number in range(10):
        other = Client(REMOTE_ADDR=f"203.0.113.{number}")
        log_in(other)
        assert "Kode tidak cocok" in text_of(second_step(other, "000000"))
    log_in(client)
    page = text_of(second_step(client, code_of(secret)))
    assert "Terlalu banyak kode yang salah untuk akun ini. Tunggu 15 menit" in page
    assert not is_in(client)


def test_a_password_alone_does_not_take_the_second_factor_away(client: Client, secret: str) -> None:
    log_in(client)
    second_step(client, code_of(secret))
    page = client.get("/akun/dua-langkah/aplikasi/lepas", follow=True)
    assert page.redirect_chain[-1][0].startswith("/akun/pastikan/kode")
    asked = client.get("/akun/pastikan?next=/akun/dua-langkah")
    assert asked["Location"].startswith("/akun/pastikan/kode")


def test_whoever_has_an_app_reaches_the_support_views_with_it_only(
    client: Client, superuser: User
) -> None:
    other = Client()
    log_in(other, superuser.email)
    secret = set_up_app(other)
    way = client.get("/admin/", follow=True).redirect_chain[-1][0]
    assert way == "/akun/masuk?next=%2Fadmin%2F"
    form = {"login": superuser.email, "password": cast.PASSWORD, "next": "/admin/"}
    client.post("/akun/masuk", form)
    assert client.get("/admin/").status_code == 302
    assert second_step(client, code_of(secret))["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_passkey_that_makes_no_sense_is_refused_in_words(client: Client, db: None) -> None:
    for nonsense in ("", "{}", "[1]", '{"response": {"userHandle": "Ml"}}'):
        page = client.post("/akun/masuk/kunci-sandi", {"credential": nonsense}, follow=True)
        assert page.status_code == 200
        assert page.redirect_chain[-1][0] == "/akun/masuk"


# Where it is a must


@pytest.fixture
def required(city: City, admin: User) -> City:
    second_factors.require(city.agency, required=True, by=admin)
    return city


def test_an_agency_that_requires_it_leads_everybody_to_set_one_up_first(
    client: Client, required: City, officer: User, open_event: Event
) -> None:
    log_in(client, officer.email)
    for path in ("/kelola/", f"/kelola/acara/{open_event.code}/", "/kelola/pegawai"):
        assert client.get(path)["Location"] == "/akun/dua-langkah?wajib"
    assert "Instansi Anda mewajibkan verifikasi dua langkah." in text_of(
        client.get("/akun/dua-langkah?wajib")
    )
    set_up_app(client)
    assert is_in(client)
    assert client.get(f"/kelola/acara/{open_event.code}/").status_code == 200


def test_it_holds_for_units_below_and_for_nobody_beside_or_above(
    client: Client, city: City, admin: User, officer: User
) -> None:
    second_factors.require(city.education, required=True, by=admin)
    nurse = make_user("bidan@contoh.example", (Role.OFFICER, city.clinic))
    teacher = make_user("guru@contoh.example", (Role.OFFICER, city.school))
    found = {}
    for user in (admin, officer, nurse, teacher):
        client.force_login(user)
        found[user.email] = is_in(client)
    assert found == {
        "admin@contoh.example": True,
        "petugas@contoh.example": False,
        "bidan@contoh.example": True,
        "guru@contoh.example": False,
    }


def test_a_superuser_needs_one_as_soon_as_any_agency_does(
    client: Client, superuser: User, city: City
) -> None:
    client.force_login(superuser)
    assert client.get("/admin/").status_code == 200
    second_factors.require(city.agency, required=True, by=superuser)
    assert client.get("/admin/")["Location"] == "/akun/dua-langkah?wajib"


def test_what_was_filled_in_is_not_lost_when_it_becomes_a_must(
    client: Client, required: City, admin: User, draft_event: Event
) -> None:
    """The page stays; sent again after the set-up, the same form is taken."""
    log_in(client)
    address = f"/kelola/acara/{draft_event.code}/petugas/undang"
    form = {"name": "Rina", "email": "rina@contoh.example", "role": "officer"}
    form |= {"unit": required.health.pk}
    page = client.post(address, form)
    assert page.status_code == 403
    assert "Isian Anda tidak hilang" in text_of(page)
    assert 'target="_blank"' in page.content.decode()
    assert not User.objects.filter(email="rina@contoh.example").exists()
    set_up_app(client)
    client.post(address, form)
    assert User.objects.filter(email="rina@contoh.example").exists()


def test_a_piece_of_a_page_leads_the_whole_page_there(
    client: Client, required: City, admin: User, open_event: Event
) -> None:
    client.force_login(admin)
    answer = client.get("/kelola/", headers={"hx-request": "true"})
    assert answer["HX-Redirect"] == "/akun/dua-langkah?wajib"


def test_signers_and_the_public_are_not_asked_for_it(
    client: Client, required: City, admin: User, open_event: Event
) -> None:
    client.force_login(admin)
    own = ("/akun/kata-sandi", "/akun/perangkat")
    for path in ("/", "/verifikasi", f"/a/{open_event.code}", *own):
        assert client.get(path).status_code == 200, path


def test_an_admin_makes_it_a_must_and_takes_that_back(
    as_admin: Client, city: City, officer: User, draft_event: Event
) -> None:
    address = f"/kelola/instansi/{city.agency.pk}/dua-langkah?acara={draft_event.code}"
    question = text_of(as_admin.get(address))
    assert "Wajibkan verifikasi dua langkah?" in question
    assert "2 orang, 2 di antaranya belum memasangnya." in question
    assert "Anda juga." in question
    answer = as_admin.post(address, {"wajib": "ya"})
    assert answer["Location"] == f"/kelola/acara/{draft_event.code}/petugas"
    assert Agency.objects.get(requires_second_factor=True) == city.agency
    log_in(as_admin)
    set_up_app(as_admin)
    page = text_of(as_admin.get(f"/kelola/acara/{draft_event.code}/petugas"))
    assert "Verifikasi dua langkah wajib bagi semua yang bekerja di Pemerintah Kota Contoh." in page
    assert "dengan dua langkah" in page
    assert "belum dua langkah" in page
    as_admin.post(address, {"wajib": "tidak"})
    assert not Agency.objects.filter(requires_second_factor=True).exists()
    assert [
        entry.details for entry in AuditEntry.objects.filter(action="second_factor.require")
    ] == [{"required": True}, {"required": False}]


def test_nobody_below_takes_back_what_is_a_must_above(
    client: Client, required: City, draft_event: Event
) -> None:
    head = make_user("kadis@contoh.example", (Role.ADMIN, required.education))
    log_in(client, head.email)
    set_up_app(client)
    above = f"/kelola/instansi/{required.agency.pk}/dua-langkah"
    assert client.post(above, {"wajib": "tidak"}).status_code == 404
    own = f"/kelola/instansi/{required.education.pk}/dua-langkah"
    assert "Pemerintah Kota Contoh sudah mewajibkannya" in text_of(client.get(own))


# At the desk


def test_ending_a_desk_with_the_password_asks_whoever_has_an_app_for_the_code(
    client: Client, officer: User, open_event: Event, city: City
) -> None:
    open_event.ways = ["slip", "desk"]
    open_event.save()
    log_in(client, officer.email)
    secret = set_up_app(client)
    form = {"unit": city.education.pk, "pin": "481926", "pin_again": "481926"}
    client.post(f"/kelola/acara/{open_event.code}/meja", form)
    assert client.get("/meja/").status_code == 200
    answer = client.post("/meja/selesai", {"password": cast.PASSWORD})
    assert answer["Location"].startswith("/akun/masuk/langkah-kedua")
    assert not is_in(client)
    answer = second_step(client, code_of(secret))
    assert answer["Location"] == f"/kelola/acara/{open_event.code}/"
    assert is_in(client)
