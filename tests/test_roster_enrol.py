"""Rows → people: who is added, who is changed, and who is left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pledges import keys, signing, waves
from pledges.ceremony import DeclarationComplete, OnePresides
from pledges.events import WrongState
from pledges.models import Agency, AuditEntry, Event, Kind, Part
from pledges.roster import enrol
from pledges.roster.enrol import AlreadyEnrolled, AlreadySigned
from pledges.roster.rows import Row
from tests import cast
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


# ------------------------------------------------------------------ parts and waves


def test_new_people_get_the_part_and_the_wave_that_the_file_names(draft_event: Event):
    waves.define(draft_event, waves.BY_RANK, by=None)
    camat = row(part="representative", capacity="Ketua Paguyuban Camat", sequence=2)
    second = row(nip="198507152010012004", name="Wati Contoh", given_wave=2)
    enrol.enrol(draft_event, [camat, second], by=None)
    joko = someone(draft_event, NEW)
    assert (joko.part, joko.capacity, joko.sequence, joko.wave) == (
        Part.REPRESENTATIVE, "Ketua Paguyuban Camat", 2, 1,
    )  # fmt: skip
    wati = draft_event.signatories.get(name="Wati Contoh")
    assert (wati.part, wati.given_wave, wati.wave) == (Part.SIGNER, 2, 2)


def test_people_who_are_there_get_another_part_and_wave(draft_event: Event):
    waves.define(draft_event, waves.BY_RANK, by=None)
    result = enrol.enrol(
        draft_event, [row_of(SITI, part="witness"), row_of(BUDI, given_wave=1)], by=None
    )
    assert result.counts["changed"] == 2
    siti, budi = someone(draft_event, SITI), someone(draft_event, BUDI)
    assert (siti.part, siti.wave) == (Part.WITNESS, 1)
    assert (budi.part, budi.given_wave, budi.wave) == (Part.SIGNER, 1, 1)


def test_another_echelon_puts_somebody_into_another_wave(draft_event: Event):
    waves.define(draft_event, waves.BY_RANK, by=None)
    assert someone(draft_event, SITI).wave == 3
    enrol.enrol(draft_event, [row_of(SITI, echelon="III.b")], by=None)
    assert someone(draft_event, SITI).wave == 2


def test_a_file_without_these_columns_takes_no_part_and_no_wave_away(draft_event: Event):
    enrol.enrol(
        draft_event, [row_of(SITI, part="witness", capacity="Saksi", given_wave=2)], by=None
    )
    assert enrol.enrol(draft_event, [row_of(SITI)], by=None).unchanged == 1
    siti = someone(draft_event, SITI)
    assert (siti.part, siti.capacity, siti.given_wave) == (Part.WITNESS, "Saksi", 2)


def test_a_file_that_calls_somebody_a_signer_takes_part_and_capacity_away(draft_event: Event):
    enrol.enrol(draft_event, [row_of(SITI, part="witness", capacity="Saksi", sequence=4)], by=None)
    enrol.enrol(draft_event, [row_of(SITI, part="signer")], by=None)
    siti = someone(draft_event, SITI)
    assert (siti.part, siti.capacity, siti.sequence) == (Part.SIGNER, "", 0)


def test_a_second_presiding_official_is_refused_with_the_whole_file(city: City):
    event = cast.make_ceremony(city)
    rows = [row(part="presiding")]
    assert enrol.obstacle(event, enrol.plan(event, rows)).startswith(
        "Dr. Dewi Lestari, S.Pd., M.Pd. sudah dicatat sebagai pimpinan acara"
    )
    with pytest.raises(OnePresides):
        enrol.enrol(event, rows, by=None)
    assert not event.signatories.filter(nip=NEW).exists()


def test_whoever_presides_already_may_stand_in_the_file_as_such(city: City):
    event = cast.make_ceremony(city)
    cast.give_part(someone(event, DEWI), Part.SIGNER)
    cast.give_part(someone(event, SITI), Part.PRESIDING)
    result = enrol.enrol(event, [row_of(SITI, part="presiding", capacity="Pembina")], by=None)
    assert result.counts["changed"] == 1
    assert someone(event, SITI).capacity == "Pembina"


def test_after_the_declaration_was_completed_a_file_gives_no_parts(city: City):
    event = cast.make_open_ceremony(city)
    for nip in (DEWI, SITI, BUDI):
        sign(someone(event, nip))
    sign(cast.outsider_of(event))
    with pytest.raises(DeclarationComplete):
        enrol.enrol(event, [row(part="witness")], by=None)
    assert enrol.enrol(event, [row()], by=None).counts["new"] == 1


def test_whoever_signed_the_declaration_alone_keeps_part_and_capacity(city: City):
    event = cast.make_open_ceremony(city)
    own = sign(someone(event, SITI))
    signing.void(own, reason="Salah orang", by=None)
    result = enrol.enrol(event, [row_of(SITI, part="witness")], by=None)
    assert result.counts["signed"] == 1
    assert someone(event, SITI).part == Part.REPRESENTATIVE


def test_guests_are_no_part_of_a_file_and_not_absent_from_it(city: City):
    event = cast.make_ceremony(city)
    cast.make_outsider(event, name="Contoh Saksi Kedua")
    result = enrol.plan(event, [row_of(SITI)])
    assert {person.name for person in result.absent} == {
        "Budi Santoso, S.K.M.", "Dr. Dewi Lestari, S.Pd., M.Pd.", "Agus", "Rahmat Hidayat",
    }  # fmt: skip
