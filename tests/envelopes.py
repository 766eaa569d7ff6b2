"""Seals what a browser would seal, as static/js/signer/envelope.js does."""

from __future__ import annotations

import json
import os
import re
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pledges import envelopes

_KEY = re.compile(r'data-key="([^"]+)"')
_TICKET = re.compile(r'name="ticket" value="([^"]+)"')


class NoPage(Exception):
    """Not one that somebody signs on."""


def seal(entry: object, *, key: str = "") -> str:
    """For the server whose public key a page named; without one, for this process's own."""
    return envelopes.encode(seal_bytes(json.dumps(entry).encode(), key=key))


def of_page(page: str, pledge: dict[str, Any]) -> str:
    """What the page's script sends for somebody who ticked and drew."""
    key, ticket = _KEY.search(page), _TICKET.search(page)
    if key is None or ticket is None:
        raise NoPage
    return seal(pledge | {"ticket": ticket[1], "device": ticket[1][-32:]}, key=key[1])


def seal_bytes(content: bytes, *, info: bytes = b"pakta envelope 1", key: str = "") -> bytes:
    """Point, IV and ciphertext with its tag: an envelope before it is written as text."""
    server = envelopes.decode(key or envelopes.public_key())
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), server)
    own = ec.generate_private_key(ec.SECP256R1())
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = own.exchange(ec.ECDH(), theirs)
    secret = HKDF(hashes.SHA256(), length=32, salt=point, info=info).derive(shared)
    iv = os.urandom(12)
    return point + iv + AESGCM(secret).encrypt(iv, content, None)
