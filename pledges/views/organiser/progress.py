"""Who is missing: the figures, the units, the names."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from pledges import access, downloads, filenames, progress, tables
from pledges.access import Permission
from pledges.forms.progress import PeopleFilter
from pledges.models import Agency, Event
from pledges.models.signatory import SignatoryQuerySet
from pledges.progress import Status, Tally, UnitTally
from pledges.views.guards import user_of
from pledges.views.organiser.page import event_page

_PER_PAGE = 50


class Selection:
    """The part of an event that a user asks for, and may see."""

    def __init__(self, request: HttpRequest, event: Event) -> None:
        self.filter = PeopleFilter(request.GET)
        self.filter.is_valid()
        user, number = user_of(request), self.filter.chosen_unit
        self.unit = access.unit(user, event, number, Permission.VIEW) if number else None
        self.status, self.text = self.filter.chosen_status, self.filter.text
        people = access.signatories(user, event, Permission.VIEW)
        self.people: SignatoryQuerySet = people.in_unit(self.unit) if self.unit else people
        self.in_care = access.signatories(user, event, Permission.CARE)
        # Who declined is for those who manage the event; for others they are missing.
        self.reveals_refusals = access.may(user, event, Permission.MANAGE)

    def found(self) -> SignatoryQuerySet:
        return progress.search(
            self.people,
            in_care=self.in_care,
            status=self.status,
            text=self.text,
            reveals_refusals=self.reveals_refusals,
        )

    def tally(self) -> Tally:
        return progress.tally(self.people, reveals_refusals=self.reveals_refusals)

    def by_unit(self, top: Agency) -> list[UnitTally]:
        return progress.by_unit(self.people, top=top, reveals_refusals=self.reveals_refusals)

    @property
    def query(self) -> str:
        """The selection as a part of an address."""
        chosen = {"status": self.status or "", "unit": self.unit and self.unit.pk, "q": self.text}
        return urlencode({name: value for name, value in chosen.items() if value is not None})


@login_required
@require_GET
def units(request: HttpRequest, code: str) -> HttpResponse:
    """The tree of units, each with all below it; `urut=belum` puts those to chase first."""
    event = access.event(user_of(request), code, Permission.VIEW)
    if event.is_draft:
        return _not_yet(request, event)
    selection = Selection(request, event)
    rows = _rows(request, event, selection)
    chase = request.GET.get("urut") == "belum"
    return event_page(
        request,
        "organiser/progress.html",
        event,
        tab="progress",
        view="units",
        selection=selection,
        tally=selection.tally(),
        rows=progress.most_missing_first(rows) if chase else rows,
        chase=chase,
    )


def _rows(request: HttpRequest, event: Event, selection: Selection) -> list[UnitTally]:
    tops: list[Agency] = access.units(user_of(request), event, Permission.VIEW)
    if selection.unit:
        tops = [selection.unit]
    return [row for top in tops for row in selection.by_unit(top)]


@login_required
@require_GET
def people(request: HttpRequest, code: str) -> HttpResponse:
    """The names, page by page."""
    event = access.event(user_of(request), code, Permission.VIEW)
    if event.is_draft:
        return _not_yet(request, event)
    selection = Selection(request, event)
    page = Paginator(selection.found(), _PER_PAGE).get_page(request.GET.get("hal"))
    names = progress.unit_names(event.agency)
    units = access.subtree(user_of(request), event, Permission.VIEW)
    tally = selection.tally()
    return event_page(
        request,
        "organiser/people.html",
        event,
        tab="progress",
        view="people",
        selection=selection,
        tally=tally,
        page=page,
        rows=[(p, names[p.unit_id]) for p in page],
        units=[(unit.pk, names[unit.pk]) for unit in units],
        statuses=_statuses(event, selection, tally),
    )


def _statuses(
    event: Event, selection: Selection, tally: Tally
) -> list[tuple[str, str, int | None]]:
    """What one can filter by, and how many there are of each where that is known."""
    seldom = []
    if event.waves.exists():
        seldom.append((Status.WAITING, "Menunggu gelombang", tally.waiting))
    if selection.reveals_refusals and (event.allows_refusal or tally.declined):
        seldom.append((Status.DECLINED, "Tidak bersedia", tally.declined))
    return [
        (Status.MISSING, "Belum", tally.missing),
        *seldom,
        (Status.SIGNED, "Sudah", tally.signed),
        (Status.LATE, "Terlambat", tally.late),
        ("", "Semua", tally.total),
        (Status.WITHDRAWN, "Dikeluarkan", None),
    ]


@login_required
@never_cache
@require_GET
def people_list(request: HttpRequest, code: str) -> HttpResponse:
    """The names of the selection as XLSX; whole numbers for those who care for the people."""
    user = user_of(request)
    event = access.event(user, code, Permission.VIEW)
    selection = Selection(request, event)
    content = downloads.export_list(
        selection.found(),
        event=event,
        in_care=selection.in_care,
        by=user,
    )
    title = selection.status.label if selection.status else "Daftar"
    where = selection.unit.name if selection.unit else event.code
    name = filenames.safe(f"{title} - {where}") + ".xlsx"
    return HttpResponse(
        content,
        content_type=tables.XLSX,
        headers={"Content-Disposition": content_disposition_header(True, name) or ""},
    )


def _not_yet(request: HttpRequest, event: Event) -> HttpResponse:
    messages.info(request, "Acara ini belum diterbitkan, jadi belum ada yang dapat menandatangani.")
    return redirect("organiser:event", event.code)
