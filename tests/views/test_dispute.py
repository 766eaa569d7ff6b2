from __future__ import annotations

import datetime

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from pledges import disputes, marks, signing
from pledges.models import AuditEntry, Dispute, Event, Signatory, Signature
from tests import cast
from tests.pages import text_of


def path_of(signature: Signature) -> str:
    return f"/bukan-saya/{disputes.token(signature)}"


def test_the_link_shows_what_was_signed_asks_and_changes_nothing(client: Client, siti: Signatory):
    signature = cast.sign(siti)
    entries = AuditEntry.objects.count()

    for _ in range(2):
        response = client.get(path_of(signature))

    shown = text_of(response)
    assert response.status_code == 200
    assert "Bukan Anda yang menandatangani?" in shown
    assert "Siti Aminah, S.Pd. NIP 1980••••••••••2001" in shown
    assert "Pakta Integritas Netralitas Pegawai ASN" in shown
    assert "WIB" in shown
    assert "tautan pribadi" in shown
    assert "Laporkan: bukan saya" in shown
    assert client.head(path_of(signature)).status_code == 200
    assert not Dispute.objects.exists()
    assert AuditEntry.objects.count() == entries


def test_a_report_is_recorded_and_told_what_happens_next(client: Client, siti: Signatory):
    signature = cast.sign(siti)

    response = client.post(path_of(signature), {"message": "Saya cuti hari itu."})

    assert (response.status_code, response["Location"]) == (303, path_of(signature))
    assert Dispute.objects.get().message == "Saya cuti hari itu."
    shown = text_of(client.get(path_of(signature)))
    assert "Laporan Anda sudah diterima" in shown
    assert "Saya cuti hari itu." in shown
    assert "dapat dilihat BKPSDM Pemerintah Kota Contoh dan pengawas, lalu diperiksa" in shown
    assert "Tidak ada yang dihapus" in shown
    assert f"sebutkan kode verifikasi {signature.verification_code}" in shown
    assert "Laporkan: bukan saya" not in shown


def test_words_are_not_needed(client: Client, siti: Signatory):
    signature = cast.sign(siti)
    assert client.post(path_of(signature)).status_code == 303
    assert Dispute.objects.get().message == ""


def test_reporting_twice_is_one_report(client: Client, siti: Signatory):
    signature = cast.sign(siti)
    for message in ("Saya cuti.", "Lain lagi."):
        assert client.post(path_of(signature), {"message": message}).status_code == 303
    assert Dispute.objects.get().message == "Saya cuti."


def test_too_many_words_are_kept_to_be_shortened_and_nothing_is_recorded(
    client: Client, siti: Signatory
):
    response = client.post(path_of(cast.sign(siti)), {"message": "kata " * 101})
    assert response.status_code == 400
    assert "paling banyak 500 karakter" in text_of(response)
    assert "kata kata kata" in text_of(response)
    assert not Dispute.objects.exists()


def test_a_guessed_link_is_refused_in_words(client: Client, siti: Signatory):
    signature = cast.sign(siti)
    for token in ("x", signature.verification_code, f"{signature.verification_code}-AAAA"):
        for answer in (client.get(f"/bukan-saya/{token}"), client.post(f"/bukan-saya/{token}")):
            assert answer.status_code == 404
            assert "hubungi BKPSDM dan tunjukkan surel itu" in text_of(answer)
    assert not Dispute.objects.exists()


def test_a_voided_signature_needs_no_report(client: Client, siti: Signatory, admin: User):
    signature = cast.sign(siti)
    signing.void(signature, reason="Salah orang", by=admin)

    shown = text_of(client.get(path_of(signature)))

    assert "Tanda tangan ini sudah dibatalkan" in shown
    assert "Laporkan: bukan saya" not in shown


def test_a_closed_events_signature_can_be_reported(client: Client, closed_event: Event):
    signature = Signature.objects.get()
    assert client.post(path_of(signature)).status_code == 303
    assert Dispute.objects.get().signature == signature


def test_a_signature_that_was_sent_later_says_whose_time_it_is(client: Client, siti: Signatory):
    signature = signing.sign(
        cast.ticket_of(siti), mark=marks.drawn(cast.DRAWING), consents=range(1, 5),
        delivery=signing.Delivery(
            is_sent_later=True, claimed_at=timezone.now() - datetime.timedelta(days=1)
        ),
    )  # fmt: skip
    shown = text_of(client.get(path_of(signature)))
    assert "saat kiriman tiba di server (dikirim menyusul)" in shown


def test_the_page_keeps_the_signers_rules(siti: Signatory):
    """No cookie, no store, no foreign script, and the token leaves the address bar."""
    signature = cast.sign(siti)
    client = Client(enforce_csrf_checks=True)
    for response in (client.get(path_of(signature)), client.post(path_of(signature))):
        assert response["Cache-Control"] == "no-store"
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert response["Referrer-Policy"] == "same-origin"
        assert not response.cookies
    page = client.get(path_of(signature)).content.decode()
    assert f'data-address="/a/{siti.event.code}"' in page
    assert "js/signer/address.js" in page
    assert " style=" not in page
    assert "<script>" not in page


def test_markup_in_the_words_is_plain_text(client: Client, siti: Signatory):
    signature = cast.sign(siti)
    client.post(path_of(signature), {"message": "<script>alert(1)</script>"})
    assert "&lt;script&gt;" in client.get(path_of(signature)).content.decode()


def test_other_methods_are_refused(client: Client, siti: Signatory):
    assert client.put(path_of(cast.sign(siti))).status_code == 405
