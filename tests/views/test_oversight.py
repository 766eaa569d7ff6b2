"""Looking somebody up by NIP, taking evidence, and reading the audit log."""

from __future__ import annotations

import io
import zipfile

import pytest

from pledges.models import AuditEntry, Correction
from tests import cast
from tests.cast import BUDI, SITI
from tests.pages import text_of
from tests.test_downloads import sign_and_seal

LOOK_UP = "/kelola/pegawai"


@pytest.fixture
def as_overseer(client, overseer):
    client.force_login(overseer)
    return client


def evidence(person) -> str:
    return f"/kelola/acara/{person.event.code}/orang/{person.pk}/bukti.zip"


def trail(event) -> str:
    return f"/kelola/acara/{event.code}/catatan"


def looks(event) -> list[tuple[str, str, int]]:
    """At whole NIPs: who, at what, of how many."""
    entries = AuditEntry.objects.filter(action="number.look", event_id=event.pk)
    return [(each.actor, each.target, each.details["people"]) for each in entries]


# ------------------------------------------------------------------ looking up


def test_overseers_look_a_person_up_by_nip_across_the_events_of_their_subtree(
    as_overseer, city, open_event, sealer
):
    cast.make_open(city, title="Apel tahun lalu")
    sign_and_seal(open_event, sealer, SITI)

    response = as_overseer.post(LOOK_UP, {"nip": "19800101 200501 2 001"})

    words = text_of(response)
    assert "Ada di 2 acara" in words
    assert "Apel tahun lalu" in words
    assert "Dokumennya bersegel." in words
    assert "1980••••••••••2001" in words
    assert "Unduh bukti (ZIP)" in words
    assert AuditEntry.objects.filter(action="number.look_up").count() == 2


def test_nobody_is_found_by_a_piece_of_a_nip(as_overseer, open_event):
    for wrong in ("", "198001", "198001012005012", "Siti Aminah", "1980010120050120011"):
        response = as_overseer.post(LOOK_UP, {"nip": wrong})
        assert response.status_code == 422
        assert "Ada di" not in text_of(response)
    assert not AuditEntry.objects.filter(action="number.look_up").exists()


def test_who_is_not_there_is_told_so_and_the_look_is_recorded(as_overseer, open_event):
    response = as_overseer.post(LOOK_UP, {"nip": "198502022010011002"})

    assert "Tidak ditemukan" in text_of(response)
    assert AuditEntry.objects.get(action="number.look_up").details["events"] == 0


def test_officers_and_outsiders_look_nobody_up(client, officer, outsider, open_event):
    assert client.get(LOOK_UP).headers["Location"].startswith("/akun/masuk")
    client.force_login(officer)
    assert client.get(LOOK_UP).status_code == 403
    assert client.post(LOOK_UP, {"nip": SITI}).status_code == 403
    client.force_login(outsider)
    assert "Tidak ditemukan" in text_of(client.post(LOOK_UP, {"nip": SITI}))


def test_the_way_to_it_is_shown_to_those_who_oversee(client, overseer, officer, open_event):
    client.force_login(overseer)
    assert "Cari pegawai" in text_of(client.get("/kelola/"))
    client.force_login(officer)
    assert "Cari pegawai" not in text_of(client.get("/kelola/"))


# ------------------------------------------------------------------ evidence


def test_overseers_download_one_persons_evidence_in_one_zip(as_overseer, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)
    siti = cast.someone(open_event, SITI)

    response = as_overseer.get(evidence(siti))

    assert response["Content-Type"] == "application/zip"
    content = response.getvalue()
    assert int(response["Content-Length"]) == len(content)
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert [name.partition("/")[0] for name in names] == [
        "README.txt", "pernyataan", "dokumen", "naskah", "jejak-audit.csv",
    ]  # fmt: skip
    assert "Unduh bukti (ZIP)" in text_of(
        as_overseer.get(f"/kelola/acara/{open_event.code}/orang/{siti.pk}")
    )
    assert AuditEntry.objects.filter(action="export.evidence").count() == 1


def test_evidence_is_for_those_who_oversee_the_person(client, officer, outsider, siti):
    client.force_login(officer)
    assert client.get(evidence(siti)).status_code == 403
    client.force_login(outsider)
    assert client.get(evidence(siti)).status_code == 404


# ------------------------------------------------------------------ the audit log


def test_admins_read_the_audit_log_of_their_event_in_sentences(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)

    words = text_of(as_admin.get(trail(open_event)))

    assert "Siti Aminah, S.Pd. menandatangani" in words
    assert "Sistem menerbitkan acara" in words
    assert SITI not in words


def test_admins_filter_it_by_period_who_action_and_about_whom(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI, BUDI)

    def shown(query: str) -> str:
        response = as_admin.get(f"{trail(open_event)}?{query}")
        assert response.status_code == 200
        return text_of(response)

    assert "Budi Santoso" not in shown("mengenai=siti&tentang=signed")
    assert "menandatangani" not in shown("siapa=sistem-lain")
    assert "Tidak ada catatan yang cocok" in shown("sejak=2999-01-01")
    assert "menandatangani" in shown("sejak=kapan-saja&tentang=apa-saja&sebelum=x")


def test_a_long_log_is_turned_page_by_page(as_admin, open_event):
    for _ in range(60):
        as_admin.get(f"/kelola/acara/{open_event.code}/orang/{open_event.signatories.first().pk}")

    first = as_admin.get(trail(open_event))
    more = first.context["more"]
    second = as_admin.get(f"{trail(open_event)}?sebelum={more}")

    assert len(first.context["told"]) == 50
    assert len(second.context["told"]) == 11
    assert "Lebih lama" in text_of(first)
    assert "Kembali ke yang terbaru" in text_of(second)


def test_the_log_is_taken_as_csv_which_is_itself_recorded(as_admin, open_event, sealer):
    sign_and_seal(open_event, sealer, SITI)

    response = as_admin.get(f"{trail(open_event)}.csv?tentang=signed")

    assert (
        response.getvalue()
        .decode("utf-8-sig")
        .splitlines()[1]
        .endswith('"Siti Aminah, S.Pd.","menandatangani",""')
    )
    assert AuditEntry.objects.get(action="export.trail").details == {"entries": 1}


def test_nobody_but_admins_reads_it(client, officer, overseer, outsider, open_event):
    for user, status in ((officer, 403), (overseer, 403), (outsider, 404)):
        client.force_login(user)
        assert client.get(trail(open_event)).status_code == status
        assert client.get(f"{trail(open_event)}.csv").status_code == status


# ------------------------------------------------------------------ whole NIPs


def test_every_look_at_a_full_nip_is_in_the_audit_log_once_a_page(
    as_officer, officer, open_event, city
):
    siti = cast.someone(open_event, SITI)
    who = f"user:{officer.pk}"
    person = f"/kelola/acara/{open_event.code}/orang/{siti.pk}"

    assert SITI in text_of(as_officer.get(person))
    assert looks(open_event) == [(who, f"signatory:{siti.pk}", 1)]

    assert SITI in as_officer.get(f"{person}/ubah").content.decode()
    assert len(looks(open_event)) == 2

    for number in range(3):
        Correction.objects.create(
            event=open_event, unit=city.school, name="Baru", nip=f"19850202201001100{number}"
        )
    assert "198502022010011002" in text_of(
        as_officer.get(f"/kelola/acara/{open_event.code}/perbaikan")
    )
    assert looks(open_event)[2:] == [(who, f"event:{open_event.pk}", 3)]

    request = Correction.objects.latest("pk")
    address = f"/kelola/acara/{open_event.code}/perbaikan/{request.pk}/tambah"
    assert "198502022010011002" in as_officer.get(address).content.decode()
    assert looks(open_event)[3:] == [(who, f"correction:{request.pk}", 1)]


def test_the_page_that_changes_a_number_is_a_look_too(as_admin, open_event):
    siti = cast.someone(open_event, SITI)

    as_admin.get(f"/kelola/acara/{open_event.code}/orang/{siti.pk}/nomor")

    assert [target for _, target, _ in looks(open_event)] == [f"signatory:{siti.pk}"]


def test_a_page_that_shows_no_whole_nip_is_no_look(as_overseer, open_event):
    siti = cast.someone(open_event, SITI)
    rahmat = cast.someone(open_event, cast.RAHMAT_NIK)

    for person in (siti, rahmat):
        response = as_overseer.get(f"/kelola/acara/{open_event.code}/orang/{person.pk}")
        assert SITI not in text_of(response)
    as_overseer.get(f"/kelola/acara/{open_event.code}/progres/orang")

    assert looks(open_event) == []


def test_a_person_with_a_nik_has_no_number_that_is_looked_at(as_admin, rahmat):
    as_admin.get(f"/kelola/acara/{rahmat.event.code}/orang/{rahmat.pk}")

    assert looks(rahmat.event) == []
