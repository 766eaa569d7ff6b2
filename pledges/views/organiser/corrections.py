"""What people of one's units ask to have mended: the list, adding who is missing, declining."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from pledges import access, audit, corrections
from pledges.access import Permission
from pledges.events import WrongState
from pledges.forms.corrections import AddForm, DeclineForm
from pledges.models import Correction, Event, Signatory
from pledges.roster.enrol import AlreadyEnrolled
from pledges.views.guards import posted, user_of
from pledges.views.organiser.page import event_page

_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """An open request. Whoever says that their name is not there may be there after all."""

    asked: Correction
    found: Signatory | None
    is_elsewhere: bool


@login_required
@require_GET
def correction_list(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    event = access.event(user, code, Permission.CARE)
    mine = access.corrections(user, event)
    waiting = list(mine.filter(state=Correction.State.OPEN))
    answered = mine.exclude(state=Correction.State.OPEN).order_by("-answered_at")
    manages = access.may(user, event, Permission.MANAGE)
    # Of whom the roster knows the number is masked.
    seen = sum(1 for asked in waiting if asked.nip and not asked.signatory)
    audit.look(by=user, target=event, event=event, people=seen)
    return event_page(
        request,
        "organiser/corrections.html",
        event,
        tab="event",
        lines=_lines(request, event, waiting),
        page=Paginator(answered, _PER_PAGE).get_page(request.GET.get("hal")),
        emails=corrections.changed_emails(event) if manages else [],
    )


def _lines(request: HttpRequest, event: Event, waiting: Sequence[Correction]) -> list[Line]:
    there = corrections.already_there(event, waiting)
    found = access.signatories(user_of(request), event, Permission.CARE).filter(
        pk__in=[person.pk for person in there.values()]
    )
    mine = {person.nip: person for person in found}
    return [
        Line(asked, mine.get(asked.nip), is_elsewhere=asked.nip in there and asked.nip not in mine)
        for asked in waiting
    ]


@login_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Put somebody on the roster who said that their name is not there."""
    user = user_of(request)
    correction = _asked(request, code, pk)
    event = correction.event
    if correction.signatory:
        raise Http404("Orang ini sudah ada dalam daftar.")
    form = AddForm(
        posted(request),
        units=access.subtree(user, event, Permission.CARE),
        top=event.agency,
        initial={
            "name": correction.name, "nip_or_nik": correction.nip, "unit": correction.unit_id,
        },
    )  # fmt: skip
    if form.is_valid() and (person := _added(request, correction, form)):
        return redirect("organiser:person", event.code, person.pk)
    seen = 1 if correction.nip else 0
    audit.look(by=user, target=correction, event=event, people=seen)
    return _page(request, "organiser/correction_add.html", correction, form=form)


def _added(request: HttpRequest, correction: Correction, form: AddForm) -> Signatory | None:
    try:
        person = corrections.add(
            correction, form.row, answer=form.cleaned_data["answer"], by=user_of(request)
        )
    except AlreadyEnrolled as error:
        form.add_error(None, _where(request, correction.event, error))
        return None
    except WrongState as error:
        form.add_error(None, str(error))
        return None
    for remark in form.remarks:
        messages.warning(request, remark)
    messages.success(request, f"{person.name} ditambahkan ke daftar. Berikan slipnya kepadanya.")
    return person


def _where(request: HttpRequest, event: Event, error: AlreadyEnrolled) -> str:
    """Whose number it is, if that is one of the officer's own people."""
    mine = access.signatories(user_of(request), event, Permission.CARE)
    if mine.filter(pk=error.person.pk).exists():
        return str(error)
    return "NIP atau NIK ini sudah ada dalam daftar, di unit lain. Minta admin memindahkannya."


@login_required
@require_http_methods(["GET", "POST"])
def decline(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    correction = _asked(request, code, pk)
    form = DeclineForm(posted(request), is_read=correction.signatory is not None)
    if not form.is_valid():
        return _page(request, "organiser/correction_decline.html", correction, form=form)
    try:
        corrections.decline(correction, answer=form.cleaned_data["answer"], by=user_of(request))
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Permintaan dijawab; tidak ada yang diubah.")
    return redirect("organiser:corrections", code)


def _asked(request: HttpRequest, code: str, pk: int) -> Correction:
    user = user_of(request)
    event = access.event(user, code, Permission.CARE)
    return access.correction(user, event, pk)


def _page(
    request: HttpRequest, template: str, correction: Correction, *, form: DeclineForm | AddForm
) -> HttpResponse:
    return event_page(
        request,
        template,
        correction.event,
        tab="event",
        status=422 if form.is_bound else 200,
        correction=correction,
        form=form,
    )
