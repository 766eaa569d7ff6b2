"""The XML parts of an XLSX file, as handlers for expat (ECMA-376, part 1, chapter 18).

Element and attribute names are taken without their prefix: the namespaces differ between
the strict and the usual form of the format, the names do not.
"""

from __future__ import annotations

import re

from pledges.roster.sheets import (
    MAX_CELL,
    TOO_LARGE_INSIDE,
    RosterFileError,
    SheetDraft,
    number_text,
)

MAX_ELEMENTS = 6_000_000  # 60,000 rows of 40 filled columns have fewer

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class Part:
    """Counts elements, so that a part of millions of empty ones ends in an error."""

    def __init__(self) -> None:
        self._left = MAX_ELEMENTS

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._left -= 1
        if self._left < 0:
            raise RosterFileError(TOO_LARGE_INSIDE)
        self.open(_local(tag) if ":" in tag else tag, attributes)

    def end(self, tag: str) -> None:
        self.close(_local(tag) if ":" in tag else tag)

    def open(self, tag: str, attributes: dict[str, str]) -> None: ...
    def close(self, tag: str) -> None: ...
    def text(self, data: str) -> None: ...


class Relations(Part):
    """`*.rels`: (id, type, target) of what lies inside the package."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            self.found.append((attributes["Id"], attributes["Type"], attributes["Target"]))


class SheetNames(Part):
    """`workbook.xml`: (name, relation id, visible) in the order of the tabs."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, bool]] = []

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            plain = {_local(name): value for name, value in attributes.items()}
            visible = plain.get("state", "visible") == "visible"
            self.found.append((plain["name"], plain["id"], visible))


class _Texts(Part):
    """Takes the text inside chosen elements, but not phonetic guides (<rPh>)."""

    _room = 0  # characters still taken; 0 outside the chosen elements

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[str] = []
        self._phonetic = False

    def text(self, data: str) -> None:
        if self._room > 0:
            self._pieces.append(data[: self._room])
            self._room -= len(data)

    def _take(self, after: str = "") -> None:
        self._room = 0 if self._phonetic else MAX_CELL - len(after)

    def _taken(self) -> str:
        self._room = 0
        text = "".join(self._pieces)
        self._pieces.clear()
        return _ESCAPED.sub(_unescaped, text) if "_x" in text else text


class SharedTexts(_Texts):
    """`sharedStrings.xml`: the texts that cells point to, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._runs = ""

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "t":
            self._take(after=self._runs)
        elif tag == "rPh":
            self._phonetic = True

    def close(self, tag: str) -> None:
        if tag == "t":
            self._runs += self._taken()
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "si":
            self.found.append(self._runs)
            self._runs = ""


class Cells(_Texts):
    """A worksheet: its cells' texts and its merges, put into the draft.

    A number is written as `number_text` does, a formula as its stored value; a formula
    without one as itself, beginning with "=". Cells may lack references: they then follow
    one another.
    """

    def __init__(self, draft: SheetDraft, texts: list[str]) -> None:
        super().__init__()
        self.draft = draft
        self._texts = texts
        self._row = 0
        self._column = -1
        self._type: str | None = None  # None outside <c>
        self._value = ""
        self._formula = ""

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._open_cell(attributes)
        elif tag in ("v", "t", "f"):
            if self._type is not None:
                self._take(after=self._value)
        elif tag == "row":
            self._open_row(attributes)
        elif tag == "rPh":
            self._phonetic = True
        elif tag == "mergeCell":
            self._merge(attributes["ref"])

    def close(self, tag: str) -> None:
        if tag in ("v", "t"):
            self._value += self._taken()
        elif tag == "f":
            self._formula = self._taken() or "…"
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "c":
            self.draft.put(self._row, self._column, self._cell_text())
            self._type = None

    def _open_row(self, attributes: dict[str, str]) -> None:
        self._row = int(attributes.get("r", self._row + 1))
        self._column = -1
        if attributes.get("hidden") in ("1", "true"):
            self.draft.hide(self._row)

    def _open_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference:
            self._row, self._column = _position(reference)
        else:
            self._column += 1
        self._type = attributes.get("t", "n")
        self._value = self._formula = ""

    def _cell_text(self) -> str:
        if not self._value:
            return f"={self._formula}" if self._formula else ""
        if self._type == "s":
            return self._texts[int(self._value)]
        if self._type == "n":
            return number_text(float(self._value))
        if self._type == "b":
            return "TRUE" if self._value == "1" else "FALSE"
        return self._value

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        (top, left), (bottom, right) = _position(first), _position(last or first)
        self.draft.merge(top, left, bottom, right)


def _position(reference: str) -> tuple[int, int]:
    """Row from 1, column from 0."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise ValueError(f"not a cell: {reference}")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column - 1


def _unescaped(match: re.Match[str]) -> str:
    """`_x000D_` is a character that XML cannot hold; half a surrogate pair is none at all."""
    code = int(match[1], 16)
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)
