"""A placeholder where a coat of arms would stand. It resembles nobody's."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from pledges import fonts

_SIZE = (500, 600)
# Drawn larger and scaled down, which is how Pillow gets smooth edges.
_SCALE = 4
_GREY = (148, 156, 168)


def placeholder(colour: str) -> bytes:
    """A plain shield in two tones with the word CONTOH, as PNG."""
    image = Image.new("RGBA", (_SIZE[0] * _SCALE, _SIZE[1] * _SCALE))
    draw = ImageDraw.Draw(image)
    draw.polygon(_shield(0), fill=_GREY)
    draw.polygon(_shield(14), fill="white")
    draw.polygon(_shield(26), fill=colour)
    _band(draw)
    output = BytesIO()
    image.resize(_SIZE, Image.Resampling.LANCZOS).save(output, "PNG")
    return output.getvalue()


def _shield(inset: float) -> list[tuple[float, float]]:
    """Straight sides above, two quarter ellipses that meet in a point below."""
    width, height = _SIZE
    left, right, top = inset, width - inset, inset
    shoulder, tip = height * 0.5, height - inset * 1.25
    outline = [(left, top), (right, top)]
    for step in range(41):
        t = step / 40
        outline.append((right - (right - width / 2) * t**1.8, shoulder + (tip - shoulder) * t))
    for step in range(40, -1, -1):
        t = step / 40
        outline.append((left + (width / 2 - left) * t**1.8, shoulder + (tip - shoulder) * t))
    return [(x * _SCALE, y * _SCALE) for x, y in outline]


def _band(draw: ImageDraw.ImageDraw) -> None:
    width, height = _SIZE[0] * _SCALE, _SIZE[1] * _SCALE
    middle, half = height * 0.40, height * 0.095
    draw.rectangle((26 * _SCALE, middle - half, width - 26 * _SCALE, middle + half), fill="white")
    font = ImageFont.truetype(fonts.files()["bold"], 84 * _SCALE)
    draw.text((width / 2, middle), "CONTOH", font=font, fill="#3d4654", anchor="mm")
