"""Files in an object store: all that Pakta keeps, and what it says when the store is away."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django import Settings

from pakta.objects import PIECE
from pakta.storage import StorageAway
from pledges import health, identity, verification
from pledges.models import Document, Signature
from pledges.paper import scans
from tests import cast
from tests.cast import BUDI, DEWI, SITI
from tests.conftest import free_port
from tests.object_store import ObjectStore
from tests.pages import text_of
from tests.photographs import file, work_through
from tests.test_downloads import ask, sign_and_seal, taken, unzip
from tests.test_paper_scans import photo_of
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("objects")

# Of three pieces, the last one not full.
LONG = hashlib.sha256(b"seed").digest() * (PIECE * 5 // 2 // 32)


def save(content: bytes, name: str = "coba/berkas.bin") -> str:
    return default_storage.save(name, ContentFile(content))


@pytest.fixture
def go_away(objects: ObjectStore, settings: Settings) -> Callable[[], None]:
    """From then on nobody listens there."""

    def go() -> None:
        keep_at(f"http://127.0.0.1:{free_port()}", objects, settings)

    return go


def keep_at(address: str, objects: ObjectStore, settings: Settings) -> None:
    options = objects.options | {"endpoint_url": address}
    kept = {"BACKEND": "pakta.objects.Objects", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": kept}


@pytest.mark.parametrize("content", [b"", b"one", LONG], ids=["empty", "short", "long"])
def test_what_was_saved_is_read_back(content):
    name = save(content)

    with default_storage.open(name) as file:
        assert file.read() == content
    assert (default_storage.exists(name), default_storage.size(name)) == (True, len(content))


def test_reading_begins_anywhere_and_goes_over_the_edges_of_pieces():
    with default_storage.open(save(LONG)) as file:
        for start, length in [(0, 10), (PIECE - 5, 10), (2 * PIECE - 1, 2), (len(LONG) - 3, 99)]:
            file.seek(start)
            assert file.read(length) == LONG[start : start + length]
        file.seek(-7, io.SEEK_END)
        assert (file.tell(), file.read()) == (len(LONG) - 7, LONG[-7:])
        file.seek(PIECE + 1)
        assert file.read() == LONG[PIECE + 1 :]


def test_a_short_file_is_one_request_each_way(monkeypatch):
    asked: list[str] = []
    default_storage.exists("x")
    events = default_storage._wrapped._store.client.meta.events  # type: ignore[attr-defined]
    events.register("before-send.s3", lambda request, **_: asked.append(request.method))

    with default_storage.open(save(b"short")) as file:
        file.read()

    assert asked == ["PUT", "GET"]


def test_what_is_not_there_is_told_as_of_a_folder():
    with pytest.raises(FileNotFoundError):
        default_storage.open("coba/tidak-ada")
    assert not default_storage.exists("coba/tidak-ada")
    default_storage.delete("coba/tidak-ada")


def test_nothing_is_overwritten_and_the_second_gets_a_name_beside_it():
    first, second = save(b"first"), save(b"second")

    assert first == "coba/berkas.bin"
    assert second.startswith("coba/berkas_")
    assert second.endswith(".bin")
    assert [default_storage.open(name).read() for name in (first, second)] == [b"first", b"second"]


def test_of_many_that_save_under_one_name_at_once_each_has_its_own():
    contents = [bytes([number]) for number in range(8)]

    names = [str(name) for name in at_once([partial(save, content) for content in contents])]

    assert len(set(names)) == 8
    assert [default_storage.open(name).read() for name in names] == contents


def test_a_store_that_is_away_is_told_at_once(go_away):
    go_away()

    acts = (default_storage.open, default_storage.exists, default_storage.delete)
    for act in (lambda name: save(b"x", name), *acts):
        begin = time.monotonic()
        with pytest.raises(StorageAway):
            act("x")
        assert time.monotonic() - begin < 5


def test_a_store_that_hangs_is_waited_for_a_bounded_time(objects, monkeypatch):
    monkeypatch.setattr("pakta.objects._READ", 0.3)
    name = save(b"x")

    with objects.hanging(), pytest.raises(StorageAway):
        default_storage.open(name)


def test_while_one_asks_a_store_that_hangs_the_others_are_told_at_once(objects, monkeypatch):
    monkeypatch.setattr("pakta.objects._READ", 1)
    name = save(b"x")

    with objects.hanging():
        with pytest.raises(StorageAway, match="Read timeout"):
            default_storage.open(name)
        with ThreadPoolExecutor(1) as another:
            asking = another.submit(default_storage.open, name)
            time.sleep(0.2)
            with pytest.raises(StorageAway, match="being asked again"):
                default_storage.open(name)
            assert not asking.done()
            with pytest.raises(StorageAway, match="Read timeout"):
                asking.result(10)

    assert default_storage.open(name).read() == b"x"
    assert default_storage.open(name).read() == b"x"


def test_a_page_whose_file_cannot_be_fetched_says_that_nothing_is_lost(
    client: Client, open_event, sealer, go_away
):
    sign_and_seal(open_event, sealer, SITI)
    address = f"/bukti/{identity.receipt_token(Signature.objects.get())}/pakta.pdf"
    assert client.get(address).status_code == 200
    go_away()

    answer = client.get(address)

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Tidak ada yang hilang" in text_of(answer)


def test_without_the_store_people_sign_all_the_same(client: Client, open_event, go_away):
    go_away()

    page = client.get(f"/s/{identity.link_token(cast.someone(open_event))}")
    cast.sign(cast.someone(open_event))

    assert page.status_code == 200
    assert Signature.objects.count() == 1


def test_readyz_tells_that_the_store_is_away_and_asks_no_disk_of_this_host(db, go_away):
    assert (health.examine().storage, health.examine().disk) == (True, None)

    go_away()

    assert not health.examine().storage


def test_a_sealed_document_is_one_private_object_under_its_hash(objects, open_event, sealer):
    [pdf] = sign_and_seal(open_event, sealer, SITI).values()
    digest = hashlib.sha256(pdf).hexdigest()

    assert f"documents/{open_event.pk}/{digest[:2]}/{digest}.pdf" in objects.names
    assert default_storage.open(Document.objects.get().file).read() == pdf
    assert verification.by_file(io.BytesIO(pdf)).state == verification.FileState.INTACT


def test_an_archive_and_any_piece_of_it_come_from_the_store(open_event, sealer):
    pdfs = sign_and_seal(open_event, sealer, SITI, BUDI, DEWI)
    export = ask(open_event)
    whole = taken(export)

    assert unzip(export).testzip() is None
    assert pdfs[BUDI] in whole
    assert taken(export, 1000, 60_000) == whole[1000:60_000]


def test_a_photograph_that_could_not_be_fetched_is_read_when_the_store_is_back(
    siti, officer, objects, settings, go_away
):
    scans.upload(siti.event, [file(photo_of(siti))], by=officer)
    go_away()
    with pytest.raises(StorageAway):
        work_through(siti.event)

    keep_at(objects.address, objects, settings)
    work_through(siti.event)

    assert siti.event.scans.get().signature.signatory == siti
