"""One signature of somebody: voiding it, and its sealed document, void or not."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from pledges import access, downloads, signing
from pledges.access import Permission
from pledges.downloads import NothingSealed
from pledges.events import WrongState
from pledges.forms.voiding import VoidForm
from pledges.models import PactKind, Signature
from pledges.views.guards import posted, user_of
from pledges.views.organiser.page import event_page
from pledges.views.taking import streamed


def _signature(request: HttpRequest, code: str, pk: int) -> Signature:
    user = user_of(request)
    event = access.event(user, code, Permission.MANAGE)
    return access.signature(event, pk)


@login_required
@require_http_methods(["GET", "POST"])
def void(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    signature = _signature(request, code, pk)
    form = VoidForm(posted(request))
    if not form.is_valid():
        return _ask(request, signature, form)
    try:
        signing.void(signature, reason=form.cleaned_data["reason"], by=user_of(request))
    except WrongState as error:
        messages.error(request, str(error))
    else:
        name = signature.signatory.name
        messages.success(request, f"Tanda tangan {name} dibatalkan; ia dapat menandatangani lagi.")
    return redirect("organiser:person", code, signature.signatory_id)


def _ask(request: HttpRequest, signature: Signature, form: VoidForm) -> HttpResponse:
    event, person = signature.signatory.event, signature.signatory
    change = {
        "question": f"Batalkan tanda tangan {person.name}?",
        "consequences": _consequences(signature),
        "answer": "Batalkan tanda tangan",
    }
    return event_page(
        request,
        "organiser/question.html",
        event,
        tab="roster",
        status=422 if form.is_bound else 200,
        change=change,
        form=form,
        back=reverse("organiser:person", args=[event.code, person.pk]),
    )


def _consequences(signature: Signature) -> list[str]:
    told = [
        "Dokumennya tetap tercatat dan dapat diunduh admin, tetapi verifikasi menyatakannya "
        "dibatalkan.",
        "Orang ini kembali dihitung belum menandatangani, dan dapat menandatangani lagi dengan "
        "tautan atau kodenya.",
        "Halaman yang sudah terbuka di ponselnya dan tanda tangan yang masih menunggu terkirim "
        "ditolak; ia membuka tautannya lagi.",
        "Pembatalan tidak dapat ditarik kembali.",
    ]
    if signature.pact.kind == PactKind.DECLARATION:
        told.insert(1, "Deklarasi bersama yang sudah selesai ikut batal, dan disusun lagi.")
    if signature.signatory.event.is_closed:
        told.append("Acara sudah ditutup: ia baru dapat menandatangani bila acara dibuka lagi.")
    return told


@login_required
@never_cache
@require_GET
def document(request: HttpRequest, code: str, pk: int) -> HttpResponseBase:
    signature = _signature(request, code, pk)
    try:
        entry = downloads.export_signature(signature, by=user_of(request))
    except NothingSealed as error:
        messages.warning(request, str(error))
        return redirect("organiser:person", code, signature.signatory_id)
    return streamed(
        entry.chunks(), entry.file_name, size=entry.size, content_type="application/pdf"
    )
