"""Recaps and minutes: what they count, whom they name, when they may be made, when they end."""

from __future__ import annotations

import io
import json
from collections import Counter

import openpyxl
import pytest
from django.utils import timezone

from pledges import declaration, events, pact, reports, signing
from pledges.documents.reported import Reported
from pledges.events import REOPENED, WrongState
from pledges.minutes import Signer
from pledges.models import AuditEntry, Event, Excuse, Refusal, Report, Signature
from pledges.reports import file_name, make, void
from tests import cast, rosters
from tests.cast import AGUS, BUDI, DEWI, RAHMAT_NIK, SITI
from tests.threads import at_once

RECAP, MINUTES = Report.Kind.RECAP, Report.Kind.MINUTES
COUNTED = ("total", "signed", "late", "paper", "declined", "excused", "waiting", "missing")


def recap(event: Event, unit=None, **options) -> Reported:
    report = make(event, kind=RECAP, unit=unit or event.agency, by=None, **options)
    return Reported.of(report.statement)


def excuse(person, code=Excuse.Code.SICK, note="") -> Excuse:
    return Excuse.objects.create(signatory=person, code=code, note=note)


def counts(told) -> dict[str, int]:
    return {name: getattr(told, name) for name in COUNTED}


# What a recap counts


def test_a_recap_counts_signed_late_paper_excused_and_missing_down_the_tree(city, open_event):
    rosters.sign(cast.someone(open_event, SITI), is_late=True)
    rosters.sign(cast.someone(open_event, BUDI), method="paper")
    excuse(cast.someone(open_event, AGUS))

    told = recap(open_event)

    assert told.totals is not None
    assert counts(told.totals) == {
        "total": 5, "signed": 2, "late": 1, "paper": 1,
        "declined": 0, "excused": 1, "waiting": 0, "missing": 2,
    }  # fmt: skip
    assert told.totals.percent == 50.0
    assert [
        (line.depth, line.path, line.counts.total, line.counts.signed, line.counts.missing)
        for line in told.units
    ] == [
        (0, "Pemerintah Kota Contoh", 5, 2, 2),
        (1, "Dinas Pendidikan", 3, 1, 1),
        (2, "Dinas Pendidikan › SDN 1 Contoh", 2, 1, 0),
        (1, "Dinas Kesehatan", 2, 1, 1),
        (2, "Dinas Kesehatan › Puskesmas Contoh", 2, 1, 1),
    ]


def test_a_recap_of_a_unit_is_about_that_unit_and_all_below_it(city, open_event):
    told = recap(open_event, city.education)

    assert told.unit == ("Pemerintah Kota Contoh", "Dinas Pendidikan")
    assert [line.path for line in told.units] == ["Dinas Pendidikan", "SDN 1 Contoh"]
    assert told.totals is not None
    assert told.totals.total == 3


def test_a_recap_of_a_unit_without_people_counts_nobody(city, open_event):
    empty = cast.make_agency("Kelurahan Kosong", above=city.agency)

    told = recap(open_event, empty)

    assert told.totals is not None
    assert (told.totals.total, told.totals.percent) == (0, 0.0)
    assert told.units == []


def test_a_recap_names_those_who_have_not_signed_with_reason_and_masked_number(city, open_event):
    rosters.sign(cast.someone(open_event, SITI))
    excuse(cast.someone(open_event, BUDI), Excuse.Code.LEAVE, "sampai 3 Januari")

    told = recap(open_event)

    assert [(p.unit, p.name, p.identifier, p.reason) for p in told.unsigned] == [
        ("Dinas Pendidikan", "Dr. Dewi Lestari, S.Pd., M.Pd.", "1975••••••••••2002",
         "Belum menandatangani"),
        ("Dinas Pendidikan › SDN 1 Contoh", "Agus", "1995••••••••••1002",
         "Belum menandatangani"),
        ("Dinas Kesehatan › Puskesmas Contoh", "Budi Santoso, S.K.M.", "1990••••••••••1001",
         "Cuti"),
        ("Dinas Kesehatan › Puskesmas Contoh", "Rahmat Hidayat", "3273••••••••••01",
         "Belum menandatangani"),
    ]  # fmt: skip


def test_a_recap_holds_no_whole_number(open_event):
    report = make(open_event, kind=RECAP, unit=open_event.agency, by=None)

    for number in (SITI, BUDI, DEWI, AGUS, RAHMAT_NIK):
        assert number not in report.statement


def test_who_declined_is_told_only_where_that_is_asked_for(open_event):
    Refusal.objects.create(signatory=cast.someone(open_event, SITI), reason="Alasan rahasia")
    excuse(cast.someone(open_event, SITI))

    hidden = make(open_event, kind=RECAP, unit=open_event.agency, by=None)
    told = make(open_event, kind=RECAP, unit=open_event.agency, by=None, reveals_refusals=True)

    assert (hidden.tells_refusals, told.tells_refusals) == (False, True)
    assert "bersedia" not in hidden.statement
    assert Reported.of(hidden.statement).totals.excused == 1
    assert counts(Reported.of(told.statement).totals) | {"total": 5} == {
        "total": 5, "signed": 0, "late": 0, "paper": 0,
        "declined": 1, "excused": 0, "waiting": 0, "missing": 4,
    }  # fmt: skip
    assert "Tidak bersedia" in told.statement
    assert "rahasia" not in told.statement


def test_a_recap_without_anybody_who_declined_tells_no_refusals(open_event):
    report = make(open_event, kind=RECAP, unit=open_event.agency, by=None, reveals_refusals=True)

    assert not report.tells_refusals


def test_who_waits_for_a_wave_is_told_so(open_event):
    open_event.signatories.filter(nip=SITI).update(wave=2)

    told = recap(open_event)

    assert told.totals.waiting == 1
    [siti] = [person for person in told.unsigned if person.name.startswith("Siti")]
    assert siti.reason == "Menunggu gelombang"


def test_who_was_excused_and_signed_has_signed(open_event):
    excuse(cast.someone(open_event, SITI))
    rosters.sign(cast.someone(open_event, SITI))

    assert (recap(open_event).totals.signed, recap(open_event).totals.excused) == (1, 0)


# Compared with the database to the last person


def assert_recap_true(event: Event, *, reveals_refusals: bool) -> None:
    """Of the whole event and of each of its units: totals, lines and names."""
    told = recap(event, reveals_refusals=reveals_refusals)
    places = {
        unit.pk: unit
        for unit in type(event.agency).objects.filter(path__startswith=event.agency.path)
    }
    by_path = sorted(places.values(), key=lambda unit: unit.path)
    lines = iter(told.units)
    for unit in by_path:
        truth = rosters.truth(event, unit, reveals_refusals=reveals_refusals)
        if not truth["total"]:
            continue
        line = next(lines)
        assert line.name == unit.name
        assert counts(line.counts) == {name: truth[name] for name in COUNTED}, unit
        asked = truth["total"] - truth["excused"]
        percent = truth["signed"] * 1000 // asked / 10 if asked else 100.0
        assert line.counts.percent == percent
    assert next(lines, None) is None
    unsigned = Counter((person.name, person.status) for person in told.unsigned)
    assert unsigned == Counter(
        (person.name, rosters.standing(event, person, reveals_refusals=reveals_refusals)[0])
        for person in rosters.people(event, event.agency)
        if rosters.standing(event, person, reveals_refusals=reveals_refusals)[0] != "signed"
    )


@pytest.mark.parametrize("seed", range(4))
def test_every_total_of_a_random_roster_is_that_of_the_database_to_the_last_person(city, seed):
    event = cast.make_open(city)
    units = [city.agency, city.education, city.school, city.health, city.clinic]
    rosters.crowd(event, units, count=60, seed=seed)

    assert_recap_true(event, reveals_refusals=bool(seed % 2))
    events.close(event, by=None)
    assert_recap_true(event, reveals_refusals=not seed % 2)
    assert_minutes_true(event)


def assert_minutes_true(event: Event) -> None:
    event.refresh_from_db()
    report = make(event, kind=MINUTES, unit=event.agency, by=None, reveals_refusals=True)
    truth = rosters.truth(event, event.agency, reveals_refusals=True)
    told = Reported.of(report.statement)
    assert counts(told.totals) == {name: truth[name] for name in COUNTED}


# The spreadsheet


def rows_of(sheet) -> list[list[object]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]


def test_the_spreadsheet_says_what_the_statement_says(city, open_event):
    units = [city.school, city.clinic]
    rosters.crowd(open_event, units, count=30, seed=5)
    report = make(open_event, kind=RECAP, unit=open_event.agency, by=None, reveals_refusals=True)
    told = Reported.of(report.statement)

    book = openpyxl.load_workbook(io.BytesIO(reports.export_sheets(report, by=None)))

    assert book.sheetnames == ["Per unit", "Yang belum", "Keterangan"]
    assert rows_of(book["Per unit"]) == [
        [line.path, *counts(line.counts).values(), line.counts.percent] for line in told.units
    ]
    assert [row[1:] for row in rows_of(book["Yang belum"])] == [
        [p.name, p.identifier, p.position or None, p.unit, p.reason] for p in told.unsigned
    ]
    facts = {str(name): value for name, value in rows_of(book["Keterangan"])}
    assert facts["Kode verifikasi"] == report.verification_code
    assert facts["Acara"] == open_event.title


def test_a_name_that_looks_like_a_formula_is_text_in_the_spreadsheet(open_event):
    person = cast.someone(open_event, SITI)
    person.name = '=HYPERLINK("http://x")'
    person.save()
    excuse(person)
    report = make(open_event, kind=RECAP, unit=open_event.agency, by=None)

    book = openpyxl.load_workbook(io.BytesIO(reports.export_sheets(report, by=None)))

    [row] = [row for row in rows_of(book["Yang belum"]) if row[5] == "Sakit"]
    assert row[1] == '\'=HYPERLINK("http://x")'
    kinds = {cell.data_type for each in book["Yang belum"].iter_rows() for cell in each}
    assert "f" not in kinds


def test_a_recap_tells_the_reason_and_no_note(open_event):
    excuse(cast.someone(open_event, BUDI), note="menjalani kemoterapi")
    report = make(open_event, kind=RECAP, unit=open_event.agency, by=None)
    assert "kemoterapi" not in report.statement

    # Statements of before held notes.
    data = json.loads(report.statement)
    for person in data["unsigned"]:
        person["note"] = "menjalani kemoterapi" if person["reason"] == "Sakit" else ""
    for statement in (report.statement, json.dumps(data)):
        report.statement = statement
        book = openpyxl.load_workbook(io.BytesIO(reports.export_sheets(report, by=None)))
        rows = [cell for sheet in book for row in rows_of(sheet) for cell in row]
        assert "Sakit" in rows
        assert not [cell for cell in rows if "kemoterapi" in str(cell)]


def test_the_spreadsheet_has_no_column_of_the_declined_unless_they_are_told(open_event):
    report = make(open_event, kind=RECAP, unit=open_event.agency, by=None)

    book = openpyxl.load_workbook(io.BytesIO(reports.export_sheets(report, by=None)))

    assert "Tidak bersedia" not in [cell.value for cell in book["Per unit"][1]]


def test_taking_a_spreadsheet_is_logged(open_event, admin):
    report = make(open_event, kind=RECAP, unit=open_event.agency, by=admin)

    reports.export_sheets(report, by=admin)

    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.target, entry.details) == (
        "export.report", f"report:{report.pk}", {"form": "xlsx"},
    )  # fmt: skip


# The statement


def test_making_a_report_is_recorded_with_its_maker(open_event, admin):
    report = make(open_event, kind=RECAP, unit=open_event.agency, by=admin)

    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor, entry.action, entry.target) == (
        f"user:{admin.pk}", "report.make", f"report:{report.pk}",
    )  # fmt: skip
    assert report.made_by == admin
    assert Reported.of(report.statement).made_by == "admin@contoh.example"


def test_the_statement_is_canonical_and_salted_and_names_the_frozen_texts(open_event):
    one = make(open_event, kind=RECAP, unit=open_event.agency, by=None)
    other = make(open_event, kind=RECAP, unit=open_event.agency, by=None)

    data = json.loads(one.statement)
    assert pact.canonical(data) == one.statement
    assert data["salt"] != json.loads(other.statement)["salt"]
    assert data["pacts"] == [
        {"title": row.title, "digest": row.digest} for row in open_event.pacts.all()
    ]
    assert data["verification_code"] == one.verification_code
    assert data["event"]["state"] == "open"


def test_a_report_says_what_was_on_record_then_and_not_what_is_now(open_event):
    report = make(open_event, kind=RECAP, unit=open_event.agency, by=None)
    rosters.sign(cast.someone(open_event, SITI))

    report.refresh_from_db()
    assert Reported.of(report.statement).totals.signed == 0
    assert recap(open_event).totals.signed == 1


def test_a_file_is_named_for_kind_event_time_and_unit(city, open_event):
    report = make(open_event, kind=RECAP, unit=city.education, by=None)
    made = report.made_at.astimezone(open_event.zone)

    assert file_name(report, ".pdf") == (
        f"Rekapitulasi {open_event.code} {made:%Y-%m-%d %H%M} Dinas Pendidikan.pdf"
    )


@pytest.mark.parametrize("kind", Report.Kind)
def test_a_draft_has_no_reports(draft_event, kind):
    with pytest.raises(WrongState, match="setelah acara diterbitkan"):
        make(draft_event, kind=kind, unit=draft_event.agency, by=None)

    assert not Report.objects.exists()


# The minutes


def minutes(event: Event, **options) -> Report:
    return make(event, kind=MINUTES, unit=event.agency, by=None, **options)


def test_minutes_while_the_event_is_open_are_refused(open_event):
    with pytest.raises(WrongState, match="setelah acara ditutup"):
        minutes(open_event)

    assert not Report.objects.exists()


def test_minutes_say_the_events_facts_totals_legal_bases_and_who_signs(closed_event):
    signers = [
        Signer("Kepala", "Kepala BKPSDM", "Contoh Kepala"),
        Signer("Saksi I"),
        Signer("Saksi II"),
    ]

    told = Reported.of(minutes(closed_event, signers=signers).statement)

    assert (told.event.date, told.event.venue) == ("2024-07-29", "Plaza Balai Kota")
    assert told.event.presiding_name == "Contoh Pimpinan"
    assert told.event.election == "Pilkada Serentak Tahun 2024"
    assert told.data["legal_bases"] == list(cast.LEGAL_BASES)
    assert (told.totals.total, told.totals.signed) == (5, 1)
    signed_at = Signature.objects.get().signed_at
    assert told.moment("first_signed_at") == told.moment("last_signed_at") == signed_at
    assert told.data["signers"][0] == {
        "role": "Kepala", "position": "Kepala BKPSDM", "name": "Contoh Kepala",
    }  # fmt: skip
    assert told.data["declaration"] is None


def test_minutes_of_an_event_that_nobody_signed_have_no_first_signature(city):
    told = Reported.of(minutes(cast.make_closed(city)).statement)

    assert told.moment("first_signed_at") is None


def test_minutes_name_the_joint_declaration_by_its_code(city):
    event = cast.make_open_ceremony(city)
    cast.sign(cast.someone(event, SITI))
    completed = declaration.close(event, by=None)
    event = events.close(event, by=None)

    told = Reported.of(minutes(event).statement)

    assert told.data["declaration"] == {
        "code": completed.verification_code,
        "completed_at": completed.completed_at.isoformat(),
        "signed": 1,
        "places": 4,
    }


def test_a_second_minutes_is_refused_while_the_first_stands(closed_event):
    minutes(closed_event)

    with pytest.raises(WrongState, match="sudah dibuat"):
        minutes(closed_event)

    assert Report.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_make_the_minutes_at_once_make_one(closed_event):
    results = at_once([lambda: minutes(closed_event)] * 2)

    assert sorted(type(result).__name__ for result in results) == ["Report", "WrongState"]
    assert Report.objects.live().count() == 1


# The end of reports


def test_reopening_the_event_voids_its_recaps_and_minutes_and_says_which(closed_event, admin):
    made = [
        make(closed_event, kind=kind, unit=closed_event.agency, by=None)
        for kind in (MINUTES, RECAP, Report.Kind.PLAUSIBILITY)
    ]
    earlier = make(closed_event, kind=RECAP, unit=closed_event.agency, by=None)
    void(earlier, reason="Salah unit", by=None)
    assert set(reports.ended_by_reopening(closed_event)) == set(made[:2])

    _, ended = events.reopen(closed_event, by=admin)

    assert set(ended) == set(made[:2])
    for report in made:
        report.refresh_from_db()
    assert [report.void_reason for report in made] == [REOPENED, REOPENED, ""]
    assert all(report.voided_at for report in made[:2])
    earlier.refresh_from_db()
    assert earlier.void_reason == "Salah unit"
    entries = AuditEntry.objects.filter(action="report.void", actor=f"user:{admin.pk}")
    assert set(entries.values_list("target", flat=True)) == {f"report:{r.pk}" for r in made[:2]}


def test_reopening_an_event_without_reports_voids_nothing(closed_event):
    _, ended = events.reopen(closed_event, by=None)

    assert ended == []


def test_closing_again_after_reopening_makes_new_minutes_with_the_new_totals(closed_event):
    first = minutes(closed_event)
    event, _ = events.reopen(closed_event, by=None)
    with pytest.raises(WrongState):
        minutes(event)
    cast.sign(cast.someone(event, BUDI))
    event = events.close(event, by=None)

    second = minutes(event)

    assert Reported.of(second.statement).totals.signed == 2
    assert list(Report.objects.live()) == [second]
    assert first.verification_code != second.verification_code


def test_an_admin_voids_a_report_with_a_reason_and_can_make_minutes_anew(closed_event, admin):
    first = minutes(closed_event)

    void(first, reason="Nama saksi salah", by=admin)

    first.refresh_from_db()
    assert first.void_reason == "Nama saksi salah"
    assert AuditEntry.objects.latest("pk").action == "report.void"
    assert "Nama saksi" not in str(AuditEntry.objects.latest("pk").details)
    assert minutes(closed_event) in Report.objects.live()


def test_voiding_twice_is_refused_and_keeps_the_first_reason(closed_event):
    report = minutes(closed_event)
    void(report, reason="Pertama", by=None)

    with pytest.raises(WrongState, match="sudah dibatalkan"):
        void(report, reason="Kedua", by=None)

    report.refresh_from_db()
    assert report.void_reason == "Pertama"


def test_voiding_a_signature_after_the_minutes_leaves_them_as_they_were(closed_event):
    report = minutes(closed_event)

    signing.void(Signature.objects.get(), reason="Salah orang", by=None)

    report.refresh_from_db()
    assert report.voided_at is None
    assert report.made_at < timezone.now()
