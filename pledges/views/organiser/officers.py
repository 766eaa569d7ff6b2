"""Who else works on an event: inviting people to roles, and taking roles away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pledges import access, accounts, invitations, second_factors, tasks
from pledges.access import Permission
from pledges.accounts import Invitation, NotDone
from pledges.forms.officers import OfficerForm
from pledges.forms.roster import UploadForm
from pledges.invitations import StaleInvitations
from pledges.models import Agency, Event, Membership
from pledges.roster.files import MAX_BYTES
from pledges.roster.sheets import RosterFileError
from pledges.views.guards import user_of
from pledges.views.organiser.page import event_page
from pledges.views.uploads import takes_file


def _event(request: HttpRequest, code: str) -> Event:
    return access.event(user_of(request), code, Permission.MANAGE)


def _units(request: HttpRequest, event: Event) -> list[Agency]:
    return access.subtree(user_of(request), event, Permission.MANAGE)


@login_required
@require_GET
def officer_list(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, _event(request, code))


def _page(
    request: HttpRequest,
    event: Event,
    *,
    form: OfficerForm | None = None,
    upload: UploadForm | None = None,
    status: int = 200,
) -> HttpResponse:
    return event_page(
        request,
        "organiser/officers.html",
        event,
        tab="officers",
        status=status,
        form=form or OfficerForm(units=_units(request, event)),
        upload=upload or UploadForm(),
        memberships=(memberships := access.memberships(event)),
        with_second_factor=second_factors.owners({each.user_id for each in memberships}),
        requiring=access.requiring(event.agency),
        limit=MAX_BYTES,
    )


@login_required
@require_POST
def invite(request: HttpRequest, code: str) -> HttpResponse:
    """One person, straight away."""
    event = _event(request, code)
    form = OfficerForm(request.POST, units=_units(request, event))
    if not form.is_valid():
        return _page(request, event, form=form, status=422)
    return _invite(request, event, [form.invitation])


def _invite(request: HttpRequest, event: Event, people: list[Invitation]) -> HttpResponse:
    new = accounts.invite(people, by=user_of(request))
    _send()
    if not new:
        messages.warning(request, "Peran itu sudah dipegangnya; tidak ada undangan baru.")
    elif len(new) == 1:
        messages.success(request, f"Undangan untuk {new[0].user.email} segera dikirim.")
    else:
        messages.success(request, f"{len(new)} undangan segera dikirim.")
    return redirect("organiser:officers", event.code)


def _send() -> None:
    transaction.on_commit(lambda: tasks.send_invitations.enqueue())


@login_required
@require_POST
@takes_file(MAX_BYTES)
def officers_file(request: HttpRequest, code: str) -> HttpResponse:
    """Shows what a file holds; nobody is invited yet."""
    event = _event(request, code)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, event, upload=form, status=422)
    try:
        found = invitations.read(
            form.cleaned_data["file"], event=event, units=_units(request, event)
        )
    except RosterFileError as error:
        form.add_error("file", str(error))
        return _page(request, event, upload=form, status=422)
    return event_page(
        request,
        "organiser/officers_file.html",
        event,
        tab="officers",
        found=found,
        sealed=invitations.seal(found.invitations, event=event),
    )


@login_required
@require_POST
def invite_all(request: HttpRequest, code: str) -> HttpResponse:
    """Those of the file that was shown."""
    event = _event(request, code)
    try:
        people = invitations.unseal(
            request.POST.get("isi", ""), event=event, units=_units(request, event)
        )
    except StaleInvitations as error:
        messages.error(request, str(error))
        return redirect("organiser:officers", event.code)
    return _invite(request, event, people)


@login_required
@require_POST
def invite_again(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    event = _event(request, code)
    membership = access.membership(event, pk)
    accounts.invite_again(membership, by=user_of(request))
    _send()
    messages.success(request, f"Undangan untuk {membership.user.email} segera dikirim lagi.")
    return redirect("organiser:officers", event.code)


@login_required
@require_http_methods(["GET", "POST"])
def remove_role(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    event = _event(request, code)
    membership = access.membership(event, pk)
    if request.method == "GET":
        return event_page(
            request,
            "organiser/question.html",
            event,
            tab="officers",
            change=_question(membership),
            back=reverse("organiser:officers", args=[event.code]),
        )
    try:
        accounts.remove(membership, by=user_of(request))
    except NotDone as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Peran {membership.user.email} dicabut.")
    return redirect("organiser:officers", event.code)


def _question(membership: Membership) -> dict[str, Any]:
    name = membership.user.get_full_name() or membership.user.email
    role = membership.get_role_display().lower()
    return {
        "question": f"Cabut peran {name} sebagai {role} {membership.agency.name}?",
        "consequences": [
            "Ia tidak lagi dapat melihat apa pun dari unit itu, dan harus masuk lagi untuk "
            "pekerjaannya yang lain.",
            "Akunnya dan apa yang sudah dikerjakannya tetap tercatat.",
            "Anda dapat mengundangnya lagi kapan saja.",
        ],
        "answer": "Cabut peran",
    }
