import io
from concurrent.futures import ThreadPoolExecutor

from PIL import Image

from pledges.documents import press, preview
from tests import cast
from tests.pdfs import a_text


def test_every_page_becomes_a_picture_of_the_width_asked_for():
    pdf = press.preview(a_text(points=cast.POINTS * 5))

    pages = [Image.open(io.BytesIO(png)) for png in preview.pages_as_png(pdf, width=600)]

    assert [page.format for page in pages] == ["PNG", "PNG"]
    assert [page.width for page in pages] == [600, 600]
    assert all(848 <= page.height <= 850 for page in pages)
    assert all(0 in page.convert("L").get_flattened_data() for page in pages), "black on white"


def test_several_organisers_may_look_at_once():
    pdf = press.preview(a_text())
    once = preview.pages_as_png(pdf, width=300)

    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda _: preview.pages_as_png(pdf, width=300), range(12)))

    assert results == [once] * 12
