import io
import stat

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.core.management import CommandError, call_command
from django.utils import timezone

AGENCY = "Pemerintah Kota Contoh"


def create(**options) -> str:
    output = io.StringIO()
    call_command("create_seal_certificate", stdout=output, **options)
    return output.getvalue()


def opened(path):
    return pkcs12.load_pkcs12(path.read_bytes(), None)


def test_it_makes_a_root_and_below_it_a_certificate_for_signing_documents(tmp_path):
    create(agency=AGENCY, out=tmp_path / "segel.p12")

    content = opened(tmp_path / "segel.p12")
    certificate = content.cert.certificate
    [root] = [each.certificate for each in content.additional_certs]
    certificate.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    assert isinstance(content.key.curve, ec.SECP256R1)
    assert content.key.public_key() == certificate.public_key()
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.content_commitment) == (True, True)
    assert not usage.key_cert_sign
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    years = (certificate.not_valid_after_utc - timezone.now()).days / 365
    assert 4.9 < years < 5.1


def test_the_certificate_carries_the_agencys_name(tmp_path):
    create(agency=AGENCY, out=tmp_path / "segel.p12")

    subject = opened(tmp_path / "segel.p12").cert.certificate.subject
    [organisation] = subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert organisation.value == AGENCY
    assert not subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)


def test_a_long_name_of_an_agency_is_shortened_to_what_a_certificate_takes(tmp_path):
    create(agency="Badan Kepegawaian " * 10, out=tmp_path / "segel.p12")

    assert opened(tmp_path / "segel.p12").cert


def test_only_its_owner_may_read_the_key(tmp_path):
    create(development=True, out=tmp_path / "new" / "segel.p12")

    assert stat.S_IMODE((tmp_path / "new" / "segel.p12").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_an_existing_key_is_never_overwritten(tmp_path):
    create(development=True, out=tmp_path / "segel.p12")
    before = (tmp_path / "segel.p12").read_bytes()

    assert "Sudah ada, tidak diubah" in create(agency=AGENCY, out=tmp_path / "segel.p12")
    assert (tmp_path / "segel.p12").read_bytes() == before


def test_without_out_the_key_lands_where_the_settings_look_for_it(tmp_path, settings):
    settings.SEAL_PKCS12 = tmp_path / "segel.p12"

    assert "isi SEAL_PKCS12" not in create(agency=AGENCY)
    assert settings.SEAL_PKCS12.exists()


def test_elsewhere_it_says_which_setting_to_fill_and_shows_the_fingerprint(tmp_path):
    said = create(agency=AGENCY, out=tmp_path / "segel.p12")

    assert f"isi SEAL_PKCS12={tmp_path / 'segel.p12'}" in said
    assert "Sidik SHA-256: " in said


def test_a_passphrase_locks_the_key(tmp_path, settings):
    settings.SEAL_PASSPHRASE = "kata sandi"
    create(agency=AGENCY, out=tmp_path / "segel.p12")

    with pytest.raises(ValueError, match="password"):
        opened(tmp_path / "segel.p12")
    assert pkcs12.load_pkcs12((tmp_path / "segel.p12").read_bytes(), b"kata sandi").key


@pytest.mark.parametrize("options", [{}, {"development": True, "agency": AGENCY}])
def test_it_must_be_told_whether_it_is_for_development_or_for_which_agency(options, tmp_path):
    with pytest.raises((CommandError, TypeError)):
        create(out=tmp_path / "segel.p12", **options)


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(CommandError, match="tidak dapat ditulis"):
        create(development=True, out=tmp_path / "file" / "segel.p12")
