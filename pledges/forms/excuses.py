"""Why somebody need not sign this time."""

from __future__ import annotations

from django import forms

from pledges.forms.corrections import without_nik
from pledges.models import Excuse


class ExcuseForm(forms.Form):
    code = forms.ChoiceField(
        label="Alasan",
        choices=Excuse.Code.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Pilih alasannya."},
    )
    note = forms.CharField(
        label="Keterangan",
        help_text="Boleh kosong. Misalnya sampai kapan, atau nomor surat cutinya. Jangan tulis "
        "NIK atau rincian penyakit. Yang melihatnya petugas, "
        "admin, dan orangnya sendiri bila meminta datanya.",
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        validators=[without_nik],
    )

    @property
    def chosen_code(self) -> Excuse.Code:
        return Excuse.Code(self.cleaned_data["code"])
