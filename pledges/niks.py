"""What is stored with NIK_KEY: whether that is its key, and giving it another.

That is NIK, files that hold some, and what second factors are computed from.

A rotation goes from the newest person to the oldest, batch by batch. So the oldest NIK on
record tells whether a rotation has ended, and the newest whether one has begun, or whether a
process that still has the old key enrolled somebody after it: unless both belong to the key,
nothing is looked up or enrolled by a NIK, for a person who is there already would not be found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet

from pledges import audit, keys
from pledges.keys import NikKey
from pledges.models import Import, Signatory

BATCH = 500
# At the end of a file's name when it was encrypted anew; the next rotation takes it off again.
_ANEW = ".r"
# What allauth has encrypted of an app, and of recovery codes.
_OF_FACTORS = {"secret", "seed"}


def require_key() -> None:
    """Raises WrongNikKey unless every NIK on record was stored with the key that is set now."""
    for order in ("pk", "-pk"):
        if cipher := _with_nik().order_by(order).values_list("nik_cipher", flat=True).first():
            keys.decrypt_nik(cipher)


def require_key_of_factors() -> None:
    """The same of second factors, without which nobody who has one would get in."""
    factors = Authenticator.objects.filter(type__in=("totp", "recovery_codes"))
    for order in ("pk", "-pk"):
        if factor := factors.order_by(order).first():
            for name in _OF_FACTORS.intersection(factor.data):
                keys.decrypt_nik(factor.data[name])


def _with_nik() -> QuerySet[Signatory]:
    return Signatory.objects.filter(nik_cipher__isnull=False)


@dataclass(slots=True)
class Tally:
    """What one run came to. `unreadable` are opened by neither key and stay as they are."""

    people: int = 0
    files: int = 0
    factors: int = 0
    unreadable: int = 0


def rotate(*, old: NikKey) -> Tally:
    """Give everything that was stored with the old key the one that is set now.

    What has the new key already is passed over, so that a run that was killed is finished by
    running it again. It goes through all of it until it finds nothing more to do: a process
    that was not stopped may have stored something with the old key meanwhile.
    """
    new, tally = keys.nik_key(), Tally()
    while (found := _pass(old, new)).people or found.files or found.factors:
        tally.people += found.people
        tally.files += found.files
        tally.factors += found.factors
    tally.unreadable = found.unreadable
    return tally


def _pass(old: NikKey, new: NikKey) -> Tally:
    found = Tally()
    for batch in _batches():
        _rotate_people(batch, old, new, found)
    for row in Import.objects.exclude(file="", report=""):
        for column in ("file", "report"):
            _rotate_file(row, column, old, new, found)
    for number in Authenticator.objects.values_list("pk", flat=True):
        _rotate_factor(number, old, new, found)
    return found


def _batches() -> Iterator[list[int]]:
    """The numbers of those with a NIK, the newest first."""
    numbers = list(_with_nik().order_by("-pk").values_list("pk", flat=True))
    for start in range(0, len(numbers), BATCH):
        yield numbers[start : start + BATCH]


@transaction.atomic
def _rotate_people(numbers: list[int], old: NikKey, new: NikKey, tally: Tally) -> None:
    """In one transaction: killed in between, nobody has the cipher of one key and the hash of
    the other."""
    people = list(_with_nik().filter(pk__in=numbers).select_for_update().order_by("-pk"))
    changed = [person for person in people if _rotated(person, old, new, tally)]
    Signatory.objects.bulk_update(changed, ["nik_cipher", "nik_hash"])
    if changed:
        audit.record(by=None, action="nik.rotate", target=changed[-1], people=len(changed))
    tally.people += len(changed)


def _rotated(person: Signatory, old: NikKey, new: NikKey, tally: Tally) -> bool:
    cipher = (person.nik_cipher or "").encode()
    if new.opens(cipher):
        return False
    if not old.opens(cipher):
        tally.unreadable += 1
        return False
    nik = old.decrypt(cipher).decode()
    person.nik_cipher, person.nik_hash = new.encrypt(nik.encode()).decode(), new.hash(nik)
    return True


@transaction.atomic
def _rotate_factor(number: int, old: NikKey, new: NikKey, tally: Tally) -> None:
    """Beside the cipher stands which recovery codes were used, so nobody may use one meanwhile."""
    factor = Authenticator.objects.select_for_update().filter(pk=number).first()
    for name in _OF_FACTORS.intersection(factor.data if factor else ()):
        cipher = factor.data[name].encode()
        if new.opens(cipher):
            continue
        if not old.opens(cipher):
            tally.unreadable += 1
            continue
        factor.data[name] = new.encrypt(old.decrypt(cipher)).decode()
        factor.save(update_fields=["data"])
        tally.factors += 1


def _rotate_file(row: Import, column: str, old: NikKey, new: NikKey, tally: Tally) -> None:
    """A file gets its second name and the row points there, before the first one is deleted;
    both names follow from each other, so that a run that was killed leaves none behind."""
    name: str = getattr(row, column)
    if not name or not default_storage.exists(name):
        return
    with default_storage.open(name) as file:
        cipher = file.read()
    other = name.removesuffix(_ANEW) if name.endswith(_ANEW) else name + _ANEW
    default_storage.delete(other)
    if new.opens(cipher):
        return
    if not old.opens(cipher):
        tally.unreadable += 1
        return
    default_storage.save(other, ContentFile(new.encrypt(old.decrypt(cipher))))
    # Unless it was cancelled or read again in the meantime.
    moved = Import.objects.filter(pk=row.pk, **{column: name}).update(**{column: other})
    default_storage.delete(name if moved else other)
    tally.files += moved
