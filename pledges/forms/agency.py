"""What stands in an agency's letterhead."""

from __future__ import annotations

from typing import Any

from django import forms

from pledges.forms.events import printable
from pledges.models import Agency, Timezone


class AgencyForm(forms.Form):
    name = forms.CharField(
        label="Nama instansi",
        max_length=200,
        validators=[printable],
        help_text="Dicetak dengan huruf kapital pada kop surat.",
    )
    address = forms.CharField(
        label="Alamat",
        max_length=300,
        required=False,
        validators=[printable],
        help_text="Satu baris di bawah nama: jalan, kode pos, telepon, situs.",
    )
    city = forms.CharField(
        label="Kota",
        max_length=100,
        validators=[printable],
        help_text="Dicetak di depan tanggal, misalnya “Bandung, 29 Juli 2024”.",
    )
    timezone = forms.ChoiceField(label="Zona waktu", choices=Timezone.choices)
    logo = forms.FileField(
        label="Lambang",
        required=False,
        help_text="PNG, JPEG, atau WebP, paling besar 2 MB. Latar putih atau bening paling baik.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    removes_logo = forms.BooleanField(label="Hapus lambang yang sekarang", required=False)

    def __init__(self, data: Any = None, files: Any = None, *, agency: Agency) -> None:
        names = ("name", "address", "city", "timezone")
        super().__init__(data, files, initial={name: getattr(agency, name) for name in names})
        if not agency.logo:
            del self.fields["removes_logo"]

    @property
    def letterhead(self) -> dict[str, Any]:
        """What a valid form says, as `letterheads.save` takes it."""
        said = dict(self.cleaned_data)
        removes_logo = said.pop("removes_logo", False)
        return {**said, "keeps_logo": not removes_logo}
