""" "Bukan saya": from the link in a notice to a report."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from pledges import disputes, pact
from pledges.documents.pact_form import Act
from pledges.forms.disputes import DisputeForm
from pledges.views.guards import posted
from pledges.views.signer.page import signer_page


@csrf_exempt
@signer_page
@require_http_methods(["GET", "HEAD", "POST"])
def dispute(request: HttpRequest, token: str) -> HttpResponse:
    """A GET changes nothing: mail scanners visit links too."""
    signature = disputes.signature_of(token)
    form = DisputeForm(posted(request))
    if form.is_valid():
        disputes.report(signature, message=form.cleaned_data["message"])
        response = redirect("signer:dispute", token)
        response.status_code = 303
        return response
    context = {
        "event": signature.signatory.event,
        "signature": signature,
        "report": getattr(signature, "dispute", None),
        "act": Act.of(signature.statement),
        "text": pact.of(signature.pact),
        "token": token,
        "form": form,
    }
    status = 400 if form.is_bound else 200
    return render(request, "signer/dispute.html", context, status=status)
