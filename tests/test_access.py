"""Role → what one may see and do; and what one may not, with some cunning."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from pledges import access, corrections, signing
from pledges.access import Permission
from pledges.models import Agency, Correction, Event, Role
from tests import cast
from tests.cast import BUDI, DEWI, SITI

VIEW, CARE, DOWNLOAD, OVERSEE, MANAGE = (
    Permission.VIEW, Permission.CARE, Permission.DOWNLOAD, Permission.OVERSEE, Permission.MANAGE,
)  # fmt: skip


def permissions(user, event: Event) -> set[Permission]:
    return {permission for permission in Permission if access.may(user, event, permission)}


def names(user, event: Event, permission: Permission = VIEW) -> set[str]:
    return {person.name for person in access.signatories(user, event, permission)}


def test_each_role_has_its_permissions_and_no_others(
    open_event, admin, officer, overseer, superuser, outsider
):
    everything = {VIEW, CARE, DOWNLOAD, OVERSEE, MANAGE}
    assert permissions(admin, open_event) == everything
    assert permissions(officer, open_event) == {VIEW, CARE, DOWNLOAD}
    assert permissions(overseer, open_event) == {VIEW, DOWNLOAD, OVERSEE}
    assert permissions(superuser, open_event) == everything
    assert permissions(outsider, open_event) == set()


def test_a_user_without_a_role_sees_nothing(open_event):
    nobody = cast.make_user("tanpa-peran@contoh.example")

    assert permissions(nobody, open_event) == set()
    assert not access.events(nobody).exists()
    assert not access.people(nobody).exists()
    assert access.agencies(nobody) == []
    with pytest.raises(Http404):
        access.event(nobody, open_event.code, VIEW)


def test_an_officer_sees_the_people_of_the_own_subtree_only(open_event, officer):
    assert names(officer, open_event) == {
        "Siti Aminah, S.Pd.", "Dr. Dewi Lestari, S.Pd., M.Pd.", "Agus",
    }  # fmt: skip
    assert access.signatory(officer, open_event, cast.someone(open_event, SITI).pk, CARE)
    with pytest.raises(Http404):
        access.signatory(officer, open_event, cast.someone(open_event, BUDI).pk, VIEW)


def test_the_officer_of_a_school_does_not_see_the_department_above_it(city, open_event):
    officer = cast.make_user("sekolah@contoh.example", (Role.OFFICER, city.school))

    assert names(officer, open_event) == {"Siti Aminah, S.Pd.", "Agus"}
    with pytest.raises(Http404):
        access.unit(officer, open_event, city.education.pk, VIEW)


def test_an_overseer_sees_everybody_but_has_nobody_in_care(open_event, overseer):
    assert len(names(overseer, open_event)) == 5
    assert names(overseer, open_event, CARE) == set()
    with pytest.raises(PermissionDenied):
        access.event(overseer, open_event.code, CARE)


def test_a_person_of_another_event_is_not_reached_through_ones_own(city, open_event, admin):
    other = cast.make_open(city)

    with pytest.raises(Http404):
        access.signatory(admin, open_event, cast.someone(other, SITI).pk, VIEW)


def test_another_agencys_admin_finds_no_event_no_person_and_no_unit(city, open_event, outsider):
    assert not access.events(outsider).exists()
    with pytest.raises(Http404):
        access.event(outsider, open_event.code, VIEW)
    assert names(outsider, open_event) == set()
    with pytest.raises(Http404):
        access.signatory(outsider, open_event, cast.someone(open_event, SITI).pk, VIEW)
    with pytest.raises(Http404):
        access.unit(outsider, open_event, city.school.pk, VIEW)
    with pytest.raises(Http404):
        access.agency(outsider, city.agency.pk)


def test_another_agencys_unit_does_not_pass_as_one_of_the_event(open_event, other_city, admin):
    with pytest.raises(Http404):
        access.unit(admin, open_event, other_city.school.pk, VIEW)


def test_even_a_superuser_names_only_units_of_the_event(open_event, other_city, superuser):
    with pytest.raises(Http404):
        access.unit(superuser, open_event, other_city.school.pk, VIEW)


def test_a_draft_is_seen_by_those_who_prepare_it_only(
    draft_event, admin, officer, overseer, superuser, outsider
):
    assert access.event(admin, draft_event.code, MANAGE) == draft_event
    assert access.event(superuser, draft_event.code, MANAGE) == draft_event
    for user in (officer, overseer, outsider):
        with pytest.raises(Http404):
            access.event(user, draft_event.code, VIEW)


def test_seeing_an_event_does_not_mean_managing_it(open_event, officer, overseer):
    for user in (officer, overseer):
        with pytest.raises(PermissionDenied):
            access.event(user, open_event.code, MANAGE)


def test_the_admin_of_a_department_does_not_manage_the_citys_event(city, open_event):
    admin = cast.make_user("admin-dinas@contoh.example", (Role.ADMIN, city.education))

    assert permissions(admin, open_event) == {VIEW, CARE, DOWNLOAD, OVERSEE}
    assert len(names(admin, open_event, CARE)) == 3
    with pytest.raises(PermissionDenied):
        access.event(admin, open_event.code, MANAGE)
    with pytest.raises(Http404):
        access.agency(admin, city.agency.pk)


def test_the_citys_admin_manages_the_event_of_a_department(city, admin):
    event = cast.make_event(city.education)

    assert access.event(admin, event.code, MANAGE) == event


def test_the_events_that_one_prepares_are_those_of_ones_agency_and_below(
    city, open_event, admin, officer, overseer, superuser, outsider
):
    below = cast.make_event(city.education)
    head = cast.make_user("kepala@contoh.example", (Role.ADMIN, city.education))

    assert set(access.managed(admin)) == set(access.managed(superuser)) == {open_event, below}
    assert set(access.managed(head)) == {below}
    for user in (officer, overseer, outsider):
        assert not access.managed(user).exists()


def test_an_event_of_another_department_does_not_concern_an_officer(city, officer):
    event = cast.make_event(city.health, state="open", published_at="2024-07-01T00:00Z")

    with pytest.raises(Http404):
        access.event(officer, event.code, VIEW)


def test_two_roles_add_up_each_in_its_own_place(city, open_event):
    user = cast.make_user(
        "dua@contoh.example", (Role.OFFICER, city.school), (Role.OVERSEER, city.health)
    )

    assert len(names(user, open_event, VIEW)) == 4
    assert len(names(user, open_event, CARE)) == 2
    assert access.units(user, open_event, VIEW) == [city.school, city.health]
    assert access.units(user, open_event, CARE) == [city.school]


def test_roles_for_a_unit_and_for_one_below_it_count_once(city, open_event):
    user = cast.make_user(
        "rangkap@contoh.example",
        (Role.OFFICER, city.education),
        (Role.OFFICER, city.school),
        (Role.OVERSEER, city.education),
    )

    assert access.units(user, open_event, VIEW) == [city.education]
    assert len(access.signatories(user, open_event, VIEW)) == 3


def test_a_role_that_was_taken_away_ends_at_once(open_event, officer):
    officer.memberships.all().delete()

    assert permissions(officer, open_event) == set()


def test_an_event_is_found_by_its_code_in_capitals_or_not(open_event, admin):
    assert access.event(admin, open_event.code.lower(), VIEW) == open_event


@pytest.mark.parametrize("pk", [0, -1, 2**63, 10**30])
def test_numbers_that_no_row_can_have_are_simply_not_found(open_event, admin, pk):
    with pytest.raises(Http404):
        access.signatory(admin, open_event, pk, VIEW)
    with pytest.raises(Http404):
        access.unit(admin, open_event, pk, VIEW)
    with pytest.raises(Http404):
        access.agency(admin, pk)
    with pytest.raises(Http404):
        access.text(open_event, pk)


def test_a_text_of_another_event_is_not_reached_through_ones_own(city, open_event, other_city):
    foreign = cast.make_draft(other_city).pacts.get()

    with pytest.raises(Http404):
        access.text(open_event, foreign.pk)


def test_events_are_created_for_agencies_one_administers(city, admin, officer, overseer, superuser):
    assert access.agencies(admin) == [city.agency]
    assert access.agencies(officer) == []
    assert access.agencies(overseer) == []
    assert city.agency in access.agencies(superuser)


def test_everybody_counted_in_the_list_of_events_is_somebody_one_may_see(
    open_event, other_city, admin, officer, superuser
):
    cast.make_open(other_city)

    assert set(access.people(admin)) == set(open_event.signatories.all())
    assert cast.someone(open_event, DEWI) in access.people(officer)
    assert cast.someone(open_event, BUDI) not in access.people(officer)
    assert access.people(superuser).count() == 10


def test_the_events_one_prepares_are_those_of_the_agencies_one_administers(
    city, other_city, draft_event, admin, officer, overseer, superuser, outsider
):
    below = cast.make_event(city.education)
    elsewhere = cast.make_event(other_city.agency)

    assert set(access.managed(admin)) == {draft_event, below}
    assert set(access.managed(outsider)) == {elsewhere}
    assert set(access.managed(superuser)) == {draft_event, below, elsewhere}
    for user in (officer, overseer):
        assert not access.managed(user).exists()


def missing_from(event: Event, unit: Agency) -> Correction:
    return corrections.report_missing(
        event, name="Contoh Terlewat", nip="", unit_id=unit.pk, message="Baru"
    )


def test_requests_go_to_those_who_care_for_the_unit(
    city, open_event, admin, officer, overseer, superuser, outsider
):
    school, clinic = missing_from(open_event, city.school), missing_from(open_event, city.clinic)
    siti = corrections.ask(cast.ticket_of(cast.someone(open_event)), message="Gelar")

    assert set(access.corrections(admin, open_event)) == {school, clinic, siti}
    assert set(access.corrections(superuser, open_event)) == {school, clinic, siti}
    assert set(access.corrections(officer, open_event)) == {school, siti}
    for user in (overseer, outsider):
        assert not access.corrections(user, open_event).exists()
    with pytest.raises(Http404):
        access.correction(officer, open_event, clinic.pk)


def test_what_was_voided_is_for_those_who_oversee(open_event, admin, officer, overseer, outsider):
    siti = cast.someone(open_event)
    first = cast.sign(siti)
    signing.void(first, reason="Keliru", by=None)
    siti.refresh_from_db()
    second = cast.sign(siti)

    for user in (admin, overseer):
        assert list(access.signatures_of(user, siti)) == [first, second]
    for user in (officer, outsider):
        assert list(access.signatures_of(user, siti)) == [second]


def test_a_signature_is_found_in_its_own_event_only(city, open_event):
    signature = cast.sign(cast.someone(open_event))
    assert access.signature(open_event, signature.pk) == signature
    with pytest.raises(Http404):
        access.signature(cast.make_open(city), signature.pk)
