"""The addresses that are printed and projected, all built from BASE_URL."""

from __future__ import annotations

import ipaddress
from io import BytesIO
from urllib.parse import urlsplit

import segno
from django.conf import settings

from pledges.models import Event


def of_event(event: Event) -> str:
    """Where signers type NIP and personal code; its QR code is projected at the event."""
    return f"{settings.BASE_URL}/a/{event.code}"


def warning() -> str:
    """Why addresses built now would not serve signers; "" when they would."""
    address = urlsplit(settings.BASE_URL)
    if _is_this_machine(address.hostname or ""):
        return (
            f"Alamat Pakta masih {settings.BASE_URL}, yang hanya dapat dibuka dari komputer ini. "
            "Ponsel peserta tidak akan dapat membuka tautan dan kode QR. Minta pengelola server "
            "mengisi BASE_URL dengan alamat resmi sebelum Anda membagikan apa pun."
        )
    if address.scheme != "https":
        return (
            f"Alamat Pakta masih {settings.BASE_URL}, tanpa HTTPS. Kode dan tanda tangan peserta "
            "dapat disadap di jaringan. Minta pengelola server memasang HTTPS sebelum Anda "
            "membagikan tautan dan kode QR."
        )
    return ""


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def qr(address: str, *, kind: str) -> bytes:
    """A QR code as "svg" or "png", large and dark enough for a projector and for paper."""
    output = BytesIO()
    code = segno.make(address, error="m", micro=False)
    if kind == "svg":
        code.save(output, kind="svg", scale=10, border=4, svgclass=None, lineclass=None)
    else:
        code.save(output, kind="png", scale=20, border=4)
    return output.getvalue()
