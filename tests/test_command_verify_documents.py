"""`verify_documents`: what became of the files that documents' rows name."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from pledges import declaration
from pledges.documents.issue import issue
from pledges.models import Document
from tests import cast
from tests.cast import BUDI, SITI
from tests.pdfs import altered, stored


@pytest.fixture
def documents(open_event, sealer) -> list[Document]:
    people = [cast.someone(open_event, nip) for nip in (SITI, BUDI)]
    return [issue(cast.sign(person), sealer=sealer) for person in people]


@pytest.fixture
def verify(capsys):
    """Its exit status and its lines."""

    def run(**options: object) -> tuple[int, list[str]]:
        status = 0
        try:
            call_command("verify_documents", **options)
        except SystemExit as left:
            status = int(str(left.code))
        return status, capsys.readouterr().out.splitlines()

    return run


def put(document: Document, pdf: bytes) -> None:
    """Other bytes under the same name."""
    default_storage.delete(document.file)
    assert default_storage.save(document.file, ContentFile(pdf)) == document.file


def test_documents_that_are_there_unchanged_and_sealed_are_counted(documents, verify):
    assert verify() == (0, ["intact 2", "missing 0", "altered 0", "unsealed 0"])


def test_the_joint_declaration_is_one_of_them(city, sealer, verify):
    event = cast.make_open_ceremony(city)
    cast.sign(cast.someone(event))
    issue(declaration.close(event, by=None), sealer=sealer)

    assert verify() == (0, ["intact 1", "missing 0", "altered 0", "unsealed 0"])


def test_a_lost_file_is_named_and_the_exit_status_tells(documents, verify):
    default_storage.delete(documents[0].file)

    assert verify() == (
        1,
        [
            f"{documents[0].file}: berkasnya TIDAK ADA",
            "intact 1", "missing 1", "altered 0", "unsealed 0",
        ],
    )  # fmt: skip


def test_one_changed_byte_is_named_and_the_exit_status_tells(documents, verify):
    put(documents[1], altered(stored(documents[1]), 5000))

    assert verify() == (
        1,
        [
            f"{documents[1].file}: berkasnya SUDAH BERUBAH",
            "intact 1", "missing 0", "altered 1", "unsealed 0",
        ],
    )  # fmt: skip


def test_a_broken_seal_is_told_even_where_somebody_changed_the_row_as_well(documents, verify):
    forged = altered(stored(documents[0]), 5000)
    put(documents[0], forged)
    Document.objects.filter(pk=documents[0].pk).update(sha256=hashlib.sha256(forged).hexdigest())

    assert verify() == (
        1,
        [
            f"{documents[0].file}: segelnya TIDAK BERLAKU",
            "intact 1", "missing 0", "altered 0", "unsealed 1",
        ],
    )  # fmt: skip


def test_a_document_whose_retention_is_over_is_not_missed(documents, verify):
    default_storage.delete(documents[0].file)
    Document.objects.filter(pk=documents[0].pk).update(file="")

    assert verify() == (0, ["intact 1", "missing 0", "altered 0", "unsealed 0"])


def test_a_storage_that_cannot_be_read_is_no_missing_document(documents, verify):
    place = Path(default_storage.path(documents[0].file))
    place.unlink()
    place.mkdir()  # which root cannot read as a file either

    with pytest.raises(CommandError, match="tidak dapat dibaca"):
        verify()

    place.rmdir()


def test_the_files_of_a_backup_are_checked_where_they_lie(documents, verify, tmp_path):
    copy: Path = tmp_path / documents[0].file
    copy.parent.mkdir(parents=True)
    copy.write_bytes(stored(documents[0]))

    status, lines = verify(files=tmp_path)

    assert status == 1
    assert lines == [
        f"{documents[1].file}: berkasnya TIDAK ADA",
        "intact 1", "missing 1", "altered 0", "unsealed 0",
    ]  # fmt: skip
