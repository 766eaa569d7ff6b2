"""How long 20,000 rows take from the uploaded file to the roster."""

from __future__ import annotations

import io
import time

import openpyxl
import pytest
from django.core.files.base import File

from pledges.models import Event, Import, ImportState
from pledges.roster import imports

PEOPLE = 20_000
DEPARTMENTS, UNITS = 35, 700


def a_roster() -> io.BytesIO:
    """An export as SIASN makes it: title rows, titles in columns of their own, 12 columns."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Daftar ASN")
    sheet.append(["DAFTAR NOMINATIF PEGAWAI"])
    sheet.append(
        ["No", "NIP Baru", "Nama", "Gelar Depan", "Gelar Belakang", "Pangkat", "Gol/Ruang",
         "Jabatan", "OPD", "Unit Kerja", "No. WA", "E-mail"]
    )  # fmt: skip
    for n in range(PEOPLE):
        born = f"{1966 + n % 35}{1 + n % 12:02}{1 + n % 28:02}"
        nip = f"{born}{1990 + n % 35}{1 + n % 12:02}{1 + n % 2}{n // 420 + 1:03}"
        unit = f"Unit {n % UNITS} Dinas {n % DEPARTMENTS}"
        sheet.append(
            [n + 1, nip, f"Pegawai Contoh {n}", "Dr." if n % 9 == 0 else "", "S.Pd.", "Penata",
             "III/c", "Guru Ahli Muda", f"Dinas {n % DEPARTMENTS}", unit, f"0812{n:08}",
             f"pegawai{n}@contoh.example"]
        )  # fmt: skip
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def advanced(imported: Import) -> Import:
    rows = Import.objects.select_related("event__agency", "confirmed_by")
    imports.advance(rows.get(pk=imported.pk))
    return rows.get(pk=imported.pk)


@pytest.mark.bench
@pytest.mark.django_db(transaction=True)
def test_importing_20000_people(draft_event: Event):
    imported = imports.upload(draft_event, File(a_roster()), filename="daftar.xlsx", by=None)
    start = time.perf_counter()
    imported = advanced(imported)
    shown = time.perf_counter()
    imported = advanced(imports.confirm(imported, skip_bad=False, by=None))
    done = time.perf_counter()
    assert imported.state == ImportState.ENROLLED
    assert imported.counts["new"] == PEOPLE
    print()
    print(f"import_20000_preview_s {shown - start:.1f}")
    print(f"import_20000_enrolment_s {done - shown:.1f}")
    print(f"import_20000_s {done - start:.1f}")
