"""Derived codes, and the encryption and lookup of NIK."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pledges import keys

NIK = "3273010505900001"


def test_codes_have_no_letters_that_look_like_digits():
    assert len(keys.ALPHABET) == 32
    assert not set(keys.ALPHABET) & set("ILOU")


@pytest.mark.parametrize(("bits", "length"), [(30, 6), (50, 10), (80, 16), (130, 26), (1, 1)])
def test_a_code_has_five_bits_in_each_character(bits, length):
    for code in (keys.random_code(bits), keys.derived("link", 1, bits=bits)):
        assert len(code) == length
        assert set(code) <= set(keys.ALPHABET)


def test_random_codes_differ():
    assert len({keys.random_code(80) for _ in range(200)}) == 200


def test_bytes_are_encoded_like_crockford_does():
    assert keys.encode(b"\x00" * 5) == "00000000"
    assert keys.encode(b"\xff" * 5) == "ZZZZZZZZ"
    assert keys.encode(bytes.fromhex("00443214c7")) == "01234567"


def test_a_derived_code_is_the_same_every_time_so_that_slips_can_be_printed_again():
    assert keys.derived("code", 7, 1, bits=50) == keys.derived("code", 7, 1, bits=50)


def test_a_derived_code_differs_by_purpose_person_and_generation():
    codes = {
        keys.derived("code", 7, 1, bits=50),
        keys.derived("link", 7, 1, bits=50),
        keys.derived("code", 8, 1, bits=50),
        keys.derived("code", 7, 2, bits=50),
        keys.derived("code", 71, bits=50),
        keys.derived("code", "7", "1", "", bits=50),
    }

    assert len(codes) == 6


def test_rotating_the_secret_key_leaves_slips_valid_and_rotating_the_codes_key_does_not(settings):
    code = keys.derived("code", 7, 1, bits=50)

    settings.SECRET_KEY = "another"
    assert keys.derived("code", 7, 1, bits=50) == code

    settings.CODES_KEY = "another"
    assert keys.derived("code", 7, 1, bits=50) != code


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("7K3QM-9ZTXA", "7K3QM9ZTXA"),
        (" 7k3qm 9ztxa\n", "7K3QM9ZTXA"),
        ("oOiIlL", "001111"),
        ("7K3QM–9ZTXA.", "7K3QM9ZTXA"),
        ("ü!", ""),
        ("", ""),
    ],
)
def test_case_spaces_hyphens_and_look_alikes_make_no_difference(typed, meant):
    assert keys.normalise(typed) == meant


@given(st.binary(max_size=40))
def test_a_code_read_aloud_and_typed_again_is_the_same(data):
    code = keys.encode(data)

    assert keys.normalise(code.lower().replace("0", "o").replace("1", "l")) == code


def test_two_secrets_are_compared_whatever_their_letters():
    assert keys.same("7K3Q", "7K3Q")
    assert not keys.same("7K3Q", "7K3R")
    assert not keys.same("7K3Q", "")
    assert not keys.same("7K3Q", "”é")


def test_a_nik_is_encrypted_differently_each_time_and_decrypted_whole():
    one, other = keys.encrypt_nik(NIK), keys.encrypt_nik(NIK)

    assert one != other
    assert NIK not in one
    assert keys.decrypt_nik(one) == keys.decrypt_nik(other) == NIK


def test_a_nik_encrypted_with_another_key_is_not_guessed(settings):
    cipher = keys.encrypt_nik(NIK)
    settings.NIK_KEY = "another"

    with pytest.raises(keys.WrongNikKey, match="NIK_KEY"):
        keys.decrypt_nik(cipher)


def test_an_altered_cipher_is_not_decrypted():
    cipher = keys.encrypt_nik(NIK)

    with pytest.raises(keys.WrongNikKey):
        keys.decrypt_nik(cipher[:-8] + "AAAAAAA=")


def test_a_nik_is_found_by_a_hash_that_needs_the_key(settings):
    found = keys.nik_hash(NIK)

    assert len(found) == 64
    assert keys.nik_hash(NIK) == found
    assert keys.nik_hash("3273010505900002") != found
    settings.NIK_KEY = "another"
    assert keys.nik_hash(NIK) != found


def test_derived_digits_keep_their_leading_zeros():
    codes = {keys.derived_digits("email-code", number, count=8) for number in range(300)}
    assert {len(code) for code in codes} == {8}
    assert len(codes) == 300
    assert any(code.startswith("0") for code in codes)


def test_derived_digits_need_the_key(settings):
    before = keys.derived_digits("email-code", 1, count=8)
    settings.CODES_KEY = "another key"
    assert keys.derived_digits("email-code", 1, count=8) != before
