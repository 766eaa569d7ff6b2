"""What was photographed or scanned: uploads → sheets as JPEG, and the QR codes on each.

It takes foreign files apart, so only the background calls it. Pictures and PDFs are opened
within limits that their own headers are checked against first.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
import zxingcpp
from PIL import Image, ImageChops, ImageFilter, ImageOps, UnidentifiedImageError

from pledges.models import Scan

JPEG, PNG, PDF = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-"
# The magic numbers of what can be read.
KINDS = (JPEG, PNG, PDF)

MAX_PIXELS = 120_000_000
MAX_PAGES = 40
# Codes are looked for in a picture of at most so many pixels a side, which is kept smaller.
READ_SIDE, KEPT_SIDE = 3600, 2200
_QUALITY = 78
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


class CannotRead(ValueError):
    """What was uploaded cannot be opened."""

    def __init__(self, problem: Scan.Problem) -> None:
        super().__init__(problem.label)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Sheet:
    """One photograph, or one page of a PDF; `codes` are what its QR codes say."""

    jpeg: bytes
    codes: frozenset[str]


def sheets(data: bytes) -> Iterator[Sheet]:
    """Raises CannotRead, of a PDF perhaps only in the middle."""
    pictures = _pages(data) if data.startswith(PDF) else iter([_photograph(data)])
    for picture in pictures:
        yield Sheet(_as_jpeg(picture), codes_in(picture))


def _photograph(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as image:
            # The header tells the size, before any pixel is decompressed.
            if image.width * image.height > MAX_PIXELS:
                raise CannotRead(Scan.Problem.TOO_LARGE)
            # A JPEG is decompressed no larger than it is needed.
            image.draft("RGB", (READ_SIDE, READ_SIDE))
            return _on_white(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError as error:
        raise CannotRead(Scan.Problem.TOO_LARGE) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, struct.error) as error:
        if isinstance(error, CannotRead):
            raise
        raise CannotRead(Scan.Problem.BROKEN) from error


def _on_white(image: Image.Image) -> Image.Image:
    """In plain colours, no larger than it is read."""
    image.thumbnail((READ_SIDE, READ_SIDE))
    if not image.has_transparency_data:
        return image.convert("RGB")
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image.convert("RGBA"))
    return paper.convert("RGB")


def _pages(data: bytes) -> Iterator[Image.Image]:
    try:
        with pypdfium2.PdfDocument(data) as document:
            if len(document) > MAX_PAGES:
                raise CannotRead(Scan.Problem.TOO_LONG)
            for page in document:
                scale = READ_SIDE / max(*page.get_size(), 1)
                yield page.render(scale=min(scale, 4.2)).to_pil().convert("RGB")
    except pypdfium2.PdfiumError as error:
        raise CannotRead(Scan.Problem.BROKEN) from error


def _as_jpeg(picture: Image.Image) -> bytes:
    """Without anything that the camera wrote beside the picture: where it was, whose it is."""
    kept = picture.copy()
    kept.thumbnail((KEPT_SIDE, KEPT_SIDE))
    output = io.BytesIO()
    kept.save(output, "JPEG", quality=_QUALITY, optimize=True)
    return output.getvalue()


def codes_in(picture: Image.Image) -> frozenset[str]:
    """What the QR codes on a picture say, whichever way it was held.

    It is looked at in several ways, and what any of them shows counts: a second sheet in a
    dark corner must not be overlooked.
    """
    grey = ImageOps.autocontrast(picture.convert("L"), cutoff=1)
    found = _codes(grey) | _codes(_evenly_lit(grey))
    if found:
        return found
    smooth = grey.filter(ImageFilter.MedianFilter(3))
    found = _codes(smooth) | _codes(_evenly_lit(smooth))
    if found or max(grey.size) > READ_SIDE // 2:
        return found
    return _codes(grey.resize((grey.width * 2, grey.height * 2), Image.Resampling.LANCZOS))


def _evenly_lit(grey: Image.Image) -> Image.Image:
    """Against shadows: each place compared with what is around it."""
    light = grey.resize((grey.width // 8 or 1, grey.height // 8 or 1)).filter(
        ImageFilter.GaussianBlur(12)
    )
    difference = ImageChops.subtract(grey, light.resize(grey.size), scale=1, offset=128)
    return ImageOps.autocontrast(difference, cutoff=1)


def _codes(grey: Image.Image) -> frozenset[str]:
    barcodes = zxingcpp.read_barcodes(grey, formats=_QR)
    return frozenset(barcode.text for barcode in barcodes)
