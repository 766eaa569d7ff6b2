"""Why something that was signed shall be void."""

from __future__ import annotations

from django import forms


class VoidForm(forms.Form):
    reason = forms.CharField(
        label="Alasan",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Hanya dilihat admin; pada verifikasi tidak ditampilkan.",
        error_messages={"required": "Tulis alasannya; tanpa alasan tidak ada yang dibatalkan."},
    )
