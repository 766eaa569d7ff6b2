"""Derived codes, and the encryption and lookup of NIK.

Personal links and codes are not stored: they are HMACs over a signatory and a
generation number, so slips can be printed again, one can be revoked by raising
its generation, and a stolen database holds none of them.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

# Crockford's base32: no I, L, O, U, so that a code survives being read aloud.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_AS_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET)
_READ_AS = str.maketrans("ILO", "110")

# Of what proves a link, a ticket or a receipt: nobody guesses it.
SECRET_BITS = 130


class WrongNikKey(Exception):
    """NIK_KEY is not the key these NIK were encrypted with; the message is for everybody."""

    def __init__(self) -> None:
        super().__init__(
            "Data NIK sedang tidak dapat dibuka: kunci server (NIK_KEY) berbeda dari kunci yang "
            "dipakai saat menyimpannya. Tidak ada yang hilang dan tidak ada yang diubah. Beri tahu "
            "pengelola server, lalu coba lagi setelah kuncinya dibetulkan."
        )


def encode(data: bytes) -> str:
    """Crockford base32 without padding: 5 bits a character."""
    return base64.b32encode(data).decode().rstrip("=").translate(_AS_CROCKFORD)


def normalise(typed: str) -> str:
    """What a person meant who typed a code: case, spaces, hyphens and look-alikes do not matter."""
    return "".join(c for c in typed.upper().translate(_READ_AS) if c in ALPHABET)


def random_code(bits: int) -> str:
    """A random code of at least `bits` bits, `bits / 5` characters."""
    return encode(secrets.token_bytes(-(-bits // 8)))[: -(-bits // 5)]


def derived(purpose: str, *parts: object, bits: int) -> str:
    """The first `bits` bits of HMAC-SHA-256 over purpose and parts, as `bits / 5` characters."""
    return encode(_hmac(purpose, *parts))[: -(-bits // 5)]


def row_of(token: str) -> int:
    """The primary key that a token like "7-G3Q…" begins with; 0, which no row has, for none."""
    number = token.partition("-")[0]
    is_one = number.isascii() and number.isdigit() and len(number) <= 18
    return int(number) if is_one else 0


def derived_digits(purpose: str, *parts: object, count: int) -> str:
    """Decimal digits, for a code that is typed on a keypad."""
    number: int = int.from_bytes(_hmac(purpose, *parts), "big") % 10**count
    return f"{number:0{count}}"


def _hmac(purpose: str, *parts: object) -> bytes:
    message = "\x1f".join([purpose, *map(str, parts)]).encode()
    return hmac.digest(settings.CODES_KEY.encode(), message, hashlib.sha256)


def same(one: str, other: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


@dataclass(frozen=True, slots=True)
class NikKey:
    """What NIK are encrypted and found with; NIK_KEY, but while it is being rotated."""

    secret: str

    def encrypt(self, data: bytes) -> bytes:
        return self._fernet().encrypt(data)

    def decrypt(self, cipher: bytes) -> bytes:
        try:
            return self._fernet().decrypt(cipher)
        except InvalidToken as error:
            raise WrongNikKey from error

    def opens(self, cipher: bytes) -> bool:
        try:
            self.decrypt(cipher)
        except WrongNikKey:
            return False
        return True

    def hash(self, nik: str) -> str:
        message = b"nik-lookup\x1f" + nik.encode()
        return hmac.digest(self.secret.encode(), message, hashlib.sha256).hex()

    def _fernet(self) -> Fernet:
        key = hashlib.sha256(b"nik-encryption\x1f" + self.secret.encode()).digest()
        return Fernet(base64.urlsafe_b64encode(key))


def nik_key() -> NikKey:
    return NikKey(settings.NIK_KEY)


def encrypt_nik(nik: str) -> str:
    return nik_key().encrypt(nik.encode()).decode()


def decrypt_nik(cipher: str) -> str:
    return nik_key().decrypt(cipher.encode()).decode()


def encrypt_file(data: bytes) -> bytes:
    """For files that hold NIK among other things."""
    return nik_key().encrypt(data)


def decrypt_file(data: bytes) -> bytes:
    return nik_key().decrypt(data)


def nik_hash(nik: str) -> str:
    """A keyed hash to find a NIK by, 64 hex digits."""
    return nik_key().hash(nik)
