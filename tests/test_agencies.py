"""A unit moved in the tree, also while people sign."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import pytest

from pledges import access, agencies, events, marks, progress, signing
from pledges.access import Permission
from pledges.agencies import CannotMove
from pledges.models import Agency, AuditEntry, Event, Signatory, Signature
from tests import cast
from tests.cast import SITI
from tests.threads import at_once

OLD_PATH = ["Dinas Pendidikan", "SDN 1 Contoh"]
NEW_PATH = ["Dinas Kesehatan", "SDN 1 Contoh"]


def unit_on(signature: Signature) -> list[str]:
    path: list[str] = json.loads(signature.statement)["signatory"]["unit"]
    return path


def test_a_moved_unit_takes_its_people_and_everything_below_along(city, open_event, admin):
    agencies.move(city.education, above=city.health, by=admin)

    siti = cast.someone(open_event)
    assert signing.unit_path(siti) == ["Dinas Kesehatan", "Dinas Pendidikan", "SDN 1 Contoh"]
    rows = progress.by_unit(open_event.signatories.all(), top=city.agency)
    assert [(row.unit.name, row.tally.total) for row in rows] == [
        ("Pemerintah Kota Contoh", 5),
        ("Dinas Kesehatan", 5),
        ("Puskesmas Contoh", 2),
        ("Dinas Pendidikan", 3),
        ("SDN 1 Contoh", 2),
    ]
    assert AuditEntry.objects.get(action="agency.move").details == {
        "was": city.agency.pk, "above": city.health.pk,
    }  # fmt: skip
    assert Agency.objects.find_problems() == ([], [], [], [], [])


def test_roles_go_with_the_unit(city, open_event, officer):
    agencies.move(city.school, above=city.health, by=None)
    seen = access.signatories(officer, open_event, Permission.CARE)
    assert not seen.filter(nip=SITI).exists()


def test_what_was_signed_before_keeps_the_path_of_its_moment(city, open_event):
    before = cast.sign(cast.someone(open_event))
    agencies.move(city.school, above=city.health, by=None)
    after = cast.sign(cast.someone(open_event, cast.AGUS))

    before.refresh_from_db()
    assert (unit_on(before), unit_on(after)) == (OLD_PATH, NEW_PATH)


@pytest.mark.parametrize(
    ("unit", "above", "why"),
    [
        ("agency", "health", "pemerintah yang sama"),
        ("education", "school", "bawah dirinya sendiri"),
        ("education", "education", "bawah dirinya sendiri"),
        ("education", "clinic", "tingkat unit"),
    ],
)
def test_a_unit_goes_where_the_tree_allows_it_only(city, unit, above, why):
    with pytest.raises(CannotMove, match=why):
        agencies.move(getattr(city, unit), above=getattr(city, above), by=None)


def test_a_unit_stays_within_its_government(city, other_city):
    with pytest.raises(CannotMove, match="pemerintah yang sama"):
        agencies.move(city.school, above=other_city.education, by=None)


def test_two_units_of_one_name_do_not_come_below_the_same_one(city):
    cast.make_agency("sdn 1  contoh", above=city.health)
    with pytest.raises(CannotMove, match="sudah ada unit bernama"):
        agencies.move(city.school, above=city.health, by=None)


def test_nobody_leaves_the_agency_of_an_event_that_they_are_on_the_roster_of(city):
    event = cast.make_event(city.education, title="Apel Dinas")
    cast.make_person(event, unit=city.school, name="Siti", nip=SITI)
    with pytest.raises(CannotMove, match="Apel Dinas"):
        agencies.move(city.school, above=city.health, by=None)
    agencies.move(city.education, above=city.health, by=None)  # the event comes along


# While people sign


@pytest.fixture
def crowd(transactional_db: None) -> list[Signatory]:
    city = cast.make_city()
    event = cast.make_event(city.agency)
    cast.make_pact(event)
    for number in range(120):
        nip = f"198001012005011{number:03}"
        cast.make_person(event, unit=city.school, name=f"Pegawai {number}", nip=nip)
    events.publish(event, by=None)
    return list(event.signatories.select_related("event__agency", "unit"))


@pytest.mark.django_db(transaction=True)
def test_a_unit_moved_while_people_sign_files_everybody_under_the_path_of_their_moment(crowd):
    """The department above the school moves to and fro, and another unit takes each path that
    becomes free, so that a stale path would name a unit that the person was never in."""
    city_top = Agency.objects.get(depth=1)
    school: Agency = Agency.objects.get(name="SDN 1 Contoh")
    education = Agency.objects.get(name="Dinas Pendidikan")
    health = Agency.objects.get(name="Dinas Kesehatan")

    def to_and_fro() -> Agency:
        for turn in range(6):
            agencies.move(education, above=[health, city_top][turn % 2], by=None)
            cast.make_agency(f"Unit lain {turn}", above=Agency.objects.get(pk=city_top.pk))
            agencies.move(school, above=[health, education][turn % 2], by=None)
        return school

    numbers = range(1, 41)
    signers: list[Callable[[], Signature | Agency]] = [
        partial(
            signing.sign,
            cast.ticket_of(person),
            mark=marks.drawn(cast.DRAWING),
            consents=list(numbers),
        )
        for person in crowd
    ]
    moved, *signed = at_once([to_and_fro, *signers], threads=8)

    assert moved == school
    assert [one for one in signed if not isinstance(one, Signature)] == []
    paths = {tuple(unit_on(one)) for one in signed if isinstance(one, Signature)}
    assert paths <= {
        ("Dinas Pendidikan", "SDN 1 Contoh"),
        ("Dinas Kesehatan", "SDN 1 Contoh"),
        ("Dinas Kesehatan", "Dinas Pendidikan", "SDN 1 Contoh"),
    }
    assert Agency.objects.find_problems() == ([], [], [], [], [])
    assert Event.objects.get().signatories.signed().count() == 120
