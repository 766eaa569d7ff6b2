import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from pledges import marks
from pledges.documents import pictures


def test_a_qr_code_is_drawn_as_lines_without_paper():
    svg = pictures.qr("http://localhost:8000/v/K7Q2XFABCDEFGHJK").decode()

    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg" width="29" height="29">')
    assert svg.count("<path") == 1
    assert "fill" not in svg


def test_a_drawing_is_cut_to_its_strokes_with_room_for_the_pen():
    svg = pictures.drawing(marks.drawn("M100 50L900 50L900 350").strokes).decode()

    assert 'viewBox="93 43 814 314"' in svg
    assert 'd="M100 50L900 50L900 350"' in svg


def test_a_small_drawing_is_not_blown_up_beyond_twice_its_size():
    svg = pictures.drawing(marks.drawn("M480 200L540 200").strokes).decode()

    assert 'viewBox="253 93 514 214"' in svg


def test_a_dot_is_drawn_as_a_line_to_itself():
    svg = pictures.drawing(marks.drawn("M100 100L300 100M200 50").strokes).decode()

    assert "M200 50L200 50" in svg


@pytest.fixture
def logo():
    output = io.BytesIO()
    Image.new("RGBA", (600, 400), (0, 90, 0, 128)).save(output, "PNG")
    name = default_storage.save("logos/lambang.png", ContentFile(output.getvalue()))
    yield name
    default_storage.delete(name)


def test_a_coat_of_arms_is_made_small_and_put_on_white(logo):
    picture = Image.open(io.BytesIO(pictures.logo(logo)))

    assert picture.size == (192, 128)
    assert set(picture.convert("RGB").get_flattened_data()) == {(127, 172, 127)}


def test_a_watermark_is_made_of_outlines_that_no_reader_takes_for_text():
    svg = pictures.watermark("CONTOH – BUKAN DOKUMEN RESMI").decode()

    assert "<text" not in svg
    assert "CONTOH" not in svg
    assert svg.count("M") > 28
