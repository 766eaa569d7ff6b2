from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import (
    InMemoryUploadedFile,
    SimpleUploadedFile,
    TemporaryUploadedFile,
    UploadedFile,
)
from django.test import Client, RequestFactory

from pledges import logos, verification
from pledges.models import Agency, Event, Import, Membership, Scan
from pledges.paper import scans
from pledges.roster import files, imports
from pledges.views.uploads import SeveralOnDisk
from tests.pages import text_of
from tests.photographs import work_through
from tests.test_architecture import MODULES


def test_an_upload_that_a_view_does_not_ask_for_fills_neither_disk_nor_memory(rf: RequestFactory):
    """Django reads a whole form to check it, whoever sent it, also where no file belongs."""
    files = [SimpleUploadedFile(f"{number}.bin", bytes(4 * 2**20)) for number in range(3)]

    [kept] = rf.post("/tandatangan", {"file": files}).FILES.getlist("file")

    assert type(kept) is InMemoryUploadedFile
    assert kept.size == 4 * 2**20
    assert len(kept.read()) == logos.MAX_BYTES + 1


def posted(rf: RequestFactory, *sizes: int, **limits: int) -> list[UploadedFile[Any]]:
    request = rf.post("/", {"f": [SimpleUploadedFile(f"{n}", bytes(n)) for n in sizes]})
    request.upload_handlers = [SeveralOnDisk(**{"limit": 100, "most": 9, "total": 10_000} | limits)]
    return request.FILES.getlist("f")


def test_several_files_are_kept_on_the_disk_and_of_each_one_byte_more_than_is_allowed(
    rf: RequestFactory,
):
    kept = posted(rf, 70, 300)

    assert [type(file) for file in kept] == [TemporaryUploadedFile] * 2
    assert [(file.size, len(file.read())) for file in kept] == [(70, 70), (300, 101)]


def test_no_more_files_are_kept_than_are_wanted(rf: RequestFactory):
    kept = posted(rf, 10, 20, 30, 40, most=2)

    assert [len(file.read()) for file in kept] == [10, 20]


def test_of_a_request_that_is_too_large_nothing_is_kept(rf: RequestFactory):
    assert posted(rf, 100, 100, total=150) == []


# Every route that takes a file

Send = Callable[[Client, Event, bytes], str]


def _send(path: str, field: str, filename: str, **more: str) -> Send:
    """Sends a file as a browser does, and returns what the sender reads in the end."""

    def send(client: Client, event: Event, content: bytes) -> str:
        address = path.format(code=event.code, agency=event.agency_id)
        form = {field: SimpleUploadedFile(filename, content), **more}
        answer = client.post(address, form, follow=True)
        assert answer.status_code in {200, 400, 413, 422}
        for imported in Import.objects.filter(state="uploaded"):
            imports.advance(imported)
        work_through(event)
        told = text_of(answer)
        if answer.redirect_chain:
            told += text_of(client.get(answer.redirect_chain[-1][0]))
        return told

    return send


LETTERHEAD = {"name": "Kota", "address": "", "city": "Kota", "timezone": "Asia/Jakarta"}
ROUTES: dict[str, tuple[Send, int]] = {
    "roster": (_send("/kelola/acara/{code}/daftar/impor", "file", "daftar.xlsx"), files.MAX_BYTES),
    "officers": (
        _send("/kelola/acara/{code}/petugas/berkas", "file", "petugas.xlsx"), files.MAX_BYTES,
    ),
    "logo": (_send("/kelola/instansi/{agency}", "logo", "lambang.png", **LETTERHEAD),
             logos.MAX_BYTES),
    "scan": (_send("/kelola/acara/{code}/pindaian", "photos", "foto.jpg"), scans.MAX_BYTES),
    "verification": (_send("/verifikasi", "file", "pakta.pdf"), verification.MAX_BYTES),
}  # fmt: skip
TAKES_FILES = {
    "views.organiser.imports", "views.organiser.officers", "views.organiser.agency",
    "views.organiser.scans", "views.public.verify",
}  # fmt: skip


def nothing_was_taken(event: Event) -> bool:
    taken = Scan.objects.filter(state=Scan.State.FILED).exists() or Membership.objects.count() > 1
    return event.signatories.count() == 5 and not taken and not Agency.objects.exclude(logo="")


def zip_bomb() -> bytes:
    """A workbook of 20 KB whose sheet is one of 250 MB."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/workbook.xml", "w", force_zip64=True) as part:
            for _ in range(250):
                part.write(bytes(2**20))
    return content.getvalue()


def picture_bomb() -> bytes:
    """A PNG of a hundred bytes whose header promises ten gigapixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 6, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")


def test_these_are_all_views_that_take_files():
    taking = {
        module for module, path in MODULES.items()
        if module.startswith("views.") and "request.FILES" in path.read_text()
    }  # fmt: skip
    assert taking == TAKES_FILES


@pytest.mark.parametrize("route", ROUTES)
def test_a_file_that_is_too_large_is_refused_with_its_limit(
    as_admin: Client, open_event: Event, route: str
):
    send, limit = ROUTES[route]
    told = send(as_admin, open_event, b"%PDF PNG PK" + bytes(limit))

    assert f"{limit >> 20} MB" in told
    assert nothing_was_taken(open_event)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "content",
    [b"MZ\x90\x00" + bytes(500), b"<html><script>alert(1)</script></html>", b"\x00" * 100],
    ids=["program", "web page", "nothing"],
)
def test_a_file_is_what_its_content_says_and_not_its_name(
    as_admin: Client, open_event: Event, route: str, content: bytes
):
    told = ROUTES[route][0](as_admin, open_event, content)

    assert nothing_was_taken(open_event)
    assert "<script>" not in told


@pytest.mark.parametrize("route", ["roster", "officers"])
def test_a_workbook_that_would_unpack_to_hundreds_of_megabytes_is_refused(
    as_admin: Client, open_event: Event, route: str
):
    bomb = zip_bomb()
    assert len(bomb) < 300_000
    ROUTES[route][0](as_admin, open_event, bomb)

    assert nothing_was_taken(open_event)


@pytest.mark.parametrize("route", ["logo", "scan"])
def test_a_picture_that_would_unpack_to_gigabytes_is_refused(
    as_admin: Client, open_event: Event, route: str
):
    ROUTES[route][0](as_admin, open_event, picture_bomb())

    assert nothing_was_taken(open_event)
