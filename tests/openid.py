"""Providers of OpenID Connect to log in at, on this machine: an honest one and one that lies."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from jwt.algorithms import RSAAlgorithm

from pledges import logins
from pledges.logins import Registration
from pledges.models import Agency, LoginProvider
from tests import cast
from tests.conftest import free_port

CLIENT_ID = "pakta"
SECRET = "rahasia-klien-untuk-uji"


def make_provider(
    agency: Agency, url: str, *, short_name: str = "pemkot", nip_claim: str = "nip"
) -> LoginProvider:
    """What the superuser registers."""
    provider = LoginProvider(agency=agency, nip_claim=nip_claim)
    registration = Registration(short_name, "SSO Kota Contoh", url, CLIENT_ID, SECRET)
    logins.register(provider, registration, by=None)
    return provider


@pytest.fixture(scope="session")
def login_server() -> Iterator[str]:
    """An honest provider as a process of its own. Whoever is named there logs in."""
    port = free_port()
    people = [
        {"sub": "siti", "nip": cast.SITI, "name": "Siti Aminah", "email": "admin@contoh.example"},
        {"sub": "budi", "nip": cast.BUDI},
        {"sub": "orang-lain", "nip": "197001011995031001"},
        {"sub": "tanpa-nip", "email": "admin@contoh.example"},
    ]
    claims = [part for one in people for part in ("--user-claims", json.dumps(one))]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--require-nonce", "true", *claims], stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(url: str) -> None:
    for _ in range(300):
        with contextlib.suppress(requests.ConnectionError):
            requests.get(url, timeout=5)
            return
        time.sleep(0.1)
    raise TimeoutError(url)


def log_in_at(address: str, who: str) -> str:
    """What the provider's own page does; returns where it sends the browser."""
    answer = requests.post(address, data={"sub": who}, allow_redirects=False, timeout=5)
    return answer.headers["Location"]


def come_back(client: Client, location: str) -> Any:
    """As the browser does, from the provider to Pakta."""
    address = urlsplit(location)
    return client.get(f"{address.path}?{address.query}")


def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class LyingProvider:
    """A small provider that keeps to OpenID Connect except where a test makes it lie."""

    url: str = ""
    key: rsa.RSAPrivateKey = field(default_factory=private_key)
    signs_with: Any = None
    algorithm: str = "RS256"
    key_id: str | None = "1"
    # Overwrite the ID token's claims; None leaves one out.
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] = field(default_factory=dict)
    # What it was asked: the parameters of each request.
    asked: list[dict[str, str]] = field(default_factory=list)
    redeemed: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def discover(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        } | self.discovery

    def keys(self) -> dict[str, Any]:
        key = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [key | {"kid": "1", "use": "sig", "alg": "RS256"}]}

    def authorize(self, query: dict[str, str]) -> str:
        self.asked.append(query)
        answer = {"code": f"code-{len(self.asked)}", "state": query["state"]}
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def redeem(self, form: dict[str, str]) -> dict[str, Any]:
        """A code for tokens, if the verifier is that of the challenge (RFC 7636)."""
        self.redeemed.append(form)
        question = self.asked[int(form["code"].removeprefix("code-")) - 1]
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if challenge != question.get("code_challenge") or form["client_secret"] != SECRET:
            return {"error": "invalid_grant"}
        return {
            "access_token": "kunci-sementara",
            "token_type": "Bearer",
            "id_token": self.id_token(question),
        } | self.token

    def id_token(self, question: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT_ID, "sub": "siti", "nip": cast.SITI,
            "iat": now, "exp": now + 300, "nonce": question["nonce"],
        } | self.claims  # fmt: skip
        key: Any = None if self.algorithm == "none" else self.signs_with or self.key
        return jwt.encode(
            {name: value for name, value in claims.items() if value is not None},
            key,
            algorithm=self.algorithm,
            headers={"kid": self.key_id} if self.key_id else None,
        )


def _handler(provider: LyingProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            provider.paths.append(address.path)
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            if address.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(query))
                self.end_headers()
            elif address.path == "/jwks":
                self._answer(provider.keys())
            elif address.path == "/userinfo":
                self._answer({"sub": "siti"} | provider.userinfo)
            else:
                self._answer(provider.discover())

        def do_POST(self) -> None:
            provider.paths.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            tokens = provider.redeem(form)
            self._answer(tokens, status=400 if "error" in tokens else 200)

        def _answer(self, data: dict[str, Any], *, status: int = 200) -> None:
            content = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Says nothing."""

    return Handler


@pytest.fixture
def liar() -> Iterator[LyingProvider]:
    provider = LyingProvider()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider)) as server:
        provider.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield provider
        server.shutdown()
        thread.join()
