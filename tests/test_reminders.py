from __future__ import annotations

import datetime
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pledges import access, events, identity, mailing, missing_list, reminders, whatsapp
from pledges.access import Permission
from pledges.events import WrongState
from pledges.mailing import MailServerAway, Tally
from pledges.models import AuditEntry, Event, Excuse, Refusal, Reminder, ReminderRun, Signatory, Way
from pledges.reminders import AlreadyBegun, AlreadyPlanned, Outlook, PastSchedule, Sender
from pledges.whatsapp import Chase, Contact
from tests import cast
from tests.cast import AGUS, BUDI, DEWI, RAHMAT_NIK, SITI, City
from tests.conftest import free_port
from tests.mail_server import ANYBODY, DATA, HANG_UP, LAST, MAIL, RCPT, STALL, MailServer
from tests.threads import at_once

EVERYBODY = {"Siti Aminah, S.Pd.", "Budi Santoso, S.K.M.", "Dr. Dewi Lestari, S.Pd., M.Pd.", "Agus",
             "Rahmat Hidayat"}  # fmt: skip


def names(event: Event, **reveals: bool) -> set[str]:
    return {person.name for person in reminders.missing(event.signatories.all(), **reveals)}


def at(moment: datetime.datetime) -> mock._patch[mock.Mock]:
    return mock.patch.object(timezone, "now", return_value=moment)


def with_emails(event: Event, count: int) -> list[Signatory]:
    """So many teachers who have not signed; teacher 1 has the address guru1@contoh.example."""
    unit = cast.someone(event).unit
    return [
        cast.make_person(
            event, unit=unit, name=f"Guru Contoh {number}", nip=f"19800101200501{number:04}",
            email=f"guru{number}@contoh.example",
        )
        for number in range(1, count + 1)
    ]  # fmt: skip


def addresses_of(count: int) -> list[str]:
    return [f"guru{number}@contoh.example" for number in range(1, count + 1)]


def only_teachers(event: Event) -> None:
    """Siti, who has an address too, signs."""
    cast.sign(cast.someone(event, SITI))


def ask(event: Event, city_unit=None) -> ReminderRun:
    return reminders.send_now(event, unit=city_unit or event.agency, by=None)


def send() -> Tally:
    sender = Sender()
    sender.round()
    return sender.tally


def tick() -> Tally:
    reminders.begin_due()
    return send()


def result(run: ReminderRun) -> reminders.Result:
    [found] = reminders.results(ReminderRun.objects.filter(pk=run.pk))
    return found


def excuse(person: Signatory, **fields: object) -> Excuse:
    return Excuse.objects.create(signatory=person, code=Excuse.Code.LEAVE, **fields)


# Who is to be reminded


def test_whoever_owes_a_pact_and_has_not_signed_is_to_be_reminded(open_event):
    assert names(open_event) == EVERYBODY

    cast.sign(cast.someone(open_event, SITI))

    assert names(open_event) == EVERYBODY - {"Siti Aminah, S.Pd."}


def test_who_was_taken_off_the_roster_or_comes_from_outside_is_not_reminded(city):
    event = cast.make_open_ceremony(city)
    event.signatories.filter(nip=SITI).update(withdrawn_at=timezone.now())

    assert names(event) == EVERYBODY - {"Siti Aminah, S.Pd."}


def test_whoever_has_a_standing_excuse_is_not_reminded(open_event):
    excuse(cast.someone(open_event, SITI))
    excuse(cast.someone(open_event, BUDI), lifted_at=timezone.now())

    assert names(open_event) == EVERYBODY - {"Siti Aminah, S.Pd."}


def test_who_declined_is_not_reminded_by_those_who_may_know_of_it(open_event):
    Refusal.objects.create(signatory=cast.someone(open_event, SITI))
    Refusal.objects.create(signatory=cast.someone(open_event, BUDI), taken_back_at=timezone.now())

    assert names(open_event, reveals_refusals=True) == EVERYBODY - {"Siti Aminah, S.Pd."}
    assert names(open_event) == EVERYBODY


def test_whose_wave_is_not_open_yet_is_not_reminded(open_event):
    open_event.signatories.filter(nip=SITI).update(wave=2)

    assert names(open_event) == EVERYBODY - {"Siti Aminah, S.Pd."}


def test_before_a_round_one_is_told_how_many_have_no_address_or_were_reminded_today(
    open_event, smtp_server
):
    with_emails(open_event, 3)
    everybody = open_event.signatories.all()
    assert reminders.outlook(open_event, everybody) == Outlook(8, 4, 0)

    ask(open_event)
    tick()
    with_emails_later = cast.make_person(
        open_event, unit=cast.someone(open_event).unit, name="Guru Baru",
        nip="198001012005012099", email="baru@contoh.example",
    )  # fmt: skip

    outlook = reminders.outlook(open_event, everybody)
    assert with_emails_later.email
    assert outlook == Outlook(missing=9, without_address=4, reminded_today=4)
    assert outlook.to_send == 1


# What is written


def test_it_says_what_is_to_be_signed_until_when_and_where_and_carries_no_personal_link(
    siti, smtp_server
):
    ask(siti.event)

    assert tick() == Tally(sent=1)

    [message] = smtp_server.messages
    body = message.get_content()
    local = siti.event.deadline.astimezone(siti.event.zone)
    assert message["To"] == "siti@contoh.example"
    assert (
        message["Subject"]
        .strip()
        .startswith("Pengingat: pakta integritas Anda belum ditandatangani – ")
    )
    assert message["Auto-Submitted"] == "auto-generated"
    assert body.startswith("Yth. Siti Aminah, S.Pd.,\n")
    assert f"Acara       : {siti.event.title}, Pemerintah Kota Contoh\n" in body
    assert f"{local:%Y} pukul {local:%H.%M} WIB\n" in body
    assert f"\nhttp://localhost:8000/a/{siti.event.code}\n" in body
    assert "Siapkan slip" in body
    assert "/s/" not in body
    assert SITI not in body
    assert "CONTOH" not in body
    assert "sudah lewat" not in body


def test_after_the_deadline_it_says_that_one_can_still_sign_late(siti, smtp_server):
    Event.objects.update(deadline=timezone.now() - datetime.timedelta(hours=1))
    ask(siti.event)

    tick()

    assert "pakta Anda dicatat terlambat" in smtp_server.messages[0].get_content()


def test_a_reminder_of_a_demonstration_says_so_first(city, smtp_server):
    ask(cast.make_open(city, is_example=True))

    tick()

    [message] = smtp_server.messages
    assert message["Subject"].strip().startswith("[CONTOH] ")
    assert message.get_content().startswith("CONTOH. Surel ini dari acara percobaan;")


def test_a_line_break_in_a_title_stays_out_of_the_subject(siti, smtp_server):
    siti.event.title = "Apel\r\nBcc: semua@contoh.example"
    siti.event.save()
    ask(siti.event)

    tick()

    [message] = smtp_server.messages
    assert message["Subject"].endswith("Apel Bcc: semua@contoh.example")
    assert message["Bcc"] is None


# A round now


def test_a_round_reaches_those_of_its_unit_and_below_and_nobody_else(
    open_event, city: City, smtp_server
):
    Signatory.objects.filter(nip=BUDI).update(email="budi@contoh.example")
    Signatory.objects.filter(nip=DEWI).update(email="dewi@contoh.example")

    run = ask(open_event, city.education)
    tick()

    assert sorted(smtp_server.recipients) == ["dewi@contoh.example", "siti@contoh.example"]
    assert result(run).run.without_address == 1
    assert (result(run).sent, result(run).is_over) == (2, True)
    entry = AuditEntry.objects.get(action="reminders.send")
    assert entry.details == {"unit": city.education.pk}
    assert AuditEntry.objects.get(action="reminders.begin").details == {"people": 2}


def test_who_is_excused_or_declined_gets_no_email(open_event, smtp_server):
    one, two, _ = with_emails(open_event, 3)
    excuse(one)
    Refusal.objects.create(signatory=two)
    only_teachers(open_event)

    ask(open_event)
    tick()

    assert smtp_server.recipients == ["guru3@contoh.example"]


def test_nobody_gets_two_in_a_day_whatever_rounds_overlap(open_event, city, smtp_server):
    with_emails(open_event, 3)
    ask(open_event)
    ask(open_event, city.education)
    tick()
    ask(open_event)
    tick()

    assert sorted(smtp_server.recipients) == [*addresses_of(3), "siti@contoh.example"]


def test_while_a_round_is_under_way_none_is_asked_for_beside_it(open_event, city, smtp_server):
    with_emails(open_event, 3)
    run = ask(open_event)

    with pytest.raises(AlreadyPlanned, match="sudah diminta dan belum selesai dikirim"):
        ask(open_event)
    reminders.begin_due()
    with pytest.raises(AlreadyPlanned, match="belum selesai dikirim"):
        ask(open_event)
    assert ask(open_event, city.education).unit == city.education
    send()

    assert ask(open_event) != run
    assert ReminderRun.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_several_clicks_at_once_ask_for_one_round(transactional_db: None):
    event = cast.make_open(cast.make_city())

    answers = at_once([lambda: ask(event)] * 4)

    assert [answer for answer in answers if not isinstance(answer, AlreadyPlanned)] == [
        ReminderRun.objects.get()
    ]


def test_a_refused_address_is_not_tried_again_that_day(open_event, smtp_server):
    smtp_server.refuse("siti@contoh.example")
    ask(open_event)
    assert tick() == Tally(failed=1)
    ask(open_event)

    assert tick() == Tally()


def test_the_next_day_everybody_still_missing_gets_one_again(open_event, smtp_server):
    ask(open_event)
    tick()
    with at(timezone.now() + datetime.timedelta(days=1)):
        ask(open_event)
        tick()

    assert smtp_server.recipients == ["siti@contoh.example"] * 2


def test_the_day_is_the_events_own(open_event, smtp_server):
    """When it is 23:30 in Jakarta, it is tomorrow already in Jayapura."""
    open_event.agency.timezone = "Asia/Jayapura"
    open_event.agency.save()
    with at(datetime.datetime(2024, 7, 20, 16, 30, tzinfo=datetime.UTC)):
        ask(open_event)
        assert tick().sent == 1

    assert Reminder.objects.get().day == datetime.date(2024, 7, 21)


def test_who_signs_before_their_turn_is_left_alone(open_event, smtp_server):
    with_emails(open_event, 2)
    run = ask(open_event)
    reminders.begin_due()
    only_teachers(open_event)

    assert send() == Tally(sent=2)

    assert smtp_server.recipients == addresses_of(2)
    assert (result(run).sent, result(run).left, result(run).is_over) == (2, 1, True)


def test_nobody_is_written_to_after_the_address_was_removed(siti, smtp_server):
    ask(siti.event)
    reminders.begin_due()
    Signatory.objects.filter(pk=siti.pk).update(email="")

    assert send() == Tally()


def test_what_midnight_finds_unsent_is_left(siti, smtp_server):
    run = ask(siti.event)
    reminders.begin_due()

    with at(timezone.now() + datetime.timedelta(days=1)):
        assert send() == Tally()
        assert (result(run).left, result(run).waiting) == (1, 0)


def test_an_event_that_is_not_open_takes_no_round(draft_event, closed_event):
    for event in (draft_event, closed_event):
        with pytest.raises(WrongState, match="tidak sedang dibuka"):
            ask(event)
        with pytest.raises(WrongState, match="tidak sedang dibuka"):
            reminders.plan(event, unit=event.agency, days_before=1, by=None)


def test_an_event_closed_meanwhile_sends_nothing_and_says_so(open_event, smtp_server):
    run = ask(open_event)
    events.close(open_event, by=None)

    assert tick() == Tally()

    assert result(run).found_closed
    assert smtp_server.messages == []
    assert not Reminder.objects.exists()


def test_closing_stops_a_round_that_has_begun(open_event, smtp_server):
    run = ask(open_event)
    reminders.begin_due()
    events.close(open_event, by=None)

    assert send() == Tally()
    assert (result(run).left, result(run).is_over) == (1, True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ends", ["signed", "excused", "closed"])
def test_who_signs_while_the_batch_is_under_way_gets_no_reminder(
    transactional_db: None, smtp_server, ends
):
    event = cast.make_open(cast.make_city())
    _, second, third = with_emails(event, 3)
    only_teachers(event)
    run = ask(event)
    smtp_server.at("guru1@contoh.example", DATA, STALL)

    def meanwhile() -> None:
        smtp_server.wait_until_it_stalls()
        if ends == "signed":
            cast.sign(second)
        elif ends == "excused":
            excuse(second)
        else:
            events.close(event, by=None)
        smtp_server.forgive()

    assert at_once([tick, meanwhile]) == [Tally(sent=1 if ends == "closed" else 2), None]

    told = ["guru1@contoh.example"] if ends == "closed" else [
        "guru1@contoh.example", third.email,
    ]  # fmt: skip
    assert smtp_server.recipients == told
    assert result(run).left == 3 - len(told)


# Planned rounds


def days_before(event: Event, days: int, *, hour: int) -> datetime.datetime:
    local = event.deadline.astimezone(event.zone) - datetime.timedelta(days=days)
    return local.replace(hour=hour, minute=0, second=0, microsecond=0)


def test_three_days_before_the_deadline_those_missing_are_reminded_at_eight(
    open_event, smtp_server
):
    with_emails(open_event, 2)
    run = reminders.plan(open_event, unit=open_event.agency, days_before=3, by=None)
    assert reminders.due_at(run) == days_before(open_event, 3, hour=8)

    with at(days_before(open_event, 3, hour=8) - datetime.timedelta(minutes=1)):
        assert tick() == Tally()
    only_teachers(open_event)
    with at(days_before(open_event, 3, hour=8)):
        assert tick() == Tally(sent=2)
        assert tick() == Tally()

    assert smtp_server.recipients == addresses_of(2)
    assert AuditEntry.objects.get(action="reminders.plan").details["days"] == 3


def test_a_planned_round_moves_with_the_deadline(open_event, smtp_server):
    reminders.plan(open_event, unit=open_event.agency, days_before=3, by=None)
    was = days_before(open_event, 3, hour=9)
    open_event.deadline += datetime.timedelta(days=2)
    open_event.save()

    with at(was):
        assert tick() == Tally()
    with at(was + datetime.timedelta(days=2)):
        assert tick() == Tally(sent=1)


def test_a_round_whose_time_is_past_is_refused_and_the_time_is_told(open_event):
    with pytest.raises(PastSchedule, match="sudah lewat") as refused:
        reminders.plan(open_event, unit=open_event.agency, days_before=30, by=None)

    assert refused.value.at == days_before(open_event, 30, hour=8)
    assert not ReminderRun.objects.exists()


def test_a_round_after_the_deadline_is_refused(open_event):
    open_event.deadline = days_before(open_event, 0, hour=7)
    open_event.save()

    with pytest.raises(PastSchedule, match="sesudah batas waktu"):
        reminders.plan(open_event, unit=open_event.agency, days_before=0, by=None)


def test_the_same_round_is_planned_once_unless_it_was_cancelled(open_event, city):
    run = reminders.plan(open_event, unit=city.agency, days_before=3, by=None)
    with pytest.raises(AlreadyPlanned, match="Pengingat 3 hari sebelum batas waktu"):
        reminders.plan(open_event, unit=city.agency, days_before=3, by=None)
    reminders.plan(open_event, unit=city.education, days_before=3, by=None)
    reminders.cancel(run, by=None)

    reminders.plan(open_event, unit=city.agency, days_before=3, by=None)


def test_a_cancelled_round_sends_nothing_and_cancelling_again_changes_nothing(
    open_event, admin, smtp_server
):
    run = reminders.plan(open_event, unit=open_event.agency, days_before=3, by=admin)
    reminders.cancel(run, by=admin)
    reminders.cancel(run, by=admin)

    with at(days_before(open_event, 3, hour=9)):
        assert tick() == Tally()

    assert reminders.results(ReminderRun.objects.all()) == []
    assert AuditEntry.objects.filter(action="reminders.cancel").count() == 1


def test_a_round_that_has_begun_cannot_be_cancelled(open_event):
    run = ask(open_event)
    reminders.begin_due()

    with pytest.raises(AlreadyBegun, match="sudah mulai dikirim"):
        reminders.cancel(run, by=None)


# What fails


def test_a_bad_address_never_stops_the_others_and_is_told_with_its_person_and_reason(
    open_event, smtp_server: MailServer, caplog
):
    people = with_emails(open_event, 4)
    only_teachers(open_event)
    smtp_server.refuse("guru2@contoh.example")
    Signatory.objects.filter(pk=people[2].pk).update(email="guru3\n@contoh.example")
    run = ask(open_event)

    assert tick() == Tally(sent=2, failed=2)

    assert smtp_server.recipients == ["guru1@contoh.example", "guru4@contoh.example"]
    assert smtp_server.connections == 1
    assert (result(run).sent, result(run).failed, result(run).uncertain) == (2, 2, 0)
    unreached = reminders.unreached(open_event.signatories.all())
    assert [(one.signatory.name, one.error, reminders.reason(one)) for one in unreached] == [
        ("Guru Contoh 2", "SMTPRecipientsRefused 550", "alamatnya tidak dikenal atau ditolak"),
        ("Guru Contoh 3", mock.ANY, "alamatnya salah tulis"),
    ]
    assert "guru2@" not in caplog.text


def test_an_address_that_was_mended_leaves_the_list_when_it_was_reached(open_event, smtp_server):
    smtp_server.refuse("siti@contoh.example")
    ask(open_event)
    tick()
    everybody = open_event.signatories.all()
    assert reminders.unreached(everybody).count() == 1
    Signatory.objects.filter(nip=SITI).update(email="siti.baru@contoh.example")

    with at(timezone.now() + datetime.timedelta(days=1)):
        ask(open_event)
        assert tick() == Tally(sent=1)

    assert not reminders.unreached(everybody).exists()


def test_failures_are_told_for_the_people_of_a_part_alone(open_event, city, smtp_server):
    smtp_server.refuse("siti@contoh.example")
    ask(open_event)
    tick()

    assert not reminders.unreached(open_event.signatories.all().in_unit(city.health)).exists()


def test_a_server_that_is_away_costs_nobody_the_reminder(open_event, settings, smtp_server):
    with_emails(open_event, 1)
    there, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    run = ask(open_event)
    with pytest.raises(MailServerAway):
        tick()
    assert result(run).waiting == 2

    settings.EMAIL_PORT = there

    assert send() == Tally(sent=2)


@contextmanager
def silent_server() -> Iterator[int]:
    """Takes connections and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_server_that_hangs_is_given_up_after_the_timeout_and_costs_nobody_the_reminder(
    open_event, settings, smtp_server
):
    there, settings.EMAIL_TIMEOUT = settings.EMAIL_PORT, 0.5
    run = ask(open_event)
    with silent_server() as port:
        settings.EMAIL_PORT = port
        with pytest.raises(MailServerAway):
            tick()
    assert result(run).waiting == 1

    settings.EMAIL_PORT = there

    assert send() == Tally(sent=1)


def test_a_server_that_refuses_the_sender_costs_nobody_the_reminder(open_event, smtp_server):
    """As servers do that take so many letters an hour."""
    with_emails(open_event, 3)
    only_teachers(open_event)
    run = ask(open_event)
    for answer in ("450 4.7.1 too many", "421 4.7.0 try again later", "550 5.7.1 not allowed"):
        smtp_server.at(ANYBODY, MAIL, answer)
        with pytest.raises(MailServerAway, match=f"SMTPSenderRefused {answer[:3]}"):
            tick()
        assert (result(run).waiting, result(run).failed, result(run).uncertain) == (3, 0, 0)

    smtp_server.forgive()

    assert send() == Tally(sent=3)
    assert smtp_server.recipients == addresses_of(3)


@pytest.mark.parametrize("command", [RCPT, DATA])
def test_421_for_one_address_leaves_the_next_one_waiting_and_not_uncertain(
    open_event, smtp_server, command
):
    with_emails(open_event, 3)
    only_teachers(open_event)
    smtp_server.at("guru1@contoh.example", command, "421 4.7.0 closing")
    run = ask(open_event)
    with pytest.raises(MailServerAway, match="421"):
        tick()
    with at(timezone.now() + datetime.timedelta(minutes=4)):
        assert (result(run).waiting, result(run).failed, result(run).uncertain) == (2, 1, 0)

    assert send() == Tally(sent=2)

    assert smtp_server.recipients == ["guru2@contoh.example", "guru3@contoh.example"]


def test_a_server_that_closes_the_connection_after_each_letter_costs_nobody_the_reminder(
    open_event, smtp_server
):
    with_emails(open_event, 3)
    only_teachers(open_event)
    smtp_server.at(ANYBODY, DATA, LAST)
    ask(open_event)

    assert tick() == Tally(sent=3)

    assert smtp_server.recipients == addresses_of(3)
    assert smtp_server.connections == 3


@pytest.mark.parametrize("behaviour", [HANG_UP, STALL])
@pytest.mark.parametrize("command", [RCPT, DATA])
def test_an_address_that_hangs_after_data_costs_the_others_nothing(
    open_event, settings, smtp_server, command, behaviour
):
    settings.EMAIL_TIMEOUT = 0.5
    with_emails(open_event, 4)
    only_teachers(open_event)
    smtp_server.at("guru2@contoh.example", command, behaviour)
    run = ask(open_event)

    assert tick() == Tally(sent=3, failed=1)

    assert smtp_server.recipients == [f"guru{number}@contoh.example" for number in (1, 3, 4)]
    assert smtp_server.connections == 2
    with at(timezone.now() + datetime.timedelta(minutes=4)):
        assert (result(run).sent, result(run).failed, result(run).uncertain) == (3, 0, 1)
        [one] = reminders.unreached(open_event.signatories.all())
        assert one.signatory.name == "Guru Contoh 2"
        assert reminders.reason(one) == "tidak pasti: mungkin sampai, mungkin tidak"


def test_a_server_that_cuts_off_one_after_the_other_is_away_and_the_rest_waits(
    open_event, settings, smtp_server
):
    settings.EMAIL_TIMEOUT = 0.5
    with_emails(open_event, 5)
    only_teachers(open_event)
    smtp_server.at(ANYBODY, DATA, STALL)
    run = ask(open_event)
    with pytest.raises(MailServerAway, match="2 letters were cut off"):
        tick()
    smtp_server.forgive()

    assert send() == Tally(sent=3)

    with at(timezone.now() + datetime.timedelta(minutes=4)):
        assert (result(run).sent, result(run).uncertain) == (3, 2)


def test_a_sender_that_died_in_between_leaves_one_uncertain_that_is_not_sent_again_that_day(
    siti, smtp_server
):
    """Rather never than twice."""
    run = ask(siti.event)
    reminders.begin_due()
    assert Sender().claim(reminders.due(timezone.now()).get())
    ask(siti.event, siti.unit)

    assert tick() == Tally()

    assert (result(run).uncertain, result(run).waiting) == (0, 1)
    with at(timezone.now() + datetime.timedelta(minutes=4)):
        assert (result(run).uncertain, result(run).waiting) == (1, 0)
    with at(timezone.now() + datetime.timedelta(days=1)):
        ask(siti.event)
        assert tick() == Tally(sent=1)


# Two hosts


@pytest.mark.django_db(transaction=True)
def test_two_hosts_that_tick_at_once_send_nobody_two(transactional_db: None, smtp_server):
    city = cast.make_city()
    event = cast.make_open(city)
    with_emails(event, 12)
    only_teachers(event)
    ask(event)
    ask(event, city.education)

    tallies = at_once([tick] * 3)
    # Who began no round may have looked before the rows were there.
    tallies.append(send())

    assert sum(tally.sent for tally in tallies if isinstance(tally, Tally)) == 12
    assert sorted(smtp_server.recipients) == sorted(addresses_of(12))


@pytest.mark.django_db(transaction=True)
def test_a_round_is_begun_by_one_host(transactional_db: None):
    event = cast.make_open(cast.make_city())
    run = ask(event)

    assert sorted(at_once([reminders.begin_due] * 3)) == [0, 0, 1]  # type: ignore[type-var]

    assert run.reminders.count() == 1
    assert AuditEntry.objects.filter(action="reminders.begin").count() == 1


def test_more_than_a_batch_goes_out_in_one_round_each_once(open_event, smtp_server, monkeypatch):
    monkeypatch.setattr(mailing, "BATCH", 2)
    with_emails(open_event, 7)
    only_teachers(open_event)
    smtp_server.refuse("guru2@contoh.example")
    run = ask(open_event)

    assert tick() == Tally(sent=6, failed=1)

    assert smtp_server.recipients == [each for each in addresses_of(7) if "guru2@" not in each]
    assert smtp_server.connections == 1
    assert (result(run).sent, result(run).failed, result(run).is_over) == (6, 1, True)


def test_writing_out_and_sending_take_the_same_queries_for_each(open_event, smtp_server):
    with_emails(open_event, 5)
    only_teachers(open_event)
    ask(open_event)
    with CaptureQueriesContext(connection) as begun:
        reminders.begin_due()
    with CaptureQueriesContext(connection) as sent:
        assert send().sent == 5

    assert len(begun) < 15
    # Claim and mark; and three to find what is due.
    assert len(sent) == 3 + 2 * 5


# By WhatsApp


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("0812-3456-7890", "6281234567890"), ("+62 812 3456 7890", "6281234567890"),
        ("6281234567890", "6281234567890"), ("81234567890", "6281234567890"),
        ("+60123456789", "60123456789"),
        ("", ""), ("022-1234567", ""), ("0812", ""), ("0812-3456-7890 / 0813-1111-2222", ""),
        ("tidak ada", ""),
    ],
)  # fmt: skip
def test_a_number_becomes_what_whatsapp_takes_or_is_unusable(written, meant):
    assert whatsapp.number(written) == meant


def give_phone(person: Signatory, phone: str = "0812-3456-7890") -> Signatory:
    person.phone = phone
    person.save()
    return person


def test_the_chat_opens_with_a_message_that_carries_the_personal_link(siti, officer):
    officer.first_name = "Rina"
    officer.save()

    address = whatsapp.remind(give_phone(siti), by=officer)

    site, _, text = address.partition("?text=")
    assert site == "https://wa.me/6281234567890"
    message = unquote(text)
    assert message.startswith("Yth. Siti Aminah, S.Pd.,\n")
    assert f"\n{siti.event.title}\n" in message
    assert f"\n{identity.personal_link(siti)}\n" in message
    assert "Jangan diteruskan" in message
    assert message.endswith("\nRina")


def test_a_message_of_an_officer_without_a_name_ends_with_the_address(siti, officer):
    address = whatsapp.remind(give_phone(siti), by=officer)

    assert unquote(address).endswith("Terima kasih.\npetugas@contoh.example")


def test_it_is_recorded_who_gave_the_link_to_whom(siti, officer):
    whatsapp.remind(give_phone(siti), by=officer)

    siti.refresh_from_db()
    assert siti.handed_out_by == officer
    reminder = Reminder.objects.get()
    assert (reminder.channel, reminder.sent_by, bool(reminder.sent_at)) == (
        "whatsapp", officer, True,
    )  # fmt: skip
    entry = AuditEntry.objects.get(action="reminders.whatsapp")
    assert (entry.target, entry.actor, entry.details) == (
        f"signatory:{siti.pk}", f"user:{officer.pk}", {},
    )  # fmt: skip


def test_opening_the_chat_again_counts_once_a_day_and_is_in_the_audit_log_each_time(siti, officer):
    give_phone(siti)
    assert whatsapp.remind(siti, by=officer) == whatsapp.remind(siti, by=officer)

    assert Reminder.objects.count() == 1
    assert AuditEntry.objects.filter(action="reminders.whatsapp").count() == 2


def test_where_links_are_no_way_in_the_message_carries_the_events_address(siti, officer):
    siti.event.ways = [Way.EMAIL]
    siti.event.save()

    address = whatsapp.remind(give_phone(siti), by=officer)

    assert f"%2Fa%2F{siti.event.code}" in address
    assert "%2Fs%2F" not in address
    siti.refresh_from_db()
    assert siti.handed_out_by is None


def test_who_need_not_be_reminded_any_more_is_not(siti, officer):
    give_phone(siti)
    excuse(siti)
    with pytest.raises(whatsapp.NotAwaited, match="tidak perlu diingatkan"):
        whatsapp.remind(siti, by=officer)
    Excuse.objects.update(lifted_at=timezone.now())
    cast.sign(siti)
    with pytest.raises(whatsapp.NotAwaited):
        whatsapp.remind(siti, by=officer)
    assert not Reminder.objects.exists()


def test_after_closing_nobody_is_reminded(siti, officer):
    give_phone(siti)
    events.close(siti.event, by=None)

    with pytest.raises(whatsapp.NotAwaited):
        whatsapp.remind(siti, by=officer)


def test_an_unusable_number_is_told_with_what_to_do(siti, officer):
    for phone in ("", "022-1234567"):
        with pytest.raises(whatsapp.NoNumber, match="Isi dahulu nomor"):
            whatsapp.remind(give_phone(siti, phone), by=officer)
    assert not AuditEntry.objects.filter(action="reminders.whatsapp").exists()


def contacts(event: Event, **reveals: bool) -> dict[str, str]:
    chase = Chase(event.signatories.all(), **reveals)
    return {
        person.nip or RAHMAT_NIK: contact.value
        for contact in Contact
        for person in chase.so_far(contact)
    }


def test_the_state_of_each_is_not_contacted_sent_opened_or_signed(open_event, officer):
    for nip in (SITI, BUDI, DEWI):
        whatsapp.remind(give_phone(cast.someone(open_event, nip)), by=officer)
    identity.note_opened(cast.ticket_of(cast.someone(open_event, BUDI)))
    cast.sign(cast.someone(open_event, DEWI))

    assert contacts(open_event) == {
        SITI: "terkirim", BUDI: "dibuka", DEWI: "sudah", AGUS: "belum", RAHMAT_NIK: "belum",
    }  # fmt: skip
    assert Chase(open_event.signatories.all()).counts() == {
        Contact.NONE: 2, Contact.SENT: 1, Contact.OPENED: 1, Contact.SIGNED: 1,
    }  # fmt: skip


def test_who_signed_without_being_reminded_is_not_among_the_chased(open_event):
    cast.sign(cast.someone(open_event, SITI))

    assert SITI not in contacts(open_event)


def test_who_declined_is_spared_by_those_who_may_know_of_it(open_event):
    Refusal.objects.create(signatory=cast.someone(open_event, SITI))

    assert SITI not in contacts(open_event, reveals_refusals=True)
    assert contacts(open_event)[SITI] == "belum"


def test_that_a_page_was_opened_counts_the_first_time(siti):
    ticket = cast.ticket_of(siti)
    identity.note_opened(ticket)
    siti.refresh_from_db()
    first = siti.opened_at
    with at(timezone.now() + datetime.timedelta(hours=1)):
        identity.note_opened(ticket)

    siti.refresh_from_db()
    assert first
    assert siti.opened_at == first


def test_opening_is_of_interest_for_who_was_reminded_and_not_seen_yet(siti, officer):
    assert not reminders.awaits_opening(siti)
    whatsapp.remind(give_phone(siti), by=officer)
    assert reminders.awaits_opening(siti)
    identity.note_opened(cast.ticket_of(siti))

    siti.refresh_from_db()
    assert not reminders.awaits_opening(siti)


# On paper


def test_the_list_to_print_has_the_missing_by_unit_and_is_recorded(open_event, officer):
    excuse(cast.someone(open_event, AGUS))
    people = access.signatories(officer, open_event, Permission.CARE)

    sheets = missing_list.take(open_event, people, by=officer)

    assert [(sheet.unit, [person.name for person in sheet.people]) for sheet in sheets] == [
        ("Dinas Pendidikan", ["Dr. Dewi Lestari, S.Pd., M.Pd."]),
        ("Dinas Pendidikan › SDN 1 Contoh", ["Siti Aminah, S.Pd."]),
    ]
    entry = AuditEntry.objects.get(action="missing.print")
    assert entry.details == {"people": 2}
