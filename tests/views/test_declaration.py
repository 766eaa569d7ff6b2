"""The joint declaration, as organisers see, close, take and void it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from pledges import declaration, events
from pledges.documents.issue import issue
from pledges.models import AuditEntry, Declaration, Event, Part
from tests import cast
from tests.cast import BUDI, DEWI, SITI, City
from tests.pages import text_of
from tests.pdfs import words


@pytest.fixture
def ceremony(city: City) -> Event:
    return cast.make_open_ceremony(city)


def page(event: Event) -> str:
    return f"/kelola/acara/{event.code}/deklarasi"


def pdf(row: Declaration) -> str:
    return f"{page(row.event)}/{row.pk}.pdf"


def all_sign(event: Event, *but: str) -> None:
    for nip in {DEWI, SITI, BUDI}.difference(but):
        cast.sign(cast.someone(event, nip))
    cast.sign(cast.outsider_of(event))


def test_the_page_shows_each_place_in_order_with_who_has_signed(
    as_admin: Client, ceremony: Event
) -> None:
    cast.sign(cast.someone(ceremony, SITI))

    shown = text_of(as_admin.get(page(ceremony)))

    assert "1 dari 4 orang sudah menandatangani" in shown
    assert "Pimpinan acara Dr. Dewi Lestari, S.Pd., M.Pd. Kepala Dinas Belum" in shown
    assert "Perwakilan Siti Aminah, S.Pd. Perwakilan Kepala Sekolah SD Sudah" in shown
    assert "Saksi Contoh Saksi Ketua KPU Kota Contoh Belum" in shown
    assert shown.index("Dewi") < shown.index("Siti") < shown.index("Contoh Saksi")
    assert "Tutup deklarasi…" in shown
    assert cast.SITI not in shown


def test_before_anybody_has_signed_there_is_nothing_to_close(
    as_admin: Client, ceremony: Event
) -> None:
    assert "Tutup deklarasi" not in text_of(as_admin.get(page(ceremony)))


def test_closing_asks_with_the_names_of_those_whose_places_stay_blank(
    as_admin: Client, ceremony: Event
) -> None:
    all_sign(ceremony, DEWI, BUDI)

    question = text_of(as_admin.get(f"{page(ceremony)}/tutup"))

    assert "Tutup deklarasi bersama?" in question
    assert (
        "“tidak menandatangani”: Dr. Dewi Lestari, S.Pd., M.Pd.; Budi Santoso, S.K.M." in question
    )
    assert "Siti" not in question
    assert declaration.current(ceremony) is None


def test_closing_completes_it_and_says_so(as_admin: Client, ceremony: Event, admin: User) -> None:
    all_sign(ceremony, DEWI)

    shown = text_of(as_admin.post(f"{page(ceremony)}/tutup", follow=True))

    assert "Deklarasi bersama selesai" in shown
    assert "3 dari 4 orang menandatangani, lalu ditutup oleh admin" in shown
    assert "Tidak menandatangani" in shown
    completed = declaration.current(ceremony)
    assert completed
    assert completed.closed_by == admin


def test_closing_what_nobody_signed_is_refused_with_the_reason(
    as_admin: Client, ceremony: Event
) -> None:
    shown = text_of(as_admin.post(f"{page(ceremony)}/tutup", follow=True))

    assert "belum ada yang menandatanganinya" in shown


def test_closing_twice_is_refused_with_the_reason(as_admin: Client, ceremony: Event) -> None:
    all_sign(ceremony)

    shown = text_of(as_admin.post(f"{page(ceremony)}/tutup", follow=True))

    assert "sudah selesai" in shown
    assert Declaration.objects.count() == 1


def test_the_sealed_pdf_is_taken_and_every_download_is_logged(
    as_admin: Client, ceremony: Event, admin: User, sealer
) -> None:
    all_sign(ceremony)
    completed = Declaration.objects.get()
    assert "sedang disegel" in text_of(as_admin.get(page(ceremony)))
    issue(completed, sealer=sealer)

    response = as_admin.get(pdf(completed))

    content = response.getvalue()
    assert "Ketua KPU Kota Contoh" in words(content)
    assert int(response["Content-Length"]) == len(content)
    assert ceremony.code in response["Content-Disposition"]
    assert "Unduh deklarasi (PDF)" in text_of(as_admin.get(page(ceremony)))
    entry = AuditEntry.objects.get(action="export.declaration")
    assert (entry.actor, entry.target) == (f"user:{admin.pk}", f"declaration:{completed.pk}")


def test_taking_what_is_not_sealed_yet_leads_back_and_says_why(
    as_admin: Client, ceremony: Event
) -> None:
    all_sign(ceremony)

    shown = text_of(as_admin.get(pdf(Declaration.objects.get()), follow=True))

    assert "belum disegel" in shown


def test_voiding_needs_a_reason(as_admin: Client, ceremony: Event) -> None:
    all_sign(ceremony)
    address = f"{page(ceremony)}/{Declaration.objects.get().pk}/batalkan"

    assert "Batalkan deklarasi bersama ini?" in text_of(as_admin.get(address))
    response = as_admin.post(address, {"reason": " "})

    assert response.status_code == 422
    assert "Tulis alasannya" in text_of(response)
    assert declaration.current(ceremony) is not None


def test_a_voided_declaration_stays_on_the_page_with_reason_and_pdf(
    as_admin: Client, ceremony: Event, sealer
) -> None:
    all_sign(ceremony)
    completed = Declaration.objects.get()
    issue(completed, sealer=sealer)

    shown = text_of(
        as_admin.post(f"{pdf(completed)[:-4]}/batalkan", {"reason": "Salah naskah"}, follow=True)
    )

    assert "Deklarasi bersama dibatalkan." in shown
    assert ": Salah naskah · Unduh PDF" in shown
    assert "Semua sudah menandatangani, tetapi deklarasinya belum selesai" in shown
    assert as_admin.get(pdf(completed)).status_code == 200
    again = text_of(as_admin.post(f"{page(ceremony)}/tutup", follow=True))
    assert "4 dari 4 orang menandatangani." in again


def test_a_completed_declaration_shows_what_it_says_and_not_what_the_roster_says(
    as_admin: Client, ceremony: Event
) -> None:
    all_sign(ceremony)
    ceremony.signatories.filter(part=Part.WITNESS).update(name="Nama Baru")

    assert "Contoh Saksi" in text_of(as_admin.get(page(ceremony)))


def test_without_an_ikrar_the_page_leads_to_where_it_is_added(
    as_admin: Client, draft_event: Event
) -> None:
    response = as_admin.get(page(draft_event))

    assert "Tidak ada deklarasi bersama" in text_of(response)
    assert f"/kelola/acara/{draft_event.code}/peran" in response.content.decode()


def test_an_event_published_without_an_ikrar_says_that_it_has_no_declaration(
    as_admin: Client, open_event: Event
) -> None:
    assert "diterbitkan tanpa naskah ikrar" in text_of(as_admin.get(page(open_event)))


def test_an_ikrar_that_nobody_signs_is_read_aloud_only(as_admin: Client, city: City) -> None:
    event = cast.make_draft(city)
    cast.make_ikrar(event)
    event = events.publish(event, by=None)

    shown = text_of(as_admin.get(page(event)))

    assert "Ikrar ini akan dibacakan saja" in shown
    assert "Tentukan peran" in shown


def test_a_closed_event_says_that_places_are_blank(as_admin: Client, ceremony: Event) -> None:
    cast.sign(cast.someone(ceremony, SITI))
    events.close(ceremony, by=None)

    shown = text_of(as_admin.get(page(ceremony)))

    assert "Acara sudah ditutup sebelum semua menandatangani." in shown
    assert "Tutup deklarasi…" in shown


def test_an_overseer_sees_and_takes_it_and_changes_nothing(
    client: Client, overseer: User, ceremony: Event, sealer
) -> None:
    client.force_login(overseer)
    all_sign(ceremony)
    completed = Declaration.objects.get()
    issue(completed, sealer=sealer)

    shown = text_of(client.get(page(ceremony)))

    assert "Unduh deklarasi (PDF)" in shown
    assert "Batalkan" not in shown
    assert client.get(pdf(completed)).status_code == 200
    assert client.post(f"{page(ceremony)}/tutup").status_code == 403
    assert client.post(f"{pdf(completed)[:-4]}/batalkan", {"reason": "x"}).status_code == 403


def test_an_officer_of_one_unit_does_not_see_what_is_the_whole_events(
    as_officer: Client, ceremony: Event
) -> None:
    all_sign(ceremony)

    assert as_officer.get(page(ceremony)).status_code == 403
    assert as_officer.get(pdf(Declaration.objects.get())).status_code == 403


def test_outsiders_and_people_without_login_are_refused(
    client: Client, outsider: User, ceremony: Event
) -> None:
    assert client.get(page(ceremony))["Location"].startswith("/akun/masuk")
    client.force_login(outsider)
    assert client.get(page(ceremony)).status_code == 404
    assert client.post(f"{page(ceremony)}/tutup").status_code == 404


def test_a_declaration_of_another_event_is_not_found(
    as_admin: Client, ceremony: Event, city: City
) -> None:
    all_sign(ceremony)
    other = cast.make_open_ceremony(city)

    assert as_admin.get(f"{page(other)}/{Declaration.objects.get().pk}.pdf").status_code == 404
