"""20,000 sealed documents asked for and taken as one ZIP, beside the standard library's ZIP."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from pledges.models import Document, Event, Export, Role
from tests import cast
from tests.bench import crowd
from tests.bench.crowd import measured, peak_rss


class Nowhere(io.RawIOBase):
    """Takes everything and keeps nothing, as a fast network does."""

    def __init__(self) -> None:
        self.at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        size = memoryview(data).nbytes  # type: ignore[arg-type]
        self.at += size
        return size

    def tell(self) -> int:
        return self.at


@contextmanager
def timed() -> Iterator[list[float]]:
    start, spent = time.perf_counter(), [0.0]
    yield spent
    spent[0] = time.perf_counter() - start


def drain(chunks: Iterable[bytes]) -> int:
    return sum(map(len, chunks))


def stdlib() -> int:
    """The same files, as zipfile stores them."""
    target = Nowhere()
    names = Document.objects.values_list("file", flat=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for number, name in enumerate(names.iterator()):
            archive.write(default_storage.path(name), f"{number}.pdf")
    return target.at


@pytest.mark.bench
@pytest.mark.django_db(transaction=True)
def test_20000_documents_as_one_zip(client: Client) -> None:
    event = crowd.make()
    client.force_login(cast.make_user("admin@contoh.example", (Role.ADMIN, event.agency)))
    print()
    export = asked(client, event)
    take(client, export)
    with timed() as spent:
        size = stdlib()
    print(f"zip_stdlib_mb_per_s {size / spent[0] / 1e6:.0f}")


def asked(client: Client, event: Event) -> Export:
    address = f"/kelola/acara/{event.code}/unduhan"
    chosen = {"unit": event.agency_id, "whose": "", "kind": "documents"}
    with measured("export_ask"):
        assert client.post(f"{address}/minta", chosen).status_code == 302
    with measured("export_page"):
        assert client.get(address).status_code == 200
    return Export.objects.get()


def take(client: Client, export: Export) -> None:
    address = f"/kelola/acara/{export.event.code}/unduhan/{export.pk}"
    with measured("zip_first_byte"):
        response = client.get(address)
        chunks = iter(response.streaming_content)  # type: ignore[attr-defined]
        first = len(next(chunks))
    with peak_rss("zip"), timed() as spent:
        size = first + drain(chunks)
    assert size == export.size
    print(f"zip_mb {size / 1e6:.0f}")
    print(f"zip_mb_per_s {size / spent[0] / 1e6:.0f}")
    with timed() as spent:
        response = client.get(address, headers={"Range": f"bytes={size * 60 // 100}-"})
        next(iter(response.streaming_content))  # type: ignore[attr-defined]
    print(f"zip_resume_first_byte_ms {spent[0] * 1000:.0f}")
