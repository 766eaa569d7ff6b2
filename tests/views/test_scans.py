"""Sending photographs of signed sheets, and the tray of those that wait for a human."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from pledges import events, identity, signing, waves
from pledges.documents.issue import issue
from pledges.models import AuditEntry, Event, Role, Scan, Signatory, Signature
from pledges.paper import scans
from tests import cast
from tests.cast import AGUS, BUDI, SITI, City, someone
from tests.pages import text_of
from tests.pdfs import stored
from tests.photographs import jpeg, photograph, without_code, work_through

State, Problem = Scan.State, Scan.Problem


def at(event: Event, rest: str = "") -> str:
    return f"/kelola/acara/{event.code}/pindaian{rest}"


def send(client: Client, event: Event, *contents: bytes):
    files = [
        SimpleUploadedFile(f"lembar-{n}.jpg", content) for n, content in enumerate(contents, 1)
    ]
    return client.post(at(event), {"photos": files}, follow=True)


@pytest.fixture
def photo(siti: Signatory) -> bytes:
    return jpeg(photograph(siti))


@pytest.fixture
def unreadable(as_officer: Client, siti: Signatory) -> Scan:
    """In the tray of the officer of the education department: Siti's sheet, stained."""
    send(as_officer, siti.event, jpeg(without_code(photograph(siti))))
    work_through(siti.event)
    return Scan.objects.get()


def test_several_photographs_are_sent_at_once_and_read_in_the_background(
    as_officer: Client, siti: Signatory, photo: bytes, django_capture_on_commit_callbacks
):
    other = jpeg(photograph(someone(siti.event, AGUS)))
    with django_capture_on_commit_callbacks(execute=True):
        page = send(as_officer, siti.event, photo, other)

    assert "2 berkas diterima dan sedang dibaca." in text_of(page)
    assert "Membaca 2 lembar…" in text_of(page)
    assert [task.args_kwargs["args"] for task in DBTaskResult.objects.all()] == [[siti.event.pk]]
    work_through(siti.event)
    page = text_of(as_officer.get(at(siti.event)))
    assert "2 terbaca dan dicatat 0 perlu diperiksa 0 sedang dibaca" in page
    assert "Semua foto sudah dicatat" in page


def test_progress_is_asked_for_until_all_are_read(as_officer: Client, siti, photo: bytes):
    send(as_officer, siti.event, photo)
    assert "Membaca 1 lembar…" in text_of(as_officer.get(at(siti.event, "/kemajuan")))

    work_through(siti.event)

    assert as_officer.get(at(siti.event, "/kemajuan"))["HX-Refresh"] == "true"


def test_what_is_not_taken_is_told_by_name(as_officer: Client, siti, photo: bytes):
    send(as_officer, siti.event, photo)

    page = text_of(send(as_officer, siti.event, photo, b"no photograph"))

    assert "Sudah pernah diunggah, jadi tidak diambil lagi: lembar-1.jpg." in page
    assert "Tidak diambil. lembar-2.jpg: bukan foto JPEG atau PNG, dan bukan PDF." in page


def test_what_a_colleague_uploaded_need_not_be_uploaded_again_and_it_is_not_told_whose_it_is(
    as_officer: Client, siti, photo: bytes, city: City
):
    send(as_officer, siti.event, photo)
    as_officer.force_login(cast.make_user("klinik@contoh.example", (Role.OFFICER, city.clinic)))

    page = text_of(send(as_officer, siti.event, photo))

    assert (
        "Sudah pernah diunggah oleh rekan Anda, jadi tidak perlu diunggah lagi: lembar-1.jpg."
        in page
    )
    assert "petugas@contoh.example" not in page
    assert "Siti" not in page
    assert Scan.objects.count() == 1


def test_without_a_file_the_form_asks_for_one(as_officer: Client, open_event: Event):
    response = as_officer.post(at(open_event))

    assert response.status_code == 422
    assert "Pilih dahulu fotonya." in text_of(response)


def test_more_than_can_be_taken_at_once_is_refused_unread(
    as_officer: Client, open_event: Event, monkeypatch
):
    monkeypatch.setattr(scans, "MAX_TOTAL", 100)

    response = as_officer.post(at(open_event), {"photos": SimpleUploadedFile("a.jpg", b"x" * 200)})

    assert response.status_code == 413
    assert "tidak ada yang diambil" in text_of(response)


def test_a_file_that_is_too_large_is_told_and_the_others_are_taken(
    as_officer: Client, siti, photo: bytes
):
    large = b"\xff\xd8\xff" + bytes(scans.MAX_BYTES)

    page = text_of(send(as_officer, siti.event, large, photo))

    assert "lembar-1.jpg: lebih besar dari 20 MB" in page
    assert "1 berkas diterima" in page


def test_the_tray_shows_the_photograph_and_the_reason(as_officer: Client, unreadable: Scan):
    page = as_officer.get(at(unreadable.event))

    assert "0 terbaca dan dicatat 1 perlu diperiksa" in text_of(page)
    assert "Tidak ada kode QR lembar pakta yang terbaca pada foto ini." in text_of(page)
    assert f'src="{at(unreadable.event, f"/{unreadable.pk}-kecil.jpg")}"' in page.content.decode()


def test_the_photograph_is_kept_by_no_cache_and_looking_at_it_is_recorded(
    as_officer: Client, unreadable: Scan
):
    for rest in (".jpg", "-kecil.jpg"):
        response = as_officer.get(at(unreadable.event, f"/{unreadable.pk}{rest}"))

        assert response["Content-Type"] == "image/jpeg"
        assert response.getvalue().startswith(b"\xff\xd8\xff")
        assert "no-store" in response["Cache-Control"]
    assert AuditEntry.objects.get(action="scan.view").target == f"scan:{unreadable.pk}"


def test_nobody_can_read_a_number_off_the_small_picture_in_the_tray(
    as_officer: Client, unreadable: Scan
):
    small = as_officer.get(at(unreadable.event, f"/{unreadable.pk}-kecil.jpg"))

    with Image.open(io.BytesIO(small.content)) as picture:
        assert max(picture.size) <= 180


@pytest.mark.parametrize("text", ["siti", SITI[:12]])
def test_the_person_is_found_by_name_or_nip_among_those_in_care(
    as_officer: Client, unreadable: Scan, text: str
):
    page = as_officer.get(at(unreadable.event, f"/{unreadable.pk}"), {"q": text})

    assert [person.name for person in page.context["candidates"]] == ["Siti Aminah, S.Pd."]


def test_a_search_that_no_database_can_hold_finds_as_if_nothing_was_typed(
    as_officer: Client, unreadable: Scan
):
    page = as_officer.get(at(unreadable.event, f"/{unreadable.pk}"), {"q": "\0"})

    assert page.status_code == 200
    assert len(page.context["candidates"]) == 3


def test_nobody_is_offered_who_has_signed_or_is_not_in_care(as_officer: Client, unreadable: Scan):
    cast.sign(someone(unreadable.event, AGUS))

    page = as_officer.get(at(unreadable.event, f"/{unreadable.pk}"))

    assert [person.name for person in page.context["candidates"]] == [
        "Dr. Dewi Lestari, S.Pd., M.Pd.", "Siti Aminah, S.Pd.",
    ]  # fmt: skip


def test_filing_by_hand_asks_first_and_then_files(as_officer: Client, unreadable: Scan, siti):
    address = at(unreadable.event, f"/{unreadable.pk}/catat/{siti.pk}")

    question = as_officer.get(address)
    assert "Catat lembar ini untuk Siti Aminah, S.Pd.?" in text_of(question)
    assert not Signature.objects.exists()
    page = as_officer.post(address, follow=True)

    assert "Tanda tangan basah Siti Aminah, S.Pd. sudah dicatat." in text_of(page)
    assert Signature.objects.get().method == "paper"


def test_nobody_is_filed_whom_the_officer_does_not_care_for(as_officer: Client, unreadable: Scan):
    budi = someone(unreadable.event, BUDI)

    assert (
        as_officer.post(at(unreadable.event, f"/{unreadable.pk}/catat/{budi.pk}")).status_code
        == 404
    )
    assert not Signature.objects.exists()


def test_filing_what_cannot_be_filed_says_why(as_officer: Client, unreadable: Scan, siti):
    cast.sign(siti)

    page = as_officer.post(at(unreadable.event, f"/{unreadable.pk}/catat/{siti.pk}"), follow=True)

    assert "Orang ini sudah menandatangani" in text_of(page)
    unreadable.refresh_from_db()
    assert unreadable.state == State.TRAY


def choose(client: Client, scan: Scan, person: Signatory) -> str:
    """What the officer is told."""
    return text_of(client.post(at(scan.event, f"/{scan.pk}/catat/{person.pk}"), follow=True))


def test_a_photo_without_a_code_that_was_refused_for_now_can_be_chosen_for_again(
    as_officer: Client, unreadable: Scan, siti
):
    event = events.close(siti.event, by=None)
    told = choose(as_officer, unreadable, siti)
    assert "Pilih orangnya lagi bila acara sudah dibuka." in told
    assert "Kode QR menunjukkan" not in told
    events.reopen(event, by=None)
    work_through(event)

    page = as_officer.get(at(event, f"/{unreadable.pk}"))
    assert siti in page.context["candidates"]
    assert "Tidak ada kode QR lembar pakta yang terbaca" in text_of(page)
    told = choose(as_officer, unreadable, siti)

    assert "Tanda tangan basah Siti Aminah, S.Pd. sudah dicatat." in told


def test_before_the_wave_a_choice_is_refused_for_now_and_can_be_made_again(
    as_officer: Client, city: City
):
    event = cast.make_draft(city)
    waves.define(event, [waves.Definition("Semua")], by=None)
    event = events.publish(event, by=None)
    siti = someone(event)
    send(as_officer, event, jpeg(without_code(photograph(siti))))
    work_through(event)
    scan = event.scans.get()

    assert "Gelombang orang ini belum dibuka." in choose(as_officer, scan, siti)
    waves.open_next(event, 1, by=None)

    assert "sudah dicatat" in choose(as_officer, scan, siti)


def test_choosing_somebody_who_has_signed_leaves_the_choice_open(
    as_officer: Client, unreadable: Scan, siti
):
    cast.sign(siti)

    told = choose(as_officer, unreadable, siti)
    assert "Bila lembar ini milik orang lain, pilih orang itu" in told
    assert "Kode QR menunjukkan" not in told
    agus = someone(siti.event, AGUS)

    assert f"Tanda tangan basah {agus.name} sudah dicatat." in choose(as_officer, unreadable, agus)


def test_discarding_asks_first_and_then_deletes(as_officer: Client, unreadable: Scan):
    address = at(unreadable.event, f"/{unreadable.pk}/buang")

    assert "Buang foto ini?" in text_of(as_officer.get(address))
    page = as_officer.post(address, follow=True)

    assert "Foto dibuang." in text_of(page)
    assert "Belum ada foto" in text_of(page)
    assert as_officer.get(at(unreadable.event, f"/{unreadable.pk}")).status_code == 404


def test_a_photograph_that_nobody_reads_says_so_and_may_be_discarded(
    as_officer: Client, siti, photo: bytes
):
    send(as_officer, siti.event, photo)
    scan = Scan.objects.get()
    assert "belum selesai dibaca" in text_of(as_officer.get(at(siti.event, f"/{scan.pk}")))
    Scan.objects.update(uploaded_at=timezone.now() - timedelta(minutes=5))

    tray = as_officer.get(at(siti.event))
    page = as_officer.get(at(siti.event, f"/{scan.pk}"))

    assert f'href="{at(siti.event, f"/{scan.pk}")}"' in tray.content.decode()
    assert "Sesudah beberapa menit foto ini belum dibaca." in text_of(page)
    assert "Sedang dibaca" not in text_of(page)
    page = as_officer.post(at(siti.event, f"/{scan.pk}/buang"), follow=True)
    assert "Foto dibuang." in text_of(page)


def test_what_was_filed_is_not_discarded(as_officer: Client, siti, photo: bytes):
    send(as_officer, siti.event, photo)
    work_through(siti.event)

    page = as_officer.post(at(siti.event, f"/{Scan.objects.get().pk}/buang"), follow=True)

    assert "sudah dicatat" in text_of(page)


def test_a_closed_event_takes_photographs_and_says_that_they_wait(
    as_officer: Client, siti, photo: bytes
):
    event = events.close(siti.event, by=None)
    send(as_officer, event, photo)
    work_through(event)

    page = as_officer.get(at(event, f"/{Scan.objects.get().pk}"))

    assert "dicatat bila acara dibuka lagi" in text_of(page)
    assert "Siti Aminah" in text_of(page)


def test_reopening_wakes_the_background_up(
    as_admin: Client, siti, admin: User, photo: bytes, django_capture_on_commit_callbacks
):
    event = events.close(siti.event, by=None)

    with django_capture_on_commit_callbacks(execute=True):
        as_admin.post(f"/kelola/acara/{event.code}/buka-lagi")

    [task] = DBTaskResult.objects.filter(task_path__endswith="work_through_scans")
    assert task.args_kwargs["args"] == [event.pk]


def test_a_draft_takes_none(as_admin: Client, draft_event: Event):
    page = send(as_admin, draft_event, b"\xff\xd8\xff")

    assert "belum diterbitkan" in text_of(page)
    assert not Scan.objects.exists()


def test_the_name_behind_a_code_is_shown_to_those_alone_who_care_for_the_person(
    as_officer: Client, open_event: Event, admin: User
):
    send(as_officer, open_event, jpeg(photograph(someone(open_event, BUDI))))
    work_through(open_event)
    scan = Scan.objects.get()

    for page in (at(open_event), at(open_event, f"/{scan.pk}")):
        assert "di luar unit pengunggahnya" in text_of(as_officer.get(page))
        assert "Budi" not in text_of(as_officer.get(page))
    as_officer.force_login(admin)
    assert "Catat untuk Budi Santoso, S.K.M.…" in text_of(as_officer.get(page))


def test_another_officer_sees_only_sheets_of_the_own_people(
    client: Client, unreadable: Scan, city: City
):
    client.force_login(cast.make_user("klinik@contoh.example", (Role.OFFICER, city.clinic)))

    assert "Belum ada foto" in text_of(client.get(at(unreadable.event)))
    for rest in ("", ".jpg", "/buang"):
        assert client.get(at(unreadable.event, f"/{unreadable.pk}{rest}")).status_code == 404


@pytest.mark.parametrize(("who", "status"), [("overseer", 403), ("outsider", 404)])
def test_nobody_else_sees_the_tray_or_a_photograph(
    client: Client, unreadable: Scan, who: str, status: int, request
):
    client.force_login(request.getfixturevalue(who))
    for rest in ("", f"/{unreadable.pk}", f"/{unreadable.pk}.jpg"):
        assert client.get(at(unreadable.event, rest)).status_code == status


# ------------------------------------------------------------------ what others see of it


@pytest.fixture
def filed(as_officer: Client, siti: Signatory, photo: bytes) -> Signature:
    send(as_officer, siti.event, photo)
    work_through(siti.event)
    return Signature.objects.get()


def test_whoever_signed_on_paper_finds_the_receipt_and_signs_no_second_time(
    client: Client, filed: Signature, siti: Signatory, sealer
):
    issue(filed, sealer=sealer)
    page = client.get(f"/s/{identity.link_token(siti)}", follow=True)

    assert "Sudah ditandatangani" in text_of(page)
    assert "Tanda tangan basah di kertas, dicatat oleh petugas@contoh.example" in text_of(page)
    assert "Unduh PDF pindaian pakta" in text_of(page)


def test_by_its_code_a_scan_verifies_as_a_scan(client: Client, filed: Signature, sealer):
    issue(filed, sealer=sealer)

    page = text_of(client.get(f"/v/{filed.verification_code}"))

    assert "Pindaian tanda tangan basah" in page
    assert "goresan penanya sendiri tidak diperiksa sistem" in page
    assert "S••• A•••" in page
    assert "Siti" not in page


def test_by_its_file_a_scan_verifies_as_a_scan_until_one_byte_differs(
    client: Client, filed: Signature, sealer
):
    pdf = stored(issue(filed, sealer=sealer))
    changed = bytearray(pdf)
    changed[len(pdf) // 2] ^= 1

    def verdict(content: bytes) -> str:
        return text_of(client.post("/verifikasi", {"file": SimpleUploadedFile("p.pdf", content)}))

    assert "Pindaian tanda tangan basah, asli dan utuh" in verdict(pdf)
    assert "Berkas sudah diubah" in verdict(bytes(changed))


def test_a_voided_scan_verifies_as_void(client: Client, filed: Signature, sealer):
    issue(filed, sealer=sealer)
    signing.void(filed, reason="keliru", by=None)

    assert "Sudah dibatalkan" in text_of(client.get(f"/v/{filed.verification_code}"))


def test_the_persons_page_says_that_it_was_signed_on_paper_and_who_filed_it(
    as_officer: Client, filed: Signature, siti: Signatory
):
    page = text_of(as_officer.get(f"/kelola/acara/{siti.event.code}/orang/{siti.pk}"))

    assert "tanda tangan basah di kertas, dicatat oleh petugas@contoh.example" in page
