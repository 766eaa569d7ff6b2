"""One person who is on the roster already gets other data, or another number.

A signature that stands keeps what its statement says. Whoever shall have a document with the
new data signs again, after an admin has voided the old signature.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from pledges import audit
from pledges.audit import Actor
from pledges.models import Agency, Signatory
from pledges.roster import enrol
from pledges.roster.enrol import AlreadySigned
from pledges.roster.rows import Row

_FIELDS = ("name", "kind", "rank", "grade", "position", "email", "phone")
# A number and what is read from it or goes with it.
_OF_NUMBER = ("nip", "nik_cipher", "nik_hash", "kind", "rank", "grade")
# An e-mail address can prove who somebody is, so that a new one is listed for admins.
EMAIL_CHANGED = "roster.change_email"


@transaction.atomic
def data(person: Signatory, row: Row, *, unit: Agency, by: Actor) -> list[str]:
    """Everything but number, part and wave; what the row leaves empty becomes empty.

    Returns the names of the fields that changed. Raises AlreadySigned for another kind, on
    which it depends which text somebody signs.
    """
    event = enrol.hold_unclosed(person.event)
    person = _again(person)
    wanted = {name: getattr(row, name) for name in _FIELDS} | {"unit": unit}
    if row.grade == person.grade:
        # A rank can stand without a grade; the form knows grades only.
        wanted["rank"] = person.rank
    changed = [name for name, value in wanted.items() if getattr(person, name) != value]
    if "kind" in changed:
        _require_unsigned(person)
    if changed:
        _write(person, {name: wanted[name] for name in changed})
        audit.record(by=by, action="roster.amend", target=person, event=event, fields=changed)
    if "email" in changed:
        audit.record(by=by, action=EMAIL_CHANGED, target=person, event=event)
    return changed


@transaction.atomic
def number(person: Signatory, row: Row, *, by: Actor) -> None:
    """Another NIP or NIK. Links and codes stay as they are, since they are the person's."""
    event = enrol.hold_unclosed(person.event)
    person = _again(person)
    _require_unsigned(person)
    enrol.require_new_number(event, row, but=person)
    standing = {"kind": row.kind, "rank": row.rank, "grade": row.grade}
    _write(person, {**enrol.numbers(row), **standing})
    audit.record(
        by=by, action="roster.change_number", target=person, event=event, fields=_OF_NUMBER
    )


def _again(person: Signatory) -> Signatory:
    """As it is under the event's lock."""
    return Signatory.objects.select_related("unit").get(pk=person.pk)


def _require_unsigned(person: Signatory) -> None:
    if person.signatures.live().exists():
        raise AlreadySigned(
            f"{person.name} sudah menandatangani, jadi nomor dan jenis kepegawaiannya tetap. Bila "
            "keliru, admin membatalkan tanda tangannya dahulu."
        )


def _write(person: Signatory, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(person, name, value)
    person.save(update_fields=list(values))
