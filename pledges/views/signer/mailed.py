"""A code by e-mail: asking for it, and typing it."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from pledges import identity, mailed, tasks
from pledges.forms.signing import EmailCodeForm, NumberForm
from pledges.mailed import StaleQuestion, WrongEmailCode
from pledges.models import Event, Way
from pledges.views.signer.page import published, signer_page
from pledges.views.signer.pledge import invite


def _event(code: str) -> Event:
    event = published(code)
    if not event.offers(Way.EMAIL):
        raise identity.WayNotOffered
    return event


@csrf_exempt
@signer_page
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Answers every number alike; whoever has a code coming has it in the mailbox."""
    event = _event(code)
    if request.method != "POST":
        return _ask(request, event, NumberForm())
    form = NumberForm(request.POST)
    if not form.is_valid():
        return _ask(request, event, form, status=400)
    question = mailed.ask(event, identifier=form.cleaned_data["identifier"])
    transaction.on_commit(lambda: tasks.send_email_code.enqueue(question.signatory))
    return _type(request, event, EmailCodeForm(initial={"question": question.sealed}))


def _ask(
    request: HttpRequest, event: Event, form: NumberForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "event": event,
        "form": form,
        "problem": problem,
        "is_disturbed": mailed.is_disturbed(),
    }
    return render(request, "signer/email_ask.html", context, status=status)


def _type(
    request: HttpRequest, event: Event, form: EmailCodeForm, *, status: int = 200
) -> HttpResponse:
    context = {"event": event, "form": form, "is_disturbed": mailed.is_disturbed()}
    return render(request, "signer/email_code.html", context, status=status)


@csrf_exempt
@signer_page
@require_http_methods(["GET", "HEAD", "POST"])
def typed(request: HttpRequest, code: str) -> HttpResponse:
    """Loaded again without what was typed, it begins where codes are asked for."""
    event = _event(code)
    if request.method != "POST":
        return redirect("signer:email", event.code)
    form = EmailCodeForm(request.POST)
    if not form.is_valid():
        return _type(request, event, form, status=400)
    try:
        person, ticket = mailed.by_email_code(event, **form.cleaned_data)
    except StaleQuestion as error:
        return _ask(request, event, NumberForm(), problem=str(error), status=403)
    except WrongEmailCode as error:
        form.add_error("code", str(error))
        return _type(request, event, form, status=403)
    return invite(request, person, ticket)
