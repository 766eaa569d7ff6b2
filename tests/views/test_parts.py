"""The pages on which people get their parts in the ceremony."""

from __future__ import annotations

import pytest
from django.test import Client

from pledges import ceremony, declaration, events
from pledges.models import Event, Kind, PactKind, Part
from tests import cast
from tests.cast import AGUS, BUDI, DEWI, SITI, City, someone
from tests.pages import text_of

GUEST = {
    "name": "Contoh Saksi Bawaslu, S.H.",
    "position": "Anggota Bawaslu Kota Contoh",
    "part": "witness",
    "capacity": "",
    "email": "",
    "phone": "0812 3456 7890",
}


def at(event: Event, rest: str = "") -> str:
    return f"/kelola/acara/{event.code}/{rest}"


def part_of(event: Event, nip: str) -> str:
    return at(event, f"orang/{someone(event, nip).pk}/peran")


@pytest.fixture
def draft(city: City) -> Event:
    return cast.make_ceremony(city)


@pytest.fixture
def opened(city: City) -> Event:
    return cast.make_open_ceremony(city)


def test_the_page_shows_who_has_which_part_in_order(as_admin: Client, opened: Event):
    cast.sign(someone(opened, SITI))
    page = text_of(as_admin.get(at(opened, "peran")))
    assert page.index("Dr. Dewi Lestari") < page.index("Siti Aminah") < page.index("Budi Santoso")
    assert page.index("Budi Santoso") < page.index("Contoh Saksi Di luar daftar")
    assert "Siti Aminah, S.Pd. Perwakilan Kepala Sekolah SD" in page
    assert page.count("Belum menandatangani ikrar") == 3
    assert page.count("Sudah menandatangani ikrar") == 1


def test_nobody_has_a_part_yet(as_admin: Client, city: City):
    event = cast.make_draft(city)
    cast.make_ikrar(event)
    page = text_of(as_admin.get(at(event, "peran")))
    assert "Belum ditentukan. Menurut data acara: Contoh Pimpinan , Sekretaris Daerah." in page
    assert "Belum ada. Cari namanya di kotak pencarian" in page
    form = as_admin.get(at(event, "peran/tamu?peran=presiding"))
    assert b'value="Contoh Pimpinan"' in form.content


def test_an_event_without_ikrar_is_offered_one(as_admin: Client, draft_event: Event):
    assert "belum mempunyai ikrar bersama" in text_of(as_admin.get(at(draft_event, "peran")))
    response = as_admin.post(at(draft_event, "naskah/ikrar"), follow=True)
    assert "Ikrar ditambahkan." in text_of(response)
    ikrar = draft_event.pacts.get(kind=PactKind.DECLARATION)
    assert ikrar.opening == (
        "Dalam rangka menyukseskan pelaksanaan Pilkada Serentak Tahun 2024 kami berikrar:"
    )
    response = as_admin.post(at(draft_event, "naskah/ikrar"), follow=True)
    assert "sudah mempunyai ikrar" in text_of(response)


def test_an_event_published_without_ikrar_offers_no_parts(as_admin: Client, open_event: Event):
    page = text_of(as_admin.get(at(open_event, "peran")))
    assert "diterbitkan tanpa ikrar bersama" in page
    assert "Beri peran" not in page


def test_somebody_is_found_and_given_a_part_in_a_capacity(as_admin: Client, draft: Event):
    found = as_admin.get(at(draft, "peran?q=penjaga"))
    assert [person.name for person in found.context["found"]] == ["Agus"]
    response = as_admin.post(
        part_of(draft, AGUS),
        {"part": "representative", "capacity": "Ketua Paguyuban Camat"},
        follow=True,
    )
    assert "Agus: perwakilan." in text_of(response)
    assert someone(draft, AGUS).capacity == "Ketua Paguyuban Camat"


def test_nobody_found_says_what_to_do(as_admin: Client, draft: Event):
    page = text_of(as_admin.get(at(draft, "peran?q=tidak-ada")))
    assert "Tidak ada yang cocok dalam daftar." in page


def test_the_search_shows_twenty_of_many_people(as_admin: Client, draft: Event, city: City):
    for n in range(25):
        cast.make_person(
            draft, unit=city.clinic, name=f"Pegawai {n:02}", nip=f"1990010120150110{n:02}"
        )
    page = as_admin.get(at(draft, "peran?q=pegawai"))
    assert len(page.context["found"]) == 20
    assert "20 yang pertama ditampilkan" in text_of(page)


def test_a_second_presiding_official_is_refused_with_the_name_of_the_first(
    as_admin: Client, draft: Event
):
    response = as_admin.post(part_of(draft, AGUS), {"part": "presiding", "capacity": ""})
    assert response.status_code == 422
    assert "Dr. Dewi Lestari, S.Pd., M.Pd. sudah dicatat sebagai pimpinan acara" in text_of(
        response
    )


@pytest.mark.parametrize(
    "wrong",
    [{"part": "ketua"}, {"part": "witness", "capacity": "x" * 201}, {"capacity": "Ketua"}],
)
def test_a_wrong_entry_is_explained(as_admin: Client, draft: Event, wrong: dict[str, str]):
    response = as_admin.post(part_of(draft, AGUS), wrong)
    assert response.status_code == 422
    assert "Belum disimpan." in text_of(response)
    assert someone(draft, AGUS).part == Part.SIGNER


def test_representatives_are_moved_with_plain_buttons(as_admin: Client, draft: Event):
    budi = someone(draft, BUDI)
    response = as_admin.post(f"{part_of(draft, BUDI)}/geser", {"arah": "naik"})
    assert response["Location"] == at(draft, f"peran#orang-{budi.pk}")
    names = [person.name.partition(",")[0] for person, _ in declaration.places(draft)]
    assert names == ["Dr. Dewi Lestari", "Budi Santoso", "Siti Aminah", "Contoh Saksi"]
    as_admin.post(f"{part_of(draft, BUDI)}/geser", {"arah": "turun"})
    assert declaration.places(draft)[1][0].nip == SITI


def test_a_part_is_taken_away_after_a_question(as_admin: Client, draft: Event):
    assert "Lepas peran Siti Aminah, S.Pd.?" in text_of(
        as_admin.get(f"{part_of(draft, SITI)}/lepas")
    )
    assert someone(draft, SITI).part == Part.REPRESENTATIVE
    as_admin.post(f"{part_of(draft, SITI)}/lepas")
    assert someone(draft, SITI).part == Part.SIGNER


def test_after_signing_the_ikrar_a_part_stays(as_admin: Client, opened: Event):
    cast.sign(someone(opened, SITI))
    page = as_admin.get(at(opened, "peran")).content.decode()
    assert f"/orang/{someone(opened, SITI).pk}/peran/lepas" not in page
    response = as_admin.post(f"{part_of(opened, SITI)}/lepas", follow=True)
    assert "sudah menandatangani ikrar bersama" in text_of(response)
    response = as_admin.post(part_of(opened, SITI), {"part": "witness", "capacity": ""})
    assert response.status_code == 422
    assert someone(opened, SITI).part == Part.REPRESENTATIVE


def test_a_completed_declaration_is_told_and_nothing_is_offered(as_admin: Client, opened: Event):
    for person, _ in declaration.places(opened):
        cast.sign(person)
    page = text_of(as_admin.get(at(opened, "peran")))
    assert "Deklarasi bersama selesai" in page
    assert "Tambah orang" not in page
    response = as_admin.post(at(opened, "peran/tamu"), GUEST)
    assert response.status_code == 422
    assert "batalkan dahulu deklarasinya" in text_of(response)


def test_after_closing_parts_stay_as_they_are(as_admin: Client, opened: Event):
    events.close(opened, by=None)
    assert "peran tidak dapat diubah lagi" in text_of(as_admin.get(at(opened, "peran")))
    as_admin.post(f"{part_of(opened, SITI)}/lepas")
    as_admin.post(f"{part_of(opened, BUDI)}/geser", {"arah": "naik"})
    assert someone(opened, SITI).part == Part.REPRESENTATIVE


# Guests


def test_a_guest_is_added_with_name_and_office(as_admin: Client, opened: Event):
    response = as_admin.post(at(opened, "peran/tamu"), GUEST, follow=True)
    assert "Contoh Saksi Bawaslu, S.H. ditambahkan." in text_of(response)
    guest = opened.signatories.get(name="Contoh Saksi Bawaslu, S.H.")
    assert (guest.kind, guest.part) == (Kind.OUTSIDE, Part.WITNESS)
    assert guest.phone == "+6281234567890"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("position", ""), ("part", "signer"), ("email", "kpu"), ("phone", "123"),
     ("name", "Saksi\U0001f600")],
)  # fmt: skip
def test_a_wrong_guest_is_explained_and_kept(
    as_admin: Client, opened: Event, field: str, value: str
):
    response = as_admin.post(at(opened, "peran/tamu"), GUEST | {field: value})
    assert response.status_code == 422
    assert "Belum disimpan." in text_of(response)
    assert b"Anggota Bawaslu Kota Contoh" in response.content or field == "position"
    assert opened.signatories.filter(kind=Kind.OUTSIDE).count() == 1


def test_a_guest_s_data_are_mended(as_admin: Client, opened: Event):
    guest = cast.outsider_of(opened)
    page = at(opened, f"orang/{guest.pk}/peran")
    assert b'value="Contoh Saksi"' in as_admin.get(page).content
    as_admin.post(page, GUEST)
    guest.refresh_from_db()
    assert (guest.name, guest.position) == (GUEST["name"], GUEST["position"])


def test_a_guest_s_page_offers_a_link_and_no_code(as_admin: Client, opened: Event):
    guest = cast.outsider_of(opened)
    page = text_of(as_admin.get(at(opened, f"orang/{guest.pk}")))
    assert "Tampilkan tautan" in page
    assert "kode" not in page.partition("Tautan pribadi")[2].partition("Tampilkan")[0]
    revealed = as_admin.post(at(opened, f"orang/{guest.pk}/kode"))
    assert b"/s/" in revealed.content
    assert "Kode pribadi" not in text_of(revealed)


def test_a_guest_is_withdrawn_after_a_question_and_restored(as_admin: Client, opened: Event):
    guest = cast.outsider_of(opened)
    response = as_admin.get(at(opened, f"orang/{guest.pk}/peran/lepas"))
    assert response["Location"] == at(opened, f"orang/{guest.pk}/keluarkan")
    as_admin.post(at(opened, f"orang/{guest.pk}/keluarkan"))
    page = text_of(as_admin.get(at(opened, "peran")))
    assert "Dikeluarkan Contoh Saksi" in page
    as_admin.post(at(opened, f"orang/{guest.pk}/pulihkan"))
    guest.refresh_from_db()
    assert guest.withdrawn_at is None


def test_restoring_beside_another_presiding_official_is_refused_kindly(
    as_admin: Client, opened: Event
):
    dewi = someone(opened, DEWI)
    as_admin.post(at(opened, f"orang/{dewi.pk}/keluarkan"))
    ceremony.give(someone(opened, AGUS), part=Part.PRESIDING, capacity="", by=None)
    response = as_admin.post(at(opened, f"orang/{dewi.pk}/pulihkan"), follow=True)
    assert "Agus sudah dicatat sebagai pimpinan acara" in text_of(response)


def test_a_person_s_page_tells_part_and_capacity(as_admin: Client, opened: Event):
    page = text_of(as_admin.get(at(opened, f"orang/{someone(opened, SITI).pk}")))
    assert "Peran Perwakilan, bertindak sebagai Perwakilan Kepala Sekolah SD" in page


@pytest.mark.parametrize(
    ("who", "status"), [("officer", 403), ("overseer", 403), ("outsider", 404)]
)
def test_nobody_else_gives_parts(
    client: Client, opened: Event, who: str, status: int, request: pytest.FixtureRequest
):
    client.force_login(request.getfixturevalue(who))
    pk = someone(opened, SITI).pk
    assert client.get(at(opened, "peran")).status_code == status
    assert client.get(at(opened, "peran/tamu")).status_code == status
    assert client.post(at(opened, "peran/tamu"), GUEST).status_code == status
    assert client.post(at(opened, "naskah/ikrar")).status_code == status
    assert client.post(at(opened, f"orang/{pk}/peran"), {"part": "signer"}).status_code == status
    assert client.post(at(opened, f"orang/{pk}/peran/geser")).status_code == status
    assert client.post(at(opened, f"orang/{pk}/peran/lepas")).status_code == status
    assert someone(opened, SITI).part == Part.REPRESENTATIVE
