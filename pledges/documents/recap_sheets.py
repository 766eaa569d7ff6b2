"""A recap as a spreadsheet, out of the statement that its PDF is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils import translation

from pledges import tables
from pledges.documents import page
from pledges.documents.reported import Counts, Reported
from pledges.tables import Column, Sheet, Value

# Of `Counts`, with their headings, in the order of the PDF; the declined only where they are told.
COUNTED = {
    "total": "Dalam daftar",
    "signed": "Sudah",
    "late": "Terlambat",
    "paper": "Tanda tangan basah",
    "declined": "Tidak bersedia",
    "excused": "Berhalangan",
    "waiting": "Menunggu gelombang",
    "missing": "Belum",
    "percent": "Persen sudah",
}
_FACTS = (Column("Keterangan", 28), Column("Isi", 90, is_text=True))
_UNSIGNED = (
    Column("No.", 8),
    Column("Nama", 36),
    Column("NIP/NIK (disamarkan)", 24),
    Column("Jabatan", 36),
    Column("Unit kerja", 60),
    Column("Keadaan", 24),
)


def as_xlsx(told: Reported) -> bytes:
    names = [name for name in COUNTED if name != "declined" or told.tells_refusals]
    units = (Column("Unit kerja", 60), *(Column(COUNTED[name], 12) for name in names))
    return tables.as_workbook(
        [
            Sheet("Per unit", units, list(_unit_rows(told, names))),
            Sheet("Yang belum", _UNSIGNED, list(_unsigned_rows(told))),
            Sheet("Keterangan", _FACTS, list(_facts(told))),
        ]
    )


def _unit_rows(told: Reported, names: Sequence[str]) -> Iterator[list[Value]]:
    for line in told.units:
        yield [line.path, *_values(line.counts, names)]


def _values(counts: Counts, names: Sequence[str]) -> Iterator[Value]:
    return (getattr(counts, name) for name in names)


def _unsigned_rows(told: Reported) -> Iterator[list[Value]]:
    for number, person in enumerate(told.unsigned, start=1):
        yield [
            number,
            person.name,
            person.identifier,
            person.position,
            person.unit,
            person.reason,
        ]


def _facts(told: Reported) -> Iterator[tuple[str, str]]:
    with translation.override("id"):
        made = page.time(told.event, told.made_at)
        day = page.day(told.event.day)
    if told.event.is_example:
        yield "Contoh", "CONTOH – BUKAN DOKUMEN RESMI"
    yield "Laporan", told.title
    yield "Instansi", told.letterhead.agency
    yield "Acara", told.event.title
    yield "Kode acara", told.event_code
    yield "Tanggal acara", day
    yield "Tempat", told.event.venue
    yield "Unit kerja", " › ".join(told.unit)
    yield "Keadaan pada", made
    yield "Kode verifikasi", told.verification_code
    yield "Berkas PDF bersegel", told.url
    yield "Cara membaca", "Terlambat dan tanda tangan basah termasuk dalam yang sudah."
