"""Proof by a one-time code by e-mail, through a real mail server."""

from __future__ import annotations

import datetime
import logging
import re

import pytest
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pledges import identity, mailed, tasks
from pledges.identity import WayNotOffered, Withdrawn
from pledges.mailed import StaleQuestion, WrongEmailCode
from pledges.models import EmailCode, Event, Signatory, Way
from tests import cast
from tests.cast import City
from tests.conftest import free_port
from tests.mail_server import MailServer
from tests.threads import at_once

UNKNOWN = "197001011995031001"


@pytest.fixture
def event(city: City) -> Event:
    return cast.make_open(city, ways=[Way.EMAIL])


@pytest.fixture
def siti(event: Event) -> Signatory:
    return cast.someone(event)


def ask(event: Event, identifier: str = cast.SITI) -> str:
    """Ask as the page does, and have the e-mail sent; returns the sealed question."""
    question = mailed.ask(event, identifier=identifier)
    tasks.send_email_code.call(question.signatory)
    return question.sealed


def code_in(server: MailServer) -> str:
    """The code in the newest e-mail."""
    body = str(server.messages[-1].get_content())
    found = re.search(r"Kode Anda: (\d{4}) (\d{4})\n", body)
    assert found, body
    return found[1] + found[2]


def answer(event: Event, question: str, code: str):
    return mailed.by_email_code(event, question=question, code=code)


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08}"


# The way


def test_the_code_in_the_email_gives_a_ticket_that_names_the_masked_address(
    event: Event, siti: Signatory, smtp_server: MailServer
):
    question = ask(event)
    person, ticket = answer(event, question, code_in(smtp_server))
    assert person == siti
    assert (ticket.method, ticket.detail) == (identity.EMAIL_CODE, "s•••@contoh.example")
    assert ticket.signatory == siti.pk


def test_the_email_says_what_the_code_is_for_and_how_long_it_holds(
    event: Event, smtp_server: MailServer
):
    ask(event)
    [message] = smtp_server.messages
    body = str(message.get_content())
    until = EmailCode.objects.get().created_at + datetime.timedelta(minutes=10)
    assert message["To"] == "siti@contoh.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "Apel dan Penandatanganan Pakta Integritas Netralitas ASN" in body
    assert "Pemerintah Kota Contoh" in body
    assert f"pukul {until.astimezone(event.zone):%H.%M} WIB" in body
    assert "Bila bukan Anda yang meminta, abaikan surel ini." in body
    assert "Siti" not in body


def test_the_code_has_eight_digits_and_is_not_in_the_subject(event: Event, smtp_server: MailServer):
    ask(event)
    code = code_in(smtp_server)
    assert len(code) == 8
    assert not re.search(r"\d", smtp_server.messages[0]["Subject"])


def test_a_title_with_line_breaks_still_makes_a_subject(city: City, smtp_server: MailServer):
    event = cast.make_open(city, ways=[Way.EMAIL], title="Apel\nNetralitas")
    ask(event)
    assert smtp_server.messages[0]["Subject"] == "Kode masuk: Apel Netralitas"


def test_somebody_without_a_nip_uses_the_nik(event: Event, smtp_server: MailServer):
    Signatory.objects.filter(nip=None).update(email="rahmat@contoh.example")
    question = ask(event, cast.RAHMAT_NIK)
    person, _ = answer(event, question, code_in(smtp_server))
    assert person == cast.someone(event, cast.RAHMAT_NIK)


# What does not open


def test_a_wrong_code_does_not_open(event: Event, smtp_server: MailServer):
    question = ask(event)
    with pytest.raises(WrongEmailCode):
        answer(event, question, other(code_in(smtp_server)))


def test_a_code_opens_once(event: Event, smtp_server: MailServer):
    question, code = ask(event), code_in(smtp_server)
    answer(event, question, code)
    with pytest.raises(WrongEmailCode):
        answer(event, question, code)


def test_after_ten_minutes_a_code_opens_no_more(event: Event, smtp_server: MailServer):
    question, code = ask(event), code_in(smtp_server)
    EmailCode.objects.update(created_at=timezone.now() - datetime.timedelta(minutes=10, seconds=1))
    with pytest.raises(WrongEmailCode):
        answer(event, question, code)


def test_just_before_ten_minutes_it_does(event: Event, smtp_server: MailServer):
    question, code = ask(event), code_in(smtp_server)
    EmailCode.objects.update(created_at=timezone.now() - datetime.timedelta(minutes=9, seconds=50))
    answer(event, question, code)


def test_five_wrong_codes_spend_the_right_one(event: Event, smtp_server: MailServer):
    question, code = ask(event), code_in(smtp_server)
    for _ in range(5):
        with pytest.raises(WrongEmailCode):
            answer(event, question, other(code))
    with pytest.raises(WrongEmailCode):
        answer(event, question, code)
    assert EmailCode.objects.get().tries == 5


def test_the_fifth_try_may_still_be_right(event: Event, smtp_server: MailServer):
    question, code = ask(event), code_in(smtp_server)
    for _ in range(4):
        with pytest.raises(WrongEmailCode):
            answer(event, question, other(code))
    answer(event, question, code)


def test_a_newer_code_replaces_the_older(event: Event, smtp_server: MailServer):
    question, first = ask(event), code_in(smtp_server)
    ask(event)
    second = code_in(smtp_server)
    assert first != second
    with pytest.raises(WrongEmailCode):
        answer(event, question, first)
    answer(event, question, second)


def test_a_code_for_another_event_does_not_open(city: City, event: Event, smtp_server: MailServer):
    tomorrow = cast.make_open(city, ways=[Way.EMAIL])
    here, there = ask(event), ask(tomorrow)
    code_there = code_in(smtp_server)
    with pytest.raises(WrongEmailCode):
        answer(event, here, code_there)
    with pytest.raises(WrongEmailCode):
        answer(event, there, code_there)


def test_another_persons_code_does_not_open(event: Event, smtp_server: MailServer):
    Signatory.objects.filter(nip=cast.BUDI).update(email="budi@contoh.example")
    ask(event)
    code = code_in(smtp_server)
    question = ask(event, cast.BUDI)
    with pytest.raises(WrongEmailCode):
        answer(event, question, code)


@pytest.mark.parametrize("question", ["", "karangan", "W10:1vabc:xyz", "a" * 300])
def test_a_made_up_question_does_not_open(event: Event, smtp_server: MailServer, question: str):
    ask(event)
    with pytest.raises(WrongEmailCode):
        answer(event, question, code_in(smtp_server))


def test_a_page_that_was_left_open_too_long_is_told_so(event: Event, smtp_server: MailServer):
    question, code = ask(event), code_in(smtp_server)
    signer = signing.TimestampSigner(salt="pledges.mailed")
    value = signer.unsign(question)
    long_ago = int(timezone.now().timestamp()) - 601
    stale = signing.Signer(salt="pledges.mailed").sign(f"{value}:{signing.b62_encode(long_ago)}")
    with pytest.raises(StaleQuestion):
        answer(event, stale, code)


def test_an_event_that_does_not_offer_it_sends_and_takes_no_code(open_event: Event):
    with pytest.raises(WayNotOffered):
        mailed.ask(open_event, identifier=cast.SITI)
    with pytest.raises(WayNotOffered):
        answer(open_event, "", "12345678")


def test_somebody_withdrawn_meanwhile_is_told_so(event: Event, smtp_server: MailServer):
    question, code = ask(event), code_in(smtp_server)
    Signatory.objects.filter(nip=cast.SITI).update(withdrawn_at=timezone.now())
    with pytest.raises(Withdrawn):
        answer(event, question, code)


def test_codes_cannot_be_had_without_the_key(event: Event, smtp_server: MailServer, settings):
    ask(event)
    code = mailed.code_of(EmailCode.objects.get())
    settings.CODES_KEY = "another key"
    assert mailed.code_of(EmailCode.objects.get()) != code


# Who asks learns nothing


NOBODY = [UNKNOWN, cast.BUDI, cast.DEWI, "3273010505900099"]


@pytest.mark.parametrize("identifier", NOBODY)
def test_an_unknown_number_and_one_without_an_address_get_the_same_answer_and_no_email(
    event: Event, smtp_server: MailServer, identifier: str
):
    Signatory.objects.filter(nip=cast.DEWI).update(
        email="dewi@contoh.example", withdrawn_at=timezone.now()
    )
    question = ask(event, identifier)
    assert smtp_server.messages == []
    assert not EmailCode.objects.exists()
    with pytest.raises(WrongEmailCode):
        answer(event, question, "12345678")


def test_asking_takes_the_same_work_whoever_is_meant(event: Event):
    def work(identifier: str) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            mailed.ask(event, identifier=identifier)
        return [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries]

    known = work(cast.SITI)
    assert len(known) == 1
    assert work(UNKNOWN) == known
    assert work(cast.BUDI) == known


def test_at_most_five_codes_leave_in_an_hour(event: Event, smtp_server: MailServer):
    for _ in range(7):
        question = ask(event)
    assert len(smtp_server.messages) == 5
    answer(event, question, code_in(smtp_server))


def test_an_hour_later_codes_leave_again(event: Event, smtp_server: MailServer):
    for _ in range(5):
        ask(event)
    EmailCode.objects.update(created_at=timezone.now() - datetime.timedelta(hours=1, seconds=1))
    ask(event)
    assert len(smtp_server.messages) == 6


# Logs and storage


def test_neither_code_nor_address_is_ever_logged(
    event: Event, smtp_server: MailServer, caplog: pytest.LogCaptureFixture, settings
):
    smtp_server.refuse("budi@contoh.example")
    Signatory.objects.filter(nip=cast.BUDI).update(email="budi@contoh.example")
    with caplog.at_level(logging.DEBUG):
        question = ask(event)
        code = code_in(smtp_server)
        with pytest.raises(WrongEmailCode):
            answer(event, question, other(code))
        answer(event, question, code)
        ask(event, cast.BUDI)
        settings.EMAIL_PORT = free_port()
        ask(event)
    said = caplog.text
    assert "was not sent: SMTPRecipientsRefused" in said
    assert "was not sent: ConnectionRefusedError" in said
    for secret in (code, f"{code[:4]} {code[4:]}", other(code), "@contoh.example"):
        assert secret not in said


def test_the_code_stands_in_no_table(event: Event, smtp_server: MailServer):
    ask(event)
    code = code_in(smtp_server)
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            assert not any(code in str(value) for row in cursor.fetchall() for value in row), table


# A mail server that is away


def test_a_dead_mail_server_is_tried_again_and_the_code_arrives(
    event: Event, smtp_server: MailServer, settings
):
    alive, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    question = ask(event)
    row = EmailCode.objects.get()
    assert row.sent_at is None
    assert not mailed.send(row.pk)
    settings.EMAIL_PORT = alive
    assert mailed.send(row.pk)
    answer(event, question, code_in(smtp_server))


def test_an_email_is_sent_once_however_often_it_is_woken(event: Event, smtp_server: MailServer):
    ask(event)
    assert mailed.send(EmailCode.objects.get().pk)
    assert len(smtp_server.messages) == 1


def test_a_code_that_was_replaced_or_ran_out_is_sent_no_more(
    event: Event, smtp_server: MailServer, settings
):
    alive, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    ask(event)
    ask(event)
    settings.EMAIL_PORT = alive
    first, second = EmailCode.objects.order_by("pk")
    EmailCode.objects.filter(pk=second.pk).update(
        created_at=timezone.now() - datetime.timedelta(minutes=11)
    )
    assert mailed.send(first.pk)
    assert mailed.send(second.pk)
    assert mailed.send(0)
    assert smtp_server.messages == []


def test_an_address_that_its_server_refuses_is_not_tried_again(
    event: Event, smtp_server: MailServer
):
    smtp_server.refuse("siti@contoh.example")
    ask(event)
    assert EmailCode.objects.get().sent_at
    assert not mailed.is_disturbed()


def test_emails_that_do_not_leave_are_told_about_to_everybody(
    event: Event, smtp_server: MailServer, settings
):
    alive, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    ask(event)
    assert not mailed.is_disturbed()
    EmailCode.objects.update(created_at=timezone.now() - datetime.timedelta(seconds=20))
    assert mailed.is_disturbed()
    settings.EMAIL_PORT = alive
    mailed.send(EmailCode.objects.get().pk)
    assert not mailed.is_disturbed()


@pytest.mark.parametrize(
    ("backend", "is_set_up"), [("smtp", True), ("filebased", False), ("console", False)]
)
def test_a_server_that_keeps_its_emails_is_not_set_up(settings, backend: str, is_set_up: bool):
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    assert mailed.is_set_up() is is_set_up


# At the same moment


@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_moment_are_counted_one_by_one(smtp_server: MailServer):
    event = cast.make_open(cast.make_city(), ways=[Way.EMAIL])
    question, code = ask(event), code_in(smtp_server)
    wrong = other(code)
    at_once([lambda: answer(event, question, wrong)] * 8)
    assert EmailCode.objects.get().tries == 5
    with pytest.raises(WrongEmailCode):
        answer(event, question, code)


@pytest.mark.django_db(transaction=True)
def test_the_right_code_twice_at_the_same_moment_opens_once(smtp_server: MailServer):
    event = cast.make_open(cast.make_city(), ways=[Way.EMAIL])
    question, code = ask(event), code_in(smtp_server)
    found = at_once([lambda: answer(event, question, code)] * 2)
    assert sorted(type(one).__name__ for one in found) == ["WrongEmailCode", "tuple"]
