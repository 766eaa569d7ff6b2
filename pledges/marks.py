"""The mark a person leaves: a drawing, a typed name, or the photograph of a signed sheet.

A drawing arrives as SVG path data of a strict kind, `M x y L x y …` in whole numbers on
a field of 1000 × 400 units, y downwards. The picture is kept, the way it was made
(order in time, pressure) is not: biometric data is not asked for (UU PDP Pasal 4).
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from itertools import accumulate, pairwise

from pledges import fonts

WIDTH, HEIGHT = 1000, 400
MAX_POINTS = 4000
MAX_CHARACTERS = MAX_POINTS * 10
MAX_NAME = 100
# Less ink than a twentieth of the field's width is a slip of the finger.
MIN_INK = WIDTH / 20

_STROKE = re.compile(r"M[0-9]{1,4} [0-9]{1,3}(?:L[0-9]{1,4} [0-9]{1,3})*")
_NUMBER = re.compile(r"[0-9]+")

Stroke = tuple[tuple[int, int], ...]


class BadMark(ValueError):
    """What was drawn or typed cannot stand as a mark; the message says what to do."""


class TooComplex(BadMark):
    def __init__(self) -> None:
        super().__init__(
            "Gambar tanda tangan terlalu rumit. Hapus, lalu gambar lagi lebih sederhana."
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """`data` is path data for a drawing, the name itself for a typed one, and of the scan of
    a sheet the SHA-256 of its picture."""

    kind: str
    data: str

    DRAWN = "drawn"
    TYPED = "typed"
    SCAN = "scan"

    @property
    def stored(self) -> str:
        return f"{self.kind}:{self.data}"

    @property
    def digest(self) -> str:
        """SHA-256 of what is stored; of a scan that of the picture itself."""
        if self.kind == self.SCAN:
            return self.data
        return hashlib.sha256(self.stored.encode()).hexdigest()

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        return _strokes(self.data) if self.kind == self.DRAWN else ()


def load(stored: str) -> Mark:
    kind, _, data = stored.partition(":")
    return Mark(kind, data)


def drawn(path: str) -> Mark:
    if len(path) > MAX_CHARACTERS:
        raise TooComplex
    strokes = _strokes(path)
    if sum(map(len, strokes)) > MAX_POINTS:
        raise TooComplex
    if not _has_ink(strokes):
        raise BadMark("Bidang tanda tangan masih kosong. Gambarlah tanda tangan Anda.")
    return Mark(Mark.DRAWN, path)


def typed(name: str) -> Mark:
    name = " ".join(name.split())
    if len(name) > MAX_NAME:
        raise BadMark(f"Nama yang diketik paling panjang {MAX_NAME} huruf.")
    name = fonts.composed(name)
    if strange := fonts.unsupported(name) | {c for c in name if not c.isprintable()}:
        raise BadMark(
            f"Tanda {_listed(strange)} tidak dapat dicetak pada pakta. "
            "Ketik nama Anda dengan huruf biasa."
        )
    if sum(c.isalpha() for c in name) < 2:
        raise BadMark("Ketik nama lengkap Anda sebagai tanda tangan.")
    return Mark(Mark.TYPED, name)


def scanned(sha256: str) -> Mark:
    """The mark on a sheet of paper: in the storage is a picture with this digest."""
    return Mark(Mark.SCAN, sha256)


def _listed(characters: set[str]) -> str:
    """The characters themselves, or their numbers where there is nothing to see."""
    return ", ".join(f"“{c}”" if c.isprintable() else f"U+{ord(c):04X}" for c in sorted(characters))


def _strokes(path: str) -> tuple[Stroke, ...]:
    strokes = []
    position = 0
    while position < len(path):
        match = _STROKE.match(path, position)
        if match is None:
            raise BadMark("Gambar tanda tangan tidak terbaca. Hapus, lalu gambar lagi.")
        numbers = list(map(int, _NUMBER.findall(match.group())))
        across, down = numbers[::2], numbers[1::2]
        if max(across) > WIDTH or max(down) > HEIGHT:
            raise BadMark("Gambar tanda tangan keluar dari bidangnya. Hapus, lalu gambar lagi.")
        strokes.append(tuple(zip(across, down, strict=True)))
        position = match.end()
    return tuple(strokes)


def _has_ink(strokes: tuple[Stroke, ...]) -> bool:
    """Asked no further than it takes to see it."""
    lengths = (math.dist(a, b) for stroke in strokes for a, b in pairwise(stroke))
    return any(ink >= MIN_INK for ink in accumulate(lengths))
