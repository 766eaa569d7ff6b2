"""The page of a signed sheet that was photographed: the picture, and above it what it is.

Everything on it comes from the statement and the picture that the statement names.
"""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils import translation

from pledges.documents import page
from pledges.documents.pact_form import Act
from pledges.models import SealCertificate
from pledges.pact import Pact


def lay_out(
    text: Pact, act: Act, jpeg: bytes, *, certificate: SealCertificate, watermark: str
) -> bytes:
    # See there: costly to import, and not every page of the web prints.
    from pledges.documents import typesetting

    with translation.override("id"):
        html = render_to_string(
            "pdf/scan.html",
            {
                "pact": text,
                "act": act,
                "url": act.url,
                "watermark": watermark,
                "filed_at": page.time(text.event, act.signed_at),
                "notes": [page.how_sealed(certificate), page.of_what(text)],
            },
        )
    pictures = page.images(text.letterhead, url=act.url, watermark=watermark) | {"scan": jpeg}
    return typesetting.write_pdf(
        html,
        stylesheet="pdf/scan.css",
        images=pictures,
        identifier=page.identifier(act.verification_code),
    )
