"""What was photographed or scanned: uploads → sheets as JPEG, and the QR codes on each.

It takes foreign files apart, so it runs as a program of its own (`python -m`, see
`pledges.paper.reader`) that may use so much memory and time and no more; whatever a file does
to it, it does to nobody else. It knows neither the database nor the settings.
"""

from __future__ import annotations

import base64
import io
import json
import resource
import signal
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import pypdfium2
import zxingcpp
from PIL import Image, ImageChops, ImageFilter, ImageOps, UnidentifiedImageError

JPEG, PNG, PDF = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-"
# The magic numbers of what can be read.
KINDS = (JPEG, PNG, PDF)

MAX_PIXELS = 120_000_000
MAX_SIDE = 30_000
MAX_PAGES = 40
# Of the whole program; and the seconds of work for one sheet, and for all of an upload.
MAX_MEMORY = 2**30
MAX_SHEET_SECONDS, MAX_SECONDS = 20, 240
# Codes are looked for in a picture of at most so many pixels a side, which is kept smaller.
READ_SIDE, KEPT_SIDE = 3600, 2200
_QUALITY = 78
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


class Fault(StrEnum):
    """As `Scan.Problem` has them, which gives the words."""

    BROKEN = "broken"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    TOO_HARD = "too_hard"


class CannotRead(ValueError):
    """What was uploaded cannot be opened."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


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
            if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
                raise CannotRead(Fault.TOO_LARGE)
            # A JPEG is decompressed no larger than it is needed.
            image.draft("RGB", (READ_SIDE, READ_SIDE))
            # Made smaller before anything else, which would copy all of it.
            image.thumbnail((READ_SIDE, READ_SIDE))
            return _on_white(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError as error:
        raise CannotRead(Fault.TOO_LARGE) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, struct.error) as error:
        if isinstance(error, CannotRead):
            raise
        raise CannotRead(Fault.BROKEN) from error


def _on_white(image: Image.Image) -> Image.Image:
    """In plain colours."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image.convert("RGBA"))
    return paper.convert("RGB")


def _pages(data: bytes) -> Iterator[Image.Image]:
    try:
        with pypdfium2.PdfDocument(data) as document:
            if len(document) > MAX_PAGES:
                raise CannotRead(Fault.TOO_LONG)
            for page in document:
                scale = READ_SIDE / max(*page.get_size(), 1)
                yield page.render(scale=min(scale, 4.2)).to_pil().convert("RGB")
    except pypdfium2.PdfiumError as error:
        raise CannotRead(Fault.BROKEN) from error


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


# ------------------------------------------------------------------ the program


def main() -> None:
    """An upload from standard input; to standard output its sheets, each in a line, and at the
    end why it cannot be read, if it cannot."""
    # The worker is told to stop and finishes what is in hand, and so does this.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _give_time()
    try:
        for sheet in sheets(sys.stdin.buffer.read()):
            picture = base64.b64encode(sheet.jpeg).decode()
            _tell(jpeg=picture, codes=sorted(sheet.codes))
            _give_time()
    except CannotRead as error:
        _tell(fault=error.fault)


def _tell(**facts: object) -> None:
    sys.stdout.write(f"{json.dumps(facts)}\n")


def _give_time() -> None:
    """From now on, for one sheet; the system ends who takes more."""
    soft = min(int(time.process_time()) + MAX_SHEET_SECONDS, MAX_SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, MAX_SECONDS))


if __name__ == "__main__":
    main()
