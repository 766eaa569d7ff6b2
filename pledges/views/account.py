"""Where one is logged in oneself."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from pledges import accounts, sessions
from pledges.views.guards import user_of


@login_required
@require_http_methods(["GET", "POST"])
def where(request: HttpRequest) -> HttpResponse:
    """Everywhere; what is sent ends it, here too."""
    user = user_of(request)
    assert isinstance(user, User)  # noqa: S101 (for mypy)
    if request.method == "GET":
        return render(request, "account/sessions.html", {"sessions": sessions.of(user)})
    accounts.log_out(user, by=user)
    logout(request)
    messages.success(request, "Anda sudah keluar dari semua perangkat.")
    return redirect("account_login")
