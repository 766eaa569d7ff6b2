import io
import random

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from django.core.management import call_command
from django.utils import timezone
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from pledges.documents import seal
from pledges.documents.seal import NoSealingKey, OutsideValidity, Sealer
from tests.pdfs import DEVELOPMENT_SEAL, a_certificate, altered, laid_out, pdfsig

URL = "http://localhost:8000/v/K7Q2XFABCDEFGHJK"


@pytest.fixture(scope="module")
def page() -> bytes:
    return laid_out(certificate=DEVELOPMENT_SEAL)


@pytest.fixture(scope="module")
def pdf(page: bytes, sealer: Sealer) -> bytes:
    return sealer.seal(page, place="Contoh", url=URL)


def embedded(pdf: bytes):
    [signature] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return signature


def validated(pdf: bytes, sealer: Sealer):
    chain = list(load_certs_from_pemder_data(sealer.certificate.chain.encode()))
    return validate_pdf_signature(embedded(pdf), ValidationContext(trust_roots=chain[-1:]))


def test_pdfsig_calls_the_seal_valid_and_the_whole_document_sealed(pdf):
    said = pdfsig(pdf)

    assert "Signature Validation: Signature is Valid." in said
    assert "Total document signed" in said
    assert "Signature Type: ETSI.CAdES.detached" in said


def test_pyhanko_calls_the_seal_valid_intact_and_trusted_with_the_development_root(pdf, sealer):
    status = validated(pdf, sealer)

    assert (status.valid, status.intact, status.trusted) == (True, True, True)
    assert status.bottom_line
    assert status.docmdp_ok
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE


def test_pyhanko_does_not_trust_the_seal_without_its_root(pdf):
    status = validate_pdf_signature(embedded(pdf), ValidationContext(trust_roots=[]))

    assert status.intact
    assert not status.trusted


def test_one_changed_byte_anywhere_under_the_seal_is_noticed_by_pdfsig(pdf):
    hole, end = pdf.index(b"<3082"), pdf.index(b">", pdf.index(b"<3082"))
    positions = [at for at in random.Random(1).sample(range(len(pdf)), 40) if not hole <= at <= end]

    assert len(positions) > 20
    for position in [*positions, 100, len(pdf) - 50]:
        assert "Signature is Valid." not in pdfsig(altered(pdf, position)), position


def test_one_changed_byte_is_noticed_by_pyhanko(pdf, sealer):
    # Inside the stream of the colour profile: the file stays readable.
    changed = altered(pdf, pdf.index(b"stream") + 200)

    assert not validated(changed, sealer).intact


def test_the_page_itself_stays_as_it_was_pressed(page, pdf):
    assert pdf.startswith(page)


def test_the_seal_allows_no_change_and_shows_nothing_on_the_page(pdf):
    signature = embedded(pdf)

    assert signature.docmdp_level.name == "NO_CHANGES"
    assert [int(side) for side in signature.sig_field["/Rect"]] == [0, 0, 0, 0]


def test_the_seal_says_whose_it_is_where_and_how_to_verify(pdf):
    said = embedded(pdf).sig_object

    assert said["/Reason"] == "Segel pengembangan, bukan segel instansi"
    assert said["/Location"] == "Contoh"
    assert said["/ContactInfo"] == URL


def test_the_seal_is_pades_b_b_with_p_256_and_the_chain_up_to_the_root(pdf):
    signed: cms.SignedData = embedded(pdf).signed_data
    [info] = signed["signer_infos"]
    attributes = {each["type"].native for each in info["signed_attrs"]}

    assert {"message_digest", "signing_certificate_v2"} <= attributes
    assert "signing_time" not in attributes
    assert info["digest_algorithm"]["algorithm"].native == "sha256"
    assert info["signature_algorithm"]["algorithm"].native == "sha256_ecdsa"
    assert len(signed["certificates"]) == 2


def test_the_development_certificate_says_that_it_is_one(sealer):
    certificate = sealer.certificate

    assert certificate.is_development
    assert "Pengembangan - bukan segel instansi" in certificate.subject
    assert certificate.chain.count("BEGIN CERTIFICATE") == 2
    assert certificate.not_before <= timezone.now() < certificate.not_after


def test_the_agencys_certificate_is_no_development_certificate(tmp_path, settings, page):
    settings.SEAL_PKCS12 = tmp_path / "instansi.p12"
    call_command("create_seal_certificate", agency="Pemerintah Kota Contoh", stdout=io.StringIO())

    sealer = seal.load()
    pdf = sealer.seal(page, place="Contoh", url=URL)

    assert not sealer.certificate.is_development
    assert "O=Pemerintah Kota Contoh" in sealer.certificate.subject
    assert embedded(pdf).sig_object["/Reason"] == "Segel digital instansi (tidak tersertifikasi)"
    assert "Signature is Valid." in pdfsig(pdf)


def test_a_missing_key_is_told_with_the_command_that_makes_one(tmp_path, settings):
    settings.SEAL_PKCS12 = tmp_path / "none.p12"

    with pytest.raises(NoSealingKey, match="create_seal_certificate"):
        seal.load()


def test_a_file_that_holds_no_key_is_told(tmp_path, settings):
    settings.SEAL_PKCS12 = tmp_path / "text.p12"
    settings.SEAL_PKCS12.write_text("nothing")

    with pytest.raises(NoSealingKey, match="bukan PKCS#12, atau SEAL_PASSPHRASE salah"):
        seal.load()


def test_a_wrong_passphrase_is_told_and_the_right_one_opens(tmp_path, settings):
    settings.SEAL_PKCS12, settings.SEAL_PASSPHRASE = tmp_path / "locked.p12", "kata sandi"
    call_command("create_seal_certificate", development=True, stdout=io.StringIO())
    assert seal.load().certificate.is_development

    settings.SEAL_PASSPHRASE = "salah"
    with pytest.raises(NoSealingKey, match="SEAL_PASSPHRASE salah"):
        seal.load()


def test_the_key_is_read_once_for_all_documents(page, tmp_path, settings):
    settings.SEAL_PKCS12 = tmp_path / "seal.p12"
    call_command("create_seal_certificate", development=True, stdout=io.StringIO())
    sealer = seal.load()
    settings.SEAL_PKCS12.unlink()

    for _ in range(2):
        assert "Signature is Valid." in pdfsig(sealer.seal(page, place="Contoh", url=URL))


@pytest.mark.parametrize("days", [(-30, -1), (1, 30)], ids=["expired", "not yet valid"])
def test_a_certificate_outside_its_validity_is_refused(days):
    key = ec.generate_private_key(ec.SECP256R1())

    with pytest.raises(OutsideValidity, match=r"CN=Segel.*hanya berlaku \d{4}-\d\d-\d\d sampai"):
        Sealer(key, [a_certificate(key, days=days)])


def test_a_certificate_that_expires_while_the_worker_runs_seals_nothing_more(page):
    key = ec.generate_private_key(ec.SECP256R1())
    sealer = Sealer(key, [a_certificate(key, days=(-1, 1))])
    sealer.certificate.not_after = timezone.now()

    with pytest.raises(OutsideValidity):
        sealer.seal(page, place="Contoh", url=URL)


def test_an_rsa_key_and_a_long_chain_fit_into_the_seal(page):
    key = rsa.generate_private_key(65537, 2048)
    chain = [a_certificate(key, days=(-1, 1), name=f"Segel {n} {'x' * 50}") for n in range(6)]

    assert "Signature is Valid." in pdfsig(Sealer(key, chain).seal(page, place="C", url=URL))


def test_a_kind_of_key_that_is_not_for_seals_is_told(tmp_path, settings):
    settings.SEAL_PKCS12 = tmp_path / "dsa.p12"
    key = dsa.generate_private_key(2048)
    settings.SEAL_PKCS12.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"Segel", key, a_certificate(key, days=(-1, 1)), None, NoEncryption()
        )
    )

    with pytest.raises(NoSealingKey, match="EC atau RSA"):
        seal.load()


def test_a_key_and_a_certificate_that_do_not_belong_together_are_refused(tmp_path, settings):
    settings.SEAL_PKCS12 = tmp_path / "mixed.p12"
    mine, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    settings.SEAL_PKCS12.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"Segel", mine, None, [a_certificate(other, days=(-1, 1))], NoEncryption()
        )
    )

    with pytest.raises(NoSealingKey, match="tidak berpasangan dengan sertifikatnya"):
        seal.load()


def test_a_file_sealed_under_a_since_replaced_certificate_stays_valid(page):
    old, new = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    pdf = Sealer(old, [a_certificate(old, days=(-1, 1))]).seal(page, place="Contoh", url=URL)

    Sealer(new, [a_certificate(new, days=(-1, 1))]).seal(page, place="Contoh", url=URL)

    assert "Signature is Valid." in pdfsig(pdf)


def test_the_cms_of_each_kind_of_key_is_as_long_as_is_reserved_at_most(page):
    for key in (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP521R1()),
        rsa.generate_private_key(65537, 2048),
    ):
        sealer = Sealer(key, [a_certificate(key, days=(-1, 1))])
        for _ in range(20):
            assert cms.ContentInfo.load(sealer.cms(b"\0" * 32))["content_type"].native
        assert "Signature is Valid." in pdfsig(sealer.seal(page, place="Contoh", url=URL))
