from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.views.defaults import server_error

from pledges.models import Event
from tests.pages import text_of


def test_an_unknown_address_is_explained(client: Client, db: None) -> None:
    response = client.get("/tidak/ada")
    assert response.status_code == 404
    assert "Halaman dengan alamat ini tidak ada." in text_of(response)


def test_an_unknown_event_is_explained(client: Client, admin: User) -> None:
    client.force_login(admin)
    for code in ("TIDAKADA", "%00"):
        response = client.get(f"/kelola/acara/{code}/")
        assert response.status_code == 404
        assert "Acara tidak ditemukan." in text_of(response)


def test_what_a_role_may_not_do_is_explained(
    client: Client, officer: User, open_event: Event
) -> None:
    client.force_login(officer)
    response = client.get(f"/kelola/acara/{open_event.code}/tutup")
    assert response.status_code == 403
    assert "Akun Anda tidak berwenang melakukan ini." in text_of(response)


def test_a_form_from_another_site_is_refused_and_explained(admin: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    response = client.post("/kelola/acara/baru", {"title": "Apel"})
    assert response.status_code == 403
    assert "Yang baru Anda kirim belum disimpan." in text_of(response)


@pytest.mark.django_db
def test_a_fault_of_the_system_is_admitted_without_touching_the_database(
    rf: RequestFactory, django_assert_num_queries
) -> None:
    with django_assert_num_queries(0):
        response = server_error(rf.get("/"))
    assert response.status_code == 500
    assert "bukan kesalahan Anda" in text_of(response)


def test_a_form_that_is_too_large_is_refused_and_explained(client: Client, admin: User) -> None:
    client.force_login(admin)
    response = client.post("/kelola/acara/baru", {"title": "A" * 2_000_000})
    assert response.status_code == 400
    assert "Mungkin terlalu besar" in text_of(response)


@pytest.mark.parametrize("path", ["/", "/verifikasi", "/segel"])
def test_who_only_asks_whether_a_public_page_is_there_is_answered(
    client: Client, db: None, path: str
) -> None:
    """HEAD, as monitors ask: RFC 9110, 9.1."""
    response = client.head(path)

    assert (response.status_code, response.content) == (200, b"")
