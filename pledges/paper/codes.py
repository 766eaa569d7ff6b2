"""The QR code of a printed sheet: whose sheet it is, of which text, and that it comes from here.

It files a photograph and signs nothing: it has nothing in common with the personal link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from pledges import identity, keys
from pledges.models import Pact, Signatory

_VERSION_BITS = 40
# So many hex digits tell the texts apart that an agency froze.
_DIGEST_LENGTH = 12
_ADDRESS = re.compile(r"https?://[^/\s]+/lembar/([0-9A-Za-z-]{1,120})")


@dataclass(frozen=True, slots=True)
class Printed:
    """What the code of a sheet that was printed here says."""

    person: Signatory
    version: str
    digest: str

    def is_outdated(self, person: Signatory) -> bool:
        """Whether the number changed or a signature was voided since; `person` as of now."""
        return self.version != _version(person)

    def is_of(self, text: Pact) -> bool:
        return text.is_frozen and text.digest.startswith(self.digest)


def token(person: Signatory, text: Pact) -> str:
    version, digest = _version(person), text.digest[:_DIGEST_LENGTH]
    return f"{person.pk}-{version}-{digest}-{_proof(person, version, digest)}"


def _version(person: Signatory) -> str:
    number = person.nip or person.nik_hash
    parts = person.pk, person.generation, person.voids, number
    return keys.derived("sheet-version", *parts, bits=_VERSION_BITS)


def _proof(person: Signatory, version: str, digest: str) -> str:
    parts = person.event_id, person.pk, version, digest
    return keys.derived("sheet", *parts, bits=keys.SECRET_BITS)


def address(token: str) -> str:
    """Whoever scans a sheet is told there what it is."""
    return f"{settings.BASE_URL}/lembar/{token}"


def tokens_in(codes: Iterable[str]) -> set[str]:
    """Of sheets, or of what pretends to be one, among whatever codes were read."""
    return {match[1] for code in codes if (match := _ADDRESS.fullmatch(code))}


def printed(token: str) -> Printed | None:
    """None for a sheet that was not printed here."""
    person = identity.people().filter(pk=keys.row_of(token)).first()
    parts = token.split("-")
    if person is None or len(parts) != 4:
        return None
    _, version, digest, proof = parts
    is_ours = keys.same(_proof(person, version, digest), proof)
    return Printed(person, version, digest) if is_ours else None
