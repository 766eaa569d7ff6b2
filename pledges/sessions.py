"""Where somebody is logged in, and ending it, on every host at once.

A session of an organiser lives in the database, and allauth keeps whose it is.
"""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AbstractBaseUser

# What a browser says that it is → how people call it, the more particular first.
_PROGRAMS = {
    "Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "Firefox": "Firefox",
    "Chrome": "Chrome", "Safari": "Safari",
}  # fmt: skip
_DEVICES = {
    "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows",
    "Mac OS": "Mac", "CrOS": "Chromebook", "Linux": "Linux",
}  # fmt: skip


def of(user: AbstractBaseUser) -> list[UserSession]:
    """Those that still hold, the newest first."""
    found: list[UserSession] = UserSession.objects.purge_and_list(user)
    return sorted(found, key=lambda session: session.created_at, reverse=True)


def end(user: AbstractBaseUser) -> int:
    """All of them, and how many: whoever asks next with one of them is nobody."""
    found = UserSession.objects.filter(user=user.pk)
    for session in found:
        session.end()
    return len(found)


def browser(user_agent: str) -> str:
    """A browser in words: "Chrome di Android"."""
    program = next((name for key, name in _PROGRAMS.items() if key in user_agent), "Peramban")
    device = next((name for key, name in _DEVICES.items() if key in user_agent), "")
    return f"{program} di {device}" if device else program
