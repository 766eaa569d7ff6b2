"""The systemd way of docs/operasi.md, without systemd: every service of the target as a plain
process with its own environment, before them the real proxy with TLS, below them PostgreSQL."""

from __future__ import annotations

import http.client
import json
import os
import re
import secrets
import shutil
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from pakta.storage import StaticFiles
from pledges import logos, verification
from pledges.paper import scans
from pledges.roster import files
from tests import envelopes
from tests.conftest import MANAGE, free_port, process_environment
from tests.load.hall import PLEDGE
from tests.units import DEPLOY, Host

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="a city's database"),
]

NAME = "pakta.kota-contoh.go.id"
# Run by the target, but for the timers.
RUN = [
    "pakta-web.service", "pakta-seal@1.service", "pakta-seal@2.service", "pakta-tasks.service",
    "pakta-notices.service", "pakta-tick.service",
]  # fmt: skip
# What any installation has first: an open event. Prints the personal links of two people.
_FIRST_EVENT = """
from pledges import identity
from tests import cast
event = cast.make_open(cast.make_city())
for nip in (cast.SITI, cast.BUDI):
    print("/s/" + identity.link_token(cast.someone(event, nip)))
"""
_SEALED = """
from pledges.models import Document
for document in Document.objects.select_related("certificate"):
    print(document.signature.verification_code, document.certificate.subject)
"""


class HashedAlone(StaticFiles):
    """Compressing takes most of the time, and nobody here looks at it."""

    post_process = ManifestFilesMixin.post_process


_UNCOMPRESSED = settings.STORAGES | {"staticfiles": {"BACKEND": f"{__name__}.HashedAlone"}}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: str


@dataclass(frozen=True, slots=True)
class Installation:
    host: Host
    folder: Path
    inside: int
    http: int
    https: int
    links: list[str]

    def ask(
        self, path: str, *, method: str = "GET", body: str = "", port: int = 0, **headers: str
    ) -> Answer:
        """From outside by HTTPS, by the server's name; or at another port, in the clear."""
        client = http.client.HTTPConnection(NAME, timeout=30)
        client.sock = self.connected(port or self.https, is_tls=not port)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        client.request(method, path, body or None, given)
        answer = client.getresponse()
        told = Answer(answer.status, answer.headers, answer.read().decode(errors="replace"))
        client.close()
        return told

    def connected(self, port: int, *, is_tls: bool) -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", port), timeout=30)
        if not is_tls:
            return plain
        trusted = ssl.create_default_context(cafile=self.folder / "etc" / "tls" / "fullchain.pem")
        return trusted.wrap_socket(plain, server_hostname=NAME)

    def manage(self, *arguments: str, service: str = "pakta-web.service") -> str:
        """As the command `pakta` does."""
        done = subprocess.run(
            [*MANAGE, *arguments], cwd=settings.BASE_DIR, env=self.host.environment(service),
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr


def eventually(found: Callable[[], Any]) -> Any:
    for _ in range(600):
        if there := found():
            return there
        time.sleep(0.2)
    raise AssertionError("it never came")


@pytest.fixture(scope="module")
def installation(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: Any
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installation")
    inside, port, tls_port = free_port(), free_port(), free_port()
    host = Host(folder, port=inside)
    with ExitStack() as until_the_end:
        database = until_the_end.enter_context(_database_of_its_own(django_db_blocker))
        _configured(host, folder, database)
        plain = Installation(host, folder, inside, port, tls_port, [])
        plain.manage(
            "create_seal_certificate", "--agency", "Pemerintah Kota Contoh",
            service="pakta-seal@1.service",
        )  # fmt: skip
        told = plain.manage("shell", "--no-imports", "--command", _FIRST_EVENT)
        until_the_end.enter_context(host.running(*RUN))
        until_the_end.enter_context(_proxy(host, folder, port, tls_port))
        built = replace(plain, links=told.split())
        eventually(lambda: _answers(built, 200))
        yield built


def _answers(installation: Installation, status: int) -> bool:
    try:
        return installation.ask("/healthz").status == status
    except OSError:
        return False


@contextmanager
def _database_of_its_own(blocker: DjangoDbBlocker) -> Iterator[str]:
    """As the migrations made it; its address, for the role that all services work with."""
    url, _, tested = process_environment()["DATABASE_URL"].rpartition("/")
    own, role = f"{tested}_installed", f"pakta_{secrets.token_hex(4)}"
    with blocker.unblock():
        connections.close_all()
    admin = psycopg2.connect(f"{url}/postgres")
    admin.autocommit = True
    admin.cursor().execute(f"DROP DATABASE IF EXISTS {own}")
    admin.cursor().execute(f"CREATE DATABASE {own} TEMPLATE {tested}")
    admin.cursor().execute(f"CREATE ROLE {role} LOGIN PASSWORD 'sandi'")
    subprocess.run(
        [*MANAGE, "grant_runtime", "--role", role], cwd=settings.BASE_DIR, check=True,
        env=process_environment() | {"DATABASE_URL": f"{url}/{own}"}, capture_output=True,
    )  # fmt: skip
    yield f"postgres://{role}:sandi@{url.rpartition('@')[2]}/{own}"
    admin.cursor().execute(f"DROP DATABASE {own} WITH (FORCE)")
    admin.cursor().execute(f"DROP ROLE {role}")
    admin.close()


def _configured(host: Host, folder: Path, database: str) -> None:
    """/etc/pakta, as the guide fills it."""
    etc = folder / "etc"
    for part in ("secrets", "seal", "tls"):
        (etc / part).mkdir(parents=True)
    with override_settings(STATIC_ROOT=folder / "data" / "static", STORAGES=_UNCOMPRESSED):
        call_command("collectstatic", interactive=False, verbosity=0)
    for name in ("secret_key", "codes_key", "nik_key"):
        (etc / "secrets" / name).write_text(secrets.token_hex(32) + "\n")
    (etc / "secrets" / "database_url").write_text(f"{database}\n")
    (etc / "seal" / "passphrase").write_text(secrets.token_hex(32) + "\n")
    (etc / "pakta.env").write_text(host.moved((DEPLOY / "pakta.env").read_text()))
    (etc / "seal" / "seal.env").write_text(host.moved((DEPLOY / "seal.env").read_text()))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
         "-keyout", etc / "tls" / "privkey.pem", "-out", etc / "tls" / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip


@contextmanager
def _proxy(host: Host, folder: Path, port: int, tls_port: int) -> Iterator[None]:
    """Debian's nginx with the two files that the guide gives it; root's, who may read the key."""
    sites = folder / "conf.d"
    sites.mkdir()
    for name in ("pakta.conf", "upstream.conf"):
        text = host.moved((DEPLOY / "nginx" / name).read_text())
        text = re.sub(r"\n *listen \[::\].*", "", text)
        text = text.replace("listen 80 ", f"listen 127.0.0.1:{port} ")
        (sites / name).write_text(text.replace("listen 443 ", f"listen 127.0.0.1:{tls_port} "))
    user = "user root;" if os.geteuid() == 0 else ""
    bodies = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/nginx.pid; error_log stderr;"
        # Compressing as Debian's does, and more eagerly.
        "events { worker_connections 1024; } http { gzip on; gzip_min_length 0; gzip_types *;"
        f"{bodies} include {sites}/*.conf; }}"
    )
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert nginx
    command = [nginx, "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    subprocess.run([*command, "-t", "-q"], check=True)
    with subprocess.Popen(command) as process:
        try:
            yield
            assert process.poll() is None
        finally:
            process.terminate()


def test_the_check_for_deployment_has_nothing_to_complain_about(installation):
    told = installation.manage("check", "--deploy", "--fail-level=DEBUG", "--database=default")

    assert "System check identified no issues" in told


def test_a_pledge_signed_by_https_is_sealed_by_a_worker_which_alone_has_the_key(installation):
    page = installation.ask(installation.links[0])
    assert page.status == 200
    envelope = envelopes.of_page(page.body, PLEDGE)

    answer = installation.ask(
        "/kirim", method="POST", Content_Type="application/json",
        body=json.dumps({"envelope": envelope, "is_kept": False}),
    )  # fmt: skip

    assert answer.status == 200
    told = json.loads(answer.body)
    [status] = re.findall(r'data-status="([^"]+)"', installation.ask(told["receipt"]).body)
    eventually(lambda: json.loads(installation.ask(status).body)["pact"])
    sealed = installation.manage("shell", "--no-imports", "--command", _SEALED)
    assert sealed.startswith(told["code"])
    assert "Pemerintah Kota Contoh" in sealed
    assert "Pengembangan" not in sealed
    knowing = [name for name in RUN if "SEAL" in str(installation.host.environment(name))]
    assert knowing == ["pakta-seal@1.service", "pakta-seal@2.service"]


def test_whether_it_is_ready_is_told_inside_and_not_outside(installation):
    ready = eventually(lambda: _is_ready(installation))

    assert (ready["database"], ready["storage"], ready["sealing"]) == (True, True, True)
    for path in ("/readyz", "/%72eadyz", "//readyz", "/x/../readyz", "/readyz?x", "/metrics",
                 "/metrics/"):  # fmt: skip
        outside = installation.ask(path)
        assert outside.status == 404, path
        assert "unsealed" not in outside.body


def _is_ready(installation: Installation) -> dict[str, bool] | None:
    answer = installation.ask("/readyz", port=installation.inside)
    told: dict[str, bool] = json.loads(answer.body)
    return told if answer.status == 200 else None


def test_a_web_host_without_the_key_listens_where_it_is_told_and_shares_all_else(
    installation, tmp_path
):
    """And not at the address where it would listen by itself."""
    shutil.copytree(
        installation.folder / "etc", tmp_path / "etc", ignore=shutil.ignore_patterns("seal", "tls")
    )
    port, elsewhere = free_port(), free_port()
    host = Host(tmp_path, port=elsewhere)
    with (tmp_path / "etc" / "pakta.env").open("a") as settings_of_the_host:
        settings_of_the_host.write(f"WEB_BIND=127.0.0.2:{port}\n")

    with host.running("pakta-web.service"):
        ready = eventually(lambda: _told_at(f"http://127.0.0.2:{port}/readyz"))
        with socket.socket() as client:
            assert client.connect_ex(("127.0.0.1", elsewhere)) != 0

    # What is sealed here, workers of the other host seal.
    assert (ready["database"], ready["sealing"]) == (True, True)


def _told_at(address: str) -> dict[str, bool] | None:
    """As the proxy asks, by the name of the site."""
    request = urllib.request.Request(address, headers={"Host": NAME})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            told: dict[str, bool] = json.load(answer)
            return told
    except OSError:
        return None


def test_browsers_come_by_https_and_are_told_to_stay_with_it(installation):
    plain = installation.ask("/verifikasi?a=1", port=installation.http)
    secure = installation.ask("/akun/masuk")

    assert (plain.status, plain.headers["Location"]) == (301, f"https://{NAME}/verifikasi?a=1")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert secure.headers.get_all("Set-Cookie")
    assert all("Secure" in cookie for cookie in secure.headers.get_all("Set-Cookie", []))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken_with_keys_that_last_for_one_connection(version, installation):
    with shaken_hands(installation, version) as line:
        name, _, bits = line.cipher() or ("", "", 0)

    assert name.startswith(("ECDHE-", "TLS_"))
    assert bits >= 128


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_nothing_older_than_tls_1_2_is_spoken(installation):
    with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):
        shaken_hands(installation, ssl.TLSVersion.TLSv1_1)


def shaken_hands(installation: Installation, version: ssl.TLSVersion) -> ssl.SSLSocket:
    speaks = ssl.create_default_context(cafile=installation.folder / "etc" / "tls/fullchain.pem")
    # Or else it is this side that refuses.
    speaks.set_ciphers("ALL:@SECLEVEL=0")
    speaks.minimum_version = speaks.maximum_version = version
    plain = socket.create_connection(("127.0.0.1", installation.https), timeout=30)
    return speaks.wrap_socket(plain, server_hostname=NAME)


def test_what_somebody_says_of_the_way_they_came_is_not_believed(installation):
    claimed = {"X_Forwarded_Proto": "http", "X_Forwarded_Host": "evil.example", "Forwarded": "x"}

    assert installation.ask("/verifikasi", **claimed).status == 200
    forged = installation.ask("/akun/masuk", port=installation.http, X_Forwarded_Proto="https")
    assert forged.status == 301
    assert installation.ask("/verifikasi", Host="evil.example").status == 400


def test_pages_are_compressed_by_pakta_alone(installation):
    page = installation.ask("/akun/masuk", Accept_Encoding="identity")
    packed = installation.ask("/akun/masuk", Accept_Encoding="gzip")
    short = installation.ask("/healthz", Accept_Encoding="gzip")

    assert page.headers["Content-Encoding"] is None
    assert packed.headers.get_all("Content-Encoding") == ["gzip"]
    assert short.headers["Content-Encoding"] is None


def test_phones_that_send_slowly_hold_up_nobody(installation):
    """More of them than there are threads, each in the middle of a signature."""
    slow = []
    for _ in range(2 * 32 + 10):
        phone = installation.connected(installation.https, is_tls=True)
        phone.sendall(
            f"POST /kirim HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: application/json\r\n"
            "Content-Length: 20000\r\n\r\n{".encode()
        )
        slow.append(phone)

    begun = time.monotonic()
    assert installation.ask("/verifikasi").status == 200
    assert time.monotonic() - begun < 5

    for phone in slow:
        phone.close()


def test_while_the_web_server_is_started_anew_people_are_asked_to_wait(installation, tmp_path):
    host = Host(installation.folder, port=free_port())  # where nobody listens
    port = free_port()
    with _proxy(host, tmp_path, free_port(), port):
        away = replace(installation, https=port)
        eventually(lambda: _answers(away, 503))
        told = away.ask(installation.links[1])

    assert told.headers["Retry-After"] == "10"
    assert "Muat ulang halaman ini beberapa saat lagi" in told.body
    logged = (installation.folder / "error.log").read_text()
    assert installation.links[1] not in logged


@pytest.mark.parametrize(
    ("path", "megabytes", "status"),
    [
        ("/kelola/acara/ABC123/pindaian", 301, 302),
        ("/kelola/acara/ABC123/pindaian", 330, 413),
        ("/verifikasi", 39, 400),
        ("/verifikasi", 41, 413),
        ("/kirim", 0.2, 400),
        ("/kirim", 0.3, 413),
    ],
)
def test_as_much_passes_the_proxy_as_the_page_takes_and_no_more(
    installation, path, megabytes, status
):
    answer = installation.ask(path, method="POST", body="x" * round(megabytes * 2**20))

    assert answer.status == status
    assert ("Kiriman ini terlalu besar" in answer.body) == (status == 413)


def test_what_a_page_takes_is_less_than_what_passes_the_proxy():
    config = (DEPLOY / "nginx" / "pakta.conf").read_text()
    limits = [int(limit) * 2**20 for limit in re.findall(r"client_max_body_size (\d+)m;", config)]

    # A form is a little more than its files.
    assert max(limits) > scans.MAX_TOTAL + 2**20
    assert min(limits) > max(files.MAX_BYTES, verification.MAX_BYTES, logos.MAX_BYTES) + 2**20


def test_few_may_send_files_at_a_time_and_who_signs_is_not_among_them(installation):
    begun = f"POST /verifikasi HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 9999999\r\n\r\n"
    with ExitStack() as sending:
        for _ in range(24):
            line = sending.enter_context(installation.connected(installation.https, is_tls=True))
            line.sendall(begun.encode())
        eventually(lambda: installation.ask("/verifikasi", method="POST", body="x").status == 429)
        told = installation.ask("/verifikasi", method="POST", body="x")

        assert "Terlalu banyak yang sedang mengirim berkas" in told.body
        assert installation.ask("/verifikasi").status == 200
        assert installation.ask("/kirim", method="POST", body="x").status == 400


@pytest.mark.parametrize(("path", "status"), [("/kirim", 400), ("/akun/masuk/kunci-sandi", 413)])
def test_what_nobody_wants_to_read_cuts_no_line_of_the_proxy(installation, path, status):
    """Else nginx takes the host away from everybody for ten seconds."""
    answers = [installation.ask(path, method="POST", body="x" * 200_000).status for _ in range(10)]

    assert set(answers) == {status}
