"""One person's data, mended by those who care for them; their number, by admins."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from pledges import access, audit, corrections
from pledges.access import Permission
from pledges.events import WrongState
from pledges.forms.corrections import AmendForm
from pledges.forms.people import NumberForm
from pledges.models import Signatory
from pledges.roster import amend
from pledges.roster.enrol import AlreadyEnrolled, AlreadySigned
from pledges.views.guards import posted, user_of
from pledges.views.organiser.page import event_page


def _person(request: HttpRequest, code: str, pk: int, permission: Permission) -> Signatory:
    """Somebody from outside has no number and is no concern of a unit's officer."""
    user = user_of(request)
    event = access.event(user, code, permission)
    person = access.signatory(user, event, pk, permission)
    if person.is_outside:
        raise Http404("Data tamu dari luar diubah pada halaman Peran.")
    return person


def _seen(request: HttpRequest, person: Signatory) -> None:
    """The page that is shown next has the person's whole NIP."""
    seen = 1 if person.nip else 0
    audit.look(by=user_of(request), target=person, event=person.event, people=seen)


@login_required
@require_http_methods(["GET", "POST"])
def data(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """With what the person asked for, if they did: saving answers it."""
    person = _person(request, code, pk, Permission.CARE)
    asked = corrections.open_of(person)
    units = access.subtree(user_of(request), person.event, Permission.CARE)
    form = AmendForm(
        posted(request), units=units, top=person.event.agency, person=person, answers=bool(asked)
    )
    if form.is_valid() and _mended(request, person, form):
        if asked:
            return redirect("organiser:corrections", code)
        return redirect("organiser:person", code, pk)
    _seen(request, person)
    return event_page(
        request,
        "organiser/person_amend.html",
        person.event,
        tab="roster"
        if access.may(user_of(request), person.event, Permission.MANAGE)
        else "progress",
        status=422 if form.is_bound else 200,
        person=person,
        asked=asked,
        is_signed=person.signatures.live().exists(),
        form=form,
    )


def _mended(request: HttpRequest, person: Signatory, form: AmendForm) -> bool:
    try:
        changed = corrections.mend(
            person, form.row, unit=form.chosen_unit, answer=form.given_answer, by=user_of(request)
        )
    except (AlreadySigned, WrongState) as error:
        form.add_error(None, str(error))
        return False
    _tell(request, form.row.name, changed)
    return True


def _tell(request: HttpRequest, name: str, changed: Sequence[str]) -> None:
    if changed:
        messages.success(request, f"Data {name} disimpan.")
    else:
        messages.info(request, "Tidak ada data yang berubah.")
    if "email" in changed:
        messages.warning(
            request,
            "Alamat surel berubah. Kode sekali pakai dan pemberitahuan dikirim ke alamat baru; "
            "perubahan ini tercatat dan terlihat oleh admin.",
        )


@login_required
@require_http_methods(["GET", "POST"])
def number(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    person = _person(request, code, pk, Permission.MANAGE)
    form = NumberForm(posted(request), person=person)
    if form.is_valid() and _renumbered(request, person, form):
        return redirect("organiser:person", code, pk)
    _seen(request, person)
    return event_page(
        request,
        "organiser/person_number.html",
        person.event,
        tab="roster",
        status=422 if form.is_bound else 200,
        person=person,
        form=form,
    )


def _renumbered(request: HttpRequest, person: Signatory, form: NumberForm) -> bool:
    try:
        amend.number(person, form.row, by=user_of(request))
    except (AlreadyEnrolled, AlreadySigned, WrongState) as error:
        form.add_error(None, str(error))
        return False
    for remark in form.remarks:
        messages.warning(request, remark)
    messages.success(request, f"Nomor {person.name} diganti. Cetak slip yang baru untuknya.")
    return True
