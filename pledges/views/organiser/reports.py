"""Reports: made, listed with their state, taken as PDF or XLSX, made void."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pledges import access, progress, reports, tables
from pledges.access import Permission
from pledges.events import WrongState
from pledges.forms.reports import MinutesForm, UnitForm, VoidReportForm
from pledges.minutes import BLANK, Signer
from pledges.models import Agency, Event, Report
from pledges.reports import ReportUnsealed
from pledges.views.guards import posted, user_of
from pledges.views.organiser.page import event_page
from pledges.views.taking import streamed


@login_required
@require_GET
def report_list(request: HttpRequest, code: str) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.VIEW)
    if event.is_draft:
        return redirect("organiser:event", event.code)
    return _page(request, event)


def _page(request: HttpRequest, event: Event, bound: UnitForm | None = None) -> HttpResponse:
    user = user_of(request)
    forms = {
        kind.value: bound if bound and bound.prefix == kind else _form(request, event, kind)
        for kind in (Report.Kind.RECAP, Report.Kind.PLAUSIBILITY)
    }
    rows = access.reports(user, event)
    return event_page(
        request,
        "organiser/reports.html",
        event,
        tab="reports",
        status=422 if bound else 200,
        forms=forms,
        rows=rows,
        waits=rows.live().unsealed().exists(),
        minutes=rows.live().filter(kind=Report.Kind.MINUTES).first(),
    )


def _form(request: HttpRequest, event: Event, kind: Report.Kind, data: object = None) -> UnitForm:
    names = progress.unit_names(event.agency)
    units = access.reported_units(user_of(request), event, kind)
    choices = [(unit.pk, names[unit.pk]) for unit in units]
    return UnitForm(data, units=choices, prefix=kind.value)


@login_required
@require_POST
def make_recap(request: HttpRequest, code: str) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.VIEW)
    return _make(request, event, Report.Kind.RECAP)


@login_required
@require_POST
def make_plausibility(request: HttpRequest, code: str) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.OVERSEE)
    return _make(request, event, Report.Kind.PLAUSIBILITY)


def _make(request: HttpRequest, event: Event, kind: Report.Kind) -> HttpResponse:
    form = _form(request, event, kind, request.POST)
    if not form.is_valid():
        return _page(request, event, form)
    unit = access.reported_unit(user_of(request), event, kind, form.cleaned_data["unit"])
    return _made(request, event, kind, unit)


@login_required
@require_http_methods(["GET", "POST"])
def make_minutes(request: HttpRequest, code: str) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.MANAGE)
    form = MinutesForm(posted(request))
    if event.is_closed and not form.is_valid():
        return event_page(
            request,
            "organiser/minutes.html",
            event,
            tab="reports",
            status=422 if form.is_bound else 200,
            form=form,
        )
    signers = form.signers if form.is_valid() else BLANK
    return _made(request, event, Report.Kind.MINUTES, event.agency, signers)


def _made(
    request: HttpRequest,
    event: Event,
    kind: Report.Kind,
    unit: Agency,
    signers: Sequence[Signer] = BLANK,
) -> HttpResponse:
    user = user_of(request)
    try:
        reports.make(
            event,
            kind=kind,
            unit=unit,
            by=user,
            reveals_refusals=access.may(user, event, Permission.MANAGE),
            signers=signers,
        )
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{kind.label} dibuat dan segera disegel.")
    return redirect("organiser:reports", event.code)


def _report(request: HttpRequest, code: str, pk: int, permission: Permission) -> Report:
    user = user_of(request)
    event = access.event(user, code, permission)
    return access.report(user, event, pk)


@login_required
@never_cache
@require_GET
def pdf(request: HttpRequest, code: str, pk: int) -> HttpResponseBase:
    """The sealed PDF, of a voided report too."""
    report = _report(request, code, pk, Permission.VIEW)
    try:
        entry = reports.export(report, by=user_of(request))
    except ReportUnsealed as error:
        messages.warning(request, str(error))
        return redirect("organiser:reports", code)
    return streamed(
        entry.chunks(), entry.file_name, size=entry.size, content_type="application/pdf"
    )


@login_required
@never_cache
@require_GET
def sheets(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A recap as XLSX."""
    report = access.recap(_report(request, code, pk, Permission.VIEW))
    content = reports.export_sheets(report, by=user_of(request))
    name = reports.file_name(report, ".xlsx")
    return HttpResponse(
        content,
        content_type=tables.XLSX,
        headers={"Content-Disposition": content_disposition_header(True, name) or ""},
    )


@login_required
@require_http_methods(["GET", "POST"])
def void(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    report = _report(request, code, pk, Permission.MANAGE)
    form = VoidReportForm(posted(request))
    if not form.is_valid():
        return _ask_to_void(request, report, form)
    try:
        reports.void(report, reason=form.cleaned_data["reason"], by=user_of(request))
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{report.get_kind_display()} dibatalkan.")
    return redirect("organiser:reports", code)


def _ask_to_void(request: HttpRequest, report: Report, form: VoidReportForm) -> HttpResponse:
    change = {
        "question": f"Batalkan {report.get_kind_display().lower()} {report.unit} ini?",
        "consequences": [
            "Dokumennya tetap tercatat dan dapat diunduh, tetapi verifikasi menyatakannya "
            "dibatalkan, dengan alasannya.",
            "Pembatalan tidak dapat ditarik kembali; Anda dapat membuat laporan yang baru.",
        ],
        "answer": "Batalkan laporan",
    }
    return event_page(
        request,
        "organiser/question.html",
        report.event,
        tab="reports",
        status=422 if form.is_bound else 200,
        change=change,
        form=form,
        back=reverse("organiser:reports", args=[report.event.code]),
        stay="Kembali",
    )
