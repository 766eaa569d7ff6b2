"""One person who works on an event: the role, and the account with its sessions and factors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pledges import access, accounts, second_factors, sessions, tasks
from pledges.access import Permission
from pledges.accounts import NotDone
from pledges.audit import Actor
from pledges.forms.officers import RoleForm
from pledges.models import Event, Membership
from pledges.views.guards import posted, user_of
from pledges.views.organiser.page import event_page


def _event(request: HttpRequest, code: str) -> Event:
    return access.event(user_of(request), code, Permission.MANAGE)


@login_required
@require_http_methods(["GET", "POST"])
def membership(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Shows the person; what is sent changes the role."""
    event = _event(request, code)
    membership, by = access.membership(event, pk), user_of(request)
    units = access.subtree(by, event, Permission.MANAGE)
    form = RoleForm(posted(request), membership=membership, units=units)
    if form.is_valid():
        try:
            accounts.change(membership, role=form.chosen_role, unit=form.chosen_unit, by=by)
        except NotDone as error:
            form.add_error(None, str(error))
        else:
            transaction.on_commit(lambda: tasks.send_invitations.enqueue())
            messages.success(
                request, f"Peran {_name(membership.user)} diubah, dan ia diberi tahu lewat surel."
            )
            return redirect("organiser:officers", event.code)
    return _page(request, event, membership, form)


def _page(
    request: HttpRequest, event: Event, membership: Membership, form: RoleForm
) -> HttpResponse:
    person = membership.user
    return event_page(
        request,
        "organiser/membership.html",
        event,
        tab="officers",
        status=422 if form.is_bound else 200,
        membership=membership,
        person=person,
        form=form,
        steps=second_factors.steps(person),
        sessions=len(sessions.of(person)),
        is_oneself=person.pk == request.user.pk,
        administers=access.administers(user_of(request), person),
    )


@dataclass(frozen=True)
class _Act:
    """What is done to a whole account: asked first, done when the answer is sent."""

    act: Callable[..., object]
    change: str
    question: str
    consequences: tuple[str, ...]
    answer: str
    done: str


_LOG_OUT = _Act(
    act=accounts.log_out,
    change="logged_out",
    question="Keluarkan {name} dari semua perangkat?",
    consequences=(
        "Semua sesinya berakhir saat ini juga. Isian yang belum disimpannya hilang.",
        "Ia dapat masuk lagi dengan kata sandinya. Nonaktifkan akunnya bila itu tidak boleh.",
        "Meja petugas yang sedang ia buka tetap berjalan sampai diakhiri.",
    ),
    answer="Keluarkan dari semua perangkat",
    done="{name} sudah dikeluarkan dari semua perangkat.",
)
_RESET = _Act(
    act=second_factors.reset,
    change="second_factors_reset",
    question="Hapus verifikasi dua langkah {name}?",
    consequences=(
        "Pastikan dahulu bahwa ia sendiri yang memintanya: telepon atau temui orangnya.",
        "Kunci sandi, aplikasi, dan kode cadangannya tidak berlaku lagi; semua sesinya berakhir.",
        "Sesudahnya ia masuk dengan kata sandi saja, sampai memasang yang baru.",
        "Ia diberi tahu lewat surel, dan catatan audit menyebut Anda.",
    ),
    answer="Hapus verifikasi dua langkah",
    done="Verifikasi dua langkah {name} dihapus.",
)
_DEACTIVATE = _Act(
    act=accounts.deactivate,
    change="deactivated",
    question="Nonaktifkan akun {name}?",
    consequences=(
        "Ia tidak dapat masuk lagi, dan semua sesinya berakhir saat ini juga.",
        "Meja petugas yang ia buka tidak melayani siapa pun lagi.",
        "Perannya dan apa yang sudah dikerjakannya tetap tercatat.",
        "Anda dapat mengaktifkannya lagi kapan saja.",
    ),
    answer="Nonaktifkan akun",
    done="Akun {name} dinonaktifkan.",
)
_ACTIVATE = _Act(
    act=accounts.activate,
    change="activated",
    question="Aktifkan lagi akun {name}?",
    consequences=("Ia dapat masuk lagi, dengan peran yang dipegangnya.",),
    answer="Aktifkan akun",
    done="Akun {name} aktif lagi.",
)


@login_required
@require_http_methods(["GET", "POST"])
def log_out(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    return _ask_or_act(request, code, pk, _LOG_OUT)


@login_required
@require_http_methods(["GET", "POST"])
def reset_second_factor(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    return _ask_or_act(request, code, pk, _RESET)


@login_required
@require_http_methods(["GET", "POST"])
def deactivate(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    return _ask_or_act(request, code, pk, _DEACTIVATE)


@login_required
@require_http_methods(["GET", "POST"])
def activate(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    return _ask_or_act(request, code, pk, _ACTIVATE)


def _ask_or_act(request: HttpRequest, code: str, pk: int, act: _Act) -> HttpResponse:
    event = _event(request, code)
    membership = access.membership(event, pk)
    person = membership.user
    if not access.administers(user_of(request), person):
        raise PermissionDenied
    back = reverse("organiser:membership", args=[event.code, membership.pk])
    if request.method == "GET":
        change = {
            "question": act.question.format(name=_name(person)),
            "consequences": act.consequences,
            "answer": act.answer,
        }
        return event_page(
            request, "organiser/question.html", event, tab="officers", change=change, back=back
        )
    try:
        _do(act, person, by=user_of(request))
    except NotDone as error:
        messages.error(request, str(error))
    else:
        messages.success(request, act.done.format(name=_name(person)))
    return redirect(back)


def _do(act: _Act, person: User, *, by: Actor) -> None:
    act.act(person, by=by)
    transaction.on_commit(lambda: tasks.tell_of_change.enqueue(person.pk, act.change))


def _name(person: User) -> str:
    return person.get_full_name() or person.email
