"""One minute of a signer's life, on a phone in the hand and at a desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pledges import events, identity, marks
from pledges.models import Event, Signatory, Signature
from tests import cast
from tests.browser.hands import (
    assert_accessible,
    assert_no_sideways_scroll,
    draw_with_finger,
    draw_with_mouse,
    draw_with_pen,
    on_canvas,
    tick_all,
)

LONG_NAME = "Prof. Dr. Ir. H. Raden Mas Soeryokoesoemo Wiraatmadja Kartadinata, S.T., M.Si., Ph.D."


@pytest.fixture
def event(transactional_db: None) -> Event:
    return cast.make_open(cast.make_city())


@pytest.fixture
def siti(event: Event) -> Signatory:
    return cast.someone(event)


@pytest.fixture
def page(request: pytest.FixtureRequest, transactional_db: None) -> Page:
    """The phone or the desktop; the database outlives it."""
    page: Page = request.getfixturevalue(request.param)
    return page


both_sizes = pytest.mark.parametrize("page", ["phone", "desktop"], indirect=True)


def open_link(page: Page, person: Signatory) -> None:
    page.goto(f"/s/{identity.link_token(person)}")


def path_of(page: Page) -> str:
    return page.locator("[name=path]").input_value()


def inked_pixels(page: Page) -> int:
    count = page.evaluate(
        """() => {
            const canvas = document.querySelector("canvas");
            const copy = document.createElement("canvas");
            [copy.width, copy.height] = [canvas.width, canvas.height];
            const pen = copy.getContext("2d");
            pen.drawImage(canvas, 0, 0);
            const all = pen.getImageData(0, 0, copy.width, copy.height);
            return all.data.filter((value, i) => i % 4 === 3 && value > 128).length;
        }"""
    )
    assert isinstance(count, int)
    return count


def assert_near(path: str) -> None:
    """The path begins and ends where the finger did, in units of the field."""
    strokes = marks.drawn(path).strokes
    ends = [(stroke[0], stroke[-1]) for stroke in strokes]
    expected = [((100, 200), (450, 280)), ((400, 240), (900, 200))]
    for end, wanted in zip(ends, expected, strict=True):
        for (x, y), (wanted_x, wanted_y) in zip(end, wanted, strict=True):
            assert abs(x - wanted_x) <= 4
            assert abs(y - wanted_y) <= 4


# The whole way


@both_sizes
def test_a_signer_opens_the_link_reads_ticks_draws_and_has_a_receipt(page: Page, siti: Signatory):
    open_link(page, siti)
    expect(page.get_by_role("heading", name="Apakah ini Anda?")).to_be_visible()
    expect(page.locator(".person")).to_have_text("Siti Aminah, S.Pd.")
    tick_all(page)
    expect(page.get_by_text("Semua 4 butir sudah Anda nyatakan.")).to_be_visible()
    draw_with_mouse(page)
    page.get_by_role("button", name="Tanda tangani").click()
    expect(page.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()
    assert_near(marks.load(Signature.objects.get().mark).data)


def test_the_event_address_with_nip_and_code_leads_to_the_same_receipt(
    phone: Page, siti: Signatory
):
    phone.goto(f"/a/{siti.event.code}")
    phone.get_by_label("NIP atau NIK").fill("19800101 200501 2 001")
    phone.get_by_label("Kode pribadi").fill(identity.personal_code(siti).lower())
    phone.get_by_role("button", name="Lanjut ke naskah").click()
    tick_all(phone)
    draw_with_finger(phone)
    phone.get_by_role("button", name="Tanda tangani").click()
    expect(phone.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()
    code = phone.locator(".code").inner_text()
    open_link(phone, siti)
    expect(phone.locator(".code")).to_have_text(code)
    assert Signature.objects.count() == 1


def test_reloading_and_going_back_after_a_code_ask_for_it_again(phone: Page, siti: Signatory):
    phone.goto(f"/a/{siti.event.code}")
    for again in (phone.reload, phone.go_back):
        phone.get_by_label("NIP atau NIK").fill(siti.nip or "")
        phone.get_by_label("Kode pribadi").fill(identity.personal_code(siti))
        phone.get_by_role("button", name="Lanjut ke naskah").click()
        expect(phone.get_by_role("heading", name="Tanda tangani pakta integritas")).to_be_visible()
        phone.evaluate("document.activeElement.blur()")
        again()
        expect(phone.get_by_role("button", name="Lanjut ke naskah")).to_be_visible()


def test_the_document_can_be_downloaded_as_soon_as_it_is_sealed(
    phone: Page, siti: Signatory, worker: None, tmp_path: Path
):
    open_link(phone, siti)
    tick_all(phone)
    draw_with_finger(phone)
    phone.get_by_role("button", name="Tanda tangani").click()
    download = phone.get_by_role("link", name="Unduh PDF pakta")
    expect(download).to_be_visible(timeout=60_000)
    expect(phone.get_by_text("sedang disegel")).to_be_hidden()
    with phone.expect_download() as started:
        download.click()
    started.value.save_as(tmp_path / "pakta.pdf")
    code = Signature.objects.get().verification_code
    assert started.value.suggested_filename == f"Pakta-Integritas-{code}.pdf"
    assert (tmp_path / "pakta.pdf").read_bytes().startswith(b"%PDF-")


# Drawing


@pytest.mark.parametrize("draw", [draw_with_finger, draw_with_mouse, draw_with_pen])
def test_finger_mouse_and_pen_draw_alike(phone: Page, siti: Signatory, draw):
    open_link(phone, siti)
    draw(phone)
    assert_near(path_of(phone))


def test_drawing_with_a_finger_does_not_scroll_the_page(phone: Page, siti: Signatory):
    open_link(phone, siti)
    on_canvas(phone)
    before = phone.evaluate("scrollY")
    draw_with_finger(phone)
    assert phone.evaluate("scrollY") == before


def test_undo_takes_back_one_stroke_and_clear_all_of_them(phone: Page, siti: Signatory):
    open_link(phone, siti)
    draw_with_mouse(phone)
    whole = path_of(phone)
    phone.get_by_role("button", name="Urungkan").click()
    assert path_of(phone) == whole[: whole.rindex("M")]
    draw_with_mouse(phone)
    phone.get_by_role("button", name="Hapus").click()
    assert path_of(phone) == ""
    assert inked_pixels(phone) == 0
    expect(phone.get_by_role("button", name="Urungkan")).to_be_disabled()
    draw_with_mouse(phone)
    assert path_of(phone) == whole


def test_a_drawing_survives_rotation_of_the_phone(phone: Page, siti: Signatory):
    open_link(phone, siti)
    draw_with_mouse(phone)
    path = path_of(phone)
    phone.set_viewport_size({"width": 740, "height": 360})
    expect(phone.locator("canvas")).to_have_attribute("width", re.compile(r"[7-9]\d\d|\d{4}"))
    assert path_of(phone) == path
    assert inked_pixels(phone) > 100
    height = phone.locator(".pad").bounding_box()
    assert height
    assert height["height"] < 360
    phone.set_viewport_size({"width": 360, "height": 740})
    expect(phone.locator("canvas")).to_have_attribute("width", re.compile(r"^[1-6]\d\d$"))
    assert path_of(phone) == path
    assert inked_pixels(phone) > 100


@both_sizes
def test_the_drawing_is_as_sharp_as_the_screen(page: Page, siti: Signatory):
    open_link(page, siti)
    canvas, shown, density = page.evaluate(
        """() => {
            const canvas = document.querySelector("canvas");
            return [canvas.width, canvas.clientWidth, devicePixelRatio];
        }"""
    )
    assert abs(canvas - shown * density) <= 5


def test_a_scribble_of_thousands_of_points_is_made_simpler_on_the_phone(
    phone: Page, siti: Signatory
):
    open_link(phone, siti)
    [[(left, top), *_], _] = on_canvas(phone)
    phone.evaluate(
        """([left, top]) => {
            const canvas = document.querySelector("canvas");
            canvas.setPointerCapture = () => {};
            const send = (name, i) => canvas.dispatchEvent(new PointerEvent(name, {
                pointerId: 1, button: 0, clientX: left + (i * 7919) % 250,
                clientY: top + (i * 104729) % 70,
            }));
            send("pointerdown", 0);
            for (let i = 1; i < 20000; i += 1) send("pointermove", i);
            send("pointerup", 0);
        }""",
        [left, top],
    )
    [stroke] = marks.drawn(path_of(phone)).strokes
    assert 2 <= len(stroke) <= 1500


def test_a_dot_is_no_signature(phone: Page, siti: Signatory):
    open_link(phone, siti)
    tick_all(phone)
    phone.locator("canvas").click()
    phone.get_by_role("button", name="Tanda tangani").click()
    expect(phone.locator("#masalah-gambar")).to_have_text(
        "Bidang tanda tangan masih kosong. Gambarlah tanda tangan Anda."
    )
    assert not Signature.objects.exists()


# Sending


def test_what_is_missing_is_said_and_focused_before_anything_is_sent(phone: Page, siti: Signatory):
    open_link(phone, siti)
    phone.get_by_role("checkbox", name="Saya menyatakan butir 1").check()
    submit = phone.get_by_role("button", name="Tanda tangani")
    submit.click()
    summary = phone.locator("[data-summary]")
    expect(summary).to_have_text("Belum dinyatakan: butir 2, 3, 4. Tanda tangan belum digambar.")
    expect(phone.get_by_role("checkbox", name="Saya menyatakan butir 2")).to_be_focused()
    tick_all(phone)
    expect(summary).to_have_text("Tanda tangan belum digambar.")
    submit.click()
    expect(phone.locator("canvas")).to_be_focused()
    draw_with_mouse(phone)
    expect(summary).to_be_hidden()
    assert not Signature.objects.exists()


def test_a_double_tap_sends_once(phone: Page, siti: Signatory):
    methods: list[str] = []
    phone.on("request", lambda request: methods.append(request.method))
    open_link(phone, siti)
    tick_all(phone)
    draw_with_mouse(phone)
    phone.get_by_role("button", name="Tanda tangani").dblclick()
    expect(phone.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()
    assert methods.count("POST") == 1
    assert Signature.objects.count() == 1


def test_a_person_can_sign_with_the_keyboard_alone(desktop: Page, siti: Signatory):
    open_link(desktop, siti)

    def tab_to(selector: str) -> None:
        for _ in range(30):
            if desktop.evaluate("s => document.activeElement.matches(s)", selector):
                return
            desktop.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached")

    for number in range(1, 5):
        tab_to(f"#nyatakan-{number}")
        desktop.keyboard.press("Space")
    tab_to("#cara-gambar")
    desktop.keyboard.press("ArrowRight")
    tab_to("#id_typed")
    desktop.keyboard.type("Siti Aminah")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()
    assert Signature.objects.get().mark == "typed:Siti Aminah"


@pytest.fixture
def without_script(chromium: Browser, site: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_without_javascript_a_person_signs_with_a_typed_name(without_script: Page, siti: Signatory):
    page = without_script
    open_link(page, siti)
    expect(page.locator("canvas")).to_be_hidden()
    tick_all(page)
    page.get_by_label("Nama lengkap Anda").fill("Siti Aminah")
    page.get_by_role("button", name="Tanda tangani").click()
    expect(page.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()
    expect(page.get_by_role("link", name="Muat ulang")).to_be_visible()


def test_without_javascript_an_event_closed_meanwhile_leaves_ticks_and_name_on_the_page(
    without_script: Page, siti: Signatory
):
    page = without_script
    open_link(page, siti)
    tick_all(page)
    page.get_by_label("Nama lengkap Anda").fill("Siti Aminah")
    events.close(siti.event, by=None)
    page.get_by_role("button", name="Tanda tangani").click()
    expect(page.get_by_role("alert").first).to_contain_text("sudah ditutup")
    events.reopen(siti.event, by=None)
    page.get_by_role("button", name="Tanda tangani").click()
    expect(page.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()


# The address bar


def test_the_token_leaves_the_address_bar_and_reloading_leads_back(
    phone: Page, siti: Signatory, site: str
):
    address = f"{site}/a/{siti.event.code}"
    open_link(phone, siti)
    expect(phone).to_have_url(address)
    phone.reload()
    expect(phone.get_by_role("heading", name="Apakah ini Anda?")).to_be_visible()
    expect(phone).to_have_url(address)
    tick_all(phone)
    draw_with_mouse(phone)
    phone.get_by_role("button", name="Tanda tangani").click()
    expect(phone.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()
    expect(phone).to_have_url(address)
    phone.reload()
    expect(phone.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()


def test_who_opens_the_events_address_anew_is_asked_who_they_are(phone: Page, siti: Signatory):
    cast.sign(siti)
    open_link(phone, siti)
    expect(phone.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()
    phone.goto(f"/a/{siti.event.code}")
    expect(phone.get_by_label("Kode pribadi")).to_be_visible()


# The receipt


def test_the_receipt_of_a_long_name_fits_one_screenshot_of_a_small_phone(
    phone: Page, siti: Signatory
):
    Event.objects.update(
        title="Deklarasi dan Penandatanganan Netralitas ASN pada Pilkada Serentak Tahun 2024"
    )
    Signatory.objects.update(name=LONG_NAME)
    phone.goto(f"/bukti/{identity.receipt_token(cast.sign(siti))}")
    assert phone.evaluate("scrollY") == 0
    box = phone.locator(".receipt").bounding_box()
    assert box
    assert box["y"] + box["height"] <= 740
    assert_no_sideways_scroll(phone)


def test_sharing_copies_the_public_address(phone: Page, siti: Signatory, site: str):
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    signature = cast.sign(siti)
    phone.goto(f"/bukti/{identity.receipt_token(signature)}")
    phone.get_by_role("button", name="Bagikan tautan verifikasi").click()
    expect(phone.get_by_text("Tautan verifikasi sudah disalin.")).to_be_visible()
    copied = phone.evaluate("navigator.clipboard.readText()")
    assert copied == f"{site}/v/{signature.verification_code}"


def test_sharing_hands_the_phone_the_public_address(phone: Page, siti: Signatory, site: str):
    phone.add_init_script("navigator.share = async (what) => { window.shared = what; }")
    signature = cast.sign(siti)
    phone.goto(f"/bukti/{identity.receipt_token(signature)}")
    phone.get_by_role("button", name="Bagikan tautan verifikasi").click()
    shared = phone.evaluate("window.shared")
    assert shared["url"] == f"{site}/v/{signature.verification_code}"


# For everybody


@both_sizes
def test_nothing_scrolls_sideways_with_a_long_name_and_large_text(page: Page, siti: Signatory):
    Signatory.objects.update(name=LONG_NAME, position="Kepala " + "Subbagian" * 5)
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () =>"
        " document.documentElement.style.fontSize = '225%')"
    )
    open_link(page, siti)
    assert_no_sideways_scroll(page)
    page.goto(f"/bukti/{identity.receipt_token(cast.sign(siti))}")
    assert_no_sideways_scroll(page)


@both_sizes
def test_what_is_touched_is_large_enough(page: Page, siti: Signatory):
    open_link(page, siti)
    touched = page.locator(".tick label, .means label, .button, summary")
    for target in touched.locator("visible=true").all():
        box = target.bounding_box()
        assert box
        assert box["height"] >= 48
        assert box["width"] >= 48


@both_sizes
def test_axe_finds_nothing_to_complain_about(page: Page, siti: Signatory, problems: list[str]):
    open_link(page, siti)
    page.get_by_text("Apa artinya netral?").click()
    page.get_by_role("button", name="Tanda tangani").click()
    assert_accessible(page)
    page.get_by_text("Ketik nama", exact=True).click()
    assert_accessible(page)
    page.goto(f"/bukti/{identity.receipt_token(cast.sign(siti))}")
    assert_accessible(page)
    page.goto(f"/a/{siti.event.code}")
    page.get_by_label("Kode pribadi").fill("AAAAA-AAAAA")
    page.get_by_role("button").click()
    assert_accessible(page)
    page.goto("/s/unknown")
    assert_accessible(page)
    problems.clear()
