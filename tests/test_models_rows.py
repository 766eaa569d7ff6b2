"""What is read and written past the ORM is what the ORM itself reads and writes."""

from __future__ import annotations

from typing import Any

import pytest
from django.forms.models import model_to_dict

from pledges.models import Agency, AuditEntry, Event, Notice, Signatory, rows
from pledges.models.rows import Reading
from tests import cast

PERSON = Reading(
    Signatory,
    fields=(
        "name", "event", "withdrawn_at", "event__agency", "event__state", "event__deadline",
        "event__is_example", "event__agency__name", "unit", "unit__path",
    ),
    tests=("EXISTS (SELECT 1 FROM pledges_signature WHERE signatory_id = %s)", "%s < 0"),
)  # fmt: skip


def test_a_row_is_read_with_those_that_it_points_to(siti: Signatory, django_assert_num_queries):
    with django_assert_num_queries(1):
        found, answers = rows.read(PERSON, siti.pk)
        told = (found.pk, found.name, found.withdrawn_at, found.event.state, found.event.deadline)
        above = (found.event.is_example, found.event.agency.name, found.unit.path)

    assert told == (siti.pk, siti.name, None, siti.event.state, siti.event.deadline)
    assert above == (False, "Pemerintah Kota Contoh", siti.unit.path)
    assert (found, found.event, found.unit) == (siti, siti.event, siti.unit)
    assert answers == [False, False]


def test_a_question_on_the_row_is_answered_with_it(siti: Signatory):
    cast.sign(siti)

    assert rows.read(PERSON, siti.pk)[1] == [True, False]


def test_what_was_not_read_is_fetched_when_it_is_asked_for(siti: Signatory):
    assert rows.read(PERSON, siti.pk)[0].position == "Guru Kelas"


def test_a_row_that_is_not_there_does_not_exist(siti: Signatory):
    with pytest.raises(Signatory.DoesNotExist):
        rows.read(PERSON, 0)


def test_a_written_row_is_as_if_the_orm_had_saved_it(open_event: Event):
    values: dict[str, Any] = {
        "actor": "system", "action": "x", "target": "event:1", "event_id": None,
        "details": {"nama": "Ma’ruf", "empty": [], "none": None},
    }  # fmt: skip
    saved = AuditEntry.objects.create(**values)

    written = rows.write(AuditEntry(**values))

    found = AuditEntry.objects.get(pk=written.pk)
    but = {"exclude": ["id", "at"]}
    assert model_to_dict(found, **but) == model_to_dict(saved, **but)
    assert (found.at, written._state.adding) == (written.at, False)


def test_rows_of_several_models_are_appended_as_if_the_orm_had_saved_them(siti: Signatory):
    signature = cast.sign(siti)
    Notice.objects.all().delete()
    entries = [
        AuditEntry(actor="system", action=action, target="event:1", details={"nama": "Ma’ruf"})
        for action in ("x", "y")
    ]

    rows.append(*entries, Notice(signature=signature))

    found = AuditEntry.objects.filter(action__in="xy").order_by("pk")
    assert [(e.action, e.details, e.at) for e in found] == [
        (entry.action, {"nama": "Ma’ruf"}, entry.at) for entry in entries
    ]
    notice = Notice.objects.get()
    assert (notice.signature, notice.sent_at, notice.error) == (signature, None, "")


def test_no_rows_are_appended_without_a_word(open_event: Event, django_assert_num_queries):
    with django_assert_num_queries(0):
        rows.append()


def test_fields_of_rows_come_in_the_order_of_their_keys(open_event: Event):
    paths = list(Agency.objects.order_by("-path").values_list("path", flat=True))[:3]

    saved = Agency.objects.filter(path__in=paths).order_by("path").values_list("id", "name")
    assert rows.columns(Agency, ("id", "name"), by="path", keys=paths) == list(saved)
