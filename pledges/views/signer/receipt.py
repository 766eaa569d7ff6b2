"""What a signer keeps: one screenful, and the sealed document as soon as it is there."""

from __future__ import annotations

import segno
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from pledges import identity, pact
from pledges.documents.form import Act
from pledges.models import Signature
from pledges.views.signer.page import signer_page


@signer_page
@require_safe
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    signature = identity.signature_of_receipt(token)
    act = Act.of(signature.statement)
    code = act.verification_code
    context = {
        "event": signature.signatory.event,
        "signature": signature,
        "act": act,
        "text": pact.of(signature.pact),
        "token": token,
        "code": [f"{code[:4]} {code[4:8]}", f"{code[8:12]} {code[12:]}"],
        "short_url": act.url.partition("://")[2],
        "qr": segno.make(act.url, error="m", micro=False).svg_data_uri(scale=4, border=2),
        "is_sealed": _is_sealed(signature),
    }
    return render(request, "signer/receipt.html", context)


def _is_sealed(signature: Signature) -> bool:
    return hasattr(signature, "document")


@signer_page
@require_safe
def receipt_status(request: HttpRequest, token: str) -> HttpResponse:
    """Asked by the receipt until its document is sealed."""
    return JsonResponse({"sealed": _is_sealed(identity.signature_of_receipt(token))})


@signer_page
@require_safe
def document(request: HttpRequest, token: str) -> HttpResponseBase:
    signature = identity.signature_of_receipt(token)
    if not _is_sealed(signature):
        return redirect("signer:receipt", token)
    return FileResponse(
        default_storage.open(signature.document.file),
        as_attachment=True,
        filename=f"Pakta-Integritas-{signature.verification_code}.pdf",
        content_type="application/pdf",
    )
