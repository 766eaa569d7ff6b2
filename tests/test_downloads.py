"""Sealed documents to take away: the archive, its names, its manifest."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from openpyxl import load_workbook

from pledges import declaration, downloads, events, exports
from pledges.documents.issue import issue
from pledges.documents.seal import Sealer
from pledges.exports import Whose
from pledges.models import AuditEntry, Event, Export, Signatory, Signature
from tests import cast
from tests.cast import BUDI, DEWI, RAHMAT_NIK, SITI
from tests.pdfs import sealed, stored


def sign_and_seal(event: Event, sealer: Sealer, *nips: str) -> dict[str, bytes]:
    """The sealed documents by NIP."""
    return {nip: sealed(cast.sign(cast.someone(event, nip)), sealer) for nip in nips}


def everybody(event: Event):
    return Signatory.objects.filter(event=event)


def export(event: Event, people=None) -> downloads.Bundle:
    chosen = downloads.signatures(everybody(event) if people is None else people)
    return downloads.bundle(chosen, event=event)


def ask(event: Event, *, with_declaration: bool = False, **chosen) -> Export:
    """As somebody who cares for all of the event, unless `unit` and `by` say otherwise."""
    values = {"unit": event.agency, "whose": Whose.EVERYBODY, "by": a_user()}
    return exports.ask(event, with_declaration=with_declaration, **values | chosen)  # type: ignore[arg-type]


def a_user() -> User:
    return User.objects.filter(username="siapa@contoh.example").first() or cast.make_user(
        "siapa@contoh.example"
    )


def taken(export: Export, start: int = 0, stop: int | None = None) -> bytes:
    content = exports.content(export)
    return b"".join(content.read(start, content.size if stop is None else stop))


def unzip(export: Export) -> zipfile.ZipFile:
    content = taken(export)
    assert len(content) == export.size
    return zipfile.ZipFile(io.BytesIO(content))


def names(event: Event) -> list[str]:
    return [entry.path for entry in export(event).entries]


def test_the_archive_holds_each_sealed_file_unchanged_in_the_folder_of_its_unit(open_event, sealer):
    pdfs = sign_and_seal(open_event, sealer, SITI, BUDI, DEWI, RAHMAT_NIK)

    archive = unzip(ask(open_event))

    assert archive.testzip() is None
    assert archive.namelist() == [
        "manifest.xlsx",
        "manifest.csv",
        "Dinas Pendidikan/197503032000032002_Dr. Dewi Lestari, S.Pd., M.Pd.pdf",
        "Dinas Pendidikan/SDN 1 Contoh/198001012005012001_Siti Aminah, S.Pd.pdf",
        "Dinas Kesehatan/Puskesmas Contoh/199002022024211001_Budi Santoso, S.K.M.pdf",
        "Dinas Kesehatan/Puskesmas Contoh/Non-ASN-00005_Rahmat Hidayat.pdf",
    ]
    assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
    assert archive.read(archive.namelist()[3]) == pdfs[SITI]


def test_the_manifest_lists_file_name_nip_unit_time_and_hash_in_both_forms(open_event, sealer):
    sign_and_seal(open_event, sealer, SITI, RAHMAT_NIK)

    archive = unzip(ask(open_event))
    sheet = load_workbook(io.BytesIO(archive.read("manifest.xlsx"))).worksheets[0]
    in_xlsx = [[str(cell.value) for cell in row] for row in sheet.iter_rows()]
    in_csv = list(csv.reader(io.StringIO(archive.read("manifest.csv").decode("utf-8-sig"))))

    assert in_xlsx[0] == [
        "Berkas", "Nama", "NIP/NIK", "Unit kerja", "Ditandatangani pada", "SHA-256",
    ]  # fmt: skip
    file, name, nip, unit, signed_at, sha256 = in_xlsx[1]
    assert file == "Dinas Pendidikan/SDN 1 Contoh/198001012005012001_Siti Aminah, S.Pd.pdf"
    assert (name, nip) == ("Siti Aminah, S.Pd.", "198001012005012001")
    assert sheet["C2"].data_type == "s"
    assert unit == "Dinas Pendidikan › SDN 1 Contoh"
    assert signed_at.endswith(" WIB")
    assert sha256 == hashlib.sha256(archive.read(str(file))).hexdigest()
    assert in_xlsx[2][2] == "3273••••••••••01"
    assert archive.read("manifest.csv").startswith(b"\xef\xbb\xbf")
    assert in_csv[1] == [file, name, "198001012005012001", unit, signed_at, sha256]


@pytest.mark.parametrize(
    ("zone", "name"), [("Asia/Jakarta", "WIB"), ("Asia/Makassar", "WITA"), ("Asia/Jayapura", "WIT")]
)
def test_times_in_the_manifest_are_in_the_zone_of_the_event_and_name_it(city, zone, name, sealer):
    city.agency.timezone = zone
    city.agency.save(update_fields=["timezone"])
    event = cast.make_open(city)
    sign_and_seal(event, sealer, SITI)
    signed_at = Signature.objects.get().signed_at.astimezone(event.zone)

    (entry,) = export(event).entries

    assert entry.signed_at == f"{signed_at:%Y-%m-%d %H:%M:%S} {name}"


def test_the_manifest_neutralises_a_name_that_begins_like_a_formula(city, sealer):
    event = cast.make_event(city.agency)
    cast.make_pact(event)
    cast.make_person(event, unit=city.clinic, name="=HYPERLINK(1)", nip=SITI)
    sign_and_seal(events.publish(event, by=None), sealer, SITI)

    archive = unzip(ask(event))

    sheet = load_workbook(io.BytesIO(archive.read("manifest.xlsx"))).worksheets[0]
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("'=HYPERLINK(1)", "s")
    assert b',"\'=HYPERLINK(1)",' in archive.read("manifest.csv")


def test_names_of_units_and_people_are_safe_on_windows_and_unique(city, sealer):
    event = cast.make_event(city.agency)
    cast.make_pact(event)
    for number, unit in enumerate(["CON", "Bagian A/B", "BAGIAN A-B", "manifest.csv"], start=1):
        cast.make_person(
            event, unit=cast.make_agency(unit, above=city.agency), name='Sri "Ayu" ' + "x" * 90,
            nip=f"19800101200501200{number}",
        )  # fmt: skip
    cast.make_person(event, unit=city.agency, name="Sekda", nip="198001012005012005")
    event = events.publish(event, by=None)
    sign_and_seal(event, sealer, *[f"19800101200501200{number}" for number in range(1, 6)])

    cut = "Sri -Ayu- " + "x" * 40
    assert sorted(names(event)) == [
        f"BAGIAN A-B (2)/198001012005012003_{cut}.pdf",
        f"Bagian A-B/198001012005012002_{cut}.pdf",
        "Pemerintah Kota Contoh/198001012005012005_Sekda.pdf",
        f"_CON/198001012005012001_{cut}.pdf",
        f"manifest.csv (2)/198001012005012004_{cut}.pdf",
    ]
    assert max(map(len, names(event))) < 120


def test_a_unit_that_was_renamed_later_keeps_the_name_that_stands_in_the_document(
    city, open_event, sealer
):
    sign_and_seal(open_event, sealer, SITI)
    city.school.name = "SDN 1 Baru"
    city.school.save(update_fields=["name"])

    assert names(open_event)[0].startswith("Dinas Pendidikan/SDN 1 Contoh/")


def test_only_sealed_documents_are_taken_and_the_waiting_ones_are_counted(open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    cast.sign(cast.someone(open_event, BUDI))

    bundle = export(open_event)

    assert len(bundle.entries) == 1
    assert bundle.waiting == 1


def test_a_voided_document_is_not_taken(open_event, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI)
    Signature.objects.filter(signatory__nip=BUDI).update(
        voided_at=timezone.now(), void_reason="Salah orang"
    )

    assert len(export(open_event).entries) == 1


def test_with_nothing_sealed_the_reason_is_told_and_nothing_is_logged(open_event):
    with pytest.raises(downloads.NothingSealed, match="Belum ada yang menandatangani"):
        export(open_event)

    cast.sign(cast.someone(open_event, SITI))

    with pytest.raises(downloads.NothingSealed, match="1 tanda tangan masih menunggu disegel"):
        export(open_event)
    assert not AuditEntry.objects.filter(action__startswith="export").exists()


def test_a_unit_alone_can_be_taken(city, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI)

    bundle = export(open_event, everybody(open_event).in_unit(city.education))

    assert [entry.name for entry in bundle.entries] == ["Siti Aminah, S.Pd."]


def test_an_events_export_by_command_is_logged(open_event, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI)

    downloads.export(open_event, by=None)

    entry = AuditEntry.objects.get(action="export.documents")
    assert (entry.actor, entry.target) == ("system", f"event:{open_event.pk}")
    assert entry.details == {"documents": 2}


def test_one_persons_document_is_taken_by_name_and_logged(open_event, admin, sealer):
    pdfs = sign_and_seal(open_event, sealer, SITI)
    siti = cast.someone(open_event, SITI)

    entry = downloads.export_one(siti, by=admin)

    assert entry.path.endswith("/198001012005012001_Siti Aminah, S.Pd.pdf")
    assert b"".join(entry.chunks()) == pdfs[SITI]
    assert AuditEntry.objects.get(action="export.document").target == f"signatory:{siti.pk}"


def test_a_person_without_a_sealed_document_has_nothing_to_take(siti):
    with pytest.raises(downloads.NothingSealed):
        downloads.export_one(siti, by=None)


def test_sizes_are_told_per_unit_with_all_below_it(city, open_event, sealer):
    pdfs = sign_and_seal(open_event, sealer, SITI, BUDI, DEWI)
    cast.sign(cast.someone(open_event, RAHMAT_NIK))
    siti, budi, dewi = (len(pdfs[nip]) for nip in (SITI, BUDI, DEWI))

    rows = downloads.by_unit(everybody(open_event), top=city.agency)

    assert [(r.unit.name, r.depth, r.sealed, r.waiting, r.size) for r in rows] == [
        ("Pemerintah Kota Contoh", 0, 3, 1, siti + budi + dewi),
        ("Dinas Pendidikan", 1, 2, 0, siti + dewi),
        ("SDN 1 Contoh", 2, 1, 0, siti),
        ("Dinas Kesehatan", 1, 1, 1, budi),
        ("Puskesmas Contoh", 2, 1, 1, budi),
    ]


def test_a_folder_is_written_like_the_archive(open_event, tmp_path, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI)
    export(open_event).write_to(tmp_path)

    archive = unzip(ask(open_event))
    written = {
        str(file.relative_to(tmp_path)): file.read_bytes()
        for file in tmp_path.rglob("*")
        if file.is_file()
    }
    documents = {name: archive.read(name) for name in archive.namelist() if name.endswith("pdf")}
    assert len(documents) == 2
    assert written.keys() == set(archive.namelist())
    assert documents.items() <= written.items()


def with_declaration(city, sealer) -> tuple[Event, bytes]:
    event = cast.make_open_ceremony(city)
    sign_and_seal(event, sealer, SITI)
    completed = declaration.close(event, by=None)
    return event, stored(issue(completed, sealer=sealer))


def test_the_whole_events_archive_has_the_declaration_at_its_top(city, sealer):
    event, pdf = with_declaration(city, sealer)

    archive = unzip(ask(event, with_declaration=True))

    assert archive.namelist()[2] == f"Deklarasi-Bersama_{event.code}.pdf"
    assert archive.read(archive.namelist()[2]) == pdf
    row = list(csv.reader(io.StringIO(archive.read("manifest.csv").decode("utf-8-sig"))))[1]
    assert row[1:4] == ["Deklarasi bersama", "", "Pemerintah Kota Contoh"]
    assert row[5] == hashlib.sha256(pdf).hexdigest()


def test_a_part_of_an_event_comes_without_the_declaration(city, sealer):
    event, _ = with_declaration(city, sealer)

    assert names(event) == [
        "Dinas Pendidikan/SDN 1 Contoh/198001012005012001_Siti Aminah, S.Pd.pdf"
    ]


def test_what_somebody_signed_on_the_declaration_is_no_document_that_is_waited_for(city, sealer):
    event = cast.make_open_ceremony(city)
    sign_and_seal(event, sealer, SITI)

    assert export(event).waiting == 0
    assert [row.waiting for row in downloads.by_unit(everybody(event), top=city.agency)] == [0] * 3


def test_the_declaration_is_taken_by_name_and_logged_void_or_not(city, admin, sealer):
    event, pdf = with_declaration(city, sealer)
    completed = event.declarations.get()

    entry = downloads.export_declaration(completed, by=admin)
    declaration.void(completed, reason="Salah tempat", by=None)
    again = downloads.export_declaration(event.declarations.get(), by=admin)

    assert entry.file_name == f"Deklarasi-Bersama_{event.code}.pdf"
    assert b"".join(entry.chunks()) == pdf
    assert again == entry
    logged = AuditEntry.objects.filter(action="export.declaration")
    assert {(each.actor, each.target) for each in logged} == {
        (f"user:{admin.pk}", f"declaration:{completed.pk}")
    }


def test_a_declaration_that_is_not_sealed_yet_is_nothing_to_take(city):
    event = cast.make_open_ceremony(city)
    cast.sign(cast.someone(event, SITI))
    completed = declaration.close(event, by=None)

    with pytest.raises(downloads.DeclarationUnsealed, match="belum disegel"):
        downloads.export_declaration(completed, by=None)

    assert not AuditEntry.objects.filter(action="export.declaration").exists()
