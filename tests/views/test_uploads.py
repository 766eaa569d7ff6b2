from __future__ import annotations

from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.test import RequestFactory

from pledges import logos


def test_an_upload_that_a_view_does_not_ask_for_fills_neither_disk_nor_memory(rf: RequestFactory):
    """Django reads a whole form to check it, whoever sent it, also where no file belongs."""
    files = [SimpleUploadedFile(f"{number}.bin", bytes(4 * 2**20)) for number in range(3)]

    [kept] = rf.post("/tandatangan", {"file": files}).FILES.getlist("file")

    assert type(kept) is InMemoryUploadedFile
    assert kept.size == 4 * 2**20
    assert len(kept.read()) == logos.MAX_BYTES + 1
