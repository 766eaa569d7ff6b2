"""One civil servant across events, and that each look is on record."""

from __future__ import annotations

from pledges import access, lookups, signing
from pledges.models import AuditEntry, Role, Signature
from pledges.progress import Status
from tests import cast
from tests.cast import SITI
from tests.test_downloads import sign_and_seal


def test_a_person_is_found_in_every_event_of_the_subtree_with_status_and_documents(
    city, open_event, overseer, sealer
):
    earlier = cast.make_open(city, title="Apel tahun lalu")
    sign_and_seal(earlier, sealer, SITI)
    signing.void(Signature.objects.get(), reason="Salah orang", by=None)
    sign_and_seal(open_event, sealer, SITI)

    found = lookups.by_nip(access.overseen(overseer), SITI, by=overseer)

    assert {(each.person.event_id, each.status, each.documents, each.voided) for each in found} == {
        (open_event.pk, Status.SIGNED, 1, 0),
        (earlier.pk, Status.MISSING, 0, 1),
    }
    assert found[0].unit == "Dinas Pendidikan › SDN 1 Contoh"


def test_people_of_other_units_and_of_drafts_are_not_found(city, other_city, open_event, sealer):
    cast.make_draft(city)
    clinics = cast.make_user("puskesmas@contoh.example", (Role.OVERSEER, city.health))
    others = cast.make_user("luar@tetangga.example", (Role.OVERSEER, other_city.agency))
    schools = cast.make_user("sekolah@contoh.example", (Role.OVERSEER, city.education))

    assert lookups.by_nip(access.overseen(clinics), SITI, by=clinics) == []
    assert lookups.by_nip(access.overseen(others), SITI, by=others) == []
    [found] = lookups.by_nip(access.overseen(schools), SITI, by=schools)
    assert found.person.event == open_event


def test_an_officer_oversees_nobody(officer, open_event):
    assert not access.overseen(officer).exists()


def test_every_lookup_is_in_the_audit_log_without_the_nip(city, open_event, overseer):
    lookups.by_nip(access.overseen(overseer), SITI, by=overseer)
    lookups.by_nip(access.overseen(overseer), "198001012005019999", by=overseer)

    found, missed = AuditEntry.objects.filter(action="number.look_up")
    assert (found.target, found.event_id) == (
        f"signatory:{cast.someone(open_event, SITI).pk}",
        open_event.pk,
    )
    assert found.details == {"events": 1}
    assert (missed.target, missed.event_id) == (f"user:{overseer.pk}", None)
    assert missed.details.keys() == {"events", "nip"}
    assert "198001012005019999" not in str(missed.details)
