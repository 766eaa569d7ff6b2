"""What is on record of one person, as those who check it take it."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile

from pledges import declaration, evidence, excuses, refusals, signing
from pledges.documents.issue import issue
from pledges.models import AuditEntry, Excuse, Refusal
from pledges.paper import scans
from tests import cast, photographs
from tests.cast import BUDI, SITI
from tests.pdfs import sealed, stored
from tests.test_downloads import a_user, sign_and_seal


def gather(person, **options) -> zipfile.ZipFile:
    values = {"with_declaration": True, "reveals_refusals": False, "by": a_user()}
    found = evidence.gather(person, **values | options)  # type: ignore[arg-type]
    content = b"".join(found.chunks())
    assert len(content) == found.size
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return archive


def test_one_zip_holds_sealed_pact_statement_text_audit_trail_and_how_to_verify(open_event, sealer):
    [pdf] = sign_and_seal(open_event, sealer, SITI).values()
    siti = cast.someone(open_event, SITI)
    signature = siti.signatures.get()
    code, digest = signature.verification_code, signature.pact.digest

    archive = gather(siti)

    assert archive.namelist() == [
        "README.txt",
        f"pernyataan/{code}.json",
        f"dokumen/pakta-{code}.pdf",
        f"naskah/{digest}.json",
        "jejak-audit.csv",
    ]
    assert archive.read(f"dokumen/pakta-{code}.pdf") == pdf
    assert archive.read(f"pernyataan/{code}.json").decode() == signature.statement
    assert hashlib.sha256(archive.read(f"naskah/{digest}.json")).hexdigest() == digest


def test_the_readme_tells_in_indonesian_how_to_verify_and_lists_every_hash(
    open_event, sealer, settings
):
    sign_and_seal(open_event, sealer, SITI)

    archive = gather(cast.someone(open_event, SITI))

    readme = archive.read("README.txt").decode("utf-8-sig")
    assert "CARA MEMERIKSA" in readme
    assert f"{settings.BASE_URL}/verifikasi" in readme
    assert SITI not in readme
    for name in archive.namelist()[1:]:
        assert f"{hashlib.sha256(archive.read(name)).hexdigest()}  {name}\r\n" in readme
    assert "sah secara hukum" not in readme


def test_void_signatures_are_in_it_and_named_so(open_event, sealer):
    siti = cast.someone(open_event, SITI)
    first = cast.sign(siti)
    pdf = sealed(first, sealer)
    signing.void(first, reason="Ditandatangani orang lain", by=None)
    second = cast.sign(cast.someone(open_event, SITI))

    archive = gather(cast.someone(open_event, SITI))

    name = f"{first.verification_code}-DIBATALKAN"
    assert archive.read(f"dokumen/pakta-{name}.pdf") == pdf
    assert f"pernyataan/{name}.json" in archive.namelist()
    assert f"pernyataan/{second.verification_code}.json" in archive.namelist()
    readme = archive.read("README.txt").decode("utf-8-sig")
    assert "DIBATALKAN" in readme
    assert "Ditandatangani orang lain" in readme


def test_the_joint_declaration_is_in_it_for_who_stands_on_it(city, sealer):
    event = cast.make_open_ceremony(city)
    for nip in (SITI, BUDI):
        cast.sign(cast.someone(event, nip))
    row = declaration.close(event, by=None)
    pdf = stored(issue(row, sealer=sealer))
    name = f"dokumen/deklarasi-bersama-{row.verification_code}.pdf"

    assert gather(cast.someone(event, SITI)).read(name) == pdf
    assert name not in gather(cast.someone(event, cast.AGUS)).namelist()
    assert name not in gather(cast.someone(event, SITI), with_declaration=False).namelist()


def test_the_audit_trail_tells_of_this_person_and_of_nobody_else(open_event, admin, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI)
    siti = cast.someone(open_event, SITI)
    gather(siti, by=admin)

    rows = list(csv.reader(io.StringIO(gather(siti).read("jejak-audit.csv").decode("utf-8-sig"))))

    assert rows[0] == ["Waktu", "Siapa", "Tindakan", "Mengenai"]
    assert [row[1:] for row in rows[1:]] == [
        ["Siti Aminah, S.Pd.", "menandatangani", ""],
        ["admin@contoh.example", "mengunduh bukti satu orang (5 berkas)", "Siti Aminah, S.Pd."],
    ]
    assert rows[1][0].endswith(" WIB")


def test_the_evidence_of_a_wet_signature_tells_who_uploaded_and_filed_it(open_event, officer):
    siti, agus = cast.someone(open_event, SITI), cast.someone(open_event, cast.AGUS)
    excuses.record(siti, code=Excuse.Code.AWAY, by=officer)
    sheets = photographs.pdf([photographs.photograph(person) for person in (agus, siti)])
    scans.upload(open_event, [photographs.file(sheets)], by=officer)
    photographs.work_through(open_event)

    for person, excused in ((siti, ["mencatat halangan"]), (agus, [])):
        trail = gather(person).read("jejak-audit.csv").decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(trail)))[1:]
        assert [row[1:] for row in rows] == [
            ["petugas@contoh.example", what, person.name]
            for what in [
                *excused,
                "mengunggah pindaian tanda tangan basah",
                "mencatat tanda tangan basah",
                "memasangkan pindaian dengan orangnya",
            ]
        ]


def test_a_refusal_is_told_to_those_alone_who_manage_the_event(city):
    event = cast.make_open(city, allows_refusal=True)
    siti = cast.someone(event, SITI)
    refusals.refuse(cast.ticket_of(siti), reason="")
    assert Refusal.objects.exists()

    assert "tidak bersedia" not in gather(siti).read("jejak-audit.csv").decode()
    told = gather(siti, reveals_refusals=True).read("jejak-audit.csv").decode()
    assert "menyatakan tidak bersedia" in told


def test_taking_evidence_is_in_the_audit_log(open_event, overseer):
    siti = cast.someone(open_event, SITI)

    gather(siti, by=overseer)

    entry = AuditEntry.objects.get(action="export.evidence")
    assert (entry.actor, entry.target) == (f"user:{overseer.pk}", f"signatory:{siti.pk}")
    assert entry.details == {"files": 2}


def test_of_who_has_not_signed_the_evidence_says_so(open_event):
    archive = gather(cast.someone(open_event, SITI))

    assert archive.namelist() == ["README.txt", "jejak-audit.csv"]
    assert "belum menandatangani" in archive.read("README.txt").decode("utf-8-sig")
