"""The joint declaration: who has signed it, its sealed document, closing and voiding it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from pledges import access, declaration, downloads
from pledges.access import Permission
from pledges.documents.declaration_form import Declared
from pledges.downloads import DeclarationUnsealed
from pledges.events import WrongState
from pledges.forms.voiding import VoidForm
from pledges.models import Declaration, Event, Part
from pledges.views.guards import posted, user_of
from pledges.views.organiser.page import event_page
from pledges.views.taking import streamed


@dataclass(frozen=True, slots=True)
class Line:
    """One place, as the page shows it."""

    part: str
    standing: str
    name: str
    # None: not signed yet, or not signed at all.
    signed_at: datetime | None

    @property
    def part_label(self) -> str:
        return str(Part(self.part).label)


@login_required
@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    event = access.whole_event(user_of(request), code, Permission.VIEW)
    completed = declaration.current(event)
    lines = _completed(completed) if completed and completed.statement else _so_far(event)
    return event_page(
        request,
        "organiser/declaration.html",
        event,
        tab="ceremony",
        view="declaration",
        text=declaration.text_of(event),
        lines=lines,
        signed=sum(line.signed_at is not None for line in lines),
        completed=completed,
        document=getattr(completed, "document", None),
        voided=declaration.voided(event),
    )


def _so_far(event: Event) -> list[Line]:
    return [
        Line(
            part=person.part,
            standing=person.capacity or person.position,
            name=person.name,
            signed_at=signature.signed_at if signature else None,
        )
        for person, signature in declaration.places(event)
    ]


def _completed(completed: Declaration) -> list[Line]:
    """What the document says, whatever the roster says now."""
    return [
        Line(
            part=place.part,
            standing=place.capacity or place.position,
            name=place.name,
            signed_at=place.signature.signed_at if place.signature else None,
        )
        for place in Declared.of(completed.statement).places
    ]


@login_required
@never_cache
@require_GET
def document(request: HttpRequest, code: str, pk: int) -> HttpResponseBase:
    """A declaration's sealed PDF, voided ones among them."""
    user = user_of(request)
    event = access.whole_event(user, code, Permission.DOWNLOAD)
    try:
        entry = downloads.export_declaration(access.declaration(event, pk), by=user)
    except DeclarationUnsealed as error:
        messages.warning(request, str(error))
        return redirect("organiser:declaration", event.code)
    return streamed(
        entry.chunks(), entry.file_name, size=entry.size, content_type="application/pdf"
    )


@login_required
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, code: str) -> HttpResponse:
    """Asks with the names of those whose places stay blank."""
    event = access.event(user_of(request), code, Permission.MANAGE)
    if request.method == "GET":
        return _ask_to_close(request, event)
    try:
        declaration.close(event, by=user_of(request))
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Deklarasi bersama selesai. Dokumennya segera disegel.")
    return redirect("organiser:declaration", event.code)


def _ask_to_close(request: HttpRequest, event: Event) -> HttpResponse:
    blank = [line.name for line in _so_far(event) if line.signed_at is None]
    change = {
        "question": "Tutup deklarasi bersama?" if blank else "Selesaikan deklarasi bersama?",
        "consequences": [*_about(blank), "Dokumennya disegel dan tidak dapat diubah lagi."],
        "answer": "Tutup deklarasi" if blank else "Selesaikan deklarasi",
    }
    return _question(request, event, change)


def _about(blank: Iterable[str]) -> list[str]:
    """What closing means for those who have not signed."""
    if not (names := "; ".join(blank)):
        return ["Semua sudah menandatangani."]
    return [
        f"Tertulis pada dokumen dengan keterangan “tidak menandatangani”: {names}",
        "Sesudah ditutup, mereka tidak dapat lagi menandatangani deklarasi ini. Pakta mereka "
        "sendiri tetap dapat ditandatangani.",
    ]


@login_required
@require_http_methods(["GET", "POST"])
def void(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.MANAGE)
    row = access.declaration(event, pk)
    form = VoidForm(posted(request))
    if not form.is_valid():
        return _question(request, event, _VOID, form=form)
    try:
        declaration.void(row, reason=form.cleaned_data["reason"], by=user_of(request))
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Deklarasi bersama dibatalkan.")
    return redirect("organiser:declaration", event.code)


_VOID = {
    "question": "Batalkan deklarasi bersama ini?",
    "consequences": [
        "Dokumennya tetap tercatat dan dapat diunduh, tetapi verifikasi menyatakannya dibatalkan.",
        "Tanda tangan yang sudah diberikan tetap berlaku untuk deklarasi yang baru; yang belum "
        "menandatangani dapat menandatangani lagi.",
        "Deklarasi yang baru selesai bila semua sudah menandatangani, atau bila Anda menutupnya.",
    ],
    "answer": "Batalkan deklarasi",
}


def _question(
    request: HttpRequest, event: Event, change: object, form: VoidForm | None = None
) -> HttpResponse:
    return event_page(
        request,
        "organiser/question.html",
        event,
        tab="ceremony",
        status=422 if form and form.errors else 200,
        change=change,
        form=form,
        back=reverse("organiser:declaration", args=[event.code]),
        stay="Kembali",
    )
