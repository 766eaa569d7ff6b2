"""Sealed documents to take away: one, a unit's, or all."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from pledges import access, downloads, filenames
from pledges.access import Permission
from pledges.downloads import NothingSealed
from pledges.views.guards import user_of
from pledges.views.organiser.page import event_page


@login_required
@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    event = access.event(user, code, Permission.CARE)
    if event.is_draft:
        return redirect("organiser:event", event.code)
    people = access.signatories(user, event, Permission.CARE)
    tops = access.units(user, event, Permission.CARE)
    rows = [row for top in tops for row in downloads.by_unit(people, top=top)]
    whole = [row for row in rows if row.depth == 0]
    return event_page(
        request,
        "organiser/downloads.html",
        event,
        tab="downloads",
        rows=rows,
        sealed=sum(row.sealed for row in whole),
        waiting=sum(row.waiting for row in whole),
        size=sum(row.size for row in whole),
    )


@login_required
@never_cache
@require_GET
def archive(request: HttpRequest, code: str, pk: int | None = None) -> HttpResponseBase:
    """A unit, or all of the user's part, as one ZIP that is made while it is sent."""
    user = user_of(request)
    event = access.event(user, code, Permission.CARE)
    people = access.signatories(user, event, Permission.CARE)
    unit = access.unit(user, event, pk, Permission.CARE) if pk is not None else None
    if unit:
        people = people.in_unit(unit)
    try:
        bundle = downloads.export(
            people,
            event=event,
            target=unit or event,
            with_declaration=unit is None and access.covers(user, event, Permission.CARE),
            by=user,
        )
    except NothingSealed as error:
        messages.warning(request, str(error))
        return redirect("organiser:downloads", event.code)
    zipped = bundle.zip()
    name = filenames.safe(f"{event.code} {unit or event.agency}")
    return streamed(zipped, f"{name}.zip", size=len(zipped), content_type="application/zip")


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


def streamed(
    chunks: Iterable[bytes], name: str, *, size: int, content_type: str
) -> StreamingHttpResponse:
    """With its length, so that the browser shows progress and notices a broken download."""
    return StreamingHttpResponse(
        chunks,
        content_type=content_type,
        headers={
            "Content-Length": str(size),
            "Content-Disposition": content_disposition_header(True, name) or "",
            # PDFs are compressed already, and GZipMiddleware would take the length away.
            "Content-Encoding": "identity",
        },
    )
