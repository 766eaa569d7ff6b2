from __future__ import annotations

import re
import time

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django_tasks_db.models import DBTaskResult

from pledges.models import Role
from tests import cast
from tests.cast import City, make_user
from tests.pages import text_of
from tests.views.test_mailed import work_through_tasks

NEW = "sandi-baru-untuk-uji"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Attempts are counted in the cache, which outlives a test."""
    cache.clear()


def log_in(client: Client, email: str = "admin@contoh.example", password: str = cast.PASSWORD):
    return client.post("/akun/masuk", {"login": email, "password": password})


def reset_link(client: Client, email: str = "admin@contoh.example") -> str:
    client.post("/akun/lupa-kata-sandi", {"email": email})
    work_through_tasks()
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


def test_logging_out_takes_one_click_and_no_link(client: Client, admin: User) -> None:
    client.force_login(admin)
    assert "Keluar dari Pakta?" in text_of(client.get("/akun/keluar"))
    assert client.get("/kelola/").status_code == 200
    response = client.post("/akun/keluar", follow=True)
    assert response.redirect_chain[-1][0] == "/"
    assert "Anda sudah keluar." in text_of(response)
    assert client.get("/kelola/").status_code == 302


# Limits, counted for each account


def wrong_passwords(count: int, email: str = "admin@contoh.example", **extra) -> list[str]:
    """Each from an address and a browser of its own."""
    return [
        text_of(log_in(Client(REMOTE_ADDR=f"203.0.113.{number}", **extra), email, "salah"))
        for number in range(count)
    ]


TOO_MANY = "Terlalu banyak percobaan masuk yang gagal pada akun ini. Tunggu 15 menit"


def test_sixty_people_behind_one_address_log_in_within_a_minute(city: City) -> None:
    users = [
        make_user(f"petugas{number}@contoh.example", (Role.OFFICER, city.school))
        for number in range(60)
    ]
    for user in users:
        client = Client(REMOTE_ADDR="203.0.113.7")
        log_in(client, user.email, "salah-ketik")
        assert log_in(client, user.email)["Location"] == "/kelola/", user.email


def test_the_eleventh_wrong_password_is_refused_even_from_another_address(admin: User) -> None:
    pages = wrong_passwords(11)
    assert [TOO_MANY in page for page in pages] == [False] * 10 + [True]
    right = text_of(log_in(Client(REMOTE_ADDR="198.51.100.1")))
    assert TOO_MANY in right
    assert "buat kata sandi baru lewat “Lupa kata sandi?”" in right


def test_an_address_without_account_is_limited_alike(admin: User) -> None:
    known, unknown = wrong_passwords(12), wrong_passwords(12, "siapa@contoh.example")
    swapped = [page.replace(admin.email, "siapa@contoh.example") for page in known]
    assert swapped == unknown


@pytest.mark.parametrize("spelled", ["ADMIN@contoh.example", "admın@contoh.example"])
def test_other_spellings_of_an_address_have_no_count_of_their_own(
    admin: User, spelled: str
) -> None:
    wrong_passwords(10)
    assert TOO_MANY in wrong_passwords(1, spelled)[0]


def test_another_host_name_has_no_count_of_its_own(admin: User) -> None:
    wrong_passwords(10)
    assert TOO_MANY in wrong_passwords(1, SERVER_NAME="127.0.0.1")[0]


def test_who_guesses_from_elsewhere_does_not_lock_the_owners_own_browser(
    client: Client, admin: User
) -> None:
    log_in(client)
    client.post("/akun/keluar")
    wrong_passwords(11)
    assert log_in(client)["Location"] == "/kelola/"


def test_the_owners_browser_is_limited_too(client: Client, admin: User) -> None:
    log_in(client)
    client.post("/akun/keluar")
    pages = [text_of(log_in(client, password="salah")) for _ in range(11)]
    assert [TOO_MANY in page for page in pages] == [False] * 10 + [True]


def test_a_browser_of_one_account_is_unknown_to_another(
    client: Client, admin: User, officer: User
) -> None:
    log_in(client, officer.email)
    client.post("/akun/keluar")
    wrong_passwords(10)
    assert TOO_MANY in text_of(log_in(client))


def test_a_known_browser_cannot_be_made_up(client: Client, admin: User) -> None:
    wrong_passwords(10)
    for made_up in ("7", "7-", "-", "", "ABC-DEF", "é-é"):
        client.cookies["pakta_browser"] = made_up
        assert TOO_MANY in text_of(log_in(client)), made_up


def test_what_a_browser_keeps_names_nobody_and_is_out_of_reach_of_scripts(
    client: Client, admin: User
) -> None:
    log_in(client)
    kept = client.cookies["pakta_browser"]
    assert kept["httponly"]
    assert kept["samesite"] == "Lax"
    assert re.fullmatch(r"[0-9A-Z]{12}-[0-9A-Z]{26}", kept.value)


def test_a_locked_account_is_opened_at_once_by_a_new_password_through_email(
    client: Client, admin: User
) -> None:
    wrong_passwords(11)
    url = client.get(reset_link(client), follow=True).redirect_chain[-1][0]
    client.post(url, {"password1": NEW, "password2": NEW})
    wrong_passwords(11)
    assert log_in(client, password=NEW)["Location"] == "/kelola/"


def test_links_for_a_new_password_are_limited_for_each_address_known_or_not(
    client: Client, admin: User
) -> None:
    for email in (admin.email, "siapa@contoh.example"):
        asked = [
            Client(REMOTE_ADDR=f"203.0.113.{number}").post(
                "/akun/lupa-kata-sandi", {"email": email}
            )
            for number in range(6)
        ]
        assert [answer.status_code for answer in asked] == [302] * 5 + [429]
    assert "Periksa surel Anda" in text_of(asked[-1])


def test_ten_minutes_of_guessing_do_not_forget_a_wrong_password(
    admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong_passwords(10)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 10 * 60)
    assert TOO_MANY in wrong_passwords(1)[0]
    monkeypatch.setattr(time, "time", lambda: now + 15 * 60 + 1)
    assert TOO_MANY not in wrong_passwords(1)[0]


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
    work_through_tasks()
    assert f"{settings.BASE_URL}/akun/kata-sandi-baru/" in str(mail.outbox[0].body)
    assert "localhost:666" not in str(mail.outbox[0].body)


def test_an_address_without_account_gets_no_email_and_the_same_answer(
    client: Client, admin: User
) -> None:
    known = client.post("/akun/lupa-kata-sandi", {"email": admin.email}, follow=True)
    unknown = client.post("/akun/lupa-kata-sandi", {"email": "x@contoh.example"}, follow=True)
    woken = [task.args_kwargs["args"] for task in DBTaskResult.objects.all()]
    assert sorted(woken) == [[0], [admin.pk]]
    work_through_tasks()
    assert [message.to for message in mail.outbox] == [["admin@contoh.example"]]
    assert text_of(known) == text_of(unknown)
    assert "Periksa surel Anda" in text_of(unknown)


def test_a_link_goes_to_the_address_on_record_however_it_was_spelled(
    client: Client, admin: User
) -> None:
    client.post("/akun/lupa-kata-sandi", {"email": "ADMIN@contoh.example"})
    work_through_tasks()
    assert [message.to for message in mail.outbox] == [["admin@contoh.example"]]


def test_a_switched_off_account_gets_no_link(client: Client, admin: User) -> None:
    admin.is_active = False
    admin.save()
    client.post("/akun/lupa-kata-sandi", {"email": admin.email})
    work_through_tasks()
    assert mail.outbox == []


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
        "mfa_trust",
        "mfa_signup_webauthn",
        "account_reauthenticate_by_code",
        "account_request_login_code",
        "account_confirm_email",
    ],
)
def test_pages_of_allauth_that_nobody_needs_are_not_there(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)
