"""Chasing by telephone: who is missing, one by one, with a message that is ready to be sent."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from pledges import access, addresses, missing_list, progress
from pledges import whatsapp as chats
from pledges.access import Permission
from pledges.forms.reminders import UnitForm
from pledges.models import Event
from pledges.views import headers
from pledges.views.guards import user_of
from pledges.views.organiser.page import event_page
from pledges.whatsapp import Contact

_PER_PAGE = 25


@login_required
@require_GET
def chase(request: HttpRequest, code: str) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.CARE)
    if event.is_draft:
        return not_yet(request, event)
    found = _chase(request, event)
    counts = found.counts()
    chosen = _chosen(request, counts)
    page = Paginator(found.so_far(chosen), _PER_PAGE).get_page(request.GET.get("hal"))
    names = progress.unit_names(event.agency)
    response = event_page(
        request,
        "organiser/chase.html",
        event,
        tab="chase",
        view="chase",
        contacts=counts.items(),
        chosen=chosen,
        page=page,
        rows=[(person, names[person.unit_id], chats.number(person.phone)) for person in page],
        total=sum(counts.values()),
        warning=addresses.warning(),
    )
    # A form may lead to another site here, and nowhere else: to the chat.
    response["Content-Security-Policy"] = headers.policy(*chats.SITES)
    return response


def _chase(request: HttpRequest, event: Event) -> chats.Chase:
    user = user_of(request)
    people = access.signatories(user, event, Permission.CARE)
    # Who declined is spared by those who may know of it.
    manages = access.may(user, event, Permission.MANAGE)
    return chats.Chase(people, reveals_refusals=manages)


def _chosen(request: HttpRequest, counts: Mapping[Contact, int]) -> Contact:
    """What was asked for; else the first kind of which there are any."""
    asked = request.GET.get("keadaan", "")
    if asked in Contact.values:
        return Contact(asked)
    return next((contact for contact in Contact if counts[contact]), Contact.NONE)


@login_required
@require_POST
def whatsapp(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """To the chat with one person. The link in the message is nowhere but in this answer."""
    user = user_of(request)
    event = access.event(user, code, Permission.CARE)
    person = access.signatory(user, event, pk, Permission.CARE)
    try:
        address = chats.remind(person, by=user)
    except (chats.NotAwaited, chats.NoNumber) as error:
        messages.error(request, str(error))
        return redirect("organiser:chase", event.code)
    return HttpResponse(status=303, headers={"Location": address})


@login_required
@require_GET
def printed(request: HttpRequest, code: str) -> HttpResponse:
    """Who is missing, unit by unit, to be printed by the browser."""
    user = user_of(request)
    event = access.event(user, code, Permission.CARE)
    if event.is_draft:
        return not_yet(request, event)
    form = unit_asked_for(request, event)
    people = access.signatories(user, event, Permission.CARE)
    if form.asks:
        people = people.in_unit(form.chosen_unit)
    manages = access.may(user, event, Permission.MANAGE)
    sheets = missing_list.take(event, people, by=user, reveals_refusals=manages)
    context = {
        "event": event,
        "sheets": sheets,
        "total": sum(len(sheet.people) for sheet in sheets),
        "form": form,
        "printed_at": timezone.now(),
        "officer": user.get_full_name() or user.email,
    }
    return render(request, "organiser/missing_list.html", context)


def unit_asked_for(request: HttpRequest, event: Event) -> UnitForm:
    """Which unit the address says, or what was sent along; one that is not there stands for no
    other."""
    given = request.POST if "unit" in request.POST else request.GET
    form = UnitForm(given, units=access.subtree(user_of(request), event, Permission.CARE))
    if not form.is_valid():
        raise Http404("Unit kerja ini tidak ada di bagian Anda.")
    return form


def not_yet(request: HttpRequest, event: Event) -> HttpResponse:
    messages.info(request, "Acara ini belum diterbitkan, jadi belum ada yang perlu ditagih.")
    return redirect("organiser:event", event.code)
