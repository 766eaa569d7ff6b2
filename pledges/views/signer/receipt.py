"""What a signer keeps: one screenful, and the sealed documents as soon as they are there.

Who has a part in the ceremony has two: the own pact, and the joint declaration once it is
complete. Who is from outside has the declaration only.
"""

from __future__ import annotations

from dataclasses import dataclass

import segno
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from pledges import declaration, identity, pact, signing
from pledges.documents.pact_form import Act
from pledges.models import Document, PactKind, Signature
from pledges.views.signer.page import signer_page


@dataclass(frozen=True, slots=True)
class Paper:
    """One document that a receipt gives, or waits for."""

    kind: str
    label: str
    waiting: str
    url: str
    # None while it is not sealed yet.
    document: Document | None
    file_name: str


@signer_page
@require_safe
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    signature = identity.signature_of_receipt(token)
    act = Act.of(signature.statement)
    code = act.verification_code
    on_declaration = _on_declaration(signature)
    papers = _papers(signature, on_declaration, token)
    signed = [signature, on_declaration]
    context = {
        "event": signature.signatory.event,
        "signature": signature,
        "act": act,
        "texts": list(dict.fromkeys(pact.of(each.pact).title for each in signed if each)),
        "token": token,
        "code": [f"{code[:4]} {code[4:8]}", f"{code[8:12]} {code[12:]}"],
        "short_url": act.url.partition("://")[2],
        "qr": _qr(act.url),
        "papers": papers,
        "gives_own_data": identity.gives_own_data(signature),
        "is_scan": signature.method == identity.PAPER,
        "is_complete": all(paper.document for paper in papers),
    }
    return render(request, "signer/receipt.html", context)


def _qr(url: str) -> str:
    """With one mask for all: choosing the best of eight is a third of the work for a receipt, and
    matters for worn print, not for a screen."""
    return segno.make(url, error="m", micro=False, mask=2).svg_data_uri(scale=4, border=2)


def _papers(signature: Signature, on_declaration: Signature | None, token: str) -> list[Paper]:
    """Nothing is waited for in vain: what was voided before it was sealed is not among them."""
    papers = []
    if signature.pact.kind == PactKind.INDIVIDUAL:
        papers.append((signature, _pact_of(signature, token)))
    if on_declaration is not None:
        papers.append((on_declaration, _declaration_of(on_declaration, token)))
    return [paper for holder, paper in papers if paper.document or holder.voided_at is None]


def _papers_of(token: str) -> list[Paper]:
    signature = identity.signature_of_receipt(token)
    return _papers(signature, _on_declaration(signature), token)


def _on_declaration(signature: Signature) -> Signature | None:
    """The same person's signature on the declaration, or this one if it is that. A void one's
    holder may have been somebody else, and is not led on."""
    if signature.pact.kind == PactKind.DECLARATION:
        return signature
    # Nobody loses a part that they have signed in.
    if signature.voided_at is not None or not signature.signatory.has_part:
        return None
    standing = signing.signatures_of(signature.signatory)
    return standing.filter(pact__kind=PactKind.DECLARATION).first()


def _document(holder: object) -> Document | None:
    return getattr(holder, "document", None)


def _pact_of(signature: Signature, token: str) -> Paper:
    paper = "pindaian pakta" if signature.method == identity.PAPER else "pakta"
    return Paper(
        kind=Document.Kind.PACT,
        label=f"Unduh PDF {paper}",
        waiting=f"PDF {paper} Anda sedang disegel, biasanya beberapa detik.",
        url=reverse("signer:document", args=[token]),
        document=_document(signature),
        file_name=f"Pakta-Integritas-{signature.verification_code}.pdf",
    )


def _declaration_of(signature: Signature, token: str) -> Paper:
    completed = declaration.naming(signature)
    return Paper(
        kind=Document.Kind.DECLARATION,
        label="Unduh PDF deklarasi bersama",
        waiting=(
            "PDF deklarasi bersama sedang disegel, biasanya beberapa detik."
            if completed
            else "Deklarasi bersama disegel setelah semua menandatangani. "
            "Buka lagi halaman ini nanti untuk mengunduhnya."
        ),
        url=reverse("signer:declaration", args=[token]),
        document=_document(completed),
        file_name=f"Deklarasi-Bersama-{signature.signatory.event.code}.pdf",
    )


@signer_page
@require_safe
def receipt_status(request: HttpRequest, token: str) -> HttpResponse:
    """Asked by the receipt until its documents are sealed."""
    papers = _papers_of(token)
    return JsonResponse({paper.kind: paper.document is not None for paper in papers})


@signer_page
@require_safe
def document(request: HttpRequest, token: str, kind: str) -> HttpResponseBase:
    papers = {paper.kind: paper for paper in _papers_of(token)}
    paper = papers.get(kind)
    if paper is None or paper.document is None:
        return redirect("signer:receipt", token)
    return FileResponse(
        default_storage.open(paper.document.file),
        as_attachment=True,
        filename=paper.file_name,
        content_type="application/pdf",
    )
