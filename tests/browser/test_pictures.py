"""`make pictures`: every page at both sizes and every kind of PDF, from the demo data.

They land in var/pictures/ to be looked at; the few that README and guide show, in docs/pictures/.
"""

from __future__ import annotations

import datetime
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Browser, FilePayload, Page

from pledges import identity, reports, retention, wall
from pledges.demo.logins import PASSWORD
from pledges.documents import seal
from pledges.documents.issue import issue
from pledges.documents.preview import pages_as_png
from pledges.models import (
    Agency,
    Document,
    Event,
    Membership,
    PactKind,
    Report,
    Signatory,
    Signature,
)
from pledges.paper import scans
from tests import spreadsheets
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.hands import draw_with_mouse, log_in, tick_all
from tests.photographs import (
    address_of,
    file,
    jpeg,
    photograph,
    without_code,
    work_through,
)
from tests.threads import at_once

pytestmark = pytest.mark.pictures

OUT = Path(settings.BASE_DIR) / "var" / "pictures"
CHOSEN = Path(settings.BASE_DIR) / "docs" / "pictures"
# What README and guide show.
SHOWN = {
    "acara-desktop", "daftar-impor-periksa-desktop", "naskah-sunting-desktop", "pakta-pdf-1",
    "progres-desktop", "ringkasan-desktop", "slip-pdf-1", "tanda-tangan-siap-phone", "bukti-phone",
    "verifikasi-kode-phone", "unduhan-desktop", "rancangan-desktop", "layar-hitungan-desktop",
    "tagih-phone", "pindaian-desktop", "laporan-desktop",
}  # fmt: skip

ADMIN = "admin@kota-bandung.contoh.example"
BITUNG = "admin@kota-bitung.contoh.example"
SUKABUMI = "admin@kota-sukabumi.contoh.example"
OFFICER = "petugas@kota-bandung.contoh.example"
OVERSEER = "pengawas@kota-bandung.contoh.example"


@pytest.fixture
def loaded(transactional_db: None) -> None:
    call_command("load_demo", stdout=io.StringIO())


@pytest.fixture
def demo(loaded: None, worker: None) -> None:
    """The demo data, and then the workers: loading holds SQLite's one write lock for long."""


class Camera:
    """Takes a page as it stands, under a name, with the size it was opened at."""

    def __init__(self, page: Page, size: str) -> None:
        self.page, self.size = page, size

    def go(self, name: str, address: str, *, status: int = 200) -> None:
        answer = self.page.goto(address)
        assert answer, address
        assert answer.status == status, address
        self.take(name)

    def take(self, name: str) -> None:
        self.page.wait_for_load_state("networkidle")
        keep(f"{name}-{self.size}", self.page.screenshot(full_page=True))
        if self.size == "phone" and f"{name}-phone" in SHOWN:  # what the hand holds
            (CHOSEN / f"{name}-phone.png").write_bytes(self.page.screenshot())

    def log_in(self, email: str) -> None:
        self.page.context.clear_cookies()
        self.page.goto("/kelola/")
        log_in(self.page, email, PASSWORD)
        self.page.wait_for_url("**/kelola/")


@pytest.fixture(params=["phone", "desktop"])
def camera(
    request: pytest.FixtureRequest, chromium: Browser, site: str, demo: None
) -> Iterator[Camera]:
    device = PHONE if request.param == "phone" else DESKTOP
    context = chromium.new_context(
        base_url=site, locale="id-ID", timezone_id="Asia/Jakarta", **device
    )
    yield Camera(context.new_page(), request.param)
    context.close()


def keep(name: str, png: bytes) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    picture = OUT / f"{name}.png"
    picture.write_bytes(png)
    if name in SHOWN:
        shutil.copy(picture, CHOSEN)


def keep_pdf(name: str, pdf: bytes) -> None:
    for number, png in enumerate(pages_as_png(pdf, width=1000), start=1):
        keep(f"{name}-pdf-{number}", png)


ROSTER_WITH_PROBLEMS = (
    ("DAFTAR PEGAWAI CONTOH",),
    ("No", "Nama Pegawai", "NIP Baru", "Gol", "Jabatan", "Unit Kerja"),
    ("1", "Ratna Contoh, S.T.", "198001012005012001", "III/d", "Kepala Seksi", "Dinas Contoh"),
    ("2", "Joko Contoh", "19900202 201503 1 002", "III/a", "Pengawas", "Dinas Contoh"),
    ("3", "Rusak Contoh", 1.98003e17, "III/a", "Pengawas", "Dinas Contoh"),
    ("4", "Mirip Contoh", "199102022015031003", "II/c", "Pengelola", "Dinas Contho"),
    ("5", "", "199203032016031004", "II/c", "Pengelola", "Dinas Contoh"),
)


def test_every_page(camera: Camera) -> None:
    """One load of the demo data serves all pages of one size."""
    pages_of_the_public(camera)
    pages_of_the_wall(camera)
    pages_of_a_signer(camera)
    pages_of_an_admin(camera)
    pages_of_accounts(camera)
    pages_of_the_ceremony(camera)
    pages_of_a_draft(camera)
    pages_of_a_closed_event_an_officer_and_an_overseer(camera)
    pages_of_a_purged_event(camera)


def pages_of_the_public(camera: Camera) -> None:
    signed = sealed(camera.page)
    camera.go("beranda", "/")
    camera.go("masuk", "/kelola/")
    camera.go("lupa-kata-sandi", reverse("account_reset_password"))
    camera.go("verifikasi", "/verifikasi")
    camera.go("verifikasi-kode", f"/v/{signed.verification_code}")
    camera.go("verifikasi-tidak-dikenal", "/v/0000000000000000", status=404)
    camera.go("segel", "/segel")
    camera.go("tidak-ada", "/halaman-yang-tidak-ada", status=404)


def pages_of_the_wall(camera: Camera) -> None:
    camera.go("layar-judul", f"/layar/{wall.token(Event.objects.get(code='BDG729'))}")
    camera.page.keyboard.press("1")
    camera.take("layar-ikrar")
    camera.page.keyboard.press("End")
    camera.page.wait_for_timeout(1000)  # it fades in
    camera.take("layar-hitungan")


def pages_of_a_signer(camera: Camera) -> None:
    person = a_missing_person("BDG729")
    camera.go("kode", "/a/BDG729")
    camera.page.get_by_label("NIP").fill(person.nip or "")
    camera.page.get_by_label("Kode pribadi").fill("00000-00000")
    camera.page.get_by_label("Kode pribadi").press("Enter")
    camera.take("kode-salah")
    camera.go("tautan-tidak-dikenal", "/s/1-SALAH", status=404)
    closed = identity.link_token(a_missing_person("SKB729"))
    camera.go("acara-ditutup", f"/s/{closed}", status=403)
    camera.go("tanda-tangan", f"/s/{identity.link_token(person)}")
    tick_all(camera.page)
    draw_with_mouse(camera.page)
    camera.take("tanda-tangan-siap")
    camera.page.get_by_role("button", name="Tanda tangani").click()
    camera.page.get_by_role("heading", name="Sudah ditandatangani").wait_for()
    camera.take("bukti")
    camera.go("data-anda", "/a/BDG729/data-anda")


def sealed(page: Page) -> Signature:
    """The first signature of Kota Bandung's that the worker has sealed."""
    waiting = Signature.objects.filter(signatory__event__code="BDG729", document__isnull=False)
    for _ in range(120):
        if signature := waiting.first():
            return signature
        page.wait_for_timeout(500)
    raise AssertionError("nothing was sealed within a minute")


def a_missing_person(code: str) -> Signatory:
    return Event.objects.get(code=code).signatories.missing()[0]


def pages_of_an_admin(camera: Camera) -> None:
    camera.log_in(ADMIN)
    agency = Agency.objects.get(name="Pemerintah Kota Bandung")
    person = a_missing_person("BDG729")
    for name, address in {
        "acara": "",
        "acara-baru": "acara/baru",
        "instansi": f"instansi/{agency.pk}",
        "ringkasan": "acara/BDG729/",
        "tutup": "acara/BDG729/tutup",
        "layar": "acara/BDG729/layar",
        "naskah": "acara/BDG729/naskah",
        "daftar": "acara/BDG729/daftar",
        "orang": f"acara/BDG729/orang/{person.pk}",
        "orang-keluarkan": f"acara/BDG729/orang/{person.pk}/keluarkan",
        "orang-baru": "acara/BDG729/orang/baru",
        "progres": "acara/BDG729/progres",
        "progres-tabel": "acara/BDG729/progres?tampilan=tabel",
        "progres-orang": "acara/BDG729/progres/orang?status=missing",
        "halangan": f"acara/BDG729/orang/{person.pk}/halangan",
        "slip": "acara/BDG729/slip",
        "lembar": "acara/BDG729/lembar",
        "tagih": "acara/BDG729/tagih",
        "tagih-surel": "acara/BDG729/tagih/surel",
        "tagih-surel-kirim": "acara/BDG729/tagih/surel/kirim",
        "tagih-cetak": "acara/BDG729/tagih/cetak",
        "unduhan": "acara/BDG729/unduhan",
        "catatan": "acara/BDG729/catatan",
        "petugas": "acara/BDG729/petugas",
        "masa-simpan": "acara/BDG729/masa-simpan",
    }.items():
        camera.go(name, f"/kelola/{address}")
    take_import(camera)
    take_paper(camera)


def pages_of_accounts(camera: Camera) -> None:
    agency = Agency.objects.get(name="Pemerintah Kota Bandung")
    role = Membership.objects.get(user__email=OFFICER)
    for name, address in {
        "petugas-orang": f"/kelola/acara/BDG729/petugas/{role.pk}",
        "petugas-nonaktifkan": f"/kelola/acara/BDG729/petugas/{role.pk}/nonaktifkan",
        "dua-langkah-wajibkan": f"/kelola/instansi/{agency.pk}/dua-langkah?acara=BDG729",
        "dua-langkah": "/akun/dua-langkah?wajib",
        "perangkat": "/akun/perangkat",
        "pastikan": "/akun/dua-langkah/aplikasi",
    }.items():
        camera.go(name, address)
    camera.page.get_by_label("Kata sandi").fill(PASSWORD)
    camera.page.get_by_role("button", name="Lanjutkan").click()
    camera.take("dua-langkah-aplikasi")


def photo(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def take_paper(camera: Camera) -> None:
    """A sheet that was read, and one that waits for a human."""
    event = Event.objects.get(code="BDG729")
    some = event.signatories.missing()
    good, stained = photograph(some[1]), without_code(photograph(some[2]))
    address = "/kelola/acara/BDG729/pindaian"
    camera.page.goto(address)
    camera.page.get_by_label("Foto atau PDF lembar").set_input_files(
        [photo("IMG_0001.jpg", jpeg(good)), photo("IMG_0002.jpg", jpeg(stained))]
    )
    camera.page.get_by_role("button", name="Unggah dan catat").click()
    camera.page.get_by_role("heading", name="Perlu diperiksa").wait_for(timeout=30_000)
    camera.take("pindaian")
    waiting = event.scans.get(state="tray")
    camera.go("pindaian-pilih", f"{address}/{waiting.pk}")
    camera.go("pindaian-catat", f"{address}/{waiting.pk}/catat/{some[2].pk}")
    camera.go("lembar-qr", urlsplit(address_of(some[2])).path)
    filed = Signature.objects.get(scan__event=event)
    seal_before_all_others(filed)
    camera.go("verifikasi-pindaian", f"/v/{filed.verification_code}")
    discarded = f"{address}/{waiting.pk}/buang"
    camera.go("pindaian-buang", discarded)
    camera.page.get_by_role("button", name="Buang foto").click()


def pages_of_the_ceremony(camera: Camera) -> None:
    for name, rest in {
        "peran": "peran",
        "gelombang": "gelombang",
        "cara": "cara",
        "deklarasi": "deklarasi",
        "permintaan": "perbaikan",
        "kewajaran": "kewajaran",
        "meja-buka": "meja",
    }.items():
        camera.go(name, f"/kelola/acara/BDG729/{rest}")


def take_import(camera: Camera) -> None:
    roster = spreadsheets.xlsx(ROSTER_WITH_PROBLEMS).read()
    camera.go("daftar-impor", "/kelola/acara/BDG729/daftar/impor")
    camera.page.get_by_label("Berkas Excel atau CSV").set_input_files(
        {"name": "daftar.xlsx", "mimeType": "application/zip", "buffer": roster}
    )
    camera.page.get_by_role("button", name="Unggah dan periksa").click()
    confirm = camera.page.get_by_role("button", name="Masukkan")
    confirm.wait_for(timeout=30_000)
    camera.take("daftar-impor-periksa")
    confirm.click()
    camera.page.get_by_role("link", name="Lihat daftar").wait_for(timeout=30_000)
    camera.take("daftar-impor-selesai")


def pages_of_a_draft(camera: Camera) -> None:
    event = Event.objects.get(code="BTG902")
    camera.log_in(BITUNG)
    camera.go("rancangan", "/kelola/acara/BTG902/")
    camera.go("rancangan-data", "/kelola/acara/BTG902/data")
    camera.go("rancangan-naskah", "/kelola/acara/BTG902/naskah")
    camera.go("naskah-sunting", f"/kelola/acara/BTG902/naskah/{event.pacts.first().pk}")
    camera.go("terbitkan", "/kelola/acara/BTG902/terbitkan")
    camera.go("rancangan-hapus", "/kelola/acara/BTG902/hapus")


def pages_of_a_closed_event_an_officer_and_an_overseer(camera: Camera) -> None:
    camera.log_in(SUKABUMI)
    camera.go("ditutup", "/kelola/acara/SKB729/")
    pages_of_reports(camera)
    camera.log_in(OFFICER)
    camera.go("petugas-acara", "/kelola/acara/BDG729/")
    camera.go("petugas-progres", "/kelola/acara/BDG729/progres")
    camera.go("petugas-tagih", "/kelola/acara/BDG729/tagih")
    camera.go("dilarang", "/kelola/acara/BDG729/naskah", status=403)
    camera.log_in(OVERSEER)
    camera.go("pengawas-progres", "/kelola/acara/BDG729/progres")
    camera.page.goto("/kelola/pegawai")
    camera.page.get_by_label("NIP").fill(sealed(camera.page).signatory.nip or "")
    camera.page.get_by_role("button", name="Cari").click()
    camera.take("cari-pegawai")


def pages_of_reports(camera: Camera) -> None:
    event = Event.objects.get(code="SKB729")
    camera.go("laporan-kosong", "/kelola/acara/SKB729/laporan")
    camera.go("berita-acara", "/kelola/acara/SKB729/laporan/berita-acara")
    made = [make_report(event, kind) for kind in Report.Kind]
    sealed_report(camera.page, made[-1])
    camera.go("laporan", "/kelola/acara/SKB729/laporan")
    camera.go("buka-lagi", "/kelola/acara/SKB729/buka-lagi")
    camera.go("laporan-batalkan", f"/kelola/acara/SKB729/laporan/{made[0].pk}/batalkan")
    camera.go("verifikasi-laporan", f"/v/{made[0].verification_code}")


def make_report(event: Event, kind: Report.Kind) -> Report:
    """Two of those who are missing are excused first, so that there are reasons to see."""
    for person in event.signatories.missing().filter(excuses__isnull=True)[:2]:
        person.excuses.create(code="leave", note="sampai 3 Januari")
    admin = User.objects.get(email=SUKABUMI)
    return reports.make(event, kind=kind, unit=event.agency, by=admin)


def sealed_report(page: Page, report: Report) -> Report:
    """It comes after the batch of pacts that the worker has begun."""
    for _ in range(400):
        if Report.objects.filter(pk=report.pk, document__isnull=False).exists():
            return report
        page.wait_for_timeout(500)
    raise AssertionError("no report was sealed within three minutes")


def pages_of_a_purged_event(camera: Camera) -> None:
    Event.objects.filter(code="SKB729").update(date=datetime.date(2010, 7, 29))
    event = Event.objects.get(code="SKB729")
    retention.purge(event, by=None)
    signed = Signature.objects.filter(signatory__event=event)[0]
    camera.go("dihapus-verifikasi", f"/v/{signed.verification_code}")
    camera.go("dihapus-bukti", f"/bukti/{identity.receipt_token(signed)}", status=410)
    camera.log_in(SUKABUMI)
    for name, path in {
        "ringkasan": "", "orang": "progres/orang?status=", "unduhan": "unduhan",
        "satu-orang": f"orang/{signed.signatory_id}",
    }.items():  # fmt: skip
        camera.go(f"dihapus-{name}", f"/kelola/acara/SKB729/{path}")
    camera.go(
        "dihapus-pdf", f"/kelola/acara/SKB729/orang/{signed.signatory_id}/pakta.pdf", status=410
    )


def test_every_kind_of_pdf(chromium: Browser, site: str, demo: None) -> None:
    page = chromium.new_context(base_url=site).new_page()
    camera = Camera(page, "desktop")
    camera.log_in(ADMIN)
    signed = sealed(page)
    event, unit = signed.signatory.event, signed.signatory.unit
    keep_pdf("pakta", fetch(page, f"/bukti/{identity.receipt_token(signed)}/pakta.pdf"))
    keep_pdf("slip", fetch(page, f"/kelola/acara/{event.code}/slip/{unit.pk}-1.pdf"))
    person = a_missing_person(event.code)
    keep_pdf("lembar", fetch(page, f"/kelola/acara/{event.code}/orang/{person.pk}/lembar.pdf"))
    keep_pdf("pindaian", a_sealed_scan(page, person))
    keep_pdf("buku", a_book(camera, event, unit.name))
    camera.log_in(SUKABUMI)
    closed = Event.objects.get(code="SKB729")
    for kind, name in {"recap": "rekapitulasi", "minutes": "berita-acara",
                       "plausibility": "kewajaran"}.items():  # fmt: skip
        report = sealed_report(page, make_report(closed, Report.Kind(kind)))
        keep_pdf(name, fetch(page, f"/kelola/acara/SKB729/laporan/{report.pk}.pdf"))
    camera.log_in(BITUNG)
    nine = Event.objects.get(code="BTG902").pacts.get(kind=PactKind.INDIVIDUAL)
    preview = f"/kelola/acara/BTG902/naskah/{nine.pk}/pratinjau"
    keep_pdf("pratinjau-sembilan-butir", fetch(page, preview))


def seal_before_all_others(signature: Signature) -> None:
    """In a thread of its own, away from Playwright's event loop."""
    [document] = at_once([lambda: issue(signature, sealer=seal.load())])
    assert isinstance(document, Document), document


def a_sealed_scan(page: Page, person: Signatory) -> bytes:
    scans.upload(person.event, [file(jpeg(photograph(person)))], by=User.objects.get(email=ADMIN))
    work_through(person.event)
    signature = person.signatures.get()
    seal_before_all_others(signature)
    return fetch(page, f"/bukti/{identity.receipt_token(signature)}/pakta.pdf")


def a_book(camera: Camera, event: Event, unit: str) -> bytes:
    """Of one unit, as the worker makes it."""
    camera.page.goto(f"/kelola/acara/{event.code}/unduhan")
    camera.page.get_by_role("link", name=f"Pilih {unit}", exact=True).click()
    camera.page.get_by_label("Buku: satu PDF salinan untuk dicetak").check()
    camera.page.get_by_role("button", name="Siapkan unduhan").click()
    ready = camera.page.get_by_role("link", name=f"Ambil buku {unit}")
    ready.wait_for(timeout=120_000)
    return fetch(camera.page, str(ready.get_attribute("href")))


def fetch(page: Page, address: str) -> bytes:
    answer = page.request.get(address)
    assert answer.status == 200, address
    return answer.body()
