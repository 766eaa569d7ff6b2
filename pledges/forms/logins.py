"""Registering an agency's own login, for the superuser."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from pledges import logins, outgoing
from pledges.logins import Registration
from pledges.models import LoginProvider


class ProviderForm(forms.ModelForm[LoginProvider]):
    short_name = forms.SlugField(
        label="nama pendek",
        help_text=(
            "Misalnya pemkot. Daftarkan pada penyedia, sebagai alamat kembali (redirect URI): "
            f"{settings.BASE_URL}/login/nama-pendek"
        ),
    )
    name = forms.CharField(
        label="nama",
        max_length=40,
        help_text="Tertulis pada tombol dan pada dokumen, misalnya SSO Kota Contoh.",
    )
    server_url = forms.URLField(
        label="alamat penyedia (issuer)",
        assume_scheme="https",
        help_text="Persis seperti “issuer” dalam …/.well-known/openid-configuration.",
    )
    client_id = forms.CharField(label="client ID", max_length=191)
    secret = forms.CharField(
        label="client secret",
        max_length=191,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Tidak pernah ditampilkan lagi. Kosongkan untuk tidak mengubahnya.",
    )

    class Meta:
        model = LoginProvider
        fields = ["agency", "nip_claim"]
        labels = {"agency": "instansi"}
        help_texts = {"nip_claim": "Nama klaim dalam ID token atau userinfo."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            app = self.instance.app
            self.initial.update(
                short_name=app.provider_id,
                name=app.name,
                server_url=app.settings["server_url"],
                client_id=app.client_id,
            )

    def clean_short_name(self) -> str:
        name: str = self.cleaned_data["short_name"]
        if logins.is_taken(name, other_than=self.instance):
            raise forms.ValidationError("Nama pendek ini sudah dipakai penyedia lain.")
        return name

    def clean_server_url(self) -> str:
        url: str = self.cleaned_data["server_url"]
        if not outgoing.is_allowed(url):
            raise forms.ValidationError("Alamat penyedia harus memakai https.")
        return url

    @property
    def registration(self) -> Registration:
        names = ("short_name", "name", "server_url", "client_id", "secret")
        return Registration(**{name: self.cleaned_data[name] for name in names})
