"""A unit's book: copies for printing, and never mistaken for what was sealed."""

from __future__ import annotations

import io
import subprocess
import sys

import pikepdf
import pytest
import zxingcpp
from django.conf import settings
from PIL import Image

from pledges import books, exports, tasks
from pledges.books import TooThick
from pledges.documents.preview import pages_as_png
from pledges.downloads import NothingSealed
from pledges.exports import Whose
from pledges.models import Document, Event, Export, Signature
from tests import cast
from tests.cast import BUDI, DEWI, RAHMAT_NIK, SITI
from tests.conftest import process_environment
from tests.pdfs import page_count, pdfsig, words
from tests.test_downloads import a_user, sign_and_seal, taken


def ask(event: Event, **chosen) -> Export:
    values = {"unit": event.agency, "whose": Whose.EVERYBODY, "by": a_user()}
    return books.ask(event, **values | chosen)  # type: ignore[arg-type]


def made(export: Export) -> bytes:
    books.make(export)
    export.refresh_from_db()
    assert export.failure == ""
    return taken(export)


def test_a_units_book_is_one_pdf_of_all_its_pacts_under_a_cover(city, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI, DEWI, RAHMAT_NIK)

    book = made(ask(open_event))

    assert page_count(book) == 2 + 4
    cover, contents = words(book, page=1), words(book, page=2)
    assert "SALINAN Buku Pakta Integritas Pemerintah Kota Contoh" in cover
    assert "4 pakta" in cover
    assert open_event.code in cover
    assert "WIB" in cover
    assert contents.index("Dewi Lestari") < contents.index("Siti Aminah") < contents.index("Budi")
    assert SITI in contents
    assert "3273••••••••••01" in contents
    assert "Siti Aminah, S.Pd." in words(book, page=4)


def test_the_book_holds_the_unit_and_all_below_it_and_nobody_else(city, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI, DEWI)

    book = made(ask(open_event, unit=city.education))

    assert page_count(book) == 2 + 2
    assert "Budi" not in words(book)


def test_each_page_is_marked_as_a_copy_and_names_the_way_to_its_sealed_original(
    open_event, sealer, settings
):
    sign_and_seal(open_event, sealer, SITI, BUDI)

    book = made(ask(open_event))

    for page, nip, number in [(3, SITI, 1), (4, BUDI, 2)]:
        code = Signature.objects.get(signatory__nip=nip).verification_code
        text = words(book, page=page)
        assert f"SALINAN · No. {number} dalam buku" in text
        assert "SALINAN untuk dicetak, tanpa segel." in text
        # A line may end within the address.
        way = f"kode verifikasi {code} dan diperiksa pada {settings.BASE_URL}/v/{code}"
        assert way.replace(" ", "") in text.replace(" ", "")
        assert "Disegel" not in text
        picture = Image.open(io.BytesIO(pages_as_png(book, width=1400)[page - 1]))
        [found] = zxingcpp.read_barcodes(picture)
        assert found.text == f"{settings.BASE_URL}/v/{code}"


def test_the_book_says_the_same_as_the_sealed_documents_and_has_no_seal(open_event, sealer):
    pdfs = sign_and_seal(open_event, sealer, SITI)

    book = made(ask(open_event))

    copied, original = words(book, page=3), words(pdfs[SITI])
    for piece in ("Ditandatangani secara elektronik oleh Siti Aminah", "Guru Kelas", SITI):
        assert piece in copied
        assert piece in original
    assert "No signatures" in pdfsig(book) or "does not contain any signatures" in pdfsig(book)


def test_the_book_is_fixed_at_the_moment_it_was_asked_for(open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    waiting = cast.sign(cast.someone(open_event, BUDI))
    export = ask(open_event)
    sign_and_seal(open_event, sealer, DEWI)
    Document.objects.filter(signature=waiting).delete()

    book = made(export)

    assert (export.documents, export.waiting) == (1, 1)
    assert page_count(book) == 2 + 1
    assert "Dewi" not in words(book)


def test_a_book_of_an_example_stays_an_example(city, sealer):
    city.agency.is_example = True
    city.agency.save(update_fields=["is_example"])
    event = cast.make_open(city, is_example=True)
    sign_and_seal(event, sealer, SITI)

    book = made(ask(event))

    assert "CONTOH – BUKAN DOKUMEN RESMI" in words(book, page=1)
    assert "SALINAN · CONTOH – BUKAN DOKUMEN RESMI" in words(book, page=3)


def test_a_scan_goes_in_as_it_is_under_a_band_that_says_that_it_is_a_copy(open_event, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI)
    Document.objects.filter(signature__signatory__nip=SITI).update(kind=Document.Kind.SCAN)

    book = made(ask(open_event))

    assert page_count(book) == 2 + 2
    scan = words(book, page=3)
    assert "SALINAN · No. 1 dalam buku" in scan
    assert "Dokumen aslinya, pindaian yang bersegel" in scan
    assert "PAKTA INTEGRITAS NETRALITAS PEGAWAI ASN" in scan
    with pikepdf.open(io.BytesIO(book)) as document:
        assert "/Annots" not in document.pages[2]


# A process that may have few files open prints the one book that there is.
_IN_NEED = """
import resource
import django
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
django.setup()
from pledges import books
from pledges.models import Export
books.make(Export.objects.get())
"""


@pytest.mark.django_db(transaction=True)
def test_a_book_of_more_scans_than_files_may_be_open(city, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    scan = Document.objects.get()
    for number in range(1, 120):
        person = cast.make_person(
            open_event, unit=city.school, name=f"Guru {number}", nip=f"19800101200501{number:04}"
        )
        Document.objects.create(
            signature=cast.sign(person), event=open_event, certificate=scan.certificate,
            file=scan.file, sha256=f"{number:064}", size=scan.size, crc32=scan.crc32,
        )  # fmt: skip
    Document.objects.update(kind=Document.Kind.SCAN)
    export = ask(open_event)

    subprocess.run(
        [sys.executable, "-c", _IN_NEED],
        cwd=settings.BASE_DIR,
        env=process_environment(),
        check=True,
    )

    export.refresh_from_db()
    book = taken(export)
    contents = page_count(book) - 120
    assert [
        f"SALINAN · No. {number} dalam buku" in words(book, page=contents + number)
        for number in (1, 50, 51, 120)
    ] == [True] * 4


def test_the_background_makes_it_and_tells_how_far_it_is(open_event, sealer, monkeypatch):
    monkeypatch.setattr(books, "_BATCH", 1)
    sign_and_seal(open_event, sealer, SITI, BUDI)
    export = ask(open_event)
    seen = []
    pieces = books._pieces

    def watched(*arguments):
        seen.append(Export.objects.get().done)
        return pieces(*arguments)

    monkeypatch.setattr(books, "_pieces", watched)
    tasks.make_book.call(export.pk)

    assert seen == [0, 1]
    export.refresh_from_db()
    assert (export.done, export.documents) == (2, 2)
    assert export.index


def test_a_second_click_leads_to_the_book_that_was_asked_for(open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    first = ask(open_event)
    assert ask(open_event) == first
    Export.objects.update(failure="Gagal")

    assert ask(open_event) != first


def test_made_twice_it_is_made_once(open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    export, same = ask(open_event), Export.objects.get()
    first = made(export)

    books.make(same)

    same.refresh_from_db()
    assert taken(same) == first


def test_a_book_of_more_than_a_printer_takes_is_refused(open_event, sealer, monkeypatch):
    monkeypatch.setattr(books, "MOST", 1)
    sign_and_seal(open_event, sealer, SITI, BUDI)

    with pytest.raises(TooThick, match="paling banyak 1"):
        ask(open_event)


def test_a_book_of_nobody_is_refused(open_event):
    with pytest.raises(NothingSealed):
        ask(open_event)


def test_a_book_whose_documents_were_deleted_meanwhile_says_so(open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    export = ask(open_event)
    Document.objects.update(file="")

    books.make(export)

    export.refresh_from_db()
    assert "telah dihapus sesuai retensi" in export.failure
    with pytest.raises(exports.Gone):
        taken(export)
