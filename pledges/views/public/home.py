"""The first page: which of the three ways a visitor came for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from pledges import keys


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """`?kode=…` is what somebody typed who wants to sign."""
    code = keys.normalise(request.GET.get("kode", ""))
    if code:
        return redirect("signer:event", code)
    return render(request, "public/home.html", {"asked": "kode" in request.GET})
