"""What the minutes (berita acara) of a closed event say, besides the event's own facts.

Its part of a report's statement is described in `pledges.reports`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Max, Min

from pledges import declaration, pact, recap
from pledges.documents.declaration_form import Declared
from pledges.models import Event, Signature


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who signs the printed minutes; what is "" is written in by hand."""

    role: str
    position: str = ""
    name: str = ""


# Without names: for pens.
BLANK = (Signer("Kepala", "Kepala BKPSDM"), Signer("Saksi I"), Signer("Saksi II"))


def gathered(event: Event, *, signers: Sequence[Signer], reveals_refusals: bool) -> dict[str, Any]:
    people = event.signatories.all()
    return {
        "totals": recap.totals(people, top=event.agency, reveals_refusals=reveals_refusals),
        "legal_bases": list(_legal_bases(event)),
        "declaration": _declaration(event),
        "signers": [asdict(signer) for signer in signers],
        **_span(event),
    }


def _legal_bases(event: Event) -> dict[str, None]:
    """Each once, in the order of the texts."""
    return dict.fromkeys(basis for text in pact.frozen_of(event) for basis in text.legal_bases)


def _declaration(event: Event) -> dict[str, Any] | None:
    row = declaration.current(event)
    if row is None:
        return None
    declared = Declared.of(row.statement)
    return {
        "code": row.verification_code,
        "completed_at": row.completed_at.isoformat(),
        "signed": len(declared.named),
        "places": len(declared.places),
    }


def _span(event: Event) -> dict[str, str | None]:
    """From the first to the last signature of those who are counted."""
    owing = event.signatories.active().owing()
    found = (
        Signature.objects.live()
        .of_pacts()
        .filter(signatory__in=owing)
        .aggregate(first_signed_at=Min("signed_at"), last_signed_at=Max("signed_at"))
    )
    return {name: moment.isoformat() if moment else None for name, moment in found.items()}
