"""Parts in the ceremony: given, taken, put in order; and guests, who are on no roster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from pledges import ceremony, declaration, events, identity, pact, progress
from pledges.ceremony import (
    DeclarationComplete,
    Guest,
    HasNoPart,
    HasSignedDeclaration,
    NoDeclaration,
    OnePresides,
)
from pledges.events import WrongState
from pledges.models import Audience, AuditEntry, Event, Kind, PactKind, Part, Signatory, Way
from pledges.roster import enrol
from tests import cast
from tests.cast import AGUS, BUDI, DEWI, RAHMAT_NIK, SITI, City, someone
from tests.threads import at_once

KPU = Guest("Contoh Saksi", "Ketua KPU Kota Contoh", Part.WITNESS, email="kpu@contoh.example")


@pytest.fixture
def draft(city: City) -> Event:
    return cast.make_ceremony(city)


@pytest.fixture
def ceremony_event(city: City) -> Event:
    return cast.make_open_ceremony(city)


def order(event: Event) -> list[str]:
    return [person.name.partition(",")[0] for person, _ in declaration.places(event)]


def give(person: Signatory, part: Part, capacity: str = "") -> None:
    ceremony.give(person, part=part, capacity=capacity, by=None)


def everybody_signs(event: Event) -> None:
    for person, _ in declaration.places(event):
        cast.sign(person)


# Giving and taking


def test_somebody_represents_others_in_a_capacity_and_comes_last(draft: Event, admin: User):
    agus = someone(draft, AGUS)
    ceremony.give(agus, part=Part.REPRESENTATIVE, capacity="Ketua Paguyuban Camat", by=admin)
    agus.refresh_from_db()
    assert (agus.part, agus.capacity) == (Part.REPRESENTATIVE, "Ketua Paguyuban Camat")
    assert order(draft)[:4] == ["Dr. Dewi Lestari", "Siti Aminah", "Budi Santoso", "Agus"]
    entry = AuditEntry.objects.get(action="ceremony.give")
    assert (entry.actor, entry.details) == (f"user:{admin.pk}", {"part": "representative"})


def test_a_part_that_is_taken_away_leaves_a_signer_without_capacity(draft: Event):
    give(someone(draft, SITI), Part.SIGNER, "Perwakilan")
    siti = someone(draft, SITI)
    assert (siti.part, siti.capacity, siti.sequence) == (Part.SIGNER, "", 0)
    assert "Siti Aminah" not in order(draft)


def test_another_capacity_keeps_the_place(draft: Event):
    give(someone(draft, SITI), Part.REPRESENTATIVE, "Ketua Paguyuban Lurah")
    assert someone(draft, SITI).capacity == "Ketua Paguyuban Lurah"
    assert order(draft)[1] == "Siti Aminah"


def test_only_one_presides(draft: Event):
    with pytest.raises(OnePresides, match=r"Dr\. Dewi Lestari, S\.Pd\., M\.Pd\. sudah dicatat"):
        give(someone(draft, AGUS), Part.PRESIDING)
    assert someone(draft, AGUS).part == Part.SIGNER
    give(someone(draft, DEWI), Part.PRESIDING, "Pembina apel")


def test_the_table_itself_lets_only_one_preside(draft: Event):
    with pytest.raises(IntegrityError), transaction.atomic():
        cast.give_part(someone(draft, AGUS), Part.PRESIDING)


def test_whoever_represents_signs_both_texts(ceremony_event: Event):
    give(someone(ceremony_event, AGUS), Part.REPRESENTATIVE, "Perwakilan")
    kinds = [row.kind for row in pact.texts_of(someone(ceremony_event, AGUS))]
    assert kinds == [PactKind.INDIVIDUAL, PactKind.DECLARATION]


def test_a_part_can_be_given_after_the_own_pact_was_signed(ceremony_event: Event):
    cast.sign(someone(ceremony_event, AGUS))
    give(someone(ceremony_event, AGUS), Part.REPRESENTATIVE, "Perwakilan")
    cast.sign(someone(ceremony_event, AGUS))
    assert someone(ceremony_event, AGUS).signatures.live().count() == 2


# What stays as it is


def test_the_part_of_somebody_who_signed_the_declaration_is_not_changed(ceremony_event: Event):
    cast.sign(someone(ceremony_event, SITI))
    for part in (Part.SIGNER, Part.WITNESS, Part.REPRESENTATIVE):
        with pytest.raises(HasSignedDeclaration, match="sudah menandatangani ikrar bersama"):
            give(someone(ceremony_event, SITI), part, "Lain")
    assert someone(ceremony_event, SITI).capacity == "Perwakilan Kepala Sekolah SD"


def test_after_the_declaration_was_completed_no_part_changes_until_it_is_voided(
    ceremony_event: Event,
):
    everybody_signs(ceremony_event)
    acts: list[Callable[[], object]] = [
        partial(give, someone(ceremony_event, AGUS), Part.WITNESS),
        partial(ceremony.add_guest, ceremony_event, KPU, by=None),
        partial(ceremony.move, someone(ceremony_event, SITI), places=1, by=None),
    ]
    for act in acts:
        with pytest.raises(DeclarationComplete, match="batalkan dahulu deklarasinya"):
            act()
    completed = declaration.current(ceremony_event)
    assert completed is not None
    declaration.void(completed, reason="Saksi keliru", by=None)
    give(someone(ceremony_event, AGUS), Part.WITNESS)


def test_after_closing_no_part_changes(ceremony_event: Event):
    events.close(ceremony_event, by=None)
    with pytest.raises(WrongState, match="sudah ditutup"):
        give(someone(ceremony_event, AGUS), Part.WITNESS)


def test_an_event_published_without_ikrar_has_no_parts_to_give(open_event: Event):
    with pytest.raises(NoDeclaration):
        give(someone(open_event, AGUS), Part.WITNESS)
    with pytest.raises(NoDeclaration):
        ceremony.add_guest(open_event, KPU, by=None)


def test_parts_without_an_ikrar_keep_a_draft_from_being_published(draft: Event):
    draft.pacts.get(kind=PactKind.DECLARATION).delete()
    (problem,) = events.problems(draft)
    assert problem.startswith("4 orang mempunyai peran")
    assert "belum ada ikrar bersama" in problem


# Order


def test_representatives_are_moved_one_by_one(draft: Event):
    give(someone(draft, AGUS), Part.REPRESENTATIVE)
    ceremony.move(someone(draft, AGUS), places=-1, by=None)
    assert order(draft)[1:4] == ["Siti Aminah", "Agus", "Budi Santoso"]
    ceremony.move(someone(draft, SITI), places=1, by=None)
    assert order(draft)[1:4] == ["Agus", "Siti Aminah", "Budi Santoso"]


def test_the_first_and_the_last_move_no_further(draft: Event):
    before = order(draft)
    ceremony.move(someone(draft, SITI), places=-1, by=None)
    ceremony.move(someone(draft, BUDI), places=1, by=None)
    assert order(draft) == before


def test_whoever_lost_the_part_meanwhile_is_not_moved(draft: Event):
    with pytest.raises(HasNoPart):
        ceremony.move(someone(draft, AGUS), places=1, by=None)


def test_two_who_are_to_preside_at_once_leave_one(transactional_db: None):
    city = cast.make_city()
    event = cast.make_draft(city)
    people = [someone(event, nip) for nip in (SITI, BUDI, DEWI, AGUS)]
    answers = at_once([partial(give, person, Part.PRESIDING) for person in people])
    assert sum(isinstance(answer, OnePresides) for answer in answers) == 3
    assert event.signatories.filter(part=Part.PRESIDING).count() == 1


# Guests


def test_a_guest_has_no_nip_and_belongs_to_the_event_s_agency(ceremony_event: Event, admin: User):
    guest = ceremony.add_guest(ceremony_event, KPU, by=admin)
    assert (guest.kind, guest.nip, guest.nik_hash) == (Kind.OUTSIDE, None, None)
    assert (guest.unit, guest.number) == (ceremony_event.agency, 7)
    assert (guest.position, guest.email) == ("Ketua KPU Kota Contoh", "kpu@contoh.example")
    assert AuditEntry.objects.get(action="ceremony.add_guest").actor == f"user:{admin.pk}"


def test_a_guest_signs_the_declaration_only_and_by_personal_link_only(ceremony_event: Event):
    Event.objects.filter(pk=ceremony_event.pk).update(ways=[Way.EMAIL])
    guest = ceremony.add_guest(ceremony_event, KPU, by=None)
    assert [row.kind for row in pact.texts_of(guest)] == [PactKind.DECLARATION]
    signature = cast.sign(guest)
    assert signature.pact.kind == PactKind.DECLARATION
    assert signature.method == identity.PERSONAL_LINK


def test_a_guest_is_never_missing(ceremony_event: Event):
    before = progress.tally(ceremony_event.signatories.all())
    guest = ceremony.add_guest(ceremony_event, KPU, by=None)
    everybody = ceremony_event.signatories.all()
    assert progress.tally(everybody) == before
    assert guest not in everybody.missing()
    assert sum(t.tally.total for t in progress.by_unit(everybody, top=ceremony_event.agency)) > 0
    missing = progress.search(everybody, in_care=everybody, status=progress.Status.MISSING)
    assert guest.pk not in missing.values_list("pk", flat=True)


def test_guests_alone_make_no_roster(city: City):
    event = cast.make_event(city.agency)
    cast.make_pact(event)
    cast.make_ikrar(event)
    ceremony.add_guest(event, KPU, by=None)
    assert events.problems(event) == ["Daftar penanda tangan masih kosong."]


def test_guests_ask_for_no_text_of_an_audience(city: City):
    event = cast.make_event(city.agency)
    cast.make_pact(event, audience=Audience.NON_ASN)
    cast.make_ikrar(event)
    cast.make_person(event, unit=city.clinic, name="Rahmat", nik=RAHMAT_NIK)
    ceremony.add_guest(event, KPU, by=None)
    assert events.problems(event) == []


def test_a_guest_may_preside(city: City):
    event = cast.make_draft(city)
    cast.make_ikrar(event)
    ceremony.add_guest(event, replace(KPU, part=Part.PRESIDING), by=None)
    assert order(event) == ["Contoh Saksi"]
    with pytest.raises(OnePresides):
        ceremony.add_guest(event, replace(KPU, part=Part.PRESIDING), by=None)


def test_a_guest_s_data_are_mended_until_they_have_signed(ceremony_event: Event):
    guest = cast.outsider_of(ceremony_event)
    ceremony.change_guest(guest, replace(KPU, name="Contoh Saksi Lain"), by=None)
    guest = cast.outsider_of(ceremony_event)
    assert (guest.name, guest.position) == ("Contoh Saksi Lain", "Ketua KPU Kota Contoh")
    cast.sign(guest)
    with pytest.raises(HasSignedDeclaration):
        ceremony.change_guest(guest, KPU, by=None)


def test_a_guest_is_withdrawn_and_restored(ceremony_event: Event):
    guest = cast.outsider_of(ceremony_event)
    enrol.withdraw(guest, by=None)
    assert "Contoh Saksi" not in order(ceremony_event)
    enrol.restore(guest, by=None)
    assert "Contoh Saksi" in order(ceremony_event)


def test_whoever_presided_is_not_restored_beside_another(ceremony_event: Event):
    dewi = someone(ceremony_event, DEWI)
    enrol.withdraw(dewi, by=None)
    give(someone(ceremony_event, AGUS), Part.PRESIDING)
    with pytest.raises(OnePresides, match="Agus sudah dicatat"):
        enrol.restore(dewi, by=None)


# Finding somebody


def test_people_are_found_by_name_position_and_nip(draft: Event):
    def found(text: str) -> list[str]:
        return [p.name for p in ceremony.candidates(draft.signatories.all(), text)]

    assert found("aminah") == ["Siti Aminah, S.Pd."]
    assert found("  kepala   dinas ") == ["Dr. Dewi Lestari, S.Pd., M.Pd."]
    assert found("19800101 200501 2 001") == ["Siti Aminah, S.Pd."]
    assert found("Contoh Saksi") == []
