from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from pledges import desks, events, identity
from pledges.models import Desk, Event, Membership, Role, Signature, Way
from tests import cast
from tests.cast import AGUS, BUDI, SITI, City
from tests.envelopes import seal
from tests.pages import text_of
from tests.test_roles import ROWS

PIN = "481926"


@pytest.fixture
def event(city: City) -> Event:
    return cast.make_open(city, ways=[Way.SLIP, Way.DESK])


@pytest.fixture
def desk(event: Event, city: City, officer: User) -> Desk:
    return desks.start(event, city.education, pin=PIN, by=officer)


@pytest.fixture
def at_desk(event: Event, city: City, as_officer: Client) -> Client:
    """The device, after the officer has opened a desk on it."""
    start(as_officer, event, unit=city.education.pk)
    cache.clear()  # of wrong passwords
    return as_officer


def start(client: Client, event: Event, **changes: object) -> Any:
    data = {"pin": PIN, "pin_again": PIN} | changes
    return client.post(f"/kelola/acara/{event.code}/meja", data)


def attest(client: Client, number: int, pin: str = PIN) -> Any:
    return client.post("/meja/periksa", {"person": number, "pin": pin})


def entry(**proof: str) -> dict[str, Any]:
    return {
        **proof, "kind": "drawn", "path": cast.DRAWING, "typed": "",
        "consents": ["1", "2", "3", "4"], "claimed_at": "2024-07-29T01:02:03.000Z",
    }  # fmt: skip


def deliver(content: dict[str, Any], *, is_kept: bool = False) -> Any:
    body = {"envelope": seal(content), "is_kept": is_kept}
    return Client().post("/kirim", json.dumps(body), content_type="application/json")


# Opening


def test_an_officer_opens_a_desk_for_a_unit(as_officer: Client, event: Event, city: City):
    page = as_officer.get(f"/kelola/acara/{event.code}/meja")
    response = start(as_officer, event, unit=city.school.pk)

    assert "Buka meja petugas di perangkat ini" in text_of(page)
    assert response["Location"] == "/meja/"
    assert Desk.objects.get().unit == city.school


def test_opening_a_desk_ends_the_officers_own_session(as_officer: Client, event: Event, city: City):
    before = as_officer.session.session_key
    start(as_officer, event, unit=city.school.pk)

    assert as_officer.session.session_key != before
    assert set(as_officer.session.keys()) == {"desk", "_session_expiry"}
    assert "_auth_user_id" not in as_officer.session


@pytest.mark.parametrize(
    ("pin", "again", "problem"),
    [
        ("48192", "48192", "PIN terdiri atas 6 angka"),
        ("48192x", "48192x", "PIN terdiri atas 6 angka"),
        ("111111", "111111", "terlalu mudah ditebak"),
        ("234567", "234567", "terlalu mudah ditebak"),
        (PIN, "481927", "Kedua PIN tidak sama"),
        ("", "", "Isi PIN"),
    ],
)
def test_a_pin_that_will_not_do_opens_nothing(
    as_officer: Client, event: Event, city: City, pin: str, again: str, problem: str
):
    response = start(as_officer, event, unit=city.school.pk, pin=pin, pin_again=again)

    assert response.status_code == 422
    assert problem in text_of(response)
    assert not Desk.objects.exists()


def test_a_pin_is_never_written_back_into_the_page(as_officer: Client, event: Event):
    response = start(as_officer, event, unit="")

    assert PIN not in response.content.decode()


def test_an_officer_opens_no_desk_for_another_unit(as_officer: Client, event: Event, city: City):
    response = start(as_officer, event, unit=city.clinic.pk)

    assert response.status_code == 422
    assert not Desk.objects.exists()


def test_a_unit_with_more_people_than_one_desk_serves_is_refused(
    as_officer: Client, event: Event, city: City, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(desks, "MOST_PEOPLE", 2)
    response = start(as_officer, event, unit=city.education.pk)

    assert "Unit ini mempunyai 3 orang" in text_of(response)
    assert not Desk.objects.exists()
    assert start(as_officer, event, unit=city.school.pk)["Location"] == "/meja/"


def test_an_outsider_opens_no_desk(client: Client, outsider: User, event: Event, city: City):
    client.force_login(outsider)

    assert start(client, event, unit=city.school.pk).status_code == 404


def test_an_overseer_opens_no_desk(client: Client, overseer: User, event: Event, city: City):
    client.force_login(overseer)

    assert start(client, event, unit=city.school.pk).status_code == 403


def test_a_desk_is_not_opened_at_an_event_without_desks_or_that_is_closed(
    as_officer: Client, city: City
):
    for event, reason in (
        (cast.make_open(city), "tidak memakai meja petugas"),
        (cast.make_closed(city, ways=[Way.SLIP, Way.DESK]), "selama acaranya dibuka"),
    ):
        start(as_officer, event, unit=city.school.pk)
        assert reason in text_of(as_officer.get(f"/kelola/acara/{event.code}/"))
    assert not Desk.objects.exists()


def test_the_events_page_offers_a_desk_where_the_event_does(as_officer: Client, city: City):
    offered = {
        event.code: "Buka meja" in text_of(as_officer.get(f"/kelola/acara/{event.code}/"))
        for event in (cast.make_open(city), cast.make_open(city, ways=[Way.DESK]))
    }

    assert list(offered.values()) == [False, True]


# What the device reaches

REACHED = {
    "desk:page", "desk:unlock", "desk:attest", "desk:receipt_qr", "desk:leave",
    "signer:logo", "signer:deliver", "signer:worker", "signer:shell",
}  # fmt: skip


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_device_on_a_desk_reaches_desk_pages_only(at_desk: Client, event: Event, method: str):
    guesses: defaultdict[str, str] = defaultdict(
        lambda: "1", event=event.code, certificate="0" * 64, logo="0" * 64
    )
    reached = {
        row.route
        for row in ROWS
        if getattr(at_desk, method)(row.path.format_map(guesses)).headers.get("Location")
        != "/meja/"
    }

    assert reached <= REACHED
    assert reached >= {"desk:page", "desk:leave"}
    assert "desk" in at_desk.session


def test_the_page_names_nobody_before_the_pin(at_desk: Client):
    page = at_desk.get("/meja/").content.decode()

    assert "Menjaga dan menegakkan prinsip netralitas" in page
    for name in ("Siti", "Agus", "Dewi", SITI, AGUS):
        assert name not in page


def test_no_cache_keeps_the_desks_pages(at_desk: Client):
    for response in (
        at_desk.get("/meja/"),
        at_desk.post("/meja/buka", {"pin": PIN}),
        at_desk.get("/meja/selesai"),
    ):
        assert response["Cache-Control"] == "no-store"
        assert "script-src 'self'" in response["Content-Security-Policy"]


def test_a_device_without_a_desk_is_told_where_one_is_opened(client: Client, as_admin: Client):
    for visitor in (Client(), as_admin):
        for path in ("/meja/", "/meja/selesai", "/meja/bukti/1-0.svg"):
            response = visitor.get(path)
            assert response.status_code == 403
            assert "Tidak ada meja di perangkat ini" in text_of(response)


# The list


def test_the_pin_opens_the_list_of_the_units_people_with_masked_numbers(at_desk: Client):
    answer = at_desk.post("/meja/buka", {"pin": PIN}).json()

    assert [person["name"] for person in answer["people"]] == [
        "Agus", "Dr. Dewi Lestari, S.Pd., M.Pd.", "Siti Aminah, S.Pd.",
    ]  # fmt: skip
    siti = answer["people"][2]
    assert siti["number"] == "NIP 1980••••••••••2001"
    assert siti["identity"] == [
        ["Nama", "Siti Aminah, S.Pd."],
        ["NIP", "1980••••••••••2001"],
        ["Pangkat/Golongan", "Penata, III/c"],
        ["Jabatan", "Guru Kelas"],
        ["Unit Kerja", "SDN 1 Contoh, Dinas Pendidikan"],
    ]
    assert SITI not in json.dumps(answer)


def test_a_wrong_pin_opens_no_list_and_the_fifth_locks_the_desk(at_desk: Client):
    answers = [at_desk.post("/meja/buka", {"pin": "000001"}) for _ in range(5)]
    answers.append(at_desk.post("/meja/buka", {"pin": PIN}))

    assert [answer.status_code for answer in answers] == [409] * 6
    reasons = [answer.json()["reason"] for answer in answers]
    assert reasons == ["pin"] * 4 + ["locked"] * 2
    assert "akhiri" in answers[-1].json()["problem"]


@pytest.mark.parametrize("pin", ["", "12345", "abcdef"])
def test_what_is_no_pin_counts_as_none(at_desk: Client, pin: str):
    assert at_desk.post("/meja/buka", {"pin": pin}).status_code == 409
    assert Desk.objects.get().pin_failures == 0


def test_another_site_cannot_try_pins(event: Event, desk: Desk, at_desk: Client):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = at_desk.cookies

    assert strict.post("/meja/buka", {"pin": PIN}).status_code == 403


def test_the_list_says_whose_turn_it_is(at_desk: Client, event: Event):
    event.signatories.filter(nip=AGUS).update(wave=2)
    answer = at_desk.post("/meja/buka", {"pin": PIN}).json()

    assert answer["open_wave"] == 1
    assert {person["name"]: person["wave"] for person in answer["people"]}["Agus"] == 2


# Attestation


def test_the_pin_attests_a_person_who_then_signs(at_desk: Client, event: Event):
    siti = cast.someone(event, SITI)
    answer = attest(at_desk, siti.pk).json()

    assert answer["number"] == f"NIP {SITI}"
    assert deliver(entry(ticket=answer["ticket"])).json()["state"] == "signed"
    signature = Signature.objects.get()
    assert (signature.signatory, signature.method, signature.is_sent_later) == (siti, "desk", False)


def test_a_person_of_another_unit_is_not_attested(at_desk: Client, event: Event):
    answer = attest(at_desk, cast.someone(event, BUDI).pk)

    assert answer.status_code == 409
    assert answer.json()["reason"] == "refused"


def test_the_answer_says_that_somebody_has_signed_elsewhere(at_desk: Client, event: Event):
    siti = cast.someone(event, SITI)
    cast.sign(siti)

    assert attest(at_desk, siti.pk).json()["reason"] == "signed"


def test_a_form_that_is_not_filled_in_attests_nobody(at_desk: Client):
    assert at_desk.post("/meja/periksa", {"pin": PIN}).json()["reason"] == "pin"


def test_the_receipt_is_shown_as_a_qr_code_to_whoever_has_its_address(
    at_desk: Client, event: Event
):
    token = identity.receipt_token(cast.sign(cast.someone(event, SITI)))
    picture = at_desk.get(f"/meja/bukti/{token}.svg")

    assert picture["Content-Type"] == "image/svg+xml"
    assert b'xmlns="http://www.w3.org/2000/svg"' in picture.content
    assert at_desk.get("/meja/bukti/1-0000.svg").status_code == 404


# An end


def told(desk: Desk, event: Event, /, **changes: object) -> str:
    siti = cast.someone(event, SITI)
    return seal(
        {
            "desk": desks.token(desk), "person": siti.pk, "pin": PIN, "nonce": "1",
            "digests": [event.pacts.get().digest], "generation": 1, "voids": 0,
        } | changes
    )  # fmt: skip


def test_a_forged_or_foreign_desk_token_is_refused_for_good(
    desk: Desk, event: Event, city: City, admin: User
):
    foreign = desks.start(event, city.health, pin=PIN, by=admin)
    for token in ("1-000", desks.token(foreign)):
        answer = deliver(entry(attestation=told(desk, event, desk=token)), is_kept=True)
        assert answer.json()["state"] == "refused"
    assert not Signature.objects.exists()


def test_what_arrives_after_closing_stays_on_the_device_and_goes_in_when_reopened(
    desk: Desk, event: Event
):
    events.close(event, by=None)
    first = deliver(entry(attestation=told(desk, event)), is_kept=True)
    events.reopen(event, by=None)
    second = deliver(entry(attestation=told(desk, event)), is_kept=True)

    assert first.json()["state"] == "later"
    assert "acara dibuka kembali" in first.json()["message"]
    assert second.json()["state"] == "signed"
    assert Signature.objects.get().is_sent_later


def test_what_waited_is_told_to_the_device_without_a_receipt(desk: Desk, event: Event):
    answer = deliver(entry(attestation=told(desk, event)), is_kept=True).json()

    assert answer == {"state": "signed", "receipt": "", "code": ""}


def test_what_waits_stays_on_the_device_while_its_officer_has_no_role(desk: Desk, event: Event):
    role = Membership.objects.get(user=desk.officer)
    role.delete()
    first = deliver(entry(attestation=told(desk, event)), is_kept=True)
    Membership.objects.create(user=desk.officer, agency=role.agency, role=Role.OFFICER)
    second = deliver(entry(attestation=told(desk, event)), is_kept=True)

    assert first.json()["state"] == "later"
    assert "tidak lagi bertugas" in first.json()["message"]
    assert second.json()["state"] == "signed"


def test_a_desks_ticket_signs_nothing_where_nobody_asks_whether_its_officer_still_serves(
    at_desk: Client, event: Event
):
    """Somebody attested in advance, by an officer who is one no more."""
    ticket = attest(at_desk, cast.someone(event, SITI).pk).json()["ticket"]
    Membership.objects.all().delete()

    response = Client().post("/tandatangan", entry(ticket=ticket))

    assert response.status_code == 403
    assert deliver(entry(ticket=ticket)).json()["state"] == "later"
    assert not Signature.objects.exists()


def test_a_desk_that_was_ended_says_so_and_forgets_itself(at_desk: Client, officer: User):
    desks.end(Desk.objects.get(), by=officer)
    page = at_desk.get("/meja/")

    assert page.status_code == 403
    assert "Meja ini sudah diakhiri" in text_of(page)
    assert "desk" not in at_desk.session


@pytest.mark.parametrize("lost", ["role", "account"])
def test_a_desk_whose_officer_is_one_no_more_is_over(at_desk: Client, officer: User, lost: str):
    if lost == "role":
        Membership.objects.filter(user=officer).delete()
    else:
        User.objects.filter(pk=officer.pk).update(is_active=False)

    assert at_desk.post("/meja/buka", {"pin": PIN}).status_code == 403


def test_the_desk_of_a_closed_event_says_so_and_waits(at_desk: Client, event: Event):
    siti = cast.someone(event, SITI)
    events.close(event, by=None)
    page = at_desk.get("/meja/")

    assert page.status_code == 403
    assert "Penandatanganan sedang tidak dibuka" in text_of(page)
    assert attest(at_desk, siti.pk).json()["reason"] == "refused"
    events.reopen(event, by=None)
    assert at_desk.get("/meja/").status_code == 200


# Leaving


def test_leaving_asks_the_officers_password_and_leads_back_to_the_event(
    at_desk: Client, event: Event, officer: User
):
    assert "Kata sandi Anda" in text_of(at_desk.get("/meja/selesai"))
    response = at_desk.post("/meja/selesai", {"password": cast.PASSWORD})

    assert response["Location"] == f"/kelola/acara/{event.code}/"
    assert Desk.objects.get().ended_at is not None
    assert at_desk.session["_auth_user_id"] == str(officer.pk)
    assert "desk" not in at_desk.session


@pytest.mark.parametrize("password", ["", "salah", PIN])
def test_without_the_password_the_desk_goes_on(at_desk: Client, password: str):
    response = at_desk.post("/meja/selesai", {"password": password})

    assert response.status_code == 422
    assert Desk.objects.get().ended_at is None
    assert at_desk.get("/meja/").status_code == 200


def test_another_users_password_does_not_end_the_desk(at_desk: Client, admin: User):
    admin.set_password("sandi-yang-lain-2024")
    admin.save()

    assert at_desk.post("/meja/selesai", {"password": "sandi-yang-lain-2024"}).status_code == 422


def test_passwords_cannot_be_tried_without_end(at_desk: Client):
    for _ in range(10):
        at_desk.post("/meja/selesai", {"password": "salah"})
    response = at_desk.post("/meja/selesai", {"password": cast.PASSWORD})

    assert "Terlalu banyak percobaan" in text_of(response)
    assert Desk.objects.get().ended_at is None
