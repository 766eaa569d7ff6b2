"""The letterhead of an agency, and whether its people need a second factor."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from pledges import access, letterheads, logos, second_factors
from pledges.access import Permission
from pledges.forms.agency import AgencyForm
from pledges.logos import NotAnImage
from pledges.models import Agency, Event
from pledges.views.guards import posted, user_of


@login_required
@require_http_methods(["GET", "POST"])
def agency(request: HttpRequest, pk: int) -> HttpResponse:
    """`?acara=CODE` leads back to the event that this page was opened from."""
    agency = access.agency(user_of(request), pk)
    event = _event(request)
    form = AgencyForm(posted(request), request.FILES or None, agency=agency)
    if form.is_valid() and _saved(request, agency, form):
        return redirect("organiser:event", event.code) if event else redirect("organiser:events")
    return render(
        request,
        "organiser/agency.html",
        {"agency": agency, "event": event, "form": form},
        status=422 if form.is_bound else 200,
    )


def _event(request: HttpRequest) -> Event | None:
    code = request.GET.get("acara", "")
    return access.event(user_of(request), code, Permission.MANAGE) if code else None


def _saved(request: HttpRequest, agency: Agency, form: AgencyForm) -> bool:
    try:
        letterheads.save(agency, by=user_of(request), **form.letterhead)
    except NotAnImage as error:
        form.add_error("logo", str(error))
        return False
    messages.success(request, "Kop surat disimpan.")
    return True


@login_required
@require_GET
def agency_logo(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    agency = access.agency(user_of(request), pk)
    if not agency.logo:
        raise Http404("Instansi ini belum mempunyai lambang.")
    return FileResponse(logos.opened(agency.logo), content_type="image/png")


@login_required
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks whether everybody who works in an agency needs one; `?acara=CODE` as above."""
    agency, event = access.agency(user_of(request), pk), _event(request)
    if request.method == "POST":
        required = request.POST.get("wajib") == "ya"
        second_factors.require(agency, required=required, by=user_of(request))
        words = "sekarang wajib" if required else "tidak lagi diwajibkan"
        messages.success(request, f"Verifikasi dua langkah {words} bagi {agency.name}.")
        return redirect("organiser:officers", event.code) if event else redirect("organiser:events")
    people = access.workers(agency)
    context = {
        "agency": agency,
        "event": event,
        "above": access.requiring(agency),
        "people": len(people),
        "without": len(people - second_factors.owners(people)),
        "has_one": second_factors.steps(user_of(request)).exists(),
    }
    return render(request, "organiser/second_factor.html", context)
