"""What a phone keeps to show when there is no network: one page about nobody."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from pledges.views.signer.page import signer_page

_FILES = (
    "css/tokens.css",
    "css/signer.css",
    "img/pakta.svg",
    "js/signer/address.js",
    "js/signer/browser.js",
    "js/signer/copy.js",
    "js/signer/envelope.js",
    "js/signer/kept.js",
    "js/signer/offline.js",
    "js/signer/outbox.js",
)


@signer_page
@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    return render(request, "signer/offline.html")


@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker; another version whenever its page or a file of that is another."""
    page = render_to_string("signer/offline.html")
    context = {"version": hashlib.sha256(page.encode()).hexdigest()[:12], "files": _FILES}
    return render(request, "signer/worker.js", context, content_type="text/javascript")
