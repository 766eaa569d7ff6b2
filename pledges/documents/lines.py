"""Lines of text as WeasyPrint sets them: shaped by HarfBuzz, broken where Pango breaks.

Lengths are CSS pixels. Pango counts in units of 1/1024 of them and rounds every advance to
one, and so does everything here: a line is as long as WeasyPrint's to the last unit.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from typing import Self

import uharfbuzz

from pledges import fonts

UNITS = 1024
# Of these alone it is known that Pango shapes a line of them in one run, from left to right, and
# shows what is written: Latin letters of any accent, digits, punctuation; no soft hyphen, no
# letter that it counts among the signs.
_RUN = re.compile(
    r"[\x20-\x7e\xa0-\xac\xae-\xb4\xb6-\u01bc\u01be-\u024f\u1e00-\u1eff"
    r"\u2010\u2012-\u2027\u2030-\u205e]*"
)
_SPACES = re.compile(r"[ \t\n\r]+")


class Unsettable(ValueError):
    """This is not set here: WeasyPrint itself has to. The message is for logs, and names nobody."""


@dataclass(frozen=True, slots=True)
class Type:
    """A style of the document font, as in `fonts.files`, and its size in units."""

    style: str
    size: int

    @classmethod
    def of(cls, style: str, points: float) -> Self:
        return cls(style, int(points * 96 / 72 * UNITS))

    @property
    def operand(self) -> str:
        return f"{self.size / UNITS:.6f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Line:
    """`shown` are the operands of a TJ operator: glyphs, and how far letters are moved together
    in thousandths of the size."""

    type: Type
    shown: bytes
    units: int

    @property
    def width(self) -> float:
        return self.units / UNITS


@dataclass(frozen=True, slots=True)
class _Glyphs:
    """Of a text: their numbers in the font; where in the text the character stands that each
    begins with; and how far each stands off its place and moves on what follows, in units."""

    numbers: Sequence[int]
    at: Sequence[int]
    offsets: Sequence[int]
    advances: Sequence[int]


@lru_cache(maxsize=4096)
def line(text: str, type_: Type) -> Line:
    """One line, whatever its length. Raises Unsettable."""
    return _set(_shaped(text, type_), type_)


@lru_cache(maxsize=4096)
def broken(text: str, type_: Type, width: float) -> tuple[Line, ...]:
    """A text in as many lines as it needs at this width. Raises Unsettable."""
    text = _SPACES.sub(" ", text).strip(" ")
    glyphs, room = _shaped(text, type_), int(width * UNITS)
    if sum(glyphs.advances) <= room:
        return (_set(glyphs, type_),)
    pieces = _breaks(text, _ends(glyphs, len(text)), room)
    return tuple(line(text[first:last].rstrip(" "), type_) for first, last in pieces)


def largest(text: str, style: str, sizes: Sequence[int], room: float) -> int:
    """Of some sizes, in points and from the largest on, the first in which a text stands on a
    line of this room; the last where none is."""
    return next((s for s in sizes if _width(text, Type.of(style, s)) <= room), sizes[-1])


# Of the type's size, a letter on the average, where it is not known better.
_LETTER = 0.6


def _width(text: str, type_: Type) -> float:
    try:
        return line(text, type_).width
    except Unsettable:
        return len(text) * _LETTER * type_.size / UNITS


def _breaks(text: str, ends: Sequence[int], room: int) -> Iterator[tuple[int, int]]:
    """Where the lines of a text begin and end: each takes as many words as it can, or of a word
    that is wider than a line as many letters."""
    start = last = 0
    for at in [*_opportunities(text), len(text)]:
        end = len(text[:at].rstrip(" "))
        if last > start and ends[end] - ends[start] > room:
            yield start, last
            start = last
        while ends[end] - ends[start] > room:
            letters = bisect_right(ends, ends[start] + room, start + 1, end) - 1
            yield start, max(letters, start + 1)
            start = max(letters, start + 1)
        last = at
    yield start, last


def _opportunities(text: str) -> list[int]:
    """Before which characters a line may begin. Of WeasyPrint's own function, which asks Pango:
    another one would know other rules for hyphens and slashes."""
    from weasyprint.text.line_break import get_log_attrs

    attributes = get_log_attrs(text, "id")
    return [at for at in range(1, len(text)) if attributes[at].is_line_break]


def _ends(glyphs: _Glyphs, length: int) -> list[int]:
    """How far the text reaches before each of its characters, and as a whole; in units."""
    ends = [0] * (length + 1)
    for at, advance in zip(glyphs.at, glyphs.advances, strict=True):
        ends[at + 1] += advance
    return list(accumulate(ends))


def _shaped(text: str, type_: Type) -> _Glyphs:
    if not _RUN.fullmatch(text) or fonts.unsupported(text):
        raise Unsettable("letters that Pango has to set")
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.direction, buffer.language = "ltr", "id"
    # To Pango a line without any letter has no script, and the font kerns it by other rules.
    buffer.script = "Latn" if any(map(str.isalpha, text)) else "Zyyy"
    uharfbuzz.shape(_font(type_), buffer)
    numbers = [info.codepoint for info in buffer.glyph_infos]
    at = [info.cluster for info in buffer.glyph_infos]
    positions = [position.position for position in buffer.glyph_positions or []]
    if any(y for _, y, _, _ in positions):
        raise Unsettable("letters above or below their line")
    offsets, _, advances, _ = zip(*positions, strict=True) if positions else [()] * 4
    return _Glyphs(numbers, at, offsets, advances)


def _set(glyphs: _Glyphs, type_: Type) -> Line:
    moved = zip(glyphs.numbers, glyphs.offsets, glyphs.advances, strict=True)
    shown = "".join(map(_written(type_).__getitem__, moved))
    return Line(type_, f"<{shown}>".removesuffix("<>").encode(), sum(glyphs.advances))


class _Written(dict[tuple[int, int, int], str]):
    """How WeasyPrint writes a glyph of a type that stands by so much off its place and moves on
    by so much: it counts as wide as the page's font has it, in whole thousandths, and what is
    left of the way to the next is taken off. To the letter: without the noughts that come of it
    readers would round differently."""

    def __init__(self, type_: Type) -> None:
        self._type = type_

    def __missing__(self, key: tuple[int, int, int]) -> str:
        number, offset, advance = key
        size = self._type.size
        width = round(_font(self._type).get_glyph_h_advance(number) * 1000 / size)
        aside = offset * UNITS / size
        back = width + aside - advance * 1000 / size
        written = f">{-aside}<{number:04x}" if aside else f"{number:04x}"
        self[key] = written = f"{written}>{int(back)}<" if back else written
        return written


_written = cache(_Written)


@cache
def _font(type_: Type) -> uharfbuzz.Font:
    font = uharfbuzz.Font(_face(type_.style))
    font.scale = (type_.size, type_.size)
    return font


@cache
def _face(style: str) -> uharfbuzz.Face:
    return uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(fonts.files()[style])))
