"""A sealing key that never leaves its PKCS#11 token: a security module, or SoftHSM.

Only the process that seals opens it, and starts no other afterwards: PKCS#11 does not survive
a fork.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pkcs11
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, PKCS11Error, SignMixin
from pkcs11.util.ec import encode_ecdsa_signature

logger = logging.getLogger(__name__)

_TRIAL = b"Pakta"


class Refused(Exception):
    """The token cannot be used as the settings say; the message is for the operator."""


class Gone(Exception):
    """The token does not answer any more, and may come back."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the key is: the module's file, and the labels of token and key."""

    module: str
    token: str
    key: str
    pin: str = field(repr=False)


class Token:
    """A key that is open, and its certificate with the others that came along."""

    def __init__(self, place: Place, certificates: Sequence[x509.Certificate] = ()) -> None:
        """Without certificates those on the token are taken."""
        self._place, self.is_gone = place, False
        try:
            self._open()
            found = list(certificates or self._certificates())
            mine = [each for each in found if self._belongs_to(each)]
        except PKCS11Error as error:
            raise Refused(self._reason(error)) from error
        if not mine:
            raise Refused(
                f"Tidak ada sertifikat untuk kunci “{place.key}” di token “{place.token}”: yang "
                "disegel dengannya tidak akan sah. Isi SEAL_CERTIFICATE dengan berkas PEM, atau "
                "simpan sertifikatnya di token."
            )
        self.certificate = mine[0]
        self.others = [each for each in found if each != self.certificate]

    def sign(self, data: bytes) -> bytes:
        """Over SHA-256: ECDSA in DER, or RSA with PKCS #1 v1.5."""
        try:
            return self._signed(data)
        except PKCS11Error as error:
            # No session outlives a token that was away.
            logger.warning("the token is opened anew: %s", type(error).__name__)
        self.is_gone = True
        try:
            self._open_anew()
            signature = self._signed(data)
        except PKCS11Error as error:
            raise Gone(self._reason(error)) from error
        self.is_gone = False
        return signature

    def _open(self) -> None:
        place = self._place
        try:
            library = pkcs11.lib(place.module)
            # It may know a token as it was before that was taken out.
            library.reinitialize()
            session = library.get_token(token_label=place.token).open(user_pin=place.pin)
        except (pkcs11.PinIncorrect, pkcs11.PinLenRange, pkcs11.PinInvalid) as error:
            # Never tried again by itself: a token locks after a few wrong PINs.
            raise Refused(
                f"SEAL_PKCS11_PIN salah untuk token “{place.token}”. Perbaiki sebelum mencoba "
                "lagi: token terkunci sesudah beberapa kali salah."
            ) from error
        except pkcs11.PinLocked as error:
            raise Refused(
                f"Token “{place.token}” terkunci karena PIN yang salah. Buka dengan alat dari "
                "pembuat token, lalu mulai lagi."
            ) from error
        self._session = session
        key = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=place.key)
        if key.key_type not in (KeyType.EC, KeyType.RSA) or not isinstance(key, SignMixin):
            raise Refused(
                f"Kunci “{place.key}” di token “{place.token}” harus kunci EC atau RSA yang boleh "
                "menandatangani."
            )
        self._key, self._is_ec = key, key.key_type == KeyType.EC

    def _open_anew(self) -> None:
        self._open()
        if not self._belongs_to(self.certificate):
            raise Refused(
                f"Kunci “{self._place.key}” di token “{self._place.token}” sudah diganti, "
                "sertifikatnya belum."
            )

    def _signed(self, data: bytes) -> bytes:
        # Every token signs a digest by ECDSA; to hash as well is more than SoftHSM can.
        if self._is_ec:
            digest = hashlib.sha256(data).digest()
            return encode_ecdsa_signature(self._key.sign(digest, mechanism=Mechanism.ECDSA))
        return bytes(self._key.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS))

    def _certificates(self) -> Iterator[x509.Certificate]:
        for found in self._session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
            yield x509.load_der_x509_certificate(found[Attribute.VALUE])

    def _belongs_to(self, certificate: x509.Certificate) -> bool:
        """Asked of a signature: not every token tells the public part of a key."""
        key, signature = certificate.public_key(), self._signed(_TRIAL)
        try:
            if isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, _TRIAL, ec.ECDSA(hashes.SHA256()))
            elif isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, _TRIAL, padding.PKCS1v15(), hashes.SHA256())
            else:
                return False
        except InvalidSignature:
            return False
        return True

    def _reason(self, error: PKCS11Error) -> str:
        place = self._place
        if isinstance(error, pkcs11.NoSuchToken):
            return f"Token “{place.token}” (SEAL_PKCS11_TOKEN) tidak ada pada {place.module}."
        if isinstance(error, pkcs11.MultipleTokensReturned):
            return f"Ada lebih dari satu token “{place.token}” pada {place.module}."
        if isinstance(error, pkcs11.NoSuchKey):
            return f"Kunci “{place.key}” (SEAL_PKCS11_KEY) tidak ada di token “{place.token}”."
        if isinstance(error, pkcs11.MultipleObjectsReturned):
            return f"Ada lebih dari satu kunci “{place.key}” di token “{place.token}”."
        told = str(error) or type(error).__name__
        return f"Token “{place.token}” tidak dapat dipakai melalui {place.module}: {told}."
