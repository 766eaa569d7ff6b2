"""Real PKCS#11 tokens of SoftHSM, in a folder of their own."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pytest_django import Settings

from pledges.documents.seal import PrivateKey
from tests.pdfs import a_certificate

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "246813"

# In a process of its own, as all that changes a token: this one's module reads them once.
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


_numbers = itertools.count()


@dataclass(frozen=True)
class SoftToken:
    """One token, in a folder that may be moved away."""

    label: str
    folder: Path

    @classmethod
    def made(cls, home: Path, label: str) -> SoftToken:
        before = set((home / "tokens").iterdir())
        _softhsm("--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "975318")
        [folder] = set((home / "tokens").iterdir()) - before
        # So that whoever opens the module next sees it.
        pkcs11.lib(MODULE).finalize()
        return cls(label, folder)

    def import_key(self, key: PrivateKey, label: str) -> None:
        file = self._drawer.with_suffix(".pem")
        file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        _softhsm(
            "--import",
            file,
            "--label",
            label,
            "--id",
            f"{next(_numbers):04x}",
            "--token",
            self.label,
            "--pin",
            PIN,
        )

    def import_certificates(self, *certificates: x509.Certificate) -> None:
        command = [sys.executable, "-c", _KEEP, MODULE, self.label, PIN]
        subprocess.run(command, input=pem_of(*certificates), check=True, capture_output=True)

    def unplug(self) -> None:
        self.folder.rename(self._drawer)

    def plug(self) -> None:
        self._drawer.rename(self.folder)

    @property
    def _drawer(self) -> Path:
        return self.folder.parent.with_name(f"unplugged-{self.folder.name}")


def _softhsm(*arguments: object) -> None:
    command = ["softhsm2-util", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


def pem_of(*certificates: x509.Certificate) -> bytes:
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
def empty_token(_softhsm_home: Path) -> SoftToken:
    return SoftToken.made(_softhsm_home, f"Pakta {next(_numbers)}")


@pytest.fixture
def sealing_token(empty_token: SoftToken, settings: Settings, tmp_path: Path) -> SoftToken:
    """The settings name it, with the agency's key, and a file with the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    empty_token.import_key(key, "segel")
    pem = tmp_path / "segel.pem"
    pem.write_bytes(pem_of(a_certificate(key, days=(-1, 60), name="Segel Kota Contoh")))
    settings.SEAL_PKCS11_MODULE, settings.SEAL_PKCS11_TOKEN = MODULE, empty_token.label
    settings.SEAL_PKCS11_KEY, settings.SEAL_PKCS11_PIN = "segel", PIN
    settings.SEAL_CERTIFICATE = str(pem)
    return empty_token
