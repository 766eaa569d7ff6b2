"""Several photographs at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.base import File


class _SeveralInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class _SeveralFiles(forms.FileField):
    widget = _SeveralInput

    def clean(self, data: Any, initial: Any = None) -> list[File[bytes]]:
        return [super(_SeveralFiles, self).clean(file, initial) for file in data or [None]]


class ScansForm(forms.Form):
    photos = _SeveralFiles(
        label="Foto atau PDF lembar yang sudah ditandatangani",
        # What is empty is told by name, beside the others.
        allow_empty_file=True,
        error_messages={"required": "Pilih dahulu fotonya."},
    )
