"""Whose second factor there is, where it is a must, and what is stored of it."""

from __future__ import annotations

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from pledges import access, niks, second_factors
from pledges.keys import NikKey
from pledges.models import AuditEntry, Role
from tests.cast import make_user
from tests.second_steps import code_of

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OLD = NikKey("nik-key-of-the-tests")
NEW = "another-nik-key-of-the-tests"


def give_app(user: User) -> Authenticator:
    app: Authenticator = TOTP.activate(user, SECRET).instance
    return app


def test_a_reset_takes_every_factor_away_and_is_on_record(admin, officer):
    give_app(officer)
    RecoveryCodes.activate(officer)
    second_factors.reset(officer, by=admin)
    assert not second_factors.steps(officer).exists()
    entry = AuditEntry.objects.get(action="second_factor.reset")
    assert (entry.actor, entry.target) == (f"user:{admin.pk}", f"user:{officer.pk}")
    assert entry.details == {"factors": 2, "sessions": 0}


def test_recovery_codes_alone_are_no_second_factor(city, admin, officer):
    second_factors.require(city.agency, required=True, by=admin)
    RecoveryCodes.activate(officer)
    assert access.owes_second_factor(officer)
    give_app(officer)
    assert not access.owes_second_factor(officer)
    assert second_factors.owners([admin.pk, officer.pk]) == {officer.pk}


def test_nobody_without_a_role_owes_one(city, admin):
    second_factors.require(city.agency, required=True, by=admin)
    assert not access.owes_second_factor(make_user("tamu@contoh.example"))


def test_an_account_is_only_for_who_administers_all_that_it_may(
    city, other_city, admin, superuser, outsider
):
    mine = make_user("satu@contoh.example", (Role.OFFICER, city.school))
    shared = make_user(
        "dua@contoh.example", (Role.OFFICER, city.school), (Role.OFFICER, other_city.school)
    )
    head = make_user("kadis@contoh.example", (Role.ADMIN, city.education))
    found = {
        (user.email, person.email)
        for user in (admin, head, outsider, superuser)
        for person in (mine, shared, admin, superuser)
        if access.administers(user, person)
    }
    everybody = ("satu@", "dua@", "admin@", "pengelola@")
    assert found == {
        ("admin@contoh.example", "satu@contoh.example"),
        ("admin@contoh.example", "admin@contoh.example"),
        ("kadis@contoh.example", "satu@contoh.example"),
        *((superuser.email, f"{name}contoh.example") for name in everybody),
    }


# The key that they are stored with


def test_after_a_rotation_of_nik_key_codes_are_still_taken(officer, settings):
    give_app(officer)
    codes = RecoveryCodes.activate(officer).generate_codes()
    settings.NIK_KEY = NEW

    assert niks.rotate(old=OLD) == niks.Tally(factors=2)

    for row in Authenticator.objects.all():
        assert not [value for value in row.data.values() if OLD.opens(str(value).encode())]
    app, recovery = Authenticator.objects.order_by("-type")
    assert app.wrap().validate_code(code_of(SECRET))
    assert recovery.wrap().validate_code(codes[0])
    assert not recovery.wrap().validate_code(codes[0])
    assert niks.rotate(old=OLD) == niks.Tally()


def test_factors_that_neither_key_opens_are_counted_and_stay(officer, settings):
    before = json.dumps(give_app(officer).data)
    settings.NIK_KEY = NEW
    assert niks.rotate(old=NikKey("neither")) == niks.Tally(unreadable=1)
    assert json.dumps(Authenticator.objects.get().data) == before


def test_the_server_does_not_start_with_another_key(officer, settings):
    give_app(officer)
    settings.NIK_KEY = NEW
    with pytest.raises(SystemCheckError, match="verifikasi dua langkah"):
        call_command("check", "--database", "default")


def test_with_another_key_the_page_says_so_and_nobody_gets_in(officer, settings, client):
    give_app(officer)
    settings.NIK_KEY = NEW
    client.post("/akun/masuk", {"login": officer.email, "password": "sandi-untuk-uji-2024"})
    page = client.post("/akun/masuk/langkah-kedua", {"code": code_of(SECRET)})
    assert page.status_code == 503
    assert "kunci server (NIK_KEY) berbeda" in page.content.decode()
    assert client.get("/kelola/").status_code == 302
