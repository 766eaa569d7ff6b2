"""Make the key and certificate that documents are sealed with, once."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    KeySerializationEncryption,
    NoEncryption,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from pledges.documents.seal import DEVELOPMENT

LEAF_LIFE = timedelta(days=5 * 365)
ROOT_LIFE = timedelta(days=10 * 365)
# id-kp-documentSigning, RFC 9336.
DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
# X.520's upper bound on the parts of a name.
MAX_NAME = 64


class Command(BaseCommand):
    help = (
        "Membuat kunci dan sertifikat segel terbitan sendiri (PKCS#12, P-256). "
        "Berkas yang sudah ada tidak pernah ditimpa."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--agency", help="nama instansi, dicantumkan pada sertifikat")
        who.add_argument(
            "--development", action="store_true", help="segel percobaan, dan PDF mengatakannya"
        )
        parser.add_argument("--out", type=Path, help="berkas .p12 (bawaan: SEAL_PKCS12)")

    def handle(self, *args: Any, agency: str, development: bool, **options: Any) -> None:
        path: Path = options["out"] or settings.SEAL_PKCS12
        if path.exists():
            self.stdout.write(f"Sudah ada, tidak diubah: {path}")
            return
        data, certificate = _make(agency or "Pakta", [DEVELOPMENT] if development else [])
        try:
            _write(path, data)
        except OSError as error:
            raise CommandError(f"{path} tidak dapat ditulis: {error.strerror}") from error
        self.stdout.write(f"Dibuat: {path}")
        self.stdout.write(f"Berlaku sampai: {certificate.not_valid_after_utc:%Y-%m-%d}")
        self.stdout.write(f"Sidik SHA-256: {certificate.fingerprint(hashes.SHA256()).hex()}")
        if path != settings.SEAL_PKCS12:
            self.stdout.write(f"Agar dipakai, isi SEAL_PKCS12={path}")


def _make(organisation: str, units: list[str]) -> tuple[bytes, x509.Certificate]:
    """A root and below it the seal's certificate. The root's key is thrown away at once."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = _name("Akar Segel Digital", organisation, units)
    root = _signed(
        _builder(root_name, root_key.public_key(), ROOT_LIFE)
        .issuer_name(root_name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True),
        root_key,
    )
    certificate = _signed(
        _builder(_name("Segel Digital", organisation, units), key.public_key(), LEAF_LIFE)
        .issuer_name(root_name)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), critical=False),
        root_key,
    )
    data = pkcs12.serialize_key_and_certificates(
        b"Segel", key, certificate, [root], _encryption(settings.SEAL_PASSPHRASE)
    )
    return data, certificate


def _builder(
    name: x509.Name, public_key: ec.EllipticCurvePublicKey, life: timedelta
) -> x509.CertificateBuilder:
    now = timezone.now()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _signed(
    builder: x509.CertificateBuilder, root_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    return builder.add_extension(issuer, critical=False).sign(root_key, hashes.SHA256())


def _name(role: str, organisation: str, units: list[str]) -> x509.Name:
    parts = [
        (NameOID.COUNTRY_NAME, "ID"),
        (NameOID.ORGANIZATION_NAME, organisation[:MAX_NAME]),
        *((NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units),
        (NameOID.COMMON_NAME, f"{role} {organisation}"[:MAX_NAME]),
    ]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=not certificates,
        key_cert_sign=certificates,
        crl_sign=certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _encryption(passphrase: str) -> KeySerializationEncryption:
    return BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()


def _write(path: Path, data: bytes) -> None:
    """Readable by its owner alone from the first byte on."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
