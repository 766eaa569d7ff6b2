"""Inviting people to roles, one by one and from a file, and taking roles away."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_tasks_db.models import DBTaskResult

from pledges import accounts
from pledges.models import Event, Membership, Role
from tests import spreadsheets
from tests.cast import City, make_agency, make_event, make_user
from tests.pages import text_of
from tests.second_steps import log_in, set_up_app
from tests.spreadsheets import Table

OFFICERS: Table = [
    ["Nama", "E-mail", "Unit Kerja"],
    ["Rina Contoh", "Rina@Contoh.example", "Dinas Kesehatan"],
    ["Tono Contoh", "tono@contoh.example", "puskesmas contoh"],
]


def at(event: Event, rest: str = "") -> str:
    return f"/kelola/acara/{event.code}/petugas{rest}"


def one(city: City, **values: object) -> dict[str, object]:
    usual = {"name": "Rina Contoh", "email": "rina@contoh.example", "role": "officer"}
    return {**usual, "unit": city.health.pk, **values}


def send_file(client: Client, event: Event, table: Table = OFFICERS):
    file = SimpleUploadedFile("petugas.xlsx", spreadsheets.xlsx(table).getvalue())
    return client.post(at(event, "/berkas"), {"file": file})


def roles(email: str) -> list[tuple[str, str]]:
    found = Membership.objects.filter(user__email=email).order_by("agency__path")
    return list(found.values_list("role", "agency__name"))


# ------------------------------------------------------------------ one person


@pytest.mark.parametrize("role", ["officer", "overseer", "admin"])
def test_an_admin_invites_somebody_to_a_role(
    as_admin: Client,
    draft_event: Event,
    city: City,
    role: str,
    django_capture_on_commit_callbacks,
):
    with django_capture_on_commit_callbacks(execute=True):
        page = as_admin.post(at(draft_event, "/undang"), one(city, role=role), follow=True)
    assert "Undangan untuk rina@contoh.example segera dikirim." in text_of(page)
    assert roles("rina@contoh.example") == [(role, "Dinas Kesehatan")]
    assert DBTaskResult.objects.get().task_path == "pledges.tasks.send_invitations"


def test_the_list_shows_who_was_invited_and_who_is_active(
    as_admin: Client, draft_event: Event, city: City, officer: User
):
    as_admin.post(at(draft_event, "/undang"), one(city))
    page = text_of(as_admin.get(at(draft_event)))
    assert "petugas@contoh.example Petugas unit kerja Dinas Pendidikan Aktif" in page
    assert "Rina Contoh rina@contoh.example Petugas unit kerja Dinas Kesehatan" in page
    assert "Undangan menunggu dikirim" in page
    accounts.send_invitations()
    assert "Diundang" in text_of(as_admin.get(at(draft_event)))


def test_an_invitation_can_be_sent_again(
    as_admin: Client, draft_event: Event, city: City, mailoutbox
):
    as_admin.post(at(draft_event, "/undang"), one(city))
    accounts.send_invitations()
    membership = Membership.objects.get(user__email="rina@contoh.example")
    as_admin.post(at(draft_event, f"/{membership.pk}/kirim-lagi"))
    accounts.send_invitations()
    assert [message.to for message in mailoutbox] == [["rina@contoh.example"]] * 2


def test_a_role_held_already_is_not_given_twice(as_admin: Client, draft_event: Event, city: City):
    as_admin.post(at(draft_event, "/undang"), one(city))
    page = as_admin.post(at(draft_event, "/undang"), one(city), follow=True)
    assert "sudah dipegangnya" in text_of(page)
    assert roles("rina@contoh.example") == [("officer", "Dinas Kesehatan")]


@pytest.mark.parametrize(
    "change", [{"email": "bukan"}, {"name": ""}, {"role": "raja"}, {"unit": "999999"}]
)
def test_a_wrong_entry_is_refused_and_kept(
    as_admin: Client, draft_event: Event, city: City, change: dict[str, str]
):
    response = as_admin.post(at(draft_event, "/undang"), one(city, **change))
    assert response.status_code == 422
    assert not User.objects.filter(first_name="Rina Contoh").exists()


def test_nobody_is_invited_to_another_government(
    as_admin: Client, draft_event: Event, city: City, other_city: City
):
    response = as_admin.post(at(draft_event, "/undang"), one(city, unit=other_city.health.pk))
    assert response.status_code == 422
    assert roles("rina@contoh.example") == []


def test_taking_a_role_away_asks_first(as_admin: Client, draft_event: Event, officer: User):
    membership = officer.memberships.get()
    question = text_of(as_admin.get(at(draft_event, f"/{membership.pk}/cabut")))
    assert "Cabut peran petugas@contoh.example sebagai petugas unit kerja" in question
    assert officer.memberships.exists()
    page = as_admin.post(at(draft_event, f"/{membership.pk}/cabut"), follow=True)
    assert "Peran petugas@contoh.example dicabut." in text_of(page)
    assert not officer.memberships.exists()


def test_nobody_takes_their_own_role_away(as_admin: Client, admin: User, draft_event: Event):
    membership = admin.memberships.get()
    page = as_admin.post(at(draft_event, f"/{membership.pk}/cabut"), follow=True)
    assert "Peran Anda sendiri hanya dapat dicabut atau diubah oleh admin lain." in text_of(page)
    assert admin.memberships.exists()


def test_roles_above_the_event_are_not_its_business(
    client: Client, draft_event: Event, city: City, admin: User
):
    """The admin of a department sees and removes only what is in the department."""
    head = make_user("kadis@contoh.example", (Role.ADMIN, city.education))
    event = make_event(city.education)
    client.force_login(head)
    assert "admin@contoh.example" not in text_of(client.get(at(event)))
    assert client.post(at(event, f"/{admin.memberships.get().pk}/cabut")).status_code == 404
    assert admin.memberships.exists()


@pytest.mark.parametrize("who", ["officer", "overseer", "outsider"])
def test_only_those_who_prepare_the_event_invite(
    client: Client, open_event: Event, city: City, admin: User, who: str, request
):
    client.force_login(request.getfixturevalue(who))
    expected = 404 if who == "outsider" else 403
    role = admin.memberships.get().pk
    assert client.get(at(open_event)).status_code == expected
    assert client.get(at(open_event, f"/{role}/cabut")).status_code == expected
    for rest in ("/undang", "/berkas", "/undang-semua", f"/{role}/kirim-lagi", f"/{role}/cabut"):
        assert client.post(at(open_event, rest), one(city)).status_code == expected
    assert roles("rina@contoh.example") == []


# ------------------------------------------------------------------ their roles and accounts


def account_of(event: Event, user: User, rest: str = "") -> str:
    return at(event, f"/{user.memberships.get().pk}{rest}")


def test_the_page_of_a_person_shows_the_account_and_what_can_be_done(
    as_admin: Client, draft_event: Event, officer: User
):
    log_in(Client(), officer.email)
    page = text_of(as_admin.get(account_of(draft_event, officer)))
    assert "Alamat surel petugas@contoh.example Akun Aktif" in page
    assert "Sedang masuk di 1 perangkat Verifikasi dua langkah Belum dipasang" in page
    assert "Keluarkan dari semua perangkat… Nonaktifkan akun…" in page
    assert "Hapus verifikasi dua langkah…" not in page


def test_an_admin_changes_a_role(
    as_admin: Client, draft_event: Event, city: City, officer: User,
    django_capture_on_commit_callbacks,
):  # fmt: skip
    form = {"role": "overseer", "unit": city.health.pk}
    with django_capture_on_commit_callbacks(execute=True):
        page = as_admin.post(account_of(draft_event, officer), form, follow=True)
    assert "Peran petugas@contoh.example diubah, dan ia diberi tahu lewat surel." in text_of(page)
    assert roles(officer.email) == [("overseer", "Dinas Kesehatan")]
    assert DBTaskResult.objects.get().task_path == "pledges.tasks.send_invitations"


@pytest.mark.parametrize("change", [{"role": "raja"}, {"unit": 999999}, {"unit": ""}])
def test_a_role_that_there_is_not_changes_nothing(
    as_admin: Client, draft_event: Event, city: City, officer: User, change: dict[str, object]
):
    form = {"role": "overseer", "unit": city.health.pk} | change
    assert as_admin.post(account_of(draft_event, officer), form).status_code == 422
    assert roles(officer.email) == [("officer", "Dinas Pendidikan")]


def test_ones_own_role_is_changed_by_others(as_admin: Client, draft_event: Event, admin: User):
    page = text_of(as_admin.get(account_of(draft_event, admin)))
    assert "Peran Anda sendiri hanya dapat diubah oleh admin lain." in page
    form = {"role": "officer", "unit": admin.memberships.get().agency_id}
    answer = as_admin.post(account_of(draft_event, admin), form)
    assert answer.status_code == 422
    assert roles(admin.email) == [("admin", "Pemerintah Kota Contoh")]


@pytest.mark.parametrize(
    ("act", "question", "done", "told"),
    [
        (
            "/keluarkan", "Keluarkan petugas@contoh.example dari semua perangkat?",
            "petugas@contoh.example sudah dikeluarkan dari semua perangkat.", "logged_out",
        ),
        (
            "/hapus-dua-langkah", "Hapus verifikasi dua langkah petugas@contoh.example?",
            "Verifikasi dua langkah petugas@contoh.example dihapus.", "second_factors_reset",
        ),
        (
            "/nonaktifkan", "Nonaktifkan akun petugas@contoh.example?",
            "Akun petugas@contoh.example dinonaktifkan.", "deactivated",
        ),
    ],
)  # fmt: skip
def test_what_ends_sessions_asks_first_and_tells_the_person_by_email(
    as_admin: Client, draft_event: Event, officer: User, act: str, question: str, done: str,
    told: str, django_capture_on_commit_callbacks,
):  # fmt: skip
    browser = Client()
    log_in(browser, officer.email)
    set_up_app(browser)
    assert question in text_of(as_admin.get(account_of(draft_event, officer, act)))
    assert browser.get("/kelola/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        page = as_admin.post(account_of(draft_event, officer, act), follow=True)
    assert done in text_of(page)
    assert browser.get("/kelola/").status_code == 302
    task = DBTaskResult.objects.get()
    assert task.task_path == "pledges.tasks.tell_of_change"
    assert task.args_kwargs["args"] == [officer.pk, told]


def test_a_switched_off_account_is_switched_on_again(
    as_admin: Client, draft_event: Event, officer: User
):
    as_admin.post(account_of(draft_event, officer, "/nonaktifkan"))
    assert "Dinonaktifkan" in text_of(as_admin.get(at(draft_event)))
    refused = log_in(Client(), officer.email)
    assert refused["Location"] == "/akun/tidak-aktif"
    page = as_admin.post(account_of(draft_event, officer, "/aktifkan"), follow=True)
    assert "Akun petugas@contoh.example aktif lagi." in text_of(page)
    assert log_in(Client(), officer.email)["Location"] == "/kelola/"


def test_nobody_switches_their_own_account_off(as_admin: Client, draft_event: Event, admin: User):
    page = as_admin.post(account_of(draft_event, admin, "/nonaktifkan"), follow=True)
    assert "Anda tidak dapat menonaktifkan akun Anda sendiri." in text_of(page)
    assert as_admin.get("/kelola/").status_code == 200


def test_an_account_that_works_for_others_too_is_not_switched_off_here(
    as_admin: Client, draft_event: Event, city: City, other_city: City, superuser: User
):
    """Whoever invites an admin of another government must not get hold of the account."""
    shared = make_user(
        "dua@contoh.example", (Role.OFFICER, city.school), (Role.ADMIN, other_city.agency)
    )
    Membership.objects.create(user=superuser, agency=city.school, role=Role.OFFICER)
    for membership in Membership.objects.filter(user__in=(shared, superuser), agency=city.school):
        page = text_of(as_admin.get(at(draft_event, f"/{membership.pk}")))
        assert "Orang ini bekerja juga di luar atau di atas instansi Anda" in page
        for act in ("/keluarkan", "/hapus-dua-langkah", "/nonaktifkan", "/aktifkan"):
            assert as_admin.get(at(draft_event, f"/{membership.pk}{act}")).status_code == 403
            assert as_admin.post(at(draft_event, f"/{membership.pk}{act}")).status_code == 403
    assert not User.objects.filter(is_active=False).exists()


# ------------------------------------------------------------------ from a file


def test_unit_officers_are_invited_from_a_file_after_it_was_shown(
    as_admin: Client, draft_event: Event
):
    shown = send_file(as_admin, draft_event)
    page = text_of(shown)
    assert "Undang 2 petugas?" in page
    assert "Rina Contoh rina@contoh.example Dinas Kesehatan" in page
    assert not User.objects.filter(email="rina@contoh.example").exists()
    done = as_admin.post(
        at(draft_event, "/undang-semua"),
        {"isi": re.findall(r'name="isi" value="([^"]+)"', shown.content.decode())[0]},
        follow=True,
    )
    assert "2 undangan segera dikirim." in text_of(done)
    assert roles("rina@contoh.example") == [("officer", "Dinas Kesehatan")]
    assert roles("tono@contoh.example") == [("officer", "Puskesmas Contoh")]


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        (["Rina", "", "Dinas Kesehatan"], "B E-mail", "Alamat surel kosong."),
        (["Rina", "rina@", "Dinas Kesehatan"], "B E-mail", "tidak lengkap atau salah tulis"),
        (["Rina", "rina@contoh.example", ""], "C Unit Kerja", "Unit kerja kosong."),
        (
            ["Rina", "rina@contoh.example", "Dinas Kesehatn"],
            "C Unit Kerja",
            "Unit kerja “Dinas Kesehatn” tidak ada di acara ini. Mungkin “Dinas Kesehatan”",
        ),
        (
            ["Rina", "petugas@contoh.example", "Dinas Pendidikan"],
            "B E-mail",
            "Sudah menjadi petugas Dinas Pendidikan; tidak diundang lagi.",
        ),
    ],
    ids=["no email", "bad email", "no unit", "unknown unit", "officer already"],
)
def test_each_problem_is_told_by_row_and_column_and_the_others_may_be_invited(
    as_admin: Client, draft_event: Event, officer: User, row: list[str], column: str, message: str
):
    page = text_of(send_file(as_admin, draft_event, [*OFFICERS, row]))
    assert "1 baris tidak diundang" in page
    assert f"Data 4 {column}" in page
    assert message in page
    assert "Undang 2 petugas yang lain" in page


def test_a_unit_is_told_from_another_of_the_same_name_by_the_one_above_it(
    as_admin: Client, draft_event: Event, city: City
):
    make_agency("Sekretariat", above=city.health)
    make_agency("Sekretariat", above=city.education)
    header = ["Nama", "E-mail", "Perangkat Daerah", "Unit Kerja"]
    clear = ["Rina", "rina@contoh.example", "Dinas Kesehatan", "Sekretariat"]
    vague = ["Tono", "tono@contoh.example", "", "Sekretariat"]
    shown = send_file(as_admin, draft_event, [header, clear, vague])
    (invitation,) = shown.context["found"].invitations
    assert invitation.unit.path.startswith(city.health.path)
    assert "Ada 2 unit bernama “Sekretariat”." in text_of(shown)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"%PDF-1.7", "Ini berkas PDF"),
        (b"Nama;Telepon\nRina;0812", "Judul kolom tidak ditemukan"),
        (b"Nama;E-mail;Unit Kerja\n", "tidak ada satu pun petugas"),
    ],
    ids=["pdf", "no header", "nobody"],
)
def test_a_file_without_officers_is_refused_with_the_reason(
    as_admin: Client, draft_event: Event, content: bytes, message: str
):
    file = SimpleUploadedFile("petugas.csv", content)
    response = as_admin.post(at(draft_event, "/berkas"), {"file": file})
    assert response.status_code == 422
    assert message in text_of(response)


def test_what_was_shown_cannot_be_altered_or_used_for_another_event(
    as_admin: Client, draft_event: Event, city: City
):
    shown = send_file(as_admin, draft_event)
    (sealed,) = re.findall(r'name="isi" value="([^"]+)"', shown.content.decode())
    other = make_event(city.education)
    for event, text in ((draft_event, sealed + "x"), (draft_event, ""), (other, sealed)):
        page = as_admin.post(at(event, "/undang-semua"), {"isi": text}, follow=True)
        assert "Halaman ini sudah lama." in text_of(page)
    assert roles("rina@contoh.example") == []


def test_an_enormous_file_is_refused(as_admin: Client, draft_event: Event):
    file = SimpleUploadedFile("petugas.xlsx", bytes(20 * 2**20))
    response = as_admin.post(at(draft_event, "/berkas"), {"file": file})
    assert response.status_code == 422
    assert "lebih besar dari 15 MB" in text_of(response)
