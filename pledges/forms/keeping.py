"""How long an event's data are kept."""

from __future__ import annotations

from typing import Any

from django import forms

from pledges import retention
from pledges.models import Event
from pledges.retention import MAX_YEARS, MIN_YEARS


class RetentionForm(forms.Form):
    years = forms.IntegerField(
        label="Masa simpan (tahun)",
        min_value=MIN_YEARS,
        max_value=MAX_YEARS,
        help_text=f"Dihitung dari tanggal acara, {MIN_YEARS} sampai {MAX_YEARS} tahun.",
    )
    understood = forms.BooleanField(
        label="Saya mengerti: masa simpan ini sudah lewat, jadi datanya segera dihapus.",
        required=False,
    )

    def __init__(self, data: Any = None, *, event: Event) -> None:
        super().__init__(data, initial={"years": event.retention_years})
        self._event = event

    def clean(self) -> None:
        """Nobody has data deleted at once by a slip of the finger."""
        years = self.cleaned_data.get("years")
        is_over = years is not None and retention.is_expired(self._event, years)
        if is_over and not self.cleaned_data.get("understood"):
            self.add_error(
                "understood", "Belum disimpan. Centang bila datanya memang boleh segera dihapus."
            )

    @property
    def asks_whether_understood(self) -> bool:
        return "understood" in self.errors
