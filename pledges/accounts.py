"""Accounts of organisers: nobody signs up, officers are invited."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts come from the superuser and from invitations only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
