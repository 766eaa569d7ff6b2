from __future__ import annotations

import hashlib
import time
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pledges import marks
from pledges.marks import BadMark, Mark, TooComplex

EMPTY = "Bidang tanda tangan masih kosong. Gambarlah tanda tangan Anda."
UNREADABLE = "Gambar tanda tangan tidak terbaca. Hapus, lalu gambar lagi."
OUTSIDE = "Gambar tanda tangan keluar dari bidangnya. Hapus, lalu gambar lagi."
TOO_COMPLEX = "Gambar tanda tangan terlalu rumit. Hapus, lalu gambar lagi lebih sederhana."

points = st.tuples(st.integers(0, 1000), st.integers(0, 400))
strokes = st.lists(st.lists(points, min_size=1, max_size=40), min_size=1, max_size=10)


def path(*strokes: list[tuple[int, int]]) -> str:
    return "".join("M" + "L".join(f"{x} {y}" for x, y in stroke) for stroke in strokes)


def test_the_mark_of_a_scan_is_the_digest_of_its_picture():
    mark = marks.scanned("ab" * 32)

    assert marks.load(mark.stored) == mark
    assert mark.digest == "ab" * 32
    assert mark.strokes == ()


def test_a_drawing_is_its_path_and_its_strokes():
    mark = marks.drawn("M10 20L500 30M0 0L1000 400")
    assert mark == Mark("drawn", "M10 20L500 30M0 0L1000 400")
    assert mark.strokes == (((10, 20), (500, 30)), ((0, 0), (1000, 400)))


def test_a_mark_is_stored_with_its_kind_and_read_back():
    for mark in (marks.drawn("M10 20L500 30"), marks.typed("Siti: Aminah")):
        assert marks.load(mark.stored) == mark


def test_the_digest_covers_kind_and_data():
    assert marks.typed("Siti").digest == hashlib.sha256(b"typed:Siti").hexdigest()
    assert marks.drawn("M0 0L100 0").digest == hashlib.sha256(b"drawn:M0 0L100 0").hexdigest()


def test_a_typed_name_has_no_strokes():
    assert marks.typed("M0 0L100 0 ab").strokes == ()


@pytest.mark.parametrize("nothing", ["", "M5 5", "M5 5M6 6M7 7", "M0 0L49 0", "M3 3L3 3"])
def test_a_signature_with_no_strokes_is_refused(nothing: str):
    with pytest.raises(BadMark) as refused:
        marks.drawn(nothing)
    assert str(refused.value) == EMPTY


def test_a_twentieth_of_the_fields_width_is_a_signature():
    assert marks.drawn("M0 0L50 0").strokes == (((0, 0), (50, 0)),)


def test_a_dot_may_stand_beside_a_line():
    assert len(marks.drawn("M0 0L200 0M100 300").strokes) == 2


def test_a_signature_of_a_million_points_is_refused():
    with pytest.raises(TooComplex) as refused:
        marks.drawn("M0 0" + "L10 10L0 0" * 500_000)
    assert str(refused.value) == TOO_COMPLEX


def test_a_drawing_has_4000_points_at_most():
    assert marks.drawn("M0 0" + "L9 9L0 0" * 1999 + "L5 5")
    with pytest.raises(TooComplex):
        marks.drawn("M0 0" + "L9 9L0 0" * 2000)


@pytest.mark.parametrize(
    "garbage",
    [
        "hello",
        "M10 20 L500 30",
        "M10,20L500,30",
        "M10 20L500 30Z",
        "M1.5 20L500 30",
        "M-1 20L500 30",
        "M10 20L500",
        "L10 20L500 30",
        "M10 20C1 1 2 2 3 3",
        "M١٠ ٢٠L٥٠٠ ٣٠",
        "M10 20L500 30\n",
        "M10 20L500 30\x00",
        'M10 20L500 30"/><script>',
    ],
)
def test_only_the_strict_kind_of_path_is_read(garbage: str):
    with pytest.raises(BadMark) as refused:
        marks.drawn(garbage)
    assert str(refused.value) == UNREADABLE


@pytest.mark.parametrize("outside", ["M0 0L1001 0", "M0 0L1000 401", "M9999 0L0 0"])
def test_a_drawing_stays_inside_its_field(outside: str):
    with pytest.raises(BadMark) as refused:
        marks.drawn(outside)
    assert str(refused.value) == OUTSIDE


@given(strokes)
def test_every_path_of_the_strict_kind_keeps_its_points(drawing: list[list[tuple[int, int]]]):
    mark = Mark(Mark.DRAWN, path(*drawing))
    assert [list(stroke) for stroke in mark.strokes] == drawing


@given(st.text(max_size=200))
def test_any_text_is_a_drawing_or_refused(text: str):
    with suppress(BadMark):
        assert marks.drawn(text).data == text


@given(st.text(max_size=200))
def test_any_text_is_a_name_or_refused(text: str):
    with suppress(BadMark):
        name = marks.typed(text).data
        assert name.isprintable()
        assert len(name) <= 100


def test_a_typed_name_is_kept_with_single_spaces():
    assert marks.typed("  Siti   Aminah,\tS.Pd. ").data == "Siti Aminah, S.Pd."


def test_a_typed_name_is_kept_in_composed_characters():
    typed = unicodedata.normalize("NFD", "José")
    assert len(typed) == 5
    assert marks.typed(typed).data == "José"


@pytest.mark.parametrize("blank", ["", "   ", "-", "A", "1234", ". . ."])
def test_a_typed_name_has_letters(blank: str):
    with pytest.raises(BadMark, match=r"^Ketik nama lengkap Anda sebagai tanda tangan\.$"):
        marks.typed(blank)


def test_a_typed_name_has_100_letters_at_most():
    assert len(marks.typed("a" * 100).data) == 100
    with pytest.raises(BadMark, match=r"^Nama yang diketik paling panjang 100 huruf\.$"):
        marks.typed("a" * 101)


def test_a_typed_name_of_a_million_accents_is_refused_at_once():
    started = time.process_time()
    with pytest.raises(BadMark, match="paling panjang 100 huruf"):
        marks.typed("Siti" + "\u0300\u0316" * 250_000)
    assert time.process_time() - started < 1


def test_html_in_a_typed_name_is_nothing_but_characters():
    assert marks.typed("<b>Siti</b>").data == "<b>Siti</b>"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Siti 王", "“王”"), ("Siti 😀", "“😀”"), ("Si\x00ti", "U+0000"), ("Siti\u202e", "U+202E")],
)
def test_a_character_that_the_document_font_lacks_is_named(name: str, shown: str):
    with pytest.raises(BadMark) as refused:
        marks.typed(name)
    assert str(refused.value) == (
        f"Tanda {shown} tidak dapat dicetak pada pakta. Ketik nama Anda dengan huruf biasa."
    )
