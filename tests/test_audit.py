"""The audit log: append-only, in the transaction of the act, ids instead of personal data."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, connection, transaction

from pledges import audit, events
from pledges.models import AuditEntry
from tests import cast
from tests.cast import RAHMAT_NIK, SITI


class Interrupted(Exception):
    pass


@transaction.atomic
def publish_and_be_interrupted(event, *, by):
    events.publish(event, by=by)
    assert AuditEntry.objects.filter(action="event.publish").exists()
    raise Interrupted


@pytest.fixture
def entry(open_event, admin):
    return audit.record(by=admin, action="test.act", target=open_event, event=open_event, count=3)


def test_an_entry_tells_who_did_what_to_what_and_when(entry, open_event, admin):
    assert entry.actor == f"user:{admin.pk}"
    assert entry.action == "test.act"
    assert entry.target == f"event:{open_event.pk}"
    assert entry.event_id == open_event.pk
    assert entry.details == {"count": 3}
    assert entry.at is not None


def test_what_nobody_did_was_done_by_the_system(open_event):
    assert audit.record(by=None, action="test.act", target=open_event).actor == "system"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pledges_auditentry SET action = 'nothing'",
        "UPDATE pledges_auditentry SET actor = 'user:1' WHERE id < 0 OR action = 'test.act'",
        "DELETE FROM pledges_auditentry",
    ],
)
def test_the_database_refuses_to_change_or_delete_an_entry(entry, statement):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert AuditEntry.objects.get(pk=entry.pk).action == "test.act"


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite knows no TRUNCATE")
def test_the_database_refuses_to_empty_the_log(entry):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE pledges_auditentry")

    assert AuditEntry.objects.filter(pk=entry.pk).exists()


def test_saving_and_deleting_through_the_models_is_refused_too(entry):
    entry.action = "something.else"
    for act in (entry.save, entry.delete, AuditEntry.objects.all().delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()


def test_an_act_that_does_not_happen_leaves_no_entry(draft_event, admin):
    with pytest.raises(Interrupted):
        publish_and_be_interrupted(draft_event, by=admin)

    assert not AuditEntry.objects.filter(action="event.publish").exists()
    draft_event.refresh_from_db()
    assert draft_event.is_draft


def test_an_act_that_is_refused_leaves_no_entry(open_event, admin):
    before = AuditEntry.objects.count()

    with pytest.raises(events.WrongState):
        events.publish(open_event, by=admin)

    assert AuditEntry.objects.count() == before


def test_entries_carry_ids_and_no_personal_data(city, admin):
    event = events.publish(cast.make_draft(city), by=admin)
    for nip in (SITI, RAHMAT_NIK):
        cast.sign(cast.someone(event, nip))
    events.close(event, by=admin)

    entries = list(AuditEntry.objects.filter(event_id=event.pk))
    written = json.dumps([[e.actor, e.action, e.target, e.details] for e in entries])

    assert [entry.action for entry in entries] == [
        "event.publish", "signature.sign", "signature.sign", "event.close",
    ]  # fmt: skip
    for personal in (SITI, RAHMAT_NIK, "Siti", "Rahmat", admin.email):
        assert personal not in written


def test_an_entry_outlives_what_it_speaks_of(draft_event, admin):
    entry = audit.record(by=admin, action="test.act", target=draft_event, event=draft_event)
    number = draft_event.pk

    draft_event.delete()
    admin.delete()

    assert AuditEntry.objects.get(pk=entry.pk).event_id == number
