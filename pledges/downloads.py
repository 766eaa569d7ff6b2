"""Sealed documents to take away: one, or many in folders by work unit, with a manifest.

Each sealed file stays as it is, since merging them would break their seals. What the
manifest says of one comes from the statement it was made of, as everything in it does.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from pledges import audit, declaration, events, filenames, tables
from pledges.audit import Actor
from pledges.documents.pact_form import Act
from pledges.models import Agency, Declaration, Document, Event, Signatory, Signature
from pledges.models.signatory import SignatoryQuerySet, SignatureQuerySet
from pledges.progress import rolled_up, status_of, unit_names
from pledges.tables import Column

_CHUNK = 64 * 1024

_COLUMNS = (
    Column("Berkas", 70),
    Column("Nama", 36),
    Column("NIP/NIK", 22),
    Column("Unit kerja", 50),
    Column("Ditandatangani pada", 26),
    Column("SHA-256", 68),
)
_LIST_COLUMNS = (
    Column("No.", 8),
    Column("Nama", 36),
    Column("NIP/NIK", 22),
    Column("Jabatan", 32),
    Column("Unit kerja", 50),
    Column("Status", 24),
    Column("Ditandatangani pada", 26),
)


class NothingSealed(Exception):
    """There is no sealed document to take away; the message is for the organiser."""

    def __init__(self, waiting: int) -> None:
        if waiting:
            reason = f"{waiting} tanda tangan masih menunggu disegel. Coba lagi beberapa saat lagi."
        else:
            reason = "Belum ada yang menandatangani di bagian ini."
        super().__init__(f"Belum ada dokumen yang dapat diunduh. {reason}")
        self.waiting = waiting


class DeclarationUnsealed(Exception):
    def __init__(self) -> None:
        super().__init__("Deklarasi ini belum disegel. Coba lagi beberapa saat lagi.")


@dataclass(frozen=True, slots=True)
class Entry:
    """One document of a bundle. `path` is its place in it, `stored` its name in the storage."""

    path: str
    stored: str
    size: int
    crc32: int
    name: str
    identifier: str
    unit: str
    signed_at: str
    sha256: str

    @property
    def manifest_row(self) -> tuple[str, ...]:
        return self.path, self.name, self.identifier, self.unit, self.signed_at, self.sha256

    @property
    def file_name(self) -> str:
        return self.path.rpartition("/")[2]

    def chunks(self) -> Iterator[bytes]:
        with default_storage.open(self.stored) as file:
            yield from file.chunks(_CHUNK)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The documents of some people and where each goes; read from the storage only when taken."""

    entries: tuple[Entry, ...]
    waiting: int

    def manifests(self) -> dict[str, bytes]:
        rows = [entry.manifest_row for entry in self.entries]
        return {
            "manifest.xlsx": tables.as_xlsx("Manifes", _COLUMNS, rows),
            "manifest.csv": tables.as_csv(_COLUMNS, rows),
        }

    def write_to(self, directory: Path) -> None:
        for name, content in self.manifests().items():
            (directory / name).write_bytes(content)
        for entry in self.entries:
            target = directory / entry.path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                file.writelines(entry.chunks())


@dataclass(frozen=True, slots=True)
class UnitFiles:
    """What is sealed, and what still waits for it, in a unit and all below it."""

    unit: Agency
    depth: int
    sealed: int
    waiting: int
    size: int


def by_unit(people: SignatoryQuerySet, *, top: Agency) -> list[UnitFiles]:
    """The units of the tree below `top` in which somebody has signed, in its order."""
    rows = (
        signatures(people.in_unit(top))
        .order_by()
        .values(path=F("signatory__unit__path"))
        .annotate(
            sealed=Count("pk", filter=Q(document__isnull=False)),
            waiting=Count("pk", filter=Q(document__isnull=True)),
            size=Coalesce(Sum("document__size"), 0),
        )
    )
    sums = rolled_up(rows, by="path", top=top)
    units = Agency.objects.filter(path__in=sums).order_by("path")
    return [UnitFiles(unit, unit.depth - top.depth, **sums[unit.path]) for unit in units]


def export(event: Event, *, by: Actor) -> Bundle:
    """Everything of an event, to be taken away; the log says by whom."""
    found = bundle(signatures(event.signatories.all()), event=event, with_declaration=True)
    audit.record(
        by=by, action="export.documents", target=event, event=event, documents=len(found.entries)
    )
    return found


def export_one(person: Signatory, *, by: Actor) -> Entry:
    """One person's document, by a name that tells whose it is."""
    only = signatures(Signatory.objects.filter(pk=person.pk))
    [entry] = bundle(only, event=person.event).entries
    audit.record(by=by, action="export.document", target=person, event=person.event)
    return entry


def export_declaration(row: Declaration, *, by: Actor) -> Entry:
    """The joint declaration's document, void or not."""
    events.require_kept(row.event)
    document: Document | None = getattr(row, "document", None)
    if document is None:
        raise DeclarationUnsealed
    audit.record(by=by, action="export.declaration", target=row, event=row.event)
    return _declaration_entry(document)


def _declaration_entry(document: Document) -> Entry:
    """At the top of a bundle, before the folders of the units."""
    row, event = document.declaration, document.event
    assert row is not None  # noqa: S101 (a constraint of the table)
    return Entry(
        path=f"Deklarasi-Bersama_{event.code}.pdf",
        stored=document.file,
        size=document.size,
        crc32=document.crc32,
        name="Deklarasi bersama",
        identifier="",
        unit=event.agency.name,
        signed_at=_moment(row.completed_at, event),
        sha256=document.sha256,
    )


def export_signature(signature: Signature, *, by: Actor) -> Entry:
    """The document of one signature, void or not."""
    event, document = signature.signatory.event, getattr(signature, "document", None)
    events.require_kept(event)
    if document is None:
        raise NothingSealed(waiting=1)
    audit.record(by=by, action="export.document", target=signature, event=event)
    return _entry(document, signature.statement, _Places(), event)


def export_list(
    people: SignatoryQuerySet, *, event: Event, in_care: SignatoryQuerySet, by: Actor
) -> bytes:
    """The people of a list (see `progress.search`) as XLSX; the numbers of those who are not
    in the care of the one who asks are masked."""
    units, cared_for = unit_names(event.agency), set(in_care.values_list("pk", flat=True))
    rows = [_list_row(p, units[p.unit_id], event, p.pk in cared_for) for p in people]
    audit.record(by=by, action="export.list", target=event, event=event, people=len(rows))
    return tables.as_xlsx("Daftar", _LIST_COLUMNS, rows)


def _list_row(person: Any, unit: str, event: Event, is_cared_for: bool) -> tuple[str | int, ...]:
    return (
        person.number,
        person.name,
        person.identifier if is_cared_for else person.masked_identifier,
        person.position,
        unit,
        status_of(person).label,
        _moment(person.signed_at, event) if person.signed_at else "",
    )


def _moment(time: datetime.datetime, event: Event) -> str:
    return f"{time.astimezone(event.zone):%Y-%m-%d %H:%M:%S %Z}"


def signatures(people: SignatoryQuerySet) -> SignatureQuerySet:
    """Those under their own pacts that stand."""
    return Signature.objects.live().of_pacts().filter(signatory__in=people)


def bundle(chosen: SignatureQuerySet, *, event: Event, with_declaration: bool = False) -> Bundle:
    """The documents of some signatures of an event, in the order of the tree and the roster, so
    that the same people get the same names. None that was deleted after its retention.

    Raises NothingSealed; and Purged once everybody's time is over.
    """
    events.require_kept(event)
    documents = (
        Document.objects.filter(signature__in=chosen)
        .exclude(file="")
        .order_by("signature__signatory__unit__path", "signature__signatory__number")
        .annotate(statement=F("signature__statement"))
        .only("file", "size", "crc32", "sha256")
    )
    places = _Places()
    entries = tuple(
        _entry(document, document.statement, places, event) for document in documents.iterator()
    )
    declared = getattr(declaration.current(event), "document", None) if with_declaration else None
    if declared and declared.file:
        entries = (_declaration_entry(declared), *entries)
    waiting = chosen.unsealed().count()
    if not entries:
        raise NothingSealed(waiting)
    return Bundle(entries, waiting)


def _entry(document: Document, statement: str, places: _Places, event: Event) -> Entry:
    act = Act.of(statement)
    return Entry(
        path=places.of(act),
        stored=document.file,
        size=document.size,
        crc32=document.crc32,
        name=act.name,
        identifier=act.identifier,
        unit=" › ".join(act.unit),
        signed_at=_moment(act.signed_at, event),
        sha256=document.sha256,
    )


class _Places:
    """Where each document goes: `Dinas Kesehatan/Puskesmas X/198001012005012001_Siti.pdf`."""

    def __init__(self) -> None:
        self._paths: dict[tuple[str, ...], str] = {(): ""}
        self._folders: defaultdict[str, filenames.Folder] = defaultdict(filenames.Folder)
        # The manifests' own names are taken.
        for extension in (".xlsx", ".csv"):
            self._folders[""].claim("manifest", extension)

    def of(self, act: Act) -> str:
        folder = self._folder(act.unit)
        return folder + self._folders[folder].claim(_file_name(act), ".pdf")

    def _folder(self, unit: tuple[str, ...]) -> str:
        if unit not in self._paths:
            above = self._folder(unit[:-1])
            name = self._folders[above].claim(filenames.safe(unit[-1]))
            self._paths[unit] = f"{above}{name}/"
        return self._paths[unit]


def _file_name(act: Act) -> str:
    """A masked NIK tells nobody apart, so people without a NIP are known by their number."""
    known_by = act.identifier if act.identifier_label == "NIP" else f"Non-ASN-{act.number:05}"
    return f"{known_by}_{filenames.safe(act.name)}"
