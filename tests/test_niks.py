"""NIK stored with one key and another: the rotation, and what is refused with a wrong key."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.test import Client

from pledges import fonts, identity, keys, niks, progress, verification
from pledges.keys import NikKey, WrongNikKey
from pledges.models import AuditEntry, Event, Import, ImportState, Kind, Signatory
from pledges.roster import enrol, imports
from pledges.roster.files import read_workbook
from pledges.roster.reading import read_rows
from tests import cast, spreadsheets
from tests.cast import RAHMAT_NIK
from tests.pages import text_of

OLD = NikKey("nik-key-of-the-tests")
NEW = "another-nik-key-of-the-tests"
ROSTER = (
    ("Nama", "NIP/NIK", "Jenis", "Unit Kerja"),
    ("Joko Contoh", "3273010505900002", "Non-ASN", "Dinas Contoh"),
    ("Ratna Contoh", "198001012005012009", "PNS", "Dinas Contoh"),
)


def people_with_nik(event: Event, count: int) -> list[str]:
    numbers = [f"32730105059{number:05}" for number in range(10, 10 + count)]
    Signatory.objects.bulk_create(
        Signatory(
            event=event, unit=event.agency, number=number, kind=Kind.NON_ASN, name="Orang",
            nik_cipher=keys.encrypt_nik(nik), nik_hash=keys.nik_hash(nik),
        )
        for number, nik in enumerate(numbers, start=100)
    )  # fmt: skip
    return numbers


def ciphers() -> dict[int, str | None]:
    rows = Signatory.objects.filter(nik_cipher__isnull=False)
    return dict(rows.values_list("pk", "nik_cipher"))


# Rotating


def test_after_a_rotation_every_nik_is_read_and_found_with_the_new_key(draft_event, settings):
    numbers = [RAHMAT_NIK, *people_with_nik(draft_event, 3)]
    settings.NIK_KEY = NEW

    assert niks.rotate(old=OLD) == niks.Tally(people=4)

    for nik in numbers:
        person = draft_event.signatories.get(nik_hash=keys.nik_hash(nik))
        assert keys.decrypt_nik(person.nik_cipher) == nik
        assert not OLD.opens(person.nik_cipher.encode())
    niks.require_key()
    assert AuditEntry.objects.get(action="nik.rotate").details == {"people": 4}


def test_a_second_rotation_changes_nothing(draft_event, settings):
    settings.NIK_KEY = NEW
    niks.rotate(old=OLD)
    before = ciphers()

    assert niks.rotate(old=OLD) == niks.Tally()
    assert ciphers() == before


def test_a_rotation_with_a_wrong_old_key_changes_nothing_and_says_so(draft_event, settings):
    people_with_nik(draft_event, 2)
    settings.NIK_KEY = NEW
    before = ciphers()

    assert niks.rotate(old=NikKey("neither")) == niks.Tally(unreadable=3)
    assert ciphers() == before


def test_somebody_enrolled_with_the_old_key_during_a_rotation_is_rotated_too(
    draft_event, settings, monkeypatch
):
    """By a process that nobody stopped."""
    monkeypatch.setattr(niks, "BATCH", 2)
    people_with_nik(draft_event, 4)
    settings.NIK_KEY = NEW
    rotate_people = niks._rotate_people
    late: list[object] = []

    def enrolled_meanwhile(*arguments):
        rotate_people(*arguments)
        if not late:
            settings.NIK_KEY = OLD.secret
            late.extend([enrolled_late(draft_event), uploaded(draft_event)])
            settings.NIK_KEY = NEW

    monkeypatch.setattr(niks, "_rotate_people", enrolled_meanwhile)

    assert niks.rotate(old=OLD) == niks.Tally(people=6, files=1)

    niks.require_key()
    assert all(NikKey(NEW).opens((cipher or "").encode()) for cipher in ciphers().values())


def enrolled_late(event: Event) -> Signatory:
    nik = "3273010505900777"
    return Signatory.objects.create(
        event=event, unit=event.agency, number=777, kind=Kind.NON_ASN, name="Terlambat",
        nik_cipher=keys.encrypt_nik(nik), nik_hash=keys.nik_hash(nik),
    )  # fmt: skip


def test_somebody_enrolled_with_the_old_key_after_a_rotation_is_found_out(draft_event, settings):
    settings.NIK_KEY = NEW
    niks.rotate(old=OLD)
    settings.NIK_KEY = OLD.secret
    enrolled_late(draft_event)
    settings.NIK_KEY = NEW

    with pytest.raises(WrongNikKey):
        niks.require_key()

    assert niks.rotate(old=OLD) == niks.Tally(people=1)
    niks.require_key()


def test_rows_without_a_nik_are_left_alone(draft_event, settings):
    before = set(Signatory.objects.filter(nik_cipher=None).values_list("pk", "nip", "nik_hash"))
    settings.NIK_KEY = NEW
    niks.rotate(old=OLD)

    assert (
        set(Signatory.objects.filter(nik_cipher=None).values_list("pk", "nip", "nik_hash"))
        == before
    )


def uploaded(event: Event) -> Import:
    file = ContentFile(spreadsheets.xlsx(ROSTER).read())
    return imports.upload(event, file, filename="daftar.xlsx", by=None)


def test_a_rotation_takes_the_files_of_unfinished_imports_along(draft_event, settings):
    imported = uploaded(draft_event)
    imports.advance(imported)
    imported.refresh_from_db()
    names = imported.file, imported.report
    settings.NIK_KEY = NEW

    assert niks.rotate(old=OLD).files == 2

    imported.refresh_from_db()
    assert imports.report_of(imported).reading.rows[0].name == "Joko Contoh"
    assert not any(default_storage.exists(name) for name in names)
    confirmed = imports.confirm(imported, skip_bad=False, by=None)
    imports.advance(confirmed)
    assert draft_event.signatories.filter(nik_hash=keys.nik_hash("3273010505900002")).exists()


def test_a_rotation_that_was_killed_between_two_files_leaves_none_behind(draft_event, settings):
    imported = uploaded(draft_event)
    settings.NIK_KEY = NEW
    default_storage.save(imported.file + ".r", ContentFile(b"half a file"))

    assert niks.rotate(old=OLD).files == 1

    imported.refresh_from_db()
    assert imported.file.endswith(".r")
    default_storage.save(imported.file.removesuffix(".r"), ContentFile(b"the old one"))
    assert niks.rotate(old=OLD).files == 0
    assert not default_storage.exists(imported.file.removesuffix(".r"))


# With a wrong key


@pytest.fixture
def wrong_key(open_event, settings):
    settings.NIK_KEY = NEW
    return open_event


def test_a_half_rotated_database_belongs_to_no_key_yet(draft_event, settings):
    people_with_nik(draft_event, 3)
    settings.NIK_KEY = NEW
    newest = Signatory.objects.filter(nik_cipher__isnull=False).order_by("-pk").first()
    niks._rotate_people([newest.pk], OLD, NikKey(NEW), niks.Tally())

    with pytest.raises(WrongNikKey):
        niks.require_key()
    settings.NIK_KEY = OLD.secret
    with pytest.raises(WrongNikKey):  # what would be enrolled with it could not be found later
        niks.require_key()
    settings.NIK_KEY = NEW
    niks.rotate(old=OLD)
    niks.require_key()


def rows(*lines):
    workbook = read_workbook(spreadsheets.xlsx(lines))
    return read_rows(workbook, unsupported_characters=fonts.unsupported).rows


def test_a_roster_with_the_wrong_key_is_refused_before_a_single_row_is_written(wrong_key):
    before = wrong_key.signatories.count()

    with pytest.raises(WrongNikKey):
        enrol.enrol(wrong_key, rows(*ROSTER), by=None)

    assert wrong_key.signatories.count() == before
    assert not AuditEntry.objects.filter(action="roster.enrol").exists()


def test_an_import_with_the_wrong_key_keeps_its_file_and_goes_on_with_the_right_one(
    open_event, settings
):
    imported = uploaded(open_event)
    settings.NIK_KEY = NEW
    imports.advance(imported)

    imported.refresh_from_db()
    assert imported.state == ImportState.READING
    assert "NIK_KEY" in imported.failure
    settings.NIK_KEY = OLD.secret
    imports.advance(imported)
    imported.refresh_from_db()
    assert (imported.state, imported.failure) == (ImportState.READ, "")


def test_a_confirmed_import_with_the_wrong_key_waits_for_a_decision_again(open_event, settings):
    imported = uploaded(open_event)
    imports.advance(imported)
    imported.refresh_from_db()
    imported = imports.confirm(imported, skip_bad=False, by=None)
    settings.NIK_KEY = NEW
    before = open_event.signatories.count()
    imports.advance(imported)

    imported.refresh_from_db()
    assert imported.state == ImportState.READ
    assert "NIK_KEY" in imported.failure
    assert open_event.signatories.count() == before


def test_the_command_that_imports_a_roster_refuses_with_the_wrong_key(wrong_key, tmp_path):
    file = tmp_path / "daftar.xlsx"
    file.write_bytes(spreadsheets.xlsx(ROSTER).read())

    with pytest.raises(CommandError, match="NIK_KEY"):
        call_command("import_roster", wrong_key.code, str(file))


def test_nobody_is_said_to_be_unknown_because_the_key_is_another(wrong_key):
    with pytest.raises(WrongNikKey):
        identity.find(wrong_key, RAHMAT_NIK)
    people = wrong_key.signatories.all()
    with pytest.raises(WrongNikKey):
        progress.search(people, in_care=people, text=RAHMAT_NIK)


def test_a_nik_is_not_said_to_be_wrong_because_the_key_is_another(open_event, rahmat, settings):
    signature = cast.sign(rahmat)
    settings.NIK_KEY = NEW

    with pytest.raises(WrongNikKey):
        verification.matches_identifier(signature, RAHMAT_NIK)


def test_who_has_a_nip_is_served_with_the_wrong_key_too(wrong_key):
    assert cast.sign(cast.someone(wrong_key)).verification_code


def test_pages_of_organisers_say_kindly_that_the_key_is_another(wrong_key, client: Client, admin):
    client.force_login(admin)
    response = client.get(f"/kelola/acara/{wrong_key.code}/daftar")

    assert response.status_code == 503
    assert "Data NIK sedang tidak dapat dibuka" in text_of(response)
    assert "Tidak ada yang hilang" in text_of(response)


def test_a_signers_page_says_kindly_that_the_key_is_another(
    open_event, rahmat, client: Client, settings
):
    address = f"/s/{identity.link_token(rahmat)}"
    settings.NIK_KEY = NEW
    response = client.get(address)

    assert response.status_code == 409
    assert "Data Anda sedang tidak dapat dibuka" in text_of(response)


# At the start


def test_the_check_at_the_start_refuses_a_wrong_key(wrong_key):
    with pytest.raises(SystemCheckError, match="NIK_KEY bukan kunci") as refused:
        call_command("check", databases=["default"])

    assert "rotate_nik_key" in str(refused.value)


@pytest.mark.django_db
def test_the_check_at_the_start_finds_nothing_wrong_with_the_right_key(open_event, capsys):
    call_command("check", databases=["default"])


@pytest.mark.django_db
def test_without_any_nik_every_key_is_right(settings):
    settings.NIK_KEY = NEW
    call_command("check", databases=["default"])
