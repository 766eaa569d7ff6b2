"""Who is asking, and what was sent."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.http import HttpRequest, QueryDict


def user_of(request: HttpRequest) -> AbstractUser:
    """The user of a view behind `login_required`."""
    assert isinstance(request.user, AbstractUser)  # noqa: S101 (for mypy)
    return request.user


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: a POST, be it empty, and nothing else."""
    return request.POST if request.method == "POST" else None
