import math
import random
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw, ImageFont

from pledges import logos


def picture(size=(300, 400), *, mode="RGB", kind="PNG", **options) -> BytesIO:
    file = BytesIO()
    Image.new(mode, size).save(file, kind, **options)
    file.seek(0)
    return file


def stored(name: str) -> Image.Image:
    with logos.opened(name) as file:
        return Image.open(BytesIO(file.read()))


def refusal(file: BytesIO) -> str:
    with pytest.raises(logos.NotAnImage) as refused:
        logos.store(file)
    return str(refused.value)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_of_each_kind_is_kept_as_png(kind):
    image = stored(logos.store(picture(kind=kind)))
    assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (300, 400))


def test_a_large_picture_is_made_smaller_and_keeps_its_shape():
    assert stored(logos.store(picture((4000, 2000)))).size == (600, 300)


def test_a_picture_from_print_is_converted():
    assert stored(logos.store(picture(mode="CMYK", kind="JPEG"))).mode == "RGBA"


def test_metadata_such_as_a_place_is_dropped():
    exif = Image.Exif()
    exif[0x010E] = "rahasia"
    assert b"rahasia" in picture(kind="JPEG", exif=exif).getvalue()
    name = logos.store(picture(kind="JPEG", exif=exif))
    with default_storage.open(name) as file:
        assert b"rahasia" not in file.read()


def test_the_same_picture_is_kept_once():
    assert logos.store(picture()) == logos.store(picture())


@pytest.mark.parametrize(
    "content", [b"Nama;NIP\n", b"%PDF-1.7\n", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"]
)
def test_a_logo_that_is_no_image_is_refused(content):
    assert refusal(BytesIO(content)) == (
        "Berkas ini bukan gambar. Lambang harus berupa PNG, JPEG atau WebP."
    )


def test_an_empty_file_is_refused():
    assert refusal(BytesIO()) == "Berkas lambang kosong. Pilih gambar PNG, JPEG atau WebP."


def test_svg_is_refused_with_the_way_out():
    svg = b'<?xml version="1.0"?><SVG xmlns="http://www.w3.org/2000/svg"><script/></SVG>'
    assert "Simpan sebagai PNG" in refusal(BytesIO(svg))


def test_a_broken_picture_is_refused():
    whole = picture((300, 300), kind="JPEG").getvalue()
    assert "rusak" in refusal(BytesIO(whole[: len(whole) // 2]))


def test_a_file_of_more_than_two_megabytes_is_refused_without_reading_on():
    file = BytesIO(b"\0" * 50 * 1024 * 1024)
    assert "paling besar 2 MB" in refusal(file)
    assert file.tell() == 2 * 1024 * 1024 + 1


@pytest.mark.parametrize("size", [(4001, 10), (10, 4001), (20000, 20000)])
def test_a_picture_that_would_unpack_to_gigabytes_is_refused(size):
    assert "4000 × 4000" in refusal(picture(size, mode="1"))


def emblem() -> BytesIO:
    """As rich as coats of arms are: shading, an inscription, dozens of fine shapes."""
    image = Image.radial_gradient("L").resize((600, 600)).convert("RGBA")
    draw = ImageDraw.Draw(image)
    for number in range(48):
        at = math.tau * number / 48
        for reach, colour in ((250, "#d9a441"), (205, "#2f7d4f"), (120, "#a32a1e")):
            x, y = 300 + reach * math.cos(at), 300 + reach * math.sin(at)
            draw.ellipse((x - 16, y - 9, x + 16, y + 9), fill=colour, outline="#20170a")
    draw.rectangle((60, 470, 540, 540), fill="white", outline="black", width=4)
    draw.text((80, 478), "KOTA CONTOH JAYA", fill="#123f73", font=ImageFont.load_default(48))
    file = BytesIO()
    image.save(file, "PNG")
    file.seek(0)
    return file


def test_a_coat_of_arms_is_small_and_sharp_on_a_phone():
    small = logos.small(logos.store(emblem()))
    assert Image.open(BytesIO(small)).size == (144, 144)
    assert len(small) <= 8 * 1024


def test_a_picture_too_rich_to_be_small_gets_fewer_pixels():
    noise = Image.frombytes("RGBA", (600, 600), random.Random(1).randbytes(4 * 600 * 600))
    file = BytesIO()
    noise.save(file, "PNG")
    file.seek(0)
    small = logos.small(logos.store(file))
    assert Image.open(BytesIO(small)).width < 144
    assert len(small) <= 8 * 1024


def test_a_picture_with_broken_metadata_is_refused_in_words():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Contoh"  # turned, and a maker
    data = picture(kind="JPEG", exif=exif).getvalue()
    as_width = data.replace(b"\x01\x0f\x00\x02", b"\x01\x00\x00\x02").replace(
        b"\x0f\x01\x02\x00", b"\x00\x01\x02\x00"
    )
    assert as_width != data
    assert "rusak" in refusal(BytesIO(as_width))
