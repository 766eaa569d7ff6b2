"""Who is missing, as organisers see it."""

from __future__ import annotations

import datetime
import io

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from pledges import events, waves
from pledges.models import AuditEntry, Event, Role
from pledges.waves import Definition
from tests import cast
from tests.cast import AGUS, BUDI, DEWI, RAHMAT_NIK, SITI
from tests.pages import text_of
from tests.pdfs import sealed


def units(event, query=""):
    return f"/kelola/acara/{event.code}/progres{query}"


def people(event, query=""):
    return f"/kelola/acara/{event.code}/progres/orang{query}"


def xlsx(event, query=""):
    return f"/kelola/acara/{event.code}/progres/daftar.xlsx{query}"


def sheet(response):
    return load_workbook(io.BytesIO(response.content)).worksheets[0]


def names(response) -> list[str]:
    return [person.name for person, _ in response.context["rows"]]


@pytest.fixture
def as_overseer(client, overseer):
    client.force_login(overseer)
    return client


def test_the_event_shows_signed_missing_late_total_and_percentage(as_admin, open_event):
    cast.sign(cast.someone(open_event, SITI))

    words = text_of(as_admin.get(units(open_event)))

    assert "4 belum menandatangani" in words
    assert "1 sudah menandatangani" in words
    assert "0 di antaranya terlambat" in words
    assert "5 dalam daftar" in words
    assert "20,0 %" in words


def test_each_unit_shows_signed_of_total_and_how_many_are_missing(as_admin, open_event):
    for nip in (SITI, AGUS):
        cast.sign(cast.someone(open_event, nip))

    words = text_of(as_admin.get(units(open_event)))

    assert "Pemerintah Kota Contoh 2 dari 5 40,0 3" in words
    assert "Dinas Pendidikan 2 dari 3 66,6 1" in words
    assert "SDN 1 Contoh 2 dari 2 100,0 lengkap" in words
    assert "Puskesmas Contoh 0 dari 2 0,0 2" in words


def test_those_who_need_chasing_can_be_put_first(as_admin, open_event):
    for nip in (SITI, AGUS):
        cast.sign(cast.someone(open_event, nip))

    by_tree = as_admin.get(units(open_event)).context["rows"]
    by_need = as_admin.get(units(open_event, "?urut=belum")).context["rows"]

    assert [row.unit.name for row in by_tree] == [
        "Pemerintah Kota Contoh",
        "Dinas Pendidikan",
        "SDN 1 Contoh",
        "Dinas Kesehatan",
        "Puskesmas Contoh",
    ]
    assert [row.unit.name for row in by_need] == [
        "Pemerintah Kota Contoh",
        "Dinas Kesehatan",
        "Puskesmas Contoh",
        "Dinas Pendidikan",
        "SDN 1 Contoh",
    ]


def test_one_unit_alone_is_shown_with_those_below_it(as_admin, open_event, city):
    response = as_admin.get(units(open_event, f"?unit={city.education.pk}"))

    assert [row.unit.name for row in response.context["rows"]] == [
        "Dinas Pendidikan",
        "SDN 1 Contoh",
    ]
    assert "3 dalam daftar" in text_of(response)


def test_unless_others_are_asked_for_the_names_are_those_who_are_missing(as_admin, open_event):
    cast.sign(cast.someone(open_event, SITI))

    response = as_admin.get(people(open_event))

    assert sorted(names(response)) == [
        "Agus",
        "Budi Santoso, S.K.M.",
        "Dr. Dewi Lestari, S.Pd., M.Pd.",
        "Rahmat Hidayat",
    ]


def test_names_are_filtered_by_status_unit_and_search(as_admin, open_event, city):
    cast.sign(cast.someone(open_event, SITI))

    def found(query):
        return names(as_admin.get(people(open_event, query)))

    assert found("?status=signed") == ["Siti Aminah, S.Pd."]
    assert found("?status=late") == []
    assert len(found("?status=")) == 5
    assert found(f"?status=missing&unit={city.school.pk}") == ["Agus"]
    assert found("?status=&q=santoso") == ["Budi Santoso, S.K.M."]
    assert found(f"?status=&q={SITI}") == ["Siti Aminah, S.Pd."]
    assert found(f"?status=&q={RAHMAT_NIK}") == ["Rahmat Hidayat"]


def test_who_signed_after_the_deadline_is_marked_as_late(as_admin, open_event):
    open_event.deadline = timezone.now() - datetime.timedelta(hours=1)
    open_event.save(update_fields=["deadline"])
    cast.sign(cast.someone(open_event, SITI))

    words = text_of(as_admin.get(people(open_event, "?status=late")))

    assert "Siti Aminah, S.Pd." in words
    assert "Sudah Terlambat" in words
    assert " WIB" in words


def test_numbers_are_masked_in_the_list_of_names(as_admin, open_event):
    words = as_admin.get(people(open_event, "?status=")).content.decode()

    assert "1980••••••••••2001" in words
    assert SITI not in words
    assert RAHMAT_NIK not in words


def test_a_long_list_comes_in_pages(as_admin, open_event, city):
    for number in range(60):
        cast.make_person(
            open_event, unit=city.clinic, name=f"Pegawai {number}", nip=f"19800101200501{number:04}"
        )

    first = as_admin.get(people(open_event))
    second = as_admin.get(people(open_event, "?status=missing&hal=2"))

    assert (len(names(first)), len(names(second))) == (50, 15)
    assert "65 orang, halaman 1 dari 2" in text_of(first)
    assert "hal=2" in first.content.decode()
    assert as_admin.get(people(open_event, "?hal=99")).status_code == 200


def test_a_sealed_document_is_a_click_away_and_one_that_waits_says_so(as_admin, open_event, sealer):
    siti = cast.someone(open_event, SITI)
    sealed(cast.sign(siti), sealer)
    cast.sign(cast.someone(open_event, BUDI))

    page = as_admin.get(people(open_event, "?status=signed"))

    assert f"/kelola/acara/{open_event.code}/orang/{siti.pk}/pakta.pdf" in page.content.decode()
    assert text_of(page).count("menunggu segel") == 1


def test_a_name_with_html_in_it_is_shown_as_it_was_written(as_admin, open_event, city):
    cast.make_person(
        open_event, unit=city.school, name="<script>alert(1)</script>", nip="198001012005012009"
    )

    page = as_admin.get(people(open_event)).content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    "query",
    ["?status=x", "?unit=x", "?unit=", "?hal=x", "?q=" + "a" * 500, "?q=%00", "?status=%00"],
)
def test_a_filter_that_makes_no_sense_filters_nothing_and_breaks_nothing(
    as_admin, open_event, query
):
    for address in (units, people, xlsx):
        assert as_admin.get(address(open_event, query)).status_code == 200


def test_when_everybody_has_signed_the_page_says_so(as_admin, open_event):
    for nip in (SITI, BUDI, cast.DEWI, AGUS, RAHMAT_NIK):
        cast.sign(cast.someone(open_event, nip))

    assert "Semua sudah menandatangani" in text_of(as_admin.get(people(open_event)))
    assert "100,0 %" in text_of(as_admin.get(units(open_event)))


def test_a_search_that_finds_nobody_says_what_to_do(as_admin, open_event):
    assert "Tidak ada yang cocok" in text_of(as_admin.get(people(open_event, "?q=tidakada")))


def test_the_list_is_taken_as_xlsx_with_the_nip_as_text(as_admin, open_event, admin):
    cast.sign(cast.someone(open_event, SITI))

    response = as_admin.get(xlsx(open_event, "?status="))

    rows = [[cell.value for cell in row] for row in sheet(response).iter_rows()]
    assert rows[0] == [
        "No.", "Nama", "NIP/NIK", "Jabatan", "Unit kerja", "Status", "Ditandatangani pada",
    ]  # fmt: skip
    assert rows[1][:6] == [
        1, "Siti Aminah, S.Pd.", SITI, "Guru Kelas", "Dinas Pendidikan › SDN 1 Contoh",
        "Sudah menandatangani",
    ]  # fmt: skip
    assert rows[1][6].endswith(" WIB")
    assert rows[2][5:] == ["Belum menandatangani", None]
    assert rows[5][2] == "3273••••••••••01"
    assert sheet(response)["C2"].data_type == "s"
    assert AuditEntry.objects.get(action="export.list").details == {"people": 5}


def test_the_list_as_xlsx_is_what_was_filtered(as_admin, open_event, city):
    response = as_admin.get(xlsx(open_event, f"?status=missing&unit={city.clinic.pk}&q=budi"))

    assert [row[1].value for row in sheet(response).iter_rows(min_row=2)] == [
        "Budi Santoso, S.K.M."
    ]
    assert response["Content-Disposition"] == (
        'attachment; filename="Belum menandatangani - Puskesmas Contoh.xlsx"'
    )


def test_who_only_oversees_gets_masked_numbers_in_the_list(as_overseer, open_event):
    response = as_overseer.get(xlsx(open_event, "?status="))

    numbers = [row[2].value for row in sheet(response).iter_rows(min_row=2)]
    assert numbers[0] == "1980••••••••••2001"
    assert not [number for number in numbers if "•" not in number]


def test_who_only_oversees_finds_people_by_name_and_not_by_a_number(as_overseer, open_event):
    assert names(as_overseer.get(people(open_event, "?status=&q=aminah"))) == ["Siti Aminah, S.Pd."]
    assert names(as_overseer.get(people(open_event, f"?status=&q={SITI[:6]}"))) == []
    assert sheet(as_overseer.get(xlsx(open_event, f"?status=&q={SITI}"))).max_row == 1


def test_who_cares_for_one_unit_and_oversees_another_gets_whole_numbers_of_the_one_only(
    client, open_event, city
):
    client.force_login(
        cast.make_user(
            "rangkap@contoh.example", (Role.OFFICER, city.education), (Role.OVERSEER, city.health)
        )
    )

    rows = sheet(client.get(xlsx(open_event, "?status="))).iter_rows(min_row=2, values_only=True)

    assert [(row[1], "•" in row[2]) for row in rows] == [
        ("Siti Aminah, S.Pd.", False),
        ("Budi Santoso, S.K.M.", True),
        ("Dr. Dewi Lestari, S.Pd., M.Pd.", False),
        ("Agus", False),
        ("Rahmat Hidayat", True),
    ]


def test_an_officer_sees_and_takes_the_own_subtree_only(as_officer, open_event, city):
    assert [row.unit.name for row in as_officer.get(units(open_event)).context["rows"]] == [
        "Dinas Pendidikan",
        "SDN 1 Contoh",
    ]
    assert "Budi Santoso, S.K.M." not in names(as_officer.get(people(open_event, "?status=")))
    in_list = [row[1].value for row in sheet(as_officer.get(xlsx(open_event))).iter_rows(min_row=2)]
    assert in_list == ["Siti Aminah, S.Pd.", "Dr. Dewi Lestari, S.Pd., M.Pd.", "Agus"]


def test_an_officer_asking_for_another_unit_finds_nothing(as_officer, open_event, city):
    for address in (units, people, xlsx):
        response = as_officer.get(address(open_event, f"?unit={city.health.pk}"))
        assert response.status_code == 404


def test_an_officer_of_two_units_sees_both(client, open_event, city):
    client.force_login(
        cast.make_user(
            "dua@contoh.example", (Role.OFFICER, city.school), (Role.OFFICER, city.clinic)
        )
    )

    rows = client.get(units(open_event)).context["rows"]

    assert [(row.unit.name, row.depth) for row in rows] == [
        ("SDN 1 Contoh", 0),
        ("Puskesmas Contoh", 0),
    ]


@pytest.mark.parametrize("address", [units, people, xlsx])
def test_outsiders_and_people_without_login_are_refused(client, open_event, outsider, address):
    assert client.get(address(open_event)).headers["Location"].startswith("/akun/masuk")

    client.force_login(outsider)

    assert client.get(address(open_event)).status_code == 404


@pytest.mark.parametrize("address", [units, people])
def test_a_draft_has_no_progress_and_leads_back_to_its_page(as_admin, draft_event, address):
    response = as_admin.get(address(draft_event), follow=True)

    assert response.redirect_chain == [(f"/kelola/acara/{draft_event.code}/", 302)]
    assert "belum diterbitkan" in text_of(response)


def test_a_closed_event_still_tells_who_is_missing(as_admin, closed_event):
    assert len(names(as_admin.get(people(closed_event)))) == 4


def test_the_pages_need_the_same_queries_however_many_people_there_are(
    as_admin, open_event, city, django_assert_max_num_queries
):
    for number in range(40):
        unit = cast.make_agency(f"Kelurahan {number}", above=city.agency)
        cast.make_person(
            open_event, unit=unit, name=f"Pegawai {number}", nip=f"19800101200501{number:04}"
        )

    for address in (units, people, xlsx):
        with django_assert_max_num_queries(22):
            as_admin.get(address(open_event))


# Waves and refusals


@pytest.fixture
def in_waves(city) -> Event:
    draft = cast.make_draft(city)
    waves.define(draft, [Definition("Eselon II", ("II",)), Definition("Semua")], by=None)
    event = events.publish(draft, by=None)
    waves.open_next(event, 1, by=None)
    return event


def test_who_waits_for_the_own_wave_is_told_apart_from_who_is_missing(as_admin, in_waves):
    shown = text_of(as_admin.get(units(in_waves)))
    assert "1 belum menandatangani 4 menunggu gelombang" in shown

    shown = text_of(as_admin.get(people(in_waves)))
    assert "Belum 1 Menunggu gelombang 4 Sudah 0" in shown
    waiting = as_admin.get(people(in_waves, "?status=waiting"))
    assert "Menunggu gel. 2" in text_of(waiting)
    assert len(names(waiting)) == 4


def test_an_event_without_waves_says_nothing_of_them(as_admin, open_event):
    for address in (units, people):
        shown = text_of(as_admin.get(address(open_event)))
        assert "gelombang" not in shown.partition("Petugas")[2].lower()
        assert "bersedia" not in shown


def test_when_nobody_is_left_to_chase_the_page_says_for_whom_it_waits(as_admin, in_waves):
    cast.sign(cast.someone(in_waves, DEWI))
    shown = text_of(as_admin.get(people(in_waves)))
    assert "Tidak ada yang perlu diingatkan sekarang" in shown
    assert "1 dari 5 orang sudah menandatangani. 4 orang menunggu gelombangnya dibuka." in shown


def test_a_unit_is_complete_only_when_all_have_signed(as_admin, in_waves):
    assert "lengkap" not in text_of(as_admin.get(units(in_waves)))
