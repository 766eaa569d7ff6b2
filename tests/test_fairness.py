from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pledges import disputes, fairness, guesses, identity, marks, signing
from pledges.fairness import BURST, MAX_PEOPLE_PER_DEVICE, Signals
from pledges.models import Desk, Event, Signatory, Signature
from pledges.signing import Delivery
from tests import cast

NIPS = (cast.SITI, cast.BUDI, cast.DEWI, cast.AGUS)


def sign(
    person: Signatory, *, device: str = "", mark: marks.Mark | None = None, desk: Desk | None = None
) -> Signature:
    ticket = (
        identity.issue(person, method=identity.DESK, detail="Petugas", desk=desk.pk)
        if desk
        else cast.ticket_of(person)
    )
    # Everybody's drawing is another.
    own = marks.drawn(f"M{person.number} 0L900 300")
    return signing.sign(
        ticket, mark=mark or own, consents=range(1, 41), delivery=Delivery(device=device)
    )


def signals(event: Event) -> Signals:
    return fairness.signals(event, event.signatories.all())


def crowd(event: Event, count: int) -> list[Signatory]:
    unit = cast.someone(event).unit
    return [
        cast.make_person(event, unit=unit, name=f"Guru {n}", nip=f"19800101200501{n:04}")
        for n in range(1, count + 1)
    ]


def move(event: Event, signatures: list[Signature], hour: str, *, seconds: int = 30) -> None:
    """As if given from that hour on, in the event's zone, so many seconds apart."""
    start = datetime.datetime.fromisoformat(f"2024-07-29T{hour}").replace(tzinfo=event.zone)
    for n, signature in enumerate(signatures):
        moment = start + n * datetime.timedelta(seconds=seconds)
        Signature.objects.filter(pk=signature.pk).update(signed_at=moment)


def names(group: fairness.Group) -> list[str]:
    return [signature.signatory.name for signature in group.signatures]


def test_where_nothing_is_unusual_there_is_nothing_to_see(open_event):
    for number, nip in enumerate(NIPS):
        sign(cast.someone(open_event, nip), device=f"ponsel {number}")

    assert signals(open_event) == Signals((), (), (), (), ())
    assert signals(open_event).count == 0


# Devices


def test_more_than_three_people_signing_on_one_device_are_a_signal(open_event):
    people = [cast.someone(open_event, nip) for nip in NIPS]
    for person in people[:3]:
        sign(person, device="ponsel")
    assert len(people[:3]) == MAX_PEOPLE_PER_DEVICE
    assert signals(open_event).devices == ()

    sign(people[3], device="ponsel")

    [group] = signals(open_event).devices
    assert group.people == 4
    assert names(group) == [person.name for person in people]
    assert group.first < group.last


def test_at_an_officers_desk_many_people_sign_on_one_device(open_event, officer):
    desk = Desk.objects.create(
        event=open_event, unit=open_event.agency, officer=officer, pin=make_password("1")
    )
    for nip in NIPS:
        sign(cast.someone(open_event, nip), device="ponsel", desk=desk)

    assert signals(open_event).devices == ()


def test_browsers_that_send_no_number_are_not_one_device(open_event):
    for nip in NIPS:
        sign(cast.someone(open_event, nip))

    assert signals(open_event).devices == ()


def test_the_same_person_signing_again_after_a_void_is_one_person_and_both_are_shown_marked(
    open_event, admin
):
    siti, budi, dewi, agus = (cast.someone(open_event, nip) for nip in NIPS)
    signing.void(sign(siti, device="ponsel"), reason="Salah nama", by=admin)
    sign(cast.someone(open_event, cast.SITI), device="ponsel")
    sign(budi, device="ponsel")
    sign(dewi, device="ponsel")
    assert signals(open_event).devices == ()

    sign(agus, device="ponsel")

    [group] = signals(open_event).devices
    assert group.people == 4
    assert [bool(s.voided_at) for s in group.signatures] == [True, False, False, False, False]


def test_a_voided_signature_counts_too(open_event, admin):
    signatures = [sign(cast.someone(open_event, nip), device="ponsel") for nip in NIPS]
    signing.void(signatures[0], reason="Bukan orangnya", by=admin)

    assert len(signals(open_event).devices) == 1


def test_one_device_at_two_events_is_not_followed(open_event, city):
    elsewhere = cast.make_open(city)
    for event in (open_event, elsewhere):
        for nip in NIPS[:2]:
            sign(cast.someone(event, nip), device="ponsel")

    assert signals(open_event).devices == ()
    assert len(set(Signature.objects.values_list("device", flat=True))) == 2


# Marks


def test_one_drawing_used_for_two_people_is_a_signal(open_event):
    for nip in NIPS[:2]:
        sign(cast.someone(open_event, nip), mark=marks.drawn(cast.DRAWING))

    [group] = signals(open_event).marks
    assert names(group) == ["Siti Aminah, S.Pd.", "Budi Santoso, S.K.M."]


def test_typed_names_may_coincide(open_event):
    for nip in NIPS[:2]:
        sign(cast.someone(open_event, nip), mark=marks.typed("Agus"))

    assert signals(open_event).marks == ()


def test_a_representatives_one_mark_on_both_texts_is_no_signal(city):
    event = cast.make_open_ceremony(city)
    sign(cast.someone(event, cast.SITI), mark=marks.drawn(cast.DRAWING))
    assert Signature.objects.count() == 2
    assert signals(event).marks == ()

    sign(cast.someone(event, cast.AGUS), mark=marks.drawn(cast.DRAWING))

    [group] = signals(event).marks
    assert names(group) == ["Siti Aminah, S.Pd.", "Agus"]


# Nights


@pytest.mark.parametrize("hour", ["21:00:00", "23:58:00", "00:10:00", "04:54:00"])
def test_ten_signatures_of_one_unit_within_ten_minutes_of_the_night_are_a_burst(open_event, hour):
    signatures = [sign(person) for person in crowd(open_event, BURST)]
    move(open_event, signatures, hour)

    [burst] = signals(open_event).bursts
    assert burst.unit.name == "SDN 1 Contoh"
    assert burst.people == 10
    assert burst.signatures == tuple(signatures)


@pytest.mark.parametrize("hour", ["08:00:00", "20:54:00", "05:00:00"])
def test_by_day_people_sign_together(open_event, hour):
    move(open_event, [sign(person) for person in crowd(open_event, 12)], hour)

    assert signals(open_event).bursts == ()


def test_nine_are_no_burst_nor_are_ten_in_more_than_ten_minutes(open_event):
    signatures = [sign(person) for person in crowd(open_event, 19)]
    move(open_event, signatures[:9], "22:00:00")
    move(open_event, signatures[9:], "23:00:00", seconds=67)

    assert signals(open_event).bursts == ()


def test_people_of_several_units_are_no_burst(open_event, city):
    half = [sign(person) for person in crowd(open_event, 9)]
    elsewhere = cast.make_person(
        open_event, unit=city.clinic, name="Lain", nip="197503032000032999"
    )
    move(open_event, [*half, sign(elsewhere)], "22:00:00")

    assert signals(open_event).bursts == ()


def test_a_burst_is_as_long_as_it_lasts_and_two_are_two(open_event):
    signatures = [sign(person) for person in crowd(open_event, 36)]
    move(open_event, signatures[:25], "22:00:00", seconds=60)
    move(open_event, signatures[25:], "23:59:00", seconds=10)

    bursts = signals(open_event).bursts

    assert [len(burst.signatures) for burst in bursts] == [25, 11]
    local = bursts[0].last.astimezone(open_event.zone)
    assert f"{local:%H.%M}" == "22.24"


def test_the_night_is_the_events_own(open_event):
    """Ten at night in Jayapura is eight in the evening in Jakarta."""
    signatures = [sign(person) for person in crowd(open_event, 10)]
    move(open_event, signatures, "20:10:00")
    assert signals(open_event).bursts == ()

    open_event.agency.timezone = "Asia/Jayapura"
    open_event.agency.save()

    [burst] = signals(Event.objects.get(pk=open_event.pk)).bursts
    assert burst.first.astimezone(ZoneInfo("Asia/Jayapura")).hour == 22


def test_the_hour_is_the_servers_and_what_was_sent_later_is_counted_beside_it(open_event):
    night = datetime.datetime(2024, 7, 29, 23, 0, tzinfo=open_event.zone)
    later = Delivery(is_sent_later=True, claimed_at=night)
    signatures = [
        signing.sign(
            cast.ticket_of(person), mark=marks.typed(person.name), consents=range(1, 5),
            delivery=later,
        )
        for person in crowd(open_event, 10)
    ]  # fmt: skip
    move(open_event, signatures, "09:00:00")
    assert signals(open_event).bursts == ()

    move(open_event, signatures, "22:00:00")

    [burst] = signals(open_event).bursts
    assert burst.sent_later == 10


# Reports and alerts


def test_a_report_of_not_me_is_a_signal_with_its_words(open_event):
    signature = sign(cast.someone(open_event))
    disputes.report(signature, message="Saya cuti hari itu.")

    [report] = signals(open_event).disputes
    assert report.signature == signature
    assert report.message == "Saya cuti hari itu."
    assert list(fairness.disputes_of(open_event.signatories.filter(nip=cast.SITI))) == [report]
    assert not fairness.disputes_of(open_event.signatories.filter(nip=cast.BUDI))


def test_a_wrong_code_tried_over_many_nips_is_a_signal_and_news_for_a_day(open_event):
    assert fairness.latest_alert(open_event) is None
    for n in range(guesses.SAME_CODE):
        with pytest.raises(identity.WrongCode):
            identity.by_code(open_event, identifier=f"19800101200501{n:04}", code="AAAAAAAAAA")

    [alert] = signals(open_event).alerts

    assert (alert.same_code, alert.numbers, alert.signed) == (5, 5, 0)
    assert fairness.latest_alert(open_event) == alert
    tomorrow = timezone.now() + datetime.timedelta(hours=25)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: tomorrow)
        assert fairness.latest_alert(open_event) is None
    assert signals(open_event).count == 1


# Whose


def test_signals_are_those_of_the_event_and_of_the_people_asked_for(open_event, city):
    elsewhere = cast.make_open(city)
    for event in (open_event, elsewhere):
        for nip in (cast.SITI, cast.AGUS):
            sign(cast.someone(event, nip), mark=marks.drawn(cast.DRAWING))

    people = open_event.signatories.all()
    assert len(fairness.signals(open_event, people).marks) == 1
    assert len(fairness.signals(open_event, people.in_unit(city.school)).marks) == 1
    assert fairness.signals(open_event, people.in_unit(city.health)).count == 0


def test_six_queries_find_the_signals_of_few_and_of_many(open_event, admin):
    def see() -> int:
        with CaptureQueriesContext(connection) as asked:
            found = signals(open_event)
            for group in (*found.devices, *found.marks, *found.bursts):
                assert all(signature.signatory.unit.name for signature in group.signatures)
            assert all(report.signature.signatory.unit.name for report in found.disputes)
        assert found.count
        return len(asked)

    people = crowd(open_event, 36)
    few = [sign(p, device="a", mark=marks.drawn(cast.DRAWING)) for p in people[:12]]
    move(open_event, few, "22:00:00")
    disputes.report(few[0])
    assert see() == 6

    many = [
        sign(p, device="bcd"[n % 3], mark=marks.drawn(f"M{n % 3} 0L900 300"))
        for n, p in enumerate(people[12:])
    ]
    move(open_event, many, "23:00:00")
    for signature in many:
        disputes.report(signature)
    assert see() == 6


def test_drawings_and_statements_are_not_read(open_event):
    for nip in NIPS:
        sign(cast.someone(open_event, nip), device="ponsel", mark=marks.drawn(cast.DRAWING))

    with CaptureQueriesContext(connection) as asked:
        assert signals(open_event).count == 2

    read = [query["sql"].partition(" FROM ")[0] for query in asked]
    assert not [columns for columns in read if '"statement"' in columns or '"mark"' in columns]
