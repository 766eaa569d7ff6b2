"""Editing a text, and choosing what to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.http import QueryDict

from pledges import models, presets, wording
from pledges.models import Event, LegalBasis
from pledges.models.event import MAX_POINTS, MAX_TITLE
from pledges.pact import Pact


class PointsWidget(forms.Widget):
    """Any number of text areas of one name; their order is the order of the points."""

    template_name = "organiser/points.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return list(data.getlist(name))

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        context |= {"points": value or [""], "most": MAX_POINTS, "longest": wording.MAX_LENGTH}
        return context


class TextForm(forms.Form):
    """The words of one text. What they must be is said by `wording.problems` alone."""

    title = forms.CharField(label="Judul", required=False, max_length=MAX_TITLE)
    opening = forms.CharField(
        label="Pembuka", required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    points = forms.Field(label="Butir", required=False, widget=PointsWidget)
    closing = forms.CharField(
        label="Penutup", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    bases = forms.MultipleChoiceField(
        label="Dasar hukum", required=False, widget=forms.CheckboxSelectMultiple
    )
    other_bases = forms.CharField(
        label="Dasar hukum lain",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Satu baris untuk setiap peraturan.",
    )

    def __init__(
        self, data: QueryDict | None = None, *, row: models.Pact, laws: Sequence[LegalBasis]
    ) -> None:
        super().__init__(data, initial=_initial(row, laws))
        self._row = row
        choices = [(law.title, law.title) for law in laws]
        self.fields["bases"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> None:
        """A text that is far too long is not set: see there."""
        if not self.errors and (found := wording.excesses(self._text())):
            self.add_error(None, found)

    @property
    def words(self) -> dict[str, Any]:
        """What a valid form says, as `texts.save_text` takes it."""
        data = self.cleaned_data
        return {
            "title": data["title"],
            "opening": data["opening"],
            "points": data["points"],
            "closing": data["closing"],
            "legal_bases": [*data["bases"], *data["other_bases"].splitlines()],
        }

    def _text(self) -> wording.Text:
        kind, audience = self._row.kind, self._row.audience
        return wording.tidied(kind=kind, audience=audience, is_official=True, **self.words)

    def unsaved(self, saved: Pact) -> Pact:
        """The saved text with the words of this form instead of its own."""
        text = self._text()
        return replace(
            saved,
            title=text.title,
            opening=text.opening,
            points=tuple(filter(None, text.points)),
            closing=text.closing,
            legal_bases=text.legal_bases,
        )


def _initial(row: models.Pact, laws: Sequence[LegalBasis]) -> dict[str, Any]:
    offered = {law.title for law in laws}
    others = [title for title in row.legal_bases if title not in offered]
    return {
        "title": row.title,
        "opening": row.opening,
        "points": list(row.points.values_list("text", flat=True)),
        "closing": row.closing,
        "bases": [title for title in row.legal_bases if title in offered],
        "other_bases": "\n".join(others),
    }


def rearranged(data: QueryDict, change: str) -> QueryDict:
    """What was typed, with points added, removed or moved: "add", "remove:2", "up:2", "down:1".

    For browsers in which no script does it. Numbers count from 1.
    """
    data = data.copy()
    points = data.getlist("points")
    verb, _, number = change.partition(":")
    if verb == "add" and len(points) < MAX_POINTS:
        data.setlist("points", [*points, ""])
    elif number in map(str, range(1, len(points) + 1)):
        data.setlist("points", _moved(points, verb, int(number) - 1))
    return data


def _moved(points: list[str], verb: str, index: int) -> list[str]:
    point = points[index]
    others = points[:index] + points[index + 1 :]
    if verb == "remove":
        return others
    target = max(index - 1, 0) if verb == "up" else index + 1
    return [*others[:target], point, *others[target:]]


EARLIER_EVENT = "event"


class StartForm(forms.Form):
    """What the texts of an event begin with: a preset, or those of an earlier event."""

    start = forms.ChoiceField(
        label="Mulai dari", error_messages={"required": "Pilih salah satu susunan naskah."}
    )
    source = forms.TypedChoiceField(label="Acara", required=False)
    # Asked for where texts are already there, which are lost.
    replace = forms.BooleanField(
        label="Ya, ganti semua naskah yang sekarang",
        error_messages={"required": "Centang bahwa naskah yang sekarang boleh diganti."},
    )

    def __init__(self, *args: Any, earlier: Sequence[Event], has_texts: bool) -> None:
        super().__init__(*args)
        if not has_texts:
            del self.fields["replace"]
        starts = [(preset.key, preset.label) for preset in presets.every()]
        if earlier:
            starts.append((EARLIER_EVENT, "Salin dari acara sebelumnya"))
        self.fields["start"].choices = starts  # type: ignore[attr-defined]
        source = self.fields["source"]
        source.choices = [(event.code, event.title) for event in earlier]  # type: ignore[attr-defined]
        source.coerce = {event.code: event for event in earlier}.__getitem__  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("start") == EARLIER_EVENT and not cleaned.get("source"):
            self.add_error("source", "Pilih acara yang naskahnya disalin.")
        return cleaned

    @property
    def source_event(self) -> Event | None:
        """The chosen event; None when a preset was chosen."""
        chosen: Event | None = self.cleaned_data["source"] or None
        return chosen if self.cleaned_data["start"] == EARLIER_EVENT else None
