"""What is drawn on a document and not written: QR code, mark, coat of arms, watermark."""

from __future__ import annotations

import io
import re
from functools import cache, lru_cache

import zxingcpp
from django.core.files.storage import default_storage
from PIL import Image

from pledges import fonts
from pledges.marks import HEIGHT, WIDTH, Stroke

INK = "#14286e"
# The width of a pen's line, in the units of the field that was drawn on.
PEN = 7
# The coat of arms is in every document: as small as paper allows, 240 dpi here.
LOGO_SIDE = 192


def qr(url: str) -> bytes:
    """As an SVG without paper: sharp at any size, and a watermark shows through."""
    side, rows = qr_rows(url)
    path = "".join(f"M{first} {y}.5h{last - first}" for y, first, last in rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}">'
        f'<path stroke="#000" d="{path}"/></svg>'
    ).encode()


def qr_rows(url: str) -> tuple[int, list[tuple[int, int, int]]]:
    """How many modules a side has; and of each run of dark ones its row, where it begins and
    where it ends. By a library in C++: segno takes longer than all the rest of a page."""
    code = zxingcpp.create_barcode(url, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    image = code.to_image(scale=1, add_quiet_zones=False)
    side, _ = image.shape
    modules = bytes(image)  # type: ignore[call-overload]
    rows = (modules[y * side : (y + 1) * side] for y in range(side))
    return side, [(y, *run.span()) for y, row in enumerate(rows) for run in _DARK.finditer(row)]


_DARK = re.compile(rb"\x00+")


def view(strokes: tuple[Stroke, ...]) -> tuple[float, float, float, float]:
    """Left, top, width and height of the part of the field that is shown: cut to the strokes,
    which are at most twice as large as they stood in the field."""
    xs, ys = zip(*(point for stroke in strokes for point in stroke), strict=True)
    width = max(max(xs) - min(xs), WIDTH // 2) + 2 * PEN
    height = max(max(ys) - min(ys), HEIGHT // 2) + 2 * PEN
    left = (min(xs) + max(xs) - width) / 2
    top = (min(ys) + max(ys) - height) / 2
    return left, top, width, height


def drawing(strokes: tuple[Stroke, ...]) -> bytes:
    """The strokes as an SVG."""
    path = "".join(map(_path, strokes))
    return _svg(
        view(strokes),
        f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="{PEN}" '
        'stroke-linecap="round" stroke-linejoin="round"/>',
    )


def _path(stroke: Stroke) -> str:
    """A dot is a line to itself: SVG draws no line of one point."""
    points = stroke if len(stroke) > 1 else stroke * 2
    return "M" + "L".join(f"{x} {y}" for x, y in points)


def _svg(view: tuple[float, float, float, float], content: str) -> bytes:
    box = " ".join(f"{number:g}" for number in view)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{content}</svg>'.encode()


@lru_cache(maxsize=8)
def logo(name: str) -> bytes:
    with default_storage.open(name) as file:
        picture = Image.open(file).convert("RGBA")
    picture.thumbnail((LOGO_SIDE, LOGO_SIDE))
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    output = io.BytesIO()
    paper.convert("RGB").quantize(48).save(output, "PNG")
    return output.getvalue()


@cache
def watermark(words: str) -> bytes:
    """Words from corner to corner of an A4 page, in millimetres.

    As outlines: letters of a slanting line would be strewn into the text that readers
    copy or search.
    """
    path, length = fonts.outline(words)
    size = min(295 / length, 0.02)
    return _svg(
        (0, 0, 210, 297),
        f'<path d="{path}" fill="#f3d3d3" transform="translate(105 148.5) rotate(-54.7) '
        f'scale({size:.5f}) translate({-length / 2:g} 700)"/>',
    )
