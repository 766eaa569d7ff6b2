"""A signature is voided on the person's page, and everything stays on record there."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from pledges import events, identity, marks, signing
from pledges.documents.issue import issue
from pledges.documents.seal import Sealer
from pledges.models import AuditEntry, Declaration, Event, Signatory, Signature
from pledges.signing import Delivery
from tests import cast
from tests.cast import BUDI, DEWI, City
from tests.pages import text_of
from tests.pdfs import sealer

__all__ = ["sealer"]

REASON = "Gelar keliru pada dokumen"


def at(event: Event, path: str) -> str:
    return f"/kelola/acara/{event.code}/{path}"


def void_path(signature: Signature) -> str:
    return at(signature.signatory.event, f"tanda-tangan/{signature.pk}/batalkan")


def document_path(signature: Signature) -> str:
    return at(signature.signatory.event, f"tanda-tangan/{signature.pk}/dokumen.pdf")


def page_of(client: Client, person: Signatory) -> str:
    return text_of(client.get(at(person.event, f"orang/{person.pk}")))


def test_the_admin_voids_with_a_reason_after_reading_what_follows(
    as_admin: Client, siti: Signatory, admin: User
):
    signature = cast.sign(siti)
    asked = text_of(as_admin.get(void_path(signature)))
    assert "Batalkan tanda tangan Siti Aminah, S.Pd.?" in asked
    assert "verifikasi menyatakannya dibatalkan" in asked
    assert "dapat menandatangani lagi" in asked
    assert "Halaman yang sudah terbuka di ponselnya" in asked

    response = as_admin.post(void_path(signature), {"reason": REASON}, follow=True)

    assert "Tanda tangan Siti Aminah, S.Pd. dibatalkan" in text_of(response)
    signature.refresh_from_db()
    assert (signature.void_reason, signature.voided_by) == (REASON, admin)


def test_without_a_reason_nothing_is_voided(as_admin: Client, siti: Signatory):
    signature = cast.sign(siti)
    response = as_admin.post(void_path(signature), {"reason": " "})
    assert response.status_code == 422
    assert "Tulis alasannya" in text_of(response)
    assert signing.signature_of(siti) == signature


def test_a_signature_that_is_void_already_is_not_voided_again(as_admin: Client, siti: Signatory):
    signature = cast.sign(siti)
    signing.void(signature, reason=REASON, by=None)
    response = as_admin.post(void_path(signature), {"reason": "Lagi"}, follow=True)
    assert "Tanda tangan ini sudah dibatalkan." in text_of(response)
    signature.refresh_from_db()
    assert signature.void_reason == REASON


def test_in_a_closed_event_the_question_says_that_it_must_reopen(
    as_admin: Client, closed_event: Event
):
    signature = Signature.objects.get()
    assert "bila acara dibuka lagi" in text_of(as_admin.get(void_path(signature)))


def test_of_a_signature_on_the_declaration_the_question_says_that_it_becomes_void(
    as_admin: Client, city: City
):
    event = cast.make_open_ceremony(city)
    for person in (DEWI, cast.SITI, BUDI):
        cast.sign(cast.someone(event, person))
    witness = cast.sign(cast.outsider_of(event))
    assert "Deklarasi bersama yang sudah selesai ikut batal" in text_of(
        as_admin.get(void_path(witness))
    )
    as_admin.post(void_path(witness), {"reason": REASON})
    assert Declaration.objects.get().void_reason == REASON


@pytest.mark.parametrize("role", ["officer", "overseer", "outsider"])
def test_voiding_is_for_admins(
    client: Client, request: pytest.FixtureRequest, siti: Signatory, role: str
):
    signature = cast.sign(siti)
    client.force_login(request.getfixturevalue(role))
    refused = 404 if role == "outsider" else 403
    assert client.get(void_path(signature)).status_code == refused
    assert client.post(void_path(signature), {"reason": REASON}).status_code == refused
    assert client.get(document_path(signature)).status_code == refused
    assert signing.signature_of(siti) == signature


def test_a_signature_of_another_event_is_not_found(as_admin: Client, city: City, siti: Signatory):
    other = cast.make_open(city)
    signature = cast.sign(cast.someone(other))
    for path in ("batalkan", "dokumen.pdf"):
        response = as_admin.get(at(siti.event, f"tanda-tangan/{signature.pk}/{path}"))
        assert response.status_code == 404


# The person's page


def test_the_page_lists_every_signature_with_who_voided_it_when_and_why(
    as_admin: Client, siti: Signatory, admin: User
):
    signing.void(cast.sign(siti), reason=REASON, by=admin)
    siti.refresh_from_db()
    cast.sign(siti)
    shown = page_of(as_admin, siti)
    assert shown.count("Pakta Integritas Netralitas Pegawai ASN") == 2
    assert "oleh admin@contoh.example: “Gelar keliru pada dokumen”" in shown
    assert shown.count("Batalkan…") == 1


def test_officers_see_what_stands_and_not_what_was_voided_or_why(
    as_officer: Client, siti: Signatory, admin: User
):
    signing.void(cast.sign(siti), reason=REASON, by=admin)
    siti.refresh_from_db()
    assert REASON not in page_of(as_officer, siti)
    cast.sign(siti)
    shown = page_of(as_officer, siti)
    assert "Cara: tautan pribadi" in shown
    assert "Batalkan" not in shown


def test_overseers_see_what_was_voided_and_why(client: Client, siti: Signatory, overseer: User):
    signing.void(cast.sign(siti), reason=REASON, by=None)
    client.force_login(overseer)
    shown = page_of(client, siti)
    assert REASON in shown
    assert "Batalkan…" not in shown


def test_the_page_tells_how_late_and_how_it_came(as_officer: Client, siti: Signatory):
    Event.objects.update(deadline=siti.event.published_at)
    signing.sign(
        cast.ticket_of(siti),
        mark=marks.drawn(cast.DRAWING),
        consents=[1, 2, 3, 4],
        delivery=Delivery(is_sent_later=True),
    )
    shown = page_of(as_officer, siti)
    assert "Terlambat Dikirim menyusul Cara: tautan pribadi" in shown


def test_the_documents_are_taken_by_admins_void_ones_too(
    as_admin: Client, siti: Signatory, sealer: Sealer
):
    signature = cast.sign(siti)
    document = issue(signature, sealer=sealer)
    signing.void(signature, reason=REASON, by=None)

    response = as_admin.get(document_path(signature))

    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert len(response.getvalue()) == document.size
    entry = AuditEntry.objects.get(action="export.document")
    assert entry.target == f"signature:{signature.pk}"


def test_a_document_that_is_not_sealed_yet_is_not_taken(as_admin: Client, siti: Signatory):
    signature = cast.sign(siti)
    response = as_admin.get(document_path(signature), follow=True)
    assert "Belum ada dokumen yang dapat diunduh" in text_of(response)


# The signer


def test_the_page_of_before_the_void_is_refused_and_the_link_lets_one_sign_again(
    client: Client, siti: Signatory
):
    ticket = cast.ticket_of(siti).seal()
    signing.void(cast.sign(siti), reason=REASON, by=None)
    form = {"kind": "drawn", "path": cast.DRAWING, "consents": ["1", "2", "3", "4"]}

    stale = client.post("/tandatangan", form | {"ticket": ticket})
    assert stale.status_code == 403
    assert "Halaman ini sudah tidak berlaku" in text_of(stale)

    page = client.get(f"/s/{identity.link_token(siti)}")
    assert "Tanda tangan Anda sebelumnya dibatalkan oleh admin." in text_of(page)
    assert REASON not in text_of(page)
    fresh = page.context["ticket"]
    assert client.post("/tandatangan", form | {"ticket": fresh}).status_code == 303


def test_the_old_receipt_says_that_it_is_void(client: Client, siti: Signatory):
    signature = cast.sign(siti)
    signing.void(signature, reason=REASON, by=None)
    shown = text_of(client.get(f"/bukti/{identity.receipt_token(signature)}"))
    assert "Tanda tangan ini dibatalkan" in shown


def test_the_public_verdict_says_void_and_not_why(client: Client, siti: Signatory):
    signature = cast.sign(siti)
    signing.void(signature, reason=REASON, by=None)
    events.close(siti.event, by=None)
    shown = text_of(client.get(f"/v/{signature.verification_code}"))
    assert "dibatalkan" in shown
    assert REASON not in shown
