"""What somebody says who did not sign."""

from __future__ import annotations

from django import forms

from pledges.models import Dispute


class DisputeForm(forms.ModelForm[Dispute]):
    class Meta:
        model = Dispute
        fields = ("message",)
        labels = {"message": "Keterangan (tidak wajib)"}
        help_texts = {"message": "Misalnya di mana Anda saat itu, atau siapa yang memegang slip."}
        widgets = {"message": forms.Textarea({"rows": 3})}
