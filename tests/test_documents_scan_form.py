"""The sealed document of a sheet signed with a pen."""

from __future__ import annotations

import hashlib

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from pledges.documents.issue import BrokenEvidence, issue
from pledges.models import Document, Signature
from pledges.paper import reading, scans
from tests import cast
from tests.pdfs import altered, page_count, pdfsig, stored, words
from tests.photographs import file, jpeg, pages_of, photograph, work_through


@pytest.fixture
def signature(siti, officer) -> Signature:
    scans.upload(siti.event, [file(jpeg(photograph(siti)))], by=officer)
    work_through(siti.event)
    return Signature.objects.get()


def test_the_document_is_the_photograph_under_a_strip_that_says_what_it_is(signature, sealer):
    document = issue(signature, sealer=sealer)
    pdf = stored(document)
    text = words(pdf)

    assert document.kind == Document.Kind.SCAN
    assert page_count(pdf) == 1
    for told in (
        "Pindaian tanda tangan basah",
        "Siti Aminah, S.Pd., NIP 198001012005012001",
        "Dinas Pendidikan › SDN 1 Contoh",
        "oleh petugas petugas@contoh.example",
        "WIB",
        signature.mark_digest,
        signature.pact.digest,
        f"/v/{signature.verification_code}",
        "goresan penanya tidak diperiksa sistem",
    ):
        assert told in text
    assert "secara elektronik" not in text


def test_its_own_code_leads_to_verification_and_the_sheets_code_is_still_on_the_picture(
    signature, sealer
):
    [page] = pages_of(stored(issue(signature, sealer=sealer)), width=2400)

    codes = reading.codes_in(page)

    assert f"http://localhost:8000/v/{signature.verification_code}" in codes
    assert any("/lembar/" in code for code in codes)


def test_the_seal_holds_until_a_byte_of_the_picture_is_changed(signature, sealer):
    pdf = stored(issue(signature, sealer=sealer))

    assert "Signature is Valid." in pdfsig(pdf)
    assert "Signature is Valid." not in pdfsig(altered(pdf, len(pdf) // 2))


def test_another_picture_than_the_statement_names_is_never_sealed(signature, sealer):
    default_storage.delete(signature.scan.file)
    default_storage.save(signature.scan.file, ContentFile(b"\xff\xd8\xff another"))

    with pytest.raises(BrokenEvidence):
        issue(signature, sealer=sealer)

    assert not Document.objects.exists()


def test_another_digest_in_the_mark_is_never_sealed(signature, sealer):
    other = hashlib.sha256(b"another").hexdigest()
    Signature.objects.filter(pk=signature.pk).update(mark=f"scan:{other}")

    with pytest.raises(BrokenEvidence):
        issue(Signature.objects.get(pk=signature.pk), sealer=sealer)


def test_an_example_is_marked_as_one(city, officer, sealer):
    event = cast.make_open(city, is_example=True)
    siti = cast.someone(event)
    scans.upload(event, [file(jpeg(photograph(siti)))], by=officer)
    work_through(event)

    text = words(stored(issue(Signature.objects.get(), sealer=sealer)))

    assert "CONTOH – BUKAN DOKUMEN RESMI" in text
