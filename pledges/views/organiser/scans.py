"""Photographs of signed sheets: sent in, being read, filed, or waiting for a human."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from pledges import access, audit, progress, tasks
from pledges.access import Permission
from pledges.events import WrongState
from pledges.forms.parts import PeopleSearch
from pledges.forms.scans import ScansForm
from pledges.models import Event, Scan, Signatory
from pledges.models.signatory import SignatoryQuerySet
from pledges.paper import scans, sheets
from pledges.paper.reading import MAX_PAGES
from pledges.paper.scans import CannotFile, Uploaded
from pledges.views.guards import user_of
from pledges.views.organiser.page import event_page
from pledges.views.uploads import takes_files

_PER_PAGE = 12
_MOST_FOUND = 20
_TOO_MUCH = (
    f"Berkas-berkas ini bersama-sama lebih besar dari {scans.MAX_TOTAL >> 20} MB, jadi tidak ada "
    "yang diambil. Unggah beberapa kali."
)


@login_required
@require_http_methods(["GET", "POST"])
@takes_files(limit=scans.MAX_BYTES, most=scans.MAX_FILES, total=scans.MAX_TOTAL)
def tray(request: HttpRequest, code: str) -> HttpResponse:
    """What waits for a human, what is still read, and the place to send more."""
    event = access.event(user_of(request), code, Permission.CARE)
    if request.method == "GET":
        return _tray(request, event, ScansForm())
    if int(request.META.get("CONTENT_LENGTH") or 0) > scans.MAX_TOTAL:
        return _tray(request, event, ScansForm(), problem=_TOO_MUCH, status=413)
    form = ScansForm(request.POST, request.FILES)
    if not form.is_valid():
        return _tray(request, event, form, status=422)
    try:
        told = scans.upload(event, form.cleaned_data["photos"], by=user_of(request))
    except WrongState as error:
        messages.error(request, str(error))
        return redirect("organiser:event", event.code)
    _tell(request, told)
    return _wake(event)


def _tell(request: HttpRequest, told: Uploaded) -> None:
    if told.taken:
        messages.success(request, f"{told.taken} berkas diterima dan sedang dibaca.")
    if told.repeated:
        listed = ", ".join(told.repeated)
        messages.warning(request, f"Sudah pernah diunggah, jadi tidak diambil lagi: {listed}.")
    if told.by_colleagues:
        listed = ", ".join(told.by_colleagues)
        messages.info(
            request,
            f"Sudah pernah diunggah oleh rekan Anda, jadi tidak perlu diunggah lagi: {listed}.",
        )
    for refusal in told.refused:
        messages.error(request, f"Tidak diambil. {refusal}")


def _wake(event: Event) -> HttpResponse:
    """Wake the background up, and show how far it is."""
    transaction.on_commit(lambda: tasks.work_through_scans.enqueue(event.pk))
    return redirect("organiser:scans", event.code)


def _tray(
    request: HttpRequest,
    event: Event,
    form: ScansForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    user = user_of(request)
    found = access.scans(user, event)
    waiting = found.filter(state=Scan.State.TRAY).order_by("uploaded_at", "filename", "page")
    page = Paginator(waiting, _PER_PAGE).get_page(request.GET.get("hal"))
    mine = _in_care(request, event, page)
    return event_page(
        request,
        "organiser/scans.html",
        event,
        tab="paper",
        view="scans",
        status=status,
        form=form,
        problem=problem or " ".join(map(str, form.errors.get("photos", []))),
        page=page,
        rows=[(scan, scan.signatory_id in mine) for scan in page],
        limit=scans.MAX_BYTES,
        most=scans.MAX_FILES,
        most_pages=MAX_PAGES,
        **_counts(request, event),
    )


def _in_care(request: HttpRequest, event: Event, page: Any) -> set[int]:
    """Of the people whom these sheets' codes name, those who may be named here too."""
    named = [scan.signatory_id for scan in page if scan.signatory_id]
    people = access.signatories(user_of(request), event, Permission.CARE)
    return set(people.filter(pk__in=named).values_list("pk", flat=True))


def _counts(request: HttpRequest, event: Event) -> dict[str, Any]:
    found = access.scans(user_of(request), event)
    counts = scans.counts(found)
    stalled = scans.stalled(found)[:_MOST_FOUND] if counts.reading else []
    return {"counts": counts, "stalled": stalled}


@login_required
@require_GET
def reading(request: HttpRequest, code: str) -> HttpResponse:
    """Asked for every second while sheets are read; the page reloads once all are."""
    event = access.event(user_of(request), code, Permission.CARE)
    context = {"event": event, **_counts(request, event)}
    if not context["counts"].reading:
        return HttpResponseClientRefresh()
    return render(request, "organiser/_scans_reading.html", context)


@login_required
@require_POST
def again(request: HttpRequest, code: str) -> HttpResponse:
    """Read what is unread, and file what may be filed by now; nothing is done twice."""
    return _wake(access.event(user_of(request), code, Permission.CARE))


def _scan(request: HttpRequest, code: str, pk: int) -> Scan:
    user = user_of(request)
    return access.scan(user, access.event(user, code, Permission.CARE), pk)


@login_required
@require_GET
def scan(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One sheet, large; and whose it may be."""
    found = _scan(request, code, pk)
    user, search = user_of(request), PeopleSearch(request.GET)
    people = access.signatories(user, found.event, Permission.CARE)
    candidates = _candidates(people, search.text) if found.may_be_chosen_for else []
    named = people.filter(scans=found).first()
    return event_page(
        request,
        "organiser/scan.html",
        found.event,
        tab="paper",
        scan=found,
        named=named,
        may_file=named is not None and scans.may_be_filed(found),
        is_stalled=found.is_reading and scans.is_stalled(found),
        text=search.text,
        candidates=candidates[:_MOST_FOUND],
        has_more=len(candidates) > _MOST_FOUND,
    )


def _candidates(people: SignatoryQuerySet, text: str) -> list[Signatory]:
    """Who has not signed and may be meant; one more than are shown tells that there are more."""
    found = progress.search(sheets.receivers(people), in_care=people, status=None, text=text)
    return list(found.order_by("name", "pk")[: _MOST_FOUND + 1])


@login_required
@require_GET
def picture(request: HttpRequest, code: str, pk: int) -> HttpResponseBase:
    found = _with_picture(request, code, pk)
    opened = scans.opened(found, by=user_of(request))
    return _unkept(FileResponse(opened, content_type="image/jpeg"))


@login_required
@require_GET
def thumbnail(request: HttpRequest, code: str, pk: int) -> HttpResponseBase:
    small = scans.thumbnail(_with_picture(request, code, pk))
    return _unkept(HttpResponse(small, content_type="image/jpeg"))


def _with_picture(request: HttpRequest, code: str, pk: int) -> Scan:
    found = _scan(request, code, pk)
    if found.is_reading or not found.file:
        raise Http404("Foto ini belum selesai dibaca, atau tidak dapat dibuka.")
    return found


def _unkept(response: HttpResponseBase) -> HttpResponseBase:
    patch_cache_control(response, no_store=True, private=True)
    return response


@login_required
@require_http_methods(["GET", "POST"])
def file(request: HttpRequest, code: str, pk: int, person: int) -> HttpResponse:
    """File a sheet for somebody: whom its code names, or whom the officer sees on it."""
    found, user = _scan(request, code, pk), user_of(request)
    chosen = access.signatory(user, found.event, person, Permission.CARE)
    if request.method == "GET":
        audit.look(by=user, target=chosen, event=found.event, people=1 if chosen.nip else 0)
        return _ask(request, found, _filing(chosen), f"Catat untuk {chosen.name}")
    try:
        _file(request, found, chosen)
    except CannotFile as error:
        scans.note(found, error)
        messages.error(request, str(error))
        return redirect("organiser:scan", code, found.pk)
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Tanda tangan basah {chosen.name} sudah dicatat.")
    return redirect("organiser:scans", code)


def _file(request: HttpRequest, found: Scan, person: Signatory) -> None:
    user = user_of(request)
    if not found.code:
        scans.file_chosen(found, person, by=user)
        return
    people = access.signatories(user, found.event, Permission.CARE).filter(pk=person.pk)
    scans.file_by_code(found, people=people, by=user)


def _filing(person: Signatory) -> dict[str, Any]:
    return {
        "question": f"Catat lembar ini untuk {person.name}?",
        "consequences": [
            f"Periksa pada foto: nama dan {person.identifier_label} {person.identifier}, tanda "
            "tangan dengan pena, dan naskahnya.",
            "Orang ini dihitung sudah menandatangani, dan foto ini disegel menjadi dokumennya. "
            "Dokumen itu menyebut nama Anda sebagai petugas yang mencatat.",
            "Yang sudah dicatat hanya dapat dibatalkan oleh admin acara.",
        ],
    }


@login_required
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    found = _scan(request, code, pk)
    if request.method == "GET":
        change = {
            "question": "Buang foto ini?",
            "consequences": [
                "Fotonya dihapus dan tidak dapat dikembalikan. Tidak ada tanda tangan yang "
                "dicatat atau dibatalkan karenanya.",
                "Lembar kertasnya dapat difoto dan diunggah lagi.",
            ],
        }
        return _ask(request, found, change, "Buang foto")
    try:
        scans.discard(found, by=user_of(request))
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Foto dibuang.")
    return redirect("organiser:scans", code)


def _ask(request: HttpRequest, scan: Scan, change: dict[str, Any], answer: str) -> HttpResponse:
    return event_page(
        request,
        "organiser/scan_question.html",
        scan.event,
        tab="paper",
        scan=scan,
        change=change | {"answer": answer},
        back=reverse("organiser:scan", args=[scan.event.code, scan.pk]),
    )
