"""An officer records that somebody need not sign this time."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from pledges import events, excuses
from pledges.models import Event, Excuse, Signatory
from tests import cast
from tests.cast import BUDI
from tests.pages import text_of

LEAVE = Excuse.Code.LEAVE


def at(person: Signatory, rest: str = "") -> str:
    return f"/kelola/acara/{person.event.code}/orang/{person.pk}{rest}"


def missing(event: Event) -> str:
    return f"/kelola/acara/{event.code}/progres/orang"


def test_the_officer_excuses_from_the_persons_page(as_officer: Client, siti: Signatory):
    assert "Catat berhalangan…" in text_of(as_officer.get(at(siti)))
    assert "Catat Siti Aminah, S.Pd. berhalangan" in text_of(as_officer.get(at(siti, "/halangan")))

    response = as_officer.post(
        at(siti, "/halangan"), {"code": "leave", "note": "Sampai akhir bulan"}, follow=True
    )

    assert response.redirect_chain == [(at(siti), 302)]
    shown = text_of(response)
    assert "Siti Aminah, S.Pd. dicatat berhalangan: Cuti." in shown
    assert "Berhalangan: Cuti" in shown
    assert "Sampai akhir bulan" in shown


def test_the_officer_excuses_from_the_list_of_the_missing_and_comes_back_to_it(
    as_officer: Client, siti: Signatory
):
    listed = as_officer.get(missing(siti.event)).content.decode()
    assert f'href="{at(siti)}/halangan?dari=daftar"' in listed

    response = as_officer.post(at(siti, "/halangan?dari=daftar"), {"code": "away"}, follow=True)

    assert response.redirect_chain == [(missing(siti.event), 302)]
    assert "Siti Aminah, S.Pd." not in [row[0].name for row in response.context["rows"]]
    excused = text_of(as_officer.get(missing(siti.event) + "?status=excused"))
    assert "Berhalangan: Dinas luar" in excused


def test_without_a_reason_or_with_another_nothing_is_recorded(as_officer: Client, siti: Signatory):
    for data in ({}, {"code": "holiday"}, {"code": "leave", "note": "x" * 301}):
        assert as_officer.post(at(siti, "/halangan"), data).status_code == 422
    response = as_officer.post(
        at(siti, "/halangan"), {"code": "leave", "note": f"NIK {cast.RAHMAT_NIK}"}
    )
    assert "Jangan tulis NIK" in text_of(response)
    assert not Excuse.objects.exists()


def test_the_second_officer_is_told_that_it_is_recorded_already(
    as_officer: Client, siti: Signatory
):
    excuses.record(siti, code=LEAVE, by=None)

    asked = text_of(as_officer.get(at(siti, "/halangan")))
    assert "Sudah dicatat berhalangan: Cuti." in asked
    response = as_officer.post(at(siti, "/halangan"), {"code": "sick"}, follow=True)

    assert "sudah dicatat berhalangan: Cuti. Catatan itu tetap" in text_of(response)
    assert siti.excuses.get().code == "leave"


def test_the_officer_lifts_an_excuse(as_officer: Client, siti: Signatory):
    excuses.record(siti, code=LEAVE, by=None)
    assert "Cabut catatan berhalangan" in text_of(as_officer.get(at(siti)))

    response = as_officer.post(at(siti, "/halangan/cabut"), follow=True)

    assert "Catatan halangan Siti Aminah, S.Pd. dicabut." in text_of(response)
    assert excuses.standing(siti) is None


def test_who_has_signed_is_not_offered_for_excusing(as_officer: Client, siti: Signatory):
    cast.sign(siti)
    assert "Catat berhalangan" not in text_of(as_officer.get(at(siti)))
    listed = as_officer.get(missing(siti.event) + "?status=signed").content.decode()
    assert "/halangan" not in listed


def test_who_only_oversees_sees_the_reason_and_neither_the_note_nor_a_way_to_change_it(
    client: Client, overseer: User, siti: Signatory
):
    excuses.record(siti, code=LEAVE, note="Cuti melahirkan", by=None)
    client.force_login(overseer)

    shown = text_of(client.get(at(siti)))

    assert "Berhalangan Cuti, dicatat" in shown
    assert "melahirkan" not in shown
    assert "Cabut catatan" not in shown
    assert "/halangan" not in client.get(missing(siti.event)).content.decode()
    assert client.get(at(siti, "/halangan")).status_code == 403


def test_an_officer_excuses_nobody_of_another_unit(as_officer: Client, siti: Signatory):
    budi = cast.someone(siti.event, BUDI)
    assert as_officer.post(at(budi, "/halangan"), {"code": "leave"}).status_code == 404
    assert as_officer.post(at(budi, "/halangan/cabut")).status_code == 404


def test_outsiders_and_people_without_login_are_refused(
    client: Client, siti: Signatory, outsider: User
):
    for rest in ("/halangan", "/halangan/cabut"):
        assert client.post(at(siti, rest))["Location"].startswith("/akun/masuk")
    client.force_login(outsider)
    for rest in ("/halangan", "/halangan/cabut"):
        assert client.post(at(siti, rest), {"code": "leave"}).status_code == 404
    assert not Excuse.objects.exists()


@pytest.mark.parametrize("rest", ["/halangan", "/halangan/cabut"])
def test_once_the_event_is_closed_excuses_stay_as_they_are(
    as_officer: Client, siti: Signatory, rest: str
):
    excuses.record(siti, code=LEAVE, by=None)
    events.close(siti.event, by=None)

    assert "Cabut catatan" not in text_of(as_officer.get(at(siti)))
    response = as_officer.post(at(siti, rest), {"code": "sick"}, follow=True)

    assert "Acara sudah ditutup" in text_of(response)
    assert excuses.standing(siti)
