"""A citizen with a phone in front of a paper: is this genuine?"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from playwright.sync_api import Page, expect

from pledges.models import Signature
from tests import cast
from tests.browser.hands import assert_accessible
from tests.cast import BUDI, SITI
from tests.conftest import Manage
from tests.pdfs import altered


@pytest.fixture
def signature(transactional_db: None, manage: Manage) -> Signature:
    signature = cast.sign(cast.someone(cast.make_open(cast.make_city()), SITI))
    manage("create_seal_certificate", "--development")
    assert "documents 1" in manage("seal_pending").stdout
    return signature


@pytest.fixture
def pdf(signature: Signature, tmp_path: Path) -> Path:
    target = tmp_path / "pakta.pdf"
    with default_storage.open(signature.document.file) as file:
        target.write_bytes(file.read())
    return target


@pytest.fixture
def page(request: pytest.FixtureRequest) -> Page:
    page: Page = request.getfixturevalue(request.param)
    return page


both_sizes = pytest.mark.parametrize("page", ["phone", "desktop"], indirect=True)


def send(page: Page, file: Path) -> None:
    page.goto("/verifikasi")
    page.get_by_label("Berkas PDF, paling besar 10 MB").set_input_files(file)
    page.get_by_role("button", name="Periksa berkas").click()


@both_sizes
def test_a_scanned_code_is_genuine_and_the_number_on_the_paper_is_matched(
    page: Page, signature: Signature
) -> None:
    page.goto(f"/v/{signature.verification_code}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dokumen asli")
    assert_accessible(page)

    page.get_by_label("NIP", exact=True).fill("19800101 200501 2 001")
    page.get_by_role("button", name="Cocokkan").click()
    expect(page.locator(".answer")).to_contain_text("Cocok")
    expect(page.locator(".answer")).to_be_in_viewport()

    page.get_by_label("NIP", exact=True).fill(BUDI)
    page.get_by_role("button", name="Cocokkan").click()
    expect(page.get_by_role("alert")).to_contain_text("Tidak cocok")
    assert_accessible(page)


@both_sizes
def test_a_file_is_intact_and_with_one_byte_changed_it_is_refused(
    page: Page, signature: Signature, pdf: Path, tmp_path: Path
) -> None:
    send(page, pdf)
    expect(page.get_by_role("heading", level=1)).to_have_text("Asli dan utuh")
    assert_accessible(page)

    changed = tmp_path / "berubah.pdf"
    changed.write_bytes(altered(pdf.read_bytes(), pdf.stat().st_size // 2))
    send(page, changed)
    expect(page.get_by_role("heading", level=1)).to_have_text("Berkas sudah diubah")
    assert_accessible(page)

    foreign = tmp_path / "lain.pdf"
    foreign.write_bytes(b"%PDF-1.7\nfrom elsewhere")
    send(page, foreign)
    expect(page.get_by_role("heading", level=1)).to_have_text("Bukan dari sini")


@both_sizes
def test_the_name_of_the_chosen_file_is_shown(page: Page, signature: Signature, pdf: Path) -> None:
    page.goto("/verifikasi")
    assert_accessible(page)

    page.get_by_label("Berkas PDF, paling besar 10 MB").set_input_files(pdf)

    expect(page.locator(".file-name")).to_have_text("pakta.pdf")


@both_sizes
def test_an_enormous_file_is_refused_before_it_is_sent(
    page: Page, transactional_db: None, tmp_path: Path
) -> None:
    enormous = tmp_path / "besar.pdf"
    enormous.write_bytes(b"%PDF-1.7" + bytes(11 * 1024 * 1024))
    page.goto("/verifikasi")

    page.get_by_label("Berkas PDF, paling besar 10 MB").set_input_files(enormous)

    expect(page.get_by_role("alert")).to_contain_text("Berkas ini 11 MB, lebih besar dari 10 MB.")
    expect(page.get_by_role("button", name="Periksa berkas")).to_be_disabled()


@both_sizes
def test_a_file_that_is_no_pdf_is_refused_with_what_to_send(
    page: Page, transactional_db: None, tmp_path: Path, problems: list[str]
) -> None:
    picture = tmp_path / "foto.jpg"
    picture.write_bytes(b"\xff\xd8\xff\xe0")

    send(page, picture)

    expect(page.get_by_role("alert")).to_contain_text("Berkas ini bukan PDF.")
    assert_accessible(page)
    problems.clear()


@both_sizes
def test_a_typed_code_that_nobody_has_leads_to_typing_it_again(
    page: Page, signature: Signature, problems: list[str]
) -> None:
    page.goto("/verifikasi")
    page.get_by_label("Kode verifikasi").fill("abcd-efgh-1234-5678")
    page.get_by_role("button", name="Periksa", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kode tidak dikenal")
    assert_accessible(page)
    problems.clear()

    page.get_by_label("Kode verifikasi").fill(signature.verification_code.lower())
    page.get_by_role("button", name="Periksa", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Dokumen asli")


@both_sizes
def test_the_seal_page_shows_its_certificate(page: Page, signature: Signature) -> None:
    page.goto("/segel")

    expect(page.get_by_text("Sidik jari (SHA-256)")).to_be_visible()
    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Unduh sertifikat (PEM)").click()
    assert download.value.suggested_filename.endswith(".pem")
