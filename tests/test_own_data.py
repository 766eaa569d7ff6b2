"""What is held on one person, to take away."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from django.utils import timezone

from pledges import corrections, keys, own_data
from pledges.documents.issue import issue
from pledges.models import (
    AuditEntry,
    Dispute,
    EmailCode,
    Excuse,
    Notice,
    Refusal,
    Reminder,
    Signatory,
)
from pledges.paper import scans
from tests import cast, photographs
from tests.cast import AGUS, BUDI, RAHMAT_NIK, SITI
from tests.pdfs import stored


def opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def data_of(person: Signatory) -> dict[str, Any]:
    content = opened(own_data.take_out(person, by=None, reveals_confided=True)).read("data.json")
    data: dict[str, Any] = json.loads(content)
    return data


@pytest.fixture
def signed(siti, sealer):
    """Siti, of whom everything is held."""
    corrections.ask(cast.ticket_of(siti), message="Golongan saya keliru")
    Refusal.objects.create(signatory=siti, reason="Belum yakin")
    Excuse.objects.create(signatory=siti, code="leave", note="Cuti melahirkan")
    Reminder.objects.create(signatory=siti, channel="email", day="2024-07-29", error="550")
    signature = cast.sign(siti)
    Notice.objects.filter(signature=signature).update(error="SMTPDataError 550")
    Dispute.objects.create(signature=signature, message="Bukan saya itu")
    issue(signature, sealer=sealer)
    return signature


def test_it_holds_everything_about_the_person_in_this_event(signed, siti):
    data = data_of(siti)

    assert data["acara"]["kode"] == siti.event.code
    assert data["data_dalam_daftar"]["nama"] == "Siti Aminah, S.Pd."
    assert data["data_dalam_daftar"]["nip"] == SITI
    assert data["data_dalam_daftar"]["surel"] == "siti@contoh.example"
    [signature] = data["tanda_tangan"]
    assert signature["pernyataan"] == json.loads(signed.statement)
    assert signature["gambar_tanda_tangan"] == f"drawn:{cast.DRAWING}"
    assert data["dokumen"][0]["sha256"] == signed.document.sha256
    assert data["pemberitahuan"][0]["kegagalan"] == "SMTPDataError 550"
    assert data["pengingat"][0]["saluran"] == "Surel"
    assert data["pernyataan_tidak_bersedia"][0]["alasan"] == "Belum yakin"
    assert data["halangan"][0] == {
        "alasan": "Cuti",
        "keterangan": "Cuti melahirkan",
        "dicatat_pada": data["halangan"][0]["dicatat_pada"],
        "dicabut_pada": None,
    }
    assert data["permintaan_perbaikan"][0]["permintaan"] == "Golongan saya keliru"
    assert data["laporan_bukan_saya"][0]["keterangan"] == "Bukan saya itu"
    assert {entry["tindakan"] for entry in data["catatan_audit"]} == {
        "correction.ask", "signature.sign",
    }  # fmt: skip


def test_the_export_of_one_persons_data_holds_everything_codes_by_e_mail_and_scans_too(
    siti, officer
):
    sent = timezone.now()
    EmailCode.objects.create(signatory=siti, sent_at=sent, spent_at=sent)
    EmailCode.objects.create(signatory=siti)
    for person in (siti, cast.someone(siti.event, AGUS)):
        sheet = photographs.jpeg(photographs.photograph(person))
        scans.upload(siti.event, [photographs.file(sheet, "lembar.jpg")], by=officer)
    photographs.work_through(siti.event)

    archive = opened(own_data.take_out(siti, by=None))
    data = json.loads(archive.read("data.json"))

    first, second = data["kode_lewat_surel"]
    assert first["dikirim_pada"] == f"{sent.astimezone(siti.event.zone):%Y-%m-%d %H:%M:%S %Z}"
    assert first["diminta_pada"]
    assert second["dikirim_pada"] is None
    scan = siti.scans.get()
    [told] = data["pindaian"]
    assert told == {
        "berkas": f"pindaian/{scan.pk}.jpg",
        "nama_berkas_asal": "lembar.jpg",
        "keadaan": "Sudah dicatat",
        "sha256": scan.sha256,
        "diunggah_pada": told["diunggah_pada"],
        "diunggah_oleh": "petugas@contoh.example",
    }
    assert hashlib.sha256(archive.read(told["berkas"])).hexdigest() == scan.sha256
    assert [name for name in archive.namelist() if name.startswith("pindaian")] == [told["berkas"]]


def test_a_scan_that_was_thrown_away_is_told_and_has_no_file(siti):
    siti.event.scans.create(filename="buram.jpg", state="discarded", signatory=siti, sha256="0")

    archive = opened(own_data.take_out(siti, by=None))

    [told] = json.loads(archive.read("data.json"))["pindaian"]
    assert (told["berkas"], told["keadaan"]) == ("", "Dibuang")
    assert archive.namelist() == ["data.json", "data.html"]


def test_it_holds_nothing_about_anybody_else(signed, siti, open_event):
    cast.sign(cast.someone(open_event, BUDI))
    content = json.dumps(data_of(siti))
    for other in (BUDI, "Budi", "Dewi", "Rahmat", RAHMAT_NIK):
        assert other not in content


def test_it_holds_the_persons_sealed_document_as_it_is(signed, siti):
    archive = opened(own_data.take_out(siti, by=None))
    name = f"dokumen/pact-{signed.verification_code}.pdf"
    assert set(archive.namelist()) == {"data.json", "data.html", name}
    assert archive.read(name) == stored(signed.document)


def test_it_can_be_read_without_a_program_for_json(signed, siti):
    page = opened(own_data.take_out(siti, by=None)).read("data.html").decode()
    assert "<h2>Data dalam daftar</h2>" in page
    assert "Siti Aminah, S.Pd." in page
    assert "Cuti melahirkan" in page
    assert "<script" not in page


def test_a_nik_is_masked_and_neither_cipher_nor_hash_are_given(rahmat):
    cast.sign(rahmat)
    content = json.dumps(data_of(rahmat), ensure_ascii=False)
    assert "3273••••••••••01" in content
    assert RAHMAT_NIK not in content
    assert keys.nik_hash(RAHMAT_NIK) not in content


def test_that_it_was_taken_is_in_the_audit_log(siti, admin):
    own_data.take_out(siti, by=admin)
    entry = AuditEntry.objects.get(action="export.own_data")
    assert (entry.actor, entry.target) == (f"user:{admin.pk}", f"signatory:{siti.pk}")
