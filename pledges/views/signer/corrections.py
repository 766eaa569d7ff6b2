"""A signer whose data are wrong, and somebody whose name is not there, ask to have it mended.

Nothing is redirected to: there is no cookie to carry "sent" over, and whoever sends the
same page again finds the same request.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from pledges import corrections, identity, progress
from pledges.corrections import CannotAsk
from pledges.forms.corrections import CorrectionForm, MissingNameForm
from pledges.identity import Ticket
from pledges.models import Correction
from pledges.views.guards import posted
from pledges.views.signer.page import published, refused, signer_page

_NOT_SENT = "Permintaan belum dikirim"


@csrf_exempt
@signer_page
def correct(request: HttpRequest) -> HttpResponse:
    """From the signing page, by the ticket in it; without a message yet it asks for one."""
    ticket = Ticket.unseal(request.POST.get("ticket", ""))
    person = identity.signatory_of_ticket(ticket)
    earlier = corrections.open_of(person)
    form = CorrectionForm(
        request.POST if "message" in request.POST else None,
        initial={"message": earlier.message if earlier else ""},
    )
    context = {"event": person.event, "person": person, "ticket": ticket.seal()}
    if not form.is_valid():
        context |= {"form": form, "earlier": earlier}
        status = 400 if form.is_bound else 200
        return render(request, "signer/correction.html", context, status=status)
    try:
        sent = corrections.ask(ticket, message=form.cleaned_data["message"])
    except CannotAsk as error:
        return refused(request, _NOT_SENT, str(error), status=409, event=person.event)
    return render(request, "signer/correction.html", context | {"sent": sent})


@csrf_exempt
@signer_page
@require_http_methods(["GET", "HEAD", "POST"])
def not_there(request: HttpRequest, code: str) -> HttpResponse:
    """Open to everybody at the event's address, so it tells nobody who is on the roster."""
    event = published(code)
    if event.is_closed:
        return refused(request, _NOT_SENT, str(corrections.NotOpen()), status=409, event=event)
    names = progress.unit_names(event.agency) if request.method == "POST" else {}
    form = MissingNameForm(posted(request), top=event.agency, names=names)
    if not form.is_valid():
        context = {"event": event, "form": form}
        status = 400 if form.is_bound else 200
        return render(request, "signer/not_there.html", context, status=status)
    try:
        sent: Correction = corrections.report_missing(event, **form.report)
    except CannotAsk as error:
        return refused(request, _NOT_SENT, str(error), status=429, event=event)
    return render(request, "signer/not_there.html", {"event": event, "sent": sent})
