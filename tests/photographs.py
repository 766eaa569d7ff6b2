"""Sheets as they come back: signed with a pen and photographed, well or badly."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence

import pypdfium2
from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from pledges import access
from pledges.models import Event, Signatory
from pledges.paper import codes, scans, sheets

DESK = (150, 140, 128)


def printed(person: Signatory, *, width: int = 1400) -> Image.Image:
    """The sheet of somebody who has not signed, as it comes out of the printer."""
    return pages_of(sheets.print_one(person, by=None), width=width)[0]


def pages_of(pdf: bytes, *, width: int) -> list[Image.Image]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=width / page.get_width()).to_pil() for page in document]


def photograph(person: Signatory, *, ink: int = 0) -> Image.Image:
    """The signed sheet on a desk; another `ink` is another photograph of it."""
    paper = printed(person)
    pen = ImageDraw.Draw(paper)
    x, y = paper.width * 0.62, paper.height * 0.8
    strokes = random.Random(f"{person.pk} {ink}")
    points = [(x + strokes.random() * 260, y - strokes.random() * 110) for _ in range(9)]
    pen.line(points, fill=(20, 40, 120), width=4, joint="curve")
    return on_desk(paper)


def on_desk(*papers: Image.Image, margin: int = 90) -> Image.Image:
    """Side by side."""
    width = sum(paper.width + margin for paper in papers) + margin
    height = max(paper.height for paper in papers) + 2 * margin
    desk = Image.new("RGB", (width, height), DESK)
    left = margin
    for paper in papers:
        desk.paste(paper, (left, margin))
        left += paper.width + margin
    return desk


def turned(picture: Image.Image, degrees: float) -> Image.Image:
    return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=DESK)


def skewed(picture: Image.Image, share: float = 0.16) -> Image.Image:
    """Photographed from the lower left: what is far away is smaller."""
    width, height = picture.size
    corners = (
        *(-share * width, -share * height / 2),
        *(-share * width / 4, height * (1 + share / 3)),
        *(width * (1 + share / 6), height * (1 + share)),
        *(width * (1 + share), -share * height),
    )
    return picture.transform(
        picture.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=DESK
    )


def dim(picture: Image.Image) -> Image.Image:
    """By the light of a lamp at the left: little contrast, and a shadow across the page."""
    dark = ImageEnhance.Brightness(ImageEnhance.Contrast(picture).enhance(0.35)).enhance(0.4)
    shade = Image.linear_gradient("L").rotate(90).resize(picture.size).point(lambda v: 90 + v // 2)
    return Image.composite(dark, Image.new("RGB", picture.size, "black"), shade)


def noisy(picture: Image.Image) -> Image.Image:
    grain = Image.effect_noise(picture.size, 90).convert("RGB")
    return Image.blend(picture.filter(ImageFilter.GaussianBlur(1)), grain, 0.35)


def small(picture: Image.Image, width: int = 900) -> Image.Image:
    return picture.resize((width, picture.height * width // picture.width))


def without_code(picture: Image.Image) -> Image.Image:
    """A coffee stain where the QR code is."""
    stained = picture.copy()
    width, height = picture.size
    box = (0, int(height * 0.62), int(width * 0.48), int(height * 0.97))
    ImageDraw.Draw(stained).rectangle(box, fill=(90, 60, 30))
    return stained


def jpeg(picture: Image.Image) -> bytes:
    output = io.BytesIO()
    picture.save(output, "JPEG", quality=85)
    return output.getvalue()


def png(picture: Image.Image) -> bytes:
    output = io.BytesIO()
    picture.save(output, "PNG")
    return output.getvalue()


def pdf(pictures: Sequence[Image.Image]) -> bytes:
    """As an office's scanner makes it."""
    output = io.BytesIO()
    first, *others = pictures
    first.save(output, "PDF", save_all=True, append_images=others, resolution=150)
    return output.getvalue()


def work_through(event: Event) -> None:
    """What the background does, one task after the other."""
    last = 0
    while scan := scans.next_to_read(event, after=last):
        scans.read(scan, in_care=access.in_care)
        last = scan.pk
    scans.file_what_waits(event, in_care=access.in_care)


def file(content: bytes, name: str = "lembar.jpg") -> ContentFile[bytes]:
    return ContentFile(content, name)


def address_of(person: Signatory) -> str:
    """What stands in the code of the person's sheet."""
    return codes.address(codes.token(person, text_of(person.event)))


def text_of(event: Event):
    return event.pacts.get(kind="individual")
