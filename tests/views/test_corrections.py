"""Asking for a correction at the signer's pages, and answering at the organiser's."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from pledges import corrections, events, identity, signing
from pledges.models import AuditEntry, Correction, Event, Role, Signatory
from tests import cast
from tests.cast import BUDI, DEWI, RAHMAT_NIK, SITI, City
from tests.pages import text_of

NEW_NIP = "198001012005012009"
NIK = "3273010505900002"
WRONG_TITLE = "Gelar saya S.Pd., M.Pd."
REPORT = {
    "name": "Contoh Terlewat, S.Pd.",
    "nip": "19800101 200501 2 009",
    "words": "sdn 1 contoh",
    "message": "Baru pindah bulan lalu",
}
SITI_FORM = {
    "name": "Siti Aminah, S.Pd.", "kind": "pns", "grade": "III/c", "position": "Guru Kelas",
    "email": "siti@contoh.example", "phone": "",
}  # fmt: skip


def link_of(person: Signatory) -> str:
    return f"/s/{identity.link_token(person)}"


def ask(client: Client, person: Signatory, **fields: str):
    ticket = cast.ticket_of(person).seal()
    return client.post("/data-saya-salah", {"ticket": ticket} | fields)


def report(client: Client, event: Event, **fields: object):
    return client.post(f"/a/{event.code}/nama-tidak-ada", REPORT | fields)


def at(event: Event, path: str) -> str:
    return f"/kelola/acara/{event.code}/{path}"


def asked(siti: Signatory, message: str = WRONG_TITLE) -> Correction:
    return corrections.ask(cast.ticket_of(siti), message=message)


def missing(event: Event, unit, *, nip: str = NEW_NIP, name: str = "Contoh Terlewat") -> Correction:
    return corrections.report_missing(
        event, name=name, nip=nip, unit_id=unit.pk, message="Baru pindah"
    )


# "Data saya salah"


def test_the_signing_page_leads_to_data_saya_salah(client: Client, siti: Signatory):
    page = client.get(link_of(siti)).content.decode()
    assert 'action="/data-saya-salah"' in page
    assert "Data saya salah" in page


def test_the_ticket_in_the_page_leads_to_the_question_what_is_wrong(
    client: Client, siti: Signatory
):
    response = ask(client, siti)
    assert response.status_code == 200
    assert "Siti Aminah, S.Pd. NIP 198001012005012001 Penata, III/c" in text_of(response)
    assert not Correction.objects.exists()
    assert response.headers.get("Set-Cookie") is None


def test_a_request_is_sent_and_says_to_whom(client: Client, siti: Signatory):
    response = ask(client, siti, message=WRONG_TITLE)
    assert response.status_code == 200
    shown = text_of(response)
    assert "sudah dikirim kepada pengelola kepegawaian SDN 1 Contoh" in shown
    assert Correction.objects.get().message == WRONG_TITLE
    assert not response.cookies


def test_the_same_request_sent_again_is_one_request(client: Client, siti: Signatory):
    for _ in range(2):
        assert ask(client, siti, message=WRONG_TITLE).status_code == 200
    assert Correction.objects.count() == 1


def test_an_open_request_may_be_changed(client: Client, siti: Signatory):
    asked(siti)
    response = ask(client, siti)
    assert "Anda dapat mengubahnya" in text_of(response)
    assert WRONG_TITLE in response.content.decode()


def test_an_empty_message_is_asked_for(client: Client, siti: Signatory):
    response = ask(client, siti, message=" ")
    assert response.status_code == 400
    assert "Tulis apa yang perlu diperbaiki." in text_of(response)


@pytest.mark.parametrize("number", [NIK, "3273 0105 0590 0002", "3273.0105.0590.0002"])
def test_a_message_with_a_nik_is_not_sent(client: Client, siti: Signatory, number: str):
    response = ask(client, siti, message=f"NIK saya {number} keliru")
    assert response.status_code == 400
    assert "Jangan tulis NIK" in text_of(response)
    assert not Correction.objects.exists()


def test_a_message_with_a_nip_and_a_phone_number_is_sent(client: Client, siti: Signatory):
    message = "NIP saya 198001012005012009, WA 0812-0000-0000"
    assert ask(client, siti, message=message).status_code == 200
    assert Correction.objects.get().message == message


@pytest.mark.parametrize("ticket", ["", "palsu", "a:b:c"])
def test_without_a_ticket_nothing_is_asked(client: Client, siti: Signatory, ticket: str):
    response = client.post("/data-saya-salah", {"ticket": ticket, "message": WRONG_TITLE})
    assert response.status_code == 403
    assert "Halaman ini sudah tidak berlaku" in text_of(response)
    assert not Correction.objects.exists()


def test_after_closing_the_request_is_not_sent_and_the_page_says_so(
    client: Client, siti: Signatory
):
    ticket = cast.ticket_of(siti).seal()
    events.close(siti.event, by=None)
    response = client.post("/data-saya-salah", {"ticket": ticket, "message": WRONG_TITLE})
    assert response.status_code == 409
    assert "permintaan tidak dikirim" in text_of(response)


def test_the_signer_sees_the_state_of_the_request_when_opening_the_link_again(
    client: Client, siti: Signatory, officer: User
):
    request = asked(siti)
    assert "Permintaan perbaikan Anda masih menunggu" in text_of(client.get(link_of(siti)))

    corrections.decline(request, answer="Sesuai SK pangkat", by=officer)
    shown = text_of(client.get(link_of(siti)))
    assert "Data Anda tidak diubah. Jawaban petugas: “Sesuai SK pangkat”" in shown


def test_who_waits_for_a_correction_may_still_sign(client: Client, siti: Signatory):
    asked(siti)
    assert "Tanda tangani" in text_of(client.get(link_of(siti)))
    assert cast.sign(siti)


# "Nama saya tidak ada"


def test_the_address_of_the_event_leads_to_nama_saya_tidak_ada(client: Client, open_event: Event):
    page = client.get(f"/a/{open_event.code}").content.decode()
    assert f'href="/a/{open_event.code}/nama-tidak-ada"' in page
    assert client.get(f"/a/{open_event.code}/nama-tidak-ada").status_code == 200


def test_a_missing_name_is_reported_to_the_unit_named(
    client: Client, city: City, open_event: Event
):
    response = report(client, open_event)
    assert response.status_code == 200
    assert "Permintaan Anda sudah kami terima untuk SDN 1 Contoh" in text_of(response)
    found = Correction.objects.get()
    assert (found.name, found.nip, found.unit) == (
        "Contoh Terlewat, S.Pd.", NEW_NIP, city.school,
    )  # fmt: skip
    assert not response.cookies


def test_words_of_a_units_name_are_enough_where_they_mean_one(
    client: Client, city: City, open_event: Event
):
    assert report(client, open_event, words="puskesmas").status_code == 200
    assert Correction.objects.get().unit == city.clinic


def test_where_several_units_have_the_words_the_page_asks_which(
    client: Client, city: City, open_event: Event
):
    other = cast.make_agency("Puskesmas Contoh Utara", above=city.health)

    response = report(client, open_event, words="puskesmas cont")

    assert response.status_code == 400
    shown = text_of(response)
    assert "2 unit cocok. Pilih unit kerja Anda." in shown
    assert "Dinas Kesehatan › Puskesmas Contoh Utara" in shown
    assert not Correction.objects.exists()

    assert report(client, open_event, words="puskesmas cont", unit=other.pk).status_code == 200
    assert Correction.objects.get().unit == other


def test_a_full_name_is_taken_for_what_it_says(client: Client, city: City, open_event: Event):
    assert report(client, open_event, words="Dinas Pendidikan").status_code == 200
    assert Correction.objects.get().unit == city.education


def test_numbers_in_names_of_units_are_whole_numbers(client: Client, city: City, open_event: Event):
    cast.make_agency("SDN 11 Contoh", above=city.education)
    assert report(client, open_event, words="sdn 1").status_code == 200
    assert Correction.objects.get().unit == city.school


def test_of_very_many_units_the_page_shows_some_and_asks_for_more_words(
    client: Client, city: City, open_event: Event
):
    for number in range(20):
        cast.make_agency(f"SMP {number} Contoh", above=city.education)
    shown = text_of(report(client, open_event, words="smp"))
    assert "20 unit cocok, dan ini 12 yang pertama" in shown
    assert "SMP 12 Contoh" not in shown


def test_who_does_not_find_the_unit_writes_to_the_agency(
    client: Client, city: City, open_event: Event
):
    response = report(client, open_event, words="kelurahan entah")
    assert response.status_code == 400
    assert "Tidak ada unit dengan nama itu" in text_of(response)
    assert "Tidak ada di sini: kirim ke Pemerintah Kota Contoh" in text_of(response)

    report(client, open_event, words="kelurahan entah", unit=city.agency.pk)
    assert Correction.objects.get().unit == city.agency


def test_a_unit_of_another_agency_cannot_be_chosen(
    client: Client, open_event: Event, other_city: City
):
    response = report(client, open_event, words="puskesmas", unit=other_city.clinic.pk)
    assert response.status_code == 400
    assert not Correction.objects.exists()


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": ""}, "Isi nama lengkap Anda."),
        ({"words": ""}, "Isi nama unit kerja Anda."),
        ({"message": ""}, "Isi keterangan"),
        ({"nip": "12345"}, "NIP"),
        ({"nip": NIK}, "Jangan tulis NIK"),
        ({"name": f"Contoh {NIK}"}, "Jangan tulis NIK"),
        ({"message": f"NIK saya {NIK}"}, "Jangan tulis NIK"),
    ],
)
def test_what_is_missing_or_should_not_be_there_is_said(
    client: Client, open_event: Event, fields: dict[str, object], problem: str
):
    response = report(client, open_event, **fields)
    assert response.status_code == 400
    assert problem in text_of(response)
    assert not Correction.objects.exists()


def test_who_is_no_civil_servant_leaves_the_nip_empty(client: Client, open_event: Event):
    assert report(client, open_event, nip="").status_code == 200
    assert Correction.objects.get().nip == ""


def test_a_nip_on_the_roster_and_another_get_the_same_page(client: Client, open_event: Event):
    """Nobody finds out here who is on the roster."""
    known, unknown = report(client, open_event, nip=SITI), report(client, open_event)
    assert known.content == unknown.content


def test_a_second_report_of_one_nip_gets_the_same_page_and_stays_one(
    client: Client, open_event: Event
):
    first, second = report(client, open_event), report(client, open_event)
    assert first.content == second.content
    assert Correction.objects.count() == 1


def test_too_many_reports_get_a_kind_message(
    client: Client, open_event: Event, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(corrections, "MAX_OPEN_IN_UNIT", 0)
    response = report(client, open_event)
    assert response.status_code == 429
    assert "Hubungi langsung pengelola kepegawaian unit Anda" in text_of(response)


@pytest.mark.parametrize(("state", "status"), [("draft", 409), ("closed", 409)])
def test_an_event_that_is_not_open_takes_no_report(
    client: Client, city: City, state: str, status: int
):
    event = cast.make_draft(city) if state == "draft" else cast.make_closed(city)
    assert report(client, event).status_code == status
    assert client.get(f"/a/{event.code}/nama-tidak-ada").status_code == status
    assert "Nama saya tidak ada" not in text_of(client.get(f"/a/{event.code}"))
    assert not Correction.objects.exists()


# The officer's list


def test_the_event_page_tells_how_many_wait(as_officer: Client, city: City, siti: Signatory):
    assert "tidak ada yang menunggu" in text_of(as_officer.get(at(siti.event, "")))
    asked(siti)
    missing(siti.event, city.school)
    missing(siti.event, city.clinic, nip="")
    assert "2 permintaan perbaikan menunggu jawaban" in text_of(as_officer.get(at(siti.event, "")))


def test_the_admin_sees_the_requests_of_all_units(as_admin: Client, city: City, siti: Signatory):
    asked(siti)
    missing(siti.event, city.clinic)
    shown = text_of(as_admin.get(at(siti.event, "perbaikan")))
    assert "Permintaan perbaikan 2 menunggu" in shown
    assert WRONG_TITLE in shown


def test_the_officer_sees_those_of_the_own_units_only(
    as_officer: Client, city: City, siti: Signatory
):
    asked(siti)
    missing(siti.event, city.clinic, name="Contoh Perawat")
    shown = text_of(as_officer.get(at(siti.event, "perbaikan")))
    assert "Permintaan perbaikan 1 menunggu" in shown
    assert "Contoh Perawat" not in shown


def test_a_request_follows_its_person_to_another_unit(
    as_officer: Client, city: City, siti: Signatory
):
    asked(siti)
    Signatory.objects.filter(pk=siti.pk).update(unit=city.clinic)
    assert "Tidak ada yang menunggu" in text_of(as_officer.get(at(siti.event, "perbaikan")))


def test_with_nothing_waiting_the_page_says_where_requests_come_from(
    as_officer: Client, open_event: Event
):
    assert "“Nama saya tidak ada”" in text_of(as_officer.get(at(open_event, "perbaikan")))


def test_what_was_answered_is_kept_with_the_answer(
    as_officer: Client, siti: Signatory, officer: User
):
    corrections.decline(asked(siti), answer="Sesuai SK", by=officer)
    shown = text_of(as_officer.get(at(siti.event, "perbaikan")))
    assert "Ditolak Sesuai SK" in shown
    assert "petugas@contoh.example" in shown


def test_who_is_on_the_roster_already_is_shown_to_the_officer_of_that_unit_only(
    as_officer: Client, city: City, open_event: Event
):
    missing(open_event, city.school, nip=DEWI)
    missing(open_event, city.school, nip=BUDI)
    response = as_officer.get(at(open_event, "perbaikan"))
    shown = text_of(response)
    assert "sudah ada dalam daftar: Dr. Dewi Lestari" in shown
    assert "sudah ada dalam daftar, di unit lain" in shown
    assert "Budi Santoso, S.K.M." not in shown
    assert "Tambahkan ke daftar" not in shown


def test_a_longer_list_needs_no_more_queries(
    as_officer: Client, city: City, siti: Signatory,
    django_assert_max_num_queries: DjangoAssertNumQueries,
):  # fmt: skip
    asked(siti)
    for number in range(30):
        request = missing(siti.event, city.school, nip="", name=f"Contoh {number}")
        if number % 2:
            corrections.decline(request, answer="Tidak", by=None)
    with django_assert_max_num_queries(30):
        as_officer.get(at(siti.event, "perbaikan"))


@pytest.mark.parametrize("role", ["overseer", "outsider"])
def test_requests_are_for_those_who_care_for_the_people(
    client: Client, request: pytest.FixtureRequest, city: City, siti: Signatory, role: str
):
    pk, name = asked(siti).pk, missing(siti.event, city.school).pk
    client.force_login(request.getfixturevalue(role))
    refused = 403 if role == "overseer" else 404
    for path in (
        "perbaikan", f"perbaikan/{pk}/tolak", f"perbaikan/{name}/tambah", f"orang/{siti.pk}/ubah",
    ):  # fmt: skip
        assert client.get(at(siti.event, path)).status_code == refused
    assert "permintaan perbaikan" not in text_of(client.get(at(siti.event, "")))


def test_the_officer_of_another_unit_finds_none_of_it(client: Client, city: City, siti: Signatory):
    pk, name = asked(siti).pk, missing(siti.event, city.school).pk
    client.force_login(cast.make_user("lain@contoh.example", (Role.OFFICER, city.health)))
    for path in (
        f"perbaikan/{pk}/tolak", f"perbaikan/{name}/tambah", f"orang/{siti.pk}/ubah",
    ):  # fmt: skip
        for answer in (client.get, client.post):
            assert answer(at(siti.event, path)).status_code == 404
    assert Correction.objects.filter(state=Correction.State.OPEN).count() == 2


# Mending


def test_the_officer_mends_what_was_asked_for_and_answers(
    as_officer: Client, city: City, siti: Signatory, officer: User
):
    asked(siti)
    page = as_officer.get(at(siti.event, f"orang/{siti.pk}/ubah"))
    assert "Siti Aminah, S.Pd. meminta" in text_of(page)
    assert WRONG_TITLE in text_of(page)

    mended = SITI_FORM | {"name": "Siti Aminah, S.Pd., M.Pd.", "unit": city.school.pk}
    response = as_officer.post(
        at(siti.event, f"orang/{siti.pk}/ubah"), mended | {"answer": "Sudah"}, follow=True
    )

    siti.refresh_from_db()
    assert siti.name == "Siti Aminah, S.Pd., M.Pd."
    assert "Data Siti Aminah, S.Pd., M.Pd. disimpan." in text_of(response)
    assert response.redirect_chain == [(at(siti.event, "perbaikan"), 302)]
    found = Correction.objects.get()
    assert (found.state, found.answer, found.answered_by) == ("done", "Sudah", officer)
    shown = text_of(as_officer.get(link_of(siti)))
    assert "Data Anda sudah diperbaiki" in shown
    assert "Jawaban petugas: “Sudah”" in shown
    assert "Siti Aminah, S.Pd., M.Pd." in shown


def test_the_checks_are_those_of_the_roster(as_officer: Client, city: City, siti: Signatory):
    wrong = {"name": "Siti 文", "email": "bukan-surel", "grade": "IX", "unit": city.school.pk}
    response = as_officer.post(at(siti.event, f"orang/{siti.pk}/ubah"), SITI_FORM | wrong)
    assert response.status_code == 422
    shown = text_of(response)
    assert "tidak ada di jenis huruf dokumen" in shown
    siti.refresh_from_db()
    assert siti.name == "Siti Aminah, S.Pd."


def test_an_officer_moves_people_within_the_own_units_only(
    as_officer: Client, city: City, siti: Signatory
):
    path = at(siti.event, f"orang/{siti.pk}/ubah")
    response = as_officer.post(path, SITI_FORM | {"unit": city.clinic.pk})
    assert response.status_code == 422
    assert as_officer.post(path, SITI_FORM | {"unit": city.education.pk}).status_code == 302
    siti.refresh_from_db()
    assert siti.unit == city.education


def test_the_number_does_not_change_with_the_data(as_officer: Client, city: City, siti: Signatory):
    as_officer.post(
        at(siti.event, f"orang/{siti.pk}/ubah"),
        SITI_FORM | {"unit": city.school.pk, "nip_or_nik": NEW_NIP, "nip": NEW_NIP},
    )
    siti.refresh_from_db()
    assert siti.nip == SITI


def test_the_data_of_a_non_asn_person_are_mended_without_showing_the_nik(
    as_admin: Client, city: City, rahmat: Signatory
):
    path = at(rahmat.event, f"orang/{rahmat.pk}/ubah")
    assert RAHMAT_NIK not in as_admin.get(path).content.decode()
    form = {
        "name": "Rahmat Hidayat", "kind": "non_asn", "grade": "", "position": "Satpam",
        "email": "", "phone": "", "unit": city.clinic.pk,
    }  # fmt: skip
    assert as_admin.post(path, form).status_code == 302
    rahmat.refresh_from_db()
    assert (rahmat.position, rahmat.masked_identifier) == ("Satpam", "3273••••••••••01")


def test_a_changed_email_address_is_told_and_listed_for_admins(
    as_officer: Client, city: City, siti: Signatory, admin: User
):
    changed = SITI_FORM | {"unit": city.school.pk, "email": "lain@contoh.example"}
    response = as_officer.post(at(siti.event, f"orang/{siti.pk}/ubah"), changed, follow=True)
    assert "Alamat surel berubah." in text_of(response)
    assert "Alamat surel yang diubah" not in text_of(as_officer.get(at(siti.event, "perbaikan")))

    as_officer.force_login(admin)
    shown = text_of(as_officer.get(at(siti.event, "perbaikan")))
    assert "Alamat surel yang diubah" in shown
    assert "Siti Aminah, S.Pd. petugas@contoh.example" in shown
    assert "lain@contoh.example" not in shown


def test_who_has_signed_keeps_the_document_and_the_page_says_how_to_go_on(
    as_officer: Client, city: City, siti: Signatory
):
    signature = cast.sign(siti)
    shown = text_of(as_officer.get(at(siti.event, f"orang/{siti.pk}/ubah")))
    assert "Dokumen yang sudah ada tetap memuat data yang lama" in shown
    assert "admin membatalkan tanda tangannya dan orang ini menandatangani ulang" in shown

    changed = SITI_FORM | {"unit": city.school.pk, "name": "Siti Aminah, M.Pd."}
    as_officer.post(at(siti.event, f"orang/{siti.pk}/ubah"), changed)
    assert signing.signature_of(siti) == signature
    assert "Siti Aminah, S.Pd." in text_of(
        as_officer.get(f"/bukti/{identity.receipt_token(signature)}")
    )


def test_in_a_closed_event_nothing_is_mended(as_officer: Client, city: City, siti: Signatory):
    events.close(siti.event, by=None)
    response = as_officer.post(
        at(siti.event, f"orang/{siti.pk}/ubah"),
        SITI_FORM | {"unit": city.school.pk, "name": "Lain"},
    )
    assert response.status_code == 422
    assert "Acara sudah ditutup" in text_of(response)
    assert "Ubah data" not in text_of(as_officer.get(at(siti.event, f"orang/{siti.pk}")))


def test_a_guest_from_outside_is_mended_elsewhere(as_admin: Client, city: City):
    event = cast.make_open_ceremony(city)
    guest = cast.outsider_of(event)
    assert as_admin.get(at(event, f"orang/{guest.pk}/ubah")).status_code == 404
    assert "Ubah data" not in text_of(as_admin.get(at(event, f"orang/{guest.pk}")))


# Another number


def test_the_admin_changes_a_number(as_admin: Client, siti: Signatory):
    path = at(siti.event, f"orang/{siti.pk}/nomor")
    assert "Tautan dan kode pribadinya tetap berlaku" in text_of(as_admin.get(path))
    form = {"kind": "pns", "grade": "III/c", "nip_or_nik": NEW_NIP}
    response = as_admin.post(path, form, follow=True)
    assert "Nomor Siti Aminah, S.Pd. diganti." in text_of(response)
    siti.refresh_from_db()
    assert (siti.nip, siti.name, siti.email) == (
        NEW_NIP, "Siti Aminah, S.Pd.", "siti@contoh.example",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("number", "problem"), [(BUDI, "sudah ada dalam daftar"), ("123", "18 angka")]
)
def test_a_number_that_will_not_do_is_refused(
    as_admin: Client, siti: Signatory, number: str, problem: str
):
    kind = "pppk" if number == BUDI else "pns"
    response = as_admin.post(
        at(siti.event, f"orang/{siti.pk}/nomor"), {"kind": kind, "grade": "", "nip_or_nik": number}
    )
    assert response.status_code == 422
    assert problem in text_of(response)


def test_who_has_signed_keeps_the_number(as_admin: Client, siti: Signatory):
    cast.sign(siti)
    form = {"kind": "pns", "grade": "III/c", "nip_or_nik": NEW_NIP}
    response = as_admin.post(at(siti.event, f"orang/{siti.pk}/nomor"), form)
    assert response.status_code == 422
    assert "admin membatalkan tanda tangannya dahulu" in text_of(response)


def test_an_officer_changes_no_number(as_officer: Client, siti: Signatory):
    path = at(siti.event, f"orang/{siti.pk}/nomor")
    assert as_officer.get(path).status_code == 403
    assert as_officer.post(path).status_code == 403
    shown = text_of(as_officer.get(at(siti.event, f"orang/{siti.pk}/ubah")))
    assert "minta admin acara menggantinya" in shown


# Adding who is missing


def test_the_officer_adds_to_the_own_units_who_said_that_they_are_missing(
    as_officer: Client, city: City, open_event: Event, officer: User
):
    request = missing(open_event, city.school)
    page = as_officer.get(at(open_event, f"perbaikan/{request.pk}/tambah")).content.decode()
    assert 'value="Contoh Terlewat"' in page
    assert f'value="{NEW_NIP}"' in page
    assert f'value="{city.school.pk}" selected' in page

    form = SITI_FORM | {
        "name": "Contoh Terlewat, S.Pd.", "nip_or_nik": NEW_NIP, "unit": city.school.pk,
        "email": "", "answer": "Selamat bergabung",
    }  # fmt: skip
    response = as_officer.post(at(open_event, f"perbaikan/{request.pk}/tambah"), form, follow=True)

    assert "Contoh Terlewat, S.Pd. ditambahkan ke daftar." in text_of(response)
    person = open_event.signatories.get(nip=NEW_NIP)
    assert (person.unit, person.number) == (city.school, 6)
    request.refresh_from_db()
    assert (request.state, request.signatory) == ("done", person)
    entry = AuditEntry.objects.get(action="roster.add")
    assert entry.actor == f"user:{officer.pk}"
    assert "Nama Anda sudah ditambahkan" in text_of(as_officer.get(link_of(person)))


def test_the_officer_adds_nobody_to_another_unit(as_officer: Client, city: City, open_event: Event):
    request = missing(open_event, city.school)
    form = SITI_FORM | {"nip_or_nik": NEW_NIP, "unit": city.clinic.pk, "answer": ""}
    response = as_officer.post(at(open_event, f"perbaikan/{request.pk}/tambah"), form)
    assert response.status_code == 422
    assert not open_event.signatories.filter(nip=NEW_NIP).exists()


def test_without_a_request_an_officer_still_adds_nobody(as_officer: Client, open_event: Event):
    assert as_officer.get(at(open_event, "orang/baru")).status_code == 403
    assert as_officer.post(at(open_event, "orang/baru"), SITI_FORM).status_code == 403


def test_a_number_of_another_unit_does_not_tell_the_officer_whose_it_is(
    as_officer: Client, city: City, open_event: Event
):
    request = missing(open_event, city.school)
    form = SITI_FORM | {"kind": "pppk", "grade": "IX", "nip_or_nik": BUDI, "answer": ""}
    response = as_officer.post(
        at(open_event, f"perbaikan/{request.pk}/tambah"), form | {"unit": city.school.pk}
    )
    assert response.status_code == 422
    assert "di unit lain. Minta admin memindahkannya" in text_of(response)
    assert "Budi" not in text_of(response)


def test_a_request_that_was_answered_meanwhile_is_not_answered_again(
    as_officer: Client, city: City, open_event: Event
):
    request = missing(open_event, city.school)
    corrections.decline(request, answer="Bukan pegawai kami", by=None)
    form = SITI_FORM | {"nip_or_nik": NEW_NIP, "unit": city.school.pk, "answer": ""}
    response = as_officer.post(at(open_event, f"perbaikan/{request.pk}/tambah"), form)
    assert "Permintaan ini sudah dijawab" in text_of(response)
    response = as_officer.post(
        at(open_event, f"perbaikan/{request.pk}/tolak"), {"answer": "Lagi"}, follow=True
    )
    assert "Permintaan ini sudah dijawab" in text_of(response)
    assert not open_event.signatories.filter(nip=NEW_NIP).exists()


# Declining a request


def test_the_officer_declines_with_an_answer(as_officer: Client, siti: Signatory):
    request = asked(siti)
    path = at(siti.event, f"perbaikan/{request.pk}/tolak")
    assert "Tidak ada data yang berubah." in text_of(as_officer.get(path))

    assert as_officer.post(path, {"answer": ""}).status_code == 422
    response = as_officer.post(path, {"answer": "Sesuai SK pangkat"}, follow=True)

    assert "Permintaan dijawab; tidak ada yang diubah." in text_of(response)
    request.refresh_from_db()
    assert (request.state, request.answer) == ("declined", "Sesuai SK pangkat")
