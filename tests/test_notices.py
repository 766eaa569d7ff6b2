from __future__ import annotations

import datetime
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pledges import disputes, mailing, marks, notices, signing
from pledges.mailing import MailServerAway, Tally
from pledges.models import Agency, Event, Notice, Signatory, Signature
from pledges.notices import PAUSES, Sender
from tests import cast
from tests.conftest import free_port
from tests.mail_server import ANYBODY, HANG_UP, MAIL, RCPT, MailServer
from tests.threads import at_once


def _teacher(event: Event, unit: Agency, number: int) -> Signatory:
    return cast.make_person(
        event, unit=unit, name=f"Guru Contoh {number}", nip=f"19800101200501{number:04}",
        email=f"guru{number}@contoh.example",
    )  # fmt: skip


def sign_with_emails(event: Event, count: int) -> list[Signature]:
    """So many teachers sign; teacher 1 has the address guru1@contoh.example."""
    unit = cast.someone(event).unit
    people = [_teacher(event, unit, number) for number in range(1, count + 1)]
    return [cast.sign(person) for person in people]


def send() -> Tally:
    sender = Sender()
    sender.round()
    return sender.tally


def at(moment: datetime.datetime) -> mock._patch[mock.Mock]:
    return mock.patch.object(timezone, "now", return_value=moment)


# What is written


def test_whoever_signs_and_has_an_email_gets_a_notice_and_nobody_else(open_event, smtp_server):
    cast.sign(cast.someone(open_event, cast.SITI))
    cast.sign(cast.someone(open_event, cast.BUDI))

    assert send() == Tally(sent=1)
    assert smtp_server.recipients == ["siti@contoh.example"]


def test_it_says_what_was_signed_when_which_way_where_to_verify_it_and_where_to_say_not_me(
    siti, smtp_server
):
    signature = cast.sign(siti)
    local = signature.signed_at.astimezone(siti.event.zone)

    send()

    [message] = smtp_server.messages
    body = message.get_content()
    assert message["Subject"].strip() == f"Tanda tangan atas nama Anda – {siti.event.title}"
    assert message["Auto-Submitted"] == "auto-generated"
    assert body.startswith("Yth. Siti Aminah, S.Pd.,\n")
    assert "\n  Pakta Integritas Netralitas Pegawai ASN\n" in body
    assert f"Acara  : {siti.event.title}, Pemerintah Kota Contoh\n" in body
    assert f"{local:%Y} pukul {local:%H.%M} WIB\n" in body
    assert "Cara   : tautan pribadi\n" in body
    assert f"\nhttp://localhost:8000/v/{signature.verification_code}\n" in body
    assert f"\n{disputes.link(signature)}\n" in body
    assert "CONTOH" not in body
    assert cast.SITI not in body


def test_the_time_is_in_the_events_zone(siti, smtp_server):
    siti.event.agency.timezone = "Asia/Jayapura"
    siti.event.agency.save()
    cast.sign(siti)

    send()

    assert " WIT\n" in smtp_server.messages[0].get_content()


def test_who_gave_out_the_slip_is_named(siti, officer, smtp_server):
    officer.first_name = "Rina Contoh"
    officer.save()
    Signatory.objects.filter(pk=siti.pk).update(handed_out_by=officer)
    cast.sign(siti)

    send()

    body = smtp_server.messages[0].get_content()
    assert "Cara   : tautan pribadi, dibagikan oleh Rina Contoh\n" in body


def test_a_signature_that_was_sent_later_says_so(siti, smtp_server):
    signing.sign(
        cast.ticket_of(siti), mark=marks.drawn(cast.DRAWING), consents=[1, 2, 3, 4],
        delivery=signing.Delivery(is_sent_later=True, claimed_at=timezone.now()),
    )  # fmt: skip

    send()

    body = smtp_server.messages[0].get_content()
    assert "saat kiriman tiba di server (dikirim menyusul)" in body


def test_a_notice_of_a_demonstration_says_so_first(city, smtp_server):
    event = cast.make_open(city, is_example=True)
    cast.sign(cast.someone(event))

    send()

    [message] = smtp_server.messages
    assert message["Subject"].strip().startswith("[CONTOH] ")
    assert message.get_content().startswith("CONTOH. Surel ini dari acara percobaan;")


def test_a_line_break_in_a_title_stays_out_of_the_subject(siti, smtp_server):
    siti.event.title = "Apel\r\nBcc: semua@contoh.example"
    siti.event.save()
    cast.sign(siti)

    send()

    [message] = smtp_server.messages
    assert message["Subject"].endswith("Apel Bcc: semua@contoh.example")
    assert message["Bcc"] is None


def test_markup_in_a_name_is_plain_text(siti, smtp_server):
    Signatory.objects.filter(pk=siti.pk).update(name="Siti <b>& Aminah</b>")
    cast.sign(siti)

    send()

    assert "Yth. Siti <b>& Aminah</b>,\n" in smtp_server.messages[0].get_content()


def test_a_representative_gets_one_notice_that_names_both_texts(city, smtp_server):
    cast.sign(cast.someone(cast.make_open_ceremony(city), cast.SITI))

    assert send().sent == 1

    [message] = smtp_server.messages
    titles = "\n  Pakta Integritas Netralitas Pegawai ASN\n  Ikrar Netralitas Pegawai ASN\n"
    assert titles in message.get_content()


def test_a_witness_from_outside_gets_a_notice_too(city, smtp_server):
    witness = cast.outsider_of(cast.make_open_ceremony(city))
    witness.email = "kpu@contoh.example"
    witness.save()
    cast.sign(witness)

    assert send().sent == 1

    assert smtp_server.recipients == ["kpu@contoh.example"]
    body = smtp_server.messages[0].get_content()
    assert "\n  Ikrar Netralitas Pegawai ASN\n" in body


# When it goes out


def test_each_notice_goes_out_once(siti, smtp_server):
    cast.sign(siti)

    assert [send().sent, send().sent] == [1, 0]
    assert len(smtp_server.messages) == 1
    notice = Notice.objects.get()
    assert notice.sent_at
    assert (notice.tries, notice.error) == (1, "")


def test_signing_twice_is_told_once(siti, smtp_server):
    cast.sign(siti)
    cast.sign(siti)

    assert send().sent == 1


def test_what_was_voided_before_its_turn_is_not_told(siti, admin, smtp_server):
    signing.void(cast.sign(siti), reason="Salah orang", by=admin)

    assert send() == Tally()

    siti.refresh_from_db()
    cast.sign(siti)
    assert send().sent == 1


def test_nobody_is_written_to_after_the_address_was_removed(siti, smtp_server):
    cast.sign(siti)
    Signatory.objects.filter(pk=siti.pk).update(email="")

    assert send() == Tally()


def test_the_oldest_goes_first_and_all_over_one_connection(open_event, smtp_server):
    sign_with_emails(open_event, 5)

    send()

    assert smtp_server.recipients == [f"guru{n}@contoh.example" for n in range(1, 6)]
    assert smtp_server.connections == 1


def test_more_than_a_batch_goes_out_in_one_round(open_event, smtp_server, monkeypatch):
    monkeypatch.setattr(mailing, "BATCH", 2)
    sign_with_emails(open_event, 5)

    assert send().sent == 5


def test_with_nothing_due_the_server_is_not_asked_for(open_event, smtp_server):
    send()

    assert smtp_server.connections == 0


def test_a_sender_that_is_told_to_stop_leaves_the_rest_for_the_next(open_event, smtp_server):
    sign_with_emails(open_event, 3)
    sender = Sender()

    sender.round(stopping=lambda: len(smtp_server.messages) == 1)

    assert sender.tally.sent == 1
    assert send().sent == 2


def test_sending_takes_the_same_queries_for_each(open_event, smtp_server):
    sign_with_emails(open_event, 3)
    with CaptureQueriesContext(connection) as three:
        send()
    sign_more = [cast.someone(open_event, cast.SITI)]
    cast.sign(sign_more[0])
    with CaptureQueriesContext(connection) as one:
        send()

    # Claim, what was signed with it, mark; and three to find what is due.
    assert len(one) == 3 + 3
    assert len(three) == 3 + 3 * 3


# What fails


def test_a_refused_address_among_good_ones_stops_none_and_is_recorded_without_the_address(
    open_event, smtp_server: MailServer, caplog
):
    sign_with_emails(open_event, 4)
    smtp_server.refuse("guru2@contoh.example")

    assert send() == Tally(sent=3, failed=1)

    assert smtp_server.recipients == [f"guru{n}@contoh.example" for n in (1, 3, 4)]
    assert smtp_server.connections == 1
    refused = Notice.objects.get(signature__signatory__email="guru2@contoh.example")
    assert refused.error == "SMTPRecipientsRefused 550"
    assert refused.sent_at is None
    assert "guru2" not in caplog.text


@pytest.mark.parametrize("address", ["dua\n@contoh.example", "tanpa-at", "a@" + "é" * 64])
def test_an_address_that_cannot_even_be_written_stops_none(open_event, smtp_server, address):
    first, *_ = sign_with_emails(open_event, 3)
    Signatory.objects.filter(pk=first.signatory_id).update(email=address)

    tally = send()

    assert tally.sent >= 2
    assert set(smtp_server.recipients) >= {"guru2@contoh.example", "guru3@contoh.example"}


def test_what_failed_is_tried_again_after_pauses_that_grow_until_it_is_given_up(siti, smtp_server):
    cast.sign(siti)
    smtp_server.refuse("siti@contoh.example")
    assert send().failed == 1
    for pause in PAUSES:
        now = Notice.objects.get().tried_at
        assert now
        with at(now + pause - datetime.timedelta(seconds=1)):
            assert send() == Tally()
        with at(now + pause):
            assert send().failed == 1

    with at(timezone.now() + datetime.timedelta(days=365)):
        assert send() == Tally()
    assert list(PAUSES) == sorted(PAUSES)
    assert Notice.objects.get().tries == len(PAUSES) + 1
    everybody = Signatory.objects.all()
    assert notices.counts(everybody) == notices.Counts(sent=0, waiting=0, given_up=1)


def test_what_failed_once_goes_out_when_the_address_is_known_again(siti, smtp_server):
    cast.sign(siti)
    smtp_server.refuse("siti@contoh.example")
    send()
    smtp_server.forgive()

    with at(timezone.now() + PAUSES[0]):
        assert send().sent == 1

    assert Notice.objects.get().error == ""


def test_a_server_that_is_away_costs_nobody_a_try(open_event, settings, smtp_server):
    sign_with_emails(open_event, 2)
    away, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    with pytest.raises(MailServerAway):
        send()
    assert set(Notice.objects.values_list("tries", flat=True)) == {0}

    settings.EMAIL_PORT = away

    assert send().sent == 2


def test_a_server_that_hangs_up_at_one_address_costs_the_others_nothing(open_event, smtp_server):
    sign_with_emails(open_event, 3)
    smtp_server.at("guru2@contoh.example", RCPT, HANG_UP)

    assert send() == Tally(sent=2, failed=1)

    assert smtp_server.recipients == ["guru1@contoh.example", "guru3@contoh.example"]
    assert smtp_server.connections == 2


def test_a_server_that_refuses_the_sender_costs_nobody_a_try(open_event, smtp_server):
    sign_with_emails(open_event, 2)
    smtp_server.at(ANYBODY, MAIL, "450 4.7.1 too many")
    with pytest.raises(MailServerAway, match="SMTPSenderRefused 450"):
        send()
    assert set(Notice.objects.values_list("tries", "tried_at")) == {(0, None)}

    smtp_server.forgive()

    assert send() == Tally(sent=2)


def test_a_sender_that_died_in_between_leaves_a_notice_that_is_sent_again_after_its_pause(
    siti, smtp_server
):
    """Rather twice than never."""
    cast.sign(siti)
    notice = notices.due(timezone.now()).get()
    assert Sender().claim(notice)

    assert send() == Tally()
    with at(timezone.now() + PAUSES[0]):
        assert send().sent == 1


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_no_notice_twice(transactional_db: None, smtp_server):
    event = cast.make_open(cast.make_city())
    sign_with_emails(event, 12)

    tallies = at_once([send] * 4)

    assert sum(tally.sent for tally in tallies if isinstance(tally, Tally)) == 12
    assert sorted(smtp_server.recipients) == sorted(f"guru{n}@contoh.example" for n in range(1, 13))


def test_how_many_were_sent_and_wait_is_counted_for_the_people_of_a_part(
    open_event, smtp_server, city
):
    sign_with_emails(open_event, 2)
    send()
    cast.sign(cast.someone(open_event))

    everybody = open_event.signatories.all()
    assert notices.counts(everybody) == notices.Counts(sent=2, waiting=1, given_up=0)
    assert notices.counts(everybody.in_unit(city.health)) == notices.Counts(0, 0, 0)
