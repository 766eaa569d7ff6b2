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
