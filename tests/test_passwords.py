from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import get_password_validators, validate_password
from django.core.exceptions import ValidationError

from pledges.passwords import WORDS


@pytest.mark.parametrize(
    "password",
    ["Netralitas2024!", "pakta-integritas", "ADMIN.kota.123", "pemkot#pilkada24", "Rahasia12345"],
)
def test_a_password_of_nothing_but_our_words_is_refused(password: str) -> None:
    with pytest.raises(ValidationError, match="mudah ditebak"):
        validate_password(password)


@pytest.mark.parametrize(
    "password", ["kuda netral makan baterai", "sandi-untuk-uji-2024", "19-daun-hijau", "x" * 200]
)
def test_other_words_beside_them_will_do_and_any_length_and_sign(password: str) -> None:
    validate_password(password)


@pytest.mark.parametrize("password", ["iloveyou123", "1234567890", "qwertyuiop"])
def test_what_many_chose_before_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)


def test_the_words_are_those_that_the_documentation_lists(settings) -> None:
    told = (settings.BASE_DIR / "docs" / "keamanan.md").read_text()

    assert [word for word in WORDS if word not in told] == []
    assert len(get_password_validators(settings.AUTH_PASSWORD_VALIDATORS)) == 4
