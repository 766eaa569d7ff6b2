"""From a report to its sealed document, once."""

from __future__ import annotations

import pytest

from pledges import declaration, reports
from pledges.documents.issue import BrokenEvidence, Worker, issue
from pledges.models import Declaration, Document, Report
from tests import cast
from tests.pdfs import altered, pdfsig, stored, words
from tests.test_documents_issue import at_once, files


@pytest.fixture
def completed(city) -> Declaration:
    """Signed by two of four, then closed."""
    event = cast.make_open_ceremony(city)
    for nip in (cast.DEWI, cast.SITI):
        cast.sign(cast.someone(event, nip))
    return declaration.close(event, by=None)


@pytest.fixture(params=list(Report.Kind), ids=lambda kind: kind.value)
def report(request, closed_event) -> Report:
    return reports.make(closed_event, kind=request.param, unit=closed_event.agency, by=None)


def test_a_report_becomes_one_sealed_document(report, sealer):
    document = issue(report, sealer=sealer)

    pdf = stored(document)
    assert (document.kind, document.report, document.signature) == ("report", report, None)
    in_one_line = words(pdf).replace(" ", "")
    assert f"http://localhost:8000/v/{report.verification_code}" in in_one_line
    assert "Signature is Valid." in pdfsig(pdf)
    assert issue(report, sealer=sealer) == document


def test_a_sealed_report_that_was_changed_shows_it(report, sealer):
    pdf = stored(issue(report, sealer=sealer))

    assert "Signature is Valid." not in pdfsig(altered(pdf, len(pdf) // 3))


def test_a_statement_of_another_report_is_never_sealed(report, sealer):
    Report.objects.update(statement=report.statement.replace(report.verification_code, "0" * 16))

    with pytest.raises(BrokenEvidence):
        issue(Report.objects.get(), sealer=sealer)

    assert not Document.objects.filter(kind="report").exists()


def test_a_round_seals_reports_after_declarations_and_before_pacts(completed, sealer):
    reports.make(completed.event, kind=Report.Kind.RECAP, unit=completed.event.agency, by=None)

    Worker(sealer).round()

    kinds = list(Document.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["declaration", "report", "pact", "pact"]


def test_a_report_that_cannot_be_sealed_holds_up_no_pact(report, sealer, caplog):
    Report.objects.update(statement="{}")
    worker = Worker(sealer)

    worker.round()

    assert (worker.tally.documents, worker.tally.failed) == (1, 1)
    assert f"report {report.pk} could not be sealed" in caplog.text


def test_a_report_voided_before_it_was_sealed_gets_no_document(report, sealer):
    reports.void(report, reason="Salah unit", by=None)

    Worker(sealer).round()

    assert not Document.objects.filter(kind="report").exists()


@pytest.mark.django_db(transaction=True)
def test_workers_that_make_the_same_report_at_once_leave_one_row_and_one_file(closed_event, sealer):
    made = reports.make(closed_event, kind=Report.Kind.RECAP, unit=closed_event.agency, by=None)
    before, got = files(), []

    at_once(*[lambda: got.append(issue(made, sealer=sealer))] * 3)

    document = Document.objects.get(kind="report")
    assert got == [document] * 3
    assert set(files()) - set(before) == {document.file}
