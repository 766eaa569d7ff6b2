"""One person's data and number are mended by hand."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from pledges import events, identity
from pledges.events import WrongState
from pledges.models import AuditEntry, Event, Kind, Signatory
from pledges.roster import amend
from pledges.roster.enrol import AlreadyEnrolled, AlreadySigned
from pledges.roster.rows import Row
from tests import cast
from tests.cast import BUDI, RAHMAT_NIK, SITI, City

NEW_NIP = "198001012005012009"
SITI_ROW = Row(
    sheet="", row=0, name="Siti Aminah, S.Pd.", nip=SITI, nik=None, kind="pns", rank="Penata",
    grade="III/c", position="Guru Kelas", echelon="", unit=("Dinas Pendidikan", "SDN 1 Contoh"),
    email="siti@contoh.example", phone="",
)  # fmt: skip


def mended(person: Signatory, *, by: User | None = None, **fields: Any) -> list[str]:
    row = dataclasses.replace(SITI_ROW, **fields)
    changed = amend.data(person, row, unit=person.unit, by=by)
    person.refresh_from_db()
    return changed


def test_data_are_mended_and_the_log_names_the_fields_not_the_values(
    siti: Signatory, officer: User
):
    fields = mended(siti, by=officer, name="Siti Aminah, M.Pd.", position="Kepala Sekolah")

    assert (siti.name, siti.position) == ("Siti Aminah, M.Pd.", "Kepala Sekolah")
    assert fields == ["name", "position"]
    entry = AuditEntry.objects.get(action="roster.amend")
    assert (entry.actor, entry.target) == (f"user:{officer.pk}", f"signatory:{siti.pk}")
    assert entry.details == {"fields": ["name", "position"]}


def test_nothing_changed_is_nothing_logged(siti: Signatory):
    assert mended(siti) == []
    assert not AuditEntry.objects.filter(action="roster.amend").exists()


def test_what_is_emptied_becomes_empty(siti: Signatory):
    assert mended(siti, email="", position="") == ["position", "email"]
    assert (siti.email, siti.position) == ("", "")


def test_a_changed_email_address_is_logged_on_its_own(siti: Signatory):
    mended(siti, email="lain@contoh.example")
    mended(siti, email="lain@contoh.example", phone="081200000000")
    assert AuditEntry.objects.filter(action=amend.EMAIL_CHANGED).count() == 1


def test_no_value_of_a_change_stands_in_the_log(siti: Signatory):
    mended(siti, name="Nama Baru", email="baru@contoh.example", phone="081200000000")
    log = json.dumps(list(AuditEntry.objects.values_list("details", flat=True)))
    for value in ("Nama Baru", "baru@contoh.example", "0812"):
        assert value not in log


def test_somebody_moves_to_another_unit(city: City, siti: Signatory):
    assert amend.data(siti, SITI_ROW, unit=city.education, by=None) == ["unit"]
    siti.refresh_from_db()
    assert siti.unit == city.education


def test_number_part_and_wave_are_not_touched(siti: Signatory):
    mended(siti, nip=NEW_NIP, given_wave=3, part="witness", echelon="II.a", name="Siti")
    assert (siti.nip, siti.wave, siti.part, siti.echelon) == (SITI, 1, "signer", "")


def test_a_rank_that_stands_without_a_grade_stays(siti: Signatory):
    Signatory.objects.filter(pk=siti.pk).update(rank="Penata", grade="")
    assert mended(siti, rank="", grade="") == []
    assert siti.rank == "Penata"


def test_mending_who_has_signed_leaves_the_statement_as_it_was(siti: Signatory):
    signature = cast.sign(siti)
    before = signature.statement

    mended(siti, name="Siti Aminah, M.Pd.")

    signature.refresh_from_db()
    assert signature.statement == before
    assert json.loads(before)["signatory"]["name"] == "Siti Aminah, S.Pd."


def test_who_has_signed_keeps_the_kind(open_event: Event):
    agus = cast.someone(open_event, cast.AGUS)
    cast.sign(agus)
    row = dataclasses.replace(SITI_ROW, kind="pppk", name=agus.name)
    with pytest.raises(AlreadySigned, match="sudah menandatangani"):
        amend.data(agus, row, unit=agus.unit, by=None)


def test_a_closed_event_keeps_its_roster_as_it_is(siti: Signatory):
    events.close(siti.event, by=None)
    with pytest.raises(WrongState, match="sudah ditutup"):
        mended(siti, name="Lain")


# Another number


def test_a_number_is_changed_and_links_and_codes_stay(siti: Signatory, admin: User):
    link, code = identity.link_token(siti), identity.personal_code(siti)

    amend.number(siti, dataclasses.replace(SITI_ROW, nip=NEW_NIP), by=admin)

    siti.refresh_from_db()
    assert siti.nip == NEW_NIP
    assert (identity.link_token(siti), identity.personal_code(siti)) == (link, code)
    assert identity.by_code(siti.event, identifier=NEW_NIP, code=code)[0] == siti
    entry = AuditEntry.objects.get(action="roster.change_number")
    assert NEW_NIP not in json.dumps(entry.details)


def test_a_nik_becomes_a_nip(rahmat: Signatory):
    row = dataclasses.replace(SITI_ROW, nip=NEW_NIP, kind="pns", grade="III/a", rank="Penata Muda")
    amend.number(rahmat, row, by=None)
    rahmat.refresh_from_db()
    assert (rahmat.nip, rahmat.nik_hash, rahmat.nik_cipher) == (NEW_NIP, None, None)
    assert (rahmat.kind, rahmat.grade) == (Kind.PNS, "III/a")


def test_a_nip_becomes_a_nik_that_is_kept_encrypted(siti: Signatory):
    nik = "3273010505900002"
    row = dataclasses.replace(SITI_ROW, nip=None, nik=nik, kind="non_asn", grade="", rank="")
    amend.number(siti, row, by=None)
    siti.refresh_from_db()
    assert siti.nip is None
    assert nik not in (siti.nik_cipher or "")
    assert identity.find(siti.event, nik) == siti


@pytest.mark.parametrize(
    "number", [{"nip": BUDI}, {"nip": None, "nik": RAHMAT_NIK, "kind": "non_asn"}]
)
def test_a_number_that_somebody_else_has_is_refused(siti: Signatory, number: dict[str, Any]):
    with pytest.raises(AlreadyEnrolled):
        amend.number(siti, dataclasses.replace(SITI_ROW, **number), by=None)
    siti.refresh_from_db()
    assert siti.nip == SITI


def test_who_has_signed_keeps_the_number_until_the_signature_is_voided(siti: Signatory):
    cast.sign(siti)
    with pytest.raises(AlreadySigned, match="admin membatalkan"):
        amend.number(siti, dataclasses.replace(SITI_ROW, nip=NEW_NIP), by=None)
