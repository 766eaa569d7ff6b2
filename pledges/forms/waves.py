"""The waves of a draft, all on one page, and the wave of one person."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.timezone import make_naive

from pledges.forms.events import printable
from pledges.models import Event, Wave
from pledges.models.event import MAX_WAVES
from pledges.waves import ECHELONS, Definition


class WaveForm(forms.Form):
    name = forms.CharField(
        label="Siapa",
        max_length=100,
        validators=[printable],
        error_messages={"required": "Tulis siapa yang menandatangani di gelombang ini."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    echelons = forms.MultipleChoiceField(
        label="Eselon",
        required=False,
        choices=[(echelon, echelon) for echelon in ECHELONS],
        widget=forms.CheckboxSelectMultiple,
    )
    expected_at = forms.DateTimeField(
        label="Perkiraan waktu",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    was = forms.IntegerField(
        required=False, min_value=1, max_value=MAX_WAVES, widget=forms.HiddenInput
    )


class WavesFormSet(forms.BaseFormSet[WaveForm]):
    def clean(self) -> None:
        """Nobody can be in two waves."""
        first: dict[str, int] = {}
        for number, form in enumerate(self.forms, start=1):
            for echelon in form.cleaned_data.get("echelons", ()) if form.is_valid() else ():
                other = first.setdefault(echelon, number)
                if other != number:
                    form.add_error("echelons", f"Eselon {echelon} sudah ada di gelombang {other}.")

    def definitions(self, change: str, *, zone: ZoneInfo) -> list[Definition]:
        """What a valid page says, with one wave removed or moved: "remove:2", "up:2", "down:1"."""
        said = [_definition(form, zone) for form in self.forms if form.cleaned_data.get("name")]
        verb, _, number = change.partition(":")
        if number not in map(str, range(1, len(said) + 1)):
            return said
        at = int(number) - 1
        chosen = said.pop(at)
        if verb == "remove":
            return said
        said.insert(max(at - 1, 0) if verb == "up" else at + 1, chosen)
        return said


def _definition(form: WaveForm, zone: ZoneInfo) -> Definition:
    """A typed time is one of the event's zone, whatever zone the server keeps."""
    typed = form.cleaned_data["expected_at"]
    return Definition(
        name=form.cleaned_data["name"],
        echelons=tuple(form.cleaned_data["echelons"]),
        expected_at=make_naive(typed).replace(tzinfo=zone) if typed else None,
        was=form.cleaned_data["was"],
    )


def _initial(wave: Wave, event: Event) -> dict[str, Any]:
    return {
        "name": wave.name,
        "echelons": wave.echelons,
        "expected_at": make_naive(wave.expected_at, event.zone) if wave.expected_at else None,
        "was": wave.number,
    }


# One more line than there are waves is offered to be filled in.
_FORMSET = forms.formset_factory(
    WaveForm, formset=WavesFormSet, extra=1, max_num=MAX_WAVES, validate_max=True
)


def waves_of(event: Event, data: QueryDict | None = None) -> WavesFormSet:
    formset = _FORMSET(data, initial=[_initial(wave, event) for wave in event.waves.all()])
    assert isinstance(formset, WavesFormSet)  # noqa: S101 (for mypy)
    return formset


class PersonWaveForm(forms.Form):
    """Into which wave somebody is put; none for the one that follows from the rules."""

    wave = forms.TypedChoiceField(
        label="Gelombang",
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, *args: Any, event: Event, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waves = [(wave.number, str(wave)) for wave in event.waves.all()]
        self.fields["wave"].choices = [("", "Menurut eselon dan peran"), *waves]  # type: ignore[attr-defined]
