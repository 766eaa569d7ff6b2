"""Puts people onto the pages of documents: one onto a pact, many onto a declaration."""

from __future__ import annotations

import datetime
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from pledges import identity
from pledges.documents import (
    declaration_form,
    pact_form,
    page,
    report_form,
    scan_form,
    sheet_form,
)
from pledges.documents.declaration_form import Declared, Named, Place, Signing, Signings
from pledges.documents.lines import Unsettable
from pledges.documents.pact_form import Act
from pledges.documents.reported import Reported
from pledges.documents.sheet_form import Sheet
from pledges.marks import Mark
from pledges.models import PactKind, Part
from pledges.pact import Pact

if TYPE_CHECKING:
    from pledges.documents.seal import Sealer

logger = logging.getLogger(__name__)

EXAMPLE = "CONTOH – BUKAN DOKUMEN RESMI"
PREVIEW = "PRATINJAU"


# How many pages of pacts this process set, by how it did.
counted: Counter[str] = Counter()


def press(text: Pact, act: Act, mark: Mark, *, sealer: Sealer) -> bytes:
    """The sealed page that one person signed: pressed into its form, or, where that cannot be,
    laid out as a whole."""
    # See there: costly to import, and the web, which prints previews, never presses.
    from pledges.documents import pressing

    watermark = _watermark(text)
    filled = pact_form.page_of(text, act, mark, certificate=sealer.certificate, watermark=watermark)
    try:
        pdf = pressing.press(
            text,
            filled,
            identifier=page.identifier(act.verification_code),
            sealer=sealer,
            watermark=watermark,
        )
    except Unsettable as reason:
        logger.info("%s is laid out as a whole: %s", act.serial, reason)
        counted["laid out"] += 1
        whole = pact_form.lay_out(
            text, filled, identifier=act.verification_code, watermark=watermark
        )
        return sealer.seal(whole, place=text.event.city, url=act.url)
    counted["pressed"] += 1
    return pdf


def press_scan(text: Pact, act: Act, jpeg: bytes, *, sealer: Sealer) -> bytes:
    """The sealed photograph of a sheet that one person signed with a pen."""
    laid_out = scan_form.lay_out(
        text, act, jpeg, certificate=sealer.certificate, watermark=_watermark(text)
    )
    return sealer.seal(laid_out, place=text.event.city, url=act.url)


def press_sheets(sheets: Sequence[Sheet]) -> bytes:
    """Sheets of one event to be signed with a pen."""
    return sheet_form.lay_out(sheets, watermark=_watermark(sheets[0].text))


def press_declaration(
    text: Pact, declared: Declared, signings: Signings, *, sealer: Sealer
) -> bytes:
    """The sealed declaration that its people signed."""
    laid_out = declaration_form.lay_out(
        text, declared, signings, certificate=sealer.certificate, watermark=_watermark(text)
    )
    return sealer.seal(laid_out, place=text.event.city, url=declared.url)


def press_report(told: Reported, *, sealer: Sealer) -> bytes:
    """The sealed report that was gathered."""
    laid_out = report_form.lay_out(told, certificate=sealer.certificate, watermark=_watermark(told))
    return sealer.seal(laid_out, place=told.event.city, url=told.url)


def _watermark(text: Pact | Reported) -> str:
    return EXAMPLE if text.event.is_example else ""


def preview(text: Pact) -> bytes:
    """The very same page with example people; its QR code leads to the start page.

    A preview of an example stays an example: it too could be printed and shown around.
    """
    watermark = " · ".join(filter(None, [PREVIEW, _watermark(text)]))
    if text.kind == PactKind.DECLARATION:
        declared, signings = _somebodies(text, timezone.now())
        return declaration_form.lay_out(
            text, declared, signings, certificate=None, watermark=watermark
        )
    act = _somebody(text, timezone.now())
    filled = pact_form.page_of(text, act, _MARK, certificate=None, watermark=watermark)
    return pact_form.lay_out(text, filled, identifier="", watermark=watermark)


_MARK = Mark(Mark.TYPED, "Tanda Tangan")


def _somebody(text: Pact, now: datetime.datetime) -> Act:
    return Act(
        event_code="KODE",
        number=1,
        name="Nama Penanda Tangan, S.E.",
        identifier_label="NIP",
        identifier="000000000000000000",
        rank="Penata",
        grade="III/c",
        position="Jabatan Penanda Tangan",
        unit=("Perangkat Daerah", "Unit Kerja Penanda Tangan"),
        method=identity.PERSONAL_LINK,
        method_detail="",
        signed_at=now,
        is_late=False,
        is_sent_later=False,
        claimed_at=None,
        part=Part.SIGNER,
        capacity="",
        verification_code="",
        pact_digest=text.digest,
        mark_digest=_MARK.digest,
    )


def _somebodies(text: Pact, now: datetime.datetime) -> tuple[Declared, Signings]:
    """One who presides, two who stand for others, and one who witnesses."""
    signing = Signing(_somebody(text, now), _MARK)
    places = tuple(_example_places(now))
    declared = Declared(
        event_code="KODE",
        places=places,
        completed_at=now,
        is_closed_early=False,
        verification_code="",
        pact_digest=text.digest,
    )
    return declared, {named.verification_code: signing for named in declared.named}


def _example_places(now: datetime.datetime) -> Iterator[Place]:
    people = [
        (Part.PRESIDING, "", "Nama Pimpinan Acara, M.Si.", "Jabatan Pimpinan Acara"),
        (Part.REPRESENTATIVE, "Bertindak Sebagai", "Nama Perwakilan Pertama, S.E.", "Jabatan"),
        (Part.REPRESENTATIVE, "Bertindak Sebagai", "Nama Perwakilan Kedua, S.Sos.", "Jabatan"),
        (Part.WITNESS, "Bertindak Sebagai", "Nama Saksi", ""),
    ]
    for number, (part, capacity, name, position) in enumerate(people):
        named = Named(f"contoh-{number}", "", _MARK.digest, now)
        yield Place(part, capacity, name, position, named)
