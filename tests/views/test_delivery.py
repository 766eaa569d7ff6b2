from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from django.core import signing as signed_text
from django.test import Client
from django.utils import timezone

from pledges import declaration, events, identity, signing, waves
from pledges.identity import Ticket
from pledges.models import AuditEntry, Event, Part, Signatory, Signature
from tests import cast
from tests.cast import City
from tests.envelopes import seal

ADDRESS = "/kirim"


def entry_of(person: Signatory, **fields: object) -> dict[str, Any]:
    """What the page of this person holds when everything is ticked and drawn."""
    ticket = cast.ticket_of(person)
    points = sum(len(text.points) for text in signing.texts_of(ticket, person))
    return {
        "ticket": ticket.seal(),
        "kind": "drawn",
        "path": cast.DRAWING,
        "typed": "",
        "consents": [str(number) for number in range(1, points + 1)],
        "claimed_at": timezone.now().isoformat(),
        "device": "c0ffee",
        **fields,
    }


def post(client: Client, content: object):
    return client.post(ADDRESS, json.dumps(content), content_type="application/json")


def deliver(client: Client, entry: object, *, is_kept: bool = False):
    return post(client, {"envelope": seal(entry), "is_kept": is_kept})


def receipt_of(signature: Signature) -> str:
    return f"/bukti/{identity.receipt_token(signature)}"


def statement_of(signature: Signature) -> dict[str, Any]:
    statement: dict[str, Any] = json.loads(signature.statement)
    return statement


# Signed


def test_a_delivered_envelope_signs_and_is_answered_with_the_receipt(
    client: Client, siti: Signatory
):
    response = deliver(client, entry_of(siti))
    signature = Signature.objects.get()
    assert response.status_code == 200
    assert response.json() == {
        "state": "signed",
        "receipt": receipt_of(signature),
        "code": signature.verification_code,
    }
    assert signature.signatory == siti
    assert signature.mark == f"drawn:{cast.DRAWING}"


def test_the_endpoint_needs_no_cookie_and_sets_none_and_is_kept_by_no_cache(siti: Signatory):
    client = Client(enforce_csrf_checks=True)
    response = deliver(client, entry_of(siti))
    assert response.status_code == 200
    assert not client.cookies
    assert "no-store" in response["Cache-Control"]


def test_a_browser_that_cannot_seal_delivers_the_entry_itself(client: Client, siti: Signatory):
    response = post(client, {"entry": entry_of(siti, kind="typed", path="", typed="Siti Aminah")})
    assert response.json()["state"] == "signed"
    assert Signature.objects.get().mark == "typed:Siti Aminah"


def test_an_entry_that_was_not_kept_is_not_sent_later(client: Client, siti: Signatory):
    claimed = timezone.now() - timedelta(hours=2)
    deliver(client, entry_of(siti, claimed_at=claimed.isoformat()))
    signature = Signature.objects.get()
    assert not signature.is_sent_later
    assert statement_of(signature)["is_sent_later"] is False


def test_a_kept_entry_is_labelled_as_sent_later_with_the_servers_time_and_the_claimed_one(
    client: Client, siti: Signatory
):
    claimed = timezone.now() - timedelta(hours=2)
    before = timezone.now()
    deliver(client, entry_of(siti, claimed_at=claimed.isoformat()), is_kept=True)
    signature = Signature.objects.get()
    statement = statement_of(signature)
    assert signature.is_sent_later
    assert statement["is_sent_later"] is True
    assert statement["claimed_at"] == claimed.astimezone(UTC).isoformat()
    assert before <= signature.signed_at <= timezone.now()


def test_a_replayed_envelope_gives_the_same_receipt_and_no_second_signature(
    client: Client, siti: Signatory
):
    content = {"envelope": seal(entry_of(siti)), "is_kept": False}
    once, twice = post(client, content), post(client, content)
    late = post(client, content | {"is_kept": True})
    assert once.json() == twice.json() == late.json()
    assert not Signature.objects.get().is_sent_later
    assert AuditEntry.objects.filter(action="signature.sign").count() == 1


def test_who_signed_elsewhere_meanwhile_gets_the_receipt_of_that(client: Client, siti: Signatory):
    entry = entry_of(siti)
    signature = cast.sign(siti)
    assert deliver(client, entry, is_kept=True).json()["receipt"] == receipt_of(signature)


def test_a_representative_signs_both_texts_with_one_delivery(client: Client, city: City):
    siti = cast.someone(cast.make_open_ceremony(city))
    response = deliver(client, entry_of(siti))
    own, declared = Signature.objects.order_by("-pact__kind")
    assert response.json()["receipt"] == receipt_of(own)
    assert (own.pact.kind, declared.pact.kind) == ("individual", "declaration")
    assert own.mark == declared.mark == f"drawn:{cast.DRAWING}"


def test_a_kept_pledge_of_a_representative_counts_though_the_declaration_is_complete_by_then(
    client: Client, city: City
):
    event = cast.make_open_ceremony(city)
    siti = cast.someone(event)
    entry = entry_of(siti)
    people = event.signatories.with_part().exclude(pk=siti.pk)
    for person in people.select_related("event__agency", "unit"):
        cast.sign(person)
    declaration.close(event, by=None)
    assert deliver(client, entry, is_kept=True).json()["state"] == "signed"
    assert [one.pact.kind for one in siti.signatures.all()] == ["individual"]


# Clocks


@pytest.mark.parametrize("days", [-1, 1, -20_000])
def test_a_clock_that_is_wrong_by_a_day_changes_nothing_but_the_claimed_time(
    client: Client, siti: Signatory, days: int
):
    claimed = timezone.now() + timedelta(days=days)
    before = timezone.now()
    deliver(client, entry_of(siti, claimed_at=claimed.isoformat()), is_kept=True)
    signature = Signature.objects.get()
    assert before <= signature.signed_at <= timezone.now()
    assert not signature.is_late
    assert statement_of(signature)["claimed_at"] == claimed.astimezone(UTC).isoformat()


def test_a_clock_in_another_zone_is_recorded_in_utc(client: Client, siti: Signatory):
    deliver(client, entry_of(siti, claimed_at="2024-07-29T08:00:00+09:00"))
    assert statement_of(Signature.objects.get())["claimed_at"] == "2024-07-28T23:00:00+00:00"


@pytest.mark.parametrize(
    "claimed",
    [
        None, "", "yesterday", 17, [], {}, "2024-02-30T00:00:00Z", "2024-07-29T08:00:00",
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "\x00", "1" * 5000,
    ],
)  # fmt: skip
def test_a_claimed_time_that_is_none_is_left_out(client: Client, siti: Signatory, claimed: object):
    response = deliver(client, entry_of(siti, claimed_at=claimed))
    assert response.json()["state"] == "signed"
    assert statement_of(Signature.objects.get())["claimed_at"] is None


def test_the_time_an_entry_was_kept_does_not_make_it_early_after_the_deadline(
    client: Client, siti: Signatory
):
    entry = entry_of(siti, claimed_at=(timezone.now() - timedelta(days=2)).isoformat())
    Event.objects.update(deadline=timezone.now() - timedelta(days=1))
    deliver(client, entry, is_kept=True)
    assert Signature.objects.get().is_late


# Devices


def test_one_device_is_known_within_an_event_and_not_beyond_it(client: Client, city: City):
    one, other = cast.make_open(city), cast.make_open(city)
    for person in (cast.someone(one), cast.someone(one, cast.BUDI), cast.someone(other)):
        deliver(client, entry_of(person))
    first, second, elsewhere = Signature.objects.values_list("device", flat=True)
    assert first == second != elsewhere
    assert "c0ffee" not in first


@pytest.mark.parametrize("device", [None, "", 0, [], "\x00", "x" * 5000])
def test_a_strange_device_number_hinders_nobody(client: Client, siti: Signatory, device: object):
    assert deliver(client, entry_of(siti, device=device)).json()["state"] == "signed"


# Later


def test_an_entry_for_a_closed_event_is_to_be_kept_and_goes_in_when_it_reopens(
    client: Client, siti: Signatory
):
    entry = entry_of(siti)
    events.close(siti.event, by=None)
    response = deliver(client, entry)
    assert response.status_code == 409
    assert response.json() == {
        "state": "later",
        "message": "Penandatanganan untuk acara ini sudah ditutup. Tanda tangan Anda tetap "
        "tersimpan di sini dan masuk sendiri bila acara dibuka kembali.",
    }
    assert not Signature.objects.exists()
    events.reopen(siti.event, by=None)
    assert deliver(client, entry, is_kept=True).json()["state"] == "signed"
    assert Signature.objects.get().is_sent_later


def test_an_entry_for_an_event_that_is_a_draft_again_waits_for_the_same_text(
    client: Client, siti: Signatory
):
    entry = entry_of(siti)
    events.unpublish(siti.event, by=None)
    response = deliver(client, entry)
    assert response.json()["state"] == "later"
    assert "belum dibuka" in response.json()["message"]
    events.publish(siti.event, by=None)
    assert deliver(client, entry, is_kept=True).json()["state"] == "signed"


def test_an_entry_of_somebody_whose_turn_has_not_come_goes_in_when_the_wave_opens(
    client: Client, city: City
):
    event = cast.make_draft(city)
    first, second = waves.Definition("Eselon II", ("II",)), waves.Definition("Semua")
    waves.define(event, [first, second], by=None)
    siti = cast.someone(events.publish(event, by=None))
    entry = entry_of(siti)
    waves.open_next(event, 1, by=None)
    response = deliver(client, entry)
    assert response.json()["state"] == "later"
    assert response.json()["message"].startswith("Giliran Anda adalah gelombang 2")
    waves.open_next(event, 2, by=None)
    assert deliver(client, entry, is_kept=True).json()["state"] == "signed"


# Refused


def test_a_forged_ticket_is_refused(client: Client, siti: Signatory):
    ticket = cast.ticket_of(siti).seal()
    for forged in ("", "x", ticket[:-1], "x" + ticket[1:], None, 7, [ticket], {"a": 1}):
        response = deliver(client, entry_of(siti, ticket=forged))
        assert response.status_code == 403
        assert response.json()["state"] == "refused"
    assert not Signature.objects.exists()


def test_a_ticket_signed_for_another_purpose_is_refused(client: Client, siti: Signatory):
    values = {"signatory": siti.pk, "digests": [], "method": "personal_link"}
    for salt in ("pledges.ticket", "pledges.other"):
        forged = signed_text.dumps(values, salt=salt, compress=True)
        assert deliver(client, entry_of(siti, ticket=forged)).json()["state"] == "refused"


def test_a_stale_ticket_whose_links_were_replaced_is_refused(client: Client, siti: Signatory):
    entry = entry_of(siti)
    Signatory.objects.update(generation=2)
    response = deliver(client, entry, is_kept=True)
    assert response.status_code == 403
    assert response.json()["state"] == "refused"
    assert "tautan Anda sudah diganti" in response.json()["message"]


def test_what_can_never_be_signed_is_refused_and_not_to_be_mended_first(
    client: Client, siti: Signatory
):
    entry = entry_of(siti, path="")
    assert deliver(client, entry).json()["state"] == "invalid"
    Signatory.objects.update(generation=2)

    assert deliver(client, entry).json()["state"] == "refused"


def test_an_entry_older_than_a_void_is_refused(client: Client, siti: Signatory):
    entry = entry_of(siti)
    signing.void(cast.sign(siti), reason="Salah orang", by=None)
    response = deliver(client, entry, is_kept=True)
    assert response.json()["state"] == "refused"
    assert "dibatalkan sesudahnya" in response.json()["message"]
    assert not Signature.objects.live().exists()
    assert deliver(client, entry_of(siti)).json()["state"] == "signed"


def test_an_entry_of_somebody_who_was_taken_off_the_roster_is_refused(
    client: Client, siti: Signatory
):
    entry = entry_of(siti)
    Signatory.objects.update(withdrawn_at=timezone.now())
    assert deliver(client, entry).json()["state"] == "refused"


def test_an_entry_with_another_text_than_the_published_one_is_refused(
    client: Client, siti: Signatory
):
    entry = entry_of(siti)
    events.unpublish(siti.event, by=None)
    siti.event.pacts.get().points.filter(number=4).update(text="Menolak politik uang.")
    events.publish(siti.event, by=None)
    response = deliver(client, entry, is_kept=True)
    assert response.json()["state"] == "refused"
    assert "baca naskah yang baru" in response.json()["message"]
    assert not Signature.objects.exists()


def test_a_ticket_with_the_digest_of_another_events_text_is_refused(client: Client, city: City):
    siti = cast.someone(cast.make_open(city))
    other = cast.make_open(city, points=["Menolak politik uang."])
    ticket = replace(cast.ticket_of(siti), digests=(other.pacts.get().digest,))
    response = deliver(client, entry_of(siti, ticket=ticket.seal()))
    assert response.json()["state"] == "refused"
    assert not Signature.objects.exists()


def test_a_ticket_of_one_event_signs_nothing_at_another(client: Client, city: City):
    here, there = cast.someone(cast.make_open(city)), cast.someone(cast.make_open(city))
    deliver(client, entry_of(here))
    assert Signature.objects.get().signatory == here
    assert not there.signatures.exists()


def test_a_ticket_that_names_nobody_is_refused(client: Client, siti: Signatory):
    nobody = Ticket.seal(replace(cast.ticket_of(siti), signatory=siti.pk + 1000))
    assert deliver(client, entry_of(siti, ticket=nobody)).json()["state"] == "refused"


def test_a_representative_without_a_text_left_to_sign_is_refused_with_the_reason(
    client: Client, city: City
):
    event = cast.make_open_ceremony(city)
    witness = cast.outsider_of(event)
    entry = entry_of(witness)
    cast.sign(cast.someone(event, cast.DEWI))
    declaration.close(event, by=None)
    assert witness.part == Part.WITNESS
    response = deliver(client, entry, is_kept=True)
    assert response.json()["state"] == "refused"
    assert "Deklarasi bersama sudah ditutup" in response.json()["message"]


# Unreadable


@pytest.mark.parametrize(
    "body",
    [
        b"", b"x", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 90_000, b"{}",
        b'{"envelope": null}', b'{"envelope": 3}', b'{"envelope": "x"}',
        b'{"envelope": "\xc3\xa9"}', b'{"entry": []}', b'{"entry": "x"}',
        # Half of a surrogate pair.
        b'{"entry": {"ticket": "a:\\ud800:b"}}', b'{"entry": {"ticket": "", "device": "\\ud800"}}',
    ],
)  # fmt: skip
def test_what_is_no_delivery_is_refused_in_words(client: Client, db: None, body: bytes):
    response = client.post(ADDRESS, body, content_type="application/json")
    assert response.status_code == 400
    assert response.json()["state"] == "refused"
    assert "tidak terbaca oleh server" in response.json()["message"]


def test_an_envelope_that_was_damaged_on_the_way_is_refused(client: Client, siti: Signatory):
    envelope = seal(entry_of(siti))
    for damaged in (envelope[:-4], "AAAA" + envelope[4:], envelope + "AAAA"):
        assert post(client, {"envelope": damaged}).json()["state"] == "refused"
    assert not Signature.objects.exists()


def test_a_delivery_that_is_too_big_is_refused_before_it_is_read(client: Client, siti: Signatory):
    for size in (100_000, 2_000_000):
        response = post(client, {"envelope": "A" * size})
        assert (response.status_code, response.json()["state"]) == (400, "refused")


def test_the_most_complex_mark_that_is_accepted_fits(client: Client, siti: Signatory):
    points = "L1000 399L999 400" * 1990
    response = deliver(client, entry_of(siti, path=f"M1000 400{points}"))
    assert response.json()["state"] == "signed"


# Invalid


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"consents": ["1", "3"]}, "Belum semua butir dinyatakan."),
        ({"consents": None}, "Belum semua butir dinyatakan."),
        ({"path": ""}, "Bidang tanda tangan masih kosong."),
        ({"path": "M0 0" + "L10 10L0 0" * 5000}, "Gambar tanda tangan terlalu rumit."),
        ({"path": {"x": 1}}, "Gambar tanda tangan tidak terbaca."),
        ({"kind": "typed"}, "Ketik nama lengkap Anda"),
        ({"kind": "typed", "typed": "Siti 😀"}, "Tanda “😀” tidak dapat dicetak"),
    ],
)
def test_a_mark_or_ticks_that_need_mending_are_answered_in_words(
    client: Client, siti: Signatory, fields: dict[str, object], message: str
):
    response = deliver(client, entry_of(siti, **fields))
    assert response.status_code == 400
    assert response.json()["state"] == "invalid"
    assert message in response.json()["message"]
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [{"kind": ""}, {"kind": []}, {"consents": "1234"}, {"consents": [[1]]}, {"consents": {"1": 2}}],
)
def test_an_entry_of_another_shape_is_invalid(
    client: Client, siti: Signatory, fields: dict[str, object]
):
    assert deliver(client, entry_of(siti, **fields)).json()["state"] == "invalid"
    assert not Signature.objects.exists()


def test_opening_the_address_is_not_allowed(client: Client, db: None):
    assert client.get(ADDRESS).status_code == 405
