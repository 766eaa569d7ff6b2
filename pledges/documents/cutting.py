"""Takes a sealed page apart, on which every line about a person is a marker.

What of the file is the same for everybody is kept as it stands. Of the rest it is kept what it
is made of: where each line begins and in which type, where QR code and mark stand, and which
words of the file's own data are about the person.
"""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

import pikepdf
from fontTools.ttLib import TTFont

from pledges import fonts
from pledges.documents.lines import UNITS, Type, Unsettable, line

MARKER = re.compile(r"(?:pakta-place:)?qz([0-9a-f]+)x([0-9]+)zq")
# In CSS pixels: the type of what stands on the page for its glyphs alone.
ALPHABET_SIZE = 200.0
# Which lines of text are set in the middle of their place.
_CENTRED = frozenset({"serial", "place", "position", "typed", "name", "number"})
_MODIFIED = re.compile(r' xmp:ModifyDate="[^"]*"')


MADE_BY = {name: version(name) for name in ("weasyprint", "pyhanko", "pikepdf", "uharfbuzz")}
Instruction = pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage


def marker(slot: int, line: int) -> str:
    return f"qz{slot:x}x{line}zq"


@dataclass(frozen=True, slots=True)
class LineSlot:
    """One line on the page; `x` is where it begins, or of a centred one its middle."""

    slot: str
    number: int
    font: str
    type: Type
    x: float
    y: float
    is_centred: bool


@dataclass(frozen=True, slots=True)
class PictureSlot:
    """The place of the QR code or of the drawn mark, by its top left corner."""

    is_qr: bool
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Text:
    """A string of the file's data, with the names of slots between its own words."""

    parts: tuple[str, ...]
    slots: tuple[str, ...]
    is_xml: bool = False

    def of(self, said: Mapping[str, str]) -> str:
        words = self.parts[0]
        for slot, part in zip(self.slots, self.parts[1:], strict=True):
            words += said[slot] + part
        return words


@dataclass(frozen=True, slots=True)
class Fixed:
    """A long part of a page's content that is the same for everybody: as it is, and deflated."""

    plain: bytes
    deflated: bytes


def deflated(data: bytes, level: int) -> bytes:
    """So that other parts may stand before and after it: blocks of RFC 1951 that end at a byte
    and look back at nothing."""
    deflate = zlib.compressobj(level, wbits=-zlib.MAX_WBITS)
    return deflate.compress(data) + deflate.flush(zlib.Z_FULL_FLUSH)


Piece = bytes | Text
ContentPiece = Fixed | bytes | LineSlot | PictureSlot


@dataclass(frozen=True, slots=True)
class Varying:
    """An object of the file that says something of the person."""

    number: int
    pieces: tuple[Piece, ...]
    # Of a stream's dictionary; None where it is no stream.
    entries: bytes | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A page's content, with the places for what is the person's."""

    number: int
    pieces: tuple[ContentPiece, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """The dictionary of the seal: what stands around the bytes that it seals, its time and the
    seal itself, of `size` hexadecimal digits."""

    number: int
    pieces: tuple[Piece, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Form:
    """What a file is written from. `prefix` is how each begins, and `hashed` its SHA-256, to be
    gone on with; `rows` are those of the cross-reference stream, and `trailer` is in that
    stream's dictionary."""

    prefix: bytes
    hashed: Any
    contents: tuple[Content, ...]
    varying: tuple[Varying, ...]
    gap: Gap
    rows: bytes
    trailer: bytes

    @property
    def lines(self) -> list[LineSlot]:
        pieces = (piece for content in self.contents for piece in content.pieces)
        return [piece for piece in pieces if isinstance(piece, LineSlot)]

    @property
    def digest(self) -> str:
        """SHA-256 of all of it, and of the versions of what made it."""
        parts = (self.prefix, self.contents, self.varying, self.gap, self.rows, self.trailer)
        return hashlib.sha256(repr((MADE_BY, *parts)).encode()).hexdigest()


def cut(pdf: bytes, slots: Sequence[str]) -> Form:
    """`slots` are their names, by the number in a marker. Raises Unsettable where a marker does
    not stand alone on its line."""
    return _Cutter(pdf, slots).form()


class _Cutter:
    """Takes the sealed specimen apart."""

    def __init__(self, pdf: bytes, slots: Sequence[str]) -> None:
        self._pdf = pikepdf.open(io.BytesIO(pdf))
        if "/ModDate" in self._pdf.trailer.Info:
            del self._pdf.trailer.Info["/ModDate"]
        self._slots = slots
        self._contents: list[Content] = []
        self._varying: list[Varying] = []
        self._gaps: list[Gap] = []
        self._streams: dict[int, bytes] = {}
        self._plain: dict[int, bytes] = {}

    def form(self) -> Form:
        self._contents = [self._content(page) for page in self._pdf.pages]
        self._sort()
        count = max(item.objgen[0] for item in self._pdf.objects) + 1
        prefix, rows = _packed(self._streams, self._plain, count)
        [gap] = self._gaps
        root, info = (self._pdf.trailer[name].objgen[0] for name in ("/Root", "/Info"))
        return Form(
            prefix=prefix,
            hashed=hashlib.sha256(prefix),
            contents=tuple(self._contents),
            varying=tuple(self._varying),
            gap=gap,
            rows=rows,
            trailer=f"/Size {count + 2}/Root {root} 0 R/Info {info} 0 R".encode(),
        )

    def _sort(self) -> None:
        """Tell what is about the person from what is the same for everybody."""
        pages = {each.number for each in self._contents}
        for item in self._pdf.objects:
            number = item.objgen[0]
            if isinstance(item, pikepdf.Stream):
                if item.get("/Type") == "/Metadata":
                    self._varying.append(self._metadata(number, item))
                elif number not in pages and item.get("/Type") not in ("/XRef", "/ObjStm"):
                    self._streams[number] = _stream(item)
            elif isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Sig":
                self._gaps.append(self._gap(number, item))
            else:
                pieces = self._written(item)
                if any(isinstance(piece, Text) for piece in pieces):
                    self._varying.append(Varying(number, pieces))
                else:
                    self._plain[number] = b"".join(pieces)  # type: ignore[arg-type]

    def _content(self, page: pikepdf.Page) -> Content:
        return Content(page.Contents.objgen[0], tuple(self._pieces(page)))

    def _pieces(self, page: pikepdf.Page) -> Iterator[ContentPiece]:
        """The page's content with the person cut out."""
        pictures = self._pictures(page)
        fixed: list[Instruction] = []
        box: tuple[float, ...] = ()
        instructions = iter(pikepdf.parse_content_stream(page))
        for instruction in instructions:
            name = str(instruction.operator)
            if name == "re":
                box = tuple(map(float, instruction.operands))
            if name == "BT":
                lines = [instruction, *_up_to("ET", instructions)]
                if _is_alphabet(lines):
                    continue
                if slot := self._line(lines, page):
                    yield _fixed(fixed)
                    yield slot
                    fixed = []
                else:
                    fixed += lines
            elif name == "BDC" and (about := pictures.get(_content_id(instruction), "")):
                yield _fixed([*fixed, instruction])
                yield PictureSlot(about == "link", *box)
                *_, end = _up_to("EMC", instructions)
                fixed = [end]
            else:
                fixed.append(instruction)
        yield _fixed(fixed)

    def _line(self, lines: Sequence[Instruction], page: pikepdf.Page) -> LineSlot | None:
        """The slot in which this text stands; None for one that is the same for everybody."""
        operands = {str(line.operator): line.operands for line in lines}
        if "TJ" not in operands:
            return None
        name, size = operands["Tf"]
        style = _style(page.Resources.Font[str(name)])
        shown = "".join(
            bytes(part).hex() for part in operands["TJ"][0] if isinstance(part, pikepdf.String)
        )
        text = "".join(
            letters(style).get(int(shown[at : at + 4], 16), "?") for at in range(0, len(shown), 4)
        )
        match = MARKER.fullmatch(text)
        if match is None:
            if MARKER.search(text):
                raise Unsettable("a line of the specimen has other words beside it")
            return None
        slot, number = self._slots[int(match[1], 16)], int(match[2])
        type_ = Type(style, round(float(size) * UNITS))
        x, y = map(float, operands["Tm"][4:])
        is_centred = slot in _CENTRED
        if is_centred:
            x += line(text, type_).width / 2
        return LineSlot(slot, number, str(name), type_, x, y, is_centred)

    def _pictures(self, page: pikepdf.Page) -> dict[int, str]:
        """Of the figures that are about the person: number in the page's content → slot."""
        found = {}
        for item in self._pdf.objects:
            is_figure = isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"
            if is_figure and item.Pg.objgen == page.objgen and "/Alt" in item:
                slots = self._text(str(item.Alt)).slots
                if len(slots) == 1:
                    found[int(item.K[0])] = slots[0]
        return found

    def _metadata(self, number: int, item: pikepdf.Stream) -> Varying:
        # The time at which the specimen was sealed is nothing to the person.
        words = _MODIFIED.sub("", item.read_bytes().decode())
        text = self._text(words, is_xml=True)
        return Varying(number, (text,), entries=b"/Type/Metadata/Subtype/XML")

    def _gap(self, number: int, item: pikepdf.Dictionary) -> Gap:
        """The seal's own dictionary, open at its end for the three that are filled in last."""
        size = 2 * len(bytes(item.Contents))
        for name in ("/Contents", "/ByteRange", "/M"):
            del item[name]
        # Without the last, which closes it.
        pieces = _joined([*self._parts(item, is_whole=True)][:-1])
        return Gap(number, pieces, size)

    def _written(self, item: pikepdf.Object) -> tuple[bytes | Text, ...]:
        """An object as it stands in a file; strings that are about the person as what they are
        made of."""
        return _joined(self._parts(item, is_whole=True))

    def _parts(self, item: object, *, is_whole: bool = False) -> Iterator[bytes | Text]:
        if isinstance(item, bool):
            yield b"true" if item else b"false"
        elif not isinstance(item, pikepdf.Object):
            yield str(item).encode()
        elif item.is_indirect and not is_whole:
            yield item.unparse()
        elif isinstance(item, pikepdf.String) and MARKER.search(str(item)):
            yield self._text(str(item))
        elif isinstance(item, pikepdf.Dictionary):
            yield b"<<"
            for key, value in item.items():
                yield pikepdf.Name(key).unparse() + b" "
                yield from self._parts(value)
                yield b" "
            yield b">>"
        elif isinstance(item, pikepdf.Array):
            yield b"["
            for value in item:
                yield from self._parts(value)
                yield b" "
            yield b"]"
        else:
            yield item.unparse()

    def _text(self, words: str, *, is_xml: bool = False) -> Text:
        parts, slots, at = [], [], 0
        for match in MARKER.finditer(words):
            if int(match[1], 16) >= len(self._slots):
                raise Unsettable("what looks like a marker and is none")
            parts.append(words[at : match.start()])
            slots.append(self._slots[int(match[1], 16)])
            at = match.end()
        return Text((*parts, words[at:]), tuple(slots), is_xml=is_xml)


def _joined(parts: Iterable[bytes | Text]) -> tuple[bytes | Text, ...]:
    """Neighbouring bytes as one."""
    pieces: list[bytes | Text] = []
    for part in parts:
        last = pieces[-1] if pieces else None
        if isinstance(part, bytes) and isinstance(last, bytes):
            pieces[-1] = last + part
        else:
            pieces.append(part)
    return tuple(pieces)


def _packed(
    streams: Mapping[int, bytes], plain: Mapping[int, bytes], count: int
) -> tuple[bytes, bytes]:
    """The file up to where the person begins, with the plain objects together in a stream of
    the number `count`; and the rows of the cross-reference stream, which are empty where they
    are not known yet."""
    rows = [_row(0, 0, 0)] * (count + 2)
    prefix = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    index, bodies = "", b""
    for place, (number, written) in enumerate(plain.items()):
        rows[number] = _row(2, count, place)
        index += f"{number} {len(bodies)} "
        bodies += written + b"\n"
    packed = zlib.compress(index.encode() + bodies, 9)
    head = f"<</Type/ObjStm/N {len(plain)}/First {len(index)}/Filter/FlateDecode"
    streams = {**streams, count: f"{head}/Length {len(packed)}>>".encode() + body(packed)}
    for number, stream in streams.items():
        rows[number] = _row(1, len(prefix), 0)
        prefix += b"%d 0 obj\n%s\nendobj\n" % (number, stream)
    return bytes(prefix), b"".join(rows)


# Of the cross-reference stream: how many bytes a row has.
ROW = 7


def _row(kind: int, first: int, second: int) -> bytes:
    return kind.to_bytes(1, "big") + first.to_bytes(4, "big") + second.to_bytes(2, "big")


def _stream(item: pikepdf.Stream) -> bytes:
    data = item.read_raw_bytes()
    item.stream_dict.Length = len(data)
    return item.stream_dict.unparse() + body(data)


def body(data: bytes) -> bytes:
    """Of a stream, after its dictionary."""
    return b"\nstream\n" + data + b"\nendstream"


# Bytes; what is shorter is deflated anew with what is about the person around it.
_LONG = 1000


def _fixed(instructions: Sequence[Instruction]) -> Fixed | bytes:
    plain: bytes = pikepdf.unparse_content_stream(instructions) + b"\n"
    return Fixed(plain, deflated(plain, zlib.Z_BEST_COMPRESSION)) if len(plain) > _LONG else plain


def _is_alphabet(lines: Sequence[Instruction]) -> bool:
    sizes = [float(line.operands[1]) for line in lines if str(line.operator) == "Tf"]
    return sizes == [ALPHABET_SIZE]


def _up_to(name: str, instructions: Iterator[Instruction]) -> Iterator[Instruction]:
    """The next instructions, that with this operator among them as the last."""
    for instruction in instructions:
        yield instruction
        if str(instruction.operator) == name:
            return


def _content_id(instruction: Instruction) -> int:
    """The number by which the file's structure knows marked content; -1 if it does not."""
    properties = instruction.operands[1]
    return int(properties.MCID) if "/MCID" in properties else -1


def _style(font: pikepdf.Object) -> str:
    """Which of `fonts.files` it was made of."""
    *_, style = str(font.BaseFont).lower().split("-")
    return style if style in fonts.files() else "regular"


@cache
def letters(style: str) -> dict[int, str]:
    """By the numbers of their glyphs."""
    with TTFont(fonts.files()[style], lazy=True) as font:
        return {font.getGlyphID(name): chr(code) for code, name in font.getBestCmap().items()}
