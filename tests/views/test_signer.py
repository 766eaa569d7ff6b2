from __future__ import annotations

import datetime
import gzip
import re
from io import BytesIO

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from PIL import Image

from pledges import events, identity, logos, marks, signing
from pledges.documents.issue import issue
from pledges.documents.seal import Sealer
from pledges.models import AuditEntry, CodeAttempt, Event, Pact, Signatory, Signature
from tests import cast
from tests.cast import City
from tests.pages import text_of
from tests.pdfs import sealer
from tests.test_logos import picture

__all__ = ["sealer"]

STATIC = settings.BASE_DIR / "static"
FORM = {"kind": "drawn", "path": cast.DRAWING, "typed": "", "consents": ["1", "2", "3", "4"]}


def link_of(person: Signatory) -> str:
    return f"/s/{identity.link_token(person)}"


def receipt_of(signature: Signature) -> str:
    return f"/bukti/{identity.receipt_token(signature)}"


def ticket_in(response) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', response.content.decode())
    assert found
    return found[1]


def ticked_in(response) -> list[str]:
    return re.findall(r'value="(\d+)" id="nyatakan-\d+"[^>]*checked', response.content.decode())


def submit(client: Client, person: Signatory, **fields: object):
    ticket = cast.ticket_of(person).seal()
    return client.post("/tandatangan", {"ticket": ticket} | FORM | fields)


def enter(client: Client, event: Event, identifier: str, code: str):
    return client.post(f"/a/{event.code}", {"identifier": identifier, "code": code})


# The signing page


def test_a_personal_link_shows_identity_the_whole_text_and_the_signature_field(
    client: Client, siti: Signatory
):
    response = client.get(link_of(siti))
    shown = text_of(response)
    parts = [
        "Apakah ini Anda? Siti Aminah, S.Pd. NIP 198001012005012001 Guru Kelas SDN 1 Contoh",
        "Pemerintah Kota Contoh Jalan Merdeka Nomor 1 Pakta Integritas Netralitas Pegawai ASN",
        "Plaza Balai Kota, 29 Juli 2024",
        "Saya yang bertanda tangan di bawah ini:",
        "Nama Siti Aminah, S.Pd. NIP 198001012005012001 Pangkat/Golongan Penata, III/c "
        "Jabatan Guru Kelas Unit Kerja SDN 1 Contoh, Dinas Pendidikan",
        "dalam rangka Pilkada Serentak Tahun 2024, dengan ini menyatakan:",
        *cast.POINTS,
        cast.CLOSING,
        *cast.LEGAL_BASES,
        "Gambar tanda tangan Anda di sini",
    ]
    assert response.status_code == 200
    places = [shown.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)


def test_each_point_has_one_tick_that_says_saya_menyatakan(client: Client, siti: Signatory):
    response = client.get(link_of(siti))
    assert text_of(response).count("Saya menyatakan butir") == 4
    assert ticked_in(response) == []


def test_apa_artinya_netral_is_collapsed(client: Client, siti: Signatory):
    page = client.get(link_of(siti)).content.decode()
    assert '<details class="meaning">' in page
    assert "<summary>Apa artinya netral?</summary>" in page
    assert "mempunyai pendapat dan pilihan sendiri" in page
    assert "menyebarkan berita bohong (hoaks)" in page


def test_the_deadline_is_shown_with_its_zone(client: Client, siti: Signatory):
    deadline = datetime.datetime(2099, 11, 27, 16, 59, tzinfo=datetime.UTC)
    Event.objects.update(deadline=deadline)
    assert "Batas waktu: 27 November 2099 pukul 23.59 WIB." in text_of(client.get(link_of(siti)))


def test_after_the_deadline_the_page_says_that_the_signature_counts_as_late(
    client: Client, siti: Signatory
):
    Event.objects.update(deadline=timezone.now() - datetime.timedelta(hours=1))
    assert "pakta Anda dicatat terlambat" in text_of(client.get(link_of(siti)))


def test_a_non_asn_person_sees_the_own_nik_masked(client: Client, rahmat: Signatory):
    page = client.get(link_of(rahmat))
    assert "NIK 3273••••••••••01" in text_of(page)
    assert cast.RAHMAT_NIK not in page.content.decode()


def test_an_example_event_has_a_contoh_band(client: Client, city: City, siti: Signatory):
    example = cast.someone(cast.make_open(city, is_example=True))
    assert "CONTOH – bukan dokumen resmi" in text_of(client.get(link_of(example)))
    assert "bukan dokumen resmi" not in text_of(client.get(link_of(siti)))


def test_a_name_with_html_in_it_is_shown_as_it_was_written(client: Client, siti: Signatory):
    Signatory.objects.update(name='<script>alert("x")</script>')
    page = client.get(link_of(siti)).content.decode()
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;") == 2


def test_the_letterhead_shows_the_coat_of_arms(client: Client, city: City):
    city.agency.logo = logos.store(picture((300, 400)))
    city.agency.save()
    page = client.get(link_of(cast.someone(cast.make_open(city)))).content.decode()
    address = f"/lambang/{city.agency.logo.removeprefix('logos/')}"
    assert f'src="{address}" alt="Lambang Pemerintah Kota Contoh"' in page
    response = client.get(address)
    assert response["Content-Type"] == "image/png"
    assert response["Cache-Control"] == "public, immutable, max-age=31536000"
    assert Image.open(BytesIO(response.content)).size == (108, 144)


def test_no_other_file_is_shown_as_a_coat_of_arms(client: Client, db: None):
    for name in ("0" * 64, "..", "%2e%2e%2fdocuments%2fx", "%00", "a" * 400):
        assert client.get(f"/lambang/{name}.png").status_code == 404


def test_opening_a_link_changes_nothing(client: Client, siti: Signatory):
    entries = AuditEntry.objects.count()
    client.get(link_of(siti))
    client.head(link_of(siti))
    client.get(f"/a/{siti.event.code}")
    assert not Signature.objects.exists()
    assert not CodeAttempt.objects.exists()
    assert AuditEntry.objects.count() == entries


def test_signers_pages_set_no_cookie_and_need_none(siti: Signatory):
    client = Client(enforce_csrf_checks=True)
    code = identity.personal_code(siti)
    answers = [
        client.get(link_of(siti)),
        enter(client, siti.event, cast.SITI, code),
        submit(client, siti),
        client.get(receipt_of(cast.sign(siti))),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 303, 200]
    assert not client.cookies


def test_signers_pages_are_kept_by_no_cache_and_leave_no_referrer(client: Client, siti: Signatory):
    signature = cast.sign(cast.someone(siti.event, cast.BUDI))
    pages = [link_of(siti), f"/a/{siti.event.code}", receipt_of(signature), "/s/unknown"]
    for answer in map(client.get, pages):
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "same-origin"
        assert "script-src 'self'" in answer["Content-Security-Policy"]


def test_nothing_is_inline(client: Client, siti: Signatory):
    page = client.get(link_of(siti)).content.decode()
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=", page)


def test_a_signers_page_loads_no_framework_and_stays_below_40_kb(client: Client, siti: Signatory):
    page = client.get(link_of(siti)).content.decode()
    named = set(re.findall(r'(?:src|href)="/static/([^"]+)"', page))
    scripts = {f"js/signer/{path.name}" for path in (STATIC / "js/signer").iterdir()}
    others = named - scripts
    assert others == {"css/tokens.css", "css/signer.css", "img/pakta.svg"}
    sent = [page.encode(), *((STATIC / file).read_bytes() for file in scripts | others)]
    assert sum(len(gzip.compress(part)) for part in sent) < 40_000


# Links that lead to no text


def test_an_unknown_link_is_answered_in_words(client: Client, siti: Signatory):
    for token in ("1", "x-y", f"{siti.pk}-AAAA", "1-%00"):
        response = client.get(f"/s/{token}")
        assert response.status_code == 404
        assert "Tautan ini tidak dikenal atau sudah diganti." in text_of(response)


def test_a_link_into_a_draft_says_to_come_back(client: Client, draft_event: Event):
    response = client.get(link_of(cast.someone(draft_event)))
    assert response.status_code == 403
    assert "Simpan slip atau tautan Anda dan buka lagi" in text_of(response)
    assert "Saya menyatakan" not in text_of(response)


def test_a_link_to_a_closed_event_says_so_and_that_nothing_was_saved(
    client: Client, closed_event: Event
):
    response = client.get(link_of(cast.someone(closed_event, cast.BUDI)))
    assert response.status_code == 403
    shown = text_of(response)
    assert "Penandatanganan acara ini ditutup pada" in shown
    assert "Budi Santoso, S.K.M. belum menandatangani" in shown
    assert "tetap berlaku bila acara dibuka kembali" in shown


def test_a_withdrawn_person_is_told_whom_to_ask(client: Client, siti: Signatory):
    Signatory.objects.update(withdrawn_at=timezone.now())
    response = client.get(link_of(siti))
    assert response.status_code == 403
    assert "tidak lagi ada dalam daftar penanda tangan" in text_of(response)


def test_a_person_for_whom_the_event_has_no_text_is_told_so(client: Client, rahmat: Signatory):
    Pact.objects.update(audience="asn")
    response = client.get(link_of(rahmat))
    assert response.status_code == 409
    assert "belum mempunyai naskah pakta untuk jenis kepegawaian Anda" in text_of(response)


# The event's address


def test_the_events_address_asks_for_nip_and_code(client: Client, open_event: Event):
    response = client.get(f"/a/{open_event.code.lower()}")
    assert response.status_code == 200
    assert "NIP atau NIK" in text_of(response)
    assert "Kode pribadi" in text_of(response)


def test_nip_and_personal_code_open_the_text(client: Client, siti: Signatory):
    response = enter(client, siti.event, "19800101 200501 2 001", identity.personal_code(siti))
    assert response.status_code == 200
    assert "Apakah ini Anda? Siti Aminah, S.Pd." in text_of(response)
    assert identity.Ticket.unseal(ticket_in(response)).method == "personal_code"


def test_nik_and_personal_code_open_the_text(client: Client, rahmat: Signatory):
    response = enter(client, rahmat.event, cast.RAHMAT_NIK, identity.personal_code(rahmat))
    assert "Apakah ini Anda? Rahmat Hidayat" in text_of(response)


def test_a_wrong_code_is_answered_in_words_and_what_was_typed_is_kept(
    client: Client, siti: Signatory
):
    response = enter(client, siti.event, cast.SITI, "AAAAA-AAAAA")
    assert response.status_code == 403
    assert "Nomor atau kode tidak cocok." in text_of(response)
    assert f'value="{cast.SITI}"' in response.content.decode()
    assert 'value="AAAAA-AAAAA"' in response.content.decode()


def test_ten_wrong_codes_lock_code_entry_for_that_nip_and_leave_its_link_and_others_alone(
    client: Client, siti: Signatory
):
    for _ in range(10):
        assert enter(client, siti.event, cast.SITI, "AAAAA-AAAAA").status_code == 403
    response = enter(client, siti.event, cast.SITI, identity.personal_code(siti))
    assert response.status_code == 429
    assert "Coba lagi 15 menit lagi, atau gunakan tautan pada slip Anda" in text_of(response)
    assert client.get(link_of(siti)).status_code == 200
    budi = cast.someone(siti.event, cast.BUDI)
    code = identity.personal_code(budi)
    assert enter(client, siti.event, cast.BUDI, code).status_code == 200


@pytest.mark.parametrize(
    ("identifier", "code", "message"),
    [
        ("", "AAAAA-AAAAA", "Isi NIP atau NIK Anda."),
        (cast.SITI, "", "Isi kode pribadi yang ada pada slip Anda."),
        ("12345", "AAAAA-AAAAA", "yang Anda ketik 5 angka."),
        (cast.SITI, "AAAAA", "Kode pribadi terdiri atas 10 huruf dan angka; yang Anda ketik 5."),
        (cast.SITI, "\x00", "Karakter null tidak diizinkan."),
        ("1" * 1000, "A" * 1000, "paling banyak 40 karakter"),
    ],
)
def test_an_incomplete_entry_is_explained_and_counts_as_no_try(
    client: Client, open_event: Event, identifier: str, code: str, message: str
):
    response = enter(client, open_event, identifier, code)
    assert response.status_code == 400
    assert message in text_of(response)
    assert not CodeAttempt.objects.exists()


def test_an_unknown_event_address_is_answered_in_words(client: Client, open_event: Event):
    for address in ("/a/ZZZZZZ", "/a/%00", "/a/" + "x" * 500):
        response = client.get(address)
        assert response.status_code == 404
        assert "Tidak ada acara dengan alamat ini." in text_of(response)


def test_the_address_of_a_draft_asks_for_nothing(client: Client, draft_event: Event):
    response = client.get(f"/a/{draft_event.code}")
    assert response.status_code == 403
    assert "Penandatanganan belum dibuka" in text_of(response)
    assert "Kode pribadi" not in text_of(response)


def test_the_address_of_a_closed_event_leads_to_the_receipt(client: Client, closed_event: Event):
    assert "untuk melihat buktinya" in text_of(client.get(f"/a/{closed_event.code}"))
    siti = cast.someone(closed_event)
    response = enter(client, closed_event, cast.SITI, identity.personal_code(siti))
    assert response.status_code == 303
    assert response["Location"] == receipt_of(Signature.objects.get())


def test_the_code_of_somebody_who_has_not_signed_a_closed_event_leads_to_the_reason(
    client: Client, closed_event: Event
):
    budi = cast.someone(closed_event, cast.BUDI)
    response = enter(client, closed_event, cast.BUDI, identity.personal_code(budi))
    assert response.status_code == 403
    assert "Budi Santoso, S.K.M. belum menandatangani" in text_of(response)


# Signing


def test_submitting_a_drawing_signs_and_leads_to_the_receipt(client: Client, siti: Signatory):
    response = client.post("/tandatangan", FORM | {"ticket": ticket_in(client.get(link_of(siti)))})
    signature = Signature.objects.get()
    assert (response.status_code, response["Location"]) == (303, receipt_of(signature))
    assert signature.signatory == siti
    assert signature.mark == f"drawn:{cast.DRAWING}"


def test_a_typed_name_signs_too(client: Client, siti: Signatory):
    response = submit(client, siti, kind="typed", path="", typed="Siti  Aminah")
    assert response.status_code == 303
    assert Signature.objects.get().mark == "typed:Siti Aminah"


def test_who_came_with_a_code_is_recorded_as_such(client: Client, siti: Signatory):
    page = enter(client, siti.event, cast.SITI, identity.personal_code(siti))
    client.post("/tandatangan", FORM | {"ticket": ticket_in(page)})
    assert Signature.objects.get().method == "personal_code"


def test_signing_twice_shows_the_same_receipt(client: Client, siti: Signatory):
    page = client.get(link_of(siti))
    once = client.post("/tandatangan", FORM | {"ticket": ticket_in(page)})
    twice = client.post("/tandatangan", FORM | {"ticket": ticket_in(page)})
    opened = client.get(link_of(siti))
    assert once["Location"] == twice["Location"] == opened["Location"]
    assert opened.status_code == 303
    assert Signature.objects.count() == 1


def test_signing_twice_shows_the_receipt_after_closing_too(client: Client, closed_event: Event):
    siti = cast.someone(closed_event)
    assert client.get(link_of(siti))["Location"] == receipt_of(Signature.objects.get())


def test_a_page_that_was_submitted_before_closing_leads_to_the_receipt_after_it(
    client: Client, siti: Signatory
):
    page = client.get(link_of(siti))
    once = client.post("/tandatangan", FORM | {"ticket": ticket_in(page)})
    events.close(siti.event, by=None)
    twice = client.post("/tandatangan", FORM | {"ticket": ticket_in(page)})
    assert once["Location"] == twice["Location"]


def test_an_event_closed_meanwhile_refuses_and_keeps_everything_on_the_page(
    client: Client, siti: Signatory
):
    page = client.get(link_of(siti))
    events.close(siti.event, by=None)
    response = client.post("/tandatangan", FORM | {"ticket": ticket_in(page)})
    assert response.status_code == 409
    assert "Penandatanganan untuk acara ini sudah ditutup." in text_of(response)
    assert ticked_in(response) == ["1", "2", "3", "4"]
    assert cast.DRAWING in response.content.decode()
    assert not Signature.objects.exists()

    events.reopen(siti.event, by=None)
    again = client.post("/tandatangan", FORM | {"ticket": ticket_in(response)})
    assert again["Location"] == receipt_of(Signature.objects.get())


def test_an_event_taken_back_to_draft_refuses(client: Client, siti: Signatory):
    page = client.get(link_of(siti))
    events.unpublish(siti.event, by=None)
    response = client.post("/tandatangan", FORM | {"ticket": ticket_in(page)})
    assert response.status_code == 409
    assert "Penandatanganan untuk acara ini belum dibuka." in text_of(response)


def test_a_text_changed_meanwhile_must_be_read_anew(client: Client, siti: Signatory):
    page = client.get(link_of(siti))
    events.unpublish(siti.event, by=None)
    siti.event.pacts.get().points.filter(number=4).update(text="Menolak politik uang.")
    events.publish(siti.event, by=None)
    response = client.post("/tandatangan", FORM | {"ticket": ticket_in(page)})
    assert response.status_code == 409
    assert "Buka lagi tautan Anda dan baca naskah yang baru." in text_of(response)
    assert not Signature.objects.exists()


def test_missing_ticks_are_named_and_the_drawing_is_kept(client: Client, siti: Signatory):
    response = submit(client, siti, consents=["1", "3"])
    page = response.content.decode()
    assert response.status_code == 400
    assert ticked_in(response) == ["1", "3"]
    assert re.findall(r'id="masalah-(\d)">', page) == ["2", "4"]
    assert cast.DRAWING in page
    assert not Signature.objects.exists()


def test_a_signature_with_no_strokes_is_refused_and_the_ticks_are_kept(
    client: Client, siti: Signatory
):
    response = submit(client, siti, path="")
    assert response.status_code == 400
    assert "Bidang tanda tangan masih kosong." in text_of(response)
    assert ticked_in(response) == ["1", "2", "3", "4"]


def test_a_missing_typed_name_is_asked_for(client: Client, siti: Signatory):
    response = submit(client, siti, kind="typed", typed=" ")
    assert response.status_code == 400
    assert 'id="masalah-ketik">Ketik nama lengkap Anda' in response.content.decode()


def test_a_refused_typed_name_is_kept_to_be_mended(client: Client, siti: Signatory):
    response = submit(client, siti, kind="typed", typed="Siti 😀")
    assert response.status_code == 400
    assert "Tanda “😀” tidak dapat dicetak" in text_of(response)
    assert 'value="Siti 😀"' in response.content.decode()
    assert 'data-means="typed"' in response.content.decode()


def test_a_signature_that_is_too_complex_is_refused_and_the_ticks_are_kept(
    client: Client, siti: Signatory
):
    response = submit(client, siti, path="M0 0" + "L10 10L0 0" * 5000)
    assert response.status_code == 413
    assert "Gambar tanda tangan terlalu rumit." in text_of(response)
    assert ticked_in(response) == ["1", "2", "3", "4"]
    assert "L10 10" not in response.content.decode()


def test_a_signature_of_a_million_points_is_refused_before_it_is_read(
    client: Client, siti: Signatory
):
    ticket = cast.ticket_of(siti).seal()
    body = f"ticket={ticket}&kind=drawn&path=" + "M0 0" + "L10 10L0 0" * 500_000
    response = client.post("/tandatangan", body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 413
    assert "Kiriman ini terlalu besar untuk sebuah tanda tangan" in text_of(response)
    assert not Signature.objects.exists()


def test_a_thousand_ticks_are_refused(client: Client, siti: Signatory):
    response = submit(client, siti, consents=["1"] * 1001)
    assert response.status_code == 413


def test_an_altered_ticket_is_refused(client: Client, siti: Signatory):
    ticket = cast.ticket_of(siti).seal()
    for altered in ("", ticket[:-1], ticket + "A", "x" + ticket[1:], "nonsense"):
        response = client.post("/tandatangan", FORM | {"ticket": altered})
        assert response.status_code == 403
        assert "Halaman ini sudah tidak berlaku." in text_of(response)
    assert not Signature.objects.exists()


def test_a_revoked_ticket_is_refused(client: Client, siti: Signatory):
    page = client.get(link_of(siti))
    Signatory.objects.update(generation=2)
    response = client.post("/tandatangan", FORM | {"ticket": ticket_in(page)})
    assert response.status_code == 403
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [{"kind": ""}, {"kind": "stamped"}, {"consents": ["1", "2", "3", "4", "5"]}, {"path": "\x00"}],
)
def test_a_form_of_another_shape_is_refused(
    client: Client, siti: Signatory, fields: dict[str, object]
):
    assert submit(client, siti, **fields).status_code == 400
    assert not Signature.objects.exists()


def test_opening_the_address_of_the_submit_says_what_to_do(client: Client, db: None):
    response = client.get("/tandatangan")
    assert response.status_code == 403
    assert "Buka lagi tautan atau pindai lagi kode QR Anda" in text_of(response)


# The receipt


def test_the_receipt_says_who_signed_what_and_when(client: Client, siti: Signatory):
    signature = cast.sign(siti)
    shown = text_of(client.get(receipt_of(signature)))
    local = signature.signed_at.astimezone(datetime.timezone(datetime.timedelta(hours=7)))
    code = signature.verification_code
    assert "Sudah ditandatangani Siti Aminah, S.Pd. NIP 1980••••••••••2001 SDN 1 Contoh" in shown
    assert "Naskah Pakta Integritas Netralitas Pegawai ASN" in shown
    assert f"{local:%Y} pukul {local:%H.%M} WIB" in shown
    assert f"Kode verifikasi {code[:4]} {code[4:8]} {code[8:12]} {code[12:]}" in shown
    assert f"localhost:8000/v/{code}" in shown
    assert "terlambat" not in shown


def test_the_receipt_shows_the_time_in_the_events_zone(client: Client, siti: Signatory):
    siti.event.agency.timezone = "Asia/Jayapura"
    siti.event.agency.save()
    assert "WIT " in text_of(client.get(receipt_of(cast.sign(siti))))


def test_a_late_signatures_receipt_says_so(client: Client, siti: Signatory):
    Event.objects.update(deadline=timezone.now() - datetime.timedelta(hours=1))
    assert "WIB terlambat" in text_of(client.get(receipt_of(cast.sign(siti))))


def test_what_is_shared_is_the_public_address_never_the_receipts_own(
    client: Client, siti: Signatory
):
    signature = cast.sign(siti)
    page = client.get(receipt_of(signature)).content.decode()
    address = f"http://localhost:8000/v/{signature.verification_code}"
    assert f'data-share data-url="{address}"' in page


def test_an_unsealed_documents_receipt_waits_for_it(client: Client, siti: Signatory):
    receipt = receipt_of(cast.sign(siti))
    page = client.get(receipt).content.decode()
    assert "PDF pakta Anda sedang disegel" in page
    assert 'data-sealed="no"' in page
    assert client.get(f"{receipt}/status").json() == {"pact": False}
    assert client.get(f"{receipt}/pakta.pdf")["Location"] == receipt


def test_a_sealed_document_is_downloaded_from_the_receipt(
    client: Client, siti: Signatory, sealer: Sealer
):
    signature = cast.sign(siti)
    document = issue(signature, sealer=sealer)
    receipt = receipt_of(signature)
    assert 'data-sealed="yes"' in client.get(receipt).content.decode()
    assert client.get(f"{receipt}/status").json() == {"pact": True}
    response = client.get(f"{receipt}/pakta.pdf")
    name = f"Pakta-Integritas-{signature.verification_code}.pdf"
    content = response.getvalue()
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Content-Type"] == "application/pdf"
    assert response["Cache-Control"] == "no-store"
    assert content.startswith(b"%PDF-")
    assert len(content) == document.size


def test_only_the_holder_of_the_token_sees_receipt_status_and_document(
    client: Client, siti: Signatory
):
    signature = cast.sign(siti)
    for token in (str(signature.pk), f"{signature.pk}-AAAA", identity.link_token(siti), "x"):
        for page in ("", "/status", "/pakta.pdf"):
            assert client.get(f"/bukti/{token}{page}").status_code == 404


def test_a_voided_signatures_receipt_says_so(client: Client, siti: Signatory):
    signature = cast.sign(siti)
    Signature.objects.update(voided_at=timezone.now(), void_reason="Salah orang")
    shown = text_of(client.get(receipt_of(signature)))
    assert "Tanda tangan ini dibatalkan" in shown
    assert "Sudah ditandatangani" not in shown


def test_the_receipt_keeps_what_the_statement_says(client: Client, siti: Signatory):
    signature = cast.sign(siti, mark=marks.typed("Siti Aminah"))
    Signatory.objects.filter(pk=siti.pk).update(name="Nama Lain")
    assert "Siti Aminah, S.Pd." in text_of(client.get(receipt_of(signature)))
    assert signing.signature_of(siti) == signature
