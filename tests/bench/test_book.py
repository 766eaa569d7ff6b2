"""How fast a unit's book is laid out, and how much memory it needs."""

from __future__ import annotations

import time

import pytest
from django.utils import timezone

from pledges import books
from pledges.exports import Whose
from pledges.models import Document, SealCertificate, Signature
from tests import cast
from tests.bench.crowd import peak_rss

PEOPLE = 300


@pytest.mark.bench
@pytest.mark.django_db(transaction=True)
def test_a_book_of_300_people() -> None:
    event = cast.make_open(cast.make_city())
    unit = cast.make_agency("Dinas Besar", above=event.agency)
    for number in range(PEOPLE):
        nip = f"{198001012005010000 + number}"
        cast.sign(cast.make_person(event, unit=unit, name=f"Pegawai Contoh {number}", nip=nip))
    _count_as_sealed()
    book = books.ask(event, unit=unit, whose=Whose.EVERYBODY, by=cast.make_user("a@contoh.example"))
    start = time.perf_counter()
    print()
    with peak_rss("book"):
        books.make(book)
    spent = time.perf_counter() - start
    book.refresh_from_db()
    assert book.done == PEOPLE
    print(f"book_people_per_s {PEOPLE / spent:.1f}")
    print(f"book_kb_per_person {book.size / PEOPLE / 1000:.1f}")


def _count_as_sealed() -> None:
    """A copy is made of the statement; nobody looks into the file."""
    now = timezone.now()
    certificate = SealCertificate.objects.create(
        fingerprint="0" * 64, chain="", subject="", not_before=now, not_after=now,
        is_development=True,
    )  # fmt: skip
    event = Signature.objects.all()[0].signatory.event
    Document.objects.bulk_create(
        Document(
            event=event, signature=signature, certificate=certificate, file="documents/x.pdf",
            sha256=f"{signature.pk:064}", size=1, crc32=0,
        )
        for signature in Signature.objects.all()
    )  # fmt: skip
