import io
from concurrent.futures import ThreadPoolExecutor

import pikepdf
import pytest
from weasyprint.urls import FatalURLFetchingError

from pledges.documents import typesetting
from tests.pdfs import an_act, laid_out, words


@pytest.mark.parametrize(
    "html",
    [
        "<img alt='x' src='http://127.0.0.1:9/x.png'>",
        "<img alt='x' src='file:///etc/hostname'>",
        "<link rel='attachment' href='file:///etc/hostname'>",
        "<link rel='stylesheet' href='https://contoh.example/x.css'>",
        "<p style='background: url(file:///etc/hostname)'>x</p>",
        "<img alt='x' src='pakta:other'>",
    ],
)
def test_a_document_may_ask_for_nothing_that_was_not_handed_to_it(html):
    with pytest.raises(FatalURLFetchingError):
        typesetting.write_pdf(
            f"<html lang='id'><body>{html}</body></html>",
            stylesheet="pdf/pact.css",
            images={"qr": b"not asked for"},
        )


def test_documents_made_by_several_threads_at_once_are_each_the_right_one():
    names = [f"Orang Nomor{number} Contoh" for number in range(8)]

    def press(name: str) -> str:
        return words(laid_out(act=an_act(name=name)))

    with ThreadPoolExecutor(4) as threads:
        texts = list(threads.map(press, names))

    for name, text in zip(names, texts, strict=True):
        assert [other for other in names if other in text] == [name]


def test_fonts_come_from_the_project_and_are_embedded():
    pdf = laid_out()

    with pikepdf.open(io.BytesIO(pdf)) as document:
        fonts = [font for _, font in document.pages[0].Resources.Font.items()]
        names = {str(font.BaseFont).split("+")[1] for font in fonts}
        programs = ["/FontFile2" in font.DescendantFonts[0].FontDescriptor for font in fonts]

    assert names == {"Liberation-Sans", "Liberation-Sans-Bold"}
    assert all(programs)
