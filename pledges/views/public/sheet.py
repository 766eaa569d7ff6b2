"""What a printed sheet is, for whoever scans its code. Nothing can be signed or seen there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pledges.paper import codes


@never_cache
@require_safe
def sheet(request: HttpRequest, token: str) -> HttpResponse:
    printed = codes.printed(token)
    event = printed.person.event if printed else None
    context = {"event": event}
    return render(request, "public/sheet.html", context, status=200 if printed else 404)
