from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from pledges import events, pact, presets
from pledges.events import Facts, NotPublishable, WrongState
from pledges.models import Audience, AuditEntry, Event, PactKind
from tests import cast
from tests.cast import City
from tests.threads import at_once

FACTS = Facts(
    title="Apel Netralitas Pegawai ASN pada Pilkada Serentak Tahun 2024",
    ceremony="apel netralitas",
    election_kind="pilkada",
    election="Pilkada Serentak Tahun 2024",
    date=datetime.date(2024, 7, 29),
    venue="Plaza Balai Kota",
    presiding_name="Contoh Pimpinan, M.Si.",
    presiding_position="Sekretaris Daerah",
)


def actions() -> list[tuple[str, str]]:
    return [(entry.actor, entry.action) for entry in AuditEntry.objects.all()]


def refused(act: Callable[[], object]) -> str:
    """Why an act was refused; it must have left no trace."""
    before = actions()
    with pytest.raises(WrongState) as refusal:
        act()
    assert actions() == before
    return str(refusal.value)


# Creating and editing


def test_an_event_is_created_with_what_when_where_who_leads_and_until_when(
    city: City, admin: User
) -> None:
    deadline = datetime.datetime(2024, 8, 2, 16, 0, tzinfo=ZoneInfo("Asia/Jakarta"))
    event = events.create(city.agency, facts=replace(FACTS, deadline=deadline), by=admin)
    event.refresh_from_db()
    assert event.agency == city.agency
    assert event.title == "Apel Netralitas Pegawai ASN pada Pilkada Serentak Tahun 2024"
    assert (event.ceremony, event.election_kind) == ("apel netralitas", "pilkada")
    assert event.election == "Pilkada Serentak Tahun 2024"
    assert event.date == datetime.date(2024, 7, 29)
    assert event.venue == "Plaza Balai Kota"
    assert event.presiding_name == "Contoh Pimpinan, M.Si."
    assert event.presiding_position == "Sekretaris Daerah"
    assert event.deadline == deadline
    assert event.created_by == admin
    assert event.is_draft


@pytest.mark.parametrize(
    ("zone", "in_utc"),
    [
        ("Asia/Jakarta", datetime.time(16, 59)),
        ("Asia/Makassar", datetime.time(15, 59)),
        ("Asia/Jayapura", datetime.time(14, 59)),
    ],
)
def test_without_a_deadline_it_is_the_end_of_the_day_in_the_agencys_zone(
    db: None, zone: str, in_utc: datetime.time
) -> None:
    agency = cast.make_agency("Pemerintah Kota Contoh", timezone=zone)
    event = events.create(agency, facts=FACTS, by=None)
    assert event.deadline == datetime.datetime.combine(
        datetime.date(2024, 7, 29), in_utc, tzinfo=datetime.UTC
    )


def test_whatever_a_demo_agency_or_a_unit_below_it_does_is_an_example(db: None) -> None:
    demo = cast.make_agency("Pemerintah Kota Peraga", is_example=True)
    unit = cast.make_agency("Dinas Peraga", above=demo)
    made = [events.create(agency, facts=FACTS, by=None).is_example for agency in (demo, unit)]
    assert made == [True, True]
    assert not events.create(cast.make_city().agency, facts=FACTS, by=None).is_example


def test_a_draft_s_facts_can_be_changed(draft_event: Event, admin: User) -> None:
    events.update_facts(draft_event, facts=replace(FACTS, venue="Lapangan Merdeka"), by=admin)
    draft_event.refresh_from_db()
    assert draft_event.venue == "Lapangan Merdeka"
    assert actions() == [(f"user:{admin.pk}", "event.update")]


def test_the_texts_of_a_draft_follow_when_the_election_gets_another_name(city: City) -> None:
    event = events.create(city.agency, facts=FACTS, by=None)
    presets.apply(event, "empat-butir", by=None)
    event = events.update_facts(event, facts=replace(FACTS, election="Pemilu Tahun 2029"), by=None)
    signed, ikrar = (pact.of(row) for row in event.pacts.all())
    assert signed.after_identity == "dalam rangka Pemilu Tahun 2029, dengan ini menyatakan:"
    assert signed.points[0] == (
        "Menjaga dan menegakkan prinsip netralitas pegawai ASN dalam melaksanakan fungsi "
        "pelayanan publik, baik sebelum, selama, maupun sesudah pelaksanaan Pemilu Tahun 2029."
    )
    assert ikrar.opening == "Dalam rangka menyukseskan pelaksanaan Pemilu Tahun 2029 kami berikrar:"
    assert "2024" not in signed.content.replace(FACTS.title, "").replace("2024-07-29", "")


def test_a_text_s_title_stays_when_the_new_name_would_make_it_too_long(city: City) -> None:
    event = events.create(city.agency, facts=FACTS, by=None)
    cast.make_pact(event, title=f"Pakta {FACTS.election}", points=["Satu."])
    events.update_facts(event, facts=replace(FACTS, election="Pemilu " * 28), by=None)
    assert event.pacts.get().title == "Pakta Pilkada Serentak Tahun 2024"


def test_a_published_event_s_facts_stay_as_they_are(open_event: Event) -> None:
    assert refused(partial(events.update_facts, open_event, facts=FACTS, by=None)) == (
        "Naskah dan data acara yang sudah diterbitkan tidak dapat diubah."
    )
    open_event.refresh_from_db()
    assert open_event.title == "Apel dan Penandatanganan Pakta Integritas Netralitas ASN"


# What keeps a draft from being published


def test_an_event_without_city_text_and_people_says_what_is_missing(db: None) -> None:
    event = events.create(cast.make_agency("Pemerintah Kota Contoh"), facts=FACTS, by=None)
    assert events.problems(event) == [
        "Isi kota pada data instansi; kota itu dicetak di depan tanggal.",
        "Pilih naskah pakta integritas.",
        "Daftar penanda tangan masih kosong.",
    ]
    with pytest.raises(NotPublishable) as refusal:
        events.publish(event, by=None)
    assert refusal.value.problems == events.problems(event)
    event.refresh_from_db()
    assert event.is_draft


def test_nine_points_are_not_publishable_until_somebody_confirms_them(city: City) -> None:
    event = cast.make_draft(city)
    presets.apply(event, "sembilan-butir", by=None)
    assert events.text_problems(event)[0] == (
        "Naskah “Pakta Integritas Netralitas Pegawai Aparatur Sipil Negara” masih contoh "
        "susunan; ganti dengan naskah resmi."
    )
    with pytest.raises(NotPublishable):
        events.publish(event, by=None)


def test_a_text_without_points_cannot_be_published(city: City) -> None:
    event = cast.make_draft(city, points=[])
    assert events.problems(event) == [
        "Naskah “Pakta Integritas Netralitas Pegawai ASN” belum mempunyai butir."
    ]


def test_an_ikrar_alone_is_nothing_to_sign(city: City) -> None:
    event = cast.make_event(city.agency)
    cast.make_pact(event, kind=PactKind.DECLARATION)
    assert events.text_problems(event) == ["Pilih naskah pakta integritas."]


@pytest.mark.parametrize(
    ("audiences", "problems"),
    [
        ([Audience.ALL], []),
        ([Audience.ASN, Audience.NON_ASN], []),
        ([Audience.ASN], ["Belum ada naskah untuk penanda tangan non-ASN."]),
        ([Audience.NON_ASN], ["Belum ada naskah untuk penanda tangan ASN."]),
        (
            [Audience.ALL, Audience.ASN],
            ["Naskah untuk semua tidak dapat digabung dengan naskah khusus ASN atau non-ASN."],
        ),
    ],
)
def test_everybody_on_the_roster_needs_exactly_one_text(
    city: City, audiences: list[Audience], problems: list[str]
) -> None:
    event = cast.make_draft(city)
    event.pacts.all().delete()
    for audience in audiences:
        cast.make_pact(event, audience=audience)
    assert events.problems(event) == problems


def test_withdrawn_people_alone_are_no_roster(city: City) -> None:
    event = cast.make_draft(city)
    event.signatories.update(withdrawn_at=timezone.now())
    assert events.roster_problems(event) == ["Daftar penanda tangan masih kosong."]


# Publishing and taking it back


def test_publishing_freezes_every_text_under_its_digest(city: City, admin: User) -> None:
    event = cast.make_draft(city)
    cast.make_pact(event, kind=PactKind.DECLARATION, title="Ikrar", opening="Kami berikrar:")
    drafted = [pact.of(row) for row in event.pacts.all()]
    event = events.publish(event, by=admin)
    rows = list(event.pacts.all())
    assert [row.content for row in rows] == [text.content for text in drafted]
    assert [row.digest for row in rows] == [text.digest for text in drafted]
    assert event.is_open
    assert event.published_at is not None
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action) == (f"user:{admin.pk}", "event.publish")
    assert entry.details == {"digests": sorted(row.digest for row in rows)}


def test_a_frozen_text_does_not_follow_the_agencys_letterhead(open_event: Event) -> None:
    agency = open_event.agency
    agency.name, agency.address, agency.city = "Nama Lain", "Alamat Lain", "Kota Lain"
    agency.save()
    text = pact.of(open_event.pacts.get())
    assert text.letterhead.agency == "Pemerintah Kota Contoh"
    assert text.letterhead.address == "Jalan Merdeka Nomor 1"
    assert text.event.city == "Contoh"


def test_an_open_event_cannot_be_published_again(open_event: Event) -> None:
    assert refused(partial(events.publish, open_event, by=None)) == "Acara ini sudah diterbitkan."


def test_publication_can_be_undone_until_the_first_signature(
    open_event: Event, admin: User
) -> None:
    event = events.unpublish(open_event, by=admin)
    row = event.pacts.get()
    assert event.is_draft
    assert event.published_at is None
    assert (row.content, row.digest) == ("", "")
    assert actions()[-1] == (f"user:{admin.pk}", "event.unpublish")


def test_after_the_first_signature_publication_stands(open_event: Event) -> None:
    digest = open_event.pacts.get().digest
    cast.sign(cast.someone(open_event))
    assert refused(partial(events.unpublish, open_event, by=None)) == (
        "Sudah ada yang menandatangani, jadi naskahnya tidak dapat diubah lagi."
    )
    assert open_event.pacts.get().digest == digest


def test_a_voided_signature_counts_as_a_first_one_too(open_event: Event) -> None:
    signature = cast.sign(cast.someone(open_event))
    signature.voided_at, signature.void_reason = timezone.now(), "Contoh"
    signature.save()
    refused(partial(events.unpublish, open_event, by=None))


def test_publishing_the_same_words_again_gives_the_same_digest(open_event: Event) -> None:
    digest = open_event.pacts.get().digest
    event = events.publish(events.unpublish(open_event, by=None), by=None)
    assert event.pacts.get().digest == digest


def test_a_draft_and_a_closed_event_cannot_go_back_to_draft(
    draft_event: Event, closed_event: Event
) -> None:
    for event in (draft_event, closed_event):
        assert refused(partial(events.unpublish, event, by=None)) == (
            "Hanya acara yang sedang dibuka yang dapat dikembalikan ke rancangan."
        )


# Closing and reopening


def test_an_open_event_is_closed_and_reopened(open_event: Event, admin: User) -> None:
    event = events.close(open_event, by=admin)
    assert event.is_closed
    assert event.closed_at is not None
    event, _ = events.reopen(event, by=admin)
    assert event.is_open
    assert event.closed_at is None
    assert [action for _, action in actions()[-2:]] == ["event.close", "event.reopen"]


def test_only_an_open_event_can_be_closed(draft_event: Event, closed_event: Event) -> None:
    for event in (draft_event, closed_event):
        assert refused(partial(events.close, event, by=None)) == (
            "Hanya acara yang sedang dibuka yang dapat ditutup."
        )


def test_only_a_closed_event_can_be_reopened(draft_event: Event, open_event: Event) -> None:
    for event in (draft_event, open_event):
        assert refused(partial(events.reopen, event, by=None)) == (
            "Acara ini tidak sedang ditutup."
        )


# The lock


def test_a_lock_outlives_no_transaction_so_it_needs_one(transactional_db: None) -> None:
    event = cast.make_event(cast.make_city().agency)
    with pytest.raises(RuntimeError):
        events.hold(event)


def test_the_lock_reads_the_event_again(draft_event: Event) -> None:
    stale = Event.objects.get(pk=draft_event.pk)
    events.publish(draft_event, by=None)
    with transaction.atomic():
        assert events.hold(stale).is_open


def test_of_two_publications_at_once_one_is_refused(transactional_db: None) -> None:
    event = cast.make_draft(cast.make_city())
    outcomes = at_once([partial(events.publish, event, by=None)] * 2)
    assert {type(outcome) for outcome in outcomes} == {Event, WrongState}
    assert AuditEntry.objects.filter(action="event.publish").count() == 1


def test_an_edit_beside_a_publication_comes_before_it_or_is_refused(
    transactional_db: None,
) -> None:
    event = cast.make_draft(cast.make_city())
    edit = partial(events.update_facts, event, facts=replace(FACTS, venue="Pendopo"), by=None)
    edited, published = at_once([edit, partial(events.publish, event, by=None)])
    assert isinstance(published, Event)
    frozen = pact.of(event.pacts.get())
    event.refresh_from_db()
    assert frozen.event.venue == event.venue
    assert event.venue == ("Plaza Balai Kota" if isinstance(edited, WrongState) else "Pendopo")
