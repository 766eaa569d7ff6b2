"""What is wrong with an installation: `manage.py check --database default`, before it starts.

In production web and sealing worker do not start with what is for trying:
`manage.py check --deploy --tag production --database default`.
"""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import connection, models

from pledges import niks
from pledges.demo import logins
from pledges.keys import WrongNikKey
from pledges.models import Signatory

PRODUCTION = "production"

_KEYS = ("SECRET_KEY", "CODES_KEY", "NIK_KEY")
# In characters; `openssl rand -hex 16` makes as many.
_SHORTEST_KEY = 32


def _is_there(model: type[models.Model]) -> bool:
    return model._meta.db_table in connection.introspection.table_names()


@register(Tags.database)
def nik_key(*, databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Asked by `migrate` too, before there are any tables."""
    if not databases or not _is_there(Signatory):
        return []
    try:
        niks.require_key()
        if _is_there(Authenticator):
            niks.require_key_of_factors()
    except WrongNikKey:
        return [
            Error(
                "NIK_KEY bukan kunci yang dipakai untuk menyimpan NIK di database ini. Tidak ada "
                "yang hilang, tetapi NIK tidak dapat dibaca atau dicari, dan tidak ada yang dapat "
                "masuk dengan verifikasi dua langkah.",
                hint="Kembalikan kunci yang lama ke NIK_KEY. Bila kuncinya memang diganti: "
                "OLD_NIK_KEY=kunci-lama manage.py rotate_nik_key, lalu mulai lagi.",
                id="pledges.E001",
            )
        ]
    return []


@register(Tags.security, PRODUCTION, deploy=True)
def keys_of_its_own(**_: Any) -> list[CheckMessage]:
    """No installation gets its keys from us: one that is short or used twice was made up to try."""
    given = [getattr(settings, name) for name in _KEYS]
    poor = [
        name
        for name, key in zip(_KEYS, given, strict=True)
        if len(key) < _SHORTEST_KEY or given.count(key) > 1
    ]
    if not settings.IS_PRODUCTION or not poor:
        return []
    return [
        Error(
            f"Kunci percobaan tidak dipakai untuk acara sungguhan: {', '.join(poor)} harus "
            f"berbeda satu sama lain dan sedikitnya {_SHORTEST_KEY} karakter.",
            hint="Buat masing-masing dengan: openssl rand -hex 32. NIK_KEY yang sudah dipakai "
            "diganti dengan perintah rotate_nik_key; CODES_KEY yang diganti membuat tautan, kode "
            "dan slip yang sudah dibagikan tidak berlaku.",
            id="pledges.E002",
        )
    ]


@register(Tags.security, PRODUCTION, deploy=True)
def no_demo_users(*, databases: Any = None, **_: Any) -> list[CheckMessage]:
    if not settings.IS_PRODUCTION or not databases or not _is_there(User):
        return []
    if not logins.that_work().exists():
        return []
    return [
        Error(
            "Di database ini ada akun contoh yang masih aktif. Kata sandinya diketahui umum.",
            hint="Mulailah dengan database baru (DATABASE_URL) tanpa perintah load_demo.",
            id="pledges.E003",
        )
    ]


@register(Tags.security, PRODUCTION, deploy=True)
def no_development_certificate(**_: Any) -> list[CheckMessage]:
    """Where there is no key that can be opened, nothing is sealed with it. Of a token only the
    worker asks this, when it opens it."""
    if not settings.IS_PRODUCTION or settings.SEAL_PKCS11_MODULE:
        return []
    # Web processes load this module, and must not load what opens the key.
    from pledges.documents import seal

    try:
        certificate = seal.load().certificate
    except (seal.NoSealingKey, seal.OutsideValidity):
        return []
    if not certificate.is_development:
        return []
    return [
        Error(
            f"{settings.SEAL_PKCS12} adalah segel percobaan; dokumen acara sungguhan tidak "
            "disegel dengannya.",
            hint="Buat segel instansi dengan perintah create_seal_certificate --agency "
            '"Nama instansi" --out BERKAS.p12, lalu isi SEAL_PKCS12=BERKAS.p12.',
            id="pledges.E004",
        )
    ]


@register(Tags.security, PRODUCTION, deploy=True)
def no_debugging(**_: Any) -> list[CheckMessage]:
    if not settings.IS_PRODUCTION or not settings.DEBUG:
        return []
    return [
        Error(
            "DEBUG=yes menampilkan isi server, termasuk data orang, pada setiap halaman galat.",
            hint="Hapus DEBUG dari pengaturan, atau mulai dengan DEBUG=no.",
            id="pledges.E005",
        )
    ]


@register(Tags.security, PRODUCTION, deploy=True)
def a_sender_that_can_be_answered(**_: Any) -> list[CheckMessage]:
    """People sign without any e-mail, so this stops nothing."""
    if not settings.IS_PRODUCTION or _has_address(settings.DEFAULT_FROM_EMAIL):
        return []
    return [
        CheckWarning(
            f"“{settings.DEFAULT_FROM_EMAIL}” bukan pengirim surel: server surel akan menolak "
            "undangan, kode dan pengingat.",
            hint='Isi DEFAULT_FROM_EMAIL, misalnya "Pakta <pakta@kota-contoh.go.id>".',
            id="pledges.W001",
        )
    ]


def _has_address(sender: str) -> bool:
    _, address = parseaddr(sender)
    try:
        EmailValidator(allowlist=[])(address)
    except ValidationError:
        return False
    return True
