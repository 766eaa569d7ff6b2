"""How an event's people prove who they are, and whether they may decline."""

from __future__ import annotations

from django import forms

from pledges.models import Way


class WaysForm(forms.Form):
    ways = forms.MultipleChoiceField(
        choices=Way.choices,
        error_messages={"required": "Pilih paling sedikit satu cara."},
    )
    allows_refusal = forms.BooleanField(required=False)
