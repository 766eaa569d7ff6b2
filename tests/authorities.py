"""Timestamp authorities on this machine: a real one, and some that hang, refuse or lie."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest
import requests
from asn1crypto import core, tsp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pytest_django import Settings

from tests.conftest import free_port

_CONFIG = """
external-url-prefix: http://127.0.0.1
keysets:
  kunci:
    path-prefix: .
    keys:
      akar: {path: akar.pem}
      otoritas: {path: otoritas.pem}
pki-architectures:
  contoh:
    keyset: kunci
    entity-defaults: {country-name: ID, organization-name: Otoritas Contoh}
    entities:
      akar: {common-name: Akar Stempel Waktu Contoh}
      otoritas: {common-name: Stempel Waktu Contoh}
    certs:
      akar:
        subject: akar
        issuer: akar
        validity: {valid-from: "2020-01-01T00:00:00+0000", valid-to: "2100-01-01T00:00:00+0000"}
        extensions:
          - {id: basic_constraints, critical: true, value: {ca: true}}
          - id: key_usage
            critical: true
            smart-value: {schema: key-usage, params: [digital_signature, key_cert_sign]}
      otoritas:
        subject: otoritas
        issuer: akar
        validity: {valid-from: "2020-01-01T00:00:00+0000", valid-to: "2100-01-01T00:00:00+0000"}
        extensions:
          - id: key_usage
            critical: true
            smart-value: {schema: key-usage, params: [digital_signature]}
          - id: extended_key_usage
            critical: true
            value: [time_stamping]
    services:
      time-stamping:
        stempel: {signing-cert: otoritas}
"""

_CERTOMANCER = [sys.executable, "-m", "certomancer", "--config"]
REPLY = "application/timestamp-reply"


@dataclass(frozen=True)
class RealAuthority:
    url: str
    # PEM of the root of its certificate.
    root: Path

    def answer(self, question: bytes) -> bytes:
        answer = requests.post(
            self.url, question, headers={"Content-Type": "application/timestamp-query"}, timeout=30
        )
        return answer.content


@pytest.fixture(scope="session")
def real_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealAuthority]:
    with running(tmp_path_factory.mktemp("authority"), free_port()) as authority:
        yield authority


@contextmanager
def running(home: Path, port: int) -> Iterator[RealAuthority]:
    """A process of its own."""
    for name in ("akar", "otoritas"):
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (home / f"{name}.pem").write_bytes(pem)
    config = home / "certomancer.yml"
    config.write_text(_CONFIG)
    root = subprocess.run(
        [*_CERTOMANCER, config, "summon", "contoh", "akar"], capture_output=True, check=True
    )
    (home / "root.pem").write_bytes(root.stdout)
    process = subprocess.Popen(
        [*_CERTOMANCER, config, "animate", "--port", str(port), "--no-web-ui"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    authority = RealAuthority(f"http://127.0.0.1:{port}/contoh/tsa/stempel", home / "root.pem")
    try:
        _wait_for(authority.url)
        yield authority
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            requests.get(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(url)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        question = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.stand_in.asked.append((question, self.headers.get("Authorization", "")))
        self.server.stand_in.behaves(self, question)

    def log_message(self, *arguments: object) -> None:
        pass

    def reply(self, data: bytes, *, status: int = 200, kind: str = REPLY, **more: str) -> None:
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(data)), **more}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stand_in: Authority


Behaviour = Callable[[_Handler, bytes], None]


@dataclass
class Authority:
    """In front of the real one; it passes on what it is asked until it is told to misbehave."""

    real: RealAuthority
    url: str
    behaves: Behaviour
    asked: list[tuple[bytes, str]] = field(default_factory=list)
    _over: Event = field(default_factory=Event)

    def passes_on(self, handler: _Handler, question: bytes) -> None:
        handler.reply(self.real.answer(question))

    def hangs(self, handler: _Handler, question: bytes) -> None:
        self._over.wait(60)

    def drips(self, handler: _Handler, question: bytes) -> None:
        """A byte from time to time, so that no pause is long."""
        handler.send_response(200)
        handler.send_header("Content-Type", REPLY)
        handler.end_headers()
        while not self._over.wait(0.1):
            handler.wfile.write(b"0")

    def ends(self) -> None:
        self._over.set()


def refuses(handler: _Handler, question: bytes) -> None:
    handler.reply(b"penuh", status=503, kind="text/plain")


def shows_a_page(handler: _Handler, question: bytes) -> None:
    handler.reply(b"<h1>Masuk</h1>", kind="text/html; charset=utf-8")


def says_something_else(handler: _Handler, question: bytes) -> None:
    handler.reply(b"0\x03\x02\x01\x00 and so on")


def says_nothing(handler: _Handler, question: bytes) -> None:
    handler.reply(b"")


def rejects(handler: _Handler, question: bytes) -> None:
    """With words of its own, in which there may be anything."""
    status = tsp.PKIStatusInfo({"status": "rejection", "status_string": ["rahasia"]}).dump()
    handler.reply(b"0" + bytes([len(status)]) + status)


def says_more_than_there_is_room_for(handler: _Handler, question: bytes) -> None:
    handler.reply(bytes(20_000))


def leads_to(url: str) -> Behaviour:
    def behave(handler: _Handler, question: bytes) -> None:
        handler.reply(b"", status=307, Location=url)

    return behave


def answers_another_question(real: RealAuthority, **changed: object) -> Behaviour:
    """Of which some part is other than was asked."""

    def behave(handler: _Handler, question: bytes) -> None:
        other = tsp.TimeStampReq.load(question)
        if "nonce" in changed:
            other["nonce"] = core.Integer(changed["nonce"])
        if "digest" in changed:
            other["message_imprint"]["hashed_message"] = changed["digest"]
        handler.reply(real.answer(other.dump()))

    return behave


@pytest.fixture
def authority(real_authority: RealAuthority, settings: Settings) -> Iterator[Authority]:
    """The settings name it."""
    with standing_in(real_authority) as stand_in:
        settings.TIMESTAMP_URL, settings.TIMESTAMP_CA = stand_in.url, str(real_authority.root)
        yield stand_in


@contextmanager
def standing_in(real: RealAuthority) -> Iterator[Authority]:
    server = _Server(("127.0.0.1", 0), _Handler)
    address = f"http://127.0.0.1:{server.server_port}/stempel"
    server.stand_in = Authority(real, address, lambda *_: None)
    server.stand_in.behaves = server.stand_in.passes_on
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server.stand_in
    finally:
        server.stand_in.ends()
        server.shutdown()
        server.server_close()
