from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import partial
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pledges import guesses, identity, mailed
from pledges.identity import CodeEntryLocked, WrongCode
from pledges.models import AuditEntry, CodeAttempt, Event
from tests import cast
from tests.threads import at_once

WRONG = "AAAAA-AAAAA"


def number(n: int) -> str:
    """A NIP that nobody on the roster has."""
    return f"19800101200501{n:04}"


def code(n: int) -> str:
    """A wrong one, each n another."""
    return f"AAAAA-{n:05}"


def guess(event: Event, identifier: str, typed: str = WRONG) -> None:
    with pytest.raises(WrongCode):
        identity.by_code(event, identifier=identifier, code=typed)


def alerts() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action="identity.code_alert"))


def at(later: datetime.timedelta) -> mock._patch[mock.Mock]:
    """The clock, so much later."""
    moment = timezone.now() + later
    return mock.patch.object(timezone, "now", return_value=moment)


def test_one_wrong_code_on_five_numbers_is_told_in_the_audit_log_with_counts_only(open_event):
    for n in range(4):
        guess(open_event, number(n))
    assert alerts() == []

    guess(open_event, cast.SITI)

    [alert] = alerts()
    assert (alert.actor, alert.target) == ("system", f"event:{open_event.pk}")
    assert alert.event_id == open_event.pk
    assert alert.details == {"same_code": 5, "numbers": 5, "signed": 0}


def test_one_code_is_one_code_however_it_was_typed(open_event):
    for n, typed in enumerate(["AAAAA-01010", "aaaaa-o1o1o", "AAAAAOIOIO", "aaaaa 0l0l0", WRONG]):
        guess(open_event, number(n), typed)
    assert alerts() == []

    guess(open_event, number(9), "AAAAA 01O1O")

    assert len(alerts()) == 1


def test_one_number_that_is_mistyped_again_and_again_is_no_spread(open_event):
    for _ in range(9):
        guess(open_event, cast.SITI)

    assert alerts() == []


def test_the_same_code_spread_over_more_than_an_hour_is_not_told(open_event):
    for n in range(4):
        guess(open_event, number(n))
    with at(datetime.timedelta(minutes=61)):
        guess(open_event, number(4))

    assert alerts() == []


def test_many_wrong_codes_on_twenty_numbers_within_ten_minutes_are_told(open_event):
    for n in range(19):
        guess(open_event, number(n), code(n))
    assert alerts() == []

    guess(open_event, number(19), code(19))

    [alert] = alerts()
    assert alert.details == {"same_code": 1, "numbers": 20, "signed": 0}


def test_twenty_numbers_in_more_than_ten_minutes_are_not_told(open_event):
    for n in range(19):
        guess(open_event, number(n), code(n))
    with at(datetime.timedelta(minutes=11)):
        guess(open_event, number(19), code(19))

    assert alerts() == []


def test_a_right_code_takes_its_number_out_again(open_event):
    """Who mistypes at an apel and then has it right is no guess."""
    for n in range(4):
        guess(open_event, number(n))
    siti = cast.someone(open_event)
    guess(open_event, cast.SITI, code(1))
    identity.by_code(open_event, identifier=cast.SITI, code=identity.personal_code(siti))

    guess(open_event, number(5), code(2))

    assert alerts() == []
    assert CodeAttempt.objects.filter(failed_at=None, code_hash="").count() == 1


def test_in_a_crowd_that_signs_a_few_at_a_loss_are_not_told(open_event, monkeypatch):
    monkeypatch.setattr(guesses, "ANY_CODE", 2)
    monkeypatch.setattr(guesses, "SIGNED_BESIDE_EACH", 1)
    for nip in (cast.SITI, cast.BUDI, cast.DEWI):
        cast.sign(cast.someone(open_event, nip))

    guess(open_event, number(1), code(1))
    guess(open_event, number(2), code(2))
    assert alerts() == []
    guess(open_event, number(3), code(3))

    assert [alert.details["signed"] for alert in alerts()] == [3]


def test_a_wave_of_guesses_is_told_once_an_hour(open_event):
    for n in range(12):
        guess(open_event, number(n))
    assert len(alerts()) == 1

    with at(datetime.timedelta(minutes=61)):
        for n in range(20, 25):
            guess(open_event, number(n))

    assert len(alerts()) == 2


def test_each_event_is_told_of_its_own(open_event, city):
    elsewhere = cast.make_open(city)
    for n in range(3):
        guess(open_event, number(n))
        guess(elsewhere, number(n))

    assert alerts() == []


def test_nobody_is_locked_out_by_guesses_on_others(open_event):
    for n in range(30):
        guess(open_event, number(n))
    siti = cast.someone(open_event)
    typed = identity.personal_code(siti)

    assert identity.by_code(open_event, identifier=cast.SITI, code=typed)[0] == siti
    assert identity.by_link(identity.link_token(siti))[0] == siti


def test_known_and_unknown_numbers_are_answered_alike_with_the_same_work_before_and_in_the_alert(
    open_event,
):
    """The eleventh wrong code of each number meets its lock."""
    answers: dict[str, list[tuple[type, str, int]]] = {cast.SITI: [], number(1): []}
    for _ in range(11):
        for identifier, seen in answers.items():
            with (
                CaptureQueriesContext(connection) as asked,
                pytest.raises(identity.NotIdentified) as refused,
            ):
                identity.by_code(open_event, identifier=identifier, code=WRONG)
            seen.append((type(refused.value), str(refused.value), len(asked)))

    known, unknown = answers.values()
    assert known == unknown
    assert known[-1][0] is CodeEntryLocked


def test_wrong_codes_are_kept_under_a_keyed_hash(open_event, settings):
    """A wrong code may be another person's right one."""
    guess(open_event, number(1), "ABCDE-12345")
    settings.CODES_KEY = "another"
    guess(open_event, number(2), "ABCDE-12345")

    one, two = CodeAttempt.objects.values_list("code_hash", flat=True)
    assert one != two
    assert "ABCDE" not in one


def test_an_hour_of_guesses_makes_the_next_one_no_costlier(open_event):
    def queries() -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            guess(open_event, number(len(CodeAttempt.objects.all()) + 1))
        return [query["sql"].partition(" ")[0] for query in asked]

    for _ in range(6):
        queries()
    after_six = queries()
    for _ in range(20):
        queries()

    assert queries() == after_six


def test_wrong_emailed_codes_are_told_too_and_a_right_one_takes_its_number_out(open_event):
    Event.objects.update(ways=["email"])
    event = Event.objects.get()
    siti = cast.someone(event)
    questions = [
        mailed.ask(event, identifier=n).sealed for n in (cast.SITI, *map(number, range(1, 5)))
    ]
    for question in questions[:4]:
        with pytest.raises(mailed.WrongEmailCode):
            mailed.by_email_code(event, question=question, code="00000000")
    row = mailed.make(siti.pk)
    assert row
    mailed.by_email_code(event, question=questions[0], code=mailed.code_of(row))
    with pytest.raises(mailed.WrongEmailCode):
        mailed.by_email_code(event, question=questions[4], code="00000000")
    assert alerts() == []

    with pytest.raises(mailed.WrongEmailCode):
        mailed.by_email_code(event, question=questions[0], code="00000000")

    assert [alert.details["same_code"] for alert in alerts()] == [5]


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_are_told_once(transactional_db: None):
    event = cast.make_open(cast.make_city())
    acts = [partial(identity.by_code, event, identifier=number(n), code=WRONG) for n in range(24)]

    answers = at_once(acts, threads=12)

    assert {type(answer) for answer in answers} == {WrongCode}
    assert len(alerts()) == 1


@pytest.mark.django_db(transaction=True)
def test_people_sign_while_somebody_guesses(transactional_db: None):
    event = cast.make_open(cast.make_city())
    people = [cast.someone(event, nip) for nip in (cast.SITI, cast.BUDI, cast.DEWI, cast.AGUS)]
    acts: list[Callable[[], object]] = [
        partial(identity.by_code, event, identifier=number(n), code=WRONG) for n in range(20)
    ]
    acts[10:10] = [partial(cast.sign, person) for person in people]

    answers = at_once(acts, threads=8)

    assert sum(type(answer) is WrongCode for answer in answers) == 20
    assert AuditEntry.objects.filter(action="signature.sign").count() == 4
    assert len(alerts()) == 1
