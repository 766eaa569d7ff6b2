import pytest
from django.core.management import call_command

from pledges import declaration, signing
from pledges.documents.issue import issue
from pledges.models import Signature
from tests import cast
from tests.pdfs import altered, sealed, stored
from tests.test_verification import another_pdf


@pytest.fixture
def pdfs(open_event, sealer) -> list[bytes]:
    return [
        sealed(cast.sign(cast.someone(open_event, nip)), sealer) for nip in (cast.SITI, cast.BUDI)
    ]


@pytest.fixture
def verify(tmp_path, capsys):
    """Write the files, run the command: its exit status and its lines."""

    def run(*files: bytes) -> tuple[int, list[str]]:
        paths = [tmp_path / f"{number}.pdf" for number in range(len(files))]
        for path, data in zip(paths, files, strict=True):
            path.write_bytes(data)
        status = 0
        try:
            call_command("verify_pdf", *paths)
        except SystemExit:
            status = 1
        lines = capsys.readouterr().out.splitlines()
        return status, [line.replace(f"{tmp_path}/", "") for line in lines]

    return run


def test_intact_documents_are_told_and_counted(pdfs, verify):
    assert verify(*pdfs) == (
        0,
        [
            "0.pdf: diterbitkan di sini dan utuh",
            "1.pdf: diterbitkan di sini dan utuh",
            "intact 2",
            "altered 0",
            "unknown 0",
        ],
    )


def test_the_joint_declaration_is_checked_like_every_document(city, sealer, verify):
    event = cast.make_open_ceremony(city)
    cast.sign(cast.someone(event))
    pdf = stored(issue(declaration.close(event, by=None), sealer=sealer))

    status, lines = verify(pdf, altered(pdf, len(pdf) // 2))

    assert status == 1
    assert lines[:2] == [
        "0.pdf: diterbitkan di sini dan utuh",
        "1.pdf: diterbitkan di sini tetapi SUDAH BERUBAH",
    ]


def test_a_voided_document_is_intact_and_said_to_be_void(pdfs, verify):
    signing.void(Signature.objects.earliest("pk"), reason="Salah orang", by=None)

    status, lines = verify(*pdfs)

    assert status == 0
    assert lines[:2] == [
        "0.pdf: diterbitkan di sini dan utuh, tetapi SUDAH DIBATALKAN",
        "1.pdf: diterbitkan di sini dan utuh",
    ]


def test_one_changed_byte_is_refused(pdfs, verify):
    status, lines = verify(pdfs[0], altered(pdfs[1], 5000))

    assert status == 1
    assert "1.pdf: diterbitkan di sini tetapi SUDAH BERUBAH" in lines
    assert lines[-3:] == ["intact 1", "altered 1", "unknown 0"]


def test_a_change_in_the_seal_itself_where_there_may_be_padding_is_refused_as_well(pdfs, verify):
    end = pdfs[0].index(b">", pdfs[0].index(b"/Contents <"))

    assert verify(altered(pdfs[0], end - 1))[0] == 1


def test_a_pdf_from_elsewhere_is_refused(pdfs, verify):
    status, lines = verify(pdfs[0], another_pdf())

    assert status == 1
    assert "1.pdf: TIDAK diterbitkan di sini" in lines
    assert lines[-3:] == ["intact 1", "altered 0", "unknown 1"]


def test_what_is_no_pdf_or_not_there_is_unknown_and_stops_nothing(pdfs, verify, tmp_path, capsys):
    status, lines = verify(b"a text", pdfs[0])
    assert status == 1
    assert lines[0].startswith("0.pdf: Berkas ini bukan PDF.")
    assert lines[-3:] == ["intact 1", "altered 0", "unknown 1"]

    with pytest.raises(SystemExit):
        call_command("verify_pdf", tmp_path / "none.pdf", tmp_path)
    assert "unknown 2" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_the_command_runs_where_operators_run_it(manage, open_event, sealer, tmp_path):
    pdf = sealed(cast.sign(cast.someone(open_event)), sealer)
    good, bad = tmp_path / "baik.pdf", tmp_path / "rusak.pdf"
    good.write_bytes(pdf)
    bad.write_bytes(altered(pdf, 1000))

    assert manage("verify_pdf", good).returncode == 0
    assert manage("verify_pdf", good, bad).returncode == 1
