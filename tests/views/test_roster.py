"""The roster's pages: finding people, importing a file, one person."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from pledges import events, identity
from pledges.models import Agency, AuditEntry, Event, Import, ImportState, Signatory
from pledges.roster import enrol, imports
from tests import cast, spreadsheets
from tests.cast import AGUS, BUDI, SITI, City, make_event, make_person, sign, someone
from tests.pages import text_of
from tests.spreadsheets import HEADER, PEOPLE, TABLE, Table

BROKEN: Table = [*TABLE, [3, "Citra Contoh", "1980", "Dinas Kesehatan"]]
NEW = {
    "name": "Joko Contoh, S.E.", "kind": "pns", "nip_or_nik": "19850715 201001 1 003",
    "grade": "III/c", "position": "Analis", "email": "", "phone": "",
}  # fmt: skip


def at(event: Event, rest: str = "") -> str:
    return f"/kelola/acara/{event.code}/daftar{rest}"


def xlsx(table: Table = TABLE, name: str = "daftar.xlsx", **more) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, spreadsheets.xlsx(table, **more).getvalue())


def work() -> None:
    """What the worker does."""
    for imported in Import.objects.select_related("event__agency", "confirmed_by"):
        imports.advance(imported)


def uploaded(client: Client, event: Event, file: SimpleUploadedFile | None = None) -> str:
    """Upload a file, let it be read, and return the address of its page."""
    response = client.post(at(event, "/impor"), {"file": file or xlsx()})
    assert response.status_code == 302, text_of(response)
    work()
    return response["Location"]


# ------------------------------------------------------------------ the list


def test_the_roster_lists_everybody_with_masked_nip_and_numbers(
    as_admin: Client, open_event: Event
):
    sign(someone(open_event, BUDI))
    page = text_of(as_admin.get(at(open_event)))
    assert "5 orang dalam daftar 4 unit kerja 1 sudah menandatangani" in page
    assert "Siti Aminah, S.Pd. 1980••••••••••2001 Guru Kelas PNS · III/c SDN 1 Contoh Belum" in page
    assert "Rahmat Hidayat 3273••••••••••01" in page
    assert SITI not in page


def test_an_empty_roster_says_what_to_do_next(as_admin: Client, city: City):
    response = as_admin.get(at(make_event(city.agency)))
    assert "Daftar masih kosong" in text_of(response)
    assert "/daftar/impor" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"q": "siti"}, ["Siti Aminah, S.Pd."]),
        ({"q": AGUS}, ["Agus"]),
        ({"status": "signed"}, ["Budi Santoso, S.K.M."]),
        ({"status": "withdrawn"}, ["Agus"]),
        ({"q": "tidak ada"}, []),
    ],
)
def test_people_are_found_by_name_nip_and_status(
    as_admin: Client, open_event: Event, query: dict[str, str], names: list[str]
):
    sign(someone(open_event, BUDI))
    if query == {"status": "withdrawn"}:
        enrol.withdraw(someone(open_event, AGUS), by=None)
    page = as_admin.get(at(open_event), query)
    assert [person.name for person in page.context["page"]] == names


def test_people_are_found_by_unit_with_the_units_below_it(
    as_admin: Client, open_event: Event, city: City
):
    page = as_admin.get(at(open_event), {"unit": str(city.education.pk)})
    assert {person.unit.name for person in page.context["page"]} == {
        "Dinas Pendidikan", "SDN 1 Contoh",
    }  # fmt: skip
    elsewhere = as_admin.get(at(open_event), {"unit": "999999", "hal": "x"})
    assert elsewhere.status_code == 200


def test_a_long_roster_has_pages(as_admin: Client, open_event: Event, city: City):
    for n in range(1, 60):
        make_person(
            open_event, unit=city.health, name=f"Pegawai {n}", nip=f"1990010120150110{n:02}"
        )
    page = as_admin.get(at(open_event), {"hal": "2", "q": ""})
    assert len(page.context["page"]) == 14
    assert "Halaman 2 dari 2" in text_of(page)
    assert as_admin.get(at(open_event)).content.decode().count("hal=2") == 1


@pytest.mark.parametrize("who", ["officer", "overseer", "outsider"])
def test_only_those_who_prepare_the_event_see_its_roster(
    client: Client, open_event: Event, who: str, request: pytest.FixtureRequest
):
    client.force_login(request.getfixturevalue(who))
    expected = 404 if who == "outsider" else 403
    for rest in ("", "/impor"):
        assert client.get(at(open_event, rest)).status_code == expected
    assert client.post(at(open_event, "/impor"), {"file": xlsx()}).status_code == expected
    assert not Import.objects.exists()


def test_without_login_nothing_of_an_upload_is_read(client: Client, open_event: Event):
    response = client.post(at(open_event, "/impor"), {"file": xlsx()})
    assert response["Location"].startswith("/akun/masuk")


# ------------------------------------------------------------------ importing


def test_an_upload_wakes_the_background_up(
    as_admin: Client, draft_event: Event, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = as_admin.post(at(draft_event, "/impor"), {"file": xlsx()})
    imported = Import.objects.get()
    assert response["Location"] == at(draft_event, f"/impor/{imported.pk}")
    task = DBTaskResult.objects.get()
    assert task.task_path == "pledges.tasks.advance_import"
    assert task.args_kwargs["args"] == [imported.pk]


def test_the_preview_shows_columns_rows_problems_and_what_will_happen(
    as_admin: Client, draft_event: Event
):
    page = text_of(as_admin.get(uploaded(as_admin, draft_event, xlsx(BROKEN))))
    assert "Belum ada yang dimasukkan." in page
    assert "2 orang baru 1 baris bermasalah" in page
    assert "Data 4 C NIP Tidak dimasukkan NIP harus 18 angka" in page
    assert "2 Andi Contoh 198001012005011001 PNS" in page
    assert "B Nama Andi Contoh · Bella Contoh · Citra Contoh" in page
    assert "5 ada dalam daftar acara tetapi tidak dalam berkas" in page
    assert "Masukkan 2 orang yang lain" in page


def test_confirming_enrols_and_shows_the_result(as_admin: Client, draft_event: Event):
    url = uploaded(as_admin, draft_event)
    assert "Masukkan 2 orang" in text_of(as_admin.get(url))
    assert draft_event.signatories.count() == 5
    assert as_admin.post(f"{url}/masukkan")["Location"] == url
    work()
    page = text_of(as_admin.get(url))
    assert "daftar.xlsx sudah dimasukkan pada" in page
    assert "2 orang baru 0 datanya diperbarui 0 tetap sama" in page
    assert draft_event.signatories.count() == 7


def test_with_problems_the_rest_is_imported_only_when_asked_for(
    as_admin: Client, draft_event: Event
):
    url = uploaded(as_admin, draft_event, xlsx(BROKEN))
    refused = as_admin.post(f"{url}/masukkan", follow=True)
    assert "Masih ada 1 masalah" in text_of(refused)
    as_admin.post(f"{url}/masukkan", {"lewati": "1"})
    work()
    assert draft_event.signatories.count() == 7
    assert "1 baris bermasalah belum masuk" in text_of(as_admin.get(url))


def test_the_faulty_rows_are_offered_as_xlsx_with_the_nip_as_text(
    as_admin: Client, draft_event: Event
):
    url = uploaded(as_admin, draft_event, xlsx(BROKEN))
    response = as_admin.get(f"{url}/perbaiki.xlsx")
    assert response["Content-Disposition"].startswith("attachment")
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    (nip,) = (cell for cell in sheet[2] if cell.value == "1980")
    assert (nip.data_type, nip.number_format) == ("s", "@")
    sound = uploaded(as_admin, draft_event)
    assert as_admin.get(f"{sound}/perbaiki.xlsx")["Location"] == sound


def test_those_who_have_signed_are_named_and_not_changed(as_admin: Client, open_event: Event):
    sign(someone(open_event, SITI))
    url = uploaded(as_admin, open_event, xlsx([HEADER, [1, "Siti Lain", SITI, "Dinas A"]]))
    page = text_of(as_admin.get(url))
    assert "1 sudah menandatangani, tetapi isi berkasnya berbeda: tidak diubah" in page
    assert "Siti Aminah, S.Pd." in page
    assert "Tidak ada yang perlu dimasukkan" in page


def test_columns_and_sheets_can_be_chosen_and_are_read_again(as_admin: Client, draft_event: Event):
    url = uploaded(as_admin, draft_event)
    form = {"sheets": "Data", "column-0-A": "", "column-0-B": "name", "column-0-C": "nip"}
    response = as_admin.post(f"{url}/kolom", form | {"column-0-D": "position"})
    assert response["Location"] == url
    assert "Membaca daftar.xlsx…" in text_of(as_admin.get(url))
    work()
    row = as_admin.get(url).context["page"][0]
    assert (row.position, row.unit) == ("Dinas Kesehatan", ())


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"column-0-B": "name"}, "Pilih sedikitnya satu lembar"),
        (
            {"sheets": "Data", "column-0-B": "name", "column-0-C": "name"},
            "Pada lembar “Data” Nama dipilih untuk dua kolom",
        ),
    ],
    ids=["no sheet", "one field twice"],
)
def test_an_impossible_choice_is_explained_and_nothing_is_lost(
    as_admin: Client, draft_event: Event, form: dict[str, str], message: str
):
    url = uploaded(as_admin, draft_event)
    response = as_admin.post(f"{url}/kolom", form)
    assert response.status_code == 422
    assert message in text_of(response)
    assert Import.objects.get().state == ImportState.READ


def test_progress_is_asked_for_until_there_is_news(as_admin: Client, draft_event: Event):
    response = as_admin.post(at(draft_event, "/impor"), {"file": xlsx()})
    url = response["Location"]
    Import.objects.update(is_begun=True, done=500, total=2000)
    fragment = as_admin.get(f"{url}/kemajuan")
    assert "500 dari 2.000 baris diperiksa." in text_of(fragment)
    assert '<progress value="500" max="2000"' in fragment.content.decode()
    work()
    assert as_admin.get(f"{url}/kemajuan")["HX-Refresh"] == "true"


def test_a_progress_page_leaves_an_import_that_was_cancelled_in_another_window(
    as_admin: Client, draft_event: Event
):
    url = as_admin.post(at(draft_event, "/impor"), {"file": xlsx()})["Location"]
    as_admin.post(f"{url}/batal")
    assert as_admin.get(f"{url}/kemajuan")["HX-Redirect"] == at(draft_event)


def test_a_background_that_does_not_run_is_told_and_can_be_woken(
    as_admin: Client, draft_event: Event, django_capture_on_commit_callbacks
):
    url = as_admin.post(at(draft_event, "/impor"), {"file": xlsx()})["Location"]
    Import.objects.update(moved_at=timezone.now() - timedelta(seconds=10))
    assert "Layanan latar belakang (worker) mungkin tidak berjalan" in text_of(as_admin.get(url))
    with django_capture_on_commit_callbacks(execute=True):
        assert as_admin.post(f"{url}/lanjutkan")["Location"] == url
    assert DBTaskResult.objects.count() == 1


def test_an_import_can_be_cancelled_and_the_roster_stays_as_it_was(
    as_admin: Client, draft_event: Event
):
    url = uploaded(as_admin, draft_event)
    assert "daftar.xlsx" in text_of(as_admin.get(at(draft_event)))
    page = as_admin.post(f"{url}/batal", follow=True)
    assert "Impor dibatalkan. Daftar tidak berubah." in text_of(page)
    assert as_admin.get(url).status_code == 404
    assert draft_event.signatories.count() == 5


def test_imports_that_wait_are_listed_together_and_can_be_cancelled_there(
    as_admin: Client, draft_event: Event
):
    for name in ("satu.xlsx", "dua.xlsx"):
        uploaded(as_admin, draft_event, xlsx(name=name))
        work()
    page = as_admin.get(at(draft_event))
    assert text_of(page).count("Impor yang belum selesai") == 1
    assert "satu.xlsx Menunggu keputusan Anda" in text_of(page)
    for imported in Import.objects.all():
        assert f"/impor/{imported.pk}/batal" in page.content.decode()


def test_the_people_of_several_sheets_are_shown_with_their_sheet(
    as_admin: Client, draft_event: Event
):
    others = {"Lain": [HEADER, [1, "Citra", "198703032010032003", "Dinas Kesehatan"]]}
    address = uploaded(as_admin, draft_event, xlsx(others=others))
    work()
    assert "Lain 2 Citra" in text_of(as_admin.get(address))


def test_a_file_that_is_no_table_says_why_and_asks_for_another(
    as_admin: Client, draft_event: Event
):
    url = uploaded(as_admin, draft_event, SimpleUploadedFile("surat.xlsx", b"%PDF-1.7"))
    page = text_of(as_admin.get(url))
    assert "surat.xlsx tidak dapat dibaca." in page
    assert "Ini berkas PDF" in page
    assert "Daftar tidak berubah." in page


def test_no_file_and_an_empty_file_are_explained(as_admin: Client, draft_event: Event):
    missing = as_admin.post(at(draft_event, "/impor"), {})
    assert (missing.status_code, Import.objects.count()) == (422, 0)
    assert "Pilih dahulu berkasnya." in text_of(missing)
    empty = as_admin.post(at(draft_event, "/impor"), {"file": SimpleUploadedFile("a.csv", b"")})
    assert "Berkas ini kosong." in text_of(empty)


def test_a_roster_of_50_mb_is_refused_with_a_clear_message(as_admin: Client, draft_event: Event):
    enormous = SimpleUploadedFile("besar.xlsx", bytes(50 * 2**20))
    response = as_admin.post(at(draft_event, "/impor"), {"file": enormous})
    assert response.status_code == 413
    assert "Berkas ini lebih besar dari 15 MB, jadi tidak dibaca." in text_of(response)
    assert not Import.objects.exists()


def test_an_upload_from_another_site_is_refused(admin: User, draft_event: Event):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert client.post(at(draft_event, "/impor"), {"file": xlsx()}).status_code == 403
    assert not Import.objects.exists()


def test_a_closed_event_takes_no_file(as_admin: Client, closed_event: Event):
    response = as_admin.post(at(closed_event, "/impor"), {"file": xlsx()}, follow=True)
    assert "Acara sudah ditutup" in text_of(response)
    assert not Import.objects.exists()


def test_an_import_belongs_to_its_event(
    as_admin: Client, draft_event: Event, city: City, outsider: User
):
    url = uploaded(as_admin, draft_event)
    other = make_event(city.agency)
    elsewhere = url.replace(draft_event.code, other.code)
    assert as_admin.get(elsewhere).status_code == 404
    assert as_admin.post(f"{elsewhere}/masukkan").status_code == 404
    as_admin.force_login(outsider)
    for rest in ("", "/kemajuan", "/perbaiki.xlsx"):
        assert as_admin.get(url + rest).status_code == 404
    for rest in ("/lanjutkan", "/kolom", "/masukkan", "/batal"):
        assert as_admin.post(url + rest).status_code == 404
    assert Import.objects.get().state == ImportState.READ


def test_a_name_with_html_in_it_is_shown_as_text(as_admin: Client, draft_event: Event):
    table = [HEADER, [1, "<script>alert(1)</script>", PEOPLE[0][2], "<b>Dinas</b>"]]
    url = uploaded(as_admin, draft_event, xlsx(table, name="<img src=x>.xlsx"))
    as_admin.post(f"{url}/masukkan")
    pages = [as_admin.get(url), as_admin.get(at(draft_event))]
    work()
    pages += [as_admin.get(url), as_admin.get(at(draft_event))]
    for page in pages:
        assert "<script>alert" not in page.content.decode()
        assert "<img src=x" not in page.content.decode()


# ------------------------------------------------------------------ one person


def person_at(person: Signatory, rest: str = "") -> str:
    return f"/kelola/acara/{person.event.code}/orang/{person.pk}{rest}"


def test_one_person_can_be_added_after_publication(as_admin: Client, open_event: Event, city: City):
    response = as_admin.post(
        f"/kelola/acara/{open_event.code}/orang/baru", NEW | {"unit": city.school.pk}, follow=True
    )
    assert "Joko Contoh, S.E. ditambahkan ke daftar." in text_of(response)
    joko = open_event.signatories.get(nip="198507152010011003")
    assert (joko.unit, joko.grade, joko.rank) == (city.school, "III/c", "Penata")
    assert Agency.objects.get_descendant_count(city.agency) == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"nip_or_nik": "1985"}, "NIP harus 18 angka"),
        ({"nip_or_nik": SITI}, "sudah ada dalam daftar (Siti Aminah, S.Pd.)"),
        ({"name": "张伟"}, "tidak ada di jenis huruf dokumen"),
        ({"email": "bukan-alamat"}, "Alamat surel ini tidak lengkap"),
        ({"phone": "0812"}, "Periksa nomornya, misalnya 0812 3456 7890."),
        ({"name": "=Joko"}, "Ketik isinya saja, tanpa “=” atau “#” di depannya."),
        ({"name": "\u200b=Joko"}, "Ketik isinya saja"),
        ({"position": "\ufeff=Analis"}, "Ketik isinya saja"),
        ({"kind": "pppk"}, "Jenis ini tidak cocok dengan nomornya."),
        ({"unit": ""}, "Bidang ini tidak boleh kosong"),
    ],
    ids=[
        *("short nip", "there already", "not printable", "email", "phone", "formula"),
        *("hidden formula", "formula for a position", "kind", "no unit"),
    ],
)
def test_a_wrong_entry_is_explained_and_kept(
    as_admin: Client, open_event: Event, city: City, change: dict[str, str], message: str
):
    url = f"/kelola/acara/{open_event.code}/orang/baru"
    response = as_admin.post(url, NEW | {"unit": city.school.pk} | change)
    assert response.status_code in {200, 422}
    page = text_of(response)
    assert message in page
    # Words of a file, of which lines are taken without a cell that is bad.
    assert not [
        word for word in ("Excel", "Sel ini", "dibiarkan kosong", "dicatat") if word in page
    ]
    assert 'Analis"' in response.content.decode()
    assert open_event.signatories.count() == 5


def test_a_person_s_page_shows_the_data(as_admin: Client, siti: Signatory):
    page = text_of(as_admin.get(person_at(siti)))
    assert f"NIP {SITI} Jenis PNS Pangkat, golongan Penata, III/c Jabatan Guru Kelas" in page
    assert "Dinas Pendidikan › SDN 1 Contoh" in page
    assert identity.personal_code(siti) not in page


def test_link_and_code_are_shown_on_request_and_that_is_recorded(
    as_admin: Client, admin: User, siti: Signatory
):
    response = as_admin.post(person_at(siti, "/kode"))
    page = text_of(response)
    assert identity.personal_code(siti) in page
    assert f'value="{identity.personal_link(siti)}"' in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    entry = AuditEntry.objects.get(action="identity.reveal")
    assert (entry.actor, entry.target) == (f"user:{admin.pk}", f"signatory:{siti.pk}")


def test_an_officer_helps_the_own_subtree_only(client: Client, officer: User, open_event: Event):
    client.force_login(officer)
    assert SITI in text_of(client.get(person_at(someone(open_event, SITI))))
    assert client.post(person_at(someone(open_event, SITI), "/kode")).status_code == 200
    assert client.get(person_at(someone(open_event, BUDI))).status_code == 404
    assert client.post(person_at(someone(open_event, BUDI), "/kode")).status_code == 404


def test_an_overseer_sees_the_masked_number_and_no_code(
    client: Client, overseer: User, siti: Signatory
):
    client.force_login(overseer)
    page = text_of(client.get(person_at(siti)))
    assert "1980••••••••••2001" in page
    assert SITI not in page
    assert "siti@contoh.example" not in page
    assert client.post(person_at(siti, "/kode")).status_code == 403
    assert not AuditEntry.objects.filter(action="identity.reveal").exists()


def test_withdrawing_asks_first_and_can_be_undone(as_admin: Client, siti: Signatory):
    question = text_of(as_admin.get(person_at(siti, "/keluarkan")))
    assert "Keluarkan Siti Aminah, S.Pd. dari daftar?" in question
    assert not Signatory.objects.get(pk=siti.pk).is_withdrawn
    page = text_of(as_admin.post(person_at(siti, "/keluarkan"), follow=True))
    assert "dikeluarkan dari daftar" in page
    assert Signatory.objects.get(pk=siti.pk).is_withdrawn
    page = text_of(as_admin.post(person_at(siti, "/pulihkan"), follow=True))
    assert "dipulihkan ke daftar" in page
    assert not Signatory.objects.get(pk=siti.pk).is_withdrawn


def test_whoever_has_signed_is_not_withdrawn(as_admin: Client, siti: Signatory):
    sign(siti)
    page = text_of(as_admin.post(person_at(siti, "/keluarkan"), follow=True))
    assert "sudah menandatangani, jadi tidak dapat dikeluarkan" in page
    assert not Signatory.objects.get(pk=siti.pk).is_withdrawn


def test_after_closing_nobody_is_added_withdrawn_or_restored(
    as_admin: Client, open_event: Event, city: City
):
    agus = someone(open_event, AGUS)
    enrol.withdraw(agus, by=None)
    events.close(open_event, by=None)
    url = f"/kelola/acara/{open_event.code}/orang/baru"
    added = as_admin.post(url, NEW | {"unit": city.school.pk})
    assert "Acara sudah ditutup" in text_of(added)
    for url in (person_at(someone(open_event, SITI), "/keluarkan"), person_at(agus, "/pulihkan")):
        assert "Acara sudah ditutup" in text_of(as_admin.post(url, follow=True))
    assert open_event.signatories.active().count() == 4


@pytest.mark.parametrize("who", ["officer", "overseer", "outsider"])
def test_only_those_who_prepare_the_event_add_and_withdraw(
    client: Client, siti: Signatory, who: str, request: pytest.FixtureRequest
):
    client.force_login(request.getfixturevalue(who))
    expected = 404 if who == "outsider" else 403
    assert client.get(f"/kelola/acara/{siti.event.code}/orang/baru").status_code == expected
    assert client.post(person_at(siti, "/keluarkan")).status_code == expected
    assert client.post(person_at(siti, "/pulihkan")).status_code == expected


# ------------------------------------------------------------------ parts and waves in a file


ORDERED: Table = [
    [*HEADER, "Peran", "Bertindak Sebagai", "Gelombang"],
    [*TABLE[1], "Perwakilan", "Ketua Paguyuban Camat", 1],
    [*TABLE[2], "", "", ""],
]


def test_the_preview_shows_parts_and_waves_where_the_file_has_them(
    as_admin: Client, draft_event: Event
):
    page = text_of(as_admin.get(uploaded(as_admin, draft_event, xlsx(ORDERED))))
    assert "Peran Gelombang" in page
    assert "Perwakilan Ketua Paguyuban Camat 1" in page
    without = text_of(as_admin.get(uploaded(as_admin, draft_event)))
    assert "Unit kerja Peran" not in without


def test_a_file_with_another_presiding_official_is_told_before_it_is_confirmed(
    as_admin: Client, city: City
):
    event = cast.make_ceremony(city)
    table = [ORDERED[0], [*TABLE[1], "Pimpinan", "", ""]]
    address = uploaded(as_admin, event, xlsx(table))
    why = "Dr. Dewi Lestari, S.Pd., M.Pd. sudah dicatat sebagai pimpinan acara"
    assert why in text_of(as_admin.get(address))
    as_admin.post(f"{address}/masukkan")
    work()
    assert why in text_of(as_admin.get(address))
    assert not event.signatories.filter(name="Andi Contoh").exists()


def test_the_import_page_tells_of_the_columns_about_the_ceremony(
    as_admin: Client, draft_event: Event
):
    page = text_of(as_admin.get(at(draft_event, "/impor")))
    assert "Gelombang (angka), Peran (Pimpinan, Perwakilan, Saksi" in page
