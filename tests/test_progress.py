"""Who has signed, who is late, excused or missing."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from pledges import events, excuses, progress, refusals, signing, waves
from pledges.models import Agency, Event, Excuse, Signatory, Signature
from pledges.progress import Status, Tally
from pledges.waves import Definition
from tests import cast
from tests.cast import AGUS, BUDI, DEWI, RAHMAT_NIK, SITI, City


def everybody(event: Event):
    return Signatory.objects.filter(event=event)


def names(people) -> list[str]:
    return [person.name for person in people]


def search(people, **wanted):
    """As somebody who cares for all of them."""
    return progress.search(people, in_care=people, **wanted)


def over_time(event: Event, every: str = "minute") -> list[tuple[datetime.datetime, int]]:
    return progress.timeline(event, every=every)


def make_late(event: Event) -> None:
    event.deadline = timezone.now() - datetime.timedelta(minutes=1)
    event.save(update_fields=["deadline"])


def test_an_event_counts_everybody_the_signed_the_late_and_the_missing(open_event):
    cast.sign(cast.someone(open_event, SITI))
    make_late(open_event)
    cast.sign(cast.someone(open_event, BUDI))

    tally = progress.tally(everybody(open_event))

    assert tally == Tally(total=5, signed=2, late=1)
    assert tally.missing == 3
    assert tally.percent == 40.0


def test_a_withdrawn_person_is_neither_counted_nor_missing(open_event):
    open_event.signatories.filter(nip=AGUS).update(withdrawn_at=timezone.now())

    assert progress.tally(everybody(open_event)) == Tally(total=4, signed=0, late=0)
    assert "Agus" not in names(search(everybody(open_event)))
    found = search(everybody(open_event), status=Status.WITHDRAWN)
    assert names(found) == ["Agus"]


def test_a_voided_signature_makes_its_person_missing_again(siti):
    signature = cast.sign(siti)
    signature.voided_at, signature.void_reason = timezone.now(), "Salah orang"
    signature.save(update_fields=["voided_at", "void_reason"])

    assert progress.tally(everybody(siti.event)).signed == 0
    assert "Siti Aminah, S.Pd." in names(search(everybody(siti.event), status=Status.MISSING))


@pytest.mark.parametrize(
    ("signed", "total", "percent"),
    [(0, 0, 0.0), (0, 7, 0.0), (7, 7, 100.0), (1, 3, 33.3), (2, 3, 66.6), (19_999, 20_000, 99.9)],
)
def test_the_percentage_is_100_only_when_nobody_is_missing(signed, total, percent):
    assert Tally(total=total, signed=signed, late=0).percent == percent


def test_the_percentage_is_of_those_who_are_asked_without_the_excused():
    assert Tally(total=10, signed=4, late=0, excused=2).percent == 50.0
    assert Tally(total=10, signed=8, late=0, excused=2).is_complete
    assert Tally(total=2, signed=0, late=0, excused=2).percent == 100.0


def test_each_unit_counts_its_whole_subtree_in_the_order_of_the_tree(city, open_event):
    for nip in (SITI, DEWI):
        cast.sign(cast.someone(open_event, nip))

    rows = progress.by_unit(everybody(open_event), top=city.agency)

    assert [(row.unit.name, row.depth, row.tally.signed, row.tally.total) for row in rows] == [
        ("Pemerintah Kota Contoh", 0, 2, 5),
        ("Dinas Pendidikan", 1, 2, 3),
        ("SDN 1 Contoh", 2, 1, 2),
        ("Dinas Kesehatan", 1, 0, 2),
        ("Puskesmas Contoh", 2, 0, 2),
    ]


def test_below_a_unit_nothing_of_another_unit_is_counted(city, open_event):
    rows = progress.by_unit(everybody(open_event), top=city.health)

    assert [(row.unit.name, row.depth, row.tally.total) for row in rows] == [
        ("Dinas Kesehatan", 0, 2),
        ("Puskesmas Contoh", 1, 2),
    ]


def test_units_without_people_are_left_out(city, open_event):
    cast.make_agency("Kecamatan Kosong", above=city.agency)

    rows = progress.by_unit(everybody(open_event), top=city.agency)

    assert "Kecamatan Kosong" not in [row.unit.name for row in rows]


def test_many_events_are_counted_at_once(city, open_event, django_assert_num_queries):
    other = cast.make_open(city)
    cast.sign(cast.someone(other, SITI))

    with django_assert_num_queries(1):
        tallies = progress.by_event(Signatory.objects.all())

    assert tallies == {open_event.pk: Tally(5, 0, 0), other.pk: Tally(5, 1, 0)}


def test_the_number_of_queries_does_not_grow_with_people_and_units(
    city: City, open_event: Event, django_assert_num_queries: DjangoAssertNumQueries
):
    for number in range(30):
        unit = cast.make_agency(f"Kelurahan {number}", above=city.agency)
        person = cast.make_person(
            open_event, unit=unit, name=f"Pegawai {number}", nip=f"19800101200501{number:04}"
        )
        cast.sign(person)

    with django_assert_num_queries(1):
        assert progress.tally(everybody(open_event)).signed == 30
    with django_assert_num_queries(2):
        assert len(progress.by_unit(everybody(open_event), top=city.agency)) == 35
    with django_assert_num_queries(1):
        assert len(search(everybody(open_event))) == 35


class TestTotals(TestCase):
    """However people are spread over the tree, the totals are right to the last person."""

    @settings(max_examples=15)
    @given(
        st.lists(
            st.tuples(st.integers(0, 4), *[st.booleans()] * 4),
            max_size=25,
        )
    )
    def test_totals_equal_the_database_to_the_last_person(
        self, people: list[tuple[int, bool, bool, bool, bool]]
    ) -> None:
        city = cast.make_city()
        event = cast.make_event(city.agency)
        pact = cast.make_pact(event)
        units = [city.agency, city.education, city.school, city.health, city.clinic]
        for number, (unit, has_signed, is_late, is_excused, is_on_paper) in enumerate(people):
            person = cast.make_person(
                event, unit=units[unit], name=f"Pegawai {number}", nip=f"19800101200501{number:04}"
            )
            if has_signed:
                Signature.objects.create(
                    signatory=person, pact=pact, nonce=str(number), mark="typed:A", statement="{}",
                    signed_at=timezone.now(), is_late=is_late,
                    method="paper" if is_on_paper else "personal_link",
                )  # fmt: skip
            if is_excused:
                Excuse.objects.create(signatory=person, code="leave")
                Excuse.objects.create(signatory=person, code="sick", lifted_at=timezone.now())

        rows = progress.by_unit(everybody(event), top=city.agency)

        found = {row.unit.pk: row.tally for row in rows}
        for unit in units:
            below = [p for p in people if units[p[0]].path.startswith(unit.path)]
            signed = [p for p in below if p[1]]
            assert found.get(unit.pk, progress.NOBODY) == Tally(
                total=len(below),
                signed=len(signed),
                late=sum(p[2] for p in signed),
                paper=sum(p[4] for p in signed),
                excused=sum(p[3] for p in below if not p[1]),
            )
        whole = found.get(city.agency.pk, progress.NOBODY)
        assert progress.tally(everybody(event)) == whole
        assert progress.level(everybody(event), event=event, tops=[city.agency]).whole == whole
        assert sum(n for _, n in over_time(event)) == whole.signed


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (None, {SITI, BUDI, DEWI, AGUS, None}),
        (Status.SIGNED, {SITI, BUDI}),
        (Status.LATE, {BUDI}),
        (Status.MISSING, {DEWI, AGUS, None}),
    ],
)
def test_people_are_filtered_by_status(open_event, status, found):
    cast.sign(cast.someone(open_event, SITI))
    make_late(open_event)
    cast.sign(cast.someone(open_event, BUDI))

    people = search(everybody(open_event), status=status)

    assert {person.nip for person in people} == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("aminah", ["Siti Aminah, S.Pd."]),
        ("  SITI   AMINAH ", ["Siti Aminah, S.Pd."]),
        (SITI, ["Siti Aminah, S.Pd."]),
        ("19800101 200501 2 001", ["Siti Aminah, S.Pd."]),
        ("198001", ["Siti Aminah, S.Pd."]),
        (RAHMAT_NIK, ["Rahmat Hidayat"]),
        ("3273 0105 0590 0001", ["Rahmat Hidayat"]),
        (RAHMAT_NIK[:10], []),
        ("S.Pd.", ["Siti Aminah, S.Pd.", "Dr. Dewi Lestari, S.Pd., M.Pd."]),
        ("100%", []),
        ("%", []),
        ("tidak ada", []),
    ],
)
def test_people_are_found_by_a_piece_of_the_name_or_nip_or_by_a_whole_nik(open_event, text, found):
    assert names(search(everybody(open_event), text=text)) == found


def test_a_masked_number_is_not_found_out_by_searching_for_it_digit_by_digit(open_event):
    rest = everybody(open_event).exclude(nip=SITI).exclude(nip=None)
    for text in (SITI, SITI[:5], RAHMAT_NIK):
        assert names(progress.search(everybody(open_event), in_care=rest, text=text)) == []
    found = progress.search(everybody(open_event), in_care=rest, text=BUDI[:9])
    assert names(found) == ["Budi Santoso, S.K.M."]


def test_each_person_tells_when_they_signed_and_whether_it_is_sealed(open_event):
    signature = cast.sign(cast.someone(open_event, SITI))

    people: dict[Any, Any] = {p.nip: p for p in search(everybody(open_event))}

    assert people[SITI].has_signed
    assert people[SITI].signed_at == signature.signed_at
    assert not people[SITI].is_sealed
    assert not people[BUDI].has_signed
    assert people[BUDI].signed_at is None


# Waiting for one's wave, declining, owing nothing


@pytest.fixture
def in_waves(city: City) -> Event:
    """Dewi signs in the first wave, everybody else in the second, which is not open yet."""
    draft = cast.make_draft(city, allows_refusal=True)
    waves.define(draft, [Definition("Eselon II", ("II",)), Definition("Semua")], by=None)
    event = events.publish(draft, by=None)
    waves.open_next(event, 1, by=None)
    return event


def decline(person: Signatory) -> None:
    refusals.refuse(cast.ticket_of(person))


def excuse(person: Signatory) -> None:
    excuses.record(person, code=Excuse.Code.LEAVE, by=None)


def statuses(event: Event, *, reveals_refusals: bool = False) -> dict[str, Status]:
    found = progress.with_status(everybody(event), reveals_refusals=reveals_refusals)
    return {person.name.split()[0]: progress.status_of(person) for person in found}


def test_who_waits_for_the_own_wave_is_not_missing(in_waves: Event):
    tally = progress.tally(everybody(in_waves))

    assert tally == Tally(total=5, signed=0, late=0, waiting=4)
    assert tally.missing == 1
    assert names(search(everybody(in_waves), status=Status.MISSING)) == [
        "Dr. Dewi Lestari, S.Pd., M.Pd."
    ]
    assert len(search(everybody(in_waves), status=Status.WAITING)) == 4


def test_who_waited_is_missing_once_the_wave_is_open(in_waves: Event):
    waves.open_next(in_waves, 2, by=None)
    assert progress.tally(everybody(in_waves)) == Tally(total=5, signed=0, late=0)


def test_before_the_first_wave_everybody_waits(city: City):
    draft = cast.make_draft(city)
    waves.define(draft, [Definition("Sekda"), Definition("Semua")], by=None)
    event = events.publish(draft, by=None)
    assert progress.tally(everybody(event)).waiting == 5


def test_in_a_draft_and_after_closing_nobody_waits(in_waves: Event, draft_event: Event):
    events.close(in_waves, by=None)
    assert progress.tally(everybody(in_waves)).missing == 5
    assert progress.tally(everybody(draft_event)).waiting == 0


def test_the_status_of_a_person_is_the_first_that_holds(in_waves: Event):
    """Signed (late) > declined > excused > waiting for the wave > missing."""
    waves.open_next(in_waves, 2, by=None)
    for nip in (SITI, BUDI, AGUS):
        decline(cast.someone(in_waves, nip))
        excuse(cast.someone(in_waves, nip))
    cast.sign(cast.someone(in_waves, SITI))
    make_late(in_waves)
    cast.sign(cast.someone(in_waves, BUDI))
    Event.objects.update(open_wave=1)

    assert statuses(in_waves, reveals_refusals=True) == {
        "Siti": Status.SIGNED,
        "Budi": Status.LATE,
        "Agus": Status.DECLINED,
        "Rahmat": Status.WAITING,
        "Dr.": Status.MISSING,
    }
    for status, name in [
        (Status.DECLINED, "Agus"),
        (Status.WAITING, "Rahmat Hidayat"),
        (Status.MISSING, "Dr. Dewi Lestari, S.Pd., M.Pd."),
    ]:
        found = search(everybody(in_waves), status=status, reveals_refusals=True)
        assert names(found) == [name]
    assert progress.tally(everybody(in_waves), reveals_refusals=True) == Tally(
        total=5, signed=2, late=1, declined=1, waiting=1
    )


def test_who_declined_is_missing_for_all_but_those_who_may_see_it(open_event: Event):
    Event.objects.update(allows_refusal=True)
    siti = cast.someone(open_event, SITI)
    decline(siti)

    assert progress.tally(everybody(open_event)) == Tally(total=5, signed=0, late=0)
    assert statuses(open_event)["Siti"] is Status.MISSING
    assert len(search(everybody(open_event), status=Status.DECLINED)) == 0
    assert siti in search(everybody(open_event), status=Status.MISSING)

    shown = progress.tally(everybody(open_event), reveals_refusals=True)
    assert (shown.declined, shown.missing) == (1, 4)


def test_a_refusal_that_was_taken_back_and_voided_leaves_its_person_missing(open_event: Event):
    Event.objects.update(allows_refusal=True)
    siti = cast.someone(open_event, SITI)
    decline(siti)
    signing.void(cast.sign(siti), reason="Salah orang", by=None)
    assert statuses(open_event, reveals_refusals=True)["Siti"] is Status.MISSING


def test_units_count_their_waiting_and_declined_up_the_tree(city: City, in_waves: Event):
    waves.open_next(in_waves, 2, by=None)
    decline(cast.someone(in_waves, SITI))
    Event.objects.update(open_wave=1)

    rows = progress.by_unit(everybody(in_waves), top=city.agency, reveals_refusals=True)

    assert [(r.unit.name, r.tally.missing, r.tally.waiting, r.tally.declined) for r in rows] == [
        ("Pemerintah Kota Contoh", 1, 3, 1),
        ("Dinas Pendidikan", 1, 1, 1),
        ("SDN 1 Contoh", 0, 1, 1),
        ("Dinas Kesehatan", 0, 2, 0),
        ("Puskesmas Contoh", 0, 2, 0),
    ]


def test_a_guest_from_outside_is_never_missing(city: City):
    event = cast.make_open_ceremony(city)
    guest = cast.outsider_of(event)

    assert progress.tally(everybody(event)).total == 5
    assert guest not in search(everybody(event), status=Status.MISSING)
    [found] = search(everybody(event), status=Status.EXEMPT)
    assert (found, progress.status_of(found)) == (guest, Status.EXEMPT)


def test_each_person_is_found_under_exactly_one_status(in_waves: Event):
    waves.open_next(in_waves, 2, by=None)
    decline(cast.someone(in_waves, SITI))
    excuse(cast.someone(in_waves, AGUS))
    cast.sign(cast.someone(in_waves, BUDI))
    Event.objects.update(open_wave=1)
    everyone = everybody(in_waves)

    found = [
        person.pk
        for status in set(Status) - {Status.LATE, Status.PAPER}
        for person in search(everyone, status=status, reveals_refusals=True)
    ]

    assert sorted(found) == sorted(everyone.values_list("pk", flat=True))


# Excuses and paper


def test_who_is_excused_is_not_missing(open_event: Event):
    excuse(cast.someone(open_event, SITI))

    tally = progress.tally(everybody(open_event))

    assert tally == Tally(total=5, signed=0, late=0, excused=1)
    assert (tally.missing, tally.asked) == (4, 4)
    assert names(search(everybody(open_event), status=Status.EXCUSED)) == ["Siti Aminah, S.Pd."]
    assert "Siti Aminah, S.Pd." not in names(search(everybody(open_event), status=Status.MISSING))


def test_who_is_excused_does_not_wait_for_the_own_wave(in_waves: Event):
    excuse(cast.someone(in_waves, SITI))
    tally = progress.tally(everybody(in_waves))
    assert (tally.waiting, tally.excused, tally.missing) == (3, 1, 1)


def test_who_declined_and_is_excused_is_excused_for_all_but_those_who_may_see_it(
    open_event: Event,
):
    Event.objects.update(allows_refusal=True)
    siti = cast.someone(open_event, SITI)
    decline(siti)
    excuse(siti)

    assert progress.tally(everybody(open_event)).excused == 1
    assert statuses(open_event)["Siti"] is Status.EXCUSED
    shown = progress.tally(everybody(open_event), reveals_refusals=True)
    assert (shown.declined, shown.excused, shown.missing) == (1, 0, 4)
    assert statuses(open_event, reveals_refusals=True)["Siti"] is Status.DECLINED


def test_wet_signatures_are_counted_among_the_signed_and_separately(open_event: Event):
    for nip in (SITI, BUDI):
        cast.sign(cast.someone(open_event, nip))
    Signature.objects.filter(signatory__nip=BUDI).update(method="paper")

    assert progress.tally(everybody(open_event)) == Tally(total=5, signed=2, late=0, paper=1)
    assert names(search(everybody(open_event), status=Status.PAPER)) == ["Budi Santoso, S.K.M."]
    assert len(search(everybody(open_event), status=Status.SIGNED)) == 2


# One step down the tree


def told(level: progress.Level) -> list[tuple[str, int, int]]:
    units = level.units(level.most_missing_first())
    return [(unit.name, tally.signed, tally.total) for unit, tally in units]


def test_one_step_down_each_unit_counts_its_subtree_and_the_top_its_own_people(
    city: City, open_event: Event
):
    cast.sign(cast.someone(open_event, AGUS))
    cast.make_person(open_event, unit=city.agency, name="Sekda Contoh", nip="197001011995031001")

    assert told(progress.level(everybody(open_event), event=open_event, tops=[city.agency])) == [
        ("Dinas Pendidikan", 1, 3),
        ("Dinas Kesehatan", 0, 2),
        ("Pemerintah Kota Contoh", 0, 1),
    ]
    below = everybody(open_event).in_unit(city.education)
    assert told(progress.level(below, event=open_event, tops=[city.education])) == [
        ("Dinas Pendidikan", 0, 1),
        ("SDN 1 Contoh", 1, 2),
    ]


def test_of_several_tops_each_is_told_with_all_below_it(city: City, open_event: Event):
    people = everybody(open_event).exclude(nip=DEWI)
    level = progress.level(people, event=open_event, tops=[city.school, city.health])
    assert told(level) == [("SDN 1 Contoh", 0, 2), ("Dinas Kesehatan", 0, 2)]
    assert level.whole == Tally(total=4, signed=0, late=0)


def test_those_with_most_missing_come_first(city: City, open_event: Event):
    for nip in (SITI, AGUS):
        cast.sign(cast.someone(open_event, nip))
    level = progress.level(everybody(open_event), event=open_event, tops=[city.agency])
    assert [name for name, *_ in told(level)] == ["Dinas Kesehatan", "Dinas Pendidikan"]


def test_a_unit_moved_in_the_tree_while_people_sign_is_counted_where_it_is_now(
    city: City, open_event: Event
):
    cast.sign(cast.someone(open_event, SITI))
    city.school.refresh_from_db()
    Agency.objects.move(city.school, city.health, "last-child")
    cast.sign(cast.someone(open_event, AGUS))

    assert told(progress.level(everybody(open_event), event=open_event, tops=[city.agency])) == [
        ("Dinas Kesehatan", 2, 4),
        ("Dinas Pendidikan", 0, 1),
    ]


def test_a_unit_moved_between_counting_and_showing_is_left_out_until_the_next_time(
    city: City, open_event: Event
):
    level = progress.level(everybody(open_event), event=open_event, tops=[city.agency])
    Agency.objects.move(city.education, city.health, "last-child")
    assert told(level) == [("Dinas Kesehatan", 0, 2)]


def test_around_a_unit_are_those_above_it_and_those_right_below(city: City):
    units = [city.agency, city.education, city.school, city.health, city.clinic]
    assert progress.around([city.agency], among=units) == [
        city.agency, city.education, city.health,
    ]  # fmt: skip
    assert progress.around([city.health], among=units) == [city.agency, city.health, city.clinic]


def test_over_time_signatures_are_counted_by_minute_hour_or_day_of_the_zone(open_event: Event):
    at = datetime.datetime(2024, 7, 29, 16, 59, 30, tzinfo=datetime.UTC)
    for seconds, nip in ((0, SITI), (20, BUDI), (40, AGUS)):
        cast.sign(cast.someone(open_event, nip))
        when = at + datetime.timedelta(seconds=seconds)
        Signature.objects.filter(signatory__nip=nip).update(signed_at=when)

    zone = open_event.zone
    assert over_time(open_event) == [
        (datetime.datetime(2024, 7, 29, 23, 59, tzinfo=zone), 2),
        (datetime.datetime(2024, 7, 30, 0, 0, tzinfo=zone), 1),
    ]
    assert over_time(open_event, "day") == [
        (datetime.datetime(2024, 7, 29, tzinfo=zone), 2),
        (datetime.datetime(2024, 7, 30, tzinfo=zone), 1),
    ]


def test_over_time_some_people_are_counted_alone(city: City, open_event: Event):
    for nip in (SITI, BUDI):
        cast.sign(cast.someone(open_event, nip))
    of_unit = everybody(open_event).in_unit(city.education)
    assert sum(n for _, n in progress.timeline(open_event, every="day", people=of_unit)) == 1


def test_over_time_nothing_void_is_counted(siti: Signatory):
    signing.void(cast.sign(siti), reason="Salah orang", by=None)
    assert over_time(siti.event) == []


def test_units_are_named_by_the_way_to_them(city: City):
    units = [city.agency, city.education, city.school]
    names = progress.names_of(units, top=city.agency)
    assert list(names.values()) == [
        "Pemerintah Kota Contoh", "Dinas Pendidikan", "Dinas Pendidikan › SDN 1 Contoh",
    ]  # fmt: skip
    assert progress.unit_names(city.agency).items() >= names.items()


def test_statuses_take_no_more_queries(
    city: City, in_waves: Event, django_assert_num_queries: DjangoAssertNumQueries
):
    excuse(cast.someone(in_waves, SITI))
    with django_assert_num_queries(1):
        progress.tally(everybody(in_waves), reveals_refusals=True)
    with django_assert_num_queries(2):
        progress.by_unit(everybody(in_waves), top=city.agency, reveals_refusals=True)
    with django_assert_num_queries(2):
        progress.level(
            everybody(in_waves), event=in_waves, tops=[city.agency], reveals_refusals=True
        )
    with django_assert_num_queries(2):
        over_time(in_waves)
    with django_assert_num_queries(1):
        list(search(everybody(in_waves), status=Status.DECLINED, reveals_refusals=True))
