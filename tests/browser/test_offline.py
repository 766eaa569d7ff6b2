"""A plaza without a network: what is signed there is kept, and arrives."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Response, Route, expect

from pledges import events, identity, signing
from pledges.models import Event, Signatory, Signature
from tests import cast
from tests.browser.conftest import Pocket
from tests.browser.hands import assert_accessible, draw_with_finger, tick_all

WAITING = (
    "Jaringan terputus. Tanda tangan Anda tersimpan di ponsel ini dan dikirim sendiri begitu "
    "jaringan kembali. Jangan hapus data browser. 1 tanda tangan menunggu."
)
# What a hall's Wi-Fi spreads over half a minute happens at once.
AT_ONCE = "Math.random = () => 0"


@pytest.fixture
def event(transactional_db: None) -> Event:
    return cast.make_open(cast.make_city())


@pytest.fixture
def siti(event: Event) -> Signatory:
    return cast.someone(event)


def address_of(person: Signatory) -> str:
    return f"/s/{identity.link_token(person)}"


def fill(page: Page, person: Signatory) -> None:
    page.goto(address_of(person))
    tick_all(page)
    draw_with_finger(page)


def tap_sign(page: Page) -> None:
    page.get_by_role("button", name="Tanda tangani").click()


def kept(page: Page) -> Any:
    """Everything that the browser's database holds."""
    return page.evaluate(
        """async () => {
            const known = (await indexedDB.databases()).map(({ name }) => name);
            const whole = {};
            for (const name of known) {
                const request = indexedDB.open(name);
                const database = await new Promise((done) => {
                    request.onsuccess = () => done(request.result);
                });
                for (const store of database.objectStoreNames) {
                    const rows = database.transaction(store).objectStore(store).getAll();
                    whole[store] = await new Promise((done) => {
                        rows.onsuccess = () => done(rows.result);
                    });
                }
                database.close();
            }
            return whole;
        }"""
    )


def wait_for_worker(page: Page) -> None:
    page.evaluate("navigator.serviceWorker.ready.then((it) => it.active.state)")


@pytest.fixture
def hasty(phone: Page) -> Page:
    phone.add_init_script(AT_ONCE)
    return phone


# The whole story


@pytest.mark.always
def test_signed_without_a_network_closed_reopened_and_reconnected_is_one_signature_sent_later(
    pocket: Pocket, siti: Signatory
):
    page = pocket.open()
    fill(page, siti)
    wait_for_worker(page)
    page.context.set_offline(True)
    tap_sign(page)
    expect(page.locator("[data-kept-waiting] p")).to_have_text(WAITING)
    pocket.close()
    assert not Signature.objects.exists()

    page = pocket.open(offline=True)
    page.add_init_script(AT_ONCE)
    page.goto(address_of(siti))
    expect(page.get_by_role("heading", name="Belum tersambung")).to_be_visible()
    expect(page.locator("[data-kept-waiting] p")).to_contain_text("1 tanda tangan menunggu.")
    assert_accessible(page)
    assert not Signature.objects.exists()

    page.context.set_offline(False)
    expect(page.get_by_text("Tanda tangan sudah diterima.")).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="Lihat bukti").click()
    expect(page.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()
    signature = Signature.objects.get()
    statement = json.loads(signature.statement)
    assert signature.is_sent_later
    assert statement["is_sent_later"] is True
    assert statement["claimed_at"] < statement["signed_at"]
    assert kept(page) == {"envelopes": []}


def test_indexeddb_shows_neither_the_name_nor_the_mark(hasty: Page, siti: Signatory, problems):
    fill(hasty, siti)
    path = hasty.locator("[name=path]").input_value()
    hasty.context.set_offline(True)
    tap_sign(hasty)
    expect(hasty.locator("[data-kept-waiting] p")).to_have_text(WAITING)
    [row] = kept(hasty)["envelopes"]
    assert set(row) == {"id", "letter", "state", "message"}
    assert (row["state"], row["message"]) == ("waiting", "")
    everything = json.dumps(row)
    for secret in ("Siti", cast.SITI, path, path[:20], identity.link_token(siti), "ticket"):
        assert secret not in everything
    problems.clear()


def test_the_page_works_from_its_first_load_on(hasty: Page, siti: Signatory, problems):
    hasty.goto(address_of(siti), wait_until="load")
    hasty.context.set_offline(True)
    hasty.get_by_text("Apa artinya netral?").click()
    tick_all(hasty)
    expect(hasty.get_by_text("Semua 4 butir sudah Anda nyatakan.")).to_be_visible()
    draw_with_finger(hasty)
    tap_sign(hasty)
    expect(hasty.locator("[data-kept-waiting] p")).to_have_text(WAITING)
    hasty.context.set_offline(False)
    expect(hasty.get_by_role("link", name="Lihat bukti")).to_be_visible(timeout=15_000)
    problems.clear()


# What the server may answer


def answer_with(page: Page | BrowserContext, answer: Callable[[Route], None]) -> None:
    page.route("**/kirim", answer)


def test_a_busy_server_gets_the_signature_when_it_has_recovered(
    hasty: Page, siti: Signatory, problems
):
    fill(hasty, siti)
    answer_with(hasty, lambda route: route.fulfill(status=503, body="Service Unavailable"))
    tap_sign(hasty)
    expect(hasty.locator("[data-kept-waiting] p")).to_contain_text("Server sedang sibuk.")
    hasty.unroute("**/kirim")
    expect(hasty.get_by_role("link", name="Lihat bukti")).to_be_visible(timeout=15_000)
    assert Signature.objects.get().is_sent_later
    problems.clear()


def test_a_hotspots_own_page_is_not_taken_for_a_receipt(hasty: Page, siti: Signatory, problems):
    fill(hasty, siti)
    answer_with(hasty, lambda route: route.fulfill(status=200, body="<h1>Wi-Fi login</h1>"))
    tap_sign(hasty)
    expect(hasty.locator("[data-kept-waiting] p")).to_have_text(WAITING)
    problems.clear()


def test_a_network_that_answers_nothing_is_given_up_after_15_seconds(
    phone: Page, siti: Signatory, problems
):
    phone.clock.install()
    fill(phone, siti)
    answer_with(phone, lambda route: None)
    tap_sign(phone)
    expect(phone.get_by_role("button", name="Mengirim…")).to_be_visible()
    phone.clock.run_for(15_000)
    expect(phone.locator("[data-kept-waiting] p")).to_have_text(WAITING)
    problems.clear()


def test_an_answer_that_got_lost_leaves_one_signature_that_was_not_sent_later(
    hasty: Page, siti: Signatory, problems
):
    def deliver_and_lose(route: Route) -> None:
        route.fetch()
        route.abort()

    fill(hasty, siti)
    answer_with(hasty, deliver_and_lose)
    tap_sign(hasty)
    expect(hasty.locator("[data-kept-waiting] p")).to_have_text(WAITING)
    hasty.unroute("**/kirim")
    hasty.get_by_role("button", name="Kirim sekarang").click()
    expect(hasty.get_by_role("link", name="Lihat bukti")).to_be_visible()
    assert not Signature.objects.get().is_sent_later
    problems.clear()


def test_arriving_after_closing_it_stays_on_the_device_and_goes_in_when_the_event_reopens(
    hasty: Page, siti: Signatory, problems
):
    fill(hasty, siti)
    hasty.context.set_offline(True)
    tap_sign(hasty)
    expect(hasty.locator("[data-kept-waiting] p")).to_have_text(WAITING)
    events.close(siti.event, by=None)
    hasty.context.set_offline(False)
    expect(hasty.locator("[data-kept-waiting] p")).to_have_text(
        "Penandatanganan untuk acara ini sudah ditutup. Tanda tangan Anda tetap tersimpan di sini "
        "dan masuk sendiri bila acara dibuka kembali. 1 tanda tangan menunggu.",
        timeout=15_000,
    )
    assert_accessible(hasty)
    assert not Signature.objects.exists()
    events.reopen(siti.event, by=None)
    hasty.get_by_role("button", name="Kirim sekarang").click()
    expect(hasty.get_by_role("link", name="Lihat bukti")).to_be_visible()
    assert Signature.objects.get().is_sent_later
    problems.clear()


def test_a_kept_signature_older_than_a_void_is_refused_with_the_reason_and_removed_on_request(
    hasty: Page, siti: Signatory, problems
):
    fill(hasty, siti)
    hasty.context.set_offline(True)
    tap_sign(hasty)
    expect(hasty.locator("[data-kept-waiting] p")).to_have_text(WAITING)
    signing.void(cast.sign(siti), reason="Salah orang", by=None)
    hasty.context.set_offline(False)
    refused = hasty.locator("[data-kept-refused]")
    expect(refused).to_contain_text("tanda tangan Anda dibatalkan sesudahnya", timeout=15_000)
    expect(hasty.locator("[data-kept-waiting]")).to_be_hidden()
    assert_accessible(hasty)

    hasty.get_by_role("button", name="Hapus dari ponsel ini").click()
    expect(refused).to_contain_text("Setelah dihapus tidak dapat dikembalikan.")
    expect(hasty.get_by_role("button", name="Batal")).to_be_focused()
    assert_accessible(hasty)
    hasty.get_by_role("button", name="Ya, hapus").click()
    expect(hasty.locator("[data-kept]")).to_be_hidden()
    assert kept(hasty) == {"envelopes": []}
    assert not Signature.objects.live().exists()
    problems.clear()


def test_a_refusal_at_once_is_said_beside_the_button_and_nothing_is_kept(
    phone: Page, siti: Signatory, problems
):
    fill(phone, siti)
    Signatory.objects.update(generation=2)
    tap_sign(phone)
    expect(phone.locator("[data-summary]")).to_contain_text("tautan Anda sudah diganti")
    assert kept(phone) == {"envelopes": []}
    problems.clear()


def test_two_people_on_one_phone_both_wait_and_both_arrive(hasty: Page, siti: Signatory, problems):
    budi = cast.someone(siti.event, cast.BUDI)
    answer_with(hasty.context, lambda route: route.abort())
    for person in (siti, budi):
        fill(hasty, person)
        tap_sign(hasty)
        expect(hasty.get_by_role("heading", name="Tanda tangan Anda")).to_be_visible()
    expect(hasty.locator("[data-kept-number]")).to_have_text("2 tanda tangan menunggu.")
    hasty.context.unroute("**/kirim")
    hasty.get_by_role("button", name="Kirim sekarang").click()
    expect(hasty.get_by_role("link", name="Lihat bukti")).to_have_count(2)
    assert {one.signatory for one in Signature.objects.all()} == {siti, budi}
    problems.clear()


# Where a browser cannot keep or seal


def test_where_nothing_can_be_stored_the_page_says_to_stay_open_and_delivers_from_memory(
    hasty: Page, siti: Signatory, problems
):
    hasty.add_init_script("indexedDB.open = () => { throw new Error('private window') }")
    fill(hasty, siti)
    hasty.context.set_offline(True)
    tap_sign(hasty)
    expect(hasty.locator("[data-kept-waiting] p")).to_contain_text("biarkan halaman ini terbuka")
    hasty.context.set_offline(False)
    expect(hasty.get_by_role("link", name="Lihat bukti")).to_be_visible(timeout=15_000)
    problems.clear()


def test_over_plain_http_a_failed_submit_loses_nothing_and_is_tried_again(
    hasty: Page, siti: Signatory, problems
):
    hasty.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    fill(hasty, siti)
    hasty.context.set_offline(True)
    tap_sign(hasty)
    expect(hasty.locator("[data-kept-waiting] p")).to_contain_text("biarkan halaman ini terbuka")
    assert kept(hasty) in ({}, {"envelopes": []})
    hasty.context.set_offline(False)
    expect(hasty.get_by_role("link", name="Lihat bukti")).to_be_visible(timeout=15_000)
    assert Signature.objects.get().signatory == siti
    problems.clear()


def test_thousands_of_phones_spread_their_tries_over_seconds(phone: Page, siti: Signatory):
    """Each waits for a random part of 20 seconds after the network has returned."""
    phone.goto(address_of(siti))
    delays = phone.evaluate(
        """async () => {
            const delays = [];
            const plan = window.setTimeout;
            window.setTimeout = (act, delay) => { delays.push(delay); return plan(act, 1e9); };
            for (let i = 0; i < 500; i += 1) dispatchEvent(new Event("online"));
            window.setTimeout = plan;
            return delays;
        }"""
    )
    assert len(delays) >= 500
    in_each_second = [sum(s * 1000 <= d < s * 1000 + 1000 for d in delays) for s in range(20)]
    assert all(5 <= count <= 60 for count in in_each_second)


# The service worker


def cached(page: Page) -> dict[str, list[str]]:
    caches: dict[str, list[str]] = page.evaluate(
        """async () => {
            const found = {};
            for (const name of await caches.keys()) {
                const requests = await (await caches.open(name)).keys();
                found[name] = requests.map(({ url }) => new URL(url).pathname).sort();
            }
            return found;
        }"""
    )
    return caches


def test_the_service_worker_keeps_the_static_shell_and_never_a_personal_page(
    phone: Page, siti: Signatory
):
    phone.goto(address_of(siti))
    wait_for_worker(phone)
    phone.goto(address_of(siti))
    fill(phone, siti)
    tap_sign(phone)
    expect(phone.get_by_role("heading", name="Sudah ditandatangani")).to_be_visible()
    phone.goto(f"/a/{siti.event.code}")
    [(name, addresses)] = cached(phone).items()
    assert name.startswith("pakta-")
    assert "/luring" in addresses
    assert all(one == "/luring" or one.startswith("/static/") for one in addresses)
    shell = phone.evaluate("caches.match('/luring').then((found) => found.text())")
    for personal in ("Siti", siti.nip, siti.event.title, siti.event.code, "ticket"):
        assert personal not in shell


def test_an_older_shell_is_deleted(phone: Page, siti: Signatory):
    phone.goto("/verifikasi")
    phone.evaluate("caches.open('pakta-older').then((cache) => cache.put('/x', new Response()))")
    phone.evaluate("caches.open('of-another')")
    phone.goto(address_of(siti))
    wait_for_worker(phone)
    names = sorted(cached(phone))
    assert "pakta-older" not in names
    assert "of-another" in names


@pytest.mark.parametrize("path", ["/s/1-X", "/a/ABC123", "/bukti/1-X", "/meja/"])
def test_offline_a_signers_or_desks_address_shows_the_shell(
    phone: Page, siti: Signatory, problems, path: str
):
    phone.goto(address_of(siti))
    wait_for_worker(phone)
    phone.context.set_offline(True)
    phone.goto(path)
    expect(phone.get_by_role("heading", name="Belum tersambung")).to_be_visible()
    expect(phone.get_by_text("Tidak ada tanda tangan yang menunggu")).to_be_visible()
    problems.clear()


def test_the_shell_loads_the_page_by_itself_when_the_network_is_back(
    hasty: Page, siti: Signatory, problems
):
    hasty.goto(address_of(siti))
    wait_for_worker(hasty)
    hasty.context.set_offline(True)
    hasty.goto(address_of(siti))
    expect(hasty.get_by_role("heading", name="Belum tersambung")).to_be_visible()
    hasty.context.set_offline(False)
    expect(hasty.get_by_role("heading", name="Apakah ini Anda?")).to_be_visible(timeout=15_000)
    problems.clear()


def test_pages_of_organisers_and_the_public_pass_the_service_worker_by(
    phone: Page, siti: Signatory, problems
):
    phone.goto(address_of(siti))
    wait_for_worker(phone)
    from_worker: list[str] = []

    def note(response: Response) -> None:
        if response.from_service_worker:
            from_worker.append(response.url)

    phone.on("response", note)
    for path in ("/", "/verifikasi", "/kelola/", "/akun/masuk", "/segel"):
        phone.goto(path)
        expect(phone.get_by_role("main")).to_be_visible()
    assert [url for url in from_worker if "/static/" not in url] == []
    phone.context.set_offline(True)
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        phone.goto("/kelola/")
    problems.clear()
