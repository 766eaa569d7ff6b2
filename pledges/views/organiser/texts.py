"""The texts of an event: choosing them, editing them, seeing them as the PDF that they make."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from pledges import access, events, pact, presets, texts
from pledges.access import Permission
from pledges.documents import press
from pledges.documents.preview import pages_as_png
from pledges.events import WrongState
from pledges.forms.texts import StartForm, TextForm, rearranged
from pledges.models import Event, Pact, PactKind
from pledges.texts import BadText
from pledges.views.guards import posted, user_of
from pledges.views.organiser.page import event_page

# Pixels; the editor shows a page at about half of that, sharp on dense screens.
_PREVIEW_WIDTH = 900


@login_required
@require_http_methods(["GET", "POST"])
def text_list(request: HttpRequest, code: str) -> HttpResponse:
    """The texts with what they still lack, and what they may be replaced by."""
    event = access.event(user_of(request), code, Permission.MANAGE)
    rows = list(event.pacts.prefetch_related("points"))
    earlier = _earlier(request, event)
    form = StartForm(posted(request), earlier=earlier, has_texts=bool(rows))
    if form.is_valid():
        return _start(request, event, form)
    return event_page(
        request,
        "organiser/texts.html",
        event,
        tab="texts",
        status=422 if form.is_bound else 200,
        rows=[(row, pact.of(row)) for row in rows],
        individuals=sum(row.kind == PactKind.INDIVIDUAL for row in rows),
        has_ikrar=any(row.kind == PactKind.DECLARATION for row in rows),
        earlier=earlier,
        ready=event.is_draft and not events.text_problems(event),
        form=form,
        presets=[(preset, preset.for_election(event.election)) for preset in presets.every()],
    )


def _earlier(request: HttpRequest, event: Event) -> list[Event]:
    """Other events whose texts may be copied."""
    others = access.managed(user_of(request)).exclude(pk=event.pk)
    return list(others.filter(pacts__isnull=False).distinct())


def _start(request: HttpRequest, event: Event, form: StartForm) -> HttpResponse:
    user = user_of(request)
    try:
        if form.source_event:
            presets.copy_from(event, form.source_event, by=user)
        else:
            presets.apply(event, form.cleaned_data["start"], by=user)
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Naskah dipasang. Periksa kata-katanya sebelum diterbitkan.")
    return redirect("organiser:texts", event.code)


# What the buttons beside a text do, and what is said when it is done.
_CHANGES: dict[str, tuple[Callable[..., object], str]] = {
    "resmi": (texts.confirm_official, "Naskah dinyatakan sebagai naskah resmi instansi."),
    "pisah": (texts.split, "Sekarang ASN dan non-ASN mempunyai naskah masing-masing."),
    "semua": (texts.for_everybody, "Naskah ini sekarang untuk semua penanda tangan."),
    "hapus": (texts.remove, "Naskah dihapus."),
}


@login_required
@require_POST
def change_text(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    row = access.text(access.event(user_of(request), code, Permission.MANAGE), pk)
    if (change := request.POST.get("change", "")) not in _CHANGES:
        return HttpResponseBadRequest("Tombol ini tidak dikenal.")
    act, done = _CHANGES[change]
    try:
        act(row, by=user_of(request))
    except (BadText, WrongState) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("organiser:texts", code)


@login_required
@require_http_methods(["GET", "POST"])
def text(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Edit one text; nothing is kept before "save" is pressed."""
    event = access.event(user_of(request), code, Permission.MANAGE)
    row = access.text(event, pk)
    if request.method == "POST":
        return _edit(request, row)
    if not event.is_draft:
        messages.error(request, "Naskah yang sudah diterbitkan tidak dapat diubah.")
        return redirect("organiser:texts", event.code)
    return _editor(request, row, _form(row))


def _edit(request: HttpRequest, row: Pact) -> HttpResponse:
    act = request.POST.get("act", "")
    form = _form(row, rearranged(request.POST, act))
    if act == "save" and _saved(request, row, form):
        return redirect("organiser:texts", row.event.code)
    return _editor(request, row, form)


def _form(row: Pact, data: QueryDict | None = None) -> TextForm:
    return TextForm(data, row=row, laws=list(texts.legal_bases()))


def _saved(request: HttpRequest, row: Pact, form: TextForm) -> bool:
    """Whether the text was kept; if not, the form says why and holds every word."""
    if not form.is_valid():
        return False
    try:
        texts.save_text(row, by=user_of(request), **form.words)
    except BadText as error:
        form.add_error(None, error.problems)
        return False
    except WrongState as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, f"Naskah “{form.words['title']}” disimpan.")
    return True


def _editor(request: HttpRequest, row: Pact, form: TextForm) -> HttpResponse:
    return event_page(
        request,
        "organiser/text.html",
        row.event,
        tab="texts",
        status=422 if form.errors else 200,
        row=row,
        form=form,
        laws=[(law, law.title in form["bases"].value()) for law in texts.legal_bases()],
        identity=pact.IDENTITY,
        **(_looks(row, form) if form.is_bound else {}),
    )


@login_required
@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The PDF that a text makes, with the words as they stand in the editor if these are sent.

    For the editor's script its pages are pictures.
    """
    row = access.text(access.event(user_of(request), code, Permission.MANAGE), pk)
    if request.method == "GET":
        return _pdf(row, pact.of(row))
    form = _form(row, request.POST)
    if "HX-Request" in request.headers:
        return render(request, "organiser/preview.html", _looks(row, form))
    if not form.is_valid():
        return _editor(request, row, form)
    return _pdf(row, form.unsaved(pact.of(row)))


def _pdf(row: Pact, words: pact.Pact) -> HttpResponse:
    return HttpResponse(
        press.preview(words),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="pratinjau-{row.event.code}.pdf"'},
    )


def _looks(row: Pact, form: TextForm) -> dict[str, Any]:
    """What the words of the editor look like, as far as they are sound."""
    if not form.is_valid():
        return {}
    pdf = press.preview(form.unsaved(pact.of(row)))
    pictures = pages_as_png(pdf, width=_PREVIEW_WIDTH)
    return {
        "pages": [f"data:image/png;base64,{base64.b64encode(png).decode()}" for png in pictures],
        "revoked": texts.revoked_bases(form.words["legal_bases"], on=row.event.date),
    }
