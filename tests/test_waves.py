"""Waves: who is in which, and how they are opened one by one."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pledges import ceremony, events, marks, signing, waves
from pledges.events import WrongState
from pledges.models import AuditEntry, Event, Kind, Part, Signatory, Wave
from pledges.signing import NotYourTurn
from pledges.waves import BY_RANK, AlreadyOpened, Definition, Headcount, NoSuchWave
from tests import cast
from tests.cast import AGUS, BUDI, DEWI, RAHMAT_NIK, SITI, City, someone
from tests.threads import at_once


def wave_of(event: Event, nip: str) -> int:
    return someone(event, nip).wave


def by_wave(event: Event) -> dict[int, set[str]]:
    """The first names of everybody, by wave."""
    found: dict[int, set[str]] = {}
    for person in event.signatories.all():
        name = next(word for word in person.name.split() if not word.endswith("."))
        found.setdefault(person.wave, set()).add(name)
    return found


@pytest.fixture
def bitung(city: City) -> Event:
    """A draft as Kota Bitung's: the Sekda (Agus) by hand, then eselon II and III, then all."""
    event = cast.make_draft(city)
    waves.define(event, BY_RANK, by=None)
    waves.give(someone(event, AGUS), 1, by=None)
    return event


@pytest.fixture
def opened(bitung: Event) -> Event:
    """Published; no wave is open yet."""
    return events.publish(bitung, by=None)


# Who is in which


def test_without_waves_everybody_signs_at_once(open_event: Event):
    assert by_wave(open_event) == {1: {"Siti", "Budi", "Dewi", "Agus", "Rahmat"}}
    assert all(waves.is_turn_of(person) for person in open_event.signatories.all())
    assert waves.of(someone(open_event)) is None


def test_the_sekda_signs_first_then_eselon_ii_and_iii_then_all_in_their_units(bitung: Event):
    assert [str(wave) for wave in bitung.waves.all()] == [
        "Gelombang 1: Sekretaris Daerah",
        "Gelombang 2: Pejabat eselon II dan III",
        "Gelombang 3: Semua pegawai, di unit kerja masing-masing",
    ]
    assert by_wave(bitung) == {1: {"Agus"}, 2: {"Dewi"}, 3: {"Siti", "Budi", "Rahmat"}}


@pytest.mark.parametrize(
    ("echelon", "wave"),
    [("II", 1), ("II.a", 1), ("IIb", 1), ("ii/b", 1), ("III.a", 2), ("IV.a", 3), ("", 3), ("-", 3)],
)
def test_an_echelon_counts_by_its_roman_number_however_it_is_written(
    draft_event: Event, echelon: str, wave: int
):
    draft_event.signatories.filter(nip=SITI).update(echelon=echelon)
    definitions = [Definition("A", ("II",)), Definition("B", ("III",)), Definition("C")]
    waves.define(draft_event, definitions, by=None)
    assert wave_of(draft_event, SITI) == wave


def test_whoever_has_a_part_signs_in_the_first_wave_whatever_their_echelon(city: City):
    event = cast.make_ceremony(city)
    waves.define(event, BY_RANK, by=None)
    assert by_wave(event) == {1: {"Dewi", "Siti", "Budi", "Contoh"}, 3: {"Agus", "Rahmat"}}


def test_a_wave_given_by_hand_outweighs_part_and_echelon(city: City):
    event = cast.make_ceremony(city)
    waves.define(event, BY_RANK, by=None)
    waves.give(someone(event, DEWI), 3, by=None)
    assert wave_of(event, DEWI) == 3
    waves.give(someone(event, DEWI), None, by=None)
    assert wave_of(event, DEWI) == 1


def test_a_roster_s_wave_beyond_the_last_is_the_last_and_comes_true_with_more_waves(
    draft_event: Event,
):
    draft_event.signatories.filter(nip=SITI).update(given_wave=3)
    waves.define(draft_event, BY_RANK[:1], by=None)
    assert wave_of(draft_event, SITI) == 1
    waves.define(draft_event, BY_RANK, by=None)
    assert wave_of(draft_event, SITI) == 3


def test_whoever_was_put_into_a_wave_follows_it_when_it_moves(bitung: Event):
    sekda, leaders, rest = (
        Definition(wave.name, tuple(wave.echelons), was=wave.number) for wave in bitung.waves.all()
    )
    waves.define(bitung, [leaders, rest, sekda], by=None)
    assert by_wave(bitung) == {1: {"Dewi"}, 3: {"Agus", "Siti", "Budi", "Rahmat"}}
    assert someone(bitung, AGUS).given_wave == 3


def test_whoever_was_put_into_a_wave_that_goes_follows_the_rules_again(bitung: Event):
    _, leaders, rest = (
        Definition(wave.name, tuple(wave.echelons), was=wave.number) for wave in bitung.waves.all()
    )
    waves.define(bitung, [leaders, rest], by=None)
    assert someone(bitung, AGUS).given_wave is None
    assert by_wave(bitung) == {1: {"Dewi"}, 2: {"Agus", "Siti", "Budi", "Rahmat"}}


def test_without_waves_again_everybody_is_in_the_first(bitung: Event):
    waves.define(bitung, [], by=None)
    assert set(bitung.signatories.values_list("wave", flat=True)) == {1}
    assert not bitung.waves.exists()


def test_the_headcount_tells_who_was_put_there_and_who_comes_from_outside(city: City):
    event = cast.make_ceremony(city)
    waves.define(event, BY_RANK, by=None)
    waves.give(someone(event, AGUS), 1, by=None)
    assert waves.headcounts(event) == {
        1: Headcount(total=4, given=1, cast=3, guests=1),
        3: Headcount(total=1),
    }


def test_twenty_thousand_people_need_no_more_queries_than_five(draft_event: Event, city: City):
    with CaptureQueriesContext(
        connection,
    ) as few:
        waves.define(draft_event, BY_RANK, by=None)
    for number in range(30):
        cast.make_person(
            draft_event, unit=city.clinic, name=f"Pegawai {number}", nip=f"1990010120150110{number}"
        )
    with CaptureQueriesContext(connection) as many:
        waves.define(draft_event, BY_RANK, by=None)
    # The second definition also replaces the first.
    assert len(many) <= len(few) + 2


def test_waves_are_defined_in_the_draft_only(open_event: Event):
    with pytest.raises(WrongState, match="sudah diterbitkan tidak dapat diubah"):
        waves.define(open_event, BY_RANK, by=None)


def test_nobody_is_put_into_a_wave_that_is_not_there(bitung: Event):
    with pytest.raises(NoSuchWave):
        waves.give(someone(bitung, SITI), 4, by=None)
    assert wave_of(bitung, SITI) == 3


def test_after_closing_nobody_is_put_into_another_wave(opened: Event):
    closed = events.close(opened, by=None)
    with pytest.raises(WrongState):
        waves.give(someone(closed, SITI), 1, by=None)


def test_an_expected_time_is_kept(draft_event: Event):
    at = datetime.datetime(2024, 9, 2, 0, 30, tzinfo=datetime.UTC)
    (wave,) = waves.define(draft_event, [Definition("Semua", expected_at=at)], by=None)
    wave.refresh_from_db()
    assert wave.expected_at == at


# Opening


def test_publication_opens_no_wave(opened: Event):
    assert opened.open_wave == 0
    with pytest.raises(NotYourTurn, match="gelombang 1"):
        cast.sign(someone(opened, AGUS))


def test_the_admin_opens_wave_by_wave(opened: Event, admin: User):
    first = waves.open_next(opened, 1, by=admin)
    assert (first.number, first.opened_by) == (1, admin)
    assert first.opened_at is not None
    cast.sign(someone(opened, AGUS))
    with pytest.raises(NotYourTurn, match="gelombang 2"):
        cast.sign(someone(opened, DEWI))
    waves.open_next(opened, 2, by=admin)
    cast.sign(someone(opened, DEWI))
    with pytest.raises(NotYourTurn, match="gelombang 3"):
        cast.sign(someone(opened, SITI))
    waves.open_next(opened, 3, by=admin)
    cast.sign(someone(opened, SITI))
    entries = AuditEntry.objects.filter(action="waves.open")
    assert [entry.details for entry in entries] == [{"wave": 1}, {"wave": 2}, {"wave": 3}]


def test_an_earlier_wave_stays_open(opened: Event):
    waves.open_next(opened, 1, by=None)
    waves.open_next(opened, 2, by=None)
    assert cast.sign(someone(opened, AGUS))


def test_no_wave_is_left_out(opened: Event):
    with pytest.raises(WrongState, match="Buka dahulu gelombang 1"):
        waves.open_next(opened, 2, by=None)


def test_a_wave_that_is_not_there_cannot_be_opened(opened: Event, open_event: Event):
    for event in (opened, open_event):
        with pytest.raises(NoSuchWave):
            waves.open_next(event, 4, by=None)


def test_waves_of_a_draft_and_of_a_closed_event_cannot_be_opened(bitung: Event):
    with pytest.raises(WrongState):
        waves.open_next(bitung, 1, by=None)
    closed = events.close(events.publish(bitung, by=None), by=None)
    with pytest.raises(WrongState):
        waves.open_next(closed, 1, by=None)


def test_going_back_to_draft_closes_all_waves(opened: Event):
    waves.open_next(opened, 1, by=None)
    draft = events.unpublish(opened, by=None)
    assert not draft.waves.filter(opened_at__isnull=False).exists()
    assert events.publish(draft, by=None).open_wave == 0


def test_a_wave_opened_twice_by_two_admins_at_once_is_opened_once(transactional_db: None):
    event = cast.make_draft(cast.make_city())
    waves.define(event, BY_RANK, by=None)
    event = events.publish(event, by=None)
    answers = at_once([partial(waves.open_next, event, 1, by=None) for _ in range(6)])
    event.refresh_from_db()
    assert event.open_wave == 1
    assert sum(isinstance(answer, Wave) for answer in answers) == 1
    assert sum(isinstance(answer, AlreadyOpened) for answer in answers) == 5
    assert AuditEntry.objects.filter(action="waves.open").count() == 1
    kindly = next(answer for answer in answers if isinstance(answer, AlreadyOpened))
    assert str(kindly) == (
        "Gelombang 1: Sekretaris Daerah sudah dibuka. Tidak ada yang perlu Anda ulangi."
    )


def test_a_wave_opened_beside_signing_lets_nobody_in_early_and_counts_nobody_twice(
    transactional_db: None,
):
    event = cast.make_draft(cast.make_city())
    waves.define(event, [Definition("Semua")], by=None)
    event = events.publish(event, by=None)
    tickets = [cast.ticket_of(person) for person in event.signatories.all()]
    mark = marks.drawn(cast.DRAWING)
    sign = [partial(signing.sign, t, mark=mark, consents=range(1, 5)) for t in tickets * 2]
    opening = [partial(waves.open_next, event, 1, by=None)] * 2
    acts: list[Callable[[], object]] = [*opening, *sign]
    answers = at_once(acts)
    refused = [a for a in answers[2:] if isinstance(a, BaseException)]
    assert {type(answer) for answer in refused} <= {NotYourTurn}
    for ticket in tickets:
        assert signing.sign(ticket, mark=mark, consents=range(1, 5))
    signed = Signatory.objects.filter(event=event, signatures__isnull=False)
    assert signed.count() == len(tickets)


# Guests and parts


def test_a_guest_signs_in_the_first_wave_or_where_an_admin_puts_them(city: City):
    event = cast.make_ceremony(city)
    waves.define(event, BY_RANK, by=None)
    guest = event.signatories.get(kind=Kind.OUTSIDE)
    assert guest.wave == 1
    waves.give(guest, 2, by=None)
    guest.refresh_from_db()
    assert guest.wave == 2


def test_the_wave_follows_when_somebody_gets_or_loses_a_part(city: City):
    event = cast.make_ceremony(city)
    waves.define(event, BY_RANK, by=None)
    rahmat = someone(event, RAHMAT_NIK)
    ceremony.give(rahmat, part=Part.REPRESENTATIVE, capacity="Perwakilan non-ASN", by=None)
    assert wave_of(event, RAHMAT_NIK) == 1
    ceremony.give(rahmat, part=Part.SIGNER, capacity="", by=None)
    assert wave_of(event, RAHMAT_NIK) == 3
    assert wave_of(event, BUDI) == 1
