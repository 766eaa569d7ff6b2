"""XLSX → sheets of text cells: the ZIP file and how its parts hang together.

Read with expat instead of openpyxl: openpyxl's fast mode drops merged cells and formulas
without a value, its other mode builds an object per cell, and both give up on the broken
style sheets that personnel systems export. Here nothing but names, texts and merges is read,
and a hostile file stays within bounds: the directory is checked before anything is unpacked,
`zipfile` unpacks no more than the directory declares, elements are counted, and a DOCTYPE,
without which there are no entities, is refused.
"""

from __future__ import annotations

import io
import posixpath
import struct
import zlib
from dataclasses import dataclass
from typing import IO, NoReturn, TypeVar
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from pledges.roster.sheets import (
    SAVE_AS_XLSX,
    TOO_LARGE_INSIDE,
    Room,
    RosterFileError,
    Sheet,
    SheetDraft,
    Workbook,
    refuse_many_sheets,
)
from pledges.roster.xlsx_parts import Cells, Part, Relations, SharedTexts, SheetNames

MAX_UNPACKED = 200 * 2**20
MAX_PARTS = 5_000
_PIECE, _LONGEST_TAG = 2**18, 2**20  # bytes

# Whatever may come of offsets, names and numbers that lie.
_BROKEN = (
    BadZipFile,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    expat.ExpatError,
    struct.error,
    zlib.error,
)


def read_xlsx(data: bytes) -> Workbook:
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            return _Package(archive).workbook()
    except _BROKEN as error:
        raise RosterFileError(
            f"Berkas Excel ini rusak atau tidak lengkap. {SAVE_AS_XLSX}"
        ) from error


PartT = TypeVar("PartT", bound=Part)


@dataclass(frozen=True, slots=True)
class _Link:
    id: str
    kind: str
    path: str


class _Package:
    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._room = Room()
        self._check_directory()
        self._parts = {name.replace("\\", "/").lower(): name for name in archive.namelist()}

    def workbook(self) -> Workbook:
        path = self._workbook_path()
        links = {link.id: link for link in self._links(path)}
        texts = self._texts(links)
        names = self._parse(path, SheetNames()).found
        refuse_many_sheets(len(names))
        return Workbook(
            sheets=tuple(
                self._sheet(name, links[link_id].path, texts)
                for name, link_id, visible in names
                if visible and links[link_id].kind == "worksheet"
            ),
            hidden=tuple(name for name, _, visible in names if not visible),
        )

    def _check_directory(self) -> None:
        entries = self._archive.infolist()
        if len(entries) > MAX_PARTS or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
            raise RosterFileError(TOO_LARGE_INSIDE)
        if any(entry.flag_bits & 1 for entry in entries):
            raise RosterFileError(
                "Berkas ZIP ini dikunci kata sandi. Simpan lagi tanpa kata sandi."
            )
        if any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries):
            raise BadZipFile("these are not unpacked in bounded steps")

    def _workbook_path(self) -> str:
        kinds = {link.kind: link.path for link in self._links("")}
        path = kinds.get("officeDocument", "xl/workbook.xml").lower()
        if path in self._parts and path.endswith(".xml") and not path.startswith(("word", "ppt")):
            return path
        raise RosterFileError(self._other_archive(path))

    def _other_archive(self, path: str) -> str:
        if "content.xml" in self._parts:
            return (
                "Berkas OpenDocument (.ods) tidak dapat dibaca. Di LibreOffice: File → Simpan "
                f"Sebagai → jenis berkas Excel 2007-365 (.xlsx). Di Excel: {SAVE_AS_XLSX}"
            )
        if path.endswith(".bin"):
            return f"Berkas Excel biner (.xlsb) tidak dapat dibaca. {SAVE_AS_XLSX}"
        if path.startswith(("word", "ppt")):
            return (
                "Ini dokumen Word atau PowerPoint. Salin tabelnya ke buku kerja Excel baru, lalu "
                "pilih File → Simpan Sebagai → Buku Kerja Excel (*.xlsx) dan unggah berkas itu."
            )
        return (
            "Ini arsip ZIP, bukan buku kerja Excel. Ekstrak dulu, lalu unggah berkas .xlsx atau "
            ".csv di dalamnya."
        )

    def _links(self, path: str) -> list[_Link]:
        """What the relations of a part, or of the package itself, point to."""
        folder, name = posixpath.split(path)
        part = posixpath.join(folder, "_rels", f"{name}.rels")
        if part.lower() not in self._parts:
            return []
        return [
            _Link(link_id, kind.rpartition("/")[2], _inside(folder, target))
            for link_id, kind, target in self._parse(part, Relations()).found
        ]

    def _texts(self, links: dict[str, _Link]) -> list[str]:
        texts = SharedTexts()
        for link in links.values():
            if link.kind == "sharedStrings":
                self._parse(link.path, texts)
        return texts.found

    def _sheet(self, name: str, path: str, texts: list[str]) -> Sheet:
        return self._parse(path, Cells(SheetDraft(name, self._room), texts)).draft.sheet()

    def _parse(self, path: str, reader: PartT) -> PartT:
        """Each part is read once: else many sheets in one part would be unpacked without end."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = reader.start
        parser.EndElementHandler = reader.end
        parser.CharacterDataHandler = reader.text
        with self._archive.open(self._parts.pop(path.lower())) as part:
            _feed(parser, part)
        return reader


def _inside(folder: str, target: str) -> str:
    """Targets are relative to the part's folder, or absolute in the package."""
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _feed(parser: expat.XMLParserType, part: IO[bytes]) -> None:
    """Expat begins an unfinished tag or comment anew with each piece: one must not be endless."""
    fed = 0
    while piece := part.read(_PIECE):
        parser.Parse(piece)
        fed += len(piece)
        if fed - parser.CurrentByteIndex > _LONGEST_TAG:
            raise ValueError("a tag or comment without end")
    parser.Parse(b"", True)


def _refuse_doctype(*_: object) -> NoReturn:
    raise ValueError("a workbook has no DOCTYPE")
