"""The pages on which a code by e-mail is asked for and typed."""

from __future__ import annotations

import datetime
import json
import re

import pytest
from django.test import Client, TestCase
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from pledges import events, mailed, tasks
from pledges.models import EmailCode, Event, Way
from tests import cast
from tests.cast import City
from tests.mail_server import MailServer
from tests.pages import text_of
from tests.test_mailed import UNKNOWN, code_in, other
from tests.views.test_signer import FORM, ticket_in


@pytest.fixture
def event(city: City) -> Event:
    return cast.make_open(city, ways=[Way.EMAIL])


def ask(client: Client, event: Event, identifier: str = cast.SITI):
    with TestCase.captureOnCommitCallbacks(execute=True):
        return client.post(f"/a/{event.code}/surel", {"identifier": identifier})


def work_through_tasks() -> None:
    """As the worker does; the e-mail leaves."""
    for waiting in DBTaskResult.objects.filter(status="READY"):
        waiting.task.call(*waiting.args_kwargs["args"])
        waiting.delete()


def question_in(page) -> str:
    found = re.search(r'name="question" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def type_code(client: Client, event: Event, page, code: str):
    form = {"question": question_in(page), "code": code}
    return client.post(f"/a/{event.code}/kode", form)


def test_a_code_by_email_leads_to_the_pact_and_the_signature_names_the_address(
    client: Client, event: Event, smtp_server: MailServer
):
    assert "Ketik nomor Anda." in text_of(client.get(f"/a/{event.code}"))
    page = ask(client, event, "19800101 200501 2 001")
    assert "Bila nomor itu terdaftar dan mempunyai surel, kodenya dikirim" in text_of(page)
    work_through_tasks()
    code = code_in(smtp_server)
    page = type_code(client, event, page, f"{code[:4]} {code[4:]}")
    assert "Apakah ini Anda? Siti Aminah, S.Pd." in text_of(page)
    assert client.post("/tandatangan", {"ticket": ticket_in(page)} | FORM).status_code == 303
    statement = json.loads(cast.someone(event).signatures.get().statement)
    assert statement["identity"] == {
        "method": "email_code", "detail": "s•••@contoh.example", "desk": None,
    }  # fmt: skip


def test_asking_sets_no_cookie_and_puts_nothing_into_the_address(client: Client, event: Event):
    page = ask(client, event)
    assert page.status_code == 200
    assert not page.cookies
    assert page["Cache-Control"] == "no-store"
    assert "form-action 'self'" in page["Content-Security-Policy"]


def test_a_known_an_unknown_and_an_addressless_number_get_the_same_page_and_wake_one_task(
    client: Client, event: Event
):
    shown = []
    for identifier in (cast.SITI, UNKNOWN, cast.BUDI):
        page = ask(client, event, identifier)
        shown.append(page.content.decode().replace(question_in(page), "…"))
        assert len(question_in(page)) < 150
    assert shown[0] == shown[1] == shown[2]
    assert DBTaskResult.objects.count() == 3


def test_the_task_that_waits_names_no_number_and_no_address(client: Client, event: Event):
    ask(client, event)
    ask(client, event, UNKNOWN)
    waiting = [row.args_kwargs["args"] for row in DBTaskResult.objects.all()]
    assert sorted(waiting) == [[0], [cast.someone(event).pk]]


def test_looking_at_the_pages_sends_nothing(client: Client, event: Event):
    client.get(f"/a/{event.code}")
    client.get(f"/a/{event.code}/surel")
    client.head(f"/a/{event.code}/surel")
    assert not DBTaskResult.objects.exists()
    assert not EmailCode.objects.exists()


def test_a_number_that_cannot_be_one_is_explained(client: Client, event: Event):
    page = ask(client, event, "12345")
    assert page.status_code == 400
    assert "yang Anda ketik 5 angka" in text_of(page)


def test_a_wrong_code_is_explained_and_can_be_mended_without_asking_again(
    client: Client, event: Event, smtp_server: MailServer
):
    page = ask(client, event)
    work_through_tasks()
    code = code_in(smtp_server)
    page = type_code(client, event, page, other(code))
    assert page.status_code == 403
    assert "Kode ini tidak cocok atau tidak berlaku lagi." in text_of(page)
    page = type_code(client, event, page, code)
    assert "Apakah ini Anda? Siti Aminah, S.Pd." in text_of(page)


def test_a_wrong_code_and_an_unknown_number_answer_alike(
    client: Client, event: Event, smtp_server: MailServer
):
    shown = []
    for identifier in (cast.SITI, UNKNOWN, cast.BUDI):
        page = ask(client, event, identifier)
        work_through_tasks()
        page = type_code(client, event, page, "00000000")
        shown.append(page.content.decode().replace(question_in(page), "…"))
        assert page.status_code == 403
    assert shown[0] == shown[1] == shown[2]


def test_half_a_code_is_explained_and_costs_no_try(
    client: Client, event: Event, smtp_server: MailServer
):
    page = ask(client, event)
    work_through_tasks()
    page = type_code(client, event, page, "1234")
    assert page.status_code == 400
    assert "Kode terdiri atas 8 angka; yang Anda ketik 4 angka." in text_of(page)
    assert EmailCode.objects.get().tries == 0


def test_a_page_that_is_too_old_leads_to_a_new_code(
    client: Client, event: Event, monkeypatch: pytest.MonkeyPatch
):
    page = ask(client, event)
    monkeypatch.setattr(mailed, "VALID", datetime.timedelta(seconds=-1))
    page = type_code(client, event, page, "12345678")
    assert page.status_code == 403
    assert "Minta kode baru; belum ada yang tersimpan atas nama Anda." in text_of(page)
    assert "Kirim kode ke surel saya" in text_of(page)


def test_loading_the_page_for_the_code_again_begins_with_the_number(client: Client, event: Event):
    assert client.get(f"/a/{event.code}/kode")["Location"] == f"/a/{event.code}/surel"


def test_the_pages_say_that_emails_do_not_leave_at_the_moment(client: Client, event: Event):
    assert "terganggu" not in text_of(ask(client, event))
    person = cast.someone(event)
    long_ago = timezone.now() - datetime.timedelta(minutes=1)
    EmailCode.objects.create(signatory=person, created_at=long_ago)
    for page in (client.get(f"/a/{event.code}/surel"), ask(client, event, UNKNOWN)):
        assert "Pengiriman surel sedang terganggu." in text_of(page)


@pytest.mark.parametrize("page", ["surel", "kode"])
def test_an_event_that_does_not_offer_it_refuses(client: Client, open_event: Event, page: str):
    answer = client.get(f"/a/{open_event.code}/{page}", follow=True)
    assert answer.status_code == 403
    assert "Acara ini tidak memakai cara ini" in text_of(answer)
    assert ask(client, open_event).status_code == 403
    assert not DBTaskResult.objects.exists()


def test_a_draft_sends_no_codes(client: Client, city: City):
    draft = cast.make_draft(city, ways=[Way.EMAIL])
    assert ask(client, draft).status_code == 409
    assert not DBTaskResult.objects.exists()


def test_a_closed_event_shows_the_receipt_of_who_has_the_code(
    client: Client, event: Event, smtp_server: MailServer
):
    page = ask(client, event)
    work_through_tasks()
    page = type_code(client, event, page, code_in(smtp_server))
    client.post("/tandatangan", {"ticket": ticket_in(page)} | FORM)
    events.close(event, by=None)
    page = ask(client, event)
    work_through_tasks()
    page = type_code(client, event, page, code_in(smtp_server))
    assert page["Location"].startswith("/bukti/")


def test_asking_needs_no_cookie_and_no_csrf_token(event: Event):
    client = Client(enforce_csrf_checks=True)
    page = ask(client, event)
    assert page.status_code == 200
    assert type_code(client, event, page, "00000000").status_code == 403


def test_the_task_is_the_one_that_sends(event: Event, client: Client):
    ask(client, event)
    [waiting] = DBTaskResult.objects.all()
    assert waiting.task.module_path == tasks.send_email_code.module_path
    assert waiting.priority == 50
