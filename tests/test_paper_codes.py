"""The code on a sheet: whose it is and of which text, and that it opens nothing."""

from __future__ import annotations

import pytest

from pledges import events, identity, keys, signing
from pledges.models import Signatory
from pledges.paper import codes
from tests import cast
from tests.photographs import address_of, text_of


@pytest.fixture
def token(siti: Signatory) -> str:
    return codes.token(siti, text_of(siti.event))


def test_a_code_names_the_person_and_the_text(siti, token):
    printed = codes.printed(token)

    assert printed
    assert printed.person == siti
    assert printed.is_of(text_of(siti.event))
    assert not printed.is_outdated(siti)


def test_the_address_in_a_code_is_found_among_whatever_else_was_read(siti, token):
    read = {"https://example.com/", "8992761123456", address_of(siti)}

    assert codes.tokens_in(read) == {token}


@pytest.mark.parametrize("at", [0, 12, -1])
def test_a_code_that_was_altered_anywhere_is_not_ours(siti, token, at):
    other = "9" if token[at] != "9" else "8"
    forged = token[:at] + other + token[at:][1:]

    assert codes.printed(forged) is None


@pytest.mark.parametrize("token", ["", "1", "1-2-3", "1-2-3-4", "x-y-z-q", "1-2-3-4-5", "9" * 300])
def test_what_is_no_code_at_all_is_not_ours(db, token):
    assert codes.printed(token) is None


def test_a_code_for_one_event_is_another_one_for_the_same_person_in_another(city, siti):
    there = cast.someone(cast.make_open(city))

    assert codes.token(there, text_of(there.event)) != codes.token(siti, text_of(siti.event))


def test_a_void_makes_the_sheets_printed_before_worthless(siti, token):
    signing.void(cast.sign(siti), reason="keliru", by=None)

    assert codes.printed(token).is_outdated(cast.someone(siti.event))


def test_another_number_makes_the_sheets_printed_before_worthless(siti, token):
    siti.nip = "198001012005012009"
    siti.save()

    assert codes.printed(token).is_outdated(siti)


def test_another_text_is_not_the_one_that_was_printed(siti, token):
    event = events.unpublish(siti.event, by=None)
    event.pacts.update(closing="Penutup yang lain.")
    event = events.publish(event, by=None)

    assert not codes.printed(token).is_of(text_of(event))


def test_a_sheets_code_is_no_personal_link_and_proves_nobody(siti, token):
    with pytest.raises(identity.UnknownLink):
        identity.by_link(token)
    proof = token.rpartition("-")[2]
    with pytest.raises(identity.UnknownLink):
        identity.by_link(f"{siti.pk}-{proof}")
    assert identity.link_token(siti).rpartition("-")[2] not in token
    assert len(proof) == keys.SECRET_BITS // 5
