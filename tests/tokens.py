"""Real PKCS#11 tokens of SoftHSM, in a folder of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pytest_django import Settings

from pledges.documents.seal import PrivateKey
from tests.pdfs import a_certificate

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "246813"

# What this process holds in memory of a token is not told by what others do to it, so that
# certificates are put onto it from elsewhere.
_KEEP = """
import sys
import pkcs11
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificates
module, token, pin = sys.argv[1:]
with pkcs11.lib(module).get_token(token_label=token).open(rw=True, user_pin=pin) as session:
    for number, each in enumerate(load_pem_x509_certificates(sys.stdin.buffer.read())):
        session.create_object({
            pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
            pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
            pkcs11.Attribute.TOKEN: True,
            pkcs11.Attribute.LABEL: f"certificate {number}",
            pkcs11.Attribute.SUBJECT: each.subject.public_bytes(),
            pkcs11.Attribute.VALUE: each.public_bytes(Encoding.DER),
        })
"""


@dataclass(frozen=True)
class SoftToken:
    """One token, in a folder that may be moved away."""

    label: str
    folder: Path

    def import_key(self, key: PrivateKey, label: str) -> None:
        file = self.folder.parent / f"{label}.pem"
        file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        _softhsm(
            "--import", file, "--label", label, "--id", "01", "--token", self.label, "--pin", PIN
        )

    def import_certificates(self, *certificates: x509.Certificate) -> None:
        command = [sys.executable, "-c", _KEEP, MODULE, self.label, PIN]
        subprocess.run(command, input=_pem(*certificates), check=True, capture_output=True)

    def unplug(self) -> None:
        self.folder.rename(self.folder.with_suffix(".unplugged"))

    def plug(self) -> None:
        self.folder.with_suffix(".unplugged").rename(self.folder)


def _softhsm(*arguments: object) -> None:
    command = ["softhsm2-util", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


def _pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(each.public_bytes(Encoding.PEM) for each in certificates)


@pytest.fixture(scope="session")
def _softhsm_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all tokens of this process: the module reads its place once."""
    home = tmp_path_factory.mktemp("softhsm")
    (home / "tokens").mkdir()
    config = home / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {home}/tokens\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(config)
    return home


@pytest.fixture
def empty_token(_softhsm_home: Path, request: pytest.FixtureRequest) -> SoftToken:
    label = f"Pakta {len(list((_softhsm_home / 'tokens').iterdir()))}"
    before = set((_softhsm_home / "tokens").iterdir())
    _softhsm("--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "975318")
    [folder] = set((_softhsm_home / "tokens").iterdir()) - before
    return SoftToken(label, folder)


@pytest.fixture(params=["P-256", "RSA"])
def sealing_token(
    request: pytest.FixtureRequest, empty_token: SoftToken, settings: Settings, tmp_path: Path
) -> Iterator[SoftToken]:
    """The settings name it, with the agency's key and a certificate in a file."""
    key: PrivateKey = ec.generate_private_key(ec.SECP256R1())
    if request.param == "RSA":
        key = rsa.generate_private_key(65537, 2048)
    empty_token.import_key(key, "segel")
    pem = tmp_path / "segel.pem"
    pem.write_bytes(_pem(a_certificate(key, days=(-1, 30), name="Segel Kota Contoh")))
    settings.SEAL_PKCS11_MODULE, settings.SEAL_PKCS11_TOKEN = MODULE, empty_token.label
    settings.SEAL_PKCS11_KEY, settings.SEAL_PKCS11_PIN = "segel", PIN
    settings.SEAL_CERTIFICATE = str(pem)
    return empty_token
