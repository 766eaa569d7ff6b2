"""Sealed documents to take away, as organisers ask for them."""

from __future__ import annotations

import io
import zipfile

import pytest

from pledges import declaration
from pledges.documents.issue import issue_declaration
from pledges.models import AuditEntry
from tests import cast
from tests.cast import BUDI, SITI
from tests.pages import text_of
from tests.pdfs import sealed
from tests.test_downloads import sign_and_seal


def page(event):
    return f"/kelola/acara/{event.code}/unduhan"


def archive(event):
    return f"/kelola/acara/{event.code}/unduhan/semua.zip"


def unit_archive(event, unit):
    return f"/kelola/acara/{event.code}/unduhan/unit-{unit.pk}.zip"


def document(person):
    return f"/kelola/acara/{person.event.code}/orang/{person.pk}/pakta.pdf"


def files(response) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(response.getvalue())) as archive:
        assert archive.testzip() is None
        return [name for name in archive.namelist() if name.endswith(".pdf")]


def test_the_page_lists_what_is_ready_what_waits_and_how_large_it_is(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    cast.sign(cast.someone(open_event, BUDI))

    words = text_of(as_admin.get(page(open_event)))

    assert "1 dokumen siap diunduh" in words
    assert "1 tanda tangan masih menunggu disegel dan belum ikut terunduh" in words
    assert "Unduh semua (ZIP, " in words
    assert "SDN 1 Contoh 1 – " in words
    assert "Puskesmas Contoh 0 1 –" in words


def test_with_nothing_signed_the_page_says_what_to_do(as_admin, open_event):
    words = text_of(as_admin.get(page(open_event)))

    assert "Belum ada yang dapat diunduh" in words
    assert "Unduh semua" not in words


def test_the_whole_event_comes_as_one_zip_with_its_length_and_a_name(as_admin, open_event, sealer):
    pdfs = sign_and_seal(open_event, sealer, SITI, BUDI)

    response = as_admin.get(archive(open_event), headers={"Accept-Encoding": "gzip"})

    assert response.streaming
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == (
        f'attachment; filename="{open_event.code} Pemerintah Kota Contoh.zip"'
    )
    content = response.getvalue()
    assert int(response["Content-Length"]) == len(content)
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        assert sorted(zipped.namelist()) == [
            "Dinas Kesehatan/Puskesmas Contoh/199002022024211001_Budi Santoso, S.K.M.pdf",
            "Dinas Pendidikan/SDN 1 Contoh/198001012005012001_Siti Aminah, S.Pd.pdf",
            "manifest.csv",
            "manifest.xlsx",
        ]
        assert zipped.read(zipped.namelist()[2]) == pdfs[SITI]


def test_the_zip_is_not_compressed_a_second_time(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)

    for address in (archive(open_event), document(cast.someone(open_event, SITI))):
        response = as_admin.get(address, headers={"Accept-Encoding": "gzip"})
        assert response["Content-Encoding"] == "identity"
        assert int(response["Content-Length"]) == len(response.getvalue())


def test_personal_data_is_kept_by_no_cache(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)

    for address in (archive(open_event), document(cast.someone(open_event, SITI))):
        assert "no-store" in as_admin.get(address)["Cache-Control"]


def test_a_unit_comes_alone(as_admin, open_event, city, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI)

    response = as_admin.get(unit_archive(open_event, city.health))

    assert files(response) == [
        "Dinas Kesehatan/Puskesmas Contoh/199002022024211001_Budi Santoso, S.K.M.pdf"
    ]
    assert f"{open_event.code} Dinas Kesehatan.zip" in response["Content-Disposition"]


def test_one_persons_pdf_comes_by_the_persons_name_and_is_logged(as_admin, open_event, sealer):
    siti = cast.someone(open_event, SITI)
    pdf = sealed(cast.sign(siti), sealer)

    response = as_admin.get(document(siti))

    assert response["Content-Type"] == "application/pdf"
    assert "198001012005012001_Siti Aminah, S.Pd.pdf" in response["Content-Disposition"]
    assert response.getvalue() == pdf
    assert AuditEntry.objects.filter(action="export.document").count() == 1


@pytest.mark.parametrize("address", [archive, lambda event: document(cast.someone(event, SITI))])
def test_asking_for_what_is_not_sealed_leads_back_and_says_why(as_admin, open_event, address):
    cast.sign(cast.someone(open_event, SITI))

    response = as_admin.get(address(open_event), follow=True)

    assert response.status_code == 200
    assert "1 tanda tangan masih menunggu disegel" in text_of(response)


def test_an_empty_unit_leads_back_and_says_why(as_admin, open_event, city):
    response = as_admin.get(unit_archive(open_event, city.school), follow=True)

    assert "Belum ada yang menandatangani di bagian ini" in text_of(response)


def test_an_officer_takes_the_own_subtree_only(client, officer, open_event, city, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI)
    client.force_login(officer)

    assert "Puskesmas" not in text_of(client.get(page(open_event)))
    assert files(client.get(archive(open_event))) == [
        "Dinas Pendidikan/SDN 1 Contoh/198001012005012001_Siti Aminah, S.Pd.pdf"
    ]
    assert client.get(unit_archive(open_event, city.health)).status_code == 404
    assert client.get(unit_archive(open_event, city.agency)).status_code == 404
    assert client.get(document(cast.someone(open_event, SITI))).status_code == 200
    assert client.get(document(cast.someone(open_event, BUDI))).status_code == 404


def test_an_overseer_takes_single_documents_and_no_bundles(client, overseer, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    client.force_login(overseer)

    assert client.get(document(cast.someone(open_event, SITI))).status_code == 200
    assert client.get(page(open_event)).status_code == 403
    assert client.get(archive(open_event)).status_code == 403


def test_outsiders_and_people_without_login_are_refused(client, outsider, open_event, city, sealer):
    sign_and_seal(open_event, sealer, SITI)
    addresses = [
        page(open_event),
        archive(open_event),
        unit_archive(open_event, city.school),
        document(cast.someone(open_event, SITI)),
    ]
    for address in addresses:
        assert client.get(address).headers["Location"].startswith("/akun/masuk")

    client.force_login(outsider)

    for address in addresses:
        assert client.get(address).status_code == 404
    assert not AuditEntry.objects.filter(action__startswith="export").exists()


def test_a_draft_has_nothing_to_take(as_admin, draft_event):
    response = as_admin.get(page(draft_event), follow=True)

    assert response.redirect_chain == [(f"/kelola/acara/{draft_event.code}/", 302)]


def test_a_closed_event_still_gives_its_documents(as_admin, closed_event, sealer):
    sealed(cast.someone(closed_event, SITI).signatures.get(), sealer)

    assert len(files(as_admin.get(archive(closed_event)))) == 1


@pytest.mark.parametrize("user", ["admin", "officer"])
def test_the_declaration_is_in_the_zip_of_those_who_take_the_whole_event(
    client, city, sealer, request, user
):
    event = cast.make_open_ceremony(city)
    sign_and_seal(event, sealer, SITI)
    issue_declaration(declaration.close(event, by=None), sealer=sealer)
    client.force_login(request.getfixturevalue(user))

    has_it = f"Deklarasi-Bersama_{event.code}.pdf" in files(client.get(archive(event)))

    assert has_it == (user == "admin")
