"""An admin prepares an event at a desk, and looks after it on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Dialog, Page, expect

from pledges import pact, presets
from pledges.models import Event, LegalBasis, Pact, Role
from tests import cast
from tests.browser.hands import assert_accessible, assert_no_sideways_scroll, log_in
from tests.cast import City


@pytest.fixture
def city(transactional_db: None) -> City:
    return cast.make_city()


@pytest.fixture
def page(request: pytest.FixtureRequest, city: City) -> Page:
    """The admin's browser, logged in."""
    cast.make_user("admin@contoh.example", (Role.ADMIN, city.agency))
    page: Page = request.getfixturevalue(getattr(request, "param", "desktop"))
    page.goto("/kelola/")
    log_in(page, "admin@contoh.example")
    page.wait_for_url("**/kelola/")
    return page


both_sizes = pytest.mark.parametrize("page", ["phone", "desktop"], indirect=True)


def open_editor(page: Page, row: Pact, *, pages: int = 1) -> None:
    page.goto(f"/kelola/acara/{row.event.code}/naskah/{row.pk}")
    expect_pages(page, pages)


def expect_pages(page: Page, count: int) -> None:
    """The preview shows so many pages. It has its time: the first PDF loads the typesetter."""
    expect(page.locator(".preview-pages img")).to_have_count(count, timeout=60_000)


def shown_points(page: Page) -> list[str]:
    return [area.input_value() for area in page.locator("[name=points]").all()]


# The whole way to publication


@both_sizes
def test_an_admin_creates_an_event_chooses_texts_looks_at_the_pdf_and_publishes(
    page: Page, city: City
) -> None:
    page.get_by_role("link", name="Buat acara").click()
    page.get_by_label("Nama acara").fill("Apel Netralitas Pegawai ASN")
    page.get_by_label("Nama pemilihan").fill("Pilkada Serentak Tahun 2024")
    page.get_by_label("Tanggal").fill("2030-07-29")
    page.get_by_label("Tempat").fill("Plaza Balai Kota")
    page.get_by_label("Nama pimpinan").fill("Contoh Pimpinan, M.Si.")
    page.get_by_role("button", name="Buat acara").click()

    page.get_by_role("link", name="Pilih naskah").click()
    page.get_by_label("Ikrar dan pakta empat butir (ASN)").check()
    page.get_by_role("button", name="Pakai naskah ini").click()
    page.get_by_role("link", name="Sunting").first.click()
    expect_pages(page, 1)
    assert_no_sideways_scroll(page)
    page.get_by_role("button", name="Tambah butir").click()
    page.get_by_label("Butir 5").fill("Menghormati hasil pemilihan.")
    page.locator(".save-bar").get_by_role("button", name="Simpan naskah").click()
    expect(page.locator(".notice-success")).to_contain_text("disimpan.")

    event = Event.objects.get()
    cast.make_person(event, unit=city.school, name="Siti Aminah, S.Pd.", nip=cast.SITI)
    page.get_by_role("link", name="Lanjut ke persiapan").click()
    page.get_by_role("link", name="Terbitkan…").click()
    expect(page.get_by_text("Menghormati hasil pemilihan.")).to_be_visible()
    page.get_by_role("button", name="Terbitkan").click()
    expect(page.get_by_text("Acara diterbitkan.")).to_be_visible()
    expect(page.get_by_alt_text("Kode QR alamat acara")).to_be_visible()
    assert_no_sideways_scroll(page)

    row = event.pacts.get(kind="individual")
    assert pact.of(row).points[4] == "Menghormati hasil pemilihan."
    assert row.digest == pact.of(row).digest


# The editor


@pytest.fixture
def row(city: City) -> Pact:
    return cast.make_draft(city).pacts.get()


def test_the_preview_follows_what_is_typed(page: Page, row: Pact) -> None:
    open_editor(page, row)
    picture = page.locator(".preview-pages img")
    before = picture.get_attribute("src")
    page.get_by_label("Butir 1").fill("Butir yang baru saja diketik.")
    expect(picture).not_to_have_attribute("src", before or "", timeout=60_000)
    for _ in range(16):
        page.get_by_role("button", name="Tambah butir").click()
        page.locator("[name=points]").last.fill(cast.POINTS[1])
    expect_pages(page, 2)
    assert pact.of(Pact.objects.get(pk=row.pk)).points == cast.POINTS


def test_points_are_moved_and_removed_with_the_keyboard(page: Page, row: Pact) -> None:
    open_editor(page, row)
    first, second, third, fourth = cast.POINTS
    page.get_by_role("button", name="Turunkan butir 1").press("Enter")
    assert shown_points(page) == [second, first, third, fourth]
    page.keyboard.press("Enter")
    assert shown_points(page) == [second, third, first, fourth]
    page.get_by_role("button", name="Naikkan butir 4").press("Space")
    page.get_by_role("button", name="Hapus butir 1").press("Enter")
    assert shown_points(page) == [third, fourth, first]
    expect(page.get_by_label("Butir 1")).to_be_focused()
    page.get_by_label("Judul").press("Enter")
    expect(page.locator(".notice-success")).to_contain_text("disimpan.")
    assert pact.of(Pact.objects.get(pk=row.pk)).points == (third, fourth, first)


def test_no_more_than_twenty_points_can_be_added(page: Page, city: City) -> None:
    open_editor(page, cast.make_draft(city, points=["Netral."] * 19).pacts.get(), pages=2)
    add = page.get_by_role("button", name="Tambah butir")
    add.click()
    expect(add).to_be_disabled()
    page.get_by_role("button", name="Hapus butir 20").click()
    expect(add).to_be_enabled()


def test_leaving_with_unsaved_changes_asks_and_without_does_not(page: Page, row: Pact) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    open_editor(page, row)
    # By hand: Chromium asks only on behalf of somebody who has touched the page.
    page.get_by_label("Penutup").click()
    page.get_by_label("Penutup").press("ControlOrMeta+a")
    page.keyboard.type("Penutup yang belum disimpan.")
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Batal").click()
    expect(page.get_by_label("Penutup")).to_have_value("Penutup yang belum disimpan.")
    assert asked == ["beforeunload"]
    page.locator(".save-bar").get_by_role("button", name="Simpan naskah").click()
    expect(page.locator(".notice-success")).to_contain_text("disimpan.")
    assert asked == ["beforeunload"]


def test_a_refused_text_keeps_every_word_and_still_asks_before_leaving(
    page: Page, row: Pact, problems: list[str]
) -> None:
    open_editor(page, row)
    page.get_by_label("Butir 2").fill("")
    page.locator(".save-bar").get_by_role("button", name="Simpan naskah").click()
    expect(page.get_by_text("Butir 2 masih kosong; isi atau hapus.")).to_be_visible()
    problems.clear()  # the browser tells the answer's status, 422
    assert shown_points(page) == [cast.POINTS[0], "", *cast.POINTS[2:]]
    assert page.evaluate("document.getElementById('text-form').dataset.unsaved") == ""


def test_the_pdf_of_unsaved_words_opens_beside_the_editor(page: Page, row: Pact) -> None:
    open_editor(page, row)
    page.get_by_label("Butir 1").fill("Belum disimpan.")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Buka PDF").click()
    opened.value.close()
    expect(page.get_by_label("Butir 1")).to_have_value("Belum disimpan.")


def test_a_revoked_law_is_warned_of_as_soon_as_it_is_chosen(page: Page, row: Pact) -> None:
    new = LegalBasis.objects.create(title="UU Baru")
    LegalBasis.objects.create(title="UU Lama", revoked_on="2023-10-31", replaced_by=new)
    open_editor(page, row)
    warning = page.get_by_text("Sudah dicabut 31 Oktober 2023, diganti oleh UU Baru.")
    expect(warning).to_be_hidden()
    page.get_by_label("UU Lama").check()
    expect(warning).to_be_visible()


@pytest.mark.parametrize("page", ["desktop"], indirect=True)
def test_without_a_script_the_editor_works_with_buttons(page: Page, row: Pact, site: str) -> None:
    browser = page.context.browser
    assert browser
    plain = browser.new_context(
        base_url=site, java_script_enabled=False, storage_state=page.context.storage_state()
    ).new_page()
    plain.goto(f"/kelola/acara/{row.event.code}/naskah/{row.pk}")
    plain.get_by_role("button", name="Turunkan butir 1").click()
    plain.get_by_role("button", name="Tambah butir").click()
    plain.get_by_label("Butir 5").fill("Netral.")
    plain.get_by_role("button", name="Perbarui pratinjau").click()
    expect_pages(plain, 1)
    plain.locator(".save-bar").get_by_role("button", name="Simpan naskah").click()
    expect(plain.locator(".notice-success")).to_contain_text("disimpan.")
    assert pact.of(Pact.objects.get(pk=row.pk)).points == (
        cast.POINTS[1], cast.POINTS[0], *cast.POINTS[2:], "Netral.",
    )  # fmt: skip
    plain.context.close()


# Presets


def test_nine_points_are_confirmed_before_they_can_be_published(page: Page, city: City) -> None:
    event = cast.make_event(city.agency)
    cast.make_person(event, unit=city.school, name="Siti Aminah, S.Pd.", nip=cast.SITI)
    page.goto(f"/kelola/acara/{event.code}/naskah")
    page.get_by_label("Pakta sembilan butir (contoh susunan, ganti dengan naskah resmi)").check()
    page.get_by_role("button", name="Pakai naskah ini").click()
    expect(page.get_by_text("Contoh susunan, ganti dengan naskah resmi.")).to_be_visible()
    page.goto(f"/kelola/acara/{event.code}/")
    expect(page.get_by_role("link", name="Terbitkan…")).to_have_count(0)
    page.get_by_role("link", name="Periksa naskah").click()
    page.get_by_label("Naskah ini sudah sama dengan naskah resmi instansi kami.").check()
    page.get_by_role("button", name="Nyatakan sebagai naskah resmi").click()
    page.get_by_role("link", name="Lanjut ke persiapan").click()
    expect(page.get_by_role("link", name="Terbitkan…")).to_be_visible()


def test_the_texts_of_an_earlier_event_are_copied(page: Page, city: City) -> None:
    cast.make_closed(city, title="Apel Netralitas 2024", points=["Setia.", "Netral."])
    event = cast.make_event(city.agency, election="Pemilu Tahun 2029")
    page.goto(f"/kelola/acara/{event.code}/naskah")
    page.get_by_label("Salin dari acara sebelumnya").check()
    page.get_by_label("Acara yang naskahnya disalin").select_option(index=0)
    page.get_by_role("button", name="Pakai naskah ini").click()
    expect(page.get_by_text("2 butir")).to_be_visible()
    assert pact.of(event.pacts.get()).points == ("Setia.", "Netral.")


# Looking after an event


def test_the_address_is_copied_and_the_qr_code_downloaded(page: Page, city: City) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    event = cast.make_open(city)
    page.goto(f"/kelola/acara/{event.code}/")
    page.get_by_role("button", name="Salin alamat").click()
    expect(page.get_by_role("button", name="Tersalin")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith(f"/a/{event.code}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Unduh PNG").click()
    assert download.value.suggested_filename == f"qr-{event.code}.png"


@both_sizes
def test_every_page_of_an_event_fits_the_screen_and_is_accessible(page: Page, city: City) -> None:
    draft, published = cast.make_draft(city), cast.make_open(city, title="Acara Terbit")
    presets.apply(draft, "sembilan-butir", by=None)
    one, other = (f"/kelola/acara/{event.code}" for event in (draft, published))
    addresses = [
        "/", "/kelola/", "/kelola/acara/baru", f"/kelola/instansi/{city.agency.pk}",
        f"{one}/", f"{one}/data", f"{one}/naskah", f"{one}/terbitkan",
        f"{one}/naskah/{draft.pacts.get().pk}",
        f"{other}/", f"{other}/naskah", f"{other}/tutup", "/akun/kata-sandi",
    ]  # fmt: skip
    for address in addresses:
        page.goto(address)
        if page.locator(".preview-pages").count():
            expect_pages(page, 1)
        assert_accessible(page)
