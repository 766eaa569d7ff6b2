"""WeasyPrint with the document font, and with nothing that was not handed to it.

Importing this takes half a second and 55 MB: web pages that do not print never do.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cache

from django.template.loader import render_to_string
from PIL import ImageFile
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.ffi import harfbuzz_subset
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from pledges import fonts

# WeasyPrint turns this on for the whole process, and a broken logo would pass for whole.
ImageFile.LOAD_TRUNCATED_IMAGES = False

# Without this library fonts are subset in Python, five times slower.
IS_FAST = harfbuzz_subset is not None

# Font configurations leak memory and are not thread-safe: one per process, used in turn.
_lock = threading.Lock()


class _Assets(URLFetcher):
    """Knows `pakta:<name>` for the given names; no network, no other file."""

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        super().__init__(fail_on_errors=True)
        self._assets = assets

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        scheme, _, name = url.partition(":")
        if scheme != "pakta" or name not in self._assets:
            raise PermissionError(f"a document asked for {url[:100]}")
        data = self._assets[name]
        kind = "image/svg+xml" if data.startswith(b"<svg") else "application/octet-stream"
        return URLFetcherResponse(url, data, {"Content-Type": kind})


def write_pdf(
    html: str, *, stylesheet: str, images: Mapping[str, bytes], identifier: bytes | None = None
) -> bytes:
    """Set a page whose images are `pakta:<name>`, as PDF/A-3b; pages are numbered if several.

    `stylesheet` names a template. `identifier` becomes the file's permanent /ID.
    """
    with _lock:
        document = _rendered(html, images, stylesheet)
        pdf: bytes = document.write_pdf(
            pdf_variant="pdf/a-3b", pdf_tags=True, pdf_identifier=identifier
        )
    return pdf


def _rendered(html: str, images: Mapping[str, bytes], stylesheet: str) -> Document:
    source = HTML(string=html, url_fetcher=_Assets(images))
    sheets = [_stylesheet(stylesheet)]
    document = source.render(_font_config(), stylesheets=sheets)
    if len(document.pages) > 1:
        sheets.append(_stylesheet("pdf/numbered.css"))
        document = source.render(_font_config(), stylesheets=sheets)
    return document


def write_handout(html: str, *, stylesheet: str, images: Mapping[str, bytes]) -> bytes:
    """Set pages that are printed and not filed, in half the time of `write_pdf`."""
    with _lock:
        source = HTML(string=html, url_fetcher=_Assets(images))
        pdf: bytes = source.write_pdf(
            font_config=_font_config(), stylesheets=[_stylesheet(stylesheet)]
        )
    return pdf


def write_copies(pages: Sequence[tuple[str, Mapping[str, bytes]]], *, stylesheet: str) -> bytes:
    """Set several pages, each with images of its own, as one PDF that shares their fonts."""
    with _lock:
        documents = [_rendered(html, images, stylesheet) for html, images in pages]
        sheets = [sheet for document in documents for sheet in document.pages]
        pdf: bytes = documents[0].copy(sheets).write_pdf()
    return pdf


@cache
def _font_config() -> FontConfiguration:
    config = FontConfiguration()
    files = fonts.files() | {"mono": fonts.mono()}
    assets = {style: path.read_bytes() for style, path in files.items()}
    faces = """
        @font-face { font-family: "%(f)s"; src: url(pakta:regular) }
        @font-face { font-family: "%(f)s"; src: url(pakta:bold); font-weight: bold }
        @font-face { font-family: "%(f)s"; src: url(pakta:italic); font-style: italic }
        @font-face { font-family: "%(m)s"; src: url(pakta:mono); font-weight: bold }
    """
    names = {"f": fonts.FAMILY, "m": fonts.MONO_FAMILY}
    CSS(string=faces % names, font_config=config, url_fetcher=_Assets(assets))
    return config


@cache
def _stylesheet(name: str) -> CSS:
    return CSS(string=render_to_string(name), font_config=_font_config(), url_fetcher=_Assets({}))
