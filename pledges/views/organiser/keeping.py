"""How long an event's data are kept; deleting a draft; one person's data, for that person."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from pledges import access, events, own_data, retention
from pledges.access import Permission
from pledges.events import NotDeletable, Purged
from pledges.forms.keeping import RetentionForm
from pledges.views.guards import posted, user_of
from pledges.views.organiser.page import event_page


@login_required
@require_http_methods(["GET", "POST"])
def keep(request: HttpRequest, code: str) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.MANAGE)
    form = RetentionForm(posted(request), event=event)
    if event.purged_at is not None:
        return redirect("organiser:event", event.code)
    if form.is_valid():
        try:
            event = retention.set_years(
                event, years=form.cleaned_data["years"], by=user_of(request)
            )
        except Purged as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, f"Masa simpan disimpan: {event.retention_years} tahun sejak hari acara."
            )
        return redirect("organiser:event", event.code)
    return event_page(
        request,
        "organiser/keep.html",
        event,
        tab="event",
        status=422 if form.is_bound else 200,
        form=form,
        until=retention.expires_on(event),
        is_over=retention.is_expired(event),
    )


@login_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, code: str) -> HttpResponse:
    """A draft that nobody has signed; asked about, because nothing brings it back."""
    event = access.event(user_of(request), code, Permission.MANAGE)
    try:
        if request.method == "POST":
            events.delete(event, by=user_of(request))
        else:
            events.require_deletable(event)
    except NotDeletable as error:
        messages.error(request, str(error))
        return redirect("organiser:event", event.code)
    if request.method == "POST":
        messages.success(request, f"Rancangan “{event.title}” dihapus.")
        return redirect("organiser:events")
    change = {
        "question": f"Hapus rancangan “{event.title}”?",
        "consequences": [
            "Naskah, daftar penanda tangan, berkas impor, dan pengaturannya ikut dihapus.",
            "Slip yang sudah dicetak tidak berlaku lagi.",
            "Penghapusan tidak dapat dibatalkan; yang tersisa hanya catatan audit.",
        ],
        "answer": "Hapus rancangan",
    }
    return event_page(request, "organiser/question.html", event, tab="event", change=change)


@login_required
@never_cache
@require_POST
def person_data(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Everything that is held on one person, who asked for it; that it was taken is recorded."""
    user = user_of(request)
    event = access.event(user, code, Permission.MANAGE)
    person = access.signatory(user, event, pk, Permission.MANAGE)
    content = own_data.take_out(person, by=user, reveals_confided=True)
    return as_zip(content, f"data-{event.code}-{person.number}.zip")


def as_zip(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="application/zip",
        headers={"Content-Disposition": content_disposition_header(True, name) or ""},
    )
