"""What the report on plausibility counts: numbers and units, and nobody's name."""

from __future__ import annotations

import pytest
from django.utils import timezone

from pledges import plausibility, signing
from pledges.documents.reported import Reported
from pledges.models import Dispute, Event, Report, Signature
from pledges.plausibility import NAMED_SHARES, NAMED_UNITS
from pledges.reports import make
from tests import cast, rosters
from tests.cast import AGUS, BUDI, DEWI, SITI
from tests.test_fairness import crowd, move, sign

NIPS = (SITI, BUDI, DEWI, AGUS)


def gathered(event: Event, unit=None):
    people = event.signatories.in_unit(unit or event.agency)
    return plausibility.gathered(event, people)


def test_where_nothing_is_unusual_everything_is_nought(open_event):
    sign(cast.someone(open_event, SITI))

    assert gathered(open_event) == {
        "devices": {"groups": 0, "people": 0, "largest": None, "units": [], "other_units": 0},
        "marks": {"groups": 0, "people": 0, "largest": None, "units": [], "other_units": 0},
        "bursts": {"groups": 0, "people": 0, "largest": None, "units": [], "other_units": 0},
        "disputes": {"reports": 0, "voided": 0, "units": [], "other_units": 0},
        "alerts": {"times": 0, "numbers": 0},
        "shares": {
            "whole": {"signed": 1, "desk": 0, "paper": 0},
            "units": [],
            "other_units": 0,
        },
    }


def test_shared_devices_are_counted_with_their_people_and_units(open_event):
    given = [sign(cast.someone(open_event, nip), device="ponsel") for nip in NIPS]

    found = gathered(open_event)["devices"]

    assert (found["groups"], found["people"], found["other_units"]) == (1, 4, 0)
    assert found["units"] == [
        {"name": "SDN 1 Contoh", "people": 2},
        {"name": "Dinas Pendidikan", "people": 1},
        {"name": "Puskesmas Contoh", "people": 1},
    ]
    assert found["largest"] == {
        "people": 4, "first": given[0].signed_at.isoformat(), "minutes": 0,
    }  # fmt: skip


def test_identical_marks_are_counted(open_event):
    for nip in NIPS[:2]:
        cast.sign(cast.someone(open_event, nip))

    found = gathered(open_event)["marks"]

    assert (found["groups"], found["people"]) == (1, 2)


def test_a_burst_at_an_odd_hour_is_counted(open_event):
    given = [sign(person) for person in crowd(open_event, 10)]
    move(open_event, given, "23:00")

    found = gathered(open_event)["bursts"]

    assert (found["groups"], found["people"]) == (1, 10)
    assert found["units"] == [{"name": "SDN 1 Contoh", "people": 10}]
    assert found["largest"]["minutes"] == 4


def test_reports_of_not_me_are_counted_and_how_many_of_them_were_voided(open_event):
    for nip in NIPS[:2]:
        signature = sign(cast.someone(open_event, nip))
        Dispute.objects.create(signature=signature, message="Bukan saya")
    signing.void(Signature.objects.all()[0], reason="Bukan dia", by=None)

    found = gathered(open_event)["disputes"]

    assert (found["reports"], found["voided"]) == (2, 1)
    assert [unit["name"] for unit in found["units"]] == ["Puskesmas Contoh", "SDN 1 Contoh"]


def test_the_share_of_desk_and_of_paper_is_told_per_unit_the_largest_first(open_event):
    rosters.sign(cast.someone(open_event, SITI), method="desk")
    rosters.sign(cast.someone(open_event, AGUS), method="paper")
    rosters.sign(cast.someone(open_event, BUDI), method="desk")
    rosters.sign(cast.someone(open_event, DEWI))

    assert gathered(open_event)["shares"] == {
        "whole": {"signed": 4, "desk": 2, "paper": 1},
        "units": [
            {"name": "SDN 1 Contoh", "signed": 2, "desk": 1, "paper": 1},
            {"name": "Puskesmas Contoh", "signed": 1, "desk": 1, "paper": 0},
        ],
        "other_units": 0,
    }


def test_voided_signatures_and_withdrawn_people_have_no_share(open_event):
    voided = rosters.sign(cast.someone(open_event, SITI), method="desk")
    voided.voided_at, voided.void_reason = timezone.now(), "Salah orang"
    voided.save()
    rosters.sign(cast.someone(open_event, BUDI), method="paper")
    open_event.signatories.filter(nip=BUDI).update(withdrawn_at=timezone.now())

    assert gathered(open_event)["shares"]["whole"] == {"signed": 0, "desk": 0, "paper": 0}


def many_units(event: Event, count: int, *, name: str = "Unit") -> None:
    for number in range(1, count + 1):
        unit = cast.make_agency(f"{name} {number:02}", above=event.agency)
        person = cast.make_person(
            event, unit=unit, name=f"Orang {number}", nip=f"19800101200502{number:04}"
        )
        rosters.sign(person, method="desk")


def test_of_many_units_the_first_are_named_and_the_others_counted(open_event):
    many_units(open_event, NAMED_SHARES + 4)
    Signature.objects.update(device="ponsel", method="personal_link")
    devices = gathered(open_event)["devices"]
    Signature.objects.update(method="desk")

    shares = gathered(open_event)["shares"]

    assert (len(shares["units"]), shares["other_units"]) == (NAMED_SHARES, 4)
    assert (len(devices["units"]), devices["other_units"]) == (NAMED_UNITS, 7)


def test_it_is_about_the_unit_that_was_chosen(city, open_event):
    rosters.sign(cast.someone(open_event, SITI), method="desk")
    rosters.sign(cast.someone(open_event, BUDI), method="desk")

    assert gathered(open_event, city.health)["shares"]["whole"]["desk"] == 1


@pytest.mark.parametrize("secret", ["Siti", "Aminah", "Budi", SITI, BUDI])
def test_nobody_is_named(open_event, secret):
    for nip in NIPS:
        Dispute.objects.create(
            signature=cast.sign(cast.someone(open_event, nip)), message="Saya Siti"
        )

    report = make(open_event, kind=Report.Kind.PLAUSIBILITY, unit=open_event.agency, by=None)

    assert secret not in report.statement
    assert Reported.of(report.statement).data["disputes"]["reports"] == 4
