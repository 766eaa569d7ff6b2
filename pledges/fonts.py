"""The font of every document, and which characters it has.

Liberation Sans 2 has the metrics of Arial, which official letters are set in. Its files
are shipped whole, with their licence: a machine's own fonts are never used.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Literal

from django.conf import settings

FAMILY = "Liberation Sans"
MONO_FAMILY = "Liberation Mono"
_LINE_BREAKS = frozenset("\r\n")
# Whatever is no letter, among it all accents; two Japanese ones count as letters before NFKC.
_STACK = re.compile(r"(?:[^\w\s\x00-\x7f]|[\uff9e\uff9f]){31,}")


def files() -> dict[str, Path]:
    """The font's files by style: regular, bold, italic."""
    folder: Path = settings.BASE_DIR / "static" / "fonts"
    return {
        style: folder / f"LiberationSans-{style.capitalize()}.ttf"
        for style in ("regular", "bold", "italic")
    }


def mono() -> Path:
    """For codes that people copy by hand; bold only, and never for names."""
    return files()["bold"].with_name("LiberationMono-Bold.ttf")


def composed(text: str, form: Literal["NFC", "NFKC"] = "NFC") -> str:
    """Each letter and its accents in one form. Of a stack of accents only 30 stay, as in
    Unicode's stream-safe text: Python takes minutes to put a million of them in order."""
    return unicodedata.normalize(form, _STACK.sub(lambda stack: stack[0][:30], text))


def unsupported(text: str) -> set[str]:
    """The characters of a text that cannot be printed; line breaks are no characters."""
    return set(composed(text)) - _characters() - _LINE_BREAKS


@cache
def _characters() -> frozenset[str]:
    """What all three styles have: a name is printed in each of them."""
    # Only a roster's reader and the forms for texts ask: no page waits for this import.
    from fontTools.ttLib import TTFont

    maps = []
    for path in files().values():
        with TTFont(path, lazy=True) as font:
            maps.append(set(font.getBestCmap()))
    return frozenset(map(chr, set.intersection(*maps)))


def outline(text: str) -> tuple[str, float]:
    """A line of bold text as SVG path data, baseline at 0, and its length.

    Both are in units of the font, 2048 to the size of the type.
    """
    from fontTools.pens.svgPathPen import SVGPathPen
    from fontTools.pens.transformPen import TransformPen
    from fontTools.ttLib import TTFont

    with TTFont(files()["bold"], lazy=True) as font:
        names, glyphs = font.getBestCmap(), font.getGlyphSet()
        pen, length = SVGPathPen(glyphs), 0.0
        for character in text:
            glyph = glyphs[names[ord(character)]]
            glyph.draw(TransformPen(pen, (1, 0, 0, -1, length, 0)))
            length += glyph.width
    return pen.getCommands(), length
