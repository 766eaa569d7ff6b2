"""The officer's desk: a tablet that goes from hand to hand, and forgets in between."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from pledges import events
from pledges.models import AuditEntry, Desk, Event, Role, Signature, Way
from tests import cast, pdfs
from tests.browser.conftest import DESKTOP, Pocket, _program
from tests.browser.hands import (
    assert_accessible,
    assert_no_sideways_scroll,
    draw_with_finger,
    draw_with_mouse,
    log_in,
    tick_all,
)
from tests.browser.test_offline import AT_ONCE, kept, wait_for_worker
from tests.cast import AGUS, DEWI, SITI, City

PIN = "481926"
SITIS_NAME = "Siti Aminah, S.Pd."


@pytest.fixture
def city(transactional_db: None) -> City:
    return cast.make_city()


@pytest.fixture
def event(city: City) -> Event:
    return cast.make_open(city, ways=[Way.SLIP, Way.DESK])


@pytest.fixture
def officer(city: City) -> User:
    officer = cast.make_user("petugas@contoh.example", (Role.OFFICER, city.education))
    officer.first_name = "Contoh Petugas"
    officer.save(update_fields=["first_name"])
    return officer


@pytest.fixture
def tablet(desktop: Page, event: Event, officer: User) -> Page:
    """With a desk on it, and the list open."""
    start_desk(desktop, event)
    unlock(desktop)
    return desktop


@pytest.fixture
def small(phone: Page, event: Event, officer: User) -> Page:
    start_desk(phone, event)
    unlock(phone)
    return phone


def start_desk(page: Page, event: Event) -> None:
    page.goto(f"/kelola/acara/{event.code}/meja")
    log_in(page, "petugas@contoh.example")
    page.get_by_label("Unit kerja").select_option(label="Dinas Pendidikan")
    page.get_by_label("PIN meja").first.fill(PIN)
    page.get_by_label("PIN meja, sekali lagi").fill(PIN)
    page.get_by_role("button", name="Buka meja").click()
    expect(page.get_by_role("heading", name="Perangkat ini milik petugas")).to_be_visible()


def unlock(page: Page, pin: str = PIN) -> None:
    page.get_by_label("PIN meja").fill(pin)
    page.get_by_role("button", name="Buka daftar").click()
    expect(page.get_by_role("heading", name="Siapa yang akan menandatangani?")).to_be_visible()


def attest(page: Page, name: str, pin: str = PIN) -> None:
    page.get_by_role("button", name=name).click()
    page.get_by_label("Saya sudah memeriksa").fill(pin)
    page.get_by_role("button", name="Sudah saya periksa").click()


def take_over(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name="Serahkan perangkat kepada")).to_be_visible()
    page.get_by_role("button", name=f"Saya {name}").click()


def sign(page: Page) -> None:
    tick_all(page)
    draw_with_mouse(page)
    page.get_by_role("button", name="Tanda tangani").click()


def give_back(page: Page) -> None:
    page.get_by_role("button", name="Selesai").click()
    page.get_by_role("button", name="Saya petugas, lanjutkan").click()


def sign_as(page: Page, name: str, heading: str = "Sudah ditandatangani") -> None:
    attest(page, name)
    take_over(page, name)
    sign(page)
    expect(page.get_by_role("heading", name=heading)).to_be_visible()


def remains(page: Page) -> str:
    """Everything in the page, in its fields and in the browser's storage, as one text."""
    text = page.evaluate(
        """() => {
            const fields = [...document.querySelectorAll("input")].map((field) => field.value);
            const { outerHTML } = document.documentElement;
            const stored = [{ ...localStorage }, { ...sessionStorage }, history.state];
            return JSON.stringify([outerHTML, fields, stored, document.title, location.href]);
        }"""
    )
    assert isinstance(text, str)
    return text


def assert_knows_nothing_of(page: Page, *secrets: str) -> None:
    everything = remains(page)
    assert [secret for secret in secrets if secret in everything] == []


# From hand to hand


def test_the_officer_attests_hands_over_the_person_signs_and_the_device_goes_back(
    phone: Page, event: Event, officer: User, worker: None
):
    start_desk(phone, event)
    assert_accessible(phone)
    unlock(phone)
    expect(phone.get_by_text("3 orang belum menandatangani.")).to_be_visible()
    assert_accessible(phone)
    phone.get_by_role("button", name=SITIS_NAME).click()
    expect(phone.get_by_role("heading", name="Periksa KTP atau kartu pegawai")).to_be_visible()
    assert_accessible(phone)
    phone.get_by_label("Saya sudah memeriksa").fill(PIN)
    phone.get_by_role("button", name="Sudah saya periksa").click()
    expect(phone.get_by_role("heading", name="Serahkan perangkat kepada")).to_be_visible()
    assert_accessible(phone)
    take_over(phone, SITIS_NAME)
    expect(phone.locator("form .numbers")).to_have_text(f"NIP {SITI}")
    expect(phone.locator(".identity dd").first).to_have_text(SITIS_NAME)
    tick_all(phone)
    draw_with_finger(phone)
    assert_accessible(phone)
    phone.get_by_role("button", name="Tanda tangani").click()
    expect(phone.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()
    signature = Signature.objects.get()
    code = re.sub(r"(.{4})(?=.)", r"\1 ", signature.verification_code)
    expect(phone.locator(".code")).to_have_text(code)
    qr = phone.get_by_alt_text("Kode QR ke bukti tanda tangan Anda")
    expect(qr).to_have_js_property("complete", True)
    assert qr.evaluate("(it) => it.naturalWidth") > 100
    assert_accessible(phone)
    phone.get_by_role("button", name="Selesai").click()
    expect(phone.get_by_role("heading", name="Kembalikan perangkat kepada petugas")).to_be_visible()
    assert_accessible(phone)
    phone.get_by_role("button", name="Saya petugas, lanjutkan").click()
    expect(phone.get_by_text("2 orang belum menandatangani.")).to_be_visible()
    assert_document_names_desk_and_officer(phone, signature)


def assert_document_names_desk_and_officer(page: Page, signature: Signature) -> None:
    page.wait_for_function(
        "async (code) => (await fetch(`/v/${code}`)).redirected !== undefined",
        arg=signature.verification_code,
    )
    for _ in range(120):
        signature.refresh_from_db()
        if hasattr(signature, "document"):
            break
        page.wait_for_timeout(500)
    words = pdfs.words(pdfs.stored(signature.document))
    assert "petugas Contoh Petugas, Dinas Pendidikan di meja petugas" in words


def test_a_typed_name_and_the_keyboard_do(tablet: Page):
    attest(tablet, "Agus")
    take_over(tablet, "Agus")
    for tick in tablet.get_by_role("checkbox").all():
        tick.focus()
        tablet.keyboard.press("Space")
    tablet.get_by_role("radio", name="Gambar").focus()
    tablet.keyboard.press("ArrowRight")
    tablet.get_by_label("Nama lengkap Anda").fill("Agus")
    tablet.keyboard.press("Enter")
    expect(tablet.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()
    assert Signature.objects.get().mark == "typed:Agus"


def test_what_is_missing_is_said_before_anything_is_sent(tablet: Page):
    attest(tablet, "Agus")
    take_over(tablet, "Agus")
    tablet.get_by_role("button", name="Tanda tangani").click()
    expect(tablet.get_by_text("Belum dinyatakan: butir 1, 2, 3, 4.")).to_be_visible()
    assert not Signature.objects.exists()


def test_the_list_is_searched_by_name_and_by_number(tablet: Page):
    names = tablet.locator("[data-people] b")
    for typed, found in (
        ("lestari", ["Dr. Dewi Lestari, S.Pd., M.Pd."]),
        ("s.pd siti", [SITIS_NAME]),
        (SITI, [SITIS_NAME]),
        ("1975", ["Dr. Dewi Lestari, S.Pd., M.Pd."]),
        ("Budi", []),
    ):
        tablet.get_by_label("Cari nama atau NIP").fill(typed)
        expect(names).to_have_text(found)
    expect(tablet.get_by_text("Tidak ada yang cocok")).to_be_visible()


def test_who_is_not_yet_on_turn_is_shown_as_such_and_cannot_be_chosen(
    desktop: Page, event: Event, officer: User
):
    event.signatories.filter(nip=AGUS).update(wave=2)
    start_desk(desktop, event)
    unlock(desktop)
    expect(desktop.get_by_text("Menunggu gelombang 2")).to_be_visible()
    expect(desktop.get_by_role("button", name="Agus")).to_have_count(0)


def test_somebody_who_signed_elsewhere_meanwhile_leaves_the_list(
    tablet: Page, event: Event, problems: list[str]
):
    cast.sign(cast.someone(event, SITI))
    attest(tablet, SITIS_NAME)
    expect(tablet.get_by_text(f"{SITIS_NAME} sudah menandatangani.")).to_be_visible()
    expect(tablet.get_by_role("button", name=SITIS_NAME)).to_have_count(0)
    problems.clear()


def test_a_wrong_pin_is_told_and_five_lock_the_desk(tablet: Page, problems: list[str]):
    tablet.get_by_role("button", name=SITIS_NAME).click()
    for told in ("Tersisa 4", "Tersisa 3", "Tersisa 2", "Tersisa 1", "jadi meja ini terkunci"):
        tablet.get_by_label("Saya sudah memeriksa").fill("000001")
        tablet.get_by_role("button", name="Sudah saya periksa").click()
        expect(tablet.get_by_text(told)).to_be_visible()
    problems.clear()


# Nothing of the last one is left


def test_after_each_person_nothing_of_the_last_one_is_left(tablet: Page, event: Event):
    before = tablet.evaluate("history.length")
    attest(tablet, SITIS_NAME)
    take_over(tablet, SITIS_NAME)
    tick_all(tablet)
    draw_with_mouse(tablet)
    path = tablet.locator("[name=path]").input_value()
    tablet.get_by_role("button", name="Tanda tangani").click()
    expect(tablet.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()
    code = Signature.objects.get().verification_code
    assert_knows_nothing_of(tablet, SITI, path, "Agus", PIN)
    tablet.get_by_role("button", name="Selesai").click()
    expect(tablet.get_by_role("heading", name="Kembalikan perangkat")).to_be_visible()
    assert_knows_nothing_of(tablet, "Siti", SITI, "2001", path, code, code[:4], PIN, "bukti/1")
    assert tablet.evaluate("history.length") == before
    assert tablet.locator("canvas").count() == 0
    assert kept(tablet) == {"envelopes": []}
    assert tablet.evaluate("caches.keys().then((names) => names.length)") <= 1


def test_while_a_person_signs_the_colleagues_are_neither_visible_nor_reachable(tablet: Page):
    attest(tablet, SITIS_NAME)
    take_over(tablet, SITIS_NAME)
    assert_knows_nothing_of(tablet, "Agus", "Dewi", AGUS, DEWI)
    for leave in (
        lambda: tablet.get_by_role("button", name="Bukan saya, atau tidak jadi").click(),
        lambda: tablet.reload(),
        lambda: tablet.go_back(),
    ):
        leave()
        expect(tablet.get_by_role("heading", name="Perangkat ini milik petugas")).to_be_visible()
        assert_knows_nothing_of(tablet, "Siti", "Agus", "Dewi", SITI)
        unlock(tablet)
        attest(tablet, SITIS_NAME)
        take_over(tablet, SITIS_NAME)


def test_the_page_wipes_itself_after_the_thanks_and_after_five_idle_minutes(
    desktop: Page, event: Event, officer: User
):
    desktop.clock.install()
    start_desk(desktop, event)
    unlock(desktop)
    sign_as(desktop, SITIS_NAME)
    desktop.clock.run_for(21_000)
    expect(desktop.get_by_role("heading", name="Kembalikan perangkat")).to_be_visible()
    assert_knows_nothing_of(desktop, "Siti")
    desktop.get_by_role("button", name="Saya petugas, lanjutkan").click()
    attest(desktop, "Agus")
    take_over(desktop, "Agus")
    tick_all(desktop)
    desktop.clock.run_for(5 * 60_000 + 1000)
    expect(desktop.get_by_role("heading", name="Perangkat ini milik petugas")).to_be_visible()
    assert_knows_nothing_of(desktop, "Agus", AGUS)


def test_somebody_who_needs_longer_for_the_code_gets_a_minute(
    desktop: Page, event: Event, officer: User
):
    desktop.clock.install()
    start_desk(desktop, event)
    unlock(desktop)
    sign_as(desktop, "Agus")
    desktop.get_by_role("button", name="Saya perlu waktu lagi").click()
    desktop.clock.run_for(50_000)
    expect(desktop.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()


@pytest.fixture
def with_page_cache(chromium: Browser, site: str) -> Iterator[Page]:
    """A browser that keeps pages for its Back button, as browsers do outside of tests."""
    browser = chromium.browser_type.launch(
        **_program(), ignore_default_args=["--disable-back-forward-cache"]
    )
    yield browser.new_page(base_url=site, locale="id-ID", **DESKTOP)
    browser.close()


def test_back_and_forward_show_nobody_even_where_the_browser_keeps_pages(
    with_page_cache: Page, event: Event, officer: User
):
    page = with_page_cache
    start_desk(page, event)
    unlock(page)
    attest(page, SITIS_NAME)
    take_over(page, SITIS_NAME)
    tick_all(page)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    assert_knows_nothing_of(page, "Siti", "Agus", SITI)
    page.goto("/segel")
    page.go_back()
    page.go_forward()
    page.go_back()
    expect(page.get_by_role("heading", name="Perangkat ini milik petugas")).to_be_visible()
    assert_knows_nothing_of(page, "Siti", "Agus", SITI)


def test_the_officers_own_pages_are_out_of_reach_with_the_back_button(tablet: Page, event: Event):
    for leave in (
        lambda: tablet.go_back(),
        lambda: tablet.goto(f"/kelola/acara/{event.code}/"),
        lambda: tablet.goto("/akun/masuk"),
    ):
        leave()
        expect(tablet.get_by_role("heading", name="Perangkat ini milik petugas")).to_be_visible()


def test_the_browser_is_offered_no_name_no_pin_and_no_password_to_keep(tablet: Page):
    fields = tablet.locator("input.pin").evaluate_all(
        "(all) => all.map((it) => [it.type, it.autocomplete, it.name])"
    )
    assert fields == [["text", "off", ""]] * 2
    attest(tablet, SITIS_NAME)
    take_over(tablet, SITIS_NAME)
    expect(tablet.get_by_label("Nama lengkap Anda")).to_have_attribute("autocomplete", "off")
    tablet.goto("/meja/selesai")
    expect(tablet.get_by_label("Kata sandi Anda")).to_have_attribute("autocomplete", "new-password")


def test_leaving_takes_the_password_and_leads_back_to_the_event(tablet: Page, problems: list[str]):
    tablet.get_by_role("link", name="Akhiri meja").last.click()
    assert_accessible(tablet)
    tablet.get_by_label("Kata sandi Anda").fill(cast.PASSWORD)
    tablet.get_by_role("button", name="Akhiri meja").click()
    expect(tablet.get_by_text("Meja untuk Dinas Pendidikan sudah diakhiri.")).to_be_visible()
    tablet.goto("/meja/")
    expect(tablet.get_by_role("heading", name="Tidak ada meja")).to_be_visible()
    assert_accessible(tablet)
    problems.clear()
    assert Desk.objects.get().ended_at


# Without a network


def add_ten(event: Event, city: City) -> list[str]:
    names = [f"Pegawai Contoh {letter}" for letter in "ABCDEFGHIJ"]
    for number, name in enumerate(names):
        cast.make_person(
            event, unit=city.school, name=name, nip=f"19900101201503{number + 1001}",
            position="Guru",
        )  # fmt: skip
    return names


@pytest.mark.always
def test_ten_people_sign_offline_and_the_device_keeps_no_name_no_mark_and_no_pin(
    pocket: Pocket, event: Event, officer: User, city: City
):
    names = add_ten(event, city)
    page = pocket.open()
    start_desk(page, event)
    unlock(page)
    wait_for_worker(page)
    page.context.set_offline(True)
    paths = []
    for name in names:
        attest(page, name)
        take_over(page, name)
        expect(page.get_by_text("Tanpa jaringan, nomor Anda tampil sebagian")).to_be_visible()
        tick_all(page)
        draw_with_finger(page)
        paths.append(page.locator("[name=path]").input_value())
        page.get_by_role("button", name="Tanda tangani").click()
        expect(page.get_by_role("heading", name="Tersimpan, menunggu dikirim")).to_be_visible()
        give_back(page)
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    expect(page.get_by_text("10 tanda tangan menunggu dikirim.")).to_be_visible()
    rows = kept(page)["envelopes"]
    assert len(rows) == 10
    assert_holds_no(rows, PIN, "Pegawai", "Contoh", "199001", "Dinas", *paths, paths[0][:12])
    pocket.close()
    assert not Signature.objects.exists()

    page = pocket.open(offline=True)
    page.add_init_script(AT_ONCE)
    page.goto("/meja/")
    expect(page.locator("[data-kept-waiting] p")).to_contain_text("10 tanda tangan menunggu.")
    assert_knows_nothing_of(page, "Pegawai", PIN)
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Perangkat ini milik petugas")).to_be_visible(
        timeout=30_000
    )
    assert kept(page) == {"envelopes": []}
    assert_each_signed_once_and_later(names)


def assert_holds_no(rows: list[Any], *secrets: str) -> None:
    everything = json.dumps(rows)
    assert [secret for secret in secrets if secret in everything] == []


def assert_each_signed_once_and_later(names: list[str]) -> None:
    signatures = Signature.objects.select_related("signatory").order_by("signatory__name")
    assert [signature.signatory.name for signature in signatures] == names
    for signature in signatures:
        statement = json.loads(signature.statement)
        assert statement["is_sent_later"] is True
        assert statement["identity"]["method"] == "desk"
        assert statement["identity"]["detail"] == "Contoh Petugas, Dinas Pendidikan"
        assert statement["claimed_at"] < statement["signed_at"]


def test_what_waits_is_sent_when_the_network_returns_and_the_count_goes(
    tablet: Page, problems: list[str]
):
    tablet.context.set_offline(True)
    sign_as(tablet, "Agus", "Tersimpan, menunggu dikirim")
    assert_accessible(tablet)
    give_back(tablet)
    expect(tablet.get_by_text("1 tanda tangan menunggu dikirim.")).to_be_visible()
    expect(tablet.get_by_text("Sudah menandatangani, menunggu dikirim")).to_be_visible()
    assert_accessible(tablet)
    tablet.context.set_offline(False)
    tablet.get_by_role("button", name="Kirim sekarang").click()
    expect(tablet.get_by_text("1 tanda tangan menunggu dikirim.")).to_be_hidden()
    assert Signature.objects.get().is_sent_later
    problems.clear()


def test_attested_with_a_network_and_signed_without_one_is_sent_later(
    tablet: Page, problems: list[str]
):
    attest(tablet, SITIS_NAME)
    take_over(tablet, SITIS_NAME)
    tablet.context.set_offline(True)
    sign(tablet)
    expect(tablet.get_by_role("heading", name="Tersimpan, menunggu dikirim")).to_be_visible()
    give_back(tablet)
    tablet.context.set_offline(False)
    tablet.get_by_role("button", name="Kirim sekarang").click()
    expect(tablet.get_by_text("menunggu dikirim.")).to_be_hidden()
    assert Signature.objects.get().is_sent_later
    assert AuditEntry.objects.filter(action="desk.attest").count() == 1
    problems.clear()


def test_without_a_network_five_wrong_pins_lock_the_desk_too(tablet: Page, problems: list[str]):
    tablet.context.set_offline(True)
    tablet.get_by_role("button", name="Agus").click()
    for told in ["PIN tidak cocok."] * 4 + ["jadi meja ini terkunci"]:
        tablet.get_by_label("Saya sudah memeriksa").fill("000001")
        tablet.get_by_role("button", name="Sudah saya periksa").click()
        expect(tablet.get_by_text(told)).to_be_visible()
    tablet.get_by_label("Saya sudah memeriksa").fill(PIN)
    tablet.get_by_role("button", name="Sudah saya periksa").click()
    expect(tablet.get_by_text("jadi meja ini terkunci")).to_be_visible()
    problems.clear()


def test_the_list_opens_only_with_a_network_the_first_time(
    desktop: Page, event: Event, officer: User, problems: list[str]
):
    start_desk(desktop, event)
    desktop.context.set_offline(True)
    desktop.get_by_label("PIN meja").fill(PIN)
    desktop.get_by_role("button", name="Buka daftar").click()
    expect(desktop.get_by_text("Daftar nama baru dapat dibuka setelah tersambung.")).to_be_visible()
    problems.clear()


def test_a_closed_event_keeps_the_signature_on_the_device_with_the_reason(
    tablet: Page, event: Event, problems: list[str]
):
    attest(tablet, SITIS_NAME)
    take_over(tablet, SITIS_NAME)
    events.close(event, by=None)
    sign(tablet)
    expect(tablet.get_by_role("heading", name="Tersimpan, menunggu dikirim")).to_be_visible()
    expect(tablet.locator("[data-thanks]")).to_contain_text(
        "masuk sendiri bila acara dibuka kembali"
    )
    assert not Signature.objects.exists()
    problems.clear()


def test_what_the_server_refuses_for_good_is_told_and_can_be_removed(
    tablet: Page, event: Event, problems: list[str]
):
    tablet.context.set_offline(True)
    sign_as(tablet, "Agus", "Tersimpan, menunggu dikirim")
    give_back(tablet)
    event.signatories.filter(nip=AGUS).update(generation=2)
    tablet.context.set_offline(False)
    tablet.get_by_role("button", name="Kirim sekarang").click()
    expect(tablet.get_by_text("1 tanda tangan tidak dapat diterima server.")).to_be_visible()
    assert_accessible(tablet)
    tablet.get_by_role("button", name="Hapus dari perangkat ini").click()
    tablet.get_by_role("button", name="Ya, hapus").click()
    expect(tablet.get_by_text("tidak dapat diterima server")).to_be_hidden()
    assert kept(tablet) == {"envelopes": []}
    assert not Signature.objects.exists()
    tablet.get_by_role("button", name="Perbarui daftar").click()
    unlock(tablet)
    sign_as(tablet, "Agus")
    problems.clear()


def test_leaving_warns_of_signatures_that_wait(tablet: Page, problems: list[str]):
    tablet.context.set_offline(True)
    sign_as(tablet, "Agus", "Tersimpan, menunggu dikirim")
    give_back(tablet)
    tablet.route("**/kirim", lambda route: route.abort())
    tablet.context.set_offline(False)
    tablet.get_by_role("link", name="Akhiri meja").last.click()
    expect(tablet.get_by_text("1 tanda tangan menunggu dikirim.")).to_be_visible()
    problems.clear()


# Without HTTPS

NO_SUBTLE = "Object.defineProperty(crypto, 'subtle', { value: undefined })"


def test_without_encryption_the_desk_works_as_long_as_there_is_a_network_and_says_so(
    desktop: Page, event: Event, officer: User, problems: list[str]
):
    desktop.add_init_script(NO_SUBTLE)
    start_desk(desktop, event)
    unlock(desktop)
    sign_as(desktop, SITIS_NAME)
    give_back(desktop)
    desktop.context.set_offline(True)
    attest(desktop, "Agus")
    expect(desktop.get_by_text("meja hanya bekerja selama ada jaringan")).to_be_visible()
    assert Signature.objects.count() == 1
    problems.clear()


# Sizes


@pytest.mark.parametrize("size", ["200%", "320px"])
def test_large_type_and_a_narrow_screen_need_no_sideways_scroll(small: Page, size: str):
    if size == "200%":
        small.evaluate("document.documentElement.style.fontSize = '225%'")
    else:
        small.set_viewport_size({"width": 320, "height": 568})
    assert_no_sideways_scroll(small)
    attest(small, SITIS_NAME)
    assert_no_sideways_scroll(small)
    take_over(small, SITIS_NAME)
    assert_no_sideways_scroll(small)
    sign(small)
    expect(small.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()
    assert_no_sideways_scroll(small)
