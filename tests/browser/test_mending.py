"""What goes wrong is mended: data before signing, a refusal, a signature that must be voided."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from pledges import identity
from pledges.models import Correction, Event, Refusal, Role, Signatory, Signature
from tests import cast
from tests.browser.hands import assert_accessible, draw_with_finger, session_of, tick_all
from tests.cast import City


@pytest.fixture
def city(transactional_db: None) -> City:
    return cast.make_city()


@pytest.fixture
def event(city: City) -> Event:
    return cast.make_open(city, allows_refusal=True)


@pytest.fixture
def siti(event: Event) -> Signatory:
    return cast.someone(event)


def link_of(person: Signatory) -> str:
    return f"/s/{identity.link_token(person)}"


def sign(page: Page) -> None:
    tick_all(page)
    draw_with_finger(page)
    page.get_by_role("button", name="Tanda tangani").click()
    expect(page.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()


def log_in(page: Page, city: City, site: str, role: Role) -> None:
    """Somebody else sits down at the desk."""
    unit = city.education if role is Role.OFFICER else city.agency
    user = cast.make_user(f"{role.value}@contoh.example", (role, unit))
    page.context.clear_cookies()
    page.context.add_cookies([session_of(user, site)])  # type: ignore[list-item]


def test_wrong_data_are_mended_by_the_officer_and_then_signed(
    phone: Page, desktop: Page, city: City, event: Event, siti: Signatory, site: str
) -> None:
    phone.goto(link_of(siti))
    phone.get_by_role("button", name="Data saya salah").click()
    assert_accessible(phone)
    phone.get_by_label("Apa yang keliru").fill("Gelar saya S.Pd., M.Pd.")
    phone.get_by_role("button", name="Kirim permintaan").click()
    expect(phone.get_by_role("status")).to_contain_text("sudah dikirim")
    assert_accessible(phone)
    phone.get_by_role("button", name="Kembali ke naskah").click()
    expect(phone.get_by_text("Permintaan perbaikan Anda masih menunggu")).to_be_visible()

    log_in(desktop, city, site, Role.OFFICER)
    desktop.goto(f"/kelola/acara/{event.code}/")
    desktop.get_by_role("link", name="1 permintaan perbaikan").click()
    assert_accessible(desktop)
    desktop.get_by_role("link", name="Perbaiki data").click()
    assert_accessible(desktop)
    desktop.get_by_label("Nama lengkap dengan gelar").fill("Siti Aminah, S.Pd., M.Pd.")
    desktop.get_by_label("Jawaban").fill("Sudah, terima kasih.")
    desktop.get_by_role("button", name="Simpan dan jawab").click()
    expect(desktop.get_by_text("Tidak ada yang menunggu")).to_be_visible()

    phone.goto(link_of(siti))
    expect(phone.get_by_text("Data Anda sudah diperbaiki")).to_be_visible()
    sign(phone)
    expect(phone.get_by_text("Siti Aminah, S.Pd., M.Pd.")).to_be_visible()


def test_who_is_not_there_asks_without_scripts_and_is_added_and_signs(
    phone: Page, desktop: Page, city: City, event: Event, site: str, problems: list[str]
) -> None:
    cast.make_agency("SDN 11 Contoh", above=city.education)
    cast.make_agency("SDN 1 Contoh Utara", above=city.education)
    phone.goto(f"/a/{event.code}")
    phone.get_by_role("link", name="Nama saya tidak ada").click()
    phone.get_by_label("Nama lengkap").fill("Contoh Terlewat, S.Pd.")
    phone.get_by_label("NIP").fill("19800101 200501 2 009")
    phone.get_by_label("Unit kerja").fill("sdn 1")
    phone.get_by_label("Keterangan").fill("Guru baru sejak Juli")
    phone.get_by_role("button", name="Kirim permintaan").click()
    expect(phone.get_by_text("2 unit cocok")).to_be_visible()
    assert_accessible(phone)
    problems.clear()
    phone.get_by_label("Dinas Pendidikan › SDN 1 Contoh", exact=True).check()
    phone.get_by_role("button", name="Kirim permintaan").click()
    expect(phone.get_by_role("status")).to_contain_text("sudah kami terima")

    log_in(desktop, city, site, Role.OFFICER)
    desktop.goto(f"/kelola/acara/{event.code}/perbaikan")
    desktop.get_by_role("link", name="Tambahkan ke daftar").click()
    assert_accessible(desktop)
    desktop.get_by_label("Golongan").select_option("III/a")
    desktop.get_by_role("button", name="Tambahkan ke daftar").click()
    expect(desktop.get_by_role("heading", name="Contoh Terlewat, S.Pd.")).to_be_visible()

    phone.goto(link_of(cast.someone(event, "198001012005012009")))
    expect(phone.get_by_text("Nama Anda sudah ditambahkan")).to_be_visible()
    sign(phone)
    assert Correction.objects.get().state == Correction.State.DONE


def test_who_declines_is_seen_by_the_admin_only_and_may_still_sign(
    phone: Page, desktop: Page, city: City, event: Event, siti: Signatory, site: str
) -> None:
    phone.goto(link_of(siti))
    phone.get_by_role("button", name="Saya tidak bersedia menandatangani").click()
    assert_accessible(phone)
    phone.get_by_label("Alasan").fill("Keberatan atas butir 3")
    phone.get_by_role("button", name="Ya, saya tidak bersedia").click()
    expect(phone.get_by_role("heading", name="Menyatakan tidak bersedia")).to_be_visible()
    assert_accessible(phone)

    log_in(desktop, city, site, Role.ADMIN)
    desktop.goto(f"/kelola/acara/{event.code}/progres/orang")
    expect(desktop.get_by_role("radio", name="Tidak bersedia 1")).to_be_visible()
    desktop.goto(f"/kelola/acara/{event.code}/orang/{siti.pk}")
    expect(desktop.get_by_text("Keberatan atas butir 3")).to_be_visible()
    assert_accessible(desktop)

    log_in(desktop, city, site, Role.OFFICER)
    desktop.goto(f"/kelola/acara/{event.code}/progres/orang")
    expect(desktop.get_by_role("row", name=re.compile("Siti Aminah"))).to_contain_text("Belum")
    expect(desktop.get_by_text("bersedia")).to_have_count(0)

    phone.goto(link_of(siti))
    expect(phone.get_by_text("Anda menyatakan tidak bersedia")).to_be_visible()
    sign(phone)
    assert Refusal.objects.get().taken_back_at is not None


def test_a_voided_signature_is_made_anew_and_the_old_document_verifies_as_void(
    phone: Page, desktop: Page, city: City, event: Event, siti: Signatory, site: str,
    worker: None, problems: list[str],
) -> None:  # fmt: skip
    left_open = phone.context.new_page()
    left_open.goto(link_of(siti))
    phone.goto(link_of(siti))
    sign(phone)
    expect(phone.get_by_role("link", name="Unduh PDF")).to_be_visible(timeout=60_000)
    old = Signature.objects.get()
    ticket = cast.ticket_of(siti).seal()

    log_in(desktop, city, site, Role.ADMIN)
    desktop.goto(f"/kelola/acara/{event.code}/orang/{siti.pk}")
    desktop.get_by_role("link", name="Batalkan…").click()
    assert_accessible(desktop)
    desktop.get_by_label("Alasan").fill("Gelar keliru pada dokumen")
    desktop.get_by_role("button", name="Batalkan tanda tangan").click()
    expect(desktop.get_by_text("Dibatalkan", exact=True)).to_be_visible()
    expect(desktop.get_by_role("link", name="Unduh dokumen ini (PDF)")).to_be_visible()
    assert_accessible(desktop)

    left_open.bring_to_front()
    tick_all(left_open)
    draw_with_finger(left_open)
    left_open.get_by_role("button", name="Tanda tangani").click()
    expect(left_open.get_by_text("halaman yang tidak berlaku lagi")).to_be_visible()
    left_open.close()
    # And sent without its script.
    form: dict[str, str | float | bool] = {"ticket": ticket, "kind": "drawn"}
    answer = phone.request.post("/tandatangan", form=form)
    assert answer.status == 403
    assert "Halaman ini sudah tidak berlaku" in answer.text()

    phone.goto(link_of(siti))
    expect(phone.get_by_text("Tanda tangan Anda sebelumnya dibatalkan")).to_be_visible()
    assert_accessible(phone)
    sign(phone)

    new = Signature.objects.live().get()
    phone.goto(f"/v/{old.verification_code}")
    expect(phone.get_by_role("heading", name="Sudah dibatalkan")).to_be_visible()
    expect(phone.get_by_text("Gelar keliru")).to_have_count(0)
    phone.goto(f"/bukti/{identity.receipt_token(new)}")
    expect(phone.get_by_role("link", name="Unduh PDF")).to_be_visible(timeout=60_000)
    phone.goto(f"/v/{new.verification_code}")
    expect(phone.get_by_role("heading", name="Dokumen asli")).to_be_visible()
    assert problems == []
