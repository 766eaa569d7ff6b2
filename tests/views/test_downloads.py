"""Sealed documents to take away, as organisers ask for them."""

from __future__ import annotations

import datetime
import hashlib
import io
import zipfile
import zlib

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils import timezone

from pledges import books, declaration
from pledges.documents.issue import issue
from pledges.models import AuditEntry, Document, Event, Export, Membership, Role, Signature
from tests import cast
from tests.cast import BUDI, DEWI, SITI
from tests.pages import text_of
from tests.pdfs import sealed
from tests.test_downloads import sign_and_seal


def page(event):
    return f"/kelola/acara/{event.code}/unduhan"


def document(person):
    return f"/kelola/acara/{person.event.code}/orang/{person.pk}/pakta.pdf"


def ask(client, event, unit=None, **chosen):
    values = {"unit": (unit or event.agency).pk, "whose": "", "kind": "documents"}
    return client.post(f"{page(event)}/minta", values | chosen, follow=True)


def address(export) -> str:
    return f"{page(export.event)}/{export.pk}"


def asked(client, event, unit=None, **chosen) -> str:
    """The address of an export that was just asked for."""
    assert ask(client, event, unit, **chosen).status_code == 200
    return address(Export.objects.latest("pk"))


def files(response) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(response.getvalue())) as archive:
        assert archive.testzip() is None
        return [name for name in archive.namelist() if name.endswith(".pdf")]


def test_the_page_lists_what_is_ready_what_waits_and_how_large_it_is(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    cast.sign(cast.someone(open_event, BUDI))

    words = text_of(as_admin.get(page(open_event)))

    assert "1 dokumen siap diunduh" in words
    assert "1 tanda tangan masih menunggu disegel dan tidak akan ikut" in words
    assert "SDN 1 Contoh 1 – " in words
    assert "Puskesmas Contoh 0 1 –" in words
    assert "Belum ada. Pilih unit dan bentuknya" in words


def test_with_nothing_signed_the_page_says_what_to_do(as_admin, open_event):
    words = text_of(as_admin.get(page(open_event)))

    assert "Belum ada yang dapat diunduh" in words
    assert "Siapkan unduhan" not in words


def test_what_was_asked_for_is_listed_with_its_size_count_and_time(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    cast.sign(cast.someone(open_event, BUDI))

    words = text_of(ask(as_admin, open_event))

    assert "Unduhan siap. Ambil dari Unduhan Anda, dalam tujuh hari." in words
    export = Export.objects.get()
    assert "Dokumen bersegel (ZIP) · 1 dokumen · " in words
    assert f"Keadaan {export.asked_at.astimezone(open_event.zone):%-d }" in words
    assert "1 tanda tangan masih menunggu segel dan tidak ikut." in words
    assert "Ambil ZIP" in words


def test_the_whole_event_comes_as_one_zip_with_its_length_and_a_name(as_admin, open_event, sealer):
    pdfs = sign_and_seal(open_event, sealer, SITI, BUDI)

    response = as_admin.get(asked(as_admin, open_event), headers={"Accept-Encoding": "gzip"})

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


def test_the_same_address_gives_the_same_bytes_with_a_strong_etag(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI)
    export = asked(as_admin, open_event)
    first = as_admin.get(export)

    sign_and_seal(open_event, sealer, DEWI)
    second = as_admin.get(export)

    assert first.getvalue() == second.getvalue()
    assert first["ETag"] == second["ETag"] == f'"{Export.objects.get().sha256}"'
    assert first["Last-Modified"] == second["Last-Modified"]
    assert first["Accept-Ranges"] == "bytes"
    assert as_admin.get(export, headers={"If-None-Match": first["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("asked_for", "start", "stop"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=1000-", 1000, None),
        ("bytes=-500", -500, None),
        ("bytes=100-99999999999", 100, None),
        ("bytes=0-", 0, None),
    ],
)
def test_a_piece_is_answered_with_206_and_where_it_belongs(
    as_admin, open_event, sealer, asked_for, start, stop
):
    sign_and_seal(open_event, sealer, SITI)
    export = asked(as_admin, open_event)
    whole = as_admin.get(export).getvalue()

    response = as_admin.get(export, headers={"Range": asked_for})

    piece = whole[start:stop]
    first = len(whole) + start if start < 0 else start
    assert response.status_code == 206
    assert response.getvalue() == piece
    assert response["Content-Length"] == str(len(piece))
    assert response["Content-Range"] == f"bytes {first}-{first + len(piece) - 1}/{len(whole)}"


@pytest.mark.parametrize(
    "asked_for", ["bytes=5-2", "bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=a-b", "bytes"]
)
def test_what_is_no_single_piece_is_answered_with_the_whole(
    as_admin, open_event, sealer, asked_for
):
    sign_and_seal(open_event, sealer, SITI)
    export = asked(as_admin, open_event)

    response = as_admin.get(export, headers={"Range": asked_for})

    assert response.status_code == 200
    assert len(response.getvalue()) == Export.objects.get().size


@pytest.mark.parametrize("asked_for", ["bytes=99999999-", "bytes=-0"])
def test_a_piece_beyond_the_end_is_refused_with_the_size(as_admin, open_event, sealer, asked_for):
    sign_and_seal(open_event, sealer, SITI)
    export = asked(as_admin, open_event)

    response = as_admin.get(export, headers={"Range": asked_for})

    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{Export.objects.get().size}"


def test_conditions_are_judged_before_the_piece(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    export = asked(as_admin, open_event)
    etag = as_admin.head(export)["ETag"]

    def answer(asked_for, **condition):
        return as_admin.get(export, headers={"Range": asked_for} | condition)

    for asked_for in ("bytes=0-9", "bytes=99999999-"):
        unchanged = answer(asked_for, **{"If-None-Match": etag})
        assert (unchanged.status_code, unchanged["ETag"]) == (304, etag)
        assert answer(asked_for, **{"If-Match": '"another"'}).status_code == 412
    assert answer("bytes=99999999-", **{"If-Match": etag}).status_code == 416


def test_the_rest_is_given_only_of_what_was_begun(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    export = asked(as_admin, open_event)
    begun = as_admin.head(export)
    assert begun.getvalue() == b""
    assert begun["Content-Length"] == str(Export.objects.get().size)

    def status(condition):
        headers = {"Range": "bytes=100-", "If-Range": condition}
        return as_admin.get(export, headers=headers).status_code

    assert status(begun["ETag"]) == 206
    assert status(begun["Last-Modified"]) == 206
    assert status('"another"') == 200
    assert status("Wed, 01 Jan 2020 00:00:00 GMT") == 200


def test_the_log_tells_once_of_a_download_that_is_taken_in_pieces(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    export = asked(as_admin, open_event)

    begun = as_admin.get(export, headers={"Range": "bytes=0-999"})
    for piece in ("bytes=1000-1999", "bytes=2000-"):
        as_admin.get(export, headers={"Range": piece, "If-Range": begun["ETag"]})
    as_admin.head(export)

    actions = AuditEntry.objects.filter(action__startswith="export")
    assert [entry.action for entry in actions] == ["export.documents", "export.take"]


def test_taking_all_but_the_first_byte_is_in_the_log(client, city, open_event, sealer):
    """Only who has an entry goes on unlogged, and only with the ETag of these very bytes."""
    sign_and_seal(open_event, sealer, SITI)
    for name in ("satu", "dua"):
        client.force_login(cast.make_user(f"{name}@contoh.example", (Role.ADMIN, city.agency)))
        export = asked(client, open_event)
        begun = client.head(export)

        def taken(export=export, **headers: str) -> int:
            before = AuditEntry.objects.filter(action="export.take").count()
            client.get(export, headers=headers)
            return AuditEntry.objects.filter(action="export.take").count() - before

        assert taken(**{"Range": "bytes=1-", "If-Range": begun["ETag"]}) == 1
        assert taken(**{"Range": "bytes=1-", "If-Range": begun["ETag"]}) == 0
        assert taken(Range="bytes=1-") == 1
        assert taken(**{"Range": "bytes=1-", "If-Range": begun["Last-Modified"]}) == 1
        assert taken(**{"Range": "bytes=1-", "If-Range": '"another"'}) == 1
        assert taken(**{"Range": "bytes=5-2", "If-Range": begun["ETag"]}) == 1
        assert taken(**{"Range": "bytes=0-", "If-Range": begun["ETag"]}) == 1


def test_an_export_of_a_purged_event_is_refused_before_its_first_byte(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    export = asked(as_admin, open_event)
    Event.objects.update(purged_at=timezone.now())

    response = as_admin.get(export)

    assert response.status_code == 410
    assert "telah dihapus sesuai masa simpannya" in text_of(response)


def sealed_large(event, people: int) -> None:
    """So many people have signed, each with a document heavier than what is sent at once."""
    first, content = Document.objects.get(), bytes(700_000)
    for number in range(1, people):
        person = cast.make_person(
            event, unit=event.agency, name="Pegawai", nip=f"19800101200501{number:04}"
        )
        Document.objects.create(
            signature=cast.sign(person), event=event, certificate=first.certificate,
            file=default_storage.save(f"documents/{number}.pdf", ContentFile(content)),
            sha256=f"{number:064}", size=len(content), crc32=zlib.crc32(content),
        )  # fmt: skip


@pytest.mark.parametrize("begins", [True, False])
def test_the_first_byte_of_a_large_export_opens_one_document(
    as_admin, open_event, sealer, monkeypatch, begins
):
    sign_and_seal(open_event, sealer, SITI)
    sealed_large(open_event, 10)
    export = asked(as_admin, open_event)
    size = Export.objects.get().size
    asked_for: list[tuple[str, str]] = []
    for name in ("exists", "open"):
        original = getattr(FileSystemStorage, name)

        def watched(self, file, *arguments, name=name, original=original):
            asked_for.append((name, file))
            return original(self, file, *arguments)

        monkeypatch.setattr(FileSystemStorage, name, watched)

    header = {} if begins else {"Range": f"bytes={size * 60 // 100}-"}
    response = as_admin.get(export, headers=header)
    first = next(iter(response.streaming_content))

    assert len(first) > 0
    assert int(response["Content-Length"]) == (size if begins else size - size * 60 // 100)
    documents = [name for name, file in asked_for if file.startswith("documents/")]
    assert documents == ["open"]


def test_an_export_is_gone_after_seven_days(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    export = asked(as_admin, open_event)
    Export.objects.update(asked_at=timezone.now() - datetime.timedelta(days=8))

    assert as_admin.get(export).status_code == 410
    assert "Ambil ZIP" not in text_of(as_admin.get(page(open_event)))


def test_an_export_is_its_askers_alone(as_admin, client, open_event, city, sealer):
    sign_and_seal(open_event, sealer, SITI)
    export = asked(as_admin, open_event)
    other = cast.make_user("admin2@contoh.example", (Role.ADMIN, city.agency))

    client.force_login(other)

    assert client.get(export).status_code == 404
    assert "Ambil ZIP" not in text_of(client.get(page(open_event)))


def test_who_cares_for_the_unit_no_more_takes_its_export_no_more(
    as_officer, officer, open_event, city, sealer
):
    sign_and_seal(open_event, sealer, SITI)
    export = asked(as_officer, open_event, city.education)
    assert as_officer.get(export).status_code == 200

    Membership.objects.filter(user=officer).update(agency=city.health)

    assert as_officer.get(export).status_code == 404


def test_the_zip_is_not_compressed_a_second_time(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)

    for url in (asked(as_admin, open_event), document(cast.someone(open_event, SITI))):
        response = as_admin.get(url, headers={"Accept-Encoding": "gzip"})
        assert response["Content-Encoding"] == "identity"
        assert int(response["Content-Length"]) == len(response.getvalue())


def test_personal_data_is_kept_by_no_cache(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)

    for url in (asked(as_admin, open_event), document(cast.someone(open_event, SITI))):
        assert "no-store" in as_admin.get(url)["Cache-Control"]


def test_a_unit_comes_alone(as_admin, open_event, city, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI)

    response = as_admin.get(asked(as_admin, open_event, city.health))

    assert files(response) == [
        "Dinas Kesehatan/Puskesmas Contoh/199002022024211001_Budi Santoso, S.K.M.pdf"
    ]
    assert f"{open_event.code} Dinas Kesehatan.zip" in response["Content-Disposition"]


def test_those_who_were_late_come_alone(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI)
    Signature.objects.filter(signatory__nip=SITI).update(is_late=True)

    response = as_admin.get(asked(as_admin, open_event, whose="late"))

    assert [name[-18:] for name in files(response)] == ["Siti Aminah, S.Pd.pdf"[-18:]]
    assert "Yang terlambat".lower() in text_of(as_admin.get(page(open_event)))


@pytest.mark.parametrize(
    "wrong", [{"unit": ""}, {"unit": "0"}, {"whose": "declined"}, {"kind": "everything"}]
)
def test_what_cannot_be_chosen_is_asked_again(as_admin, open_event, sealer, wrong):
    sign_and_seal(open_event, sealer, SITI)

    right = {"unit": open_event.agency_id, "whose": "", "kind": "documents"}

    assert as_admin.post(f"{page(open_event)}/minta", right | wrong).status_code == 422
    assert not Export.objects.exists()


def test_one_persons_pdf_comes_by_the_persons_name_and_is_logged(as_admin, open_event, sealer):
    siti = cast.someone(open_event, SITI)
    pdf = sealed(cast.sign(siti), sealer)

    response = as_admin.get(document(siti))

    assert response["Content-Type"] == "application/pdf"
    assert "198001012005012001_Siti Aminah, S.Pd.pdf" in response["Content-Disposition"]
    assert response.getvalue() == pdf
    assert AuditEntry.objects.filter(action="export.document").count() == 1


def test_asking_for_what_is_not_sealed_leads_back_and_says_why(as_admin, open_event):
    cast.sign(cast.someone(open_event, SITI))

    for response in (
        ask(as_admin, open_event),
        as_admin.get(document(cast.someone(open_event, SITI)), follow=True),
    ):
        assert response.status_code == 200
        assert "1 tanda tangan masih menunggu disegel" in text_of(response)
    assert not Export.objects.exists()


def test_an_empty_unit_leads_back_and_says_why(as_admin, open_event, city, sealer):
    sign_and_seal(open_event, sealer, BUDI)

    response = ask(as_admin, open_event, city.school)

    assert "Belum ada yang menandatangani di bagian ini" in text_of(response)


def test_an_officer_takes_the_own_subtree_only(client, officer, open_event, city, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI)
    client.force_login(officer)

    assert "Puskesmas" not in text_of(client.get(page(open_event)))
    assert files(client.get(asked(client, open_event, city.education))) == [
        "Dinas Pendidikan/SDN 1 Contoh/198001012005012001_Siti Aminah, S.Pd.pdf"
    ]
    for unit in (city.health, city.agency):
        assert ask(client, open_event, unit).status_code == 422
    assert Export.objects.count() == 1
    assert client.get(document(cast.someone(open_event, SITI))).status_code == 200
    assert client.get(document(cast.someone(open_event, BUDI))).status_code == 404


def test_an_overseer_takes_single_documents_and_no_bundles(client, overseer, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    client.force_login(overseer)

    assert client.get(document(cast.someone(open_event, SITI))).status_code == 200
    assert client.get(page(open_event)).status_code == 403
    assert ask(client, open_event).status_code == 403


def test_outsiders_and_people_without_login_are_refused(
    client, as_admin, outsider, open_event, sealer
):
    sign_and_seal(open_event, sealer, SITI)
    export = asked(as_admin, open_event)
    logged = AuditEntry.objects.count()
    addresses = [page(open_event), export, document(cast.someone(open_event, SITI))]
    client.logout()
    for url in addresses:
        assert client.get(url).headers["Location"].startswith("/akun/masuk")

    client.force_login(outsider)

    for url in addresses:
        assert client.get(url).status_code == 404
    assert ask(client, open_event).status_code == 404
    assert AuditEntry.objects.count() == logged


def test_a_draft_has_nothing_to_take(as_admin, draft_event):
    response = as_admin.get(page(draft_event), follow=True)

    assert response.redirect_chain == [(f"/kelola/acara/{draft_event.code}/", 302)]


def test_a_closed_event_still_gives_its_documents(as_admin, closed_event, sealer):
    sealed(cast.someone(closed_event, SITI).signatures.get(), sealer)

    assert len(files(as_admin.get(asked(as_admin, closed_event)))) == 1


@pytest.mark.parametrize("user", ["admin", "officer"])
def test_the_declaration_is_in_the_zip_of_those_who_take_the_whole_event(
    client, city, sealer, request, user
):
    event = cast.make_open_ceremony(city)
    sign_and_seal(event, sealer, SITI)
    issue(declaration.close(event, by=None), sealer=sealer)
    client.force_login(request.getfixturevalue(user))

    unit = event.agency if user == "admin" else city.education
    names = files(client.get(asked(client, event, unit)))

    has_it = f"Deklarasi-Bersama_{event.code}.pdf" in names

    assert has_it == (user == "admin")


def test_a_book_is_made_in_the_background_and_then_taken_like_every_export(
    as_admin, open_event, city, sealer
):
    sign_and_seal(open_event, sealer, SITI, DEWI)

    words = text_of(ask(as_admin, open_event, city.education, kind="book"))
    assert "Buku sedang dibuat." in words
    assert "Menunggu giliran." in words
    book = Export.objects.get()
    assert as_admin.get(address(book)).status_code == 410
    books.make(book)

    assert "Ambil PDF" in text_of(as_admin.get(f"{page(open_event)}/daftar"))
    response = as_admin.get(address(book))
    assert response["Content-Type"] == "application/pdf"
    assert f"{open_event.code} Dinas Pendidikan buku salinan.pdf" in response["Content-Disposition"]
    whole = response.getvalue()
    book.refresh_from_db()
    assert hashlib.sha256(whole).hexdigest() == book.sha256 == response["ETag"].strip('"')
    rest = as_admin.get(address(book), headers={"Range": f"bytes={len(whole) - 1000}-"})
    assert rest.getvalue() == whole[-1000:]


def test_a_book_that_failed_says_why_and_can_be_repeated(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    ask(as_admin, open_event, kind="book")
    book = Export.objects.get()
    Signature.objects.update(mark_digest="")
    statement = Signature.objects.get().statement
    Signature.objects.update(statement=statement.replace('"sha256":"', '"sha256":"0'))
    books.make(book)

    assert "Gagal: Pernyataan, tanda tangan, dan naskah" in text_of(as_admin.get(page(open_event)))
    Signature.objects.update(statement=statement)
    as_admin.post(f"{address(book)}/ulangi")
    books.make(Export.objects.get())

    assert Export.objects.get().index
    assert "Gagal" not in text_of(as_admin.get(page(open_event)))


def test_a_book_that_makes_no_headway_is_told_and_can_be_repeated(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    ask(as_admin, open_event, kind="book")
    assert "Ulangi" not in text_of(as_admin.get(page(open_event)))

    Export.objects.update(asked_at=timezone.now() - datetime.timedelta(minutes=5))

    words = text_of(as_admin.get(page(open_event)))
    assert "lebih lama dari biasanya" in words
    assert "Ulangi" in words
