"""QR codes on photographs of sheets, good and bad; and files that are none."""

from __future__ import annotations

import io

import pikepdf
import pytest
from PIL import Image

from pledges.paper import codes, reading
from pledges.paper.reading import CannotRead, Fault
from tests import cast
from tests.cast import AGUS
from tests.photographs import (
    address_of,
    dim,
    jpeg,
    noisy,
    on_desk,
    pdf,
    photograph,
    png,
    printed,
    skewed,
    small,
    turned,
    without_code,
)

WAYS = {
    "straight": lambda picture: picture,
    "rotated by 5°": lambda picture: turned(picture, 5),
    "rotated by 37°": lambda picture: turned(picture, 37),
    "rotated by 90°": lambda picture: turned(picture, 90),
    "upside down": lambda picture: turned(picture, 180),
    "dim": dim,
    "skewed": skewed,
    "noisy": noisy,
    "small": small,
    "skewed, turned and dim": lambda picture: dim(turned(skewed(picture), 8)),
    "small, noisy and upside down": lambda picture: noisy(turned(small(picture, 1200), 180)),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_code_is_read_from_a_photograph_that_is(way, siti):
    [sheet] = reading.sheets(jpeg(way(photograph(siti))))

    assert sheet.codes == {address_of(siti)}


def test_png_and_every_page_of_a_pdf_are_read_too(open_event):
    people = [cast.someone(open_event), cast.someone(open_event, AGUS)]
    pages = [photograph(person) for person in people]

    [single] = reading.sheets(png(pages[0]))
    found = list(reading.sheets(pdf(pages)))

    assert single.codes == {address_of(people[0])}
    assert [sheet.codes for sheet in found] == [{address_of(person)} for person in people]


def test_two_sheets_on_one_photograph_are_both_seen(open_event):
    people = [cast.someone(open_event), cast.someone(open_event, AGUS)]
    both = on_desk(*(printed(person) for person in people))

    [sheet] = reading.sheets(jpeg(both))

    assert sheet.codes == set(map(address_of, people))


def test_a_photograph_without_a_code_has_none(siti):
    [sheet] = reading.sheets(jpeg(without_code(photograph(siti))))

    assert codes.tokens_in(sheet.codes) == set()


def test_what_is_kept_is_a_plain_jpeg_without_what_the_camera_wrote_beside_it(siti):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8825] = 6, "Contoh Kamera", {1: "S"}
    output = io.BytesIO()
    turned(photograph(siti), 90).save(output, "JPEG", exif=exif)

    [sheet] = reading.sheets(output.getvalue())

    with Image.open(io.BytesIO(sheet.jpeg)) as kept:
        assert kept.format == "JPEG"
        assert not kept.getexif()
        assert kept.height > kept.width  # turned as the camera had it
        assert max(kept.size) <= reading.KEPT_SIDE
    assert sheet.codes == {address_of(siti)}


def test_a_transparent_picture_stands_on_white(siti):
    clear = photograph(siti).convert("RGBA")
    clear.putalpha(255)
    clear.paste((0, 0, 0, 0), (0, 0, 60, 60))

    [sheet] = reading.sheets(png(clear))

    with Image.open(io.BytesIO(sheet.jpeg)) as kept:
        assert kept.convert("L").getpixel((20, 20)) > 245  # type: ignore[operator]


def a_bomb() -> bytes:
    """A PNG of a few kilobytes that would fill 600 MB."""
    output = io.BytesIO()
    Image.new("1", (20_000, 10_000)).save(output, "PNG")
    return output.getvalue()


def a_thin_bomb() -> bytes:
    """One line of pixels, of which none alone is many."""
    output = io.BytesIO()
    Image.new("1", (reading.MAX_SIDE + 1, 1)).save(output, "PNG")
    return output.getvalue()


def many_pages() -> bytes:
    return pdf([Image.new("L", (8, 8))] * (reading.MAX_PAGES + 1))


BAD = {
    "cut off": (lambda: jpeg(Image.new("RGB", (900, 900), "red"))[:400], Fault.BROKEN),
    "of a picture's name only": (lambda: reading.JPEG + b"nothing", Fault.BROKEN),
    "a broken PDF": (lambda: b"%PDF-1.7\nnothing", Fault.BROKEN),
    "a decompression bomb": (a_bomb, Fault.TOO_LARGE),
    "too long a line": (a_thin_bomb, Fault.TOO_LARGE),
    "a PDF of too many pages": (many_pages, Fault.TOO_LONG),
}


@pytest.mark.parametrize(("make", "problem"), BAD.values(), ids=BAD)
def test_refused_is_a_file_that_is(make, problem):
    with pytest.raises(CannotRead) as refused:
        list(reading.sheets(make()))

    assert refused.value.fault == problem


def test_a_pdf_locked_by_a_password_is_refused(siti):
    locked = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf([photograph(siti)]))) as document:
        document.save(locked, encryption=pikepdf.Encryption(owner="sandi", user="sandi"))

    with pytest.raises(CannotRead) as refused:
        list(reading.sheets(locked.getvalue()))

    assert refused.value.fault == Fault.BROKEN


def test_a_page_as_large_as_a_house_is_rendered_no_larger_than_it_is_read():
    document = pikepdf.new()
    document.add_blank_page(page_size=(14_400, 14_400))
    output = io.BytesIO()
    document.save(output)

    [sheet] = reading.sheets(output.getvalue())

    with Image.open(io.BytesIO(sheet.jpeg)) as kept:
        assert kept.size == (reading.KEPT_SIDE, reading.KEPT_SIDE)
