"""Sealed documents to take away: one person's at once, a unit's or all after asking."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from pledges import access, books, downloads, exports, progress, tasks
from pledges.access import Permission
from pledges.books import TooThick
from pledges.downloads import NothingSealed
from pledges.exports import Gone, Whose
from pledges.forms.exports import ExportForm
from pledges.models import Event, Export
from pledges.views.guards import user_of
from pledges.views.organiser.page import event_page
from pledges.views.taking import goes_on, in_pieces, streamed


@login_required
@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.CARE)
    if event.is_draft:
        return redirect("organiser:event", event.code)
    chosen = {"unit": request.GET.get("unit"), "kind": Export.Kind.DOCUMENTS}
    return _page(request, event, ExportForm(initial=chosen, units=_units(request, event)))


def _units(request: HttpRequest, event: Event) -> dict[int, str]:
    names = progress.unit_names(event.agency)
    mine = access.subtree(user_of(request), event, Permission.CARE)
    return {unit.pk: names[unit.pk] for unit in mine}


def _page(
    request: HttpRequest, event: Event, form: ExportForm, *, status: int = 200
) -> HttpResponse:
    user = user_of(request)
    people = access.signatories(user, event, Permission.CARE)
    tops = access.units(user, event, Permission.CARE)
    rows = [row for top in tops for row in downloads.by_unit(people, top=top)]
    whole = [row for row in rows if row.depth == 0]
    return event_page(
        request,
        "organiser/downloads.html",
        event,
        tab="downloads",
        status=status,
        rows=rows,
        form=form,
        sealed=sum(row.sealed for row in whole),
        waiting=sum(row.waiting for row in whole),
        size=sum(row.size for row in whole),
        **_asked(request, event),
    )


def _asked(request: HttpRequest, event: Event) -> dict[str, Any]:
    """The exports a user asked for, each with whether it makes no headway."""
    found = [
        (export, Whose(export.status).label, books.is_stalled(export))
        for export in access.exports(user_of(request), event)
        if not exports.is_expired(export)
    ]
    is_working = any(not export.index and not export.failure for export, *_ in found)
    return {"exports": found, "is_working": is_working}


@login_required
@require_GET
def asked(request: HttpRequest, code: str) -> HttpResponse:
    """The list alone, for as long as something is being made."""
    event = access.event(user_of(request), code, Permission.CARE)
    return render(request, "organiser/_exports.html", {"event": event, **_asked(request, event)})


@login_required
@require_POST
def ask(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    event = access.event(user, code, Permission.CARE)
    form = ExportForm(request.POST, units=_units(request, event))
    if not form.is_valid():
        return _page(request, event, form, status=422)
    try:
        export = _fixed(request, event, form)
    except (NothingSealed, TooThick) as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _told(export))
    return redirect("organiser:downloads", event.code)


def _fixed(request: HttpRequest, event: Event, form: ExportForm) -> Export:
    user, whose = user_of(request), form.chosen_whose
    unit = access.unit(user, event, form.chosen_unit, Permission.CARE)
    if form.wants_book:
        book = books.ask(event, unit=unit, whose=whose, by=user)
        _print(book)
        return book
    is_whole = unit.pk == event.agency_id and whose is Whose.EVERYBODY
    return exports.ask(event, unit=unit, whose=whose, with_declaration=is_whole, by=user)


def _print(book: Export) -> None:
    transaction.on_commit(lambda: tasks.make_book.enqueue(book.pk))


def _told(export: Export) -> str:
    if export.kind == Export.Kind.BOOK:
        return "Buku sedang dibuat. Halaman ini boleh ditutup; nanti ambil dari Unduhan Anda."
    return "Unduhan siap. Ambil dari Unduhan Anda, dalam tujuh hari."


@login_required
@require_POST
def again(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Make a book anew that failed, or that makes no headway."""
    user = user_of(request)
    export = access.export(user, access.event(user, code, Permission.CARE), pk)
    books.again(export)
    _print(export)
    return redirect("organiser:downloads", export.event.code)


@login_required
@never_cache
@require_safe
def export(request: HttpRequest, code: str, pk: int) -> HttpResponseBase:
    """The same bytes each time, whole or from where a download broke off."""
    user = user_of(request)
    found = access.export(user, access.event(user, code, Permission.CARE), pk)
    etag = f'"{found.sha256}"'
    try:
        if request.method == "HEAD":
            content = exports.content(found)
        else:
            is_rest = goes_on(request, size=found.size, etag=etag)
            content = exports.take(found, by=user, goes_on=is_rest)
    except Gone as error:
        return render(request, "410.html", {"reason": str(error)}, status=410)
    is_book = found.kind == Export.Kind.BOOK
    return in_pieces(
        request,
        content,
        exports.name(found),
        content_type="application/pdf" if is_book else "application/zip",
        etag=etag,
        modified=found.asked_at,
    )


@login_required
@never_cache
@require_GET
def document(request: HttpRequest, code: str, pk: int) -> HttpResponseBase:
    """One person's sealed PDF."""
    user = user_of(request)
    event = access.event(user, code, Permission.DOWNLOAD)
    person = access.signatory(user, event, pk, Permission.DOWNLOAD)
    try:
        entry = downloads.export_one(person, by=user)
    except NothingSealed as error:
        messages.warning(request, str(error))
        return redirect("organiser:people", event.code)
    return streamed(
        entry.chunks(), entry.file_name, size=entry.size, content_type="application/pdf"
    )
