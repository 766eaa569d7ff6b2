"""The facts of an event: what, when, where, who leads, until when."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.timezone import make_naive

from pledges import events, fonts
from pledges.models import Agency, Event

_FIRST_YEAR, _LAST_YEAR = 2020, 2100


def printable(value: str) -> None:
    """Everything typed here is printed on one line, so the documents' font must have it."""
    if len(value.splitlines()) > 1:
        raise forms.ValidationError("Ketik dalam satu baris, tanpa ganti baris.")
    if strange := fonts.unsupported(value):
        listed = ", ".join(sorted(strange))
        raise forms.ValidationError(f"Karakter ini tidak dapat dicetak pada dokumen: {listed}")


class EventForm(forms.ModelForm[Event]):
    agency = forms.TypedChoiceField(label="Instansi", coerce=int)

    class Meta:
        model = Event
        fields = [
            "title",
            "ceremony",
            "election_kind",
            "election",
            "date",
            "venue",
            "presiding_name",
            "presiding_position",
            "deadline",
        ]
        widgets = {
            "date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "deadline": forms.DateTimeInput(
                attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
            ),
        }
        labels = {
            "title": "Nama acara",
            "election": "Nama pemilihan",
            "date": "Tanggal",
            "presiding_name": "Nama pimpinan",
            "presiding_position": "Jabatan pimpinan",
            "deadline": "Batas waktu menandatangani",
        }
        help_texts = {
            "title": "Seperti yang tertulis pada undangan. Dicetak pada setiap pakta.",
            "ceremony": "Misalnya apel netralitas atau deklarasi netralitas.",
            "election": "Seperti dalam naskah, misalnya “Pilkada Serentak Tahun 2024”.",
            "presiding_name": "Lengkap dengan gelar.",
        }

    def __init__(self, *args: Any, agencies: Sequence[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agencies = {agency.pk: agency for agency in agencies}
        self._offer_agencies()
        self._soften_deadline()
        for name in ("title", "ceremony", "election", "venue", "presiding_name"):
            self.fields[name].validators.append(printable)
        self.fields["presiding_position"].validators.append(printable)

    def _offer_agencies(self) -> None:
        """Nobody is asked to choose among one."""
        if len(self.agencies) == 1:
            del self.fields["agency"]
        else:
            choices = [(agency.pk, agency.name) for agency in self.agencies.values()]
            self.fields["agency"].choices = choices  # type: ignore[attr-defined]

    def _soften_deadline(self) -> None:
        field = self.fields["deadline"]
        field.required = False
        zones = {agency.zone for agency in self.agencies.values()}
        zone = f" {_zone_name(zones.pop())}" if len(zones) == 1 else ", waktu instansi"
        field.help_text = (
            f"Kosongkan untuk pukul 23.59{zone} pada hari acara. Sesudahnya orang tetap dapat "
            "menandatangani, dan dicatat terlambat, sampai acara ditutup."
        )

    @property
    def chosen_agency(self) -> Agency:
        chosen = self.cleaned_data.get("agency")
        return self.agencies[chosen] if chosen else next(iter(self.agencies.values()))

    def clean_date(self) -> datetime.date:
        date: datetime.date = self.cleaned_data["date"]
        if not _FIRST_YEAR <= date.year <= _LAST_YEAR:
            raise forms.ValidationError("Periksa tahun acara.")
        return date

    def clean(self) -> dict[str, Any]:
        """A typed deadline is a time of the agency, whatever zone the server keeps."""
        cleaned = super().clean() or self.cleaned_data
        typed, date = cleaned.get("deadline"), cleaned.get("date")
        if typed and "agency" not in self.errors:
            cleaned["deadline"] = make_naive(typed).replace(tzinfo=self.chosen_agency.zone)
        if typed and date and make_naive(typed).date() < date:
            self.add_error("deadline", "Batas waktu ini jatuh sebelum hari acara.")
        return cleaned

    @property
    def facts(self) -> events.Facts:
        """What a valid form says."""
        return events.Facts(**{name: self.cleaned_data[name] for name in self.Meta.fields})


def _zone_name(zone: datetime.tzinfo) -> str:
    return datetime.datetime.now(zone).tzname() or ""


def facts_of(event: Event) -> dict[str, Any]:
    """A form's initial values; the usual deadline is left blank, so that it follows the date."""
    usual = event.deadline == Event.end_of(event.date, event.zone)
    deadline = None if usual else make_naive(event.deadline, event.zone)
    return {name: getattr(event, name) for name in EventForm.Meta.fields} | {"deadline": deadline}


def facts_like(event: Event) -> dict[str, Any]:
    """Initial values of an event that resembles an earlier one, on another day."""
    return facts_of(event) | {"date": None, "deadline": None}
