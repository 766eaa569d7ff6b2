"""What anybody types or sends to check a document."""

from __future__ import annotations

from typing import Any

from django import forms

from pledges.nip import NIK_LENGTH, NIP_LENGTH


class FileForm(forms.Form):
    file = forms.FileField(
        error_messages={
            "required": "Pilih dahulu berkas PDF yang akan diperiksa.",
            "empty": "Berkas ini kosong. Unduh lagi berkasnya, lalu coba lagi.",
        },
    )


class IdentifierForm(forms.Form):
    """The number that stands on a paper. A slip of the finger does not cost a try."""

    identifier = forms.CharField(
        max_length=40,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "class": "mono"}
        ),
    )

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._length = NIP_LENGTH if label == "NIP" else NIK_LENGTH
        field = self.fields["identifier"]
        field.label = label
        field.error_messages["required"] = f"Ketik {label} yang akan dicocokkan."

    def clean_identifier(self) -> str:
        digits = "".join(c for c in self.cleaned_data["identifier"] if c not in " .-'\u00a0")
        if not (digits.isascii() and digits.isdigit()) or len(digits) != self._length:
            label = self.fields["identifier"].label
            raise forms.ValidationError(
                f"{label} terdiri atas {self._length} angka. Periksa lagi; "
                "percobaan ini tidak dihitung."
            )
        return digits
