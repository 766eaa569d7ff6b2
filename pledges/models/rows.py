"""Rows by their keys, read and written for a fraction of what the ORM's own way takes.

Django compiles a query anew each time that it is asked, and asks one thing at a time. Both was
most of the work of a signature, which reads the same four rows and writes the same three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import AutoField, Field, Model

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Reading:
    """One row, and rows that it points to. `fields` are of the row, or of another by the way that
    leads to it, as "event__agency__name"; what is not named is fetched if it is asked for.
    `tests` are conditions in SQL on the primary key, `%s`, whose answers are wanted too."""

    model: Any
    fields: tuple[str, ...]
    tests: tuple[str, ...] = ()

    def columns(self) -> list[tuple[str, Field[Any, Any]]]:
        """Each with the way to it, in the order in which a model takes them."""
        asked: dict[str, set[str]] = {}
        for name in self.fields:
            way, _, field = name.rpartition("__")
            asked.setdefault(way, {"id"}).add(field)
        return [
            (way, field)
            for way, names in asked.items()
            for field in self._model(way)._meta.concrete_fields
            if field.name in names
        ]

    def _model(self, way: str) -> Any:
        model: Any = self.model
        for step in filter(None, way.split("__")):
            model = model._meta.get_field(step).related_model
        return model

    def sql(self) -> str:
        quote = connection.ops.quote_name
        ways = list(dict.fromkeys(way for way, _ in self.columns()))
        columns = [
            f"{quote(way or 'it')}.{quote(str(field.column))}" for way, field in self.columns()
        ]
        asked = ", ".join([*columns, *(f"({test})" for test in self.tests)])
        joins = ""
        for way in filter(None, ways):
            above, _, step = way.rpartition("__")
            key = self._model(above)._meta.get_field(step).column
            table = quote(self._model(way)._meta.db_table)
            joins += f" JOIN {table} {quote(way)} ON {quote(way)}.id = {quote(above or 'it')}.{key}"
        table = quote(self.model._meta.db_table)
        return f"SELECT {asked} FROM {table} it{joins} WHERE it.id = %s"  # noqa: S608 (names of our own)


def read(reading: Reading, key: int, *, first: str = "") -> tuple[Any, list[bool]]:
    """The row, and the answers. Raises DoesNotExist.

    `first` are statements that go before, with the key for each `%s`: on PostgreSQL all are one
    round trip, and each sees what the one before it has waited for.
    """
    ways, converters, sql = _compiled(reading)
    sql = f"{first}; {sql}" if first else sql
    with connection.cursor() as cursor:
        cursor.execute(sql, [key] * sql.count("%s"))
        row = cursor.fetchone()
    if row is None:
        raise reading.model.DoesNotExist
    values = list(row)
    for at, convert, column in converters:
        values[at] = convert(values[at], column, connection)
    end = sum(len(names) for _, _, names in ways)
    return _built(ways, values), [bool(value) for value in values[end:]]


def _built(ways: list[tuple[str, type[Model], list[str]]], values: list[Any]) -> Model:
    rows: dict[str, Model] = {}
    start = 0
    for way, model, names in ways:
        found = model.from_db(connection.alias, names, values[start : start + len(names)])
        start += len(names)
        rows[way] = found
        if way:
            above, _, step = way.rpartition("__")
            setattr(rows[above], step, found)
    return rows[""]


@cache
def _compiled(reading: Reading) -> tuple[Any, Any, str]:
    columns = reading.columns()
    ways: dict[str, tuple[type[Model], list[str]]] = {}
    converters = []
    for at, (way, field) in enumerate(columns):
        ways.setdefault(way, (field.model, []))[1].append(field.attname)
        column = field.get_col(field.model._meta.db_table)
        needed = [*connection.ops.get_db_converters(column), *field.get_db_converters(connection)]
        converters += [(at, convert, column) for convert in needed]
    return [(way, *rest) for way, rest in ways.items()], converters, reading.sql()


def write(row: M) -> M:
    """A new row, with its primary key from now on."""
    sql, values = _statement(row)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING id", values)
        [row.pk] = cursor.fetchone()
    row._state.adding, row._state.db = False, connection.alias
    return row


def append(*rows: Model) -> None:
    """New rows that nothing is going to point to, so that none is told its primary key. On
    PostgreSQL all are one round trip."""
    statements = [_statement(row) for row in rows]
    if statements and connection.vendor == "postgresql":
        joined = "; ".join(sql for sql, _ in statements)
        statements = [(joined, [value for _, values in statements for value in values])]
    with connection.cursor() as cursor:
        for sql, values in statements:
            cursor.execute(sql, values)


def _statement(row: Model) -> tuple[str, list[Any]]:
    fields, sql = _insert(type(row))
    here = connections[DEFAULT_DB_ALIAS]
    return sql, [field.get_db_prep_save(field.pre_save(row, True), here) for field in fields]


@cache
def _insert(model: type[Model]) -> tuple[list[Field[Any, Any]], str]:
    quote = connection.ops.quote_name
    fields = [f for f in model._meta.concrete_fields if not isinstance(f, AutoField)]
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = quote(model._meta.db_table)
    return fields, f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608 (names of our own)


def columns(
    model: type[Model], fields: tuple[str, ...], *, by: str, keys: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Some fields of as many rows as there are, in the order of `by`."""
    with connection.cursor() as cursor:
        cursor.execute(_columns(model, fields, by, len(keys)), keys)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


@cache
def _columns(model: type[Model], fields: tuple[str, ...], by: str, keys: int) -> str:
    quote = connection.ops.quote_name
    asked, places = ", ".join(map(quote, fields)), ", ".join(["%s"] * keys)
    return (
        f"SELECT {asked} FROM {quote(model._meta.db_table)} "  # noqa: S608 (names of our own)
        f"WHERE {quote(by)} IN ({places}) ORDER BY {quote(by)}"
    )
