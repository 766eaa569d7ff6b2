"""The page of reports: made, listed, taken, voided; and what reopening says of them."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.test import Client

from pledges import reports
from pledges.documents.issue import issue
from pledges.documents.reported import Reported
from pledges.models import Agency, AuditEntry, Event, Refusal, Report
from tests import cast
from tests.cast import SITI, City
from tests.pages import text_of
from tests.pdfs import words

RECAP, MINUTES = Report.Kind.RECAP, Report.Kind.MINUTES
PLAUSIBILITY = Report.Kind.PLAUSIBILITY
NAMES = {"head_position": "Kepala BKPSDM", "head_name": "Contoh Kepala"}


def page(event: Event) -> str:
    return f"/kelola/acara/{event.code}/laporan"


def make(event: Event, kind: Report.Kind = RECAP, unit: Agency | None = None, **more) -> Report:
    return reports.make(event, kind=kind, unit=unit or event.agency, by=None, **more)


@pytest.fixture
def as_overseer(client: Client, overseer: User) -> Client:
    client.force_login(overseer)
    return client


def test_where_there_are_no_reports_the_page_says_what_to_do(as_admin: Client, open_event: Event):
    shown = text_of(as_admin.get(page(open_event)))

    assert "Belum ada laporan" in shown
    assert "Dibuat setelah acara ditutup. Tutup acara…" in shown


def test_a_recap_is_made_of_a_unit_and_waits_for_its_seal(
    as_admin: Client, open_event: Event, city: City, admin: User
):
    answer = as_admin.post(
        f"{page(open_event)}/rekapitulasi", {"recap-unit": city.education.pk}, follow=True
    )

    report = Report.objects.get()
    assert (report.kind, report.unit, report.made_by) == (RECAP, city.education, admin)
    shown = text_of(answer)
    assert "Rekapitulasi dibuat dan segera disegel" in shown
    assert "Menunggu segel" in shown


def test_a_sealed_report_is_ready_and_its_download_is_logged(
    as_admin: Client, open_event: Event, admin: User, sealer
):
    report = make(open_event)
    issue(report, sealer=sealer)

    assert "Siap" in text_of(as_admin.get(page(open_event)))
    answer = as_admin.get(f"{page(open_event)}/{report.pk}.pdf")

    assert "Per unit kerja" in words(answer.getvalue())
    assert f"Rekapitulasi {open_event.code}" in answer["Content-Disposition"]
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor, entry.action, entry.target, entry.details) == (
        f"user:{admin.pk}", "export.report", f"report:{report.pk}", {"form": "pdf"},
    )  # fmt: skip


def test_what_is_not_sealed_yet_is_not_taken(as_admin: Client, open_event: Event):
    report = make(open_event)

    shown = text_of(as_admin.get(f"{page(open_event)}/{report.pk}.pdf", follow=True))

    assert "Laporan ini belum disegel" in shown
    assert not AuditEntry.objects.filter(action="export.report").exists()


def test_a_recap_is_taken_as_a_spreadsheet_and_other_reports_are_not(
    as_admin: Client, closed_event: Event
):
    recap, minutes = make(closed_event), make(closed_event, MINUTES)

    answer = as_admin.get(f"{page(closed_event)}/{recap.pk}.xlsx")

    assert openpyxl.load_workbook(io.BytesIO(answer.content)).sheetnames[0] == "Per unit"
    assert as_admin.get(f"{page(closed_event)}/{minutes.pk}.xlsx").status_code == 404


def test_without_a_unit_nothing_is_made_and_the_page_says_so(as_admin: Client, open_event: Event):
    answer = as_admin.post(f"{page(open_event)}/rekapitulasi", {"recap-unit": "9999"})

    assert answer.status_code == 422
    assert "Pilih unit kerja." in text_of(answer)
    assert not Report.objects.exists()


# Whose they are


def test_an_officer_makes_and_sees_recaps_of_own_units_only(
    as_officer: Client, open_event: Event, city: City
):
    own, other = make(open_event, unit=city.school), make(open_event, unit=city.clinic)

    shown = as_officer.get(page(open_event)).content.decode()
    assert f"/{own.pk}.xlsx" in shown
    assert f"/{other.pk}.xlsx" not in shown
    assert "Laporan kewajaran" not in shown
    assert "Berita acara" not in shown
    assert as_officer.get(f"{page(open_event)}/{other.pk}.xlsx").status_code == 404
    refused = as_officer.post(f"{page(open_event)}/rekapitulasi", {"recap-unit": city.clinic.pk})
    assert refused.status_code == 422
    assert Report.objects.count() == 2


def test_an_overseer_makes_recaps_and_plausibility_reports_but_no_minutes(
    as_overseer: Client, closed_event: Event
):
    for kind in ("rekapitulasi", "kewajaran"):
        field = {"rekapitulasi": "recap-unit", "kewajaran": "plausibility-unit"}[kind]
        as_overseer.post(f"{page(closed_event)}/{kind}", {field: closed_event.agency.pk})

    assert {report.kind for report in Report.objects.all()} == {RECAP, PLAUSIBILITY}
    assert as_overseer.get(f"{page(closed_event)}/berita-acara").status_code == 403
    minutes = make(closed_event, MINUTES)
    assert as_overseer.get(f"{page(closed_event)}/{minutes.pk}.pdf").status_code == 404


def test_an_officer_makes_no_plausibility_report(as_officer: Client, open_event: Event, city: City):
    answer = as_officer.post(
        f"{page(open_event)}/kewajaran", {"plausibility-unit": city.education.pk}
    )

    assert answer.status_code == 403
    report = make(open_event, PLAUSIBILITY, city.education)
    assert as_officer.get(f"{page(open_event)}/{report.pk}.pdf").status_code == 404


def test_an_admins_recap_that_tells_who_declined_is_seen_by_admins_alone(
    client: Client, admin: User, officer: User, overseer: User, open_event: Event, city: City
):
    Refusal.objects.create(signatory=cast.someone(open_event, SITI))
    client.force_login(admin)
    client.post(f"{page(open_event)}/rekapitulasi", {"recap-unit": city.education.pk})
    report = Report.objects.get()

    assert Reported.of(report.statement).totals.declined == 1
    assert "Hanya admin" in text_of(client.get(page(open_event)))
    for user in (officer, overseer):
        client.force_login(user)
        assert "Belum ada laporan" in text_of(client.get(page(open_event)))
        assert client.get(f"{page(open_event)}/{report.pk}.xlsx").status_code == 404


def test_an_overseers_recap_tells_nobody_who_declined(as_overseer: Client, open_event: Event):
    Refusal.objects.create(signatory=cast.someone(open_event, SITI))

    as_overseer.post(f"{page(open_event)}/rekapitulasi", {"recap-unit": open_event.agency.pk})

    report = Report.objects.get()
    assert not report.tells_refusals
    assert "bersedia" not in report.statement


def test_an_outsider_is_refused(client: Client, outsider: User, closed_event: Event):
    report = make(closed_event)
    client.force_login(outsider)

    for address in ("", "/rekapitulasi", "/kewajaran", "/berita-acara", f"/{report.pk}.pdf",
                    f"/{report.pk}.xlsx", f"/{report.pk}/batalkan"):  # fmt: skip
        for method in (client.get, client.post):
            assert method(f"{page(closed_event)}{address}").status_code in {404, 405}


def test_a_draft_has_no_page_of_reports(as_admin: Client, draft_event: Event):
    assert as_admin.get(page(draft_event)).status_code == 302
    shown = text_of(
        as_admin.post(
            f"{page(draft_event)}/rekapitulasi", {"recap-unit": draft_event.agency.pk}, follow=True
        )
    )
    assert "setelah acara diterbitkan" in shown


# Minutes


def test_minutes_are_made_of_a_closed_event_with_the_names_that_were_typed(
    as_admin: Client, closed_event: Event
):
    assert "Buat berita acara" in text_of(as_admin.get(f"{page(closed_event)}/berita-acara"))

    shown = text_of(as_admin.post(f"{page(closed_event)}/berita-acara", NAMES, follow=True))

    assert "Berita acara dibuat dan segera disegel" in shown
    assert "Sudah dibuat" in shown
    told = Reported.of(Report.objects.get(kind=MINUTES).statement)
    assert told.data["signers"][0]["name"] == "Contoh Kepala"
    assert told.data["signers"][1] == {"role": "Saksi I", "position": "", "name": ""}


def test_minutes_of_an_open_event_are_refused_with_the_reason(as_admin: Client, open_event: Event):
    for method in (as_admin.get, as_admin.post):
        shown = text_of(method(f"{page(open_event)}/berita-acara", NAMES, follow=True))
        assert "Berita acara baru dapat dibuat setelah acara ditutup." in shown
    assert not Report.objects.exists()


def test_a_second_minutes_is_refused_with_the_reason(as_admin: Client, closed_event: Event):
    make(closed_event, MINUTES)

    shown = text_of(as_admin.post(f"{page(closed_event)}/berita-acara", NAMES, follow=True))

    assert "sudah dibuat" in shown
    assert Report.objects.count() == 1


def test_a_name_that_cannot_be_printed_is_refused(as_admin: Client, closed_event: Event):
    answer = as_admin.post(f"{page(closed_event)}/berita-acara", NAMES | {"head_name": "Kepala 漢"})

    assert answer.status_code == 422
    assert "tidak dapat dicetak" in text_of(answer)
    assert not Report.objects.exists()


# The end of reports


def test_the_question_before_reopening_says_which_will_be_void_and_the_message_which_are(
    as_admin: Client, closed_event: Event
):
    for kind in (MINUTES, RECAP, RECAP):
        make(closed_event, kind)
    address = f"/kelola/acara/{closed_event.code}/buka-lagi"

    asked = text_of(as_admin.get(address))
    told = text_of(as_admin.post(address, follow=True))

    assert "akan menyatakannya batal: 1 berita acara dan 2 rekapitulasi." in asked
    assert "Acara dibuka lagi. Ikut dibatalkan: 1 berita acara dan 2 rekapitulasi." in told
    assert not Report.objects.live().exists()
    listed = text_of(as_admin.get(page(closed_event)))
    assert listed.count("Batal ") >= 3
    assert "Acara dibuka kembali" in listed


def test_reopening_without_reports_says_nothing_of_them(as_admin: Client, closed_event: Event):
    address = f"/kelola/acara/{closed_event.code}/buka-lagi"

    assert "atalkan" not in text_of(as_admin.get(address)).partition("Buka lagi penanda")[2]
    assert "Ikut dibatalkan" not in text_of(as_admin.post(address, follow=True))


def test_an_admin_voids_a_report_with_a_reason(as_admin: Client, closed_event: Event):
    report = make(closed_event)
    address = f"{page(closed_event)}/{report.pk}/batalkan"
    assert "Ditampilkan kepada siapa pun" in text_of(as_admin.get(address))
    assert as_admin.post(address).status_code == 422
    report.refresh_from_db()
    assert report.voided_at is None

    shown = text_of(as_admin.post(address, {"reason": "Unit salah"}, follow=True))

    assert "Rekapitulasi dibatalkan." in shown
    assert "Unit salah" in shown


def test_voiding_what_is_void_says_so(as_admin: Client, closed_event: Event):
    report = make(closed_event)
    reports.void(report, reason="Pertama", by=None)

    address = f"{page(closed_event)}/{report.pk}/batalkan"
    shown = text_of(as_admin.post(address, {"reason": "Kedua"}, follow=True))

    assert "Laporan ini sudah dibatalkan." in shown


def test_an_officer_and_an_overseer_void_nothing(
    client: Client, officer: User, overseer: User, open_event: Event, city: City
):
    report = make(open_event, unit=city.education)
    for user in (officer, overseer):
        client.force_login(user)
        answer = client.post(f"{page(open_event)}/{report.pk}/batalkan", {"reason": "x"})
        assert answer.status_code == 403
    report.refresh_from_db()
    assert report.voided_at is None
