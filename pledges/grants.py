"""What the PostgreSQL role may do with which web and workers run: all but rewrite the audit log,
and what was signed.

The tables belong to the role with which `migrate` runs, and whoever owns a table can drop its
trigger. So Pakta itself runs with another one, which owns nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from pledges.models import AuditEntry, Document, Signature

_AUDIT = AuditEntry._meta.db_table
# What was signed, and the documents made of it, are never deleted, and of them only this is ever
# changed: by a void, and by a purge.
_KEPT = {
    Signature: (
        "mark", "device", "statement", "statement_digest", "voided_at", "voided_by", "void_reason",
    ),
    Document: ("file",),
}  # fmt: skip
# What is told of it by `migrate` alone.
_MIGRATIONS = "django_migrations"
_OWN_TABLES = """SELECT relname FROM pg_class
    WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
    AND pg_get_userbyid(relowner) = current_user ORDER BY 1"""
# As itself, or as any role that it can become (SET ROLE): also where it inherits no rights. Who
# owns a table gives itself what it lacks.
_MAY = """SELECT 1 FROM pg_roles, pg_class
    WHERE pg_has_role(%s, pg_roles.oid, 'MEMBER') AND pg_class.oid = %s::regclass
    AND (pg_roles.oid = relowner OR has_table_privilege(pg_roles.oid, pg_class.oid, %s))"""
_FORBIDDEN = ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER")


class CannotGrant(Exception):
    """The message is for whoever sets up the database."""


class NotPostgreSQL(CannotGrant):
    def __init__(self) -> None:
        super().__init__("Peran database hanya ada di PostgreSQL; periksa DATABASE_URL.")


class NoSuchRole(CannotGrant):
    def __init__(self, role: str) -> None:
        super().__init__(
            f"Peran {role} belum ada. Buat dahulu sebagai superuser: "
            f"CREATE ROLE {role} LOGIN PASSWORD '…'."
        )


class OwnsNothing(CannotGrant):
    def __init__(self) -> None:
        super().__init__(
            "Peran pada DATABASE_URL bukan pemilik tabel Pakta. Jalankan perintah ini dengan peran "
            "yang dipakai untuk migrate."
        )


class MayStillRewrite(CannotGrant):
    def __init__(self, role: str, rights: Iterable[str]) -> None:
        super().__init__(
            f"Peran {role} tetap boleh {', '.join(rights)} pada catatan audit: peran ini "
            "superuser, pemilik tabel, atau anggota peran lain yang boleh. Tidak ada yang diubah. "
            "Pakai peran tersendiri."
        )


@transaction.atomic
def grant_to(role: str) -> None:
    """Give a role what web and workers need, and take from it what is more than that; also of
    tables that later migrations make. Raises CannotGrant, and changes nothing then."""
    if connection.vendor != "postgresql":
        raise NotPostgreSQL
    with connection.cursor() as cursor:
        if not _answers(cursor, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
            raise NoSuchRole(role)
        tables = _answers(cursor, _OWN_TABLES)
        if _AUDIT not in tables:
            raise OwnsNothing
        for statement in _statements(role, tables):
            cursor.execute(statement)
        if rights := [right for right in _FORBIDDEN if _may(cursor, role, right)]:
            raise MayStillRewrite(role, rights)


def _statements(role: str, tables: Iterable[str]) -> list[str]:
    name, all_tables = _quoted(role), ", ".join(map(_quoted, tables))
    rows, later = "SELECT, INSERT, UPDATE, DELETE", "ALTER DEFAULT PRIVILEGES IN SCHEMA public"
    return [
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"REVOKE CREATE ON SCHEMA public FROM {name}",
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"REVOKE ALL ON {all_tables} FROM {name}",
        f"GRANT {rows} ON {all_tables} TO {name}",
        f"REVOKE UPDATE, DELETE ON {_AUDIT} FROM {name}",
        *_kept(name),
        f"REVOKE INSERT, UPDATE, DELETE ON {_MIGRATIONS} FROM {name}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
        f"{later} GRANT {rows} ON TABLES TO {name}",
        f"{later} GRANT USAGE, SELECT ON SEQUENCES TO {name}",
    ]


def _kept(role: str) -> Iterator[str]:
    for model, fields in _KEPT.items():
        found = [str(each.column) for each in model._meta.concrete_fields if each.name in fields]
        columns = ", ".join(map(_quoted, found))
        yield f"REVOKE UPDATE, DELETE ON {model._meta.db_table} FROM {role}"
        yield f"GRANT UPDATE ({columns}) ON {model._meta.db_table} TO {role}"


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _may(cursor: CursorWrapper, role: str, right: str) -> bool:
    return bool(_answers(cursor, _MAY, role, _AUDIT, right))


def _answers(cursor: CursorWrapper, query: str, *parameters: str) -> list[str]:
    """The first column."""
    cursor.execute(query, parameters)
    return [row[0] for row in cursor.fetchall()]
