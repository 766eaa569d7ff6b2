"""Who is asking, what was sent, and who may keep the answer."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.cache import add_never_cache_headers

Answer = Callable[[HttpRequest], HttpResponseBase]


def user_of(request: HttpRequest) -> AbstractUser:
    """The user of a view behind `login_required`."""
    assert isinstance(request.user, AbstractUser)  # noqa: S101 (for mypy)
    return request.user


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: a POST, be it empty, and nothing else."""
    return request.POST if request.method == "POST" else None


def kept_by_no_cache(answer: Answer) -> Answer:
    """Middleware: nobody reads an organiser's pages after them, on the same computer say."""

    def answer_privately(request: HttpRequest) -> HttpResponseBase:
        response = answer(request)
        if request.resolver_match and "organiser" in request.resolver_match.namespaces:
            add_never_cache_headers(response)
        return response

    return answer_privately
