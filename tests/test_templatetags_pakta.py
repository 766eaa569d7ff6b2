"""Times and digests as people read them."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest

from pledges.templatetags.pakta import day_in, fingerprint, moment

LATE_IN_THE_DAY = datetime.datetime(2024, 7, 29, 16, 59, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Asia/Jakarta", "29 Juli 2024 pukul 23.59 WIB"),
        ("Asia/Makassar", "30 Juli 2024 pukul 00.59 WITA"),
        ("Asia/Jayapura", "30 Juli 2024 pukul 01.59 WIT"),
    ],
)
def test_a_time_is_told_in_its_zone_and_names_it(zone, told):
    assert moment(LATE_IN_THE_DAY, ZoneInfo(zone)) == told


def test_a_day_is_the_day_of_the_zone():
    assert day_in(LATE_IN_THE_DAY, ZoneInfo("Asia/Jakarta")) == "29 Juli 2024"
    assert day_in(LATE_IN_THE_DAY, ZoneInfo("Asia/Jayapura")) == "30 Juli 2024"


def test_no_time_is_told_as_nothing():
    assert moment(None, ZoneInfo("Asia/Jakarta")) == ""
    assert day_in(None, ZoneInfo("Asia/Jakarta")) == ""


def test_a_fingerprint_is_shown_as_other_programs_show_it():
    assert fingerprint("9a1f03") == "9A:1F:03"
    assert fingerprint("ab" * 32) == ":".join(["AB"] * 32)
    assert fingerprint("") == ""
