"""A pressed page is the page that WeasyPrint would have made of the same person."""

from __future__ import annotations

import random

import pypdfium2
import pytest
from PIL import Image, ImageChops

from pledges.documents import pact_form, press
from pledges.documents.pact_form import Act
from pledges.documents.seal import Sealer
from pledges.marks import Mark
from pledges.pact import Pact
from tests import cast, people
from tests.pdfs import a_text, in_order
from tests.real_events import POINTS

LONG_POINTS = (*POINTS["BTG902"], *POINTS["BTG902"], *cast.POINTS)[:20]
TEXTS = (
    a_text(),
    a_text(points=LONG_POINTS, title="Pakta Integritas Netralitas Pegawai ASN dan Non-ASN"),
    a_text(closing="", legal_bases=(), opening=cast.OPENING.replace("{pemilihan}", "Pilkada")),
)
# Of all pixels of a page; and of those of a field of a fiftieth of an inch… a third of an inch.
MOST, FIELD, MOST_OF_FIELD = 0.001, 50, 0.02


def pressed(text: Pact, act: Act, mark: Mark, sealer: Sealer) -> bytes:
    before = press.counted["pressed"]
    pdf = press.press(text, act, mark, sealer=sealer)
    assert press.counted["pressed"] == before + 1, "it was laid out as a whole"
    return pdf


def laid_out(text: Pact, act: Act, mark: Mark, sealer: Sealer) -> bytes:
    filled = pact_form.page_of(text, act, mark, certificate=sealer.certificate, watermark="")
    return pact_form.lay_out(text, filled, identifier=act.verification_code, watermark="")


def pages(pdf: bytes) -> list[Image.Image]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=150 / 72).to_pil().convert("L") for page in document]


def differ(one: Image.Image, other: Image.Image) -> bool:
    """Whether more than a thousandth of two pages differs, or a fiftieth of a field of them."""
    difference = ImageChops.difference(one, other).point(lambda value: 255 if value else 0)
    if one.size != other.size or _share(difference) > MOST:
        return True
    width, height = one.size
    return any(
        _share(difference.crop((x, y, x + FIELD, y + FIELD))) > MOST_OF_FIELD
        for x in range(0, width, FIELD)
        for y in range(0, height, FIELD)
    )


def _share(difference: Image.Image) -> float:
    return difference.histogram()[255] / (difference.width * difference.height)


def is_the_same(one: bytes, other: bytes) -> bool:
    """The same words in the same order, and the same picture."""
    first, second = pages(one), pages(other)
    return (
        in_order(one) == in_order(other)
        and len(first) == len(second)
        and not any(differ(*pair) for pair in zip(first, second, strict=True))
    )


@pytest.mark.parametrize("seed", range(10))
def test_the_pressed_page_is_the_laid_out_page_of_thirty_random_people(seed, sealer):
    chance = random.Random(seed)

    for number in range(30):
        text, act = chance.choice(TEXTS), people.act(chance, number)
        mark = people.mark(chance, act.name)
        pdf = pressed(text, act, mark, sealer)
        assert is_the_same(pdf, laid_out(text, act, mark, sealer)), (seed, number, act, mark.kind)
