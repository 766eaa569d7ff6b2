from __future__ import annotations

from django.core.files.uploadedfile import (
    InMemoryUploadedFile,
    SimpleUploadedFile,
    TemporaryUploadedFile,
    UploadedFile,
)
from django.test import RequestFactory

from pledges import logos
from pledges.views.uploads import SeveralOnDisk


def test_an_upload_that_a_view_does_not_ask_for_fills_neither_disk_nor_memory(rf: RequestFactory):
    """Django reads a whole form to check it, whoever sent it, also where no file belongs."""
    files = [SimpleUploadedFile(f"{number}.bin", bytes(4 * 2**20)) for number in range(3)]

    [kept] = rf.post("/tandatangan", {"file": files}).FILES.getlist("file")

    assert type(kept) is InMemoryUploadedFile
    assert kept.size == 4 * 2**20
    assert len(kept.read()) == logos.MAX_BYTES + 1


def posted(rf: RequestFactory, *sizes: int, **limits: int) -> list[UploadedFile[bytes]]:
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
