"""Is this document genuine: what anybody may ask, and what nobody gets to know."""

from __future__ import annotations

import datetime
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.utils import timezone

from pledges import declaration, signing, verification
from pledges.documents.issue import issue
from pledges.models import Document, Refusal, SealCertificate, Signature
from pledges.views.uploads import FirstPartInMemory
from tests import cast
from tests.cast import BUDI, RAHMAT_NIK, SITI
from tests.pages import text_of
from tests.pdfs import DRAWN, altered, sealed, stored


@pytest.fixture
def signature(siti):
    return cast.sign(siti)


@pytest.fixture
def pdf(signature, sealer) -> bytes:
    return sealed(signature, sealer)


def look_up(client, signature):
    return client.get(f"/v/{signature.verification_code}")


def send(client, content: bytes, name: str = "pakta.pdf"):
    return client.post("/verifikasi", {"file": SimpleUploadedFile(name, content)})


def match(client, signature, number: str):
    return client.post(f"/v/{signature.verification_code}/cocokkan", {"identifier": number})


def test_a_genuine_document_is_called_genuine_with_event_time_unit_and_digest(
    client, signature, pdf
):
    response = look_up(client, signature)
    words = text_of(response)

    assert response.status_code == 200
    assert "Dokumen asli" in words
    assert "Apel dan Penandatanganan Pakta Integritas Netralitas ASN" in words
    assert "SDN 1 Contoh" in words
    assert "Pemerintah Kota Contoh" in words
    assert " WIB" in words
    assert signature.pact.digest in words
    assert signature.document.sha256 in words


def test_the_page_tells_the_time_of_a_timestamp_or_that_there_is_none(client, signature, pdf):
    assert "Stempel waktu Tidak ada. Waktu penyegelan menurut server ini" in text_of(
        look_up(client, signature)
    )

    stamped_at = datetime.datetime(2024, 7, 30, 1, 16, 2, tzinfo=datetime.UTC)
    Document.objects.update(timestamped_at=stamped_at)

    told = "Stempel waktu 30 Juli 2024 pukul 08.16 WIB, menurut otoritas stempel waktu"
    assert told in text_of(look_up(client, signature))


@pytest.mark.parametrize("nip", [SITI, RAHMAT_NIK])
def test_name_and_number_are_masked_and_the_file_is_not_given(client, open_event, sealer, nip):
    signature = cast.sign(cast.someone(open_event, nip))
    document = issue(signature, sealer=sealer)

    html = look_up(client, signature).content.decode()

    masked = {SITI: "1980••••••••••2001", RAHMAT_NIK: "3273••••••••••01"}
    assert masked[nip] in html
    for secret in (nip, "Siti", "Aminah", "Rahmat", "Hidayat", document.file, ".pdf"):
        assert secret not in html


def test_an_example_is_called_an_example(client, city, sealer):
    event = cast.make_open(city, is_example=True)
    signature = cast.sign(cast.someone(event, SITI))
    pdf = sealed(signature, sealer)

    for response in (look_up(client, signature), send(client, pdf)):
        assert "Dokumen contoh" in text_of(response)
        assert "Bukan dokumen resmi" in text_of(response)
        assert "Dokumen asli" not in text_of(response)


def test_a_voided_document_is_called_void(client, signature, pdf):
    Signature.objects.update(voided_at=timezone.now(), void_reason="Salah orang")

    assert "Sudah dibatalkan" in text_of(look_up(client, signature))
    in_file = text_of(send(client, pdf))
    assert "Utuh, tetapi sudah dibatalkan" in in_file
    assert "WIB Acara" in in_file.partition(" Dibatalkan ")[2]
    assert "Salah orang" not in in_file


def test_a_signature_that_waits_for_its_seal_says_so(client, signature):
    words = text_of(look_up(client, signature))

    assert "Belum disegel" in words
    assert "Dokumen asli" not in words


def test_a_document_under_a_development_seal_says_so(client, signature, pdf):
    assert "bukan segel instansi" in text_of(look_up(client, signature))


def test_a_late_signature_is_called_late(client, open_event):
    open_event.deadline = timezone.now()
    open_event.save(update_fields=["deadline"])

    assert "Terlambat" in text_of(look_up(client, cast.sign(cast.someone(open_event, SITI))))


@pytest.mark.parametrize("code", ["ABCDEFGH12345678", "x", "%00", "<script>", "a" * 500])
def test_an_unknown_code_is_not_found_and_says_what_to_do(client, db, code):
    response = client.get(f"/v/{code}")

    assert response.status_code == 404
    assert "Kode tidak dikenal" in text_of(response)
    assert "<script>" not in response.content.decode()


def test_a_code_may_be_typed_in_any_way(client, signature):
    code = signature.verification_code.lower()
    typed = f" {code[:4]}-{code[4:8]} {code[8:]} "

    response = client.get("/verifikasi", {"kode": typed})

    assert response.headers["Location"] == f"/v/{signature.verification_code}"
    assert client.get(f"/v/{code}").status_code == 200


def test_asking_without_a_code_says_which_code_is_meant(client, db):
    response = client.get("/verifikasi", {"kode": " "})

    assert "16 huruf dan angka" in text_of(response)


def test_why_another_reader_may_call_the_seal_unknown_is_told_in_two_sentences(
    client, signature, pdf
):
    words = text_of(look_up(client, signature))

    told = words.partition("“segel tidak dikenal”? ")[2].partition(" Periksa dokumen lain")[0]
    assert told.count(". ") + told.endswith(".") == 2
    assert "Adobe Reader" in told
    assert "bukan tanda pemalsuan" in told


def test_the_number_on_the_paper_matches_or_does_not(client, signature):
    right = match(client, signature, "19800101 200501 2 001")
    wrong = match(client, signature, BUDI)

    assert (right.status_code, wrong.status_code) == (200, 200)
    assert "Cocok NIP itu milik orang yang menandatangani dokumen ini." in text_of(right)
    assert "Tidak cocok" in text_of(wrong)
    assert "jangan percayai kertas" in text_of(wrong)


def test_a_nik_is_matched_whole(client, rahmat):
    signature = cast.sign(rahmat)

    assert "Tidak cocok" not in text_of(match(client, signature, RAHMAT_NIK))
    assert "Tidak cocok" in text_of(match(client, signature, "3273010505900002"))


def test_matching_is_limited_for_each_document_whoever_asks(client, signature, open_event):
    for _ in range(verification.MAX_TRIES):
        match(client, signature, BUDI)

    locked = match(client, signature, SITI)

    assert locked.status_code == 429
    assert "Coba lagi" in text_of(locked)
    assert "Cocok NIP itu" not in text_of(locked)
    other = cast.sign(cast.someone(open_event, BUDI))
    assert match(client, other, BUDI).status_code == 200


@pytest.mark.parametrize("typed", ["", "1980", "abc", "1" * 19, "x" * 100, "١٩٨٠٠١٠١٢٠٠٥٠١٢٠٠١"])
def test_a_slip_of_the_finger_is_told_and_costs_no_try(client, signature, typed):
    for _ in range(verification.MAX_TRIES + 1):
        response = match(client, signature, typed)
        assert response.status_code == 400

    assert "Cocok NIP itu" in text_of(match(client, signature, SITI))


def test_an_unknown_code_matches_nobody(client, db):
    response = client.post("/v/ABCDEFGH12345678/cocokkan", {"identifier": SITI})

    assert response.status_code == 404


def test_a_file_issued_here_and_intact_is_recognised(client, signature, pdf):
    response = send(client, pdf, "nama apa pun.pdf")

    assert response.status_code == 200
    assert "Asli dan utuh" in text_of(response)
    assert "1980••••••••••2001" in text_of(response)


@pytest.mark.parametrize("at", [0.3, 0.5, 0.99])
def test_a_file_with_one_byte_changed_is_refused(client, signature, pdf, at):
    words = text_of(send(client, altered(pdf, int(len(pdf) * at))))

    assert "Berkas sudah diubah" in words
    assert "Asli dan utuh" not in words


def test_a_file_from_elsewhere_is_called_that(client, signature, pdf):
    words = text_of(send(client, b"%PDF-1.7\nfrom elsewhere"))

    assert "Bukan dari sini" in words
    assert "1980••••••••••2001" not in words


@pytest.mark.parametrize("content", [b"hello", b"\x89PNG\r\n", b"<html>", b"\x00" * 1000])
def test_a_file_that_is_no_pdf_is_refused_with_what_to_send_instead(client, db, content):
    response = send(client, content)

    assert response.status_code == 400
    assert "Berkas ini bukan PDF. Pilih berkas PDF" in text_of(response)


def test_an_empty_file_is_refused(client, db):
    response = send(client, b"")

    assert response.status_code == 400
    assert "Berkas ini kosong" in text_of(response)


def test_sending_without_a_file_says_so(client, db):
    for data in ({}, {"file": "a word"}, {"other": SimpleUploadedFile("a.pdf", b"%PDF-")}):
        response = client.post("/verifikasi", data)
        assert response.status_code == 400
        assert "Pilih dahulu berkas PDF" in text_of(response)


def test_an_enormous_file_is_refused_with_a_clear_message(client, db):
    response = send(client, b"%PDF-1.7" + bytes(verification.MAX_BYTES))

    assert response.status_code == 413
    assert "lebih besar dari 10 MB" in text_of(response)


def test_what_is_far_too_large_is_refused_unread(client, db):
    class Unread(io.BytesIO):
        def read(self, *args):
            raise AssertionError("it was read")

    response = client.generic(
        "POST",
        "/verifikasi",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(10 * 1024**3),
        **{"wsgi.input": Unread()},
    )

    assert response.status_code == 413
    assert "lebih besar dari 10 MB" in text_of(response)


def test_an_upload_never_takes_more_memory_than_the_limit():
    files = [SimpleUploadedFile(f"{number}.pdf", bytes(5000)) for number in range(20)]
    request = RequestFactory().post("/verifikasi", {"file": files})
    request.upload_handlers = [FirstPartInMemory(1000)]

    [kept] = request.FILES.getlist("file")

    assert kept.name == "0.pdf"
    assert kept.size == 5000
    assert len(kept.read()) == 1001


def test_checking_needs_no_login_leaves_no_cookie_and_is_never_cached(client, signature, pdf):
    for response in (
        client.get("/verifikasi"),
        look_up(client, signature),
        match(client, signature, SITI),
        send(client, pdf),
    ):
        assert response.status_code == 200
        assert not response.cookies
        assert "no-store" in response["Cache-Control"]


def test_the_seal_page_shows_fingerprint_owner_and_validity(client, signature, pdf):
    certificate = SealCertificate.objects.get()

    words = text_of(client.get("/segel"))

    assert certificate.fingerprint[:6].upper() in words.replace(":", "")
    assert certificate.subject in words
    assert str(certificate.not_after.year) in words
    assert "Segel pengembangan" in words


def test_the_certificate_can_be_taken_as_pem(client, signature, pdf):
    certificate = SealCertificate.objects.get()

    response = client.get(f"/segel/{certificate.fingerprint}.pem")

    assert response.content.startswith(b"-----BEGIN CERTIFICATE-----")
    assert b"PRIVATE KEY" not in response.content
    assert certificate.fingerprint in response["Content-Disposition"]
    assert client.get("/segel/0.pem").status_code == 404


def test_before_anything_was_sealed_the_seal_page_says_so(client, db):
    assert "Belum ada sertifikat" in text_of(client.get("/segel"))


# The joint declaration, and what is no document


@pytest.fixture
def completed(city):
    """Signed by Siti and the witness from outside, then closed."""
    event = cast.make_open_ceremony(city)
    cast.sign(cast.someone(event, SITI))
    cast.sign(cast.outsider_of(event))
    return declaration.close(event, by=None)


@pytest.fixture
def declared(completed, sealer) -> bytes:
    return stored(issue(completed, sealer=sealer))


def test_a_genuine_declaration_is_called_genuine_and_lists_its_places(client, completed, declared):
    words = text_of(look_up(client, completed))

    assert "Deklarasi bersama asli" in words
    assert "2 dari 4 orang Ditutup sebelum lengkap" in words
    assert "Pimpinan acara D••• D••• L••• Tidak menandatangani" in words
    assert "Perwakilan Kepala Sekolah SD S••• A•••" in words
    assert "Ketua KPU Kota Contoh C••• S•••" in words
    assert completed.document.sha256 in words
    assert "Aminah" not in words
    assert "Cocokkan" not in words


def test_the_file_of_a_declaration_is_recognised_and_a_changed_one_refused(
    client, completed, declared
):
    intact = text_of(send(client, declared))
    changed = text_of(send(client, altered(declared, len(declared) // 2)))

    assert "Asli dan utuh" in intact
    assert "Ketua KPU Kota Contoh" in intact
    assert "Berkas sudah diubah" in changed
    assert "Dokumen aslinya" in changed


def test_a_voided_declaration_is_called_void_with_its_time_and_not_its_reason(
    client, completed, declared
):
    declaration.void(completed, reason="Alasan rahasia", by=None)

    for words in (text_of(look_up(client, completed)), text_of(send(client, declared))):
        assert "dibatalkan" in words
        assert "tidak berlaku" in words
        assert " WIB Acara" in words.partition(" Dibatalkan ")[2]
        assert "rahasia" not in words


def test_a_signature_on_the_declaration_leads_to_the_declaration(client, completed, declared):
    given = Signature.objects.get(pact__kind="declaration", signatory__nip=SITI)

    response = look_up(client, given)

    assert "Tanda tangan asli" in text_of(response)
    assert "Bertindak sebagai Perwakilan Kepala Sekolah SD" in text_of(response)
    assert f"/v/{completed.verification_code}" in response.content.decode()


def test_a_witness_from_outside_has_no_number_to_be_matched(client, completed, declared):
    given = Signature.objects.get(signatory__part="witness")

    words = text_of(look_up(client, given))

    assert "C••• S•••" in words
    assert "Cocokkan" not in words
    assert "NIP" not in words
    assert match(client, given, SITI).status_code == 404
    assert match(client, completed, SITI).status_code == 404


def test_a_signature_waits_for_the_declaration_to_be_complete(client, city):
    event = cast.make_open_ceremony(city)
    given = cast.sign(cast.outsider_of(event))

    assert "Deklarasi bersama disegel setelah semua menandatangani" in text_of(
        look_up(client, given)
    )


def test_a_signature_that_was_sent_later_says_so(client, siti):
    signature = signing.sign(
        cast.ticket_of(siti),
        mark=DRAWN,
        consents=range(1, 5),
        delivery=signing.Delivery(is_sent_later=True),
    )

    words = text_of(look_up(client, signature))

    assert "WIB Dikirim menyusul" in words
    assert "waktu server menerimanya" in words


def test_a_refusal_is_no_pact_and_its_reason_is_not_shown(client, siti):
    refusal = Refusal.objects.create(signatory=siti, reason="Alasan rahasia")

    words = text_of(look_up(client, refusal))

    assert "Bukti pernyataan tidak bersedia, bukan pakta" in words
    assert "S••• A•••" in words
    assert "Dokumen asli" not in words
    assert "rahasia" not in words
    assert "Dicabut" not in words
    cast.sign(siti)
    assert "Dicabut" in text_of(look_up(client, refusal))
    assert match(client, refusal, SITI).status_code == 404
