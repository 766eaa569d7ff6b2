import time

import pytest

from pledges import fonts


@pytest.mark.parametrize(
    "name",
    ["Siti Aminah, S.Pd.", "Ni Luh Putu Ayu, A.Md.Keb.", "Ma'ruf", "José Ñuño", "Đặng Ångström"],
)
def test_names_as_they_are_written_in_indonesia_can_be_printed(name):
    assert fonts.unsupported(name) == set()


def test_characters_that_the_font_lacks_are_named():
    assert fonts.unsupported("Siti 😀 Aminah 王, S.Pd.") == {"😀", "王"}


def test_a_letter_and_its_accent_are_one_character():
    assert fonts.unsupported("Jose\u0301") == set()


@pytest.mark.parametrize("stack", ["\u0300\u0316", "\uff9e\u0316"])
@pytest.mark.parametrize("form", ["NFC", "NFKC"])
def test_a_letter_under_a_million_accents_takes_no_time(stack, form):
    started = time.process_time()
    fonts.composed("a" + stack * 500_000, form)
    assert time.process_time() - started < 5


def test_no_accent_of_a_word_is_lost():
    assert fonts.composed("Jose\u0301 a\u0323\u0302") == "José ậ"
    assert fonts.composed("…" * 5) == "…" * 5


def test_line_breaks_are_not_printed_and_not_complained_about():
    assert fonts.unsupported("satu\r\ndua\ntiga") == set()


def test_a_tab_or_an_invisible_mark_is_complained_about():
    assert fonts.unsupported("Siti\tAminah\ufeff\x00") == {"\t", "\ufeff", "\x00"}


def test_the_font_is_shipped_whole_with_its_licence():
    folder = fonts.mono().parent

    assert all(path.stat().st_size > 300_000 for path in fonts.files().values())
    assert "SIL OPEN FONT LICENSE Version 1.1" in next(folder.glob("LICENSE*")).read_text()


def test_outlines_of_words_have_the_length_of_their_letters():
    one, length = fonts.outline("N")
    two, double = fonts.outline("NN")

    assert double == 2 * length == 2 * 1479
    assert two.startswith(one)
