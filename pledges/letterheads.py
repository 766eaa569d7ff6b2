"""What an agency's documents say about the agency itself.

A published pact keeps the letterhead that it was frozen with.
"""

from __future__ import annotations

from typing import IO

from django.db import transaction

from pledges import audit, logos
from pledges.audit import Actor
from pledges.models import Agency


def save(
    agency: Agency,
    *,
    name: str,
    address: str,
    city: str,
    timezone: str,
    logo: IO[bytes] | None,
    keeps_logo: bool,
    by: Actor,
) -> Agency:
    """Write the letterhead; a new logo replaces the old one. Raises `logos.NotAnImage`."""
    if logo is not None:
        agency.logo = logos.store(logo)
    elif not keeps_logo:
        agency.logo = ""
    agency.name, agency.address = name, address
    agency.city, agency.timezone = city, timezone
    with transaction.atomic():
        agency.save(update_fields=["name", "address", "city", "timezone", "logo"])
        audit.record(by=by, action="agency.save", target=agency, has_logo=bool(agency.logo))
    return agency
