"""Puts one person into a form and writes the sealed file, in one pass.

A file begins with what is the same for everybody; then come the objects that are about the
person, the seal, and the cross-reference stream. The seal is over all bytes but its own
(ISO 32000-1, 12.8.1), of which those of the beginning are hashed once for all.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape  # nosec B406 # writes XML and reads none

import pikepdf
from django.utils import timezone

from pledges.documents import cutting, form, lines, pictures
from pledges.documents.cutting import (
    Content,
    Fixed,
    Form,
    LineSlot,
    PictureSlot,
    Piece,
    Text,
    Varying,
    body,
)
from pledges.documents.form import Setting, Shape
from pledges.documents.lines import Line, Type
from pledges.documents.pact_form import Page
from pledges.pact import Pact

if TYPE_CHECKING:
    from pledges.documents.seal import Sealer

Lines = Mapping[str, Sequence[Line]]


def press(text: Pact, filled: Page, *, identifier: bytes, sealer: Sealer, watermark: str) -> bytes:
    """The sealed page of one person; `identifier` becomes the file's /ID. Raises Unsettable
    where the page has to be laid out whole."""
    broken = _broken(filled, form.measure(text, sealer=sealer, watermark=watermark))
    made = form.make(text, _shape(filled, broken), sealer=sealer, watermark=watermark)
    return _file(made, filled, broken, identifier, sealer.cms)


def shape(filled: Page, settings: Mapping[str, Setting]) -> Shape:
    """Of the form into which a page would be pressed."""
    return _shape(filled, _broken(filled, settings))


def _broken(filled: Page, settings: Mapping[str, Setting]) -> Lines:
    """Whatever stands on the page, in lines."""
    found = {}
    for slot, words in filled.said.items():
        if not form.is_set(slot):
            continue
        setting = settings["row 0" if form.is_row(slot) else slot]
        type_ = Type.of("italic", filled.typed_size) if slot == "typed" else setting.type
        found[slot] = lines.broken(words, type_, setting.width)
    return found


def _shape(filled: Page, broken: Lines) -> Shape:
    return Shape(
        labels=filled.labels,
        remarks=filled.remarks,
        notes=filled.notes,
        is_typed_small=filled.is_typed_small,
        are_notes_long=filled.are_notes_long,
        counts=tuple((slot, len(found)) for slot, found in broken.items()),
        characters=form.unusual(filled.said),
    )


def _file(
    made: Form, filled: Page, broken: Lines, identifier: bytes, seal: Callable[[bytes], bytes]
) -> bytes:
    rows, tail = bytearray(made.rows), bytearray()

    def begins(number: int) -> bytes:
        struct.pack_into(">BLH", rows, number * cutting.ROW, 1, len(made.prefix) + len(tail), 0)
        return b"%d 0 obj\n" % number

    for content in made.contents:
        tail += begins(content.number) + _content(content, filled, broken) + b"\nendobj\n"
    for each in made.varying:
        tail += begins(each.number) + _object(each, filled.said) + b"\nendobj\n"
    tail += begins(made.gap.number) + _written(made.gap.pieces, filled.said)
    tail += f"/M (D:{timezone.now().astimezone(UTC):%Y%m%d%H%M%S}+00'00')".encode()
    # Its numbers are not known yet, and as many digits must have room.
    range_at = len(tail)
    tail += _byte_range(0, 0, 0) + b"/Contents "
    opens, size = len(tail), made.gap.size + len("<>")
    tail += bytes(size) + b">>\nendobj\n"
    start = len(made.prefix) + len(tail)
    begins(number := len(rows) // cutting.ROW - 1)
    tail += _cross_reference(number, rows, made.trailer, identifier)
    tail += b"startxref\n%d\n%%%%EOF\n" % start

    opens_at, closes_at = len(made.prefix) + opens, len(made.prefix) + opens + size
    end = len(made.prefix) + len(tail)
    byte_range = _byte_range(opens_at, closes_at, end - closes_at)
    tail[range_at : range_at + len(byte_range)] = byte_range
    digest = made.hashed.copy()
    digest.update(memoryview(tail)[:opens])
    digest.update(memoryview(tail)[opens + size :])
    tail[opens : opens + size] = b"<%s>" % seal(digest.digest()).hex().ljust(size - 2, "0").encode()
    return made.prefix + tail


def _byte_range(first: int, second: int, length: int) -> bytes:
    return b"/ByteRange[0 %10d %10d %10d]" % (first, second, length)


def _cross_reference(number: int, rows: bytearray, trailer: bytes, identifier: bytes) -> bytes:
    packed = zlib.compress(rows, zlib.Z_BEST_SPEED)
    entries = b"/Type/XRef/W[1 4 2]%s/ID[(%s)(%s)]" % (trailer, identifier, identifier)
    head = b"<<%s/Filter/FlateDecode/Length %d>>" % (entries, len(packed))
    return b"%d 0 obj\n%s%s\nendobj\n" % (number, head, body(packed))


def _content(content: Content, filled: Page, broken: Lines) -> bytes:
    """As a zlib stream (RFC 1950), of which the long parts that are the same for everybody were
    deflated before."""
    packed, check, own = [b"\x78\x01"], zlib.adler32(b""), b""
    for piece in content.pieces:
        if isinstance(piece, Fixed):
            packed += [cutting.deflated(own, zlib.Z_BEST_SPEED), piece.deflated]
            check = zlib.adler32(piece.plain, zlib.adler32(own, check))
            own = b""
        else:
            own += _drawn(piece, filled, broken)
    check = zlib.adler32(own, check)
    packed += [cutting.deflated(own, zlib.Z_BEST_SPEED), b"\x03\x00", check.to_bytes(4, "big")]
    data = b"".join(packed)
    return b"<</Filter/FlateDecode/Length %d>>" % len(data) + body(data)


def _drawn(piece: bytes | LineSlot | PictureSlot, filled: Page, broken: Lines) -> bytes:
    if isinstance(piece, bytes):
        return piece
    if isinstance(piece, LineSlot):
        return _line(piece, broken[piece.slot][piece.number])
    return _qr(piece, filled.said["link"]) if piece.is_qr else _drawing(piece, filled)


def _object(each: Varying, said: Mapping[str, str]) -> bytes:
    data = _written(each.pieces, said)
    if each.entries is None:
        return data
    data = zlib.compress(data, zlib.Z_BEST_SPEED)
    return b"<<%s/Filter/FlateDecode/Length %d>>" % (each.entries, len(data)) + body(data)


def _written(pieces: Iterable[Piece], said: Mapping[str, str]) -> bytes:
    return b"".join(piece if isinstance(piece, bytes) else _text(piece, said) for piece in pieces)


def _text(piece: Text, said: Mapping[str, str]) -> bytes:
    if piece.is_xml:
        return piece.of({slot: escape(said[slot]) for slot in piece.slots}).encode()
    return pikepdf.String(piece.of(said)).unparse()


def _line(piece: LineSlot, line: Line) -> bytes:
    x = piece.x - line.width / 2 if piece.is_centred else piece.x
    place = f"BT\n1 0 0 -1 {x:.6f} {piece.y:.6f} Tm\n{piece.font} {line.type.operand} Tf\n"
    return b"%s[%s] TJ\nET\n" % (place.encode(), line.shown)


def _qr(place: PictureSlot, url: str) -> bytes:
    side, rows = pictures.qr_rows(url)
    scale = place.width / side
    runs = (f"{first} {y}.5 m {last} {y}.5 l" for y, first, last in rows)
    return (
        f"q {scale:.6f} 0 0 {scale:.6f} {place.x:.6f} {place.y:.6f} cm\n"
        f"0 0 0 RG 1 w [] 0 d 0 J 0 j\n{' '.join(runs)} S Q\n"
    ).encode()


def _drawing(place: PictureSlot, filled: Page) -> bytes:
    """As large as it can be in its place, and in the middle of it."""
    strokes = filled.mark.strokes
    left, top, width, height = pictures.view(strokes)
    scale = min(place.width / width, place.height / height)
    x = place.x + (place.width - width * scale) / 2 - left * scale
    y = place.y + (place.height - height * scale) / 2 - top * scale
    red, green, blue = (int(pictures.INK[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return (
        f"q {scale:.6f} 0 0 {scale:.6f} {x:.6f} {y:.6f} cm\n"
        f"{red:.6f} {green:.6f} {blue:.6f} RG {pictures.PEN} w [] 0 d 1 J 1 j\n"
        f"{' '.join(map(_stroke, strokes))} S Q\n"
    ).encode()


def _stroke(points: Sequence[tuple[int, int]]) -> str:
    """A dot is a line to itself."""
    (x, y), *others = points if len(points) > 1 else tuple(points) * 2
    return f"{x} {y} m " + " ".join(f"{x} {y} l" for x, y in others)
