"""The yardstick: a pact's page as one would make it who has read the two libraries' first pages.

Everything is made anew for each person: fonts, style, layout; and pyHanko is told no more than
it must be.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

from django.template.loader import render_to_string
from django.utils import translation
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from pledges import fonts
from pledges.documents import pact_form, page
from pledges.documents.pact_form import Act
from pledges.documents.seal import Sealer
from pledges.marks import Mark
from pledges.pact import Pact

_FACES = "".join(
    f'@font-face {{ font-family: "{fonts.FAMILY}"; src: url({path.as_uri()}); {style} }}'
    for path, style in zip(
        fonts.files().values(), ("", "font-weight: bold", "font-style: italic"), strict=True
    )
)


class _Assets(URLFetcher):
    def __init__(self, images: Mapping[str, bytes]) -> None:
        super().__init__()
        self._images = images

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        if not url.startswith("pakta:"):
            return super().fetch(url, headers)
        data = self._images[url.removeprefix("pakta:")]
        kind = "image/svg+xml" if data.startswith(b"<svg") else "image/png"
        return URLFetcherResponse(url, data, {"Content-Type": kind})


def page_of(text: Pact, act: Act, mark: Mark, sealer: Sealer) -> bytes:
    """The same template, with the same words."""
    filled = pact_form.page_of(text, act, mark, certificate=sealer.certificate, watermark="")
    assets = _Assets(pact_form.images(text, filled, watermark=""))
    with translation.override("id"):
        html = pact_form.render(text, filled, watermark="")
    config = FontConfiguration()
    css = CSS(
        string=_FACES + render_to_string("pdf/pact.css"), font_config=config, url_fetcher=assets
    )
    pdf: bytes = HTML(string=html, url_fetcher=assets).write_pdf(
        stylesheets=[css],
        font_config=config,
        pdf_variant="pdf/a-3b",
        pdf_tags=True,
        pdf_identifier=page.identifier(act.verification_code),
    )
    return pdf


def sealed(pdf: bytes, signer: SimpleSigner) -> bytes:
    output = io.BytesIO()
    meta = PdfSignatureMetadata(field_name="Segel", md_algorithm="sha256")
    sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), meta, signer=signer, output=output)
    return output.getvalue()
