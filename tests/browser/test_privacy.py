"""A signer reads what is held of them, and takes it along."""

from __future__ import annotations

import zipfile

import pytest
from playwright.sync_api import Page, expect

from pledges import identity
from tests import cast
from tests.browser.hands import assert_accessible, assert_no_sideways_scroll


@pytest.fixture
def siti(transactional_db: None):
    return cast.someone(cast.make_open(cast.make_city()))


def test_a_signer_reads_which_data_are_held_and_takes_them_from_the_receipt(phone: Page, siti):
    phone.goto(f"/s/{identity.link_token(siti)}")
    with phone.context.expect_page() as opened:
        phone.get_by_role("link", name="Data Anda: apa yang dicatat").click()
    about = opened.value
    expect(about.get_by_text("Sampai 29 Juli 2029")).to_be_visible()
    assert_accessible(about)
    assert_no_sideways_scroll(about)

    phone.goto(f"/bukti/{identity.receipt_token(cast.sign(siti))}")
    with phone.expect_download() as taken:
        phone.get_by_role("button", name="Unduh data saya").click()
    assert taken.value.suggested_filename == "data-saya.zip"
    archive = zipfile.ZipFile(taken.value.path())
    assert cast.SITI in archive.read("data.json").decode()
