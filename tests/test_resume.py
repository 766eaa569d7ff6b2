"""A download that breaks off goes on where it broke off, from a real server."""

from __future__ import annotations

import hashlib
import http.client
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.test import Client

from pledges import signing
from pledges.models import Document, Event, Role
from tests import cast
from tests.cast import BUDI, DEWI, SITI
from tests.conftest import free_port, process_environment
from tests.test_downloads import ask, sign_and_seal
from tests.test_exports import weigh


@pytest.fixture
def server(transactional_db: None, tmp_path: Path) -> Iterator[int]:
    """gunicorn as production runs it; the port it listens on."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "pakta.wsgi", "--config", "deploy/gunicorn.conf.py",
         "--bind", f"127.0.0.1:{port}"],
        cwd=settings.BASE_DIR, env=process_environment(),
    )  # fmt: skip
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield port
    process.terminate()
    process.wait(timeout=30)


@pytest.fixture
def event(transactional_db: None, sealer) -> Event:
    event = cast.make_open(cast.make_city())
    sign_and_seal(event, sealer, SITI, BUDI, DEWI)
    return event


def cookie_of(user) -> str:
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


@contextmanager
def get(port: int, path: str, **headers: str) -> Iterator[http.client.HTTPResponse]:
    """An answer whose connection is cut off afterwards, however much of it was read."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path, headers={"Host": "localhost", **headers})
        with connection.getresponse() as response:
            yield response


def test_a_download_cut_at_60_percent_resumes_to_the_same_bytes(
    server: int, event: Event, tmp_path: Path, sealer
) -> None:
    admin = cast.make_user("admin@contoh.example", (Role.ADMIN, event.agency))
    export = ask(event, by=admin)
    path = f"/kelola/acara/{event.code}/unduhan/{export.pk}"
    cookie = cookie_of(admin)

    with get(server, path, Cookie=cookie) as whole:
        assert (whole.status, int(whole.headers["Content-Length"])) == (200, export.size)
        digest = hashlib.sha256(whole.read()).hexdigest()

    with get(server, path, Cookie=cookie) as begun:
        kept, etag = begun.read(export.size * 60 // 100), str(begun.headers["ETag"])
    # Meanwhile somebody else signs, and somebody is made void.
    sign_and_seal(event, sealer, cast.AGUS)
    signing.void(cast.someone(event, BUDI).signatures.get(), reason="Salah orang", by=None)
    going_on = {"Range": f"bytes={len(kept)}-", "If-Range": etag}
    with get(server, path, Cookie=cookie, **going_on) as rest:
        assert rest.status == 206
        assert int(rest.headers["Content-Length"]) == export.size - len(kept)
        archive = tmp_path / "resumed.zip"
        archive.write_bytes(kept + rest.read())

    assert hashlib.sha256(archive.read_bytes()).hexdigest() == digest
    with zipfile.ZipFile(archive) as zipped:
        assert zipped.testzip() is None


def test_a_download_of_which_a_file_is_gone_does_not_pass_for_whole(
    server: int, event: Event
) -> None:
    admin = cast.make_user("admin@contoh.example", (Role.ADMIN, event.agency))
    weigh(Document.objects.get(signature__signatory__nip=DEWI), 200_000)
    export = ask(event, by=admin)
    default_storage.delete(Document.objects.get(signature__signatory__nip=BUDI).file)

    path = f"/kelola/acara/{event.code}/unduhan/{export.pk}"

    with get(server, path, Cookie=cookie_of(admin)) as whole:
        assert int(whole.headers["Content-Length"]) == export.size
        with pytest.raises(http.client.IncompleteRead):
            whole.read()
