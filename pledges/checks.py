"""What is wrong with an installation: `manage.py check --database default`, before it starts."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from pledges import niks
from pledges.keys import WrongNikKey
from pledges.models import Signatory


@register(Tags.database)
def nik_key(*, databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Asked by `migrate` too, before there are any tables."""
    if not databases or Signatory._meta.db_table not in connection.introspection.table_names():
        return []
    try:
        niks.require_key()
    except WrongNikKey:
        return [
            Error(
                "NIK_KEY bukan kunci yang dipakai untuk menyimpan NIK di database ini. Tidak ada "
                "yang hilang, tetapi NIK tidak dapat dibaca atau dicari.",
                hint="Kembalikan kunci yang lama ke NIK_KEY. Bila kuncinya memang diganti: "
                "OLD_NIK_KEY=kunci-lama manage.py rotate_nik_key, lalu mulai lagi.",
                id="pledges.E001",
            )
        ]
    return []
