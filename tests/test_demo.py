"""The demo data, loaded once for this file and rolled back after it."""

from collections import Counter
from io import StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone
from PIL import Image

from pledges import declaration, events, keys, nip, pact
from pledges.demo import rosters, turnout
from pledges.demo.sources import SOURCES
from pledges.models import (
    Agency,
    AuditEntry,
    Event,
    Excuse,
    Kind,
    Membership,
    Notice,
    Part,
    Signatory,
    Signature,
)
from pledges.roster.ranks import RANKS
from tests.real_events import POINTS
from tests.test_reports import assert_minutes_true, assert_recap_true


def load_demo() -> list[str]:
    output = StringIO()
    call_command("load_demo", stdout=output)
    return output.getvalue().splitlines()


@pytest.fixture(scope="module")
def printed(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_demo()
        transaction.set_rollback(True)


@pytest.fixture
def demo(printed, db) -> dict[str, Event]:
    return {event.code: event for event in Event.objects.filter(is_example=True)}


def people_of(event: Event) -> list[Signatory]:
    return list(event.signatories.owing().select_related("unit"))


def signed_part(event: Event) -> float:
    return event.signatories.signed().count() / event.signatories.owing().count()


@pytest.mark.parametrize(("code", "points"), POINTS.items(), ids=POINTS)
def test_the_points_stand_word_for_word_as_they_were_said(demo, code, points):
    (row,) = demo[code].pacts.filter(kind="individual")
    assert list(pact.of(row).points) == points


def test_the_five_events_are_the_real_ones(demo):
    assert {event.code: (str(event.agency), event.date.isoformat()) for event in demo.values()} == {
        "BDG729": ("Pemerintah Kota Bandung", "2024-07-29"),
        "KAB930": ("Pemerintah Kabupaten Bandung", "2024-09-30"),
        "BTG902": ("Pemerintah Kota Bitung", "2024-09-02"),
        "BKT926": ("Pemerintah Kota Bukittinggi", "2024-09-26"),
        "SKB729": ("Sekretariat Daerah Kota Sukabumi", "2024-07-29"),
    }
    assert demo["BDG729"].presiding_name == "Bambang Tirtoyuliono"
    assert demo["BTG902"].agency.timezone == "Asia/Makassar"
    assert demo["BKT926"].venue == ""


def test_the_joint_decree_is_cited_where_the_sources_cite_it(demo):
    citing = {
        code
        for code, event in demo.items()
        if "Nomor 1447.1/PM.01/K.1/09/2022" in "".join(event.pacts.first().legal_bases)
    }
    assert citing == {"KAB930", "SKB729"}


@pytest.mark.parametrize("code", POINTS)
def test_an_event_has_300_people_in_12_units_on_three_levels(demo, code):
    people = people_of(demo[code])
    units = {person.unit for person in people}
    assert len(people) >= 300
    assert len(units) >= 12
    assert {unit.depth for unit in units} == {2, 3}
    assert all(unit.path.startswith(demo[code].agency.path) for unit in units)


def test_one_event_is_signed_by_60_percent_one_is_closed_and_one_a_draft(demo):
    assert {code: event.state for code, event in demo.items()} == {
        "BDG729": "open",
        "KAB930": "open",
        "BTG902": "draft",
        "BKT926": "open",
        "SKB729": "closed",
    }
    assert {code: round(signed_part(event), 2) for code, event in demo.items()} == {
        "BDG729": 0.60,
        "KAB930": 0.05,
        "BTG902": 0,
        "BKT926": 0.30,
        "SKB729": 0.92,
    }


def test_some_units_are_done_some_have_not_begun_and_five_heads_are_missing(demo):
    event = demo["BDG729"]
    signed = set(event.signatories.signed().values_list("pk", flat=True))
    parts: dict[str, list[bool]] = {}
    for person in people_of(event):
        parts.setdefault(person.unit.path, []).append(person.pk in signed)
    assert sum(all(unit) for unit in parts.values()) >= 3
    assert sum(not any(unit) for unit in parts.values()) >= 3
    assert sum(not unit[0] for unit in parts.values()) == turnout.MISSING_HEADS == 5


def test_only_the_confirmation_of_the_nine_points_is_missing_from_the_draft(demo):
    (problem,) = events.problems(demo["BTG902"])
    assert "masih contoh susunan; ganti dengan naskah resmi" in problem


def test_nobody_signed_late_and_open_events_go_on(demo):
    assert not Signature.objects.filter(signatory__event__in=demo.values(), is_late=True).exists()
    assert all(event.deadline > timezone.now() for event in demo.values())


def test_every_event_and_every_signature_says_that_it_is_an_example(demo):
    assert len(demo) == 5
    assert all(pact.of(row).event.is_example for e in demo.values() for row in e.pacts.all())
    statements = Signature.objects.values_list("statement", flat=True)
    assert len(statements) > 600
    assert all('"is_example":true' in statement for statement in statements)


def test_no_official_who_is_named_in_a_source_is_on_a_roster(demo):
    officials = set().union(*(source.officials for source in SOURCES))
    assert officials == {
        "Adi Jundjunan Mustafa",
        "Bambang Tirtoyuliono",
        "Cakra Amiyana",
        "Dikky Achmad Sidik",
        "Hani Syopiar Rustam",
        "Rudi Theno",
        "Syam Zamiat Nursyamsi",
    }
    names = " | ".join(Signatory.objects.owing().values_list("name", flat=True))
    assert not [official for official in officials if official in names]


def test_officials_have_places_and_nobody_signs_for_them(demo):
    officials = Signatory.objects.filter(kind=Kind.OUTSIDE, part=Part.PRESIDING)
    assert dict(officials.values_list("event__code", "name")) == {
        "BDG729": "Bambang Tirtoyuliono",
        "KAB930": "Dikky Achmad Sidik",
        "BTG902": "Rudi Theno",
        "BKT926": "Hani Syopiar Rustam",
    }
    assert not Signature.objects.filter(signatory__kind=Kind.OUTSIDE).exists()


def places(event: Event) -> list[tuple[str, str, bool]]:
    return [
        (person.part, person.capacity or person.position, signature is not None)
        for person, signature in declaration.places(event)
    ]


def test_kota_bandung_has_its_seven_representatives_and_an_unsigned_place(demo):
    assert places(demo["BDG729"]) == [
        ("presiding", "Pj. Wali Kota Bandung", False),
        ("representative", "Kepala Badan Kesatuan Bangsa dan Politik", True),
        ("representative", "Sekretaris Dinas Kesehatan Kota Bandung", True),
        ("representative", "Ketua Paguyuban Camat", True),
        ("representative", "Ketua Paguyuban Lurah", True),
        ("representative", "Perwakilan Kepala Sekolah SD", True),
        ("representative", "Perwakilan Kepala Sekolah SMP", True),
        ("representative", "Perwakilan Pegawai Pemerintah dengan Perjanjian Kerja (PPPK)", True),
    ]
    assert declaration.current(demo["BDG729"]) is None


def test_kabupaten_bandung_has_kpu_and_bawaslu_as_witnesses(demo):
    assert places(demo["KAB930"])[1:] == [
        ("witness", "Ketua KPU Kabupaten Bandung", False),
        ("witness", "Perwakilan Bawaslu Kabupaten Bandung", False),
    ]
    names = demo["KAB930"].signatories.filter(part=Part.WITNESS).values_list("name", flat=True)
    assert all(name.startswith("Contoh Saksi") for name in names)


def test_kota_bitung_has_three_waves_and_forkopimda_as_witness(demo):
    assert [wave.name for wave in demo["BTG902"].waves.all()] == [
        "Sekretaris Daerah",
        "Pejabat eselon II dan III",
        "Semua pegawai, di unit kerja masing-masing",
    ]
    assert places(demo["BTG902"]) == [
        ("presiding", "Sekretaris Daerah Kota Bitung", False),
        ("witness", "Unsur Forkopimda Kota Bitung", False),
    ]
    leaders = demo["BTG902"].signatories.filter(wave=2)
    assert leaders.exists()
    assert all(person.echelon.startswith(("II.", "III.")) for person in leaders)


def test_kota_sukabumi_has_a_completed_declaration_with_a_non_asn_representative(demo):
    assert places(demo["SKB729"]) == [
        ("representative", "Perwakilan Pegawai ASN", True),
        ("representative", "Perwakilan Pegawai Non-ASN", True),
    ]
    assert declaration.current(demo["SKB729"]) is not None
    assert demo["SKB729"].signatories.filter(part=Part.REPRESENTATIVE, kind=Kind.NON_ASN).exists()


def test_every_nip_is_sound_and_agrees_with_its_holder(demo):
    people = Signatory.objects.exclude(nip=None).values_list("nip", "kind")
    assert len(people) > 1500
    for digits, kind in people:
        parsed = nip.parse_nip(digits or "")
        assert parsed.kind == kind
        assert nip.oddities(parsed) == []
        # No agency hands out so high a serial number: these are nobody's.
        assert int(parsed.digits[-3:]) > 900


def test_every_nik_is_sound_and_from_no_province(demo):
    ciphers = Signatory.objects.filter(kind=Kind.NON_ASN).values_list("nik_cipher", flat=True)
    assert len(ciphers) > 50
    for cipher in ciphers:
        nik = keys.decrypt_nik(cipher or "")
        assert nip.parse_nik(nik) == nik
        assert nip.nik_oddities(nik) == []
        assert nik.startswith("99")


def test_non_asn_are_only_where_the_source_has_them(demo):
    kinds = {
        code: Counter(event.signatories.values_list("kind", flat=True))
        for code, event in demo.items()
    }
    assert {code for code, counted in kinds.items() if Kind.NON_ASN in counted} == {
        "BKT926",
        "SKB729",
    }
    assert all(counted[Kind.PPPK] > 50 for counted in kinds.values())


def test_rank_fits_grade_and_grade_fits_kind(demo):
    for person in Signatory.objects.owing():
        assert person.rank == RANKS.get(person.grade, "")
        assert (person.grade in RANKS) == (person.kind == Kind.PNS)
        assert (person.grade == "") == (person.kind == Kind.NON_ASN)
        assert person.position


def test_nobody_can_be_reached(demo):
    contacts = Signatory.objects.values_list("email", "phone")
    assert all(email == "" or email.endswith(".contoh.example") for email, _ in contacts)
    assert not any(phone for _, phone in contacts)
    assert not Notice.objects.exists()


def test_names_are_unlike_each_other_within_an_event(demo):
    for event in demo.values():
        names = [person.name for person in people_of(event)]
        assert len(set(names)) == len(names)


def test_marks_are_drawn_and_some_are_typed(demo):
    kinds = Counter(
        mark.partition(":")[0] for mark in Signature.objects.values_list("mark", flat=True)
    )
    assert kinds["drawn"] > kinds["typed"] > 10


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.key)
def test_a_roster_is_the_same_at_every_call(source):
    assert rosters.rows(source) == rosters.rows(source)


def test_the_coats_of_arms_are_placeholders_of_their_own(demo):
    logos = {event.agency.logo for event in demo.values()}
    assert len(logos) == 5
    for logo in logos:
        with default_storage.open(logo) as file, Image.open(file) as image:
            assert image.size == (500, 600)


def test_the_command_prints_events_logins_and_counts(printed, demo):
    assert printed[0] == (
        "event BDG729 Apel Netralitas Pegawai ASN Pemerintah Kota Bandung pada Pilkada Serentak "
        "Tahun 2024"
    )
    assert [line.split()[1] for line in printed if line.startswith("event ")] == list(POINTS)
    assert printed[-3:] == ["events 5", "people 1633", "signatures 613"]


def test_every_login_that_is_printed_works(printed, demo, client: Client):
    lines = [line.split()[1:3] for line in printed if line.startswith("login ")]
    assert len(lines) == 9
    for email, password in lines:
        assert client.login(email=email, password=password)


def test_the_logins_cover_every_role(demo):
    held = {
        (m.user.email.partition("@")[0], m.role, m.agency.name)
        for m in Membership.objects.filter(user__email__endswith="@kota-bandung.contoh.example")
    }
    assert held == {
        ("admin", "admin", "Pemerintah Kota Bandung"),
        ("petugas", "officer", "Dinas Kesehatan"),
        ("pengawas", "overseer", "Pemerintah Kota Bandung"),
    }


def test_an_inspektorat_oversees_where_the_source_says_so(demo):
    role = Membership.objects.get(user__email="inspektorat@kabupaten-bandung.contoh.example")
    assert (role.role, role.agency) == ("overseer", demo["KAB930"].agency)


def test_a_second_load_changes_nothing_and_prints_the_same(printed, demo):
    def state():
        tables = (Agency, Event, Signatory, Signature, AuditEntry, Membership)
        return [list(model._default_manager.values()) for model in tables]

    before = state()
    assert load_demo() == printed
    assert state() == before


def test_every_total_of_recap_and_minutes_is_that_of_the_database_to_the_last_person(demo):
    taken = [event for event in demo.values() if not event.is_draft]
    for event in taken:
        for person in event.signatories.missing()[:7:2]:
            Excuse.objects.create(signatory=person, code=Excuse.Code.LEAVE, note="contoh")
        assert_recap_true(event, reveals_refusals=False)
        assert_minutes_true(events.close(event, by=None) if event.is_open else event)

    assert {event.code for event in taken} == {"BDG729", "KAB930", "BKT926", "SKB729"}
