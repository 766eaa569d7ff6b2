"""Sheets to be signed with a pen: what stands on them, whose they are, one page each."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from pledges import events, signing
from pledges.demo.sources import SOURCES
from pledges.models import AuditEntry, Event, Excuse, Signatory
from pledges.paper import reading, sheets
from pledges.paper.sheets import NoSuchPart, NotPrinted
from tests import cast
from tests.cast import AGUS, BUDI, POINTS, RAHMAT_NIK, SITI, City
from tests.pdfs import page_count, words
from tests.photographs import address_of, pages_of, text_of


def print_all(event: Event, **options) -> bytes:
    return sheets.print_part(event, event.signatories.all(), by=None, **options)


def test_a_sheet_holds_the_frozen_text_the_persons_data_and_an_empty_place(siti):
    text = words(sheets.print_one(siti, by=None))

    for told in (
        *POINTS,
        "Siti Aminah, S.Pd.",
        f"NIP {SITI}",
        "SDN 1 Contoh, Dinas Pendidikan",
        "Dengan tanda tangan di bawah ini saya menyatakan setiap butir, 1 sampai 4, di atas.",
        "Lembar tanda tangan basah",
        f"Sidik naskah {text_of(siti.event).digest[:8]}",
        "tidak dapat dipakai untuk menandatangani secara elektronik",
    ):
        assert told in text
    assert "Disegel" not in text


def test_each_sheet_has_the_code_of_its_own_person(open_event):
    people = open_event.signatories.order_by("unit__path", "name", "pk")

    found = [reading.codes_in(page) for page in pages_of(print_all(open_event), width=1200)]

    assert found == [{address_of(person)} for person in people]


def test_a_nik_is_masked_on_a_sheet_as_on_a_pact(open_event):
    text = words(sheets.print_one(cast.someone(open_event, RAHMAT_NIK), by=None))

    assert "3273••••••••••01" in text
    assert RAHMAT_NIK not in text


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.key)
def test_a_sheet_of_each_of_the_five_events_is_one_page(city: City, source):
    event = cast.make_open(
        city, points=source.points, title=source.data["event"]["title"], is_example=True
    )
    pdf = sheets.print_one(cast.someone(event), by=None)

    assert page_count(pdf) == 1
    assert "CONTOH – BUKAN DOKUMEN RESMI" in words(pdf)


def test_a_text_too_long_for_one_page_is_numbered_and_the_code_stands_by_the_signature(city: City):
    event = cast.make_open(city, points=[POINTS[0] * 3] * 14)
    siti = cast.someone(event)

    *_, last = pages_of(pdf := sheets.print_one(siti, by=None), width=1200)

    assert page_count(pdf) > 1
    assert f"Halaman {page_count(pdf)} dari {page_count(pdf)}" in words(pdf, page=page_count(pdf))
    assert reading.codes_in(last) == {address_of(siti)}


def test_only_those_who_have_not_signed_and_are_not_excused_get_a_sheet(open_event):
    cast.sign(cast.someone(open_event, SITI))
    Excuse.objects.create(signatory=cast.someone(open_event, AGUS), code=Excuse.Code.RETIRED)
    lifted = Excuse.objects.create(signatory=cast.someone(open_event, BUDI), code=Excuse.Code.SICK)
    Excuse.objects.filter(pk=lifted.pk).update(lifted_at=lifted.recorded_at)

    text = words(print_all(open_event))

    assert "Siti Aminah" not in text
    assert "Agus" not in text
    assert "Budi Santoso" in text


def test_whoever_declined_gets_a_sheet_like_everybody_so_that_nobody_learns_of_it(siti):
    siti.refusals.create()

    assert siti in sheets.receivers(siti.event.signatories.all())


def test_a_pile_counts_those_of_the_unit_and_below_it(open_event, city: City):
    cast.sign(cast.someone(open_event, SITI))

    piles = sheets.piles(open_event.signatories.all(), top=city.agency)

    assert [(pile.unit.name, pile.depth, pile.people) for pile in piles] == [
        ("Pemerintah Kota Contoh", 0, 4),
        ("Dinas Pendidikan", 1, 2),
        ("SDN 1 Contoh", 2, 1),
        ("Dinas Kesehatan", 1, 2),
        ("Puskesmas Contoh", 2, 2),
    ]


def test_many_people_are_printed_in_parts(open_event, monkeypatch):
    monkeypatch.setattr(sheets, "PER_PART", 2)

    assert [page_count(print_all(open_event, number=part)) for part in (1, 2, 3)] == [2, 2, 1]
    for part in (0, -1, 4):
        with pytest.raises(NoSuchPart):
            print_all(open_event, number=part)


def test_printing_is_recorded_with_the_number_of_people(open_event, admin: User):
    sheets.print_part(open_event, open_event.signatories.all(), by=admin)

    entry = AuditEntry.objects.get(action="sheets.print")
    assert (entry.actor, entry.details) == (f"user:{admin.pk}", {"people": 5})


def test_nothing_is_printed_of_a_draft_or_a_closed_event(draft_event, siti: Signatory):
    with pytest.raises(NotPrinted, match="selama acaranya dibuka"):
        print_all(draft_event)
    events.close(siti.event, by=None)
    siti.event.refresh_from_db()
    with pytest.raises(NotPrinted, match="selama acaranya dibuka"):
        sheets.print_one(siti, by=None)


def test_whoever_has_signed_needs_no_sheet_until_the_signature_is_voided(siti):
    signature = cast.sign(siti)
    with pytest.raises(NotPrinted, match="sudah menandatangani"):
        sheets.print_one(siti, by=None)

    signing.void(signature, reason="keliru", by=None)

    assert page_count(sheets.print_one(cast.someone(siti.event), by=None)) == 1
