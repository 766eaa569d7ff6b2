"""The superuser's support views: everything can be looked up, next to nothing changed."""

from __future__ import annotations

import pytest
from allauth.socialaccount.models import SocialApp
from django.contrib.auth.models import User
from django.urls import NoReverseMatch, reverse

from pledges.admin import site
from pledges.documents.issue import issue
from pledges.models import Agency, AuditEntry, LoginProvider, Signatory
from tests import cast
from tests.cast import RAHMAT_NIK, SITI
from tests.openid import CLIENT_ID, SECRET, make_provider
from tests.pages import text_of

TABLES = [model._meta for model in site._registry]


@pytest.fixture
def as_superuser(client, superuser):
    client.force_login(superuser)
    return client


@pytest.fixture
def filled(open_event, sealer, admin):
    """At least one row in most tables."""
    make_provider(open_event.agency, "https://sso.contoh.example")
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


@pytest.mark.parametrize("table", [one for one in TABLES if one.model != LoginProvider], ids=str)
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


# The agency's own login


def registered(agency, **fields):
    values = {
        "agency": agency.pk,
        "name": "SSO Kota Contoh",
        "short_name": "pemkot",
        "server_url": "https://sso.contoh.example",
        "client_id": CLIENT_ID,
        "secret": SECRET,
        "nip_claim": "employee_number",
    }
    return values | fields


def test_an_agencys_login_is_registered_here(as_superuser, superuser, city):
    page = text_of(as_superuser.get("/admin/pledges/loginprovider/add/"))
    assert "http://localhost:8000/login/nama-pendek" in page

    form = registered(city.agency)
    response = as_superuser.post("/admin/pledges/loginprovider/add/", form)

    assert response.status_code == 302
    provider = LoginProvider.objects.get()
    assert (provider.agency, provider.nip_claim) == (city.agency, "employee_number")
    assert (provider.app.provider_id, provider.app.client_id) == ("pemkot", CLIENT_ID)
    assert provider.app.secret == SECRET
    assert provider.app.settings == {"server_url": "https://sso.contoh.example"}
    assert AuditEntry.objects.get(action="login_provider.save").actor == f"user:{superuser.pk}"


def test_an_agencys_login_is_changed_and_its_secret_kept(as_superuser, city):
    make_provider(city.agency, "https://lama.contoh.example")
    provider = LoginProvider.objects.get()
    address = f"/admin/pledges/loginprovider/{provider.pk}/change/"
    assert "https://lama.contoh.example" in as_superuser.get(address).content.decode()

    response = as_superuser.post(address, registered(city.agency, secret=""))

    assert response.status_code == 302
    provider.refresh_from_db()
    assert provider.app.settings == {"server_url": "https://sso.contoh.example"}
    assert provider.app.secret == SECRET


def test_the_secret_of_a_login_is_never_shown(as_superuser, city):
    make_provider(city.agency, "https://sso.contoh.example")
    pk = LoginProvider.objects.get().pk
    for path in ("", f"{pk}/change/", f"{pk}/history/", f"{pk}/delete/"):
        page = as_superuser.get(f"/admin/pledges/loginprovider/{path}")
        assert page.status_code == 200
        assert SECRET not in page.content.decode()
    faulty = registered(city.agency, server_url="")
    page = as_superuser.post(f"/admin/pledges/loginprovider/{pk}/change/", faulty)
    assert SECRET not in page.content.decode()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"server_url": "http://sso.contoh.example"}, "Alamat penyedia harus memakai https."),
        ({"short_name": "kabupaten"}, "Nama pendek ini sudah dipakai penyedia lain."),
        ({"short_name": "a/b"}, "slug"),
        ({"nip_claim": ""}, "Bidang ini tidak boleh kosong."),
    ],
)
def test_a_login_that_cannot_be_is_explained(as_superuser, city, other_city, fields, message):
    make_provider(other_city.agency, "https://sso.tetangga.example", short_name="kabupaten")
    form = registered(city.agency, **fields)
    page = as_superuser.post("/admin/pledges/loginprovider/add/", form)
    assert page.status_code == 200
    assert message in text_of(page)
    assert not city.agency.login_providers.exists()


def test_an_agency_has_one_login(as_superuser, city):
    make_provider(city.agency, "https://sso.contoh.example")
    form = registered(city.agency, short_name="kedua")
    assert as_superuser.post("/admin/pledges/loginprovider/add/", form).status_code == 200
    assert LoginProvider.objects.count() == 1


def test_an_agencys_login_is_removed_with_its_secret(as_superuser, city):
    make_provider(city.agency, "https://sso.contoh.example")
    pk = LoginProvider.objects.get().pk
    as_superuser.post(f"/admin/pledges/loginprovider/{pk}/delete/", {"post": "yes"})
    assert not LoginProvider.objects.exists()
    assert not SocialApp.objects.exists()
    assert AuditEntry.objects.filter(action="login_provider.remove").exists()


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
