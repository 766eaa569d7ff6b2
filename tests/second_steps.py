"""An authenticator app of our own (RFC 6238), and people who log in with it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from typing import Any

from django.test import Client

from tests import cast


def code_of(secret: str, *, later: int = 0) -> str:
    """The six digits that an app shows now, or `later` times half a minute from now."""
    key = base64.b32decode(secret)
    digest = hmac.digest(key, (int(time.time()) // 30 + later).to_bytes(8, "big"), hashlib.sha1)
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


def log_in(
    client: Client, email: str = "admin@contoh.example", password: str = cast.PASSWORD, **extra: Any
):
    return client.post("/akun/masuk", {"login": email, "password": password}, **extra)


def set_up_app(client: Client) -> str:
    """Of whoever is logged in there; the secret that the app now has."""
    page = client.get("/akun/dua-langkah/aplikasi", follow=True)
    client.post(page.redirect_chain[-1][0], {"password": cast.PASSWORD})
    page = client.get("/akun/dua-langkah/aplikasi")
    [secret] = re.findall(r'secret">([A-Z2-7]+)<', page.content.decode())
    # Of half a minute ago, so that the one of now has not been used yet.
    answer = client.post("/akun/dua-langkah/aplikasi", {"code": code_of(secret, later=-1)})
    assert answer.status_code == 302, answer.content.decode()
    return str(secret)


def recovery_codes(client: Client) -> list[str]:
    page = client.get("/akun/dua-langkah/kode-cadangan")
    return re.findall(r"<li>(\d{8})</li>", page.content.decode())
