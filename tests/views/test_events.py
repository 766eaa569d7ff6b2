from __future__ import annotations

import datetime
import io
import re
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from pledges import events, pact, presets
from pledges.models import Agency, AuditEntry, Event, Role
from tests import cast
from tests.cast import City
from tests.pages import text_of

WIB = ZoneInfo("Asia/Jakarta")
FORM = {
    "title": "Apel Netralitas Pegawai ASN",
    "ceremony": "apel netralitas",
    "election_kind": "pilkada",
    "election": "Pilkada Serentak Tahun 2024",
    "date": "2024-07-29",
    "venue": "Plaza Balai Kota",
    "presiding_name": "Contoh Pimpinan, M.Si.",
    "presiding_position": "Sekretaris Daerah",
    "deadline": "",
}


def warnings(response) -> list[str]:
    found = re.findall(
        r'<(\w+) class="notice notice-(?:error|warning)"[^>]*>(.*?)</\1>',
        response.content.decode(),
        re.DOTALL,
    )
    return [" ".join(re.sub(r"<[^>]*>", " ", words).split()) for _, words in found]


# The list


def test_the_list_shows_every_event_with_state_and_numbers(
    as_admin: Client, city: City, draft_event: Event
) -> None:
    open_event = cast.make_open(city, title="Apel Terbuka")
    cast.sign(cast.someone(open_event, cast.SITI))
    cast.sign(cast.someone(open_event, cast.DEWI))
    cast.make_closed(city, title="Apel Tertutup", is_example=True)
    page = text_of(as_admin.get("/kelola/"))
    assert "Rancangan 5 orang dalam daftar" in page
    assert "Dibuka 2 dari 5 (40 %)" in page
    assert "Ditutup Contoh 0 dari 5 (0 %)" in page


def test_the_deadline_stands_in_the_events_zone_with_its_name(client: Client, db: None) -> None:
    agency = cast.make_agency("Pemerintah Kota Timur", city="Timur", timezone="Asia/Jayapura")
    cast.make_event(agency, deadline=datetime.datetime(2024, 8, 1, 14, 59, tzinfo=datetime.UTC))
    client.force_login(cast.make_user("admin@timur.example", (Role.ADMIN, agency)))
    assert "1 Agustus 2024 pukul 23.59 WIT" in text_of(client.get("/kelola/"))


def test_an_officer_sees_the_numbers_of_the_own_units_only(
    as_officer: Client, open_event: Event, draft_event: Event
) -> None:
    cast.sign(cast.someone(open_event, cast.BUDI))
    cast.sign(cast.someone(open_event, cast.DEWI))
    page = text_of(as_officer.get("/kelola/"))
    assert "1 dari 3 (33,3 %)" in page
    assert "Rancangan" not in page


def test_an_empty_list_says_what_to_do_next(as_admin: Client) -> None:
    page = text_of(as_admin.get("/kelola/"))
    assert "Belum ada acara Buat acara pertama Anda" in page


def test_an_officer_s_empty_list_says_to_wait(as_officer: Client) -> None:
    page = text_of(as_officer.get("/kelola/"))
    assert "Belum ada acara untuk Anda" in page
    assert "Buat acara" not in page


def test_another_agencys_events_are_not_listed(
    client: Client, outsider: User, open_event: Event
) -> None:
    client.force_login(outsider)
    assert open_event.title not in text_of(client.get("/kelola/"))


def test_somebody_not_logged_in_is_asked_to(client: Client) -> None:
    response = client.get("/kelola/")
    assert (response.status_code, response["Location"]) == (302, "/akun/masuk?next=/kelola/")


# Creating


def test_an_admin_creates_an_event(as_admin: Client, city: City) -> None:
    response = as_admin.post("/kelola/acara/baru", FORM)
    event = Event.objects.get()
    assert response["Location"] == f"/kelola/acara/{event.code}/"
    assert event.agency == city.agency
    assert event.title == "Apel Netralitas Pegawai ASN"
    assert event.deadline == datetime.datetime(2024, 7, 29, 23, 59, tzinfo=WIB)
    assert event.is_draft


def test_a_deadline_is_a_time_of_the_agency(client: Client, db: None) -> None:
    agency = cast.make_agency("Pemerintah Kota Timur", timezone="Asia/Jayapura")
    client.force_login(cast.make_user("admin@timur.example", (Role.ADMIN, agency)))
    assert "pukul 23.59 WIT pada hari acara" in text_of(client.get("/kelola/acara/baru"))
    client.post("/kelola/acara/baru", FORM | {"deadline": "2024-08-02T16:00"})
    assert Event.objects.get().deadline == datetime.datetime(2024, 8, 2, 7, 0, tzinfo=datetime.UTC)


def test_nobody_is_asked_to_choose_among_one_agency(as_admin: Client) -> None:
    assert 'name="agency"' not in as_admin.get("/kelola/acara/baru").content.decode()


def test_an_admin_of_two_agencies_chooses_one(client: Client, city: City, other_city: City) -> None:
    user = cast.make_user(
        "dua@contoh.example", (Role.ADMIN, city.agency), (Role.ADMIN, other_city.agency)
    )
    client.force_login(user)
    assert 'name="agency"' in client.get("/kelola/acara/baru").content.decode()
    client.post("/kelola/acara/baru", FORM | {"agency": other_city.agency.pk})
    assert Event.objects.get().agency == other_city.agency


def test_an_event_cannot_be_created_for_another_agency(
    client: Client, city: City, other_city: City, superuser: User
) -> None:
    user = cast.make_user(
        "dua@contoh.example", (Role.ADMIN, city.health), (Role.ADMIN, city.education)
    )
    client.force_login(user)
    response = client.post("/kelola/acara/baru", FORM | {"agency": other_city.agency.pk})
    assert response.status_code == 422
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"title": ""}, "Bidang ini tidak boleh kosong."),
        ({"election": " "}, "Bidang ini tidak boleh kosong."),
        ({"date": ""}, "Bidang ini tidak boleh kosong."),
        ({"date": "29 Juli"}, "Masukkan tanggal yang valid."),
        ({"date": "0024-07-29"}, "Periksa tahun acara."),
        ({"deadline": "2024-07-28T23:59"}, "Batas waktu ini jatuh sebelum hari acara."),
        ({"deadline": "besok"}, "Masukkan tanggal/waktu yang valid."),
        ({"title": "Apel 🎉"}, "Karakter ini tidak dapat dicetak pada dokumen: 🎉"),
        ({"title": "A" * 251}, "Pastikan nilai ini mengandung paling banyak 250 karakter"),
    ],
)
def test_a_fact_that_cannot_be_is_explained_and_the_rest_is_kept(
    as_admin: Client, typed: dict[str, str], message: str
) -> None:
    response = as_admin.post("/kelola/acara/baru", FORM | typed)
    assert response.status_code == 422
    assert message in text_of(response)
    assert "Belum disimpan." in text_of(response)
    assert 'value="Contoh Pimpinan, M.Si."' in response.content.decode()
    assert not Event.objects.exists()


def test_an_event_is_copied_from_an_earlier_one_texts_included(
    as_admin: Client, city: City
) -> None:
    earlier = cast.make_closed(city, title="Apel Netralitas 2024")
    page = as_admin.get(f"/kelola/acara/baru?dari={earlier.code}").content.decode()
    assert 'value="Apel Netralitas 2024"' in page
    assert 'value="Sekretaris Daerah"' in page
    assert 'value="2024-07-29"' not in page
    form = FORM | {"election": "Pemilu Tahun 2029", "date": "2029-02-05"}
    as_admin.post(f"/kelola/acara/baru?dari={earlier.code}", form)
    event = Event.objects.get(election="Pemilu Tahun 2029")
    assert pact.of(event.pacts.get()).points[1:] == cast.POINTS[1:]
    assert "Pemilu Tahun 2029" in pact.of(event.pacts.get()).points[0]
    assert not event.signatories.exists()


def test_another_agencys_event_cannot_be_copied(
    client: Client, outsider: User, open_event: Event
) -> None:
    client.force_login(outsider)
    assert client.get(f"/kelola/acara/baru?dari={open_event.code}").status_code == 404


def test_an_officer_creates_no_events(as_officer: Client) -> None:
    assert as_officer.get("/kelola/acara/baru").status_code == 403
    assert as_officer.post("/kelola/acara/baru", FORM).status_code == 403
    assert not Event.objects.exists()


# The facts of a draft


def test_a_draft_s_facts_are_edited(as_admin: Client, draft_event: Event) -> None:
    url = f"/kelola/acara/{draft_event.code}/data"
    assert 'value="Plaza Balai Kota"' in as_admin.get(url).content.decode()
    response = as_admin.post(url, FORM | {"venue": "Lapangan Merdeka"}, follow=True)
    assert "Data acara disimpan." in text_of(response)
    draft_event.refresh_from_db()
    assert draft_event.venue == "Lapangan Merdeka"


def test_the_usual_deadline_follows_the_date(as_admin: Client, city: City) -> None:
    deadline = datetime.datetime(2024, 7, 29, 23, 59, tzinfo=WIB)
    event = cast.make_draft(city, deadline=deadline)
    page = as_admin.get(f"/kelola/acara/{event.code}/data").content.decode()
    assert "2024-07-29T23:59" not in page
    as_admin.post(f"/kelola/acara/{event.code}/data", FORM | {"date": "2024-08-05"})
    event.refresh_from_db()
    assert event.deadline == datetime.datetime(2024, 8, 5, 23, 59, tzinfo=WIB)


def test_another_deadline_is_shown_in_the_agencys_zone(as_admin: Client, city: City) -> None:
    event = cast.make_draft(city, deadline=datetime.datetime(2024, 8, 2, 16, 0, tzinfo=WIB))
    page = as_admin.get(f"/kelola/acara/{event.code}/data").content.decode()
    assert 'value="2024-08-02T16:00"' in page


def test_a_published_event_s_facts_are_not_edited(as_admin: Client, open_event: Event) -> None:
    url = f"/kelola/acara/{open_event.code}/data"
    for response in (as_admin.get(url, follow=True), as_admin.post(url, FORM, follow=True)):
        assert "Data acara yang sudah diterbitkan tidak dapat diubah." in text_of(response)
    open_event.refresh_from_db()
    assert open_event.title != FORM["title"]


def test_a_wrong_fact_of_a_draft_is_explained(as_admin: Client, draft_event: Event) -> None:
    response = as_admin.post(f"/kelola/acara/{draft_event.code}/data", FORM | {"date": ""})
    assert response.status_code == 422
    assert "Belum disimpan." in text_of(response)


# The overview


def test_a_draft_shows_what_remains_until_publication(as_admin: Client, city: City) -> None:
    event = cast.make_event(city.agency)
    response = as_admin.get(f"/kelola/acara/{event.code}/")
    page = text_of(response)
    assert "Data acara Lengkap" in page
    assert "Naskah Pilih naskah pakta integritas. Pilih naskah" in page
    assert "Daftar penanda tangan Daftar penanda tangan masih kosong. Impor daftar" in page
    primary = re.findall(r'btn-primary" href="([^"]+)"', response.content.decode())
    assert primary == [f"/kelola/acara/{event.code}/naskah"]


def test_an_agency_without_a_city_is_asked_for_it_first(client: Client, db: None) -> None:
    agency = cast.make_agency("Pemerintah Kota Contoh")
    event = cast.make_event(agency)
    client.force_login(cast.make_user("admin@contoh.example", (Role.ADMIN, agency)))
    response = client.get(f"/kelola/acara/{event.code}/")
    assert "Isi kota pada data instansi" in text_of(response)
    assert (
        f'btn-primary" href="/kelola/instansi/{agency.pk}?acara={event.code}"'
        in response.content.decode()
    )


def test_when_nothing_remains_the_next_step_is_to_publish(
    as_admin: Client, draft_event: Event
) -> None:
    response = as_admin.get(f"/kelola/acara/{draft_event.code}/")
    assert "Semua sudah siap." in text_of(response)
    primary = re.findall(r'btn-primary" href="([^"]+)"', response.content.decode())
    assert primary == [f"/kelola/acara/{draft_event.code}/terbitkan"]


def test_a_published_event_shows_numbers_address_and_deadline(
    as_admin: Client, open_event: Event, settings: Settings
) -> None:
    settings.BASE_URL = "https://pakta.contoh.example"
    cast.sign(cast.someone(open_event))
    response = as_admin.get(f"/kelola/acara/{open_event.code}/")
    page = text_of(response)
    assert "5 dalam daftar 1 sudah menandatangani 0 di antaranya terlambat 4 belum" in page
    assert "20,0 %" in page
    assert f"https://pakta.contoh.example/a/{open_event.code}" in page
    assert f'src="/kelola/acara/{open_event.code}/qr.svg"' in response.content.decode()
    assert "Batas waktu" in page
    assert warnings(response) == []


def test_an_officer_s_overview_counts_the_own_units(as_officer: Client, open_event: Event) -> None:
    page = text_of(as_officer.get(f"/kelola/acara/{open_event.code}/"))
    assert "Angka untuk Dinas Pendidikan." in page
    assert "3 dalam daftar" in page
    assert "Tutup acara" not in page


def test_an_overseer_sees_numbers_and_no_address(
    client: Client, overseer: User, open_event: Event
) -> None:
    client.force_login(overseer)
    page = text_of(client.get(f"/kelola/acara/{open_event.code}/"))
    assert "5 dalam daftar" in page
    assert "Alamat acara" not in page


def test_after_the_deadline_the_overview_says_that_signatures_are_late(
    as_admin: Client, city: City
) -> None:
    event = cast.make_open(city, deadline=timezone.now() - datetime.timedelta(hours=1))
    page = text_of(as_admin.get(f"/kelola/acara/{event.code}/"))
    assert "Batas waktu sudah lewat." in page


def test_a_title_with_html_in_it_is_shown_as_typed(as_admin: Client, city: City) -> None:
    event = cast.make_open(city, title="<script>alert(1)</script> & Apel")
    for url in ("/kelola/", f"/kelola/acara/{event.code}/"):
        page = as_admin.get(url).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Apel" in page


# The QR code


def test_the_qr_code_comes_as_svg_and_png(as_admin: Client, open_event: Event) -> None:
    svg = as_admin.get(f"/kelola/acara/{open_event.code}/qr.svg")
    assert svg["Content-Type"] == "image/svg+xml"
    assert svg.content.startswith(b"<?xml")
    png = as_admin.get(f"/kelola/acara/{open_event.code}/qr.png")
    assert png["Content-Type"] == "image/png"
    picture = Image.open(io.BytesIO(png.content))
    assert picture.width >= 600


def test_the_qr_code_comes_in_no_other_form(as_admin: Client, open_event: Event) -> None:
    assert as_admin.get(f"/kelola/acara/{open_event.code}/qr.exe").status_code == 404


# Publishing


def test_before_publishing_the_admin_sees_what_is_frozen(
    as_admin: Client, draft_event: Event, settings: Settings
) -> None:
    settings.BASE_URL = "https://pakta.contoh.example"
    response = as_admin.get(f"/kelola/acara/{draft_event.code}/terbitkan")
    page = text_of(response)
    assert "Terbitkan acara ini?" in page
    assert "ditandatangani 5 orang dalam daftar" in page
    for words in (*cast.POINTS, cast.CLOSING, *cast.LEGAL_BASES, "Plaza Balai Kota"):
        assert words in page
    assert warnings(response) == []
    draft_event.refresh_from_db()
    assert draft_event.is_draft


def test_the_answer_publishes_and_freezes(as_admin: Client, draft_event: Event) -> None:
    response = as_admin.post(f"/kelola/acara/{draft_event.code}/terbitkan", follow=True)
    assert "Acara diterbitkan." in text_of(response)
    draft_event.refresh_from_db()
    assert draft_event.is_open
    assert draft_event.pacts.get().digest


def test_publishing_with_localhost_warns_loudly(
    as_admin: Client, draft_event: Event, settings: Settings
) -> None:
    settings.BASE_URL = "http://localhost:8000"
    (warning,) = warnings(as_admin.get(f"/kelola/acara/{draft_event.code}/terbitkan"))
    assert warning.startswith("Alamat Pakta belum siap untuk peserta.")
    assert "http://localhost:8000, yang hanya dapat dibuka dari komputer ini" in warning


def test_publishing_with_plain_http_warns_loudly(
    as_admin: Client, draft_event: Event, settings: Settings
) -> None:
    settings.BASE_URL = "http://10.1.2.3:8000"
    (warning,) = warnings(as_admin.get(f"/kelola/acara/{draft_event.code}/terbitkan"))
    assert "http://10.1.2.3:8000, tanpa HTTPS" in warning


def test_publishing_with_a_revoked_law_warns_and_names_its_successor(
    as_admin: Client, draft_event: Event, settings: Settings
) -> None:
    settings.BASE_URL = "https://pakta.contoh.example"
    draft_event.pacts.update(legal_bases=["UU Nomor 5 Tahun 2014 tentang ASN"])
    (warning,) = warnings(as_admin.get(f"/kelola/acara/{draft_event.code}/terbitkan"))
    assert warning == (
        "Dasar hukum yang sudah dicabut: Undang-Undang Nomor 5 Tahun 2014 tentang Aparatur "
        "Sipil Negara. Penggantinya: Undang-Undang Nomor 20 Tahun 2023 tentang Aparatur Sipil "
        "Negara."
    )


def test_publishing_after_the_deadline_warns(
    as_admin: Client, city: City, settings: Settings
) -> None:
    settings.BASE_URL = "https://pakta.contoh.example"
    event = cast.make_draft(city, deadline=timezone.now() - datetime.timedelta(hours=1))
    (warning,) = warnings(as_admin.get(f"/kelola/acara/{event.code}/terbitkan"))
    assert "setiap tanda tangan akan dicatat terlambat" in warning


def test_a_draft_that_lacks_something_is_not_published(as_admin: Client, city: City) -> None:
    event = cast.make_event(city.agency)
    presets.apply(event, "sembilan-butir", by=None)
    url = f"/kelola/acara/{event.code}/terbitkan"
    assert "Acara belum dapat diterbitkan." in text_of(as_admin.get(url))
    page = text_of(as_admin.post(url, follow=True))
    assert "masih contoh susunan; ganti dengan naskah resmi" in page
    event.refresh_from_db()
    assert event.is_draft


def test_a_published_event_is_not_published_again(as_admin: Client, open_event: Event) -> None:
    response = as_admin.post(f"/kelola/acara/{open_event.code}/terbitkan", follow=True)
    assert "Acara ini sudah diterbitkan." in text_of(response)


def test_looking_at_the_question_of_a_published_event_leads_back(
    as_admin: Client, open_event: Event
) -> None:
    response = as_admin.get(f"/kelola/acara/{open_event.code}/terbitkan")
    assert response["Location"] == f"/kelola/acara/{open_event.code}/"
    assert not AuditEntry.objects.filter(actor__startswith="user:").exists()


# Back to draft, closing, reopening


def test_publication_is_undone_after_a_question(as_admin: Client, open_event: Event) -> None:
    url = f"/kelola/acara/{open_event.code}/kembali-ke-rancangan"
    assert "Kembalikan acara ini ke rancangan?" in text_of(as_admin.get(url))
    open_event.refresh_from_db()
    assert open_event.is_open
    assert "Acara dikembalikan ke rancangan." in text_of(as_admin.post(url, follow=True))
    open_event.refresh_from_db()
    assert open_event.is_draft


def test_after_the_first_signature_publication_is_not_undone(
    as_admin: Client, open_event: Event
) -> None:
    cast.sign(cast.someone(open_event))
    overview = text_of(as_admin.get(f"/kelola/acara/{open_event.code}/"))
    assert "Kembalikan ke rancangan" not in overview
    url = f"/kelola/acara/{open_event.code}/kembali-ke-rancangan"
    assert "Sudah ada yang menandatangani" in text_of(as_admin.post(url, follow=True))
    open_event.refresh_from_db()
    assert open_event.is_open


def test_an_event_is_closed_and_reopened_after_a_question(
    as_admin: Client, open_event: Event
) -> None:
    close = f"/kelola/acara/{open_event.code}/tutup"
    assert "Tutup penandatanganan?" in text_of(as_admin.get(close))
    assert "Tanda tangan baru ditolak." in text_of(as_admin.post(close, follow=True))
    open_event.refresh_from_db()
    assert open_event.is_closed
    reopen = f"/kelola/acara/{open_event.code}/buka-lagi"
    assert "Buka lagi penandatanganan?" in text_of(as_admin.get(reopen))
    assert "Acara dibuka lagi." in text_of(as_admin.post(reopen, follow=True))
    open_event.refresh_from_db()
    assert open_event.is_open


@pytest.mark.parametrize(
    ("act", "message"),
    [
        ("tutup", "Hanya acara yang sedang dibuka yang dapat ditutup."),
        ("buka-lagi", "Acara ini tidak sedang ditutup."),
        ("kembali-ke-rancangan", "Hanya acara yang sedang dibuka yang dapat dikembalikan"),
    ],
)
def test_a_draft_is_neither_closed_nor_reopened_nor_taken_back(
    as_admin: Client, draft_event: Event, act: str, message: str
) -> None:
    page = text_of(as_admin.post(f"/kelola/acara/{draft_event.code}/{act}", follow=True))
    assert message in page


PAGES_OF_ADMINS = ["data", "terbitkan", "kembali-ke-rancangan", "tutup", "buka-lagi", "naskah"]


@pytest.mark.parametrize("page", PAGES_OF_ADMINS)
def test_officers_overseers_and_outsiders_change_nothing_of_an_event(
    client: Client, open_event: Event, officer: User, overseer: User, outsider: User, page: str
) -> None:
    url = f"/kelola/acara/{open_event.code}/{page}"
    for user, status in ((officer, 403), (overseer, 403), (outsider, 404)):
        client.force_login(user)
        assert client.get(url).status_code == status
        assert client.post(url, FORM).status_code == status
    open_event.refresh_from_db()
    assert open_event.is_open


# The letterhead


def png(width: int = 40, height: int = 40) -> SimpleUploadedFile:
    output = io.BytesIO()
    Image.new("RGB", (width, height), "#123f73").save(output, "PNG")
    return SimpleUploadedFile("lambang.png", output.getvalue(), "image/png")


LETTERHEAD = {
    "name": "Pemerintah Kota Contoh",
    "address": "Jalan Wastukencana Nomor 2",
    "city": "Contoh",
    "timezone": "Asia/Makassar",
}


def test_the_letterhead_is_edited(as_admin: Client, city: City, draft_event: Event) -> None:
    url = f"/kelola/instansi/{city.agency.pk}?acara={draft_event.code}"
    assert 'value="Jalan Merdeka Nomor 1"' in as_admin.get(url).content.decode()
    response = as_admin.post(url, LETTERHEAD)
    assert response["Location"] == f"/kelola/acara/{draft_event.code}/"
    agency = Agency.objects.get(pk=city.agency.pk)
    assert agency.address == "Jalan Wastukencana Nomor 2"
    assert agency.timezone == "Asia/Makassar"


def test_a_logo_is_uploaded_shown_and_removed(as_admin: Client, city: City) -> None:
    url = f"/kelola/instansi/{city.agency.pk}"
    as_admin.post(url, LETTERHEAD | {"logo": png()})
    agency = Agency.objects.get(pk=city.agency.pk)
    assert agency.logo.endswith(".png")
    picture = as_admin.get(f"{url}/lambang")
    assert picture["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(picture.getvalue())).size == (40, 40)
    as_admin.post(url, LETTERHEAD)
    agency.refresh_from_db()
    assert agency.logo
    as_admin.post(url, LETTERHEAD | {"removes_logo": "on"})
    agency.refresh_from_db()
    assert agency.logo == ""
    assert as_admin.get(f"{url}/lambang").status_code == 404


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"%PDF-1.7 bukan gambar", "Berkas ini bukan gambar."),
        (b"", "Berkas yang dikirimkan kosong"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Simpan sebagai PNG"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * (2 * 1024 * 1024), "paling besar 2 MB"),
    ],
)
def test_a_logo_that_is_no_image_gets_a_clear_message_and_loses_nothing(
    as_admin: Client, city: City, content: bytes, message: str
) -> None:
    url = f"/kelola/instansi/{city.agency.pk}"
    upload = SimpleUploadedFile("lambang.png", content, "image/png")
    response = as_admin.post(url, LETTERHEAD | {"logo": upload})
    assert response.status_code == 422
    assert message in text_of(response)
    assert 'value="Jalan Wastukencana Nomor 2"' in response.content.decode()
    agency = Agency.objects.get(pk=city.agency.pk)
    assert (agency.address, agency.logo) == ("Jalan Merdeka Nomor 1", "")


def test_a_letterhead_needs_a_city(as_admin: Client, city: City) -> None:
    response = as_admin.post(f"/kelola/instansi/{city.agency.pk}", LETTERHEAD | {"city": ""})
    assert response.status_code == 422


def test_a_published_event_keeps_its_letterhead(
    as_admin: Client, city: City, open_event: Event
) -> None:
    as_admin.post(f"/kelola/instansi/{city.agency.pk}", LETTERHEAD)
    assert pact.of(open_event.pacts.get()).letterhead.address == "Jalan Merdeka Nomor 1"


def test_only_its_own_admin_edits_a_letterhead(
    client: Client, city: City, officer: User, overseer: User, outsider: User
) -> None:
    url = f"/kelola/instansi/{city.agency.pk}"
    for user in (officer, overseer, outsider):
        client.force_login(user)
        assert client.get(url).status_code == 404
        assert client.post(url, LETTERHEAD).status_code == 404
    assert Agency.objects.get(pk=city.agency.pk).address == "Jalan Merdeka Nomor 1"


def test_a_letterhead_s_change_is_in_the_audit_log(as_admin: Client, city: City) -> None:
    as_admin.post(f"/kelola/instansi/{city.agency.pk}", LETTERHEAD)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target) == ("agency.save", f"agency:{city.agency.pk}")


def test_reopening_is_refused_when_somebody_else_was_faster(
    as_admin: Client, closed_event: Event
) -> None:
    events.reopen(closed_event, by=None)
    response = as_admin.post(f"/kelola/acara/{closed_event.code}/buka-lagi", follow=True)
    assert "Acara ini tidak sedang ditutup." in text_of(response)


# The first page


def test_the_first_page_shows_the_three_ways(client: Client, db: None) -> None:
    response = client.get("/")
    page = text_of(response)
    assert "Saya akan menandatangani" in page
    assert "Periksa dokumen" in page
    assert 'href="/akun/masuk"' in response.content.decode()


@pytest.mark.parametrize("typed", ["{code}", " {lower} ", "{spaced}"])
def test_a_typed_event_code_leads_to_the_event(
    client: Client, open_event: Event, typed: str
) -> None:
    code = open_event.code
    text = typed.format(code=code, lower=code.lower(), spaced=f"{code[:3]}-{code[3:]}")
    assert client.get("/", {"kode": text})["Location"] == f"/a/{code}"


def test_an_empty_event_code_is_asked_for_again(client: Client, db: None) -> None:
    assert "Ketik kode acara: enam huruf dan angka" in text_of(client.get("/", {"kode": " "}))


def test_what_is_printed_on_one_line_is_typed_on_one_line(as_admin: Client, city: City) -> None:
    url = f"/kelola/instansi/{city.agency.pk}"
    response = as_admin.post(url, LETTERHEAD | {"name": "Pemerintah\nKota Contoh"})
    assert response.status_code == 422
    assert "ganti baris" in text_of(response)
