"""A roster file from its upload to its result. Nothing is enrolled before it is confirmed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from pledges import access, audit, tables, tasks
from pledges.access import Permission
from pledges.events import WrongState
from pledges.forms.roster import ChoicesForm, UploadForm
from pledges.models import Event, Import, ImportState
from pledges.models.signatory import SignatoryQuerySet
from pledges.roster import imports
from pledges.roster.files import MAX_BYTES
from pledges.roster.imports import FileTooLarge, HasProblems, NothingToEnrol
from pledges.roster.report import Report
from pledges.views.guards import user_of
from pledges.views.organiser.page import event_page
from pledges.views.uploads import takes_file

ROWS_PER_PAGE = 50
MOST_PROBLEMS = 300


@login_required
@require_http_methods(["GET", "POST"])
@takes_file(MAX_BYTES)
def new_import(request: HttpRequest, code: str) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.MANAGE)
    if request.method == "GET":
        return _ask_for_file(request, event, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _ask_for_file(request, event, form, status=422)
    file = form.cleaned_data["file"]
    try:
        imported = imports.upload(event, file, filename=file.name, by=user_of(request))
    except FileTooLarge as error:
        form.add_error("file", str(error))
        return _ask_for_file(request, event, form, status=413)
    except WrongState as error:
        messages.error(request, str(error))
        return redirect("organiser:roster", event.code)
    return _go_on(imported)


def _ask_for_file(
    request: HttpRequest, event: Event, form: UploadForm, *, status: int = 200
) -> HttpResponse:
    return event_page(
        request,
        "organiser/import_new.html",
        event,
        tab="roster",
        status=status,
        form=form,
        limit=MAX_BYTES,
    )


def _go_on(imported: Import) -> HttpResponse:
    """Wake the background up, and show how far it is."""
    transaction.on_commit(lambda: tasks.advance_import.enqueue(imported.pk))
    return redirect("organiser:import", imported.event.code, imported.pk)


def _imported(request: HttpRequest, code: str, pk: int) -> Import:
    return access.imported(access.event(user_of(request), code, Permission.MANAGE), pk)


@login_required
@require_GET
def import_page(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    imported = _imported(request, code, pk)
    if imported.is_working:
        return _page(request, "progress", imported, is_stalled=imports.is_stalled(imported))
    if imported.state == ImportState.FAILED:
        return _page(request, "failed", imported, form=UploadForm(), limit=MAX_BYTES)
    if imported.state == ImportState.ENROLLED:
        return _page(request, "result", imported, left_alone=_left_alone(request, imported))
    found = imports.report_of(imported)
    return _preview(request, imported, found, ChoicesForm(found=found.sheets))


def _page(
    request: HttpRequest, template: str, imported: Import, *, status: int = 200, **context: Any
) -> HttpResponse:
    return event_page(
        request,
        f"organiser/import_{template}.html",
        imported.event,
        tab="roster",
        status=status,
        imported=imported,
        counts=imported.counts,
        **context,
    )


def _preview(
    request: HttpRequest, imported: Import, found: Report, form: ChoicesForm, *, status: int = 200
) -> HttpResponse:
    page = Paginator(found.reading.rows, ROWS_PER_PAGE).get_page(request.GET.get("hal"))
    seen = sum(1 for row in page if row.nip)
    audit.look(by=user_of(request), target=imported, event=imported.event, people=seen)
    problems = sorted(found.reading.problems, key=lambda problem: not problem.blocking)
    return _page(
        request,
        "preview",
        imported,
        status=status,
        effective=imported.counts["new"] + imported.counts["changed"],
        form=form,
        sheets=form.sheets_with_fields,
        unreadable=[sheet for sheet in found.sheets if not sheet.columns],
        hidden=found.hidden,
        page=page,
        has_order=any(row.part or row.given_wave for row in found.reading.rows),
        problems=problems[:MOST_PROBLEMS],
        more_problems=len(problems) - MOST_PROBLEMS,
        skipped=found.reading.skipped,
        left_alone=_left_alone(request, imported),
    )


def _left_alone(request: HttpRequest, imported: Import) -> dict[str, SignatoryQuerySet]:
    """The people of whom nothing is changed, as far as they are named."""
    people = access.signatories(user_of(request), imported.event, Permission.MANAGE)
    return {why: people.filter(pk__in=pks) for why, pks in imported.left_alone.items()}


@login_required
@require_GET
def import_progress(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Asked for every second by the progress page, which reloads once there is news."""
    event = access.event(user_of(request), code, Permission.MANAGE)
    try:
        imported = access.imported(event, pk)
    except Http404:  # cancelled, perhaps in another window
        return HttpResponseClientRedirect(reverse("organiser:roster", args=[event.code]))
    if not imported.is_working:
        return HttpResponseClientRefresh()
    context = {
        "event": imported.event,
        "imported": imported,
        "is_stalled": imports.is_stalled(imported),
    }
    return render(request, "organiser/_import_progress.html", context)


@login_required
@require_POST
def import_again(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Wake the background up once more; nothing is done twice."""
    return _go_on(_imported(request, code, pk))


@login_required
@require_POST
def import_choose(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    imported = _imported(request, code, pk)
    if imported.state != ImportState.READ:
        return redirect("organiser:import", imported.event.code, imported.pk)
    found = imports.report_of(imported)
    form = ChoicesForm(request.POST, found=found.sheets)
    if not form.is_valid():
        return _preview(request, imported, found, form, status=422)
    try:
        imports.choose(imported, form.choices, by=user_of(request))
    except WrongState as error:
        messages.error(request, str(error))
    return _go_on(imported)


@login_required
@require_POST
def import_confirm(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    imported = _imported(request, code, pk)
    skip_bad = "lewati" in request.POST
    try:
        imports.confirm(imported, skip_bad=skip_bad, by=user_of(request))
    except (WrongState, HasProblems, NothingToEnrol) as error:
        messages.error(request, str(error))
        return redirect("organiser:import", imported.event.code, imported.pk)
    return _go_on(imported)


@login_required
@require_POST
def import_cancel(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    imported = _imported(request, code, pk)
    try:
        imports.cancel(imported, by=user_of(request))
    except WrongState as error:
        messages.error(request, str(error))
        return redirect("organiser:import", imported.event.code, imported.pk)
    messages.success(request, "Impor dibatalkan. Daftar tidak berubah.")
    return redirect("organiser:roster", imported.event.code)


@login_required
@require_GET
def import_faulty(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The rows to mend, as XLSX."""
    imported = _imported(request, code, pk)
    if not imported.report or not imported.counts.get("faulty"):
        messages.error(request, "Tidak ada baris bermasalah yang tersimpan dari berkas ini.")
        return redirect("organiser:import", imported.event.code, imported.pk)
    return HttpResponse(
        imports.faulty_rows(imported, by=user_of(request)),
        content_type=tables.XLSX,
        headers={
            "Content-Disposition": f'attachment; filename="perbaiki-{imported.event.code}.xlsx"'
        },
    )
