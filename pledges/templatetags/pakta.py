"""Times as Indonesian letters write them, in a zone and with its name; and digests."""

from __future__ import annotations

import datetime
import json
import re
from zoneinfo import ZoneInfo

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import formats

from pledges import identity, sessions
from pledges.models import Excuse, Kind, Part
from pledges.nip import mask_nik
from pledges.pact import IDENTITY

register = template.Library()

# Method → in words, and before who or what vouches.
_WAYS = {
    identity.PERSONAL_LINK: ("tautan pribadi", "dibagikan oleh"),
    identity.PERSONAL_CODE: ("nomor induk dan kode pribadi", "dibagikan oleh"),
    identity.EMAIL_CODE: ("kode sekali pakai lewat surel", "dikirim ke"),
    identity.LOGIN: ("login instansi", "melalui"),
    identity.DESK: ("meja petugas", "identitas diperiksa oleh"),
    identity.PAPER: ("tanda tangan basah di kertas", "dicatat oleh"),
}


register.filter("browser", sessions.browser)


@register.filter
def as_json(value: object) -> str:
    """For a data attribute, from which a script reads it."""
    return json.dumps(value, cls=DjangoJSONEncoder)


@register.filter
def moment(value: datetime.datetime | None, zone: ZoneInfo) -> str:
    """29 Juli 2024 pukul 23.59 WIB"""
    if value is None:
        return ""
    local = value.astimezone(zone)
    day = formats.date_format(local, "j F Y")
    return f"{day} pukul {local:%H.%M} {local.tzname()}"


@register.filter
def opening(words: str) -> str:
    """An opening to be read, with what will stand in the place of the identity."""
    return words.replace(IDENTITY, "[nama, NIP, jabatan, dan unit kerja penanda tangan]")


@register.filter
def day_in(value: datetime.datetime | None, zone: ZoneInfo) -> str:
    """29 Juli 2024"""
    return formats.date_format(value.astimezone(zone), "j F Y") if value else ""


@register.filter
def fingerprint(digest: str) -> str:
    """9A:1F:03:… as other programs show a certificate's fingerprint."""
    return re.sub(r"(?<=\w)(?=(?:\w\w)+$)", ":", digest.upper())


@register.filter
def masked_nik(nik: str) -> str:
    return mask_nik(nik)


@register.filter
def kind_label(kind: str) -> str:
    return Kind(kind).label


@register.filter
def part_label(part: str | None) -> str:
    return Part(part).label if part else ""


@register.filter
def excuse_label(code: str) -> str:
    return Excuse.Code(code).label


@register.filter
def way(method: str, detail: str = "") -> str:
    """How somebody proved who they are: "tautan pribadi, dibagikan oleh Rina Contoh"."""
    words, before = _WAYS[method]
    return f"{words}, {before} {detail}" if detail else words
