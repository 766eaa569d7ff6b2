"""Seals a PDF with the agency's key: PAdES B-B, or B-T where an authority gives timestamps. The
only code that touches that key.

The seal says that this installation issued these bytes. A signer's own mark is on the
page; the seal is not theirs.
"""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import cms as asn1_cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils import timezone
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.general import simple_cms_attribute
from pyhanko_certvalidator.registry import SimpleCertificateStore

from pledges.documents import timestamps, token
from pledges.documents.timestamps import Authority
from pledges.documents.token import Token
from pledges.models import SealCertificate

# The organisational unit by which a development certificate is known as one.
DEVELOPMENT = "Pengembangan - bukan segel instansi"

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
# In bytes; twice as many hexadecimal digits in a file. An authority's chain may be long.
RESERVED_FOR_TIMESTAMP = 16 * 1024
# In bytes; what a timestamp needs beside itself.
_AROUND = 100


class NoSealingKey(Exception):
    """There is no key to seal with; the message is for the operator."""


class OutsideValidity(Exception):
    """The certificate is not valid yet, or no longer."""

    def __init__(self, certificate: SealCertificate) -> None:
        super().__init__(
            f"Sertifikat segel “{certificate.subject}” hanya berlaku "
            f"{certificate.not_before:%Y-%m-%d} sampai {certificate.not_after:%Y-%m-%d}. Tidak ada "
            "yang disegel. Pasang sertifikat yang berlaku (SEAL_PKCS12, atau token dan "
            "SEAL_CERTIFICATE), atau buat yang baru dengan perintah create_seal_certificate."
        )


# What is over one day by itself.
OUTAGES = (token.Gone, timestamps.Away)
# What is the matter with every document, and not with one.
CONCERNING_ALL = (OutsideValidity, token.Refused, *OUTAGES)


class _Signer(signers.Signer):
    """Keeps the private key, which pyHanko's own would load and check for every document; and
    the CMS, of which two documents' differ in nothing but digest and signature. An authority is
    asked for a time of each."""

    def __init__(
        self,
        key: PrivateKey | Token,
        chain: list[x509.Certificate],
        authority: Authority | None = None,
    ) -> None:
        own, *others = [asn1_x509.Certificate.load(_der(certificate)) for certificate in chain]
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple(others)
        super().__init__(signing_cert=own, cert_registry=store)
        self._signature, self._authority = _signing(key), authority
        self._to_sign = self._stand_in = b""
        lengths = _lengths(chain[0].public_key())
        self._templates = {length: self._template(length) for length in lengths}

    def cms(self, digest: bytes) -> bytes:
        """Over bytes with this SHA-256; DER."""
        data = self._to_sign.replace(_DIGEST, digest)
        while len(signature := self._signature(data)) not in self._templates:
            # Of some hundred one is shorter than usual.
            pass
        template = self._templates[len(signature)]
        made = template.before + digest + template.between + signature + template.after
        if self._authority is None:
            return made
        room = RESERVED_FOR_TIMESTAMP - self.size - _AROUND
        stamp = self._authority.stamp(signature, room=room)
        return _stamped(made, stamp) if stamp else made

    @property
    def size(self) -> int:
        """Of the longest CMS, in bytes."""
        return max(
            len(cut.before + cut.between + cut.after) + len(_DIGEST) + length
            for length, cut in self._templates.items()
        )

    def _template(self, length: int) -> _Template:
        """As pyHanko builds it, with a stand-in for a signature of this length."""
        self._stand_in = os.urandom(length)
        built = asyncio.run(super().async_sign(_DIGEST, "sha256", use_pades=True)).dump()
        before, rest = built.split(_DIGEST)
        between, after = rest.split(self._stand_in)
        return _Template(before, between, after)

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        self._to_sign = data
        return self._stand_in

    async def async_sign(
        self, data_digest: bytes, *args: object, **kwargs: object
    ) -> asn1_cms.ContentInfo:
        # Elsewhere, as an authority is asked in an event loop of its own.
        return asn1_cms.ContentInfo.load(await asyncio.to_thread(self.cms, data_digest))


def _signing(key: PrivateKey | Token) -> Callable[[bytes], bytes]:
    """Over SHA-256 of what is given."""
    if isinstance(key, Token):
        return key.sign
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return lambda data: key.sign(data, ec.ECDSA(hashes.SHA256()))
    return lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def _lengths(key: CertificatePublicKeyTypes) -> Sequence[int]:
    """How long signatures are: those of RSA always the same, those of EC, which are two
    numbers in DER, mostly one of three."""
    if isinstance(key, rsa.RSAPublicKey):
        return [key.key_size // 8]
    assert isinstance(key, ec.EllipticCurvePublicKey)  # noqa: S101 (there are keys of no other)
    numbers = 2 * (2 + key.key_size // 8 + 1)
    longest = numbers + (2 if numbers < 128 else 3)
    return range(longest - 2, longest + 1)


def _stamped(made: bytes, stamp: asn1_cms.ContentInfo) -> bytes:
    """The same CMS with a timestamp beside the signature, which does not cover it."""
    whole = asn1_cms.ContentInfo.load(made)
    attribute = simple_cms_attribute("signature_time_stamp_token", stamp)  # type: ignore[no-untyped-call]
    [info] = whole["content"]["signer_infos"]
    info["unsigned_attrs"] = asn1_cms.CMSAttributes([attribute])
    return bytes(whole.dump())


# In the place of a digest while a template is made: found again, as nothing else is like it.
_DIGEST = os.urandom(32)


@dataclass(frozen=True, slots=True)
class _Template:
    """A CMS without its digest and its signature."""

    before: bytes
    between: bytes
    after: bytes


class Sealer:
    """A key that was opened once, and its certificate."""

    def __init__(
        self,
        key: PrivateKey | Token,
        chain: list[x509.Certificate],
        authority: Authority | None = None,
    ) -> None:
        self._key, self._authority = key, authority
        self._signer = self._unstamped = _Signer(key, chain)
        if authority:
            self._signer = _Signer(key, chain, authority)
        self.certificate = _facts(chain)
        self.require_validity()

    def cms(self, digest: bytes) -> bytes:
        """A detached CMS over bytes with this SHA-256, as `seal` puts it into a file; DER."""
        self.require_validity()
        return self._signer.cms(digest)

    def require_validity(self) -> None:
        if not self.certificate.not_before <= timezone.now() <= self.certificate.not_after:
            raise OutsideValidity(self.certificate)

    def seal(self, pdf: bytes, *, place: str, url: str) -> bytes:
        """The same document, followed by a seal that allows no later change.

        `url` is where the document is verified; it stands in the seal in plain bytes.
        """
        self.require_validity()
        return self._sealed(pdf, place, url, self._signer)

    def specimen(self, pdf: bytes, *, place: str, url: str) -> bytes:
        """The same for what is taken apart again: no authority is asked for its time."""
        return self._sealed(pdf, place, url, self._unstamped)

    def _sealed(self, pdf: bytes, place: str, url: str, signer: _Signer) -> bytes:
        meta = signers.PdfSignatureMetadata(
            field_name="Segel",
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
            reason=self._reason,
            location=place,
            contact_info=url,
        )
        sealed = io.BytesIO()
        size = signer.size if self._authority is None else RESERVED_FOR_TIMESTAMP
        signers.PdfSigner(meta, signer).sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf)),
            # Hexadecimal digits. Without a number pyHanko would sign twice to find it.
            bytes_reserved=2 * size,
            output=sealed,
        )
        return sealed.getvalue()

    @property
    def lacks_key(self) -> bool:
        """Whether the key's token did not answer when it was asked last."""
        return isinstance(self._key, Token) and self._key.is_gone

    @property
    def lacks_timestamps(self) -> bool:
        """Whether the authority did not answer when it was asked last."""
        return self._authority is not None and self._authority.is_away

    @property
    def days_left(self) -> int:
        """Whole days until the certificate expires."""
        return (self.certificate.not_after - timezone.now()).days

    @property
    def _reason(self) -> str:
        if self.certificate.is_development:
            return "Segel pengembangan, bukan segel instansi"
        return "Segel digital instansi (tidak tersertifikasi)"


def load() -> Sealer:
    """Open the key that the settings name."""
    try:
        authority = timestamps.load()
        if settings.SEAL_PKCS11_MODULE:
            return _on_token(authority)
    except (timestamps.NoAuthority, token.Refused) as error:
        raise NoSealingKey(str(error)) from error
    return _in_file(authority)


def _on_token(authority: Authority | None) -> Sealer:
    missing = [name for name in _FOR_TOKEN if not getattr(settings, name)]
    if missing:
        raise NoSealingKey(f"Untuk token PKCS#11 isi juga {', '.join(missing)}.")
    key = Token(
        token.Place(settings.SEAL_PKCS11_MODULE, *(getattr(settings, name) for name in _FOR_TOKEN)),
        _certificates() if settings.SEAL_CERTIFICATE else [],
    )
    sealer = Sealer(key, _in_order(key.certificate, key.others), authority)
    # Of a key in a file `pledges.checks` asks this, which opens no token.
    if settings.IS_PRODUCTION and sealer.certificate.is_development:
        raise NoSealingKey(
            f"Kunci “{settings.SEAL_PKCS11_KEY}” di token adalah segel percobaan; dokumen acara "
            "sungguhan tidak disegel dengannya. Buat segel instansi dengan perintah "
            "create_seal_certificate --agency, lalu simpan kuncinya di token."
        )
    return sealer


_FOR_TOKEN = ("SEAL_PKCS11_TOKEN", "SEAL_PKCS11_KEY", "SEAL_PKCS11_PIN")


def _certificates() -> list[x509.Certificate]:
    path = Path(settings.SEAL_CERTIFICATE)
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise NoSealingKey(
            f"SEAL_CERTIFICATE tidak dapat dibaca sebagai sertifikat PEM: {path}."
        ) from error


def _in_file(authority: Authority | None) -> Sealer:
    try:
        data = settings.SEAL_PKCS12.read_bytes()
    except OSError as error:
        raise NoSealingKey(
            f"Kunci segel tidak dapat dibaca: {settings.SEAL_PKCS12} ({error.strerror}). "
            "Isi SEAL_PKCS12, atau buat kunci dengan perintah create_seal_certificate."
        ) from error
    try:
        content = pkcs12.load_pkcs12(data, settings.SEAL_PASSPHRASE.encode() or None)
    except ValueError as error:
        raise NoSealingKey(
            f"{settings.SEAL_PKCS12} tidak dapat dibuka: bukan PKCS#12, atau SEAL_PASSPHRASE salah."
        ) from error
    if content.additional_certs and not content.cert:
        raise NoSealingKey(
            f"Kunci di {settings.SEAL_PKCS12} tidak berpasangan dengan sertifikatnya: yang disegel "
            "dengannya tidak akan sah. Isi SEAL_PKCS12 dengan berkas yang benar."
        )
    if not content.cert or not isinstance(content.key, PrivateKey):
        raise NoSealingKey(
            f"{settings.SEAL_PKCS12} harus berisi sertifikat dan kuncinya, EC atau RSA."
        )
    others = [other.certificate for other in content.additional_certs]
    return Sealer(content.key, _in_order(content.cert.certificate, others), authority)


def _in_order(own: x509.Certificate, others: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """The chain from the key's own certificate up to the root, as far as it is there."""
    issuers = {certificate.subject: certificate for certificate in others}
    chain = [own]
    while issuer := issuers.pop(chain[-1].issuer, None):
        chain.append(issuer)
    return chain


def _facts(chain: list[x509.Certificate]) -> SealCertificate:
    own = chain[0]
    units = own.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return SealCertificate(
        fingerprint=own.fingerprint(hashes.SHA256()).hex(),
        chain="".join(each.public_bytes(Encoding.PEM).decode() for each in chain),
        subject=own.subject.rfc4514_string()[:300],
        not_before=own.not_valid_before_utc,
        not_after=own.not_valid_after_utc,
        is_development=any(unit.value == DEVELOPMENT for unit in units),
    )


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
