"""The superuser's support views: everything can be looked up, next to nothing changed."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.urls import NoReverseMatch, reverse

from pledges.admin import site
from pledges.documents.issue import issue
from pledges.models import Agency, AuditEntry, Signatory
from tests import cast
from tests.cast import RAHMAT_NIK, SITI

TABLES = [model._meta for model in site._registry]


@pytest.fixture
def as_superuser(client, superuser):
    client.force_login(superuser)
    return client


@pytest.fixture
def filled(open_event, sealer, admin):
    """At least one row in most tables."""
    issue(cast.sign(cast.someone(open_event, SITI)), sealer=sealer)
    return open_event


def row_of(table):
    return table.model._default_manager.first()


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_a_superuser_lists_searches_and_reads_every_table(as_superuser, filled, table):
    listed = reverse(f"admin:{table.app_label}_{table.model_name}_changelist")

    assert as_superuser.get(listed).status_code == 200
    assert as_superuser.get(listed, {"q": "siti"}).status_code == 200
    if row := row_of(table):
        read = reverse(f"admin:{table.app_label}_{table.model_name}_change", args=[row.pk])
        assert as_superuser.get(read).status_code == 200


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_nothing_is_changed_or_deleted_here(as_superuser, filled, table):
    name = f"admin:{table.app_label}_{table.model_name}"
    with pytest.raises(NoReverseMatch):
        reverse(f"{name}_delete", args=[1])
    if row := row_of(table):
        change = reverse(f"{name}_change", args=[row.pk])
        assert as_superuser.post(change, {"name": "Lain"}).status_code == 403
        assert 'name="_save"' not in as_superuser.get(change).content.decode()


def test_a_nik_is_never_shown_nor_are_its_cipher_and_hash(as_superuser, filled):
    rahmat = Signatory.objects.get(nip=None)

    pages = [
        as_superuser.get(address).content.decode()
        for address in (
            "/admin/pledges/signatory/",
            f"/admin/pledges/signatory/{rahmat.pk}/change/",
        )
    ]

    for page in pages:
        assert "3273••••••••••01" in page
        assert RAHMAT_NIK not in page
        assert rahmat.nik_hash not in page
        assert rahmat.nik_cipher not in page


def test_whole_nip_are_not_listed(as_superuser, filled):
    page = as_superuser.get("/admin/pledges/signatory/").content.decode()

    assert "1980••••••••••2001" in page
    assert SITI not in page


def test_a_person_is_found_by_the_whole_nip(as_superuser, filled):
    page = as_superuser.get("/admin/pledges/signatory/", {"q": SITI}).content.decode()

    assert "Siti Aminah, S.Pd." in page
    assert "Budi Santoso" not in page


def test_no_page_lists_the_whole_tree_in_a_choice(as_superuser, filled, city):
    for number in range(30):
        cast.make_agency(f"Kelurahan {number}", above=city.agency)

    for table in TABLES:
        if table.model is Agency or not (row := row_of(table)):
            continue
        name = f"admin:{table.app_label}_{table.model_name}"
        for address in (f"{name}_changelist", (f"{name}_change", row.pk)):
            path = (
                reverse(address) if isinstance(address, str) else reverse(address[0], args=[row.pk])
            )
            assert "Kelurahan 7" not in as_superuser.get(path).content.decode()


def test_the_first_agency_of_a_government_is_made_here(as_superuser, superuser):
    response = as_superuser.post(
        "/admin/pledges/agency/add/",
        {
            "name": "Pemerintah Kota Baru",
            "address": "",
            "city": "Baru",
            "timezone": "Asia/Jayapura",
        },
    )

    assert response.status_code == 302
    agency = Agency.objects.get(name="Pemerintah Kota Baru")
    assert (agency.depth, agency.timezone) == (1, "Asia/Jayapura")
    entry = AuditEntry.objects.get(action="agency.create")
    assert (entry.actor, entry.target) == (f"user:{superuser.pk}", f"agency:{agency.pk}")


@pytest.mark.parametrize("role", ["admin", "officer", "overseer", "outsider"])
def test_nobody_else_gets_in(client, request, role, filled):
    client.force_login(request.getfixturevalue(role))

    response = client.get("/admin/pledges/signatory/", follow=True)

    assert response.status_code == 403


def test_staff_without_being_superuser_gets_in_neither(client, filled):
    staff = User.objects.create_user("staf@contoh.example", is_staff=True)
    client.force_login(staff)

    assert "Siti" not in client.get("/admin/pledges/signatory/", follow=True).content.decode()


def test_logins_go_through_the_one_page_on_which_attempts_are_limited(client, db):
    response = client.post("/admin/login/", {"username": "x", "password": "y"})

    assert response.headers["Location"].startswith("/akun/masuk")
