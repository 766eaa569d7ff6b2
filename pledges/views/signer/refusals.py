"""Somebody will not sign: the question, and what they keep as a receipt."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from pledges import identity, refusals
from pledges.forms.signing import RefusalForm
from pledges.identity import Ticket
from pledges.models import Refusal
from pledges.refusals import CannotRefuse
from pledges.views.signer.page import refused, signer_page


@csrf_exempt
@signer_page
def refuse(request: HttpRequest) -> HttpResponse:
    """From the signing page, by the ticket in it; it asks before anything is recorded."""
    ticket = Ticket.unseal(request.POST.get("ticket", ""))
    person = identity.signatory_of_ticket(ticket)
    form = RefusalForm(request.POST if "reason" in request.POST else None)
    if not form.is_valid():
        context = {
            "event": person.event, "person": person, "ticket": ticket.seal(), "form": form,
        }  # fmt: skip
        status = 400 if form.is_bound else 200
        return render(request, "signer/refuse.html", context, status=status)
    try:
        refusal = refusals.refuse(ticket, reason=form.cleaned_data["reason"])
    except CannotRefuse as error:
        return refused(request, "Tidak dicatat", str(error), status=409, event=person.event)
    return to_refusal(refusal)


def to_refusal(refusal: Refusal) -> HttpResponse:
    response = redirect("signer:refusal", refusals.receipt_token(refusal))
    response.status_code = 303
    return response


@signer_page
@require_safe
def refusal(request: HttpRequest, token: str) -> HttpResponse:
    found = refusals.of_receipt(token)
    address, code = refusals.address(found), found.verification_code
    context = {
        "event": found.signatory.event,
        "person": found.signatory,
        "refusal": found,
        "address": address,
        "short_address": address.partition("://")[2],
        "code": [f"{code[:4]} {code[4:8]}", f"{code[8:12]} {code[12:]}"],
    }
    return render(request, "signer/refusal.html", context)
