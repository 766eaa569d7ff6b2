"""How long an event is kept, deleting a draft, and the pages of a purged event."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from pledges import declaration, events, reports, retention, verification
from pledges.documents.issue import issue
from pledges.events import NotDeletable
from pledges.models import AuditEntry, Event, Excuse, Import, Refusal, Report
from pledges.roster import imports
from tests import cast
from tests.cast import RAHMAT_NIK, SITI
from tests.pages import text_of
from tests.pdfs import stored
from tests.test_downloads import ask
from tests.test_retention import LONG_AGO

# Retention


@pytest.mark.parametrize("state", ["draft", "open", "closed"])
def test_an_admin_sets_the_years_before_and_after_publication(as_admin: Client, city, state):
    event = {"draft": cast.make_draft, "open": cast.make_open, "closed": cast.make_closed}[state](
        city
    )
    address = f"/kelola/acara/{event.code}/masa-simpan"
    page = text_of(as_admin.get(address))
    assert "disimpan sampai 29 Juli 2029" in page

    response = as_admin.post(address, {"years": 7}, follow=True)

    assert "Masa simpan disimpan: 7 tahun" in text_of(response)
    event.refresh_from_db()
    assert event.retention_years == 7


@pytest.mark.parametrize("years", ["0", "31", "", "lima"])
def test_the_years_are_1_to_30(as_admin: Client, open_event, years):
    address = f"/kelola/acara/{open_event.code}/masa-simpan"
    assert as_admin.post(address, {"years": years}).status_code == 422
    open_event.refresh_from_db()
    assert open_event.retention_years == 5


def test_a_time_that_is_over_already_is_asked_about_first(as_admin: Client, city):
    event = cast.make_open(city, date=LONG_AGO)
    address = f"/kelola/acara/{event.code}/masa-simpan"
    response = as_admin.post(address, {"years": 3})
    assert response.status_code == 422
    assert "masa simpan ini sudah lewat" in text_of(response)

    assert as_admin.post(address, {"years": 3, "understood": "on"}).status_code == 302
    event.refresh_from_db()
    assert event.retention_years == 3


def test_an_officer_does_not_set_them(as_officer: Client, open_event):
    address = f"/kelola/acara/{open_event.code}/masa-simpan"
    assert as_officer.post(address, {"years": 3}).status_code == 403


# Deleting


def test_a_draft_without_signatures_is_deleted_with_its_roster_and_its_imports_files(
    as_admin: Client, draft_event: Event, admin: User
):
    imported = imports.upload(
        draft_event, ContentFile(b"Nama;NIP\n"), filename="daftar.csv", by=None
    )
    Excuse.objects.create(signatory=cast.someone(draft_event), code="leave")
    address = f"/kelola/acara/{draft_event.code}/hapus"
    assert "tidak dapat dibatalkan" in text_of(as_admin.get(address))

    response = as_admin.post(address, follow=True)

    assert "Rancangan “Apel dan Penandatanganan" in text_of(response)
    assert not Event.objects.exists()
    assert not Import.objects.exists()
    assert not default_storage.exists(imported.file)
    entry = AuditEntry.objects.get(action="event.delete")
    assert (entry.actor, entry.target) == (f"user:{admin.pk}", f"event:{draft_event.pk}")


def test_an_event_with_signatures_is_not_deleted_and_it_says_why(as_admin: Client, open_event):
    cast.sign(cast.someone(open_event))
    address = f"/kelola/acara/{open_event.code}/hapus"

    for response in (as_admin.get(address, follow=True), as_admin.post(address, follow=True)):
        assert "sudah mempunyai tanda tangan, jadi tidak dapat dihapus" in text_of(response)

    assert open_event.signatories.signed().count() == 1


def test_the_domain_refuses_what_the_page_refuses(open_event, siti):
    with pytest.raises(NotDeletable, match="Hanya rancangan"):
        events.delete(open_event, by=None)
    signature = cast.sign(siti)
    with pytest.raises(NotDeletable, match="sudah mempunyai tanda tangan"):
        events.delete(open_event, by=None)
    signature.refresh_from_db()


def test_somebodys_refusal_is_not_deleted_with_a_draft(draft_event):
    Refusal.objects.create(signatory=cast.someone(draft_event))
    with pytest.raises(NotDeletable, match="tidak bersedia"):
        events.delete(draft_event, by=None)


def test_an_officer_does_not_delete(as_officer: Client, open_event):
    assert as_officer.post(f"/kelola/acara/{open_event.code}/hapus").status_code == 403


def test_the_support_views_delete_no_event_and_say_where_or_why_not(
    client: Client, superuser: User, open_event
):
    client.force_login(superuser)
    cast.sign(cast.someone(open_event))
    page = text_of(client.get(f"/admin/pledges/event/{open_event.pk}/change/"))
    assert "sudah mempunyai tanda tangan, jadi tidak dapat dihapus" in page
    assert client.post(f"/admin/pledges/event/{open_event.pk}/delete/").status_code == 404


# One person's data


def test_an_admin_takes_one_persons_data_for_them(as_admin: Client, open_event, admin):
    siti = cast.someone(open_event)
    Refusal.objects.create(signatory=siti, reason="Belum yakin")
    address = f"/kelola/acara/{open_event.code}/orang/{siti.pk}"
    assert "Unduh data orang ini (ZIP)" in text_of(as_admin.get(address))

    response = as_admin.post(f"{address}/data.zip")

    data = zipfile.ZipFile(io.BytesIO(response.content)).read("data.json").decode()
    assert SITI in data
    assert "Belum yakin" in data
    entry = AuditEntry.objects.get(action="export.own_data")
    assert (entry.actor, entry.target) == (f"user:{admin.pk}", f"signatory:{siti.pk}")


def test_an_officer_does_not_take_it(as_officer: Client, open_event):
    siti = cast.someone(open_event)
    address = f"/kelola/acara/{open_event.code}/orang/{siti.pk}"
    assert "Unduh data orang ini" not in text_of(as_officer.get(address))
    assert as_officer.post(f"{address}/data.zip").status_code == 403


# A purged event


@pytest.fixture
def purged(city, sealer, admin: User) -> Event:
    event = cast.make_open_ceremony(city, date=LONG_AGO)
    for nip in (SITI, RAHMAT_NIK):
        issue(cast.sign(cast.someone(event, nip)), sealer=sealer)
    declaration.close(event, by=None)
    event = events.close(event, by=None)
    issue(reports.make(event, kind=Report.Kind.RECAP, unit=event.agency, by=None), sealer=sealer)
    ask(event, by=admin)
    retention.purge(event, by=None)
    event.refresh_from_db()
    return event


def test_organisers_pages_of_a_purged_event_keep_working(as_admin: Client, purged: Event):
    signature = purged.signatories.signed()[0].signatures.of_pacts().get()
    person = signature.signatory_id
    for path in (
        "", "progres", "progres/orang?status=", "progres/daftar.xlsx", "daftar", "deklarasi",
        "peran", "gelombang", "unduhan", "kewajaran", "perbaikan", "petugas", "slip",
        "pindaian", "laporan",
        f"orang/{person}",
    ):  # fmt: skip
        response = as_admin.get(f"/kelola/acara/{purged.code}/{path}")
        assert response.status_code == 200, path
        if not path.endswith("xlsx"):
            page = text_of(response)
            assert "Data acara ini telah dihapus sesuai masa simpannya" in page, path
            assert "Siti" not in page, path


def test_lists_show_that_names_were_deleted_and_figures_stay(as_admin: Client, purged: Event):
    page = text_of(as_admin.get(f"/kelola/acara/{purged.code}/progres/orang?status="))
    assert "(dihapus)" in page
    figures = text_of(as_admin.get(f"/kelola/acara/{purged.code}/progres"))
    assert "2 sudah menandatangani" in figures
    assert "5 dalam daftar" in figures


def test_downloads_of_a_purged_event_are_refused_kindly(as_admin: Client, purged: Event):
    assert "Tidak ada lagi yang dapat diunduh" in text_of(
        as_admin.get(f"/kelola/acara/{purged.code}/unduhan")
    )
    signature = purged.signatories.signed()[0].signatures.of_pacts().get()
    completed, report = purged.declarations.get(), purged.reports.get()
    for path in (
        f"orang/{signature.signatory_id}/pakta.pdf",
        f"tanda-tangan/{signature.pk}/dokumen.pdf",
        f"deklarasi/{completed.pk}.pdf",
        f"slip/{purged.agency_id}-1.pdf",
        f"orang/{signature.signatory_id}/bukti.zip",
        f"laporan/{report.pk}.pdf",
        f"laporan/{report.pk}.xlsx",
        f"unduhan/{purged.exports.get().pk}",
    ):
        response = as_admin.get(f"/kelola/acara/{purged.code}/{path}")
        assert response.status_code == 410, path
        assert "telah dihapus sesuai masa simpannya" in text_of(response), path
    asked = {"unit": purged.agency_id, "kind": "documents"}
    for path, form in (
        (f"orang/{signature.signatory_id}/data.zip", {}),
        ("unduhan/minta", asked),
    ):
        response = as_admin.post(f"/kelola/acara/{purged.code}/{path}", form)
        assert response.status_code == 410, path


def test_photographs_for_a_purged_event_are_refused_kindly(as_admin: Client, purged: Event):
    photograph = ContentFile(b"\xff\xd8\xff\xe0", name="lembar.jpg")

    page = as_admin.post(
        f"/kelola/acara/{purged.code}/pindaian", {"photos": photograph}, follow=True
    )

    assert "telah dihapus sesuai masa simpannya" in text_of(page)
    assert not purged.scans.exists()


def test_a_purged_event_is_not_opened_again(as_admin: Client, purged: Event):
    assert "Buka lagi" not in text_of(as_admin.get(f"/kelola/acara/{purged.code}/"))
    response = as_admin.post(f"/kelola/acara/{purged.code}/buka-lagi", follow=True)
    assert "telah dihapus sesuai masa simpannya" in text_of(response)
    purged.refresh_from_db()
    assert purged.is_closed


def test_a_file_of_a_purged_event_is_verified_by_its_hash(client: Client, city, sealer):
    event = cast.make_open(city, date=LONG_AGO)
    pdf = stored(issue(cast.sign(cast.someone(event)), sealer=sealer))
    retention.purge(events.close(event, by=None), by=None)

    file = ContentFile(pdf, name="pakta.pdf")
    page = text_of(client.post("/verifikasi", {"file": file}))

    assert "Asli dan utuh" in page
    assert "Data telah dihapus sesuai retensi" in page
    assert verification.seal_holds(pdf)


# Moving a unit


def test_a_superuser_moves_a_unit_in_the_support_views(client: Client, superuser: User, city):
    client.force_login(superuser)
    page = text_of(client.get(f"/admin/pledges/agency/{city.school.pk}/change/"))
    assert "Pemerintah Kota Contoh › Dinas Pendidikan · Pindahkan…" in page
    address = f"/admin/pledges/agency/{city.school.pk}/pindah/"
    assert client.get(address).status_code == 200

    response = client.post(address, {"above": city.health.pk}, follow=True)

    assert "SDN 1 Contoh kini berada di bawah Dinas Kesehatan" in text_of(response)
    city.school.refresh_from_db()
    assert city.school.path.startswith(city.health.path)


def test_a_move_that_the_tree_does_not_allow_is_explained(client: Client, superuser: User, city):
    client.force_login(superuser)
    address = f"/admin/pledges/agency/{city.education.pk}/pindah/"
    response = client.post(address, {"above": city.school.pk})
    assert "bawah dirinya sendiri" in text_of(response)


def test_nobody_but_a_superuser_moves_units(as_admin: Client, city):
    response = as_admin.post(
        f"/admin/pledges/agency/{city.school.pk}/pindah/", {"above": city.health.pk}
    )
    assert response.status_code == 302
    assert "/admin/login/" in response["Location"]
    before = city.school.path
    city.school.refresh_from_db()
    assert city.school.path == before
