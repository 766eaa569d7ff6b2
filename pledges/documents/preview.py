"""Documents as pictures, to be looked at before they are."""

from __future__ import annotations

import io
import threading

import pypdfium2

# PDFium may be used by one thread at a time.
_lock = threading.Lock()


def pages_as_png(pdf: bytes, *, width: int) -> list[bytes]:
    """Every page as a PNG of so many pixels' width."""
    with _lock, pypdfium2.PdfDocument(pdf) as document:
        return [_png(page, width) for page in document]


def _png(page: pypdfium2.PdfPage, width: int) -> bytes:
    output = io.BytesIO()
    page.render(scale=width / page.get_width()).to_pil().save(output, "PNG")
    return output.getvalue()
