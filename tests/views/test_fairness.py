from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pledges import disputes, identity, marks, signing
from pledges.models import Event, Role, Signature
from pledges.signing import Delivery
from tests import cast
from tests.cast import AGUS, BUDI, DEWI, SITI
from tests.pages import text_of

SHARED = marks.drawn(cast.DRAWING)


def page_of(event: Event) -> str:
    return f"/kelola/acara/{event.code}/kewajaran"


def sign_on_one_device(event: Event, *nips: str) -> list[Signature]:
    return [
        signing.sign(
            cast.ticket_of(person), mark=marks.drawn(f"M{person.number} 0L900 300"),
            consents=range(1, 41), delivery=Delivery(device="ponsel"),
        )
        for person in (cast.someone(event, nip) for nip in nips)
    ]  # fmt: skip


def guess(event: Event) -> None:
    for n in range(5):
        with pytest.raises(identity.WrongCode):
            identity.by_code(event, identifier=f"19800101200501{n:04}", code="AAAAAAAAAA")


@pytest.fixture
def as_overseer(client: Client, overseer: User) -> Client:
    client.force_login(overseer)
    return client


def test_where_nothing_is_unusual_the_page_says_so(as_admin: Client, open_event: Event):
    cast.sign(cast.someone(open_event))

    response = as_admin.get(page_of(open_event))

    assert response.status_code == 200
    assert "Tidak ada yang perlu dilihat lagi." in text_of(response)
    assert "surel kepada penanda tangan: 0 terkirim, 1 menunggu." in text_of(response)


def test_it_shows_people_masked_with_time_and_zone_a_harmless_reason_and_a_way_to_each(
    as_overseer: Client, open_event: Event
):
    signatures = sign_on_one_device(open_event, SITI, BUDI, DEWI, AGUS)

    response = as_overseer.get(page_of(open_event))

    shown = text_of(response)
    assert "4 orang pada satu perangkat" in shown
    assert "Bisa juga satu ponsel dipakai bergantian di ruang guru" in shown
    assert "1980••••••••••2001" in shown
    assert SITI not in shown
    assert "WIB" in shown
    assert "tautan pribadi" in shown
    for signature in signatures:
        link = f'href="/kelola/acara/{open_event.code}/orang/{signature.signatory_id}"'
        assert link in response.content.decode()


def test_one_drawing_for_two_people_is_shown_and_a_voided_one_is_marked(
    as_admin: Client, open_event: Event, admin: User
):
    voided = cast.sign(cast.someone(open_event, SITI), mark=SHARED)
    cast.sign(cast.someone(open_event, BUDI), mark=SHARED)
    signing.void(voided, reason="Bukan orangnya", by=admin)

    shown = text_of(as_admin.get(page_of(open_event)))

    assert "2 orang, satu gambar" in shown
    assert "Nama yang diketik tidak dibandingkan" in shown
    assert shown.count("Dibatalkan") == 1


def test_a_report_of_not_me_is_shown_with_its_words_as_plain_text(
    as_admin: Client, open_event: Event
):
    disputes.report(cast.sign(cast.someone(open_event)), message="Saya cuti. <b>Sungguh</b>")

    response = as_admin.get(page_of(open_event))

    assert "Laporan “Bukan saya” 1" in text_of(response)
    assert "Saya cuti. &lt;b&gt;Sungguh&lt;/b&gt;" in response.content.decode()
    assert "Bisa juga ia lupa sudah menandatangani" in text_of(response)


def test_a_wrong_code_tried_over_many_nips_is_on_the_page_and_on_the_overview(
    as_admin: Client, open_event: Event
):
    guess(open_event)

    assert "satu kode yang sama dicoba pada sedikitnya 5 nomor" in text_of(
        as_admin.get(page_of(open_event))
    )
    overview = text_of(as_admin.get(f"/kelola/acara/{open_event.code}/"))
    assert "Kode yang salah dicoba pada banyak nomor" in overview
    assert "Tidak ada yang dikunci karenanya." in overview


def test_wrong_codes_are_labelled_as_of_the_whole_event(
    client: Client, open_event: Event, city: cast.City
):
    overseer = cast.make_user("dinas@contoh.example", (Role.OVERSEER, city.education))
    client.force_login(overseer)
    guess(open_event)

    shown = text_of(client.get(page_of(open_event)))

    assert "Kode salah pada banyak nomor, di seluruh acara 1" in shown
    assert "Dihitung untuk seluruh acara, bukan per unit." in shown


def test_the_overview_hints_at_the_number_for_admin_and_overseer(
    client: Client, open_event: Event, admin: User, overseer: User
):
    overview = f"/kelola/acara/{open_event.code}/"
    for user in (admin, overseer):
        client.force_login(user)
        assert "untuk dilihat lagi" not in text_of(client.get(overview))
    sign_on_one_device(open_event, SITI, BUDI, DEWI, AGUS)

    for user in (admin, overseer):
        client.force_login(user)
        assert "1 hal untuk dilihat lagi pada Kewajaran" in text_of(client.get(overview))


def test_officers_see_neither_the_page_nor_the_tab_nor_the_number_nor_a_report(
    as_officer: Client, open_event: Event
):
    [siti, *_] = sign_on_one_device(open_event, SITI, BUDI, DEWI, AGUS)
    disputes.report(siti, message="Saya cuti.")
    guess(open_event)

    assert as_officer.get(page_of(open_event)).status_code == 403
    overview = as_officer.get(f"/kelola/acara/{open_event.code}/")
    person = as_officer.get(f"/kelola/acara/{open_event.code}/orang/{siti.signatory_id}")
    assert (overview.status_code, person.status_code) == (200, 200)
    for page in (overview, person):
        assert "Kewajaran" not in text_of(page)
        assert "dilihat lagi" not in text_of(page)
        assert "Kode yang salah" not in text_of(page)
        assert "Saya cuti." not in text_of(page)


def test_an_outsider_learns_nothing(client: Client, open_event: Event, outsider: User):
    client.force_login(outsider)
    assert client.get(page_of(open_event)).status_code == 404


def test_an_overseer_of_a_department_sees_the_signals_among_its_people(
    client: Client, open_event: Event, city: cast.City
):
    overseer = cast.make_user("dinas@contoh.example", (Role.OVERSEER, city.education))
    client.force_login(overseer)
    cast.sign(cast.someone(open_event, SITI), mark=SHARED)
    cast.sign(cast.someone(open_event, BUDI), mark=SHARED)
    assert "Tidak ada yang perlu dilihat lagi." in text_of(client.get(page_of(open_event)))

    cast.sign(cast.someone(open_event, AGUS), mark=SHARED)

    shown = text_of(client.get(page_of(open_event)))
    assert "2 orang, satu gambar" in shown
    assert "Budi" not in shown


def test_a_draft_has_no_signals(as_admin: Client, draft_event: Event):
    response = as_admin.get(page_of(draft_event))
    assert response["Location"] == f"/kelola/acara/{draft_event.code}/"
    overview = text_of(as_admin.get(f"/kelola/acara/{draft_event.code}/"))
    assert "Kewajaran" not in overview


def test_the_report_is_on_the_persons_page_for_the_admin(as_admin: Client, open_event: Event):
    signature = cast.sign(cast.someone(open_event))
    disputes.report(signature, message="Saya cuti.")

    shown = text_of(as_admin.get(f"/kelola/acara/{open_event.code}/orang/{signature.signatory_id}"))

    assert "Laporan “Bukan saya”" in shown
    assert "Saya cuti." in shown


def test_the_page_takes_the_same_queries_for_few_and_for_many(as_admin: Client, open_event: Event):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert as_admin.get(page_of(open_event)).status_code == 200
        return len(asked)

    disputes.report(cast.sign(cast.someone(open_event, SITI), mark=SHARED))
    cast.sign(cast.someone(open_event, BUDI), mark=SHARED)
    few = queries()
    disputes.report(cast.sign(cast.someone(open_event, DEWI), mark=SHARED))
    cast.sign(cast.someone(open_event, AGUS), mark=SHARED)

    assert queries() == few
