"""Rows → people: who is added, who is changed, and who is left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pledges import keys
from pledges.events import WrongState
from pledges.models import Agency, AuditEntry, Event, Kind
from pledges.roster import enrol
from pledges.roster.enrol import AlreadyEnrolled, AlreadySigned
from pledges.roster.rows import Row
from tests.cast import AGUS, BUDI, DEWI, RAHMAT_NIK, SITI, City, sign, someone

NEW = "198507152010011003"


def row(**values: object) -> Row:
    usual = {
        "sheet": "Daftar", "row": 2, "name": "Joko Contoh", "nip": NEW, "nik": None, "kind": "pns",
        "rank": "Penata", "grade": "III/c", "position": "Analis", "echelon": "",
        "unit": ("Dinas Kesehatan",), "email": "", "phone": "",
    }  # fmt: skip
    return Row(**usual | values)  # type: ignore[arg-type]


def row_of(nip: str, **values: object) -> Row:
    """What a file without news would say of Siti: as the cast has her."""
    siti = row(
        nip=SITI, name="Siti Aminah, S.Pd.", position="Guru Kelas", email="siti@contoh.example",
        unit=("Dinas Pendidikan", "SDN 1 Contoh"),
    )  # fmt: skip
    budi = row(
        nip=BUDI, name="Budi Santoso, S.K.M.", kind="pppk", rank="", grade="IX",
        position="Penyuluh Kesehatan", unit=("Dinas Kesehatan", "Puskesmas Contoh"),
    )  # fmt: skip
    return replace({SITI: siti, BUDI: budi}[nip], **values)  # type: ignore[arg-type]


def test_new_people_are_added_with_the_next_numbers(draft_event: Event, admin: User):
    other = row(nip="198507152010012004", name="Wati Contoh", unit=())
    result = enrol.enrol(draft_event, [row(), other], by=admin)
    assert result.counts == {
        "new": 2, "changed": 0, "unchanged": 0, "signed": 0, "withdrawn": 0, "absent": 5,
    }  # fmt: skip
    joko, wati = draft_event.signatories.filter(number__gt=5)
    assert (joko.number, joko.name, joko.nip, joko.grade) == (6, "Joko Contoh", NEW, "III/c")
    assert joko.unit.name == "Dinas Kesehatan"
    assert (wati.number, wati.unit) == (7, draft_event.agency)


def test_a_nik_is_kept_encrypted_and_found_by_its_hash(draft_event: Event):
    nik = "3273011207800002"
    enrol.enrol(draft_event, [row(nip=None, nik=nik, kind="non_asn")], by=None)
    person = draft_event.signatories.get(nik_hash=keys.nik_hash(nik))
    assert person.nip is None
    assert nik not in (person.nik_cipher or "")
    assert keys.decrypt_nik(person.nik_cipher or "") == nik


def test_a_second_import_updates_those_who_have_not_signed(draft_event: Event):
    result = enrol.enrol(
        draft_event,
        [row_of(SITI, name="Siti Aminah, S.Pd., M.Pd.", grade="III/d", rank="Penata Tingkat I")],
        by=None,
    )
    siti = someone(draft_event, SITI)
    assert (siti.name, siti.grade) == ("Siti Aminah, S.Pd., M.Pd.", "III/d")
    assert (result.counts["changed"], result.counts["absent"]) == (1, 4)


def test_a_second_import_reports_those_who_have_signed_and_changes_nothing_of_them(
    open_event: Event,
):
    sign(someone(open_event, SITI))
    result = enrol.enrol(
        open_event, [row_of(SITI, name="Nama Lain"), row_of(BUDI, position="Perawat")], by=None
    )
    assert [person.name for person in result.signed] == ["Siti Aminah, S.Pd."]
    assert someone(open_event, SITI).name == "Siti Aminah, S.Pd."
    assert someone(open_event, BUDI).position == "Perawat"


def test_a_second_import_never_deletes_anybody(open_event: Event):
    result = enrol.enrol(open_event, [row_of(SITI)], by=None)
    assert open_event.signatories.active().count() == 5
    assert {person.nip for person in result.absent} == {BUDI, DEWI, AGUS, None}
    assert result.unchanged == 1


def test_an_empty_cell_takes_nothing_away(draft_event: Event):
    result = enrol.enrol(
        draft_event, [row_of(SITI, email="", position="", rank="", grade="", unit=())], by=None
    )
    siti = someone(draft_event, SITI)
    assert result.unchanged == 1
    assert (siti.email, siti.position) == ("siti@contoh.example", "Guru Kelas")
    assert siti.unit.name == "SDN 1 Contoh"


def test_somebody_who_was_withdrawn_stays_withdrawn_and_is_reported(draft_event: Event):
    siti = someone(draft_event, SITI)
    enrol.withdraw(siti, by=None)
    result = enrol.enrol(draft_event, [row_of(SITI)], by=None)
    assert result.withdrawn == [siti]
    assert someone(draft_event, SITI).is_withdrawn


def test_a_person_moves_to_another_unit(draft_event: Event, city: City):
    enrol.enrol(draft_event, [row_of(SITI, unit=("Dinas Kesehatan", "Puskesmas Baru"))], by=None)
    unit = someone(draft_event, SITI).unit
    assert unit.name == "Puskesmas Baru"
    assert unit.path.startswith(city.health.path)


def test_work_units_are_made_once_however_their_names_are_spelled(draft_event: Event, city: City):
    enrol.enrol(
        draft_event,
        [
            row(unit=("DINAS  KESEHATAN", "Puskesmas Contoh")),
            row(nip="198507152010012004", unit=("Dinas Baru", "Bidang A")),
            row(nip="198507152010012005", unit=("Dinas Baru", "Bidang B")),
        ],
        by=None,
    )
    names = Agency.objects.filter(path__startswith=city.agency.path).values_list("name", flat=True)
    assert sorted(names) == [
        "Bidang A", "Bidang B", "Dinas Baru", "Dinas Kesehatan", "Dinas Pendidikan",
        "Pemerintah Kota Contoh", "Puskesmas Contoh", "SDN 1 Contoh",
    ]  # fmt: skip
    assert Agency.objects.find_problems() == ([], [], [], [], [])


def test_planning_changes_nothing(draft_event: Event):
    with CaptureQueriesContext(connection) as queries:
        result = enrol.plan(draft_event, [row(unit=("Dinas Baru",)), row_of(SITI, name="X")])
    assert (len(result.new), len(result.changed)) == (1, 1)
    assert all(query["sql"].startswith("SELECT") for query in queries)


def test_enrolling_is_all_or_nothing(draft_event: Event):
    twice = [row(), row(name="Orang Kedua")]
    with pytest.raises(Exception, match=r"(?i)unique"):
        enrol.enrol(draft_event, twice, by=None)
    assert draft_event.signatories.count() == 5
    assert not AuditEntry.objects.filter(action="roster.enrol").exists()


def test_enrolling_is_recorded_with_counts_and_without_names(draft_event: Event, admin: User):
    enrol.enrol(draft_event, [row()], by=admin)
    entry = AuditEntry.objects.get(action="roster.enrol")
    assert entry.actor == f"user:{admin.pk}"
    assert entry.details["new"] == 1
    assert "Joko" not in str(entry.details)


def test_a_closed_event_takes_nobody(closed_event: Event):
    with pytest.raises(WrongState, match="sudah ditutup"):
        enrol.enrol(closed_event, [row()], by=None)
    with pytest.raises(WrongState):
        enrol.add_person(closed_event, row(), by=None)
    with pytest.raises(WrongState):
        enrol.withdraw(someone(closed_event, BUDI), by=None)


def test_one_person_can_be_added_after_publication(open_event: Event, admin: User):
    person = enrol.add_person(open_event, row(kind=Kind.PNS), by=admin)
    assert (person.number, person.nip) == (6, NEW)
    assert AuditEntry.objects.get(action="roster.add").target == f"signatory:{person.pk}"


@pytest.mark.parametrize(
    "same", [row(nip=SITI), row(nip=None, nik=RAHMAT_NIK, kind="non_asn")], ids=["nip", "nik"]
)
def test_nobody_is_added_twice(open_event: Event, same: Row):
    with pytest.raises(AlreadyEnrolled, match="sudah ada dalam daftar"):
        enrol.add_person(open_event, same, by=None)
    assert open_event.signatories.count() == 5


def test_whoever_was_withdrawn_is_restored_and_not_added_again(open_event: Event):
    enrol.withdraw(someone(open_event, SITI), by=None)
    with pytest.raises(AlreadyEnrolled, match="pulihkan"):
        enrol.add_person(open_event, row(nip=SITI), by=None)


def test_withdrawing_can_be_undone(open_event: Event, admin: User):
    siti = someone(open_event, SITI)
    enrol.withdraw(siti, by=admin)
    assert open_event.signatories.active().count() == 4
    enrol.restore(siti, by=admin)
    assert open_event.signatories.active().count() == 5
    actions = AuditEntry.objects.filter(target=f"signatory:{siti.pk}")
    assert [entry.action for entry in actions] == ["roster.withdraw", "roster.restore"]


def test_whoever_has_signed_cannot_be_withdrawn(open_event: Event):
    siti = someone(open_event, SITI)
    sign(siti)
    with pytest.raises(AlreadySigned, match=r"Siti Aminah, S\.Pd\. sudah menandatangani"):
        enrol.withdraw(siti, by=None)
    assert not someone(open_event, SITI).is_withdrawn


def test_many_people_in_many_units_take_few_queries_per_unit(draft_event: Event):
    rows = [
        row(nip=f"19850715201001{1 + i % 2}{i:03}", unit=(f"Dinas {i % 10}", f"Bidang {i % 50}"))
        for i in range(1, 501)
    ]
    with CaptureQueriesContext(connection) as queries:
        enrol.enrol(draft_event, rows, by=None)
    assert draft_event.signatories.count() == 505
    assert len(queries) < 400
