"""Who is missing, as organisers see it."""

from __future__ import annotations

import datetime
import html
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from pledges import events, excuses, refusals, waves
from pledges.models import AuditEntry, Event, Excuse, Role, Signature
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
    return [row[0].name for row in response.context["rows"]]


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


def unit_names(response) -> list[str]:
    return [part.unit.name for part in response.context["parts"]]


def test_each_unit_shows_signed_of_total_the_percentage_and_how_many_are_missing(
    as_admin, open_event
):
    for nip in (SITI, DEWI, AGUS):
        cast.sign(cast.someone(open_event, nip))

    tiles = text_of(as_admin.get(units(open_event)))
    table = text_of(as_admin.get(units(open_event, "?tampilan=tabel")))

    assert "Dinas Pendidikan 100,0 % 3 dari 3 lengkap" in tiles
    assert "Dinas Kesehatan 0,0 % 0 dari 2 2 belum" in tiles
    assert "Dinas Pendidikan 3 dari 3 100,0 lengkap" in table
    assert "Dinas Kesehatan 0 dari 2 0,0 2" in table


def test_units_come_as_tiles_by_how_complete_they_are(as_admin, open_event):
    for nip in (SITI, DEWI, AGUS, BUDI):
        cast.sign(cast.someone(open_event, nip))

    parts = as_admin.get(units(open_event)).context["parts"]

    assert [(part.unit.name, part.fill) for part in parts] == [
        ("Dinas Kesehatan", "half"),
        ("Dinas Pendidikan", "full"),
    ]


def test_those_who_need_chasing_come_first_unless_the_order_of_the_tree_is_asked_for(
    as_admin, open_event
):
    for nip in (SITI, AGUS):
        cast.sign(cast.someone(open_event, nip))

    assert unit_names(as_admin.get(units(open_event))) == ["Dinas Kesehatan", "Dinas Pendidikan"]
    in_order = as_admin.get(units(open_event, "?urut=susunan"))
    assert unit_names(in_order) == ["Dinas Pendidikan", "Dinas Kesehatan"]


def test_a_unit_opens_to_those_right_below_it_and_the_way_back_is_shown(as_admin, open_event, city):
    page = as_admin.get(units(open_event)).content.decode()
    assert f'href="?unit={city.education.pk}"' in page

    response = as_admin.get(units(open_event, f"?unit={city.education.pk}"))

    assert unit_names(response) == ["SDN 1 Contoh", "Dinas Pendidikan"]
    shown = text_of(response)
    assert "3 dalam daftar" in shown
    assert "Pemerintah Kota Contoh › Dinas Pendidikan" in shown
    assert "Dinas Pendidikan tanpa unit di bawahnya" in shown
    assert f"unit={city.school.pk}" in response.content.decode()


def test_those_of_a_unit_itself_are_listed_without_the_units_below_it(as_admin, open_event, city):
    page = as_admin.get(units(open_event, f"?unit={city.education.pk}")).content.decode()
    query = f"?status=missing&amp;unit={city.education.pk}&amp;langsung=on"
    assert query in page
    listed = as_admin.get(people(open_event, query.replace("&amp;", "&")))
    assert names(listed) == ["Dr. Dewi Lestari, S.Pd., M.Pd."]
    assert "langsung=on" in listed.content.decode()


def test_thousands_of_units_come_in_pages(as_admin, open_event, city):
    for number in range(70):
        unit = cast.make_agency(f"Kelurahan {number}", above=city.agency)
        cast.make_person(
            open_event, unit=unit, name=f"Pegawai {number}", nip=f"19800101200501{number:04}"
        )

    first, second = (as_admin.get(units(open_event, query)) for query in ("", "?hal=2"))

    assert (len(unit_names(first)), len(unit_names(second))) == (60, 12)
    assert "Unit 1 sampai 60 dari 72" in text_of(first)
    assert "?hal=2" in first.content.decode()


def test_names_and_numbers_are_searched_for_from_the_progress_page(as_admin, open_event, city):
    page = as_admin.get(units(open_event, f"?unit={city.education.pk}"))
    assert "Cari nama atau NIP" in text_of(page)
    assert f'action="{people(open_event)}"' in page.content.decode()
    found = as_admin.get(people(open_event, f"?status=&unit={city.education.pk}&q={SITI[:8]}"))
    assert names(found) == ["Siti Aminah, S.Pd."]


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
    assert unit_names(as_officer.get(units(open_event))) == ["SDN 1 Contoh", "Dinas Pendidikan"]
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

    assert unit_names(client.get(units(open_event))) == ["SDN 1 Contoh", "Puskesmas Contoh"]


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


def test_the_pages_need_the_same_queries_however_many_people_there_are(as_admin, open_event, city):
    def queries() -> list[int]:
        counts = []
        for address in (units, people, xlsx):
            with CaptureQueriesContext(connection) as captured:
                as_admin.get(address(open_event))
            counts.append(len(captured))
        return counts

    cast.sign(cast.someone(open_event, SITI))
    before = queries()
    for number in range(40):
        unit = cast.make_agency(f"Kelurahan {number}", above=city.agency)
        person = cast.make_person(
            open_event, unit=unit, name=f"Pegawai {number}", nip=f"19800101200501{number:04}"
        )
        if number % 2:
            cast.sign(person)

    assert queries() == before
    assert max(before) <= 28


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


# Excused, declined, on paper


def excuse(event: Event, nip: str) -> None:
    excuses.record(cast.someone(event, nip), code=Excuse.Code.LEAVE, by=None)


def decline(event: Event, nip: str) -> None:
    Event.objects.update(allows_refusal=True)
    refusals.refuse(cast.ticket_of(cast.someone(event, nip)))


def test_every_status_is_told_in_figures_and_by_unit(as_admin, open_event):
    """Signed, late, on paper, missing, excused, declined; waiting is told above."""
    excuse(open_event, AGUS)
    decline(open_event, DEWI)
    open_event.deadline = timezone.now() - datetime.timedelta(hours=1)
    open_event.save(update_fields=["deadline"])
    cast.sign(cast.someone(open_event, SITI))
    Signature.objects.update(method="paper")

    shown = text_of(as_admin.get(units(open_event, "?tampilan=tabel")))

    assert (
        "2 belum menandatangani 1 berhalangan 1 tidak bersedia 1 sudah menandatangani "
        "1 di antaranya terlambat 1 di antaranya tanda tangan basah 5 dalam daftar"
    ) in shown
    assert "25,0 %" in shown
    assert "Persentase dari 4 orang yang diminta menandatangani" in shown
    assert "Dinas Pendidikan 1 dari 2 50,0 – 1 1 1 1" in shown
    assert "Dinas Kesehatan 0 dari 2 0,0 2 – – – –" in shown


def test_who_declined_is_told_only_to_those_who_manage_the_event(as_officer, open_event):
    decline(open_event, DEWI)
    page = text_of(as_officer.get(units(open_event, "?tampilan=tabel")))
    assert "bersedia" not in page
    assert "3 belum menandatangani" in page


def test_a_unit_whose_others_are_excused_is_complete(as_admin, open_event):
    for nip in (SITI, DEWI):
        cast.sign(cast.someone(open_event, nip))
    excuse(open_event, AGUS)
    shown = text_of(as_admin.get(units(open_event)))
    assert "Dinas Pendidikan 100,0 % 2 dari 2 lengkap" in shown


def test_the_list_as_xlsx_tells_who_is_excused(as_admin, open_event):
    excuse(open_event, SITI)
    rows = list(sheet(as_admin.get(xlsx(open_event, "?status="))).iter_rows(values_only=True))
    assert rows[1][5] == "Berhalangan"
    assert len(names(as_admin.get(people(open_event)))) == 4


def test_the_list_of_events_and_the_overview_do_not_ask_for_the_excused(as_admin, open_event):
    cast.sign(cast.someone(open_event, SITI))
    excuse(open_event, AGUS)
    assert "1 dari 4 (25 %)" in text_of(as_admin.get("/kelola/"))
    overview = text_of(as_admin.get(f"/kelola/acara/{open_event.code}/"))
    assert "3 belum menandatangani 1 berhalangan" in overview


# Live, over time, and ready to paste


def live(client, event, query=""):
    return client.get(units(event, query), headers={"HX-Request": "true"})


def test_the_page_asks_for_what_is_new_by_itself_and_stops_when_the_event_is_closed(
    as_admin, open_event
):
    address = units(open_event, "?tampilan=tabel")
    page = as_admin.get(address).content.decode()
    assert f'hx-get="{address}" hx-trigger="every 15s"' in page

    cast.sign(cast.someone(open_event, SITI))
    fresh = live(as_admin, open_event, "?tampilan=tabel")
    assert "<html" not in fresh.content.decode()
    assert "1 sudah menandatangani" in text_of(fresh)
    assert f'hx-get="{address}"' in fresh.content.decode()

    events.close(open_event, by=None)
    assert "hx-get" not in live(as_admin, open_event).content.decode()


def test_the_chart_over_time_says_in_words_what_it_draws(as_admin, open_event):
    assert "<svg" not in as_admin.get(units(open_event)).content.decode()
    for nip in (SITI, BUDI):
        cast.sign(cast.someone(open_event, nip))

    page = as_admin.get(units(open_event))

    assert 'role="img" aria-labelledby="grafik"' in page.content.decode()
    assert "style=" not in page.content.decode()
    assert "2 tanda tangan sejak " in text_of(page)
    assert "Paling banyak 2 dalam satu jam, mulai " in text_of(page)


def summary(response) -> str:
    text: str = response.context["summary"]
    return text


def test_the_summary_tells_totals_units_under_100_percent_and_the_time_with_its_zone(
    as_admin, open_event
):
    for nip in (SITI, DEWI, AGUS):
        cast.sign(cast.someone(open_event, nip))
    excuse(open_event, BUDI)

    response = as_admin.get(units(open_event))

    first, now, *rest = summary(response).splitlines()
    assert first == "*Apel dan Penandatanganan Pakta Integritas Netralitas ASN*"
    assert now.startswith("Keadaan ")
    assert now.endswith(" WIB")
    assert rest == [
        "",
        "Sudah menandatangani: 3 dari 4 (75,0 %)",
        "Belum: 1",
        "Berhalangan: 1",
        "",
        "Di bawah 100 %:",
        "1. Dinas Kesehatan: 0,0 %, 1 belum",
    ]
    assert summary(response) in html.unescape(response.content.decode())
    assert 'data-copy="#ringkasan"' in response.content.decode()


@pytest.mark.parametrize(("zone", "name"), [("Asia/Makassar", "WITA"), ("Asia/Jayapura", "WIT")])
def test_the_summary_names_the_zone_of_the_event(as_admin, open_event, city, zone, name):
    city.agency.timezone = zone
    city.agency.save(update_fields=["timezone"])
    assert summary(as_admin.get(units(open_event))).splitlines()[1].endswith(f" {name}")


def test_the_summary_of_an_event_that_is_complete_says_so(as_admin, open_event):
    for nip in (SITI, BUDI, DEWI, AGUS, RAHMAT_NIK):
        cast.sign(cast.someone(open_event, nip))
    assert summary(as_admin.get(units(open_event))).endswith("Semua unit sudah 100 %.")


def test_the_summary_tells_no_group_who_declined(as_admin, open_event):
    decline(open_event, DEWI)
    page = as_admin.get(units(open_event))
    assert "1 tidak bersedia" in text_of(page)
    assert "bersedia" not in summary(page)
    assert "Belum: 5" in summary(page)


def test_the_summary_of_a_unit_names_it_and_who_waits(as_admin, in_waves, city):
    text = summary(as_admin.get(units(in_waves, f"?unit={city.education.pk}")))
    assert "\nDinas Pendidikan\nKeadaan " in text
    assert text.endswith(
        "Belum: 1\nMenunggu gelombang: 2\n\nDi bawah 100 %:\n"
        "1. Dinas Pendidikan (tanpa unit di bawahnya): 0,0 %, 1 belum\n"
        "2. SDN 1 Contoh: 0,0 %, 2 menunggu"
    )
