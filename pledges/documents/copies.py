"""Copies of pacts for a book that is printed: unsealed, marked as copies, numbered.

Everything on a copy comes from the frozen text, the statement and the mark, as on the sealed
page; its QR code leads to that one's verification.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils import translation

from pledges.documents import pact_form, page, pictures, press
from pledges.documents.pact_form import Act
from pledges.marks import Mark
from pledges.models import Agency, Event
from pledges.pact import Pact

if TYPE_CHECKING:
    from pledges.documents.typesetting import Handout

COPY = "SALINAN"


@dataclass(frozen=True, slots=True)
class Line:
    """Of the table of contents: a person's number in the book."""

    number: int
    act: Act


@dataclass(frozen=True, slots=True)
class Copy:
    number: int
    act: Act
    text: Pact
    mark: Mark


def lay_out(copies: Sequence[Copy]) -> bytes:
    """The pages of some people, one after the other."""
    # See there: costly to import, and not every page of the web prints.
    from pledges.documents import typesetting

    with translation.override("id"):
        pages = [_handout(copy) for copy in copies]
    return typesetting.write_handouts(pages, stylesheet="pdf/copy.css")


def _handout(copy: Copy) -> Handout:
    from pledges.documents.typesetting import Handout

    text, act, watermark = copy.text, copy.act, _watermark(copy)
    notes = [
        pact_form.how_signed(text, act, copy.mark),
        f"{COPY} untuk dicetak, tanpa segel. Dokumen aslinya yang bersegel dikenal dengan kode "
        f"verifikasi {act.verification_code} dan diperiksa pada {act.url}.",
        page.of_what(text),
    ]
    filled = pact_form.filled(text, act, copy.mark, notes, watermark=watermark)
    return Handout(
        pact_form.render(text, filled, watermark=watermark, copy=copy.number),
        pact_form.images(text, filled, watermark=watermark),
    )


def _watermark(copy: Copy) -> str:
    return f"{COPY} · {press.EXAMPLE}" if copy.text.event.is_example else COPY


def band(line: Line) -> bytes:
    """What is laid over a scanned sheet: nothing but a line at its top, with the QR code."""
    from pledges.documents import typesetting

    html = render_to_string("pdf/band.html", {"line": line, "act": line.act, "url": line.act.url})
    images = {"qr": pictures.qr(line.act.url)}
    return typesetting.write_handout(html, stylesheet="pdf/band.css", images=images)


def cover(event: Event, unit: Agency, lines: Sequence[Line], *, at: datetime.datetime) -> bytes:
    """What the book is, of what moment, and who is in it."""
    from pledges.documents import typesetting

    with translation.override("id"):
        html = render_to_string(
            "pdf/book.html",
            {
                "event": event,
                "unit": unit,
                "lines": lines,
                "at": at,
                "watermark": press.EXAMPLE if event.is_example else "",
            },
        )
    return typesetting.write_handout(html, stylesheet="pdf/book.css", images={})
