"""No request that somebody else's word leads to goes inside (server-side request forgery)."""

from __future__ import annotations

import ast
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import requests
from django.conf import settings as project
from weasyprint.urls import FatalURLFetchingError

from pledges import outgoing
from pledges.documents import typesetting
from pledges.forms.logins import ProviderForm
from tests.cast import City
from tests.test_architecture import MODULES, parse

INSIDE = ["10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "127.0.0.1", "0.0.0.0", "::1",
          "fe80::1", "fd00::1", "::ffff:10.0.0.1", "100.64.0.1"]  # fmt: skip


@dataclass
class Inside:
    """Something that only this machine can reach."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    answer: tuple[int, dict[str, str]] = (200, {})


@pytest.fixture
def inside() -> Iterator[Inside]:
    found = Inside()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            self.send_response(found.answer[0])
            for name, value in found.answer[1].items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "address",
    [
        "http://sso.kota.go.id/", "ftp://sso.kota.go.id/", "file:///etc/passwd", "//sso.kota.go.id",
        "https://", "https://nama@sso.kota.go.id/", "https://[", "gopher://127.0.0.1:6379/", "",
        "javascript:alert(1)", "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data",
    ],
)  # fmt: skip
def test_only_https_is_asked(address):
    assert not outgoing.is_allowed(address)
    with pytest.raises((requests.RequestException, ValueError)):
        outgoing.session(registered=[]).get(address)


def test_for_trying_this_machine_may_answer_without_tls_and_in_production_it_may_not(settings):
    assert outgoing.is_allowed("https://sso.kota.go.id/realms/kota")
    assert outgoing.is_allowed("http://127.0.0.1:8080/")
    settings.IS_PRODUCTION = True
    assert not outgoing.is_allowed("http://127.0.0.1:8080/")
    assert not outgoing.is_allowed("http://localhost/")


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_refused_before_anything_is_said(address, monkeypatch):
    """Whatever the name was, and whatever it is the next moment: the connection is judged."""
    said = []

    class Line:
        def getpeername(self) -> tuple[str, int]:
            return address, 443

        def close(self) -> None:
            said.append("close")

        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"{name} of a line that is judged")

    monkeypatch.setattr("urllib3.util.connection.create_connection", lambda *_, **__: Line())
    with pytest.raises(requests.ConnectionError):
        outgoing.session(registered=["sso.kota.go.id"]).get("https://lain.example/token")
    assert set(said) == {"close"}


def test_a_name_that_leads_here_gets_no_request(inside: Inside, monkeypatch):
    port = int(inside.url.rpartition(":")[2])
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)

    with pytest.raises(requests.ConnectionError, match="not a registered host"):
        outgoing.session(registered=[]).get("https://umum.example/")
    assert inside.asked == []


def test_a_registered_host_may_be_in_the_agencys_own_network(inside: Inside):
    assert outgoing.session(registered=["127.0.0.1"]).get(f"{inside.url}/ada").status_code == 200
    with pytest.raises(requests.ConnectionError):
        outgoing.session(registered=["sso.kota.go.id"]).get(f"{inside.url}/lain")
    assert inside.asked == ["/ada"]


def test_no_redirection_is_followed(inside: Inside):
    inside.answer = (302, {"Location": f"{inside.url}/dalam"})

    with pytest.raises(requests.TooManyRedirects):
        outgoing.session(registered=["127.0.0.1"]).get(f"{inside.url}/pintu")
    assert inside.asked == ["/pintu"]


def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(outgoing, "TIMEOUT", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(requests.Timeout):
            outgoing.session(registered=["127.0.0.1"]).get(address)


def test_in_production_no_login_is_registered_without_https(db, city: City, settings):
    form = {
        "agency": city.agency.pk, "nip_claim": "nip", "short_name": "sso", "name": "SSO",
        "client_id": "pakta", "server_url": "http://localhost:8080",
    }  # fmt: skip
    assert ProviderForm(form).is_valid()
    settings.IS_PRODUCTION = True

    assert "server_url" in ProviderForm(form).errors


@pytest.mark.parametrize(
    "html",
    [
        '<img src="{url}/gambar.png">',
        '<link rel="stylesheet" href="{url}/gaya.css">',
        '<style>@import "{url}/gaya.css"; body {{ background: url({url}/latar.png) }}</style>',
        '<object data="{url}/objek.svg"></object>',
        '<img src="file:///etc/passwd">',
    ],
)
def test_a_document_fetches_nothing(inside: Inside, html):
    """Whatever got into its text: no network, and no file of this machine."""
    with pytest.raises(FatalURLFetchingError):
        typesetting.write_pdf(
            f"<html><body>{html.format(url=inside.url)}<p>Teks</p></body></html>",
            stylesheet="pdf/pact.css",
            images={},
        )
    assert inside.asked == []


# Where a connection to elsewhere can begin: an agency's login. E-mail, database and storage go
# to where the operator's own settings say.
ASK = {"outgoing", "openid", "documents.timestamps"}


def test_nothing_else_asks_other_servers():
    clients = ("requests", "urllib3", "urllib.request", "http.client", "httpx", "aiohttp")
    asking = {
        module
        for module in MODULES
        for name in everything_imported(parse(module))
        if name == "urllib.request" or name.partition(".")[0] in clients or name in clients
    }
    assert asking == ASK


def everything_imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def test_no_template_or_style_of_a_document_names_another_site():
    folder = project.BASE_DIR / "templates" / "pdf"
    named = [path.name for path in folder.rglob("*.css") if "url(http" in path.read_text()]
    assert named == []
