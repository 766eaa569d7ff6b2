"""What anybody may know of a report, by its code and by its file."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.test import Client

from pledges import events, reports
from pledges.documents.issue import issue
from pledges.events import REOPENED
from pledges.models import Event, Refusal, Report
from pledges.verdicts import PublicCounts, ReportVerdict, State
from pledges.verification import FileState, by_code, by_file, seal_holds
from tests import cast, rosters
from tests.pages import text_of
from tests.pdfs import altered, stored


def made(event: Event, kind: Report.Kind = Report.Kind.MINUTES) -> Report:
    return reports.make(event, kind=kind, unit=event.agency, by=None, reveals_refusals=True)


def verdict_on(report: Report) -> ReportVerdict:
    verdict = by_code(report.verification_code)
    assert isinstance(verdict, ReportVerdict)
    return verdict


@pytest.fixture
def report(closed_event) -> Report:
    return made(closed_event)


@pytest.fixture
def pdf(report, sealer) -> bytes:
    return stored(issue(report, sealer=sealer))


def test_a_code_tells_the_kind_the_time_and_the_totals(report, pdf):
    verdict = verdict_on(report)

    assert verdict.state == State.GENUINE
    assert (verdict.kind, verdict.unit) == ("Berita acara", "Pemerintah Kota Contoh")
    assert verdict.made_at == report.made_at
    assert verdict.made_at.tzname() == "WIB"
    assert verdict.counts == PublicCounts(
        total=5, signed=1, late=0, paper=0, excused=0, unsigned=4, percent=20.0
    )


def test_a_report_waits_for_its_seal(report):
    assert verdict_on(report).state == State.UNSEALED


def test_who_declined_is_among_the_unsigned_for_the_public(city):
    event = cast.make_open(city)
    Refusal.objects.create(signatory=cast.someone(event))
    rosters.sign(cast.someone(event, cast.BUDI))

    verdict = verdict_on(made(event, Report.Kind.RECAP))

    assert verdict.counts is not None
    assert verdict.counts.unsigned == 4
    assert "declined" not in repr(verdict)


def test_what_a_plausibility_report_counts_is_not_for_the_public(client: Client, closed_event):
    report = made(closed_event, Report.Kind.PLAUSIBILITY)

    assert verdict_on(report).counts is None
    shown = text_of(client.get(f"/v/{report.verification_code}"))
    assert "Isi laporan ini hanya untuk pengawas" in shown


def test_its_file_is_intact_as_it_was_issued_and_known_when_it_was_changed(report, pdf):
    assert by_file(io.BytesIO(pdf)).state == FileState.INTACT
    assert by_file(io.BytesIO(pdf)).document == verdict_on(report)
    assert seal_holds(pdf)
    for position in (100, len(pdf) // 2, len(pdf) - 3):
        verdict = by_file(io.BytesIO(altered(pdf, position)))
        assert verdict.state == FileState.ALTERED
        assert verdict.document == verdict_on(report)


def test_after_reopening_it_is_void_with_the_reason(closed_event, report, pdf, client: Client):
    events.reopen(closed_event, by=None)

    verdict = verdict_on(report)
    assert (verdict.state, verdict.void_reason) == (State.VOID, REOPENED)
    by_its_code = text_of(client.get(f"/v/{report.verification_code}"))
    assert "Sudah dibatalkan" in by_its_code
    assert f"Alasan pembatalan {REOPENED}" in by_its_code
    by_its_file = text_of(client.post("/verifikasi", {"file": io.BytesIO(pdf)}))
    assert "Utuh, tetapi sudah dibatalkan" in by_its_file
    assert "laporannya telah dibatalkan" in by_its_file


def test_the_pages_say_kind_time_and_totals(client: Client, report, pdf):
    by_its_code = text_of(client.get(f"/v/{report.verification_code}"))

    assert "Berita acara asli" in by_its_code
    assert "Sudah menandatangani 1 orang (20,0 %)" in by_its_code
    assert "Tidak menandatangani 4 orang" in by_its_code
    uploaded = text_of(client.post("/verifikasi", {"file": io.BytesIO(pdf)}))
    assert "Asli dan utuh" in uploaded
    assert "Jenis Berita acara" in uploaded
    altered_file = io.BytesIO(altered(pdf, len(pdf) // 2))
    assert "Berkas sudah diubah" in text_of(client.post("/verifikasi", {"file": altered_file}))


def test_a_report_of_an_example_is_an_example(city, client: Client, sealer):
    event = events.close(cast.make_open(city, is_example=True), by=None)
    report = made(event)
    issue(report, sealer=sealer)

    assert verdict_on(report).state == State.EXAMPLE
    assert "Dokumen contoh" in text_of(client.get(f"/v/{report.verification_code}"))


def test_a_report_has_no_number_to_match(client: Client, report):
    assert client.post(f"/v/{report.verification_code}/cocokkan").status_code == 404


def test_the_command_tells_kind_time_totals_and_why_it_is_void(
    closed_event, report, pdf, tmp_path, capsys
):
    path = tmp_path / "berita-acara.pdf"
    path.write_bytes(pdf)
    made_at = report.made_at.astimezone(closed_event.zone)

    call_command("verify_pdf", path)
    assert capsys.readouterr().out.splitlines()[0] == (
        f"{path}: diterbitkan di sini dan utuh (Berita acara Pemerintah Kota Contoh; dibuat "
        f"{made_at:%Y-%m-%d %H:%M} WIB; 1 dari 5 sudah menandatangani)"
    )
    events.reopen(closed_event, by=None)
    call_command("verify_pdf", path)
    line = capsys.readouterr().out.splitlines()[0]
    assert "utuh, tetapi SUDAH DIBATALKAN" in line
    assert f"alasan: {REOPENED}" in line
