"""The page "Data Anda", and one's own data from the receipt."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.test import Client

from pledges import disputes, events, identity, refusals, retention, signing
from pledges.models import AuditEntry, Signatory, Way
from tests import cast
from tests.cast import AGUS, SITI
from tests.pages import text_of
from tests.test_retention import LONG_AGO


def test_the_page_for_signers_says_which_data_why_and_how_long(client: Client, open_event):
    page = text_of(client.get(f"/a/{open_event.code}/data-anda"))

    assert "nama dan gelar, NIP (bagi non-ASN NIK" in page
    assert "Undang-Undang Nomor 27 Tahun 2022 tentang Pelindungan Data Pribadi" in page
    assert "bukan persetujuan Anda" in page
    assert "Sampai 29 Juli 2029" in page
    assert "BKPSDM Pemerintah Kota Contoh" in page
    assert "sah secara hukum" not in page


def test_it_tells_of_what_this_event_does_and_of_nothing_else(client: Client, open_event):
    address = f"/a/{open_event.code}/data-anda"
    page = text_of(client.get(address))
    assert "Kode lewat surel" not in page
    assert "tidak bersedia" not in page

    open_event.ways, open_event.allows_refusal = [Way.SLIP, Way.EMAIL, Way.DESK], True
    open_event.save()
    page = text_of(client.get(address))
    assert "Kode lewat surel" in page
    assert "Pernyataan tidak bersedia hanya dilihat admin" in page
    assert "Di meja petugas" in page


def test_it_follows_the_events_own_retention(client: Client, open_event):
    retention.set_years(open_event, years=2, by=None)
    assert "Sampai 29 Juli 2026" in text_of(client.get(f"/a/{open_event.code}/data-anda"))


def test_signing_page_and_receipt_lead_to_it(client: Client, open_event, siti):
    link = f'href="/a/{open_event.code}/data-anda"'
    assert link in client.get(f"/s/{identity.link_token(siti)}").content.decode()
    receipt = identity.receipt_token(cast.sign(siti))
    assert link in client.get(f"/bukti/{receipt}").content.decode()


def test_an_event_that_is_not_published_tells_nothing(client: Client, draft_event):
    assert client.get(f"/a/{draft_event.code}/data-anda").status_code == 409
    assert client.get("/a/XXXXXX/data-anda").status_code == 404


def test_a_signer_takes_the_own_data_from_the_receipt(client: Client, siti):
    receipt = identity.receipt_token(cast.sign(siti))
    assert "Unduh data saya" in text_of(client.get(f"/bukti/{receipt}"))

    response = client.post(f"/bukti/{receipt}/data.zip")

    assert response["Content-Type"] == "application/zip"
    assert response["Cache-Control"] == "no-store"
    data = zipfile.ZipFile(io.BytesIO(response.content)).read("data.json").decode()
    assert SITI in data
    entry = AuditEntry.objects.get(action="export.own_data")
    assert entry.actor == f"signatory:{siti.pk}"


def test_nobody_takes_it_without_the_receipt_and_looking_takes_nothing(client: Client, siti):
    signature = cast.sign(siti)
    assert client.post(f"/bukti/{signature.pk}-GUESSED/data.zip").status_code == 404
    assert client.get(f"/bukti/{identity.receipt_token(signature)}/data.zip").status_code == 405
    assert not AuditEntry.objects.filter(action="export.own_data").exists()


def test_the_receipt_of_a_voided_signature_gives_nobody_the_persons_data(client: Client, siti):
    of_somebody_else = cast.sign(siti)
    signing.void(of_somebody_else, reason="Ditandatangani orang lain", by=None)
    genuine = cast.sign(cast.someone(siti.event))
    old, new = (f"/bukti/{identity.receipt_token(s)}" for s in (of_somebody_else, genuine))

    assert "Unduh data saya" not in text_of(client.get(old))
    refused = client.post(f"{old}/data.zip")

    assert refused.status_code == 403
    assert "Mintalah data Anda kepada BKPSDM" in text_of(refused)
    assert SITI not in refused.content.decode()
    assert not AuditEntry.objects.filter(action="export.own_data").exists()
    assert "Unduh data saya" in text_of(client.get(new))
    assert client.post(f"{new}/data.zip").status_code == 200


def test_a_receipt_of_before_a_void_or_of_revoked_links_gives_no_data_either(client: Client, city):
    siti = cast.someone(cast.make_open_ceremony(city))
    pact = cast.sign(siti)
    on_declaration = siti.signatures.exclude(pk=pact.pk).get()
    signing.void(on_declaration, reason="Bukan saya", by=None)
    agus = cast.sign(cast.someone(siti.event, AGUS))
    Signatory.objects.filter(nip=AGUS).update(generation=2)

    for signature in (pact, agus):
        receipt = f"/bukti/{identity.receipt_token(signature)}"
        assert "Unduh data saya" not in text_of(client.get(receipt))
        assert client.post(f"{receipt}/data.zip").status_code == 403


def test_an_officer_with_somebodys_link_learns_no_refusal_and_no_dispute_from_own_data(
    client: Client, city
):
    siti = cast.someone(cast.make_open(city, allows_refusal=True))
    link = identity.link_token(siti)
    refusals.refuse(cast.ticket_of(siti), reason="Belum yakin")
    disputes.report(cast.sign(siti), message="Bukan saya itu")

    receipt = client.get(f"/s/{link}")["Location"]
    archive = zipfile.ZipFile(io.BytesIO(client.post(f"{receipt}/data.zip").content))

    data = json.loads(archive.read("data.json"))
    assert not {"pernyataan_tidak_bersedia", "laporan_bukan_saya"} & data.keys()
    assert [entry["tindakan"] for entry in data["catatan_audit"]] == ["signature.sign"]
    assert "diberikan admin instansi bila Anda memintanya" in data["keterangan"]
    for name in ("data.json", "data.html"):
        content = archive.read(name).decode()
        for secret in ("Belum yakin", "Bukan saya itu", "refus", "disput"):
            assert secret not in content, (name, secret)


def test_the_page_says_who_gives_what_the_receipt_does_not(client: Client, open_event):
    address = f"/a/{open_event.code}/data-anda"
    assert "Laporan “Bukan saya” tidak ikut di sana" in text_of(client.get(address))

    open_event.allows_refusal = True
    open_event.save()
    page = text_of(client.get(address))
    assert "Pernyataan tidak bersedia dan laporan “Bukan saya” tidak ikut di sana" in page


@pytest.fixture
def purged(city):
    event = cast.make_open(city, date=LONG_AGO)
    signature = cast.sign(cast.someone(event))
    event = events.close(event, by=None)
    retention.purge(event, by=None)
    event.refresh_from_db()
    return event, signature


def test_links_and_receipts_of_a_purged_event_say_so(client: Client, purged):
    event, signature = purged
    person = event.signatories.select_related("event__agency", "unit").get(
        pk=signature.signatory_id
    )
    receipt = identity.receipt_token(signature)
    for address in (
        f"/a/{event.code}",
        f"/a/{event.code}/data-anda",
        f"/s/{identity.link_token(person)}",
        f"/bukti/{receipt}",
        f"/bukti/{receipt}/status",
        f"/bukti/{receipt}/pakta.pdf",
    ):
        response = client.get(address)
        assert response.status_code == 410, address
        assert "telah dihapus sesuai masa simpannya" in text_of(response), address
    assert client.post(f"/bukti/{receipt}/data.zip").status_code == 410


def test_verification_of_a_purged_signature_says_so(client: Client, purged):
    _, signature = purged
    response = client.get(f"/v/{signature.verification_code}")
    assert response.status_code == 200
    page = text_of(response)
    assert "Data telah dihapus sesuai retensi" in page
    assert "Siti" not in page
    refused = client.post(f"/v/{signature.verification_code}/cocokkan", {"identifier": SITI})
    assert refused.status_code == 404
