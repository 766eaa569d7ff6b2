"""Exports, fixed at the moment they are asked for: the same bytes for ever, in any pieces."""

from __future__ import annotations

import datetime
import hashlib
import random
import tracemalloc
import zlib

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from pledges import exports, signing, zips
from pledges.documents.issue import issue
from pledges.downloads import NothingSealed
from pledges.events import Purged
from pledges.exports import Gone, Whose
from pledges.models import Agency, AuditEntry, Document, Event, Export, Signature
from pledges.zips import BrokenMember, Member
from tests import cast
from tests.cast import AGUS, BUDI, DEWI, SITI
from tests.test_downloads import a_user, ask, sign_and_seal, taken, unzip
from tests.threads import at_once


def test_an_export_is_fixed_at_the_moment_it_was_asked_for(city, open_event, sealer):
    """Whoever signs, is voided, renamed or moved afterwards: same bytes."""
    sign_and_seal(open_event, sealer, SITI, BUDI)
    export = ask(open_event)
    before = taken(export)

    sign_and_seal(open_event, sealer, DEWI)
    budi = cast.someone(open_event, BUDI)
    signing.void(budi.signatures.get(), reason="Salah orang", by=None)
    city.school.name = "SDN 1 Baru"
    city.school.save(update_fields=["name"])
    Agency.objects.move(city.school, city.health, "last-child")

    assert taken(export) == before
    assert len(before) == export.size
    assert [name for name in unzip(export).namelist() if name.endswith(".pdf")] == [
        "Dinas Pendidikan/SDN 1 Contoh/198001012005012001_Siti Aminah, S.Pd.pdf",
        "Dinas Kesehatan/Puskesmas Contoh/199002022024211001_Budi Santoso, S.K.M.pdf",
    ]


def stored() -> set[str]:
    _, files = default_storage.listdir("exports") if default_storage.exists("exports") else ([], [])
    return {f"exports/{name}" for name in files}


@pytest.mark.django_db(transaction=True)
def test_several_clicks_at_once_ask_for_one_export(transactional_db: None, sealer):
    event = cast.make_open(cast.make_city())
    user = a_user()
    sign_and_seal(event, sealer, SITI)

    before = stored()

    first, *others = at_once([lambda: ask(event, by=user)] * 4)

    assert others == [first] * 3
    assert Export.objects.get() == first
    assert stored() - before == {first.index}
    assert AuditEntry.objects.filter(action="export.documents").count() == 1


def test_what_another_asks_for_or_what_is_otherwise_is_an_export_of_its_own(
    city, open_event, sealer, admin
):
    sign_and_seal(open_event, sealer, SITI)
    ask(open_event)
    ask(open_event, by=admin)
    ask(open_event, unit=city.education)
    sign_and_seal(open_event, sealer, BUDI)

    assert ask(open_event).documents == 2
    assert Export.objects.count() == 4


def test_after_a_minute_the_same_is_asked_for_anew(open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    first = ask(open_event)
    Export.objects.update(asked_at=timezone.now() - datetime.timedelta(seconds=61))

    assert ask(open_event) != first


def test_any_piece_of_an_export_is_a_slice_of_the_whole(open_event, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI, DEWI)
    export = ask(open_event)
    whole = taken(export)
    numbers = random.Random(4)

    for _ in range(100):
        start, stop = sorted(numbers.randint(0, len(whole)) for _ in range(2))
        assert taken(export, start, stop) == whole[start:stop]


def test_what_waits_for_its_seal_is_counted_and_not_in_the_export(open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    waiting = cast.sign(cast.someone(open_event, BUDI))
    export = ask(open_event)
    issue(waiting, sealer=sealer)

    assert (export.documents, export.waiting) == (1, 1)
    assert len(unzip(export).namelist()) == 3


def test_an_export_is_chosen_by_unit(city, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI, DEWI)

    names = unzip(ask(open_event, unit=city.education)).namelist()

    assert [name for name in names if name.endswith(".pdf")] == [
        "Dinas Pendidikan/197503032000032002_Dr. Dewi Lestari, S.Pd., M.Pd.pdf",
        "Dinas Pendidikan/SDN 1 Contoh/198001012005012001_Siti Aminah, S.Pd.pdf",
    ]


@pytest.mark.parametrize(
    ("whose", "numbers"),
    [
        (Whose.EVERYBODY, {SITI, BUDI, DEWI}),
        (Whose.IN_TIME, {SITI, DEWI}),
        (Whose.LATE, {BUDI}),
        (Whose.PAPER, {DEWI}),
    ],
)
def test_an_export_is_chosen_by_state(open_event, sealer, whose, numbers):
    sign_and_seal(open_event, sealer, SITI, BUDI, DEWI)
    Signature.objects.filter(signatory__nip=BUDI).update(is_late=True)
    scan = Document.objects.filter(signature__signatory__nip=DEWI)
    scan.update(kind=Document.Kind.SCAN)

    names = unzip(ask(open_event, whose=whose)).namelist()

    found = {nip for nip in (SITI, BUDI, DEWI, AGUS) if any(nip in name for name in names)}
    assert found == numbers


def test_nothing_is_kept_of_what_has_nothing_in_it(open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)

    with pytest.raises(NothingSealed, match="Belum ada yang menandatangani di bagian ini"):
        ask(open_event, whose=Whose.LATE)

    assert not Export.objects.exists()
    assert not AuditEntry.objects.filter(action__startswith="export").exists()


def test_every_export_and_every_taking_of_it_is_in_the_audit_log(city, open_event, admin, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI)

    export = ask(open_event, unit=city.health, by=admin)
    exports.take(export, by=admin, goes_on=False)
    exports.take(export, by=admin, goes_on=True)

    entries = AuditEntry.objects.filter(action__startswith="export")
    assert [entry.action for entry in entries] == ["export.documents", "export.take"]
    for entry in entries:
        assert (entry.actor, entry.target) == (f"user:{admin.pk}", f"agency:{city.health.pk}")
        assert entry.event_id == open_event.pk
        assert entry.details == {"export": export.pk, "documents": 1, "kind": "documents"}


def test_the_etag_is_the_hash_of_the_index_which_names_every_file(open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)

    export = ask(open_event)

    with default_storage.open(export.index) as index:
        content = index.read()
    assert export.sha256 == hashlib.sha256(content).hexdigest()
    assert Document.objects.get().file.encode() in content


def test_an_archive_of_which_a_file_is_gone_breaks_off_there(open_event, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI)
    export = ask(open_event)
    whole = taken(export)
    [siti, budi] = unzip(export).infolist()[2:]
    default_storage.delete(Document.objects.get(signature__signatory__nip=BUDI).file)

    pieces: list[bytes] = []
    with pytest.raises(BrokenMember):
        pieces.extend(exports.take(export, by=export.asked_by, goes_on=True).read(0, export.size))

    assert siti.header_offset < budi.header_offset
    assert whole.startswith(b"".join(pieces))
    assert taken(export, 0, budi.header_offset) == whole[: budi.header_offset]


def test_what_was_deleted_after_its_retention_is_in_no_new_export(open_event, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI)
    Document.objects.filter(signature__signatory__nip=BUDI).update(file="")

    assert len(unzip(ask(open_event)).namelist()) == 3
    Document.objects.update(file="")
    Event.objects.update(purged_at=timezone.now())
    with pytest.raises(Purged, match="telah dihapus sesuai masa simpannya"):
        ask(Event.objects.get())


def test_exports_are_gone_after_seven_days_and_their_files_with_the_next_that_is_asked(
    open_event, sealer
):
    sign_and_seal(open_event, sealer, SITI)
    export = ask(open_event)
    Export.objects.update(asked_at=timezone.now() - datetime.timedelta(days=7, minutes=1))
    export.refresh_from_db()

    with pytest.raises(Gone):
        taken(export)
    new = ask(open_event)

    assert list(Export.objects.all()) == [new]
    assert not default_storage.exists(export.index)
    assert default_storage.exists(Document.objects.get().file)


def weigh(document: Document, size: int) -> None:
    """Put a file of that size in the document's place."""
    document.file = default_storage.save("documents/heavy.pdf", ContentFile(bytes(size)))
    document.size, document.crc32 = size, 0
    document.save(update_fields=["file", "size", "crc32"])


def test_the_archive_is_streamed_with_flat_memory(city, open_event, sealer):
    """Whatever the documents weigh: each of these is as heavy as two hundred."""
    for number in range(3):
        person = cast.make_person(
            open_event, unit=city.clinic, name="Pegawai", nip=f"19800101200501{number:04}"
        )
        weigh(issue(cast.sign(person), sealer=sealer), 10_000_000)
    content = exports.take(ask(open_event), by=cast.make_user("a@contoh.example"), goes_on=False)

    tracemalloc.start()
    length = sum(map(len, content.read(0, content.size)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert length == content.size > 30_000_000
    assert peak < 1_000_000


def of_many(event: Event, count: int) -> Export:
    """An export of so many small documents, without their rows."""
    content = b"%PDF-1.7 kecil"
    stored = default_storage.save("documents/small.pdf", ContentFile(content))
    members = [
        Member(f"Dinas Contoh/{number:018}_Pegawai.pdf", len(content), zlib.crc32(content), stored)
        for number in range(count)
    ]
    index = exports.keep("index", ContentFile(exports._written({"manifest.csv": b""}, members)))
    return Export.objects.create(
        event=event, unit=event.agency, kind=Export.Kind.DOCUMENTS, index=index,
        asked_by=a_user(), documents=count,
        size=zips.size([Member("manifest.csv", 0, 0, ""), *members]),
    )  # fmt: skip


def test_the_archive_of_many_small_documents_is_streamed_with_flat_memory(open_event):
    """However many they are: a list of 20,000 of them alone would take several megabytes."""
    peaks = {}
    for count in (200, 20_000):
        export = of_many(open_event, count)
        content = exports.take(export, by=export.asked_by, goes_on=True)
        tracemalloc.start()
        length = sum(map(len, content.read(0, content.size)))
        peaks[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert length == content.size == export.size

    assert peaks[20_000] < peaks[200] + 300_000 < 1_000_000
