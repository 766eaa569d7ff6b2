"""Sealing with a key on a PKCS#11 token, of SoftHSM."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from django.core.management import CommandError, call_command
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from pledges import checks, health
from pledges.documents import press, seal, timestamps, token
from pledges.documents.issue import Worker
from pledges.documents.seal import NoSealingKey, PrivateKey, Sealer
from pledges.documents.token import Gone, Refused
from pledges.models import Document
from tests import cast
from tests.conftest import MANAGE, process_environment
from tests.pdfs import DRAWN, a_certificate, a_text, altered, an_act, pdfsig, stored
from tests.test_command_seal_pending import wait_for
from tests.tokens import MODULE, PIN, SoftToken, pem_of

KEYS: dict[str, Callable[[], PrivateKey]] = {
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
}


def pressed(sealer: Sealer) -> bytes:
    return press.press(a_text(), an_act(), DRAWN, sealer=sealer)


def lacks_key(sealer: Sealer) -> bool:
    return sealer.lacks_key


def validated(pdf: bytes, sealer: Sealer):
    chain = list(load_certs_from_pemder_data(sealer.certificate.chain.encode()))
    [embedded] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return validate_pdf_signature(embedded, ValidationContext(trust_roots=chain[-1:]))


@pytest.mark.parametrize("kind", KEYS)
def test_a_document_pressed_with_a_key_on_a_token_is_valid_for_pyhanko_and_pdfsig(
    sealing_token, settings, tmp_path, kind
):
    key = KEYS[kind]()
    sealing_token.import_key(key, "lain")
    (tmp_path / "lain.pem").write_bytes(pem_of(a_certificate(key, days=(-1, 60))))
    settings.SEAL_PKCS11_KEY = "lain"
    settings.SEAL_CERTIFICATE = str(tmp_path / "lain.pem")
    sealer, before = seal.load(), press.counted["pressed"]

    pdf = pressed(sealer)

    assert press.counted["pressed"] == before + 1
    assert validated(pdf, sealer).bottom_line
    assert "Signature is Valid." in pdfsig(pdf)
    assert "Total document signed" in pdfsig(pdf)
    assert "Signature is Valid." not in pdfsig(altered(pdf, 100))


def test_a_document_that_is_laid_out_is_sealed_by_the_token_too(sealing_token):
    sealer = seal.load()

    pdf = press.press(a_text(), an_act(name="عائشة"), DRAWN, sealer=sealer)

    assert validated(pdf, sealer).bottom_line
    assert "Signature is Valid." in pdfsig(pdf)


def test_a_token_and_an_authority_work_together(sealing_token, authority):
    sealer = seal.load()

    pdf = pressed(sealer)

    assert "Signature is Valid." in pdfsig(pdf)
    [embedded] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    assert timestamps.found_in(embedded.signer_info)


def test_the_certificate_and_its_chain_may_be_on_the_token(sealing_token, settings, tmp_path):
    """As `create_seal_certificate` makes them, in whatever order they are found."""
    file = tmp_path / "segel.p12"
    call_command("create_seal_certificate", agency="Kota", out=file, stdout=io.StringIO())
    content = pkcs12.load_pkcs12(file.read_bytes(), None)
    [root] = [each.certificate for each in content.additional_certs]
    own = content.cert.certificate
    sealing_token.import_key(content.key, "milik kota")
    sealing_token.import_certificates(root, own)
    settings.SEAL_PKCS11_KEY, settings.SEAL_CERTIFICATE = "milik kota", ""

    sealer = seal.load()

    assert sealer.certificate.chain.encode() == pem_of(own, root)
    assert validated(pressed(sealer), sealer).bottom_line


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SEAL_PKCS11_PIN", "000000", "SEAL_PKCS11_PIN salah untuk token “Pakta"),
        ("SEAL_PKCS11_PIN", "", "isi juga SEAL_PKCS11_PIN"),
        ("SEAL_PKCS11_TOKEN", "Lain", "Token “Lain” .* tidak ada pada"),
        ("SEAL_PKCS11_KEY", "lain", "Kunci “lain” .* tidak ada di token “Pakta"),
        ("SEAL_PKCS11_MODULE", "/nowhere/module.so", "melalui /nowhere/module.so: OS exception"),
        ("SEAL_CERTIFICATE", "", "Tidak ada sertifikat untuk kunci “segel”"),
        ("SEAL_CERTIFICATE", "/nowhere/segel.pem", "SEAL_CERTIFICATE tidak dapat dibaca"),
    ],
)
def test_a_token_that_is_not_as_the_settings_say_is_refused_at_the_start(
    sealing_token, settings, name, value, told
):
    setattr(settings, name, value)

    with pytest.raises(NoSealingKey, match=told) as raised:
        seal.load()

    assert PIN not in str(raised.value)


def test_a_certificate_that_does_not_belong_to_the_key_is_refused(
    sealing_token, settings, tmp_path
):
    other = a_certificate(ec.generate_private_key(ec.SECP256R1()), days=(-1, 60))
    settings.SEAL_CERTIFICATE = str(tmp_path / "other.pem")
    (tmp_path / "other.pem").write_bytes(other.public_bytes(Encoding.PEM))

    with pytest.raises(NoSealingKey, match="Tidak ada sertifikat untuk kunci “segel”"):
        seal.load()


def test_of_two_keys_with_one_label_none_is_taken(sealing_token):
    sealing_token.import_key(ec.generate_private_key(ec.SECP256R1()), "segel")

    with pytest.raises(NoSealingKey, match="lebih dari satu kunci “segel”"):
        seal.load()


def test_in_production_a_token_with_the_development_key_is_refused(
    sealing_token, settings, sealer, tmp_path
):
    content = pkcs12.load_pkcs12(settings.SEAL_PKCS12.read_bytes(), None)
    sealing_token.import_key(content.key, "percobaan")
    (tmp_path / "percobaan.pem").write_bytes(pem_of(content.cert.certificate))
    settings.SEAL_PKCS11_KEY = "percobaan"
    settings.SEAL_CERTIFICATE = str(tmp_path / "percobaan.pem")
    assert seal.load().certificate.is_development

    settings.IS_PRODUCTION = True
    with pytest.raises(NoSealingKey, match="create_seal_certificate --agency"):
        seal.load()


def test_the_pin_shows_in_no_picture_of_the_settings_object():
    assert PIN not in repr(token.Place(MODULE, "Pakta", "segel", PIN))


def test_a_token_that_goes_away_is_told_loses_nothing_and_seals_again_when_it_is_back(
    sealing_token, open_event, caplog
):
    sealer = seal.load()
    worker = Worker(sealer)
    cast.sign(cast.someone(open_event, cast.SITI))
    worker.round()
    for nip in (cast.BUDI, cast.DEWI):
        cast.sign(cast.someone(open_event, nip))

    sealing_token.unplug()
    for _ in range(2):
        with pytest.raises(Gone, match=f"Token “{sealing_token.label}”"):
            worker.round()
    assert lacks_key(sealer)
    assert "the token is opened anew: ObjectHandleInvalid" in caplog.messages
    assert (Document.objects.count(), worker.tally.failed) == (1, 0)

    sealing_token.plug()
    worker.round()
    assert not lacks_key(sealer)
    assert Document.objects.count() == 3
    for document in Document.objects.all():
        assert "Signature is Valid." in pdfsig(stored(document))


def test_a_session_that_died_is_opened_anew_at_once(sealing_token):
    sealer = seal.load()
    sealing_token.unplug()
    with pytest.raises(Gone):
        sealer.cms(b"x" * 32)
    sealing_token.plug()

    assert sealer.cms(b"x" * 32)


def test_a_key_that_was_exchanged_meanwhile_seals_nothing_under_the_old_certificate(
    sealing_token, empty_token
):
    sealer = seal.load()
    sealing_token.unplug()
    with pytest.raises(Gone):
        sealer.cms(b"x" * 32)
    other = SoftToken.made(sealing_token.folder.parent.parent, sealing_token.label)
    other.import_key(ec.generate_private_key(ec.SECP256R1()), "segel")

    with pytest.raises(Refused, match="sudah diganti, sertifikatnya belum"):
        sealer.cms(b"x" * 32)


def test_a_wrong_pin_ends_the_worker_with_a_status_that_says_not_again(sealing_token, settings, db):
    settings.SEAL_PKCS11_PIN = "000000"

    with pytest.raises(CommandError, match="token terkunci sesudah beberapa kali salah") as ended:
        call_command("seal_pending")

    assert ended.value.returncode == os.EX_CONFIG


def environment(settings) -> dict[str, str]:
    """What a worker of its own is told of the token."""
    names = ("MODULE", "TOKEN", "KEY", "PIN")
    told = {f"SEAL_PKCS11_{name}": getattr(settings, f"SEAL_PKCS11_{name}") for name in names}
    return {
        **process_environment(), **told,
        "SEAL_PKCS12": "", "SEAL_CERTIFICATE": settings.SEAL_CERTIFICATE,
    }  # fmt: skip


def test_watching_it_outlives_a_token_that_goes_away_and_tells_it(
    sealing_token, transactional_db, open_event, settings
):
    worker = subprocess.Popen(
        [*MANAGE, "seal_pending", "--watch", "--interval", "0.2"],
        env=environment(settings), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with worker:
        try:
            cast.sign(cast.someone(open_event, cast.SITI))
            wait_for(lambda: Document.objects.count() == 1)
            assert health.examine().sealing
            sealing_token.unplug()
            cast.sign(cast.someone(open_event, cast.BUDI))
            while "trying again in" not in (told := worker.stderr.readline()):
                assert told, "it ended"
            assert Document.objects.count() == 1
            sealing_token.plug()
            wait_for(lambda: Document.objects.count() == 2)
        finally:
            worker.terminate()

    assert worker.returncode == 0
    assert f"Token “{sealing_token.label}” (SEAL_PKCS11_TOKEN) tidak ada pada" in told
    assert PIN not in told


def test_only_one_of_file_and_token_may_be_named(settings, tmp_path):
    both = {"SEAL_PKCS11_MODULE": MODULE, "SEAL_PKCS12": str(tmp_path / "segel.p12")}

    refused = subprocess.run(
        [*MANAGE, "check"], env=process_environment() | both,
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert refused.returncode != 0
    assert refused.stderr.splitlines()[-1].endswith(
        "Kunci segel hanya satu: isi SEAL_PKCS12 atau SEAL_PKCS11_MODULE, jangan keduanya."
    )


def test_what_web_asks_before_it_starts_opens_no_token(settings, monkeypatch):
    settings.IS_PRODUCTION, settings.SEAL_PKCS11_MODULE = True, MODULE
    monkeypatch.setattr(seal, "load", lambda: pytest.fail("it was opened"))

    assert checks.no_development_certificate() == []
