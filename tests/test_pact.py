from __future__ import annotations

import dataclasses
import hashlib
import json

import pytest

from pledges import events, pact
from pledges.models import Audience, Event, PactKind
from tests import cast
from tests.cast import City


@pytest.fixture
def text(open_event: Event) -> pact.Pact:
    return pact.of(open_event.pacts.get())


def test_a_frozen_text_holds_every_word_that_is_not_about_the_signer(text: pact.Pact) -> None:
    assert json.loads(text.content) == {
        "version": 1,
        "kind": "individual",
        "audience": "all",
        "title": "Pakta Integritas Netralitas Pegawai ASN",
        "opening": cast.OPENING,
        "points": list(cast.POINTS),
        "closing": cast.CLOSING,
        "legal_bases": list(cast.LEGAL_BASES),
        "letterhead": {
            "agency": "Pemerintah Kota Contoh",
            "address": "Jalan Merdeka Nomor 1",
            "logo": "",
        },
        "event": {
            "title": "Apel dan Penandatanganan Pakta Integritas Netralitas ASN",
            "ceremony": "apel netralitas",
            "election": "Pilkada Serentak Tahun 2024",
            "date": "2024-07-29",
            "venue": "Plaza Balai Kota",
            "city": "Contoh",
            "timezone": "Asia/Jakarta",
            "presiding_name": "Contoh Pimpinan",
            "presiding_position": "Sekretaris Daerah",
            "is_example": False,
        },
    }


def test_the_digest_is_the_sha256_of_the_content(text: pact.Pact) -> None:
    assert text.digest == hashlib.sha256(text.content.encode()).hexdigest()


def test_the_content_is_canonical_json() -> None:
    assert pact.canonical({"b": "ü – “a”", "a": [1, 2]}) == '{"a":[1,2],"b":"ü – “a”"}'


def test_a_text_survives_being_written_and_read(text: pact.Pact) -> None:
    assert pact.load(text.content) == text


def test_a_text_of_an_unknown_version_is_not_guessed_at(text: pact.Pact) -> None:
    with pytest.raises(ValueError, match="unknown version"):
        pact.load(text.content.replace('"version":1', '"version":2'))


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Pakta Lain"},
        {"opening": "Saya:\n{identitas}\nmenyatakan:"},
        {"points": ("Satu.",)},
        {"points": cast.POINTS[::-1]},
        {"closing": ""},
        {"legal_bases": ()},
        {"audience": "asn"},
        {"letterhead": pact.Letterhead("Pemerintah Kota Lain", "Jalan Merdeka Nomor 1", "")},
        {"letterhead": pact.Letterhead("Pemerintah Kota Contoh", "Jalan Merdeka Nomor 1", "x.png")},
    ],
)
def test_a_change_of_any_part_changes_the_digest(
    text: pact.Pact, change: dict[str, object]
) -> None:
    assert dataclasses.replace(text, **change).digest != text.digest  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Acara Lain"},
        {"election": "Pemilu Tahun 2029"},
        {"date": "2024-07-30"},
        {"venue": ""},
        {"city": "Lain"},
        {"timezone": "Asia/Makassar"},
        {"presiding_name": "Lain"},
        {"is_example": True},
    ],
)
def test_a_change_of_any_fact_of_the_event_changes_the_digest(
    text: pact.Pact, change: dict[str, object]
) -> None:
    facts = dataclasses.replace(text.event, **change)  # type: ignore[arg-type]
    assert dataclasses.replace(text, event=facts).digest != text.digest


def test_the_identity_stands_between_two_halves_of_the_opening(text: pact.Pact) -> None:
    assert text.before_identity == "Saya yang bertanda tangan di bawah ini:"
    assert text.after_identity == (
        "dalam rangka Pilkada Serentak Tahun 2024, dengan ini menyatakan:"
    )


def test_a_draft_is_read_from_its_rows_and_a_published_text_from_its_content(
    draft_event: Event,
) -> None:
    row = draft_event.pacts.get()
    row.title = "Judul Baru"
    row.save()
    assert pact.of(row).title == "Judul Baru"
    events.publish(draft_event, by=None)
    row = draft_event.pacts.get()
    row.title = "Diganti di belakang layar"
    assert pact.of(row).title == "Judul Baru"


# Whose text


@pytest.mark.parametrize(
    ("nip", "audience"),
    [
        (cast.SITI, Audience.ASN),
        (cast.BUDI, Audience.ASN),
        (cast.AGUS, Audience.ASN),
        (cast.RAHMAT_NIK, Audience.NON_ASN),
    ],
)
def test_civil_servants_and_others_get_their_own_text(
    city: City, nip: str, audience: Audience
) -> None:
    event = cast.make_draft(city)
    event.pacts.all().delete()
    cast.make_pact(event, kind=PactKind.DECLARATION)
    rows = {a: cast.make_pact(event, audience=a) for a in (Audience.ASN, Audience.NON_ASN)}
    assert pact.texts_of(cast.someone(event, nip)) == [rows[audience]]


def test_a_text_for_all_is_everybodys(open_event: Event) -> None:
    for person in open_event.signatories.all():
        assert pact.texts_of(person) == [open_event.pacts.get()]


def test_somebody_without_a_text_is_told_so(city: City) -> None:
    event = cast.make_draft(city)
    event.pacts.update(audience=Audience.ASN)
    with pytest.raises(pact.NoPactForSignatory, match="belum mempunyai naskah"):
        pact.texts_of(cast.someone(event, cast.RAHMAT_NIK))
