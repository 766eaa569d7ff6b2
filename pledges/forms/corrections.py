"""What somebody asks to have mended, and what is answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from pledges import corrections, keys
from pledges.forms.people import PersonForm
from pledges.models import Agency, Signatory
from pledges.nip import NIK_LENGTH, InvalidNip, parse_nip
from pledges.roster.cells import LONGEST_NAME
from pledges.roster.fields import Field

_LONGEST = 500
_AMENDED = ("name", "kind", "grade", "position", "email", "phone")
_MOST_UNITS = 12
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}
# Sixteen digits, however they are grouped; a NIP has two more.
_NIK = re.compile(rf"(?<!\d)(?:\d[ .-]?){{{NIK_LENGTH - 1}}}\d(?![ .-]?\d)")


def without_nik(text: str) -> None:
    if _NIK.search(text):
        raise ValidationError("Jangan tulis NIK di sini. Hapus dahulu, lalu kirim lagi.")


class CorrectionForm(forms.Form):
    message = forms.CharField(
        label="Apa yang keliru, dan bagaimana seharusnya?",
        help_text="Misalnya: gelar saya S.Pd., M.Pd. Jangan tulis NIK.",
        max_length=_LONGEST,
        widget=forms.Textarea({"rows": 4}),
        validators=[without_nik],
        error_messages={"required": "Tulis apa yang perlu diperbaiki."},
    )


class MissingNameForm(forms.Form):
    """Somebody who is not on the roster. The unit is found by words of its name.

    Where more than one unit has the words, or none, the form comes back and asks which it is.
    """

    name = forms.CharField(
        label="Nama lengkap dan gelar",
        max_length=LONGEST_NAME,
        widget=forms.TextInput({"autocomplete": "name", "spellcheck": "false"}),
        validators=[without_nik],
        error_messages={"required": "Isi nama lengkap Anda."},
    )
    nip = forms.CharField(
        label="NIP",
        help_text="18 angka. Kosongkan bila Anda bukan ASN; jangan isi NIK.",
        required=False,
        max_length=40,
        widget=forms.TextInput(_PLAIN | {"inputmode": "numeric"}),
    )
    words = forms.CharField(
        label="Unit kerja",
        help_text="Ketik sebagian namanya, misalnya Puskesmas Melati.",
        max_length=200,
        widget=forms.TextInput(_PLAIN),
        error_messages={"required": "Isi nama unit kerja Anda."},
    )
    unit = forms.TypedChoiceField(
        label="Unit kerja yang mana?",
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Pilih unit kerja Anda."},
    )
    message = forms.CharField(
        label="Keterangan",
        help_text="Misalnya sejak kapan Anda bekerja di sana, dan nomor yang dapat dihubungi.",
        max_length=_LONGEST,
        widget=forms.Textarea({"rows": 3}),
        validators=[without_nik],
        error_messages={"required": "Isi keterangan, agar permintaan Anda dapat diperiksa."},
    )

    def __init__(self, *args: Any, top: Agency, names: Mapping[int, str], **kwargs: Any) -> None:
        """`names` are those of the units below `top`, the event's agency, and its own."""
        super().__init__(*args, **kwargs)
        self._found = corrections.units_like(names, self.data.get("words", ""))
        listed = [(pk, names[pk]) for pk in self._found[:_MOST_UNITS]]
        elsewhere = (top.pk, f"Tidak ada di sini: kirim ke {top.name}")
        self.fields["unit"].choices = [*listed, elsewhere]  # type: ignore[attr-defined]

    def clean_nip(self) -> str:
        text = self.cleaned_data["nip"]
        without_nik(text)
        try:
            return parse_nip(text).digits if text else ""
        except InvalidNip as error:
            raise ValidationError(str(error)) from error

    def clean(self) -> None:
        if self.errors.keys() & {"words", "unit"} or self.cleaned_data.get("unit"):
            return
        if len(self._found) == 1:
            self.cleaned_data["unit"] = self._found[0]
        elif self._found:
            self.add_error("unit", self._which())
        else:
            self.add_error(
                "words", "Tidak ada unit dengan nama itu. Periksa ejaannya, atau ketik satu kata."
            )

    def _which(self) -> str:
        if len(self._found) > _MOST_UNITS:
            return (
                f"{len(self._found)} unit cocok, dan ini {_MOST_UNITS} yang pertama. Pilih, atau "
                "ketik nama unit Anda lebih lengkap."
            )
        return f"{len(self._found)} unit cocok. Pilih unit kerja Anda."

    @property
    def report(self) -> dict[str, Any]:
        """What `corrections.report_missing` takes."""
        said = {name: self.cleaned_data[name] for name in ("name", "nip", "message")}
        return said | {"unit_id": self.cleaned_data["unit"]}

    @property
    def asks_which_unit(self) -> bool:
        return bool(self.errors.keys() & {"words", "unit"} and self.data.get("words"))


class AnswerForm(forms.Form):
    """To whoever asked; they read it when they open their link again."""

    answer = forms.CharField(
        label="Jawaban untuk yang meminta",
        help_text="Dibaca orang itu saat membuka tautannya lagi.",
        max_length=_LONGEST,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )


class AddForm(PersonForm, AnswerForm):
    """Somebody who asked to be added."""


class AmendForm(PersonForm, AnswerForm):
    """Somebody who is on the roster already, and perhaps asked; the number stays as it is."""

    def __init__(self, *args: Any, person: Signatory, answers: bool, **kwargs: Any) -> None:
        initial = {name: getattr(person, name) for name in _AMENDED} | {"unit": person.unit_id}
        super().__init__(*args, initial=initial, **kwargs)
        self._number = person.nip or keys.decrypt_nik(person.nik_cipher or "")
        del self.fields["nip_or_nik"]
        if not answers:
            del self.fields["answer"]

    def _cells(self, cleaned: dict[str, Any]) -> dict[Field, str]:
        return super()._cells(cleaned | {"nip_or_nik": self._number})

    @property
    def chosen_unit(self) -> Agency:
        return self._units[self.cleaned_data["unit"]]

    @property
    def given_answer(self) -> str:
        return str(self.cleaned_data.get("answer", ""))


class DeclineForm(AnswerForm):
    """Who asked in vain hears why, if they have a link to open again."""

    def __init__(self, *args: Any, is_read: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answer = self.fields["answer"]
        answer.label, answer.required = "Alasan", True
        answer.error_messages["required"] = "Isi alasannya."
        if not is_read:
            answer.help_text = "Tercatat di sini."
