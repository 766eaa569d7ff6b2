"""Somebody need not sign this time, by the word of the unit's officer."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from pledges import events, excuses, progress
from pledges.events import WrongState
from pledges.excuses import AlreadyExcused, NotAsked
from pledges.models import AuditEntry, Event, Excuse, Signatory
from pledges.progress import Status
from tests import cast
from tests.cast import BUDI, City
from tests.threads import at_once

LEAVE, SICK = Excuse.Code.LEAVE, Excuse.Code.SICK


def status(person: Signatory) -> Status:
    found = progress.with_status(Signatory.objects.filter(pk=person.pk)).get()
    return progress.status_of(found)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("leave", "Cuti"),
        ("sick", "Sakit"),
        ("study", "Tugas belajar"),
        ("away", "Dinas luar"),
        ("retired", "Pensiun"),
        ("died", "Meninggal"),
    ],
)
def test_each_reason_is_recorded_with_a_note_and_by_whom(
    siti: Signatory, officer: User, code: str, reason: str
):
    excuse = excuses.record(siti, code=Excuse.Code(code), note="Sampai Jumat", by=officer)

    assert excuses.standing(siti) == excuse
    assert (excuse.get_code_display(), excuse.note) == (reason, "Sampai Jumat")
    assert excuse.recorded_by == officer
    assert status(siti) is Status.EXCUSED


def test_the_audit_log_tells_the_reason_and_not_the_note(siti: Signatory, officer: User):
    excuse = excuses.record(siti, code=LEAVE, note="Cuti melahirkan", by=officer)
    excuses.lift(siti, by=officer)

    recorded, lifted = AuditEntry.objects.filter(action__startswith="excuse.")
    assert (recorded.action, recorded.actor) == ("excuse.record", f"user:{officer.pk}")
    assert (recorded.target, recorded.details) == (f"excuse:{excuse.pk}", {"code": "leave"})
    assert (lifted.action, lifted.target) == ("excuse.lift", f"excuse:{excuse.pk}")


def test_an_excuse_that_was_lifted_leaves_its_person_missing_and_stays_on_record(siti: Signatory):
    excuses.record(siti, code=LEAVE, by=None)
    excuses.lift(siti, by=None)

    assert excuses.standing(siti) is None
    assert status(siti) is Status.MISSING
    assert siti.excuses.get().lifted_at is not None


def test_after_lifting_another_reason_can_be_recorded(siti: Signatory):
    excuses.record(siti, code=LEAVE, by=None)
    excuses.lift(siti, by=None)
    excuses.record(siti, code=SICK, by=None)
    assert [excuse.code for excuse in siti.excuses.all()] == ["leave", "sick"]


def test_lifting_what_is_not_there_changes_nothing(siti: Signatory):
    excuses.lift(siti, by=None)
    assert not AuditEntry.objects.filter(action="excuse.lift").exists()


def test_who_is_excused_already_is_told_with_the_reason_and_nobodys_name(
    siti: Signatory, officer: User
):
    excuses.record(siti, code=LEAVE, by=officer)

    with pytest.raises(AlreadyExcused, match="sudah dicatat berhalangan: Cuti") as refused:
        excuses.record(siti, code=SICK, by=None)

    assert officer.email not in str(refused.value)
    assert siti.excuses.get().code == LEAVE


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_who_excuse_the_same_person_at_once_one_stands():
    siti = cast.someone(cast.make_open(cast.make_city()))

    results = at_once(
        [
            lambda: excuses.record(siti, code=LEAVE, by=None),
            lambda: excuses.record(siti, code=SICK, by=None),
        ]
    )

    [refused] = [result for result in results if isinstance(result, AlreadyExcused)]
    stands = siti.excuses.get()
    assert stands in results
    assert f"sudah dicatat berhalangan: {stands.get_code_display()}" in str(refused)
    assert AuditEntry.objects.filter(action="excuse.record").count() == 1


def test_who_is_excused_and_signs_nevertheless_has_signed(siti: Signatory):
    excuses.record(siti, code=LEAVE, by=None)
    cast.sign(siti)

    assert status(siti) is Status.SIGNED
    tally = progress.tally(siti.event.signatories.all())
    assert (tally.signed, tally.excused, tally.asked) == (1, 0, 5)


def test_who_has_signed_is_not_excused(siti: Signatory):
    cast.sign(siti)
    with pytest.raises(NotAsked, match="sudah menandatangani"):
        excuses.record(siti, code=LEAVE, by=None)


def test_a_guest_and_a_withdrawn_person_are_not_excused(city: City):
    event = cast.make_open_ceremony(city)
    budi = cast.someone(event, BUDI)
    budi.withdrawn_at = event.published_at
    budi.save()
    for person in (cast.outsider_of(event), budi):
        with pytest.raises(NotAsked, match="tidak diminta menandatangani"):
            excuses.record(person, code=LEAVE, by=None)


def test_after_closing_no_excuse_is_recorded_and_none_is_lifted(open_event: Event):
    siti, budi = cast.someone(open_event), cast.someone(open_event, BUDI)
    excuses.record(siti, code=LEAVE, by=None)
    events.close(open_event, by=None)

    with pytest.raises(WrongState, match="sudah ditutup"):
        excuses.record(budi, code=LEAVE, by=None)
    with pytest.raises(WrongState, match="sudah ditutup"):
        excuses.lift(siti, by=None)
    assert Excuse.objects.get().lifted_at is None
