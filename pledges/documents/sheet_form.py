"""The sheet that is signed with a pen: a pact with somebody's data and an empty place.

It comes from the frozen text and the roster, and is neither sealed nor filed: it becomes
something when its photograph is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation

from pledges.documents import page
from pledges.documents.pact_form import Signer
from pledges.pact import Pact

_NOTE = (
    "Lembar tanda tangan basah. Tandatangani dengan pena dan isi tanggalnya; petugas unit lalu "
    "memotret dan mencatatnya. Kode QR ini hanya untuk mencatat foto lembar ini dan tidak dapat "
    "dipakai untuk menandatangani secara elektronik."
)
# Each sets the text smaller than the one before.
_TIGHTER = ("pdf/tight.css", "pdf/tighter.css")


@dataclass(frozen=True, slots=True)
class Sheet:
    text: Pact
    signer: Signer
    # The address in its QR code.
    url: str


def lay_out(sheets: Sequence[Sheet], *, watermark: str) -> bytes:
    """All sheets in one PDF, each on a page of its own where its text has room on one."""
    # See there: costly to import, and not every page of the web prints.
    from pledges.documents import typesetting

    with translation.override("id"):
        handouts = [
            typesetting.Handout(
                _html(sheet, watermark),
                page.images(sheet.text.letterhead, url=sheet.url, watermark=watermark),
            )
            for sheet in sheets
        ]
    return typesetting.write_handouts(handouts, stylesheet="pdf/sheet.css", tighter=_TIGHTER)


def _html(sheet: Sheet, watermark: str) -> str:
    notes = [_NOTE, page.of_what(sheet.text)]
    return render_to_string(
        "pdf/sheet.html",
        {
            "pact": sheet.text,
            "act": sheet.signer,
            "rows": sheet.signer.identity,
            "url": sheet.url,
            "watermark": watermark,
            "event_date": page.day(sheet.text.event.day),
            "notes": notes,
            "are_long": page.are_long([watermark, *notes]),
        },
    )
