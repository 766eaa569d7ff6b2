"""Is this document genuine? For anybody, without login, and without a cookie."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pledges import access, keys, verification
from pledges.forms.verification import FileForm, IdentifierForm
from pledges.verdicts import (
    DeclarationVerdict,
    PurgedVerdict,
    RefusalVerdict,
    ReportVerdict,
    Verdict,
)
from pledges.verification import CannotCheck, FileTooLarge, TooManyTries
from pledges.views.uploads import FirstPartInMemory

# What is larger is refused unread. Between this and the limit, the answer is a page.
_MAX_REQUEST = 64 * 1024 * 1024


# Nothing is changed and no login is needed, so there is nothing to forge a request for.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Two ways to ask: `?kode=…`, and a file."""
    if request.method == "POST":
        return _check_file(request)
    if code := keys.normalise(request.GET.get("kode", "")):
        return redirect("public:verdict", code)
    return _ask(request)


def _check_file(request: HttpRequest) -> HttpResponse:
    if int(request.META.get("CONTENT_LENGTH") or 0) > _MAX_REQUEST:
        return _ask(request, problem=str(FileTooLarge()), status=413)
    request.upload_handlers = [FirstPartInMemory(verification.MAX_BYTES)]
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _ask(request, problem=str(form.errors["file"][0]), status=400)
    try:
        found = verification.by_file(form.cleaned_data["file"])
    except CannotCheck as error:
        status = 413 if isinstance(error, FileTooLarge) else 400
        return _ask(request, problem=str(error), status=status)
    context = {"found": found, "verdict": found.document}
    return render(request, "public/file.html", context)


def _ask(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    context = {
        "problem": problem,
        "limit": verification.MAX_BYTES,
        "asked_without_code": "kode" in request.GET,
    }
    return render(request, "public/verify.html", context, status=status)


@never_cache
@require_safe
def verdict(request: HttpRequest, code: str) -> HttpResponse:
    found = verification.by_code(code)
    if found is None:
        return render(request, "public/unknown.html", {"code": code}, status=404)
    if isinstance(found, DeclarationVerdict):
        return render(request, "public/declaration.html", {"verdict": found})
    if isinstance(found, ReportVerdict):
        return render(request, "public/report.html", {"verdict": found})
    if isinstance(found, PurgedVerdict):
        return render(request, "public/purged.html", {"verdict": found})
    if isinstance(found, RefusalVerdict):
        return render(request, "public/refusal.html", {"verdict": found})
    return _show(request, found, IdentifierForm(label=found.identifier_label))


# Tries are counted for the document, whoever sends them: no login or cookie lends them weight.
@csrf_exempt
@never_cache
@require_POST
def match(request: HttpRequest, code: str) -> HttpResponse:
    """Whether the number on a paper is that of the one who signed."""
    found = verification.by_code(code)
    if not isinstance(found, Verdict) or not found.identifier:
        raise Http404("Tidak ada nomor yang dapat dicocokkan dengan kode ini.")
    form = IdentifierForm(request.POST, label=found.identifier_label)
    if not form.is_valid():
        return _show(request, found, form, status=400)
    signature = access.signature_by_code(found.code)
    try:
        matches = verification.matches_identifier(signature, form.cleaned_data["identifier"])
    except TooManyTries as error:
        form.add_error("identifier", str(error))
        return _show(request, found, form, status=429)
    return _show(request, found, form, matches=matches)


def _show(
    request: HttpRequest,
    verdict: Verdict,
    form: IdentifierForm,
    *,
    matches: bool | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"verdict": verdict, "form": form, "matches": matches}
    return render(request, "public/verdict.html", context, status=status)


@require_safe
def seal(request: HttpRequest) -> HttpResponse:
    """The certificates that documents were sealed with, to compare their fingerprints."""
    return render(request, "public/seal.html", {"certificates": access.seal_certificates()})


@require_safe
def certificate(request: HttpRequest, fingerprint: str) -> HttpResponse:
    found = access.seal_certificate(fingerprint)
    return HttpResponse(
        found.chain,
        content_type="application/x-pem-file",
        headers={"Content-Disposition": f'attachment; filename="segel-{found.fingerprint}.pem"'},
    )
