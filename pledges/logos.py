"""Coats of arms: whatever picture was uploaded becomes a small PNG, kept under its own hash."""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache
from io import BytesIO
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 2 * 1024 * 1024
MAX_SIDE = 4000
# Four times what a letterhead prints, which is sharp on paper and small in a PDF.
STORED_SIDE = 600
# For a signer's page, which shows 72: sharp on every screen, less so for a picture that is
# too rich to be small.
SMALL_SIDES = (144, 108, 72)
SMALL_BYTES = 8 * 1024
_FORMATS = ["PNG", "JPEG", "WEBP"]


class NotAnImage(ValueError):
    """The upload cannot be a logo; the message says what to send instead."""


def store(file: IO[bytes]) -> str:
    """Check, normalise and keep a logo; returns its name in the storage."""
    return _keep(normalised(_read(file)))


def _read(file: IO[bytes]) -> bytes:
    data = file.read(MAX_BYTES + 1)
    if not data:
        raise NotAnImage("Berkas lambang kosong. Pilih gambar PNG, JPEG atau WebP.")
    if len(data) > MAX_BYTES:
        raise NotAnImage("Gambar lambang paling besar 2 MB. Kecilkan gambarnya, lalu unggah lagi.")
    return data


def normalised(data: bytes) -> bytes:
    """The picture as a PNG of at most 600 pixels a side, without metadata."""
    picture = _decoded(data)
    picture.thumbnail((STORED_SIDE, STORED_SIDE))
    output = BytesIO()
    picture.save(output, "PNG", optimize=True, icc_profile=None)
    return output.getvalue()


def _decoded(data: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as image:
            # The header tells the size, before any pixel is decompressed.
            if max(image.size) > MAX_SIDE:
                raise Image.DecompressionBombError
            upright = ImageOps.exif_transpose(image)
            # Pillow has no direct way from CMYK to RGBA.
            return (upright.convert("RGB") if upright.mode == "CMYK" else upright).convert("RGBA")
    except UnidentifiedImageError as error:
        raise NotAnImage(_refusal(data)) from error
    except Image.DecompressionBombError as error:
        raise NotAnImage(
            f"Gambar lambang paling besar {MAX_SIDE} × {MAX_SIDE} piksel. "
            "Kecilkan gambarnya, lalu unggah lagi."
        ) from error
    except (OSError, SyntaxError, ValueError, struct.error) as error:
        raise NotAnImage(
            "Gambar lambang ini rusak. Simpan ulang sebagai PNG, lalu unggah lagi."
        ) from error


def _refusal(data: bytes) -> str:
    if b"<svg" in data[:4096].lower():
        return (
            "Lambang berformat SVG tidak dapat dipakai. Simpan sebagai PNG, misalnya lewat "
            "menu Ekspor pada aplikasi gambar, lalu unggah lagi."
        )
    return "Berkas ini bukan gambar. Lambang harus berupa PNG, JPEG atau WebP."


def _keep(png: bytes) -> str:
    name = f"logos/{hashlib.sha256(png).hexdigest()}.png"
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(png))
    return name


def opened(name: str) -> IO[bytes]:
    return default_storage.open(name)


@lru_cache(maxsize=32)
def small(name: str) -> bytes:
    """The logo as a PNG of at most 8 kilobytes, for a phone on a poor network."""
    with opened(name) as file, Image.open(file) as image:
        for side in SMALL_SIDES:
            image.thumbnail((side, side))
            png = _in_few_colours(image)
            if len(png) <= SMALL_BYTES:
                break
    return png


def _in_few_colours(image: Image.Image) -> bytes:
    output = BytesIO()
    image.quantize(64, Image.Quantize.FASTOCTREE).save(output, "PNG", optimize=True)
    return output.getvalue()
