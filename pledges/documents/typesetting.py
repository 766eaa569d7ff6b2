"""WeasyPrint with the document font, and with nothing that was not handed to it.

Importing this takes half a second and 55 MB: web pages that do not print never do.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.template.loader import render_to_string
from PIL import ImageFile
from weasyprint import CSS, HTML, Document
from weasyprint.text.ffi import harfbuzz_subset
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from pledges import fonts
from pledges.documents.page import Rectangle

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
    html: str,
    *,
    stylesheet: str,
    images: Mapping[str, bytes],
    identifier: bytes | None = None,
    is_numbered: bool = False,
    also: str = "",
) -> bytes:
    """Set a page whose images are `pakta:<name>`, as PDF/A-3b; pages are numbered if several.

    `stylesheet` names a template; `also` are rules of CSS. `identifier` becomes the file's
    permanent /ID. What mostly has many pages is better numbered in any case: it is set once,
    not twice.
    """
    with _lock:
        document = _rendered(html, images, stylesheet, is_numbered=is_numbered, also=also)
        for page in document.pages:
            # Names to be found by `places`, which nobody is to be led to.
            page.anchors.clear()
        pdf: bytes = document.write_pdf(
            finisher=_name_pdf_ua,
            pdf_variant="pdf/a-3b",
            pdf_tags=True,
            pdf_identifier=identifier,
        )
    return pdf


# WeasyPrint writes one standard's name into the file: PDF/A. This names PDF/UA-1 too (ISO 14289-1,
# 5), and describes how, as PDF/A wants of what is not its own (ISO 19005-3, 6.6.2.3).
_PDF_UA = b"""
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""


def _name_pdf_ua(document: Document, pdf: Any) -> None:
    metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    end = b"</rdf:RDF>"
    metadata.stream = [part.replace(end, _PDF_UA + end) for part in metadata.stream]


def _rendered(
    html: str,
    images: Mapping[str, bytes],
    stylesheet: str,
    *,
    is_numbered: bool = False,
    also: str = "",
) -> Document:
    source = HTML(string=html, url_fetcher=_Assets(images))
    sheets = [_stylesheet(stylesheet)]
    if also:
        sheets.append(CSS(string=also, font_config=_font_config(), url_fetcher=_Assets({})))
    numbered = [*sheets, _stylesheet("pdf/numbered.css")]
    document = source.render(_font_config(), stylesheets=numbered if is_numbered else sheets)
    if len(document.pages) > 1 and not is_numbered:
        document = source.render(_font_config(), stylesheets=numbered)
    return document


def places(html: str, *, stylesheet: str, images: Mapping[str, bytes]) -> dict[str, Rectangle]:
    """Where the elements that have an id stand: left, top, right and bottom, in CSS pixels from
    the corner of their page."""
    with _lock:
        document = _rendered(html, images, stylesheet)
        return {name: place for page in document.pages for name, place in page.anchors.items()}


def write_handout(html: str, *, stylesheet: str, images: Mapping[str, bytes]) -> bytes:
    """Set pages that are printed and not filed, in half the time of `write_pdf`."""
    with _lock:
        source = HTML(string=html, url_fetcher=_Assets(images))
        pdf: bytes = source.write_pdf(
            font_config=_font_config(), stylesheets=[_stylesheet(stylesheet)]
        )
    return pdf


@dataclass(frozen=True, slots=True)
class Handout:
    """What is printed for one person: its HTML, and its images as `pakta:<name>`."""

    html: str
    images: Mapping[str, bytes]


def write_handouts(
    handouts: Sequence[Handout], *, stylesheet: str, tighter: Sequence[str] = ()
) -> bytes:
    """Set handouts of one kind one after the other in one PDF that shares their fonts.

    When one needs more than a page, it and those after it are set with `tighter` stylesheets,
    one more at a time; if no tightness helps it stays as it was, with numbered pages.
    """
    with _lock:
        documents, tightness = [], 0
        for handout in handouts:
            document, tightness = _set(handout, [stylesheet, *tighter], tightness)
            documents.append(document)
        pages = [page for document in documents for page in document.pages]
        pdf: bytes = documents[0].copy(pages).write_pdf()
    return pdf


def _set(handout: Handout, sheets: Sequence[str], tightness: int) -> tuple[Document, int]:
    """On one page where it can be, and how tight that is."""
    source = HTML(string=handout.html, url_fetcher=_Assets(handout.images))
    for tight in range(tightness, len(sheets)):
        document = source.render(
            _font_config(), stylesheets=list(map(_stylesheet, sheets[: tight + 1]))
        )
        if len(document.pages) == 1:
            return document, tight
    numbered = [_stylesheet(sheets[0]), _stylesheet("pdf/numbered.css")]
    return source.render(_font_config(), stylesheets=numbered), tightness


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
