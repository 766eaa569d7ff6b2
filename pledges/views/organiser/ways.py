"""By which ways the people of an event may prove who they are."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from pledges import access, mailed, ways
from pledges.access import Permission
from pledges.forms.ways import WaysForm
from pledges.models import Event, Role, Way
from pledges.views.guards import posted, user_of
from pledges.views.organiser.page import event_page
from pledges.ways import NoProvider, NoWay


@dataclass(frozen=True, slots=True)
class Choice:
    """One way, with what it needs and what is wrong with it."""

    way: Way
    about: str
    needs: str
    warnings: tuple[str, ...] = ()
    is_possible: bool = True


@login_required
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, code: str) -> HttpResponse:
    event = access.event(user_of(request), code, Permission.MANAGE)
    if event.is_closed:
        return _refuse(request, event, ways.Closed())
    form = WaysForm(posted(request), initial=_initial(event))
    if form.is_valid():
        return _save(request, event, form)
    return _page(request, event, form)


def _refuse(request: HttpRequest, event: Event, error: ways.Closed) -> HttpResponse:
    messages.error(request, str(error))
    return redirect("organiser:event", event.code)


def _initial(event: Event) -> dict[str, object]:
    return {"ways": event.ways, "allows_refusal": event.allows_refusal}


def _save(request: HttpRequest, event: Event, form: WaysForm) -> HttpResponse:
    try:
        event = ways.choose(event, **form.cleaned_data, by=user_of(request))
    except (NoWay, NoProvider) as error:
        form.add_error("ways", str(error))
        return _page(request, event, form)
    except ways.Closed as error:
        return _refuse(request, event, error)
    messages.success(request, "Cara membuktikan diri disimpan.")
    if number := ways.left_out(event):
        messages.warning(
            request,
            f"{number} orang tidak mempunyai surel dan tidak dapat masuk. Pilih satu cara lagi, "
            "atau lengkapi surel mereka dalam daftar.",
        )
    return redirect("organiser:event", event.code)


def _page(request: HttpRequest, event: Event, form: WaysForm) -> HttpResponse:
    return event_page(
        request,
        "organiser/ways.html",
        event,
        tab="event",
        status=422 if form.is_bound else 200,
        form=form,
        chosen=form["ways"].value() or [],
        choices=[_slip(event), _email(event), _login(event), _desk(event)],
    )


def _slip(event: Event) -> Choice:
    return Choice(
        Way.SLIP,
        "Setiap orang menerima slip dengan tautan dan kode pribadi, yang dicetak dan dibagikan "
        "petugas unitnya.",
        "Selalu dapat dipakai.",
    )


def _email(event: Event) -> Choice:
    found = ways.reach(event)
    warnings = []
    if not mailed.is_set_up():
        warnings.append(
            "Server ini belum mengirim surel. Minta pengelola server mengatur EMAIL_URL dahulu."
        )
    elif mailed.is_disturbed():
        warnings.append("Surel sedang tidak terkirim. Beri tahu pengelola server.")
    if found.sharing:
        warnings.append(
            f"{found.sharing} orang berbagi alamat surel dengan orang lain. Siapa pun yang membuka "
            "kotak surat itu dapat masuk sebagai mereka."
        )
    return Choice(
        Way.EMAIL,
        "Orang mengetik nomornya, lalu kode delapan angka dikirim ke surelnya dan berlaku sepuluh "
        "menit. Kurang cocok bila ribuan orang masuk serentak.",
        f"{found.with_email} dari {found.people} orang dalam daftar mempunyai surel.",
        tuple(warnings),
    )


def _login(event: Event) -> Choice:
    provider = ways.provider_of(event)
    about = "Orang masuk dengan akun kepegawaian instansi; NIP-nya diambil dari akun itu."
    if provider is None:
        needs = (
            "Instansi ini belum mempunyai penyedia login. Pengelola server mendaftarkannya di "
            "halaman admin."
        )
        return Choice(Way.LOGIN, about, needs, is_possible=False)
    return Choice(Way.LOGIN, about, f"Melalui {provider.app.name}.")


def _desk(event: Event) -> Choice:
    officers = access.memberships(event).filter(role=Role.OFFICER).count()
    about = (
        "Petugas memeriksa identitas setiap orang, lalu menyerahkan perangkatnya untuk "
        "menandatangani. Untuk yang tidak membawa ponsel."
    )
    if not officers:
        missing = "Belum ada petugas. Undang dahulu di halaman Petugas."
        return Choice(Way.DESK, about, "", (missing,))
    return Choice(Way.DESK, about, f"{officers} petugas terdaftar.")
