"""What a browser encrypted for this server: ECDH on P-256, HKDF-SHA-256, AES-256-GCM.

An envelope is base64url without padding of: the browser's one-time public key (65 bytes,
uncompressed point), 12 bytes of IV, ciphertext with its tag. The server's key pair is derived
from CODES_KEY, so that every web process has it and nothing is stored.
"""

from __future__ import annotations

import base64
import binascii
import json
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_POINT, _IV = 65, 12
INFO = b"pakta envelope 1"


class BadEnvelope(ValueError):
    """Not an envelope for this server, or damaged on the way."""


def public_key() -> str:
    """The server's, for the browser: base64url of the uncompressed point."""
    point = _private_key(settings.CODES_KEY).public_key()
    return encode(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def open_envelope(text: str) -> dict[str, Any]:
    """The JSON object inside."""
    try:
        data = decode(text)
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, data[:_POINT])
        shared = _private_key(settings.CODES_KEY).exchange(ec.ECDH(), theirs)
        key = HKDF(hashes.SHA256(), length=32, salt=data[:_POINT], info=INFO).derive(shared)
        iv, cipher = data[_POINT : _POINT + _IV], data[_POINT + _IV :]
        content = AESGCM(key).decrypt(iv, cipher, None)
    except (binascii.Error, ValueError, InvalidTag) as error:
        raise BadEnvelope from error
    return parsed(content)


def parsed(content: bytes) -> dict[str, Any]:
    """A JSON object of proper text: half of a surrogate pair can be neither hashed nor kept."""
    try:
        found = json.loads(content)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadEnvelope from error
    if not isinstance(found, dict):
        raise BadEnvelope
    return found


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@cache
def _private_key(secret: str) -> ec.EllipticCurvePrivateKey:
    seed = HKDF(hashes.SHA256(), length=48, salt=None, info=b"pakta envelope key").derive(
        secret.encode()
    )
    # 128 bits more than the order has: the remainder is as good as evenly spread.
    return ec.derive_private_key(int.from_bytes(seed, "big") % (_ORDER - 1) + 1, CURVE)
