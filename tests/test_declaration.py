"""The joint declaration: complete with the last signature or when an admin closes it."""

from __future__ import annotations

import json

import pytest
from django.db import IntegrityError, transaction

from pledges import declaration, events, marks, pact, signing
from pledges.events import WrongState
from pledges.models import AuditEntry, Declaration, Event, Kind, Part, Signature
from tests import cast
from tests.cast import City
from tests.threads import at_once

NAMES = [
    "Dr. Dewi Lestari, S.Pd., M.Pd.",
    "Siti Aminah, S.Pd.",
    "Budi Santoso, S.K.M.",
    "Contoh Saksi",
]


@pytest.fixture
def ceremony(city: City) -> Event:
    return cast.make_open_ceremony(city)


def all_sign(event: Event, *but: str) -> None:
    for nip in (cast.DEWI, cast.SITI, cast.BUDI):
        if nip not in but:
            cast.sign(cast.someone(event, nip))
    if "outsider" not in but:
        cast.sign(cast.outsider_of(event))


def places_in(found: Declaration) -> list[dict[str, object]]:
    return json.loads(found.statement)["places"]  # type: ignore[no-any-return]


def test_presiding_official_representatives_and_witnesses_stand_in_order(ceremony):
    people = [person for person, _ in declaration.places(ceremony)]

    assert [person.name for person in people] == NAMES
    assert [person.part for person in people] == [
        Part.PRESIDING, Part.REPRESENTATIVE, Part.REPRESENTATIVE, Part.WITNESS,
    ]  # fmt: skip


def test_representatives_stand_in_the_order_they_were_given(ceremony):
    cast.give_part(cast.someone(ceremony, cast.SITI), Part.REPRESENTATIVE, sequence=9)

    names = [person.name for person, _ in declaration.places(ceremony)]

    assert names == [NAMES[0], NAMES[2], NAMES[1], NAMES[3]]


def test_it_is_complete_when_the_last_has_signed(ceremony):
    all_sign(ceremony, "outsider")
    assert declaration.current(ceremony) is None

    cast.sign(cast.outsider_of(ceremony))

    found = declaration.current(ceremony)
    assert found is not None
    assert found.closed_by is None
    assert [place["name"] for place in places_in(found)] == NAMES
    assert all(place["signature"] for place in places_in(found))


def test_its_statement_names_each_signature_by_the_digest_of_its_own_statement(ceremony):
    all_sign(ceremony)

    found = declaration.current(ceremony)
    assert found is not None
    given = Signature.objects.get(signatory=cast.outsider_of(ceremony))
    assert places_in(found)[3] == {
        "part": "witness",
        "capacity": "Ketua KPU Kota Contoh",
        "name": "Contoh Saksi",
        "position": "",
        "signature": {
            "verification_code": given.verification_code,
            "statement": pact.sha256(given.statement),
            "mark": given.mark_digest,
            "method": "personal_link",
            "signed_at": given.signed_at.isoformat(),
        },
    }
    assert json.loads(found.statement)["pact"]["digest"] == given.pact.digest
    assert json.loads(found.statement)["is_closed_early"] is False


def test_ikrar_and_pakta_are_two_texts_each_under_its_own_digest(ceremony):
    digests = {row.kind: row.digest for row in ceremony.pacts.all()}

    assert len(set(digests.values())) == 2
    assert "" not in digests.values()


def test_an_admin_closes_it_and_blank_places_are_named(ceremony, admin):
    all_sign(ceremony, cast.DEWI, "outsider")

    found = declaration.close(ceremony, by=admin)

    assert found.closed_by == admin
    assert [(p["name"], p["signature"] is None) for p in places_in(found)] == [
        (NAMES[0], True), (NAMES[1], False), (NAMES[2], False), (NAMES[3], True),
    ]  # fmt: skip
    assert json.loads(found.statement)["is_closed_early"] is True
    assert AuditEntry.objects.filter(action="declaration.complete").count() == 1


def test_an_admin_closes_it_after_the_event_was_closed(ceremony, admin):
    cast.sign(cast.someone(ceremony, cast.SITI))
    events.close(ceremony, by=admin)

    assert declaration.close(ceremony, by=admin).closed_by == admin


def test_one_that_nobody_signed_cannot_be_closed(ceremony, admin):
    with pytest.raises(declaration.NothingToClose, match="belum ada yang menandatanganinya"):
        declaration.close(ceremony, by=admin)


def test_a_completed_one_cannot_be_closed_again(ceremony, admin):
    all_sign(ceremony)

    with pytest.raises(WrongState, match="sudah selesai"):
        declaration.close(ceremony, by=admin)


def test_who_comes_after_it_was_closed_still_signs_the_own_pact(ceremony, admin):
    cast.sign(cast.someone(ceremony, cast.SITI))
    declaration.close(ceremony, by=admin)

    budi = cast.someone(ceremony, cast.BUDI)
    assert [row.kind for row in pact.texts_of(budi)] == ["individual"]
    assert cast.sign(budi).pact.kind == "individual"
    assert budi.signatures.count() == 1


def test_a_witness_who_comes_after_it_was_closed_is_told_so(ceremony, admin):
    ticket = cast.ticket_of(cast.outsider_of(ceremony))
    cast.sign(cast.someone(ceremony, cast.SITI))
    declaration.close(ceremony, by=admin)

    with pytest.raises(signing.CannotSign, match="sudah ditutup"):
        signing.sign(ticket, mark=marks.drawn(cast.DRAWING), consents=range(1, 41))


def test_who_has_no_part_is_not_asked_for_it(ceremony):
    agus = cast.someone(ceremony, cast.AGUS)

    assert [row.kind for row in pact.texts_of(agus)] == ["individual"]


def test_who_is_from_outside_is_asked_for_nothing_else(ceremony):
    witness = cast.outsider_of(ceremony)

    assert [row.kind for row in pact.texts_of(witness)] == ["declaration"]
    assert witness.kind == Kind.OUTSIDE


def test_voiding_a_signature_on_it_voids_it_and_it_completes_anew(ceremony, admin):
    all_sign(ceremony)
    first = declaration.current(ceremony)
    assert first is not None

    witness = cast.outsider_of(ceremony)
    signing.void(witness.signatures.get(), reason="Salah orang", by=admin)

    first.refresh_from_db()
    assert (first.voided_at is not None, first.void_reason) == (True, "Salah orang")
    assert declaration.current(ceremony) is None
    cast.sign(cast.outsider_of(ceremony))
    second = declaration.current(ceremony)
    assert second is not None
    assert second.verification_code != first.verification_code


def test_voiding_a_pact_leaves_it_as_it_is(ceremony, admin):
    all_sign(ceremony)
    siti = cast.someone(ceremony, cast.SITI)

    signing.void(siti.signatures.get(pact__kind="individual"), reason="Salah data", by=admin)

    assert declaration.current(ceremony) is not None


def test_a_voided_one_can_be_completed_with_the_signatures_that_stand(ceremony, admin):
    all_sign(ceremony, cast.DEWI)
    first = declaration.close(ceremony, by=admin)
    declaration.void(first, reason="Pimpinan datang", by=admin)

    cast.sign(cast.someone(ceremony, cast.DEWI))

    found = declaration.current(ceremony)
    assert found is not None
    assert all(place["signature"] for place in places_in(found))


def test_there_is_only_one_that_stands(ceremony, admin):
    all_sign(ceremony)
    found = declaration.current(ceremony)
    assert found is not None

    found.pk = None
    found.verification_code = "ANOTHER000000000"
    with pytest.raises(IntegrityError), transaction.atomic():
        found.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_the_last_two_who_sign_at_the_same_moment_complete_it_once():
    event = cast.make_open_ceremony(cast.make_city())
    all_sign(event, cast.DEWI, "outsider")
    people = [cast.someone(event, cast.DEWI), cast.outsider_of(event)]

    at_once([lambda person=person: cast.sign(person) for person in people])  # type: ignore[misc]

    found = Declaration.objects.get(event=event)
    assert all(place["signature"] for place in places_in(found))


def test_one_that_all_signed_and_was_voided_is_completed_and_not_called_closed_early(
    ceremony, admin
):
    all_sign(ceremony)
    first = declaration.current(ceremony)
    assert first is not None
    declaration.void(first, reason="Salah tempat", by=admin)

    second = declaration.close(ceremony, by=admin)

    assert json.loads(second.statement)["is_closed_early"] is False
    assert second.closed_by is None


def test_one_that_is_void_is_not_voided_again_and_takes_no_other_with_it(ceremony, admin):
    all_sign(ceremony)
    first = declaration.current(ceremony)
    assert first is not None
    declaration.void(first, reason="Salah tempat", by=admin)
    second = declaration.close(ceremony, by=admin)

    with pytest.raises(WrongState, match="sudah dibatalkan"):
        declaration.void(first, reason="Sekali lagi", by=admin)

    assert declaration.current(ceremony) == second
    assert list(declaration.voided(ceremony)) == [first]


def test_a_signature_knows_the_declaration_that_it_stands_on(ceremony, admin):
    pakta = cast.sign(cast.someone(ceremony, cast.SITI))
    given = pakta.signatory.signatures.get(pact__kind="declaration")
    assert declaration.naming(given) is None

    completed = declaration.close(ceremony, by=admin)

    assert declaration.naming(given) == completed
    declaration.void(completed, reason="Salah tempat", by=admin)
    assert declaration.naming(given) is None


def test_a_voided_signature_stands_on_the_declaration_that_was_voided_with_it(ceremony, admin):
    cast.sign(cast.someone(ceremony, cast.SITI))
    given = Signature.objects.get(pact__kind="declaration")
    completed = declaration.close(ceremony, by=admin)

    signing.void(given, reason="Salah orang", by=admin)

    given.refresh_from_db()
    assert declaration.naming(given) == completed
