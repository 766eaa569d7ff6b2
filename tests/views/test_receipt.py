"""The receipts of those who sign the joint declaration, and of what was sent later or voided."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from pledges import declaration, identity, signing
from pledges.documents.issue import issue
from pledges.models import Event, Signatory, Signature
from pledges.signing import Delivery
from tests import cast
from tests.cast import BUDI, DEWI, SITI
from tests.pages import text_of
from tests.pdfs import DRAWN, words


@pytest.fixture
def ceremony(city) -> Event:
    return cast.make_open_ceremony(city)


def receipt_of(signature: Signature) -> str:
    return f"/bukti/{identity.receipt_token(signature)}"


def take(client: Client, address: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200
    content: bytes = response.getvalue()
    return content


def sign_the_rest(event: Event) -> None:
    for nip in (DEWI, SITI, BUDI):
        cast.sign(cast.someone(event, nip))
    cast.sign(cast.outsider_of(event))


def test_a_representative_has_the_own_pact_at_once_and_the_declaration_when_it_is_complete(
    client: Client, ceremony: Event, sealer
):
    signature = cast.sign(cast.someone(ceremony, SITI))
    issue(signature, sealer=sealer)
    receipt = receipt_of(signature)

    page = text_of(client.get(receipt))
    assert "Pakta Integritas Netralitas Pegawai ASN dan Ikrar Netralitas Pegawai ASN" in page
    assert "Unduh PDF pakta" in page
    assert "Deklarasi bersama disegel setelah semua menandatangani" in page
    assert client.get(f"{receipt}/status").json() == {"pact": True, "declaration": False}
    assert client.get(f"{receipt}/deklarasi.pdf")["Location"] == receipt

    sign_the_rest(ceremony)
    completed = declaration.current(ceremony)
    assert completed
    issue(completed, sealer=sealer)

    assert client.get(f"{receipt}/status").json() == {"pact": True, "declaration": True}
    assert client.get(receipt).content.decode().count('data-sealed="yes"') == 2
    for name, title in (("pakta", "PAKTA INTEGRITAS"), ("deklarasi", "IKRAR NETRALITAS")):
        assert title in words(take(client, f"{receipt}/{name}.pdf"))


def test_a_witness_from_outside_has_the_declaration_and_no_pact(
    client: Client, ceremony: Event, sealer
):
    signature = cast.sign(cast.outsider_of(ceremony))
    receipt = receipt_of(signature)

    page = text_of(client.get(receipt))
    assert "Contoh Saksi Ketua KPU Kota Contoh" in page
    assert "Ikrar Netralitas Pegawai ASN" in page
    assert "NIP" not in page
    assert "PDF pakta" not in page
    assert client.get(f"{receipt}/status").json() == {"declaration": False}
    assert client.get(f"{receipt}/pakta.pdf")["Location"] == receipt

    issue(declaration.close(ceremony, by=None), sealer=sealer)

    assert client.get(f"{receipt}/status").json() == {"declaration": True}
    assert "Ketua KPU Kota Contoh" in words(take(client, f"{receipt}/deklarasi.pdf"))


def test_who_has_no_part_waits_for_no_declaration(client: Client, ceremony: Event):
    receipt = receipt_of(cast.sign(cast.someone(ceremony, cast.AGUS)))

    assert client.get(f"{receipt}/status").json() == {"pact": False}
    assert client.get(f"{receipt}/deklarasi.pdf")["Location"] == receipt


def send_later(person: Signatory, claimed_at: datetime.datetime | None) -> Signature:
    return signing.sign(
        cast.ticket_of(person),
        mark=DRAWN,
        consents=range(1, 5),
        delivery=Delivery(claimed_at=claimed_at, is_sent_later=True),
    )


def test_what_was_sent_later_says_so_with_the_devices_own_time(client: Client, siti: Signatory):
    claimed = datetime.datetime(2024, 7, 29, 1, 30, tzinfo=datetime.UTC)

    page = text_of(client.get(receipt_of(send_later(siti, claimed))))

    assert "dikirim menyusul Menurut jam perangkat 29 Juli 2024 pukul 08.30 WIB" in page


def test_what_was_sent_at_once_does_not_speak_of_the_device(client: Client, siti: Signatory):
    page = text_of(client.get(receipt_of(cast.sign(siti))))

    assert "menyusul" not in page
    assert "jam perangkat" not in page


def test_a_void_receipt_says_when_and_what_to_do_and_waits_for_nothing(
    client: Client, siti: Signatory
):
    signature = cast.sign(siti)
    signing.void(signature, reason="Alasan rahasia", by=None)
    receipt = receipt_of(signature)

    page = text_of(client.get(receipt))

    assert "Tanda tangan ini dibatalkan" in page
    assert str(timezone.now().year) in page.partition("Dibatalkan ")[2]
    assert "Untuk menandatangani lagi, buka tautan" in page
    assert "sedang disegel" not in page
    assert "rahasia" not in page
    assert client.get(f"{receipt}/status").json() == {}
    assert client.get(f"{receipt}/pakta.pdf")["Location"] == receipt


def test_a_void_receipt_does_not_lead_to_the_declaration_that_was_signed_later(
    client: Client, ceremony: Event, sealer
):
    of_somebody_else = cast.sign(cast.someone(ceremony, SITI))
    for signature in of_somebody_else.signatory.signatures.all():
        signing.void(signature, reason="Ditandatangani orang lain", by=None)
    sign_the_rest(ceremony)
    completed = declaration.current(ceremony)
    assert completed
    issue(completed, sealer=sealer)
    receipt = receipt_of(of_somebody_else)

    assert "deklarasi bersama" not in text_of(client.get(receipt))
    assert client.get(f"{receipt}/deklarasi.pdf")["Location"] == receipt


def test_a_document_that_was_sealed_before_the_void_can_still_be_taken(
    client: Client, siti: Signatory, sealer
):
    signature = cast.sign(siti)
    issue(signature, sealer=sealer)
    signing.void(signature, reason="Salah orang", by=None)

    assert "Siti Aminah, S.Pd." in words(take(client, f"{receipt_of(signature)}/pakta.pdf"))


def test_only_the_holder_of_the_token_takes_the_declaration(client: Client, ceremony: Event):
    cast.sign(cast.outsider_of(ceremony))

    for token in ("unknown", "1-00000000000000000000000000"):
        assert client.get(f"/bukti/{token}/deklarasi.pdf").status_code == 404
