"""The pages of reports, as they are printed."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pikepdf
import pytest

from pledges import audit, declaration, events, guesses, logos, reports
from pledges.documents import press, report_form
from pledges.documents.reported import Reported
from pledges.documents.seal import Sealer
from pledges.minutes import Signer
from pledges.models import Dispute, Event, Excuse, Refusal, Report, Signature
from tests import cast, rosters
from tests.cast import AGUS, BUDI, DEWI, SITI
from tests.pdfs import agency_sealer, lines, page_count, words
from tests.test_logos import picture
from tests.test_plausibility import many_units

RECAP, MINUTES = Report.Kind.RECAP, Report.Kind.MINUTES
PLAUSIBILITY = Report.Kind.PLAUSIBILITY
LONG = "Unit Pelaksana Teknis Daerah Pengelolaan Sampah, Kebersihan, dan Pertamanan Wilayah Barat"


def made(event: Event, kind: Report.Kind, **options) -> Report:
    return reports.make(event, kind=kind, unit=event.agency, by=None, **options)


def pressed(report: Report, *, sealer: Sealer | None = None) -> bytes:
    told = Reported.of(report.statement)
    return press.press_report(told, sealer=sealer or agency_sealer())


@pytest.fixture
def chased(open_event: Event) -> Event:
    """Signed, late, on paper, excused, missing: one each."""
    rosters.sign(cast.someone(open_event, SITI), is_late=True)
    rosters.sign(cast.someone(open_event, BUDI), method="paper")
    Excuse.objects.create(
        signatory=cast.someone(open_event, AGUS), code=Excuse.Code.LEAVE, note="cuti besar"
    )
    return open_event


def test_a_recap_prints_letterhead_totals_units_and_who_has_not_signed_and_why(chased):
    report = made(chased, RECAP)

    pdf = pressed(report)
    text, rows = words(pdf), lines(pdf)

    assert "PEMERINTAH KOTA CONTOH" in text.upper()
    assert "REKAPITULASI PENANDATANGANAN PAKTA INTEGRITAS" in text.upper()
    assert "Sudah menandatangani 2 orang (50,0 % dari yang tidak berhalangan)" in rows
    assert "di antaranya terlambat 1 orang" in rows
    assert "di antaranya dengan tanda tangan basah 1 orang" in rows
    assert "Dinas Kesehatan 2 1 0 1 0 0 1 50,0" in rows
    assert "Dinas Pendidikan › SDN 1 Contoh · 1 orang" in rows
    assert "Penjaga Sekolah Cuti" in text
    assert "1995••••••••••1002" in text
    assert f"http://localhost:8000/v/{report.verification_code}" in text
    assert "Halaman 1 dari 1" in text
    assert "Disegel dengan segel digital instansi (tidak tersertifikasi)" in text
    assert "masih dibuka" in text


def test_a_recap_tells_the_reason_and_no_note(chased):
    report = made(chased, RECAP)
    assert "cuti besar" not in report.statement

    # Statements of before held notes.
    data = json.loads(report.statement)
    for person in data["unsigned"]:
        person["note"] = "cuti besar" if person["reason"] == "Cuti" else ""
    for statement in (report.statement, json.dumps(data)):
        report.statement = statement
        text = words(pressed(report))
        assert "Penjaga Sekolah Cuti" in text
        assert "cuti besar" not in text


def test_a_recap_of_everybody_having_signed_says_so(open_event):
    for person in open_event.signatories.all():
        rosters.sign(person)

    assert "Semua sudah menandatangani." in words(pressed(made(open_event, RECAP)))


def test_the_declined_have_a_column_and_a_reason_only_where_they_are_told(chased):
    Refusal.objects.create(signatory=cast.someone(chased, DEWI))

    hidden, told = (
        words(pressed(made(chased, RECAP, reveals_refusals=reveals))) for reveals in (False, True)
    )

    assert "bersedia" not in hidden
    assert "Menyatakan tidak bersedia" in told


def test_a_long_recap_numbers_its_pages_and_repeats_its_headings(city, open_event):
    rosters.crowd(open_event, [city.school, city.clinic], count=150, seed=1)

    pdf = pressed(made(open_event, RECAP))

    pages = page_count(pdf)
    assert pages > 2
    assert f"Halaman 2 dari {pages}" in words(pdf, page=2)
    assert "Keterangan" in words(pdf, page=2)


def test_minutes_print_the_facts_in_words_totals_and_places_to_sign(city):
    event = cast.make_open(city)
    cast.sign(cast.someone(event, SITI))
    event = events.close(event, by=None)
    signers = (
        Signer("Kepala", "Kepala BKPSDM", "Contoh Kepala, S.H."),
        Signer("Saksi I", "Ketua KPU Kota Contoh", "Contoh Saksi"),
        Signer("Saksi II"),
    )

    pdf = pressed(made(event, MINUTES, signers=signers))
    text = words(pdf)

    assert (
        "Pada hari Senin, tanggal dua puluh sembilan bulan Juli tahun dua ribu dua puluh empat "
        "(29 Juli 2024), bertempat di Plaza Balai Kota" in text
    )
    assert "dipimpin oleh Contoh Pimpinan selaku Sekretaris Daerah" in text
    assert "dalam rangka Pilkada Serentak Tahun 2024" in text
    assert "dari 5 (lima) orang dalam daftar, 1 (satu) orang sudah menandatangani" in text
    for basis in cast.LEGAL_BASES:
        assert basis in text
    assert "Contoh Kepala, S.H." in text
    assert "Saksi I, Ketua KPU Kota Contoh" in text
    assert "Saksi II, ..." in text
    assert "NIP ..." in text
    assert page_count(pdf) <= 2


def test_minutes_print_the_code_of_the_joint_declaration(city):
    event = cast.make_open_ceremony(city)
    cast.sign(cast.someone(event, SITI))
    completed = declaration.close(event, by=None)
    event = events.close(event, by=None)

    text = words(pressed(made(event, MINUTES)))

    assert f"dengan kode verifikasi {completed.verification_code}" in text
    assert "1 dari 4 orang" in text


def test_a_plausibility_report_prints_each_signal_with_its_context_and_accuses_nobody(open_event):
    for nip in (SITI, BUDI):
        Dispute.objects.create(signature=cast.sign(cast.someone(open_event, nip)))
    rosters.sign(cast.someone(open_event, DEWI), method="desk")

    text = words(pressed(made(open_event, PLAUSIBILITY)))

    assert "tidak menuduh siapa pun" in text
    assert "2 laporan" in text
    assert "1 gambar, 2 orang" in text
    assert "Pelapor dapat lupa sudah menandatangani" in text
    assert "Semua unit 3 1 33,3 0 0,0" in text
    assert "Siti" not in text


def test_a_units_report_labels_wrong_codes_as_of_the_whole_event(city, open_event):
    counts = {"same_code": 1, "numbers": 7, "signed": 0}
    audit.record(by=None, action=guesses.ACTION, target=open_event, event=open_event, **counts)

    report = reports.make(open_event, kind=PLAUSIBILITY, unit=city.school, by=None)

    assert "Kode salah pada banyak nomor, di seluruh acara" in words(pressed(report))
    assert "1 kali, terbanyak 7 nomor" in words(pressed(report))


def test_a_plausibility_report_has_one_page_however_much_there_is(open_event):
    many_units(open_event, 30, name=LONG)
    Dispute.objects.bulk_create(Dispute(signature=each) for each in Signature.objects.all())
    Signature.objects.update(device="ponsel", method="personal_link")
    devices = Reported.of(made(open_event, PLAUSIBILITY).statement).data["devices"]
    Signature.objects.update(method="desk")
    told = Reported.of(made(open_event, PLAUSIBILITY).statement)
    more = {"devices": devices, "marks": devices, "bursts": devices}

    pdf = press.press_report(
        replace(
            told,
            data={**told.data, **more},
            event=replace(told.event, title="Acara " * 40, venue="Tempat " * 28, is_example=True),
            letterhead=replace(
                told.letterhead,
                agency="Pemerintah " * 18,
                address="Jalan Merdeka " * 20,
                logo=logos.store(picture()),
            ),
            unit=("Pemerintah Kota Contoh", LONG, LONG, LONG),
        ),
        sealer=agency_sealer(),
    )

    assert page_count(pdf) == 1
    assert "dan 24 unit lain" in words(pdf)
    assert words(pdf).count("dan 27 unit lain") == 4


def test_more_names_than_paper_takes_are_left_to_the_spreadsheet(open_event, monkeypatch):
    monkeypatch.setattr(report_form, "MAX_LINES", 4)

    text = words(pressed(made(open_event, RECAP)))

    assert "5 orang, terlalu banyak untuk dicetak" in text
    assert "Rahmat" not in text
    assert "2 unit di tingkat bawah tidak dicetak di sini" in text
    assert "Dinas Kesehatan" in text
    assert "Puskesmas" not in text


@pytest.mark.parametrize("kind", Report.Kind)
def test_every_report_of_an_example_carries_its_mark(city, kind):
    event = events.close(cast.make_open(city, is_example=True), by=None)

    assert "CONTOH – BUKAN DOKUMEN RESMI" in words(pressed(made(event, kind)))


@pytest.mark.parametrize("kind", Report.Kind)
def test_a_report_is_a_tagged_archive_pdf_that_says_how_it_is_sealed(closed_event, kind, sealer):
    pdf = pressed(made(closed_event, kind), sealer=sealer)

    with pikepdf.open(io.BytesIO(pdf)) as document:
        metadata = document.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
        assert "/StructTreeRoot" in document.Root
    assert "segel pengembangan, bukan segel instansi" in words(pdf)
