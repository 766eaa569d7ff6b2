from __future__ import annotations

import pytest
from pytest_django import Settings

from pledges import envelopes
from pledges.envelopes import BadEnvelope, decode, encode, open_envelope
from tests.envelopes import seal, seal_bytes

ENTRY = {"ticket": "x", "typed": "Siti Aminah – é", "consents": ["1", "2"]}


def test_what_was_sealed_for_the_server_is_opened_by_it():
    assert open_envelope(seal(ENTRY)) == ENTRY


def test_two_envelopes_of_the_same_entry_have_nothing_in_common():
    one, other = seal_bytes(b"{}"), seal_bytes(b"{}")
    assert one[:65] != other[:65]
    assert one[65:77] != other[65:77]
    assert one[77:] != other[77:]


def test_the_public_key_is_an_uncompressed_point_and_the_same_in_every_process(
    settings: Settings,
):
    first = envelopes.public_key()
    assert len(decode(first)) == 65
    assert decode(first)[0] == 4
    assert envelopes.public_key() == first
    settings.SECRET_KEY = "rotated"
    assert envelopes.public_key() == first


def test_an_envelope_for_another_server_is_refused(settings: Settings):
    envelope = seal(ENTRY)
    settings.CODES_KEY = "another servers key"
    assert envelopes.public_key() != encode(seal_bytes(b"{}")[:65])
    with pytest.raises(BadEnvelope):
        open_envelope(envelope)


@pytest.mark.parametrize(
    ("part", "at"), [("point", 40), ("iv", 70), ("ciphertext", 80), ("tag", -1)]
)
def test_an_envelope_altered_in_any_part_is_refused(part: str, at: int):
    data = bytearray(seal_bytes(b'{"a": 1}'))
    data[at] ^= 1
    with pytest.raises(BadEnvelope):
        open_envelope(encode(bytes(data)))


def test_the_parts_of_two_envelopes_do_not_fit_together():
    one, other = seal_bytes(b'{"a": 1}'), seal_bytes(b'{"a": 2}')
    for mixed in (one[:65] + other[65:], one[:77] + other[77:]):
        with pytest.raises(BadEnvelope):
            open_envelope(encode(mixed))


def test_an_envelope_of_another_purpose_is_refused():
    with pytest.raises(BadEnvelope):
        open_envelope(encode(seal_bytes(b"{}", info=b"something else")))


@pytest.mark.parametrize(
    "garbage",
    ["", "A", "====", "é", "not one", "A" * 100_000, encode(bytes(65)), encode(b"\x04" * 99)],
)
def test_garbage_is_refused(garbage: str):
    with pytest.raises(BadEnvelope):
        open_envelope(garbage)


@pytest.mark.parametrize("length", [0, 64, 65, 76, 77, 92])
def test_an_envelope_cut_short_is_refused(length: int):
    with pytest.raises(BadEnvelope):
        open_envelope(encode(seal_bytes(b'{"a": 1}')[:length]))


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'"text"', b"3", b"null", b"{", b"\xff", b"[" * 90_000, b'{"a": "\\ud800"}'],
)
def test_content_that_is_no_json_object_is_refused(content: bytes):
    with pytest.raises(BadEnvelope):
        open_envelope(encode(seal_bytes(content)))


def test_a_point_that_is_not_on_the_curve_is_refused():
    data = seal_bytes(b"{}")
    with pytest.raises(BadEnvelope):
        open_envelope(encode(b"\x04" + bytes(64) + data[65:]))
