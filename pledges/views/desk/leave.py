"""Leaving a desk takes its officer's password."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from pledges import desks
from pledges.forms.desks import LeaveForm
from pledges.models import Desk
from pledges.views.desk.session import desk_page
from pledges.views.guards import posted


@sensitive_post_parameters("password")
@desk_page
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = LeaveForm(posted(request))
    if form.is_valid() and (officer := _officer(request, desk, form)):
        desks.end(desk, by=desk.officer)
        request.session.flush()
        messages.success(request, f"Meja untuk {desk.unit.name} sudah diakhiri.")
        return _log_in(request, officer, desk)
    context = {"desk": desk, "event": desk.event, "form": form}
    return render(request, "desk/leave.html", context, status=422 if form.is_bound else 200)


def _log_in(request: HttpRequest, officer: User, desk: Desk) -> HttpResponse:
    """As at the login page, with the second step of whoever has one."""
    after = reverse("organiser:event", args=[desk.event.code])
    response: HttpResponse = perform_password_login(
        request, {"email": officer.email}, Login(user=officer, redirect_url=after)
    )
    return response


def _officer(request: HttpRequest, desk: Desk, form: LeaveForm) -> User | None:
    """As at the login page, with its limit on wrong passwords."""
    try:
        user: User | None = get_adapter().authenticate(
            request, email=desk.officer.email, password=form.cleaned_data["password"]
        )
    except ValidationError as error:
        form.add_error("password", error)
        return None
    if user is None or user.pk != desk.officer_id:
        form.add_error("password", "Kata sandi tidak cocok.")
        return None
    return user
