"""Puts one person onto the page of a pact."""

from __future__ import annotations

import datetime

from django.utils import timezone

from pledges import identity
from pledges.documents import form
from pledges.documents.form import Act
from pledges.marks import Mark
from pledges.models import Part, SealCertificate
from pledges.pact import Pact

EXAMPLE = "CONTOH – BUKAN DOKUMEN RESMI"
PREVIEW = "PRATINJAU"


def press(text: Pact, act: Act, mark: Mark, *, certificate: SealCertificate) -> bytes:
    """The page that one person signed, ready to be sealed with this certificate."""
    watermark = EXAMPLE if text.event.is_example else ""
    return form.lay_out(text, act, mark, certificate=certificate, watermark=watermark)


def preview(text: Pact) -> bytes:
    """The very same page with an example person; its QR code leads to the start page.

    A preview of an example stays an example: it too could be printed and shown around.
    """
    mark = Mark(Mark.TYPED, "Tanda Tangan")
    somebody = _somebody(text, mark, timezone.now())
    watermark = f"{PREVIEW} · {EXAMPLE}" if text.event.is_example else PREVIEW
    return form.lay_out(text, somebody, mark, certificate=None, watermark=watermark)


def _somebody(text: Pact, mark: Mark, now: datetime.datetime) -> Act:
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
        mark_digest=mark.digest,
    )
