from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests import cast
from tests.pages import text_of

NEW = "sandi-baru-untuk-uji"


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    """Attempts are counted in the cache, which outlives a test."""
    cache.clear()


def log_in(client: Client, email: str = "admin@contoh.example", password: str = cast.PASSWORD):
    return client.post("/akun/masuk", {"login": email, "password": password})


def reset_link(client: Client, email: str = "admin@contoh.example") -> str:
    client.post("/akun/lupa-kata-sandi", {"email": email})
    found = re.search(r"http\S+", str(mail.outbox[0].body))
    assert found
    return found[0]


# Logging in and out


def test_an_organiser_logs_in_with_email_and_password(client: Client, admin: User) -> None:
    page = text_of(client.get("/akun/masuk"))
    assert "Alamat surel" in page
    assert "Kata sandi" in page
    assert log_in(client)["Location"] == "/kelola/"
    assert client.get("/kelola/").status_code == 200


def test_after_login_the_page_that_was_asked_for_follows(client: Client, admin: User) -> None:
    url = client.get("/kelola/acara/baru")["Location"]
    form = {"login": admin.email, "password": cast.PASSWORD, "next": "/kelola/acara/baru"}
    assert client.post(url, form)["Location"] == "/kelola/acara/baru"


@pytest.mark.parametrize(
    ("email", "password"),
    [("admin@contoh.example", "salah"), ("siapa@contoh.example", cast.PASSWORD)],
)
def test_a_wrong_password_and_an_unknown_address_answer_alike(
    client: Client, admin: User, email: str, password: str
) -> None:
    page = text_of(log_in(client, email, password))
    assert "Alamat surel atau kata sandi tidak cocok." in page
    assert client.get("/kelola/").status_code == 302


def test_an_account_that_was_switched_off_cannot_log_in(client: Client, admin: User) -> None:
    admin.is_active = False
    admin.save()
    response = client.post(
        "/akun/masuk", {"login": admin.email, "password": cast.PASSWORD}, follow=True
    )
    assert client.get("/kelola/").status_code == 302
    assert "Akun tidak aktif" in text_of(response)


def test_guessing_passwords_is_slowed_down(client: Client, admin: User) -> None:
    pages = [text_of(log_in(client, password="salah")) for _ in range(6)]
    assert "Terlalu banyak percobaan masuk yang gagal." in pages[-1]
    assert "Terlalu banyak percobaan masuk yang gagal." in text_of(log_in(client))


def test_logging_out_takes_one_click_and_no_link(client: Client, admin: User) -> None:
    client.force_login(admin)
    assert "Keluar dari Pakta?" in text_of(client.get("/akun/keluar"))
    assert client.get("/kelola/").status_code == 200
    response = client.post("/akun/keluar", follow=True)
    assert response.redirect_chain[-1][0] == "/"
    assert "Anda sudah keluar." in text_of(response)
    assert client.get("/kelola/").status_code == 302


# Passwords


def test_a_password_is_changed(client: Client, admin: User) -> None:
    client.force_login(admin)
    form = {"oldpassword": cast.PASSWORD, "password1": NEW, "password2": NEW}
    response = client.post("/akun/kata-sandi", form, follow=True)
    assert "Kata sandi sudah diganti." in text_of(response)
    admin.refresh_from_db()
    assert admin.check_password(NEW)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"oldpassword": "salah"}, "Kata sandi yang sekarang tidak cocok."),
        ({"password2": "lain-lagi-12345"}, "Anda harus mengetikkan kata sandi yang sama"),
        (
            {"password1": "pendek", "password2": "pendek"},
            "Harus mengandung setidaknya 10 karakter.",
        ),
    ],
)
def test_a_password_that_cannot_be_is_explained(
    client: Client, admin: User, changes: dict[str, str], message: str
) -> None:
    client.force_login(admin)
    form = {"oldpassword": cast.PASSWORD, "password1": NEW, "password2": NEW} | changes
    assert message in text_of(client.post("/akun/kata-sandi", form))
    admin.refresh_from_db()
    assert admin.check_password(cast.PASSWORD)


def test_a_forgotten_password_is_replaced_through_an_email_in_indonesian(
    client: Client, admin: User
) -> None:
    link = reset_link(client)
    (message,) = mail.outbox
    assert message.to == ["admin@contoh.example"]
    assert message.subject == "Kata sandi baru untuk Pakta"
    assert str(message.body).startswith("Seseorang, mungkin Anda, meminta kata sandi baru")
    page = client.get(link, follow=True)
    assert "Kata sandi baru, sekali lagi" in text_of(page)
    url = page.redirect_chain[-1][0]
    done = client.post(url, {"password1": NEW, "password2": NEW}, follow=True)
    assert "Kata sandi tersimpan" in text_of(done)
    assert log_in(client, password=NEW)["Location"] == "/kelola/"


def test_the_link_for_a_new_password_is_built_from_base_url_whatever_host_was_asked(
    client: Client, admin: User
) -> None:
    client.post("/akun/lupa-kata-sandi", {"email": admin.email}, headers={"host": "localhost:666"})
    assert f"{settings.BASE_URL}/akun/kata-sandi-baru/" in str(mail.outbox[0].body)
    assert "localhost:666" not in str(mail.outbox[0].body)


def test_an_address_without_account_gets_no_email_and_the_same_answer(
    client: Client, admin: User
) -> None:
    known = client.post("/akun/lupa-kata-sandi", {"email": admin.email}, follow=True)
    mail.outbox.clear()
    unknown = client.post("/akun/lupa-kata-sandi", {"email": "x@contoh.example"}, follow=True)
    assert mail.outbox == []
    assert text_of(known) == text_of(unknown)
    assert "Periksa surel Anda" in text_of(unknown)


def test_a_link_that_was_used_or_altered_leads_to_a_new_one(client: Client, admin: User) -> None:
    link = reset_link(client)
    page = client.get(link, follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    for stale in (link, link[:-3] + "abc"):
        answer = text_of(Client().get(stale, follow=True))
        assert "Tautan ini tidak berlaku lagi" in answer
        assert "Minta tautan baru Masuk dengan kata sandi" in answer


# What there is not


def test_nobody_signs_up(client: Client, db: None) -> None:
    assert client.get("/akun/signup/").status_code == 404
    assert client.get("/akun/daftar").status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_email",
        "account_set_password",
        "account_reauthenticate",
        "account_request_login_code",
        "account_confirm_email",
    ],
)
def test_pages_of_allauth_that_nobody_needs_are_not_there(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)
