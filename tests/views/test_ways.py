"""The page on which an admin chooses how people prove who they are."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from pledges.models import Event, Membership, Role
from tests import cast
from tests.cast import City
from tests.openid import make_provider
from tests.pages import text_of


def ticked(page) -> list[str]:
    return [
        line.split('value="')[1].split('"')[0]
        for line in page.content.decode().splitlines()
        if 'name="ways"' in line and " checked" in line
    ]


def path(event: Event) -> str:
    return f"/kelola/acara/{event.code}/cara"


def test_ways_are_chosen_and_the_overview_names_them(as_admin: Client, open_event: Event):
    assert ticked(as_admin.get(path(open_event))) == ["slip"]
    form = {"ways": ["slip", "desk"], "allows_refusal": "on"}
    page = as_admin.post(path(open_event), form, follow=True)
    assert page.redirect_chain[-1][0] == f"/kelola/acara/{open_event.code}/"
    assert "Cara membuktikan diri disimpan." in text_of(page)
    assert "Tautan atau kode pribadi pada slip · Meja petugas" in text_of(page)
    page = as_admin.get(path(open_event))
    assert ticked(page) == ["slip", "desk"]
    assert 'name="allows_refusal" id="id_allows_refusal"' in page.content.decode()
    open_event.refresh_from_db()
    assert open_event.allows_refusal


def test_each_way_is_explained_with_what_it_needs(
    as_admin: Client, city: City, open_event: Event, settings: Settings
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    make_provider(city.agency, "https://sso.contoh.example")
    shown = text_of(as_admin.get(path(open_event)))
    assert "Setiap orang menerima slip dengan tautan dan kode pribadi" in shown
    assert "1 dari 5 orang dalam daftar mempunyai surel." in shown
    assert "Melalui SSO Kota Contoh." in shown
    assert "Petugas memeriksa identitas setiap orang" in shown
    assert "belum mengirim surel" not in shown


def test_what_is_missing_is_said_beside_the_way_that_lacks_it(
    as_admin: Client, open_event: Event, settings: Settings
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    open_event.signatories.update(email="bersama@contoh.example")
    page = as_admin.get(path(open_event))
    shown = text_of(page)
    assert "Server ini belum mengirim surel." in shown
    assert "5 orang berbagi alamat surel dengan orang lain." in shown
    assert "Instansi ini belum mempunyai penyedia login." in shown
    assert "Belum ada petugas. Undang dahulu di halaman Petugas." in shown
    assert 'value="login" id="cara-login" aria-describedby="tentang-login" disabled' in (
        page.content.decode()
    )


def test_an_officer_makes_the_desk_possible(as_admin: Client, city: City, open_event: Event):
    user = User.objects.create_user("rina@contoh.example")
    Membership.objects.create(user=user, agency=city.education, role=Role.OFFICER)
    assert "1 petugas terdaftar." in text_of(as_admin.get(path(open_event)))


def test_no_way_at_all_is_refused_kindly(as_admin: Client, open_event: Event):
    page = as_admin.post(path(open_event), {})
    assert page.status_code == 422
    assert "Pilih paling sedikit satu cara." in text_of(page)
    open_event.refresh_from_db()
    assert open_event.ways == ["slip"]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [("login", "Instansi ini belum mempunyai penyedia login."), ("sidik", "sidik")],
)
def test_a_way_that_cannot_be_had_is_refused(
    as_admin: Client, open_event: Event, chosen: str, message: str
):
    page = as_admin.post(path(open_event), {"ways": [chosen]})
    assert page.status_code == 422
    assert message in text_of(page)
    assert ticked(page) == ([chosen] if chosen == "login" else [])


def test_whoever_chooses_email_alone_learns_who_is_left_out(as_admin: Client, open_event: Event):
    page = as_admin.post(path(open_event), {"ways": ["email"]}, follow=True)
    assert "4 orang tidak mempunyai surel dan tidak dapat masuk." in text_of(page)


def test_a_draft_lists_the_ways_among_its_preparations(as_admin: Client, draft_event: Event):
    page = as_admin.get(f"/kelola/acara/{draft_event.code}/")
    assert "Cara membuktikan diri" in text_of(page)
    assert path(draft_event) in page.content.decode()
    assert as_admin.post(path(draft_event), {"ways": ["email"]}).status_code == 302


def test_a_closed_event_refuses(as_admin: Client, closed_event: Event):
    for answer in (
        as_admin.get(path(closed_event), follow=True),
        as_admin.post(path(closed_event), {"ways": ["email"]}, follow=True),
    ):
        assert "Acara sudah ditutup" in text_of(answer)
    closed_event.refresh_from_db()
    assert closed_event.ways == ["slip"]


def test_an_outsider_and_an_officer_are_refused(
    client: Client, open_event: Event, outsider: User, officer: User
):
    for user, status in ((outsider, 404), (officer, 403)):
        client.force_login(user)
        assert client.get(path(open_event)).status_code == status
        assert client.post(path(open_event), {"ways": ["email"]}).status_code == status
    open_event.refresh_from_db()
    assert open_event.ways == ["slip"]


# What a signer sees of it


@pytest.mark.parametrize(
    ("chosen", "first", "then"),
    [
        (["slip"], "Siapkan slip yang dibagikan unit kerja Anda.", ""),
        (["email"], "Kode sekali pakai dikirim ke surel Anda", ""),
        (["login"], "Masuk dengan akun kepegawaian Anda.", ""),
        (["desk"], "Datanglah ke meja petugas unit Anda.", ""),
        (["slip", "email"], "Siapkan slip", "Tidak membawa slip? Kirim kode ke surel saya"),
        (["slip", "login"], "Siapkan slip", "Tidak membawa slip? Masuk dengan SSO Kota Contoh"),
        (["email", "desk"], "Kode sekali pakai", "Cara lain Datanglah ke meja petugas unit Anda"),
        (
            ["slip", "email", "login", "desk"],
            "Siapkan slip",
            "Kirim kode ke surel saya Masuk dengan SSO Kota Contoh Atau datanglah ke meja petugas",
        ),
    ],
)
def test_the_events_page_offers_its_ways_the_usual_one_first(
    client: Client, city: City, chosen: list[str], first: str, then: str
):
    make_provider(city.agency, "https://sso.contoh.example")
    event = cast.make_open(city, ways=chosen)
    shown = text_of(client.get(f"/a/{event.code}"))
    assert first in shown
    assert then in shown
    assert shown.find(first) <= shown.find(then) or not then
    for way, words in (
        ("slip", "Kode pribadi"),
        ("email", "Kirim kode"),
        ("login", "SSO Kota Contoh"),
        ("desk", "meja petugas"),
    ):
        assert (words in shown) is (way in chosen), way


def test_an_event_whose_only_way_is_gone_says_so(client: Client, city: City):
    event = cast.make_open(city, ways=["login"])
    assert "Untuk sementara tidak ada cara masuk" in text_of(client.get(f"/a/{event.code}"))


def test_the_events_page_sets_no_cookie(client: Client, city: City):
    make_provider(city.agency, "https://sso.contoh.example")
    event = cast.make_open(city, ways=["slip", "email", "login", "desk"])
    assert not client.get(f"/a/{event.code}").cookies
