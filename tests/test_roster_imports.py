"""The life of a roster file: upload, read, confirm, enrol, and everything that interrupts it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from functools import partial

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from pledges import events
from pledges.events import WrongState
from pledges.models import AuditEntry, Event, Import, ImportState
from pledges.roster import imports
from pledges.roster.fields import Field
from pledges.roster.imports import FileTooLarge, HasProblems, NothingToEnrol
from pledges.roster.report import Choices
from tests import spreadsheets
from tests.cast import RAHMAT_NIK, SITI, make_city, make_draft, sign, someone
from tests.spreadsheets import HEADER, TABLE, Table
from tests.test_roster_rows import tables
from tests.threads import at_once

BROKEN: Table = [*TABLE, [3, "Citra Contoh", "1980", "Dinas Kesehatan"]]


def upload(event: Event, file: io.BytesIO, *, by: User | None = None) -> Import:
    return imports.upload(event, File(file, "daftar.xlsx"), filename="daftar.xlsx", by=by)


def advance(imported: Import) -> Import:
    """What the worker does with it, and how it stands then."""
    imports.advance(fresh(imported))
    return fresh(imported)


def fresh(imported: Import) -> Import:
    return Import.objects.select_related("event__agency", "confirmed_by").get(pk=imported.pk)


def read(event: Event, table: Table = TABLE, *, by: User | None = None) -> Import:
    return advance(upload(event, spreadsheets.xlsx(table), by=by))


def everybody(event: Event) -> list[tuple[str, str]]:
    return list(event.signatories.order_by("number").values_list("name", "unit__name"))


def stored_files() -> list[str]:
    return default_storage.listdir("imports")[1]


@pytest.fixture(autouse=True)
def empty_storage(tmp_path, settings) -> None:
    default_storage.save("imports/x", ContentFile(b""))
    for name in stored_files():
        default_storage.delete(f"imports/{name}")


# ------------------------------------------------------------------ the usual way


def test_nothing_is_imported_before_the_admin_confirms(draft_event: Event, admin: User):
    before = everybody(draft_event)
    imported = read(draft_event, by=admin)
    assert imported.state == ImportState.READ
    assert (imported.counts["rows"], imported.counts["new"], imported.counts["absent"]) == (2, 2, 5)
    assert everybody(draft_event) == before

    confirmed = imports.confirm(imported, skip_bad=False, by=admin)
    assert confirmed.state == ImportState.ENROLLING
    assert everybody(draft_event) == before

    done = advance(confirmed)
    assert done.state == ImportState.ENROLLED
    assert everybody(draft_event)[5:] == [
        ("Andi Contoh", "Dinas Kesehatan"), ("Bella Contoh", "Dinas Pendidikan"),
    ]  # fmt: skip
    actions = AuditEntry.objects.filter(action__startswith="roster.")
    assert [(entry.action, entry.actor) for entry in actions] == [
        (action, f"user:{admin.pk}")
        for action in ("roster.upload", "roster.confirm", "roster.enrol")
    ]


def test_what_is_enrolled_is_what_was_shown(draft_event: Event):
    imported = read(draft_event)
    default_storage.delete(imported.file)
    imports.confirm(imported, skip_bad=False, by=None)
    assert advance(imported).state == ImportState.ENROLLED
    assert draft_event.signatories.count() == 7


def test_confirming_twice_enrols_once(draft_event: Event):
    imported = read(draft_event)
    imports.confirm(imported, skip_bad=False, by=None)
    imports.confirm(imported, skip_bad=False, by=None)
    advance(imported)
    imports.confirm(imported, skip_bad=False, by=None)
    assert advance(imported).counts["new"] == 2
    assert draft_event.signatories.count() == 7
    assert AuditEntry.objects.filter(action="roster.enrol").count() == 1


def test_a_roster_with_problems_is_imported_without_the_faulty_rows_only_if_that_was_chosen(
    draft_event: Event,
):
    imported = read(draft_event, BROKEN)
    assert (imported.counts["rows"], imported.counts["faulty"]) == (2, 1)
    with pytest.raises(HasProblems, match="Masih ada 1 masalah"):
        imports.confirm(imported, skip_bad=False, by=None)
    assert fresh(imported).state == ImportState.READ
    imports.confirm(imported, skip_bad=True, by=None)
    advance(imported)
    assert draft_event.signatories.count() == 7


def test_the_faulty_rows_can_be_had_until_the_next_file_is_uploaded(draft_event: Event):
    imported = read(draft_event, BROKEN)
    imports.confirm(imported, skip_bad=True, by=None)
    done = advance(imported)
    sheet = openpyxl.load_workbook(io.BytesIO(imports.faulty_rows(done, by=None))).worksheets[0]
    assert [cell.value for cell in sheet[2]][1:4] == ["Data, baris 4", "1980", "Citra Contoh"]
    assert len(stored_files()) == 1
    upload(draft_event, spreadsheets.xlsx())
    assert fresh(imported).report == ""
    assert len(stored_files()) == 1


def test_a_second_import_reports_by_name_those_who_have_signed_and_those_who_are_not_in_it(
    open_event: Event,
):
    siti = someone(open_event, SITI)
    sign(siti)
    imported = read(open_event, [HEADER, [1, "Siti Lain", SITI, "Dinas Kesehatan"]])
    assert imported.left_alone["signed"] == [siti.pk]
    others = open_event.signatories.exclude(pk=siti.pk)
    assert imported.left_alone["absent"] == [person.pk for person in others]
    imports.confirm(imported, skip_bad=False, by=None)
    assert advance(imported).left_alone["signed"] == [siti.pk]
    assert someone(open_event, SITI).name == "Siti Aminah, S.Pd."
    assert open_event.signatories.active().count() == 5


# ------------------------------------------------------------------ sheets and columns


def test_several_sheets_are_offered_and_the_admin_chooses(draft_event: Event):
    file = spreadsheets.xlsx(others={"Lain": [HEADER, [1, "Citra", "198703032010032003", "X"]]})
    imported = advance(upload(draft_event, file))
    assert [sheet.name for sheet in imports.report_of(imported).sheets] == ["Data", "Lain"]
    assert imported.counts["rows"] == 3
    again = imports.choose(imported, Choices(("Lain",), {}), by=None)
    assert (again.state, again.is_begun) == (ImportState.READING, False)
    found = imports.report_of(advance(again))
    assert [sheet.is_read for sheet in found.sheets] == [False, True]
    assert [row.name for row in found.reading.rows] == ["Citra"]


def test_the_recognised_columns_are_shown_with_samples_and_can_be_changed(draft_event: Event):
    imported = read(draft_event)
    (sheet,) = imports.report_of(imported).sheets
    assert [(column.letter, column.label, column.field) for column in sheet.columns] == [
        ("A", "No", None), ("B", "Nama", Field.NAME), ("C", "NIP", Field.NIP),
        ("D", "Unit Kerja", Field.UNIT_1),
    ]  # fmt: skip
    assert sheet.columns[1].samples == ("Andi Contoh", "Bella Contoh")
    mapping = {Field.NAME: 1, Field.NIP: 2, Field.POSITION: 3}
    again = advance(imports.choose(imported, Choices(("Data",), {"Data": mapping}), by=None))
    assert imports.report_of(again).reading.rows[0].position == "Dinas Kesehatan"


def test_a_choice_that_leaves_nothing_to_read_can_be_changed_again(draft_event: Event):
    imported = read(draft_event)
    useless = Choices(("Data",), {"Data": {Field.POSITION: 1}})
    failed = advance(imports.choose(imported, useless, by=None))
    assert failed.state == ImportState.READ
    assert "Kolom Nama" in failed.failure
    with pytest.raises(NothingToEnrol):
        imports.confirm(failed, skip_bad=True, by=None)
    mended = Choices(("Data",), {"Data": {Field.NAME: 1, Field.NIP: 2}})
    assert advance(imports.choose(failed, mended, by=None)).counts["rows"] == 2


# ------------------------------------------------------------------ refused files


def test_a_roster_of_50_mb_is_refused_before_anything_of_it_is_read(draft_event: Event):
    class Unread(File[bytes]):
        size = 50 * 2**20

        def read(self, *args):
            raise AssertionError("was read")

    with pytest.raises(FileTooLarge, match="lebih besar dari 15 MB"):
        imports.upload(draft_event, Unread(None), filename="besar.xlsx", by=None)
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "kosong"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "bukan tabel"),
    ],
    ids=["empty", "pdf", "picture"],
)
def test_a_file_that_is_no_spreadsheet_fails_with_the_reason_and_can_be_cancelled(
    draft_event: Event, content: bytes, message: str
):
    imported = advance(upload(draft_event, io.BytesIO(content)))
    assert imported.state == ImportState.FAILED
    assert message in imported.failure
    imports.cancel(imported, by=None)
    assert not Import.objects.exists()
    assert stored_files() == []


def test_a_spreadsheet_without_any_header_fails_as_there_is_nothing_to_choose(draft_event: Event):
    imported = advance(upload(draft_event, spreadsheets.xlsx([["Nama / NIP"], ["Andi"]])))
    assert imported.state == ImportState.FAILED
    assert "dalam satu kolom" in imported.failure


def test_a_failure_is_forgotten_when_the_next_file_is_uploaded(draft_event: Event):
    failed = advance(upload(draft_event, io.BytesIO(b"%PDF-1.7")))
    again = upload(draft_event, spreadsheets.xlsx())
    assert list(Import.objects.all()) == [again]
    assert not default_storage.exists(failed.file)


def test_a_closed_event_takes_no_file(closed_event: Event):
    with pytest.raises(WrongState, match="sudah ditutup"):
        upload(closed_event, spreadsheets.xlsx())


def test_an_event_closed_since_the_upload_takes_no_confirmation(open_event: Event):
    imported = read(open_event)
    events.close(open_event, by=None)
    with pytest.raises(WrongState, match="sudah ditutup"):
        imports.confirm(fresh(imported), skip_bad=False, by=None)


def test_an_event_closed_since_the_confirmation_enrols_nobody_and_says_so(open_event: Event):
    imported = imports.confirm(read(open_event), skip_bad=False, by=None)
    events.close(open_event, by=None)
    stopped = advance(imported)
    assert (stopped.state, open_event.signatories.count()) == (ImportState.READ, 5)
    assert "sudah ditutup" in stopped.failure


def test_half_characters_of_a_damaged_file_are_shown_as_question_marks(draft_event: Event):
    sheet = "".join(
        spreadsheets.inline_row(number, *texts)
        for number, texts in enumerate(
            [("Nama", "NIP", "_xD800_"), ("Andi _xDFFF_", "198001012005011001", "_xD800_")], 1
        )
    )
    imported = advance(upload(draft_event, spreadsheets.bare_xlsx(sheet)))
    assert imported.state == ImportState.READ
    assert "\ud800" not in str(imports.report_of(imported))


# ------------------------------------------------------------------ interruptions


def test_a_cancelled_import_leaves_no_file(draft_event: Event, admin: User):
    imported = read(draft_event)
    imports.cancel(imported, by=admin)
    assert not Import.objects.exists()
    assert stored_files() == []
    assert AuditEntry.objects.filter(action="roster.cancel").exists()


def test_what_was_enrolled_cannot_be_cancelled(draft_event: Event):
    imported = imports.confirm(read(draft_event), skip_bad=False, by=None)
    with pytest.raises(WrongState, match="sudah dimasukkan"):
        imports.cancel(imported, by=None)
    with pytest.raises(WrongState, match="sudah dimasukkan"):
        imports.cancel(advance(imported), by=None)


def test_a_reading_that_was_killed_is_done_again(draft_event: Event):
    imported = upload(draft_event, spreadsheets.xlsx())
    Import.objects.update(is_begun=True, done=500, total=20_000)
    assert advance(imported).state == ImportState.READ


def test_an_enrolment_that_was_killed_is_done_again(draft_event: Event):
    imported = imports.confirm(read(draft_event), skip_bad=False, by=None)
    Import.objects.update(is_begun=True)
    assert advance(imported).state == ImportState.ENROLLED
    assert draft_event.signatories.count() == 7


def test_a_reading_overtaken_by_another_choice_or_a_cancellation_counts_for_nothing(
    draft_event: Event,
):
    imported = read(draft_event)
    asked_first = imports.choose(imported, Choices(("Data",), {}), by=None)
    Import.objects.update(choices=Choices((), {}).dump())
    imports.advance(asked_first)
    assert fresh(imported).state == ImportState.READING
    assert len(stored_files()) == 2
    Import.objects.all().delete()
    imports.advance(asked_first)
    assert len(stored_files()) == 2


def test_an_import_says_when_the_background_does_not_move(draft_event: Event):
    imported = upload(draft_event, spreadsheets.xlsx())
    assert not imports.is_stalled(imported)
    imported.moved_at = timezone.now() - timedelta(seconds=10)
    assert imports.is_stalled(imported)
    imported.is_begun = True
    assert not imports.is_stalled(imported)
    imported.moved_at = timezone.now() - timedelta(minutes=2)
    assert imports.is_stalled(imported)
    assert not imports.is_stalled(read(draft_event))


def test_reading_tells_how_far_it_is(draft_event: Event):
    people = [[n, "Nama Contoh", f"1980010120050110{n:02}", "Dinas A"] for n in range(1, 1100)]
    imported = upload(draft_event, spreadsheets.xlsx([HEADER, *people]))
    advance(imported)
    now = fresh(imported)
    assert (now.done > 0, now.total) == (True, 1099)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_enrol_everybody_once(draft_event: Event):
    imported = imports.confirm(read(draft_event), skip_bad=False, by=None)
    results = at_once([lambda: imports.advance(fresh(imported))] * 2)
    assert results == [None, None]
    assert draft_event.signatories.count() == 7
    assert AuditEntry.objects.filter(action="roster.enrol").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_events_of_one_agency_make_each_work_unit_once(city):
    first, second = make_draft(city), make_draft(city)
    table = [HEADER, [1, "Andi Contoh", "198001012005011001", "Dinas Baru"]]
    both = [
        imports.confirm(read(event, table), skip_bad=False, by=None) for event in (first, second)
    ]
    at_once([partial(advance, imported) for imported in both])
    units = {event.signatories.get(nip="198001012005011001").unit_id for event in (first, second)}
    assert len(units) == 1


# ------------------------------------------------------------------ personal data


def test_the_stored_files_hold_no_nik_in_the_clear(draft_event: Event):
    table = [["Nama", "NIK", "Unit Kerja"], ["Rahmat Lain", RAHMAT_NIK, "Dinas A"]]
    imported = advance(upload(draft_event, spreadsheets.csv(as_csv(table))))
    for name in (imported.file, imported.report):
        with default_storage.open(name) as file:
            content = file.read()
        assert RAHMAT_NIK.encode() not in content
        assert b"Rahmat" not in content
    assert RAHMAT_NIK not in str(imported.__dict__)


def test_the_files_are_deleted_once_everybody_is_in(draft_event: Event):
    imported = imports.confirm(read(draft_event), skip_bad=False, by=None)
    assert len(stored_files()) == 2
    advance(imported)
    assert stored_files() == []


def as_csv(table: Table) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(table)
    return text.getvalue()


# ------------------------------------------------------------------ any table at all


class RandomTables(TestCase):
    """One import after another into one event: never an exception, never a part of a file."""

    @settings(max_examples=40)
    @given(st.lists(tables(), min_size=1, max_size=2))
    def test_any_tables_are_imported_wholly_or_not_at_all(self, found):
        event = make_draft(make_city())
        for table in found:
            imported = advance(upload(event, spreadsheets.csv(as_csv(table))))
            if imported.state == ImportState.FAILED:
                assert imported.failure
                continue
            before = event.signatories.count()
            try:
                imports.confirm(imported, skip_bad=True, by=None)
            except NothingToEnrol:
                assert imported.counts["rows"] == 0
                continue
            done = advance(imported)
            assert done.state == ImportState.ENROLLED
            assert event.signatories.count() == before + imported.counts["new"]
            kinds = ("new", "changed", "unchanged", "signed", "withdrawn")
            assert sum(done.counts[kind] for kind in kinds) == done.counts["rows"]
