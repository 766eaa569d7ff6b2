"""An event's way from draft to open to closed, each step asked about before it is taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from pledges import access, addresses, events, pact, reports, tasks, texts
from pledges.access import Permission
from pledges.events import NotPublishable, WrongState
from pledges.models import Event, Report
from pledges.views.guards import user_of
from pledges.views.organiser.page import event_page


def _act(
    request: HttpRequest, event: Event, act: Callable[..., Event], *, done: str
) -> HttpResponse:
    """One domain call, told about on the event's overview."""
    try:
        act(event, by=user_of(request))
    except (WrongState, NotPublishable) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
        _file_what_waited(event)
    return redirect("organiser:event", event.code)


@login_required
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Shows what publication freezes, then does it."""
    event = access.event(user_of(request), code, Permission.MANAGE)
    if request.method == "POST":
        return _act(
            request,
            event,
            events.publish,
            done="Acara diterbitkan. Sekarang peserta dapat menandatangani.",
        )
    if not event.is_draft:
        messages.error(request, "Acara ini sudah diterbitkan.")
        return redirect("organiser:event", event.code)
    rows = event.pacts.prefetch_related("points")
    return event_page(
        request,
        "organiser/publish.html",
        event,
        tab="event",
        problems=events.problems(event),
        frozen=[(row, pact.of(row)) for row in rows],
        people=event.signatories.active().owing().count(),
        waves=event.waves.count(),
        address=addresses.of_event(event),
        warning=addresses.warning(),
        revoked=texts.revoked_bases(
            [title for row in rows for title in row.legal_bases], on=event.date
        ),
        is_late=timezone.now() > event.deadline,
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A change of state that is asked about before it is done."""

    act: Callable[..., Event]
    question: str
    consequences: tuple[str, ...]
    answer: str
    done: str


_UNPUBLISH = Change(
    events.unpublish,
    "Kembalikan acara ini ke rancangan?",
    (
        "Naskah dan data acara dapat diubah lagi.",
        "Sampai diterbitkan kembali, tidak ada yang dapat menandatangani.",
        "Slip dan kode QR yang sudah dibagikan tetap berlaku sesudah acara diterbitkan kembali.",
    ),
    "Kembalikan ke rancangan",
    "Acara dikembalikan ke rancangan.",
)
_CLOSE = Change(
    events.close,
    "Tutup penandatanganan?",
    (
        "Sesudah ditutup, tanda tangan baru ditolak.",
        "Dokumen yang sudah ditandatangani tetap dapat diunduh dan diverifikasi.",
        "Acara dapat dibuka lagi bila ternyata masih ada yang perlu menandatangani.",
    ),
    "Tutup acara",
    "Acara ditutup. Tanda tangan baru ditolak.",
)


@login_required
@require_http_methods(["GET", "POST"])
def unpublish(request: HttpRequest, code: str) -> HttpResponse:
    return _change(request, code, _UNPUBLISH)


@login_required
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, code: str) -> HttpResponse:
    return _change(request, code, _CLOSE)


@login_required
@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, code: str) -> HttpResponse:
    """Says which reports will be void, and afterwards which are."""
    event = access.event(user_of(request), code, Permission.MANAGE)
    if request.method == "GET":
        change = _reopening(reports.ended_by_reopening(event))
        return event_page(request, "organiser/question.html", event, tab="event", change=change)
    try:
        _, ended = events.reopen(event, by=user_of(request))
    except WrongState as error:
        messages.error(request, str(error))
    else:
        lost = f" Ikut dibatalkan: {_counted(ended)}." if ended else ""
        messages.success(request, f"Acara dibuka lagi.{lost}")
        _file_what_waited(event)
    return redirect("organiser:event", event.code)


def _file_what_waited(event: Event) -> None:
    """Sheets that were photographed while it was closed are filed now."""
    transaction.on_commit(lambda: tasks.work_through_scans.enqueue(event.pk))


def _reopening(ended: Collection[Report]) -> dict[str, object]:
    consequences = [
        "Peserta yang belum menandatangani dapat menandatangani lagi.",
        "Tanda tangan sesudah batas waktu dicatat terlambat.",
    ]
    if ended:
        consequences.append(
            f"Dibatalkan, dan verifikasi akan menyatakannya batal: {_counted(ended)}. "
            "Buatlah yang baru setelah acara ditutup lagi."
        )
    return {
        "question": "Buka lagi penandatanganan?",
        "consequences": consequences,
        "answer": "Buka lagi acara",
    }


def _counted(ended: Iterable[Report]) -> str:
    """ "1 berita acara dan 2 rekapitulasi"."""
    counts = Counter(report.get_kind_display().lower() for report in ended)
    return " dan ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))


def _change(request: HttpRequest, code: str, change: Change) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.MANAGE)
    if request.method == "POST":
        return _act(request, event, change.act, done=change.done)
    return event_page(request, "organiser/question.html", event, tab="event", change=change)


_QR_TYPES = {"svg": "image/svg+xml", "png": "image/png"}


@login_required
@require_GET
def event_qr(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """The QR code of the event's address, to be projected or put on a banner."""
    event = access.event(user_of(request), code, Permission.VIEW)
    if kind not in _QR_TYPES:
        raise Http404
    return HttpResponse(
        addresses.qr(addresses.of_event(event), kind=kind),
        content_type=_QR_TYPES[kind],
        headers={"Content-Disposition": f'inline; filename="qr-{event.code}.{kind}"'},
    )
