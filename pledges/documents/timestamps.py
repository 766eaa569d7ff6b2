"""Times by an authority (RFC 3161): that a seal was there when the authority says (PAdES B-T).

An authority that hangs, refuses or answers nonsense holds documents up for `wait` seconds, as
nothing is ever sealed again; from then on they do without, and it is asked once a minute.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from django.conf import settings
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

logger = logging.getLogger(__name__)

# Seconds for all of an answer.
TIMEOUT = 5.0
# Once documents do without: seconds between two tries.
PAUSE = 60.0
_REPLY = "application/timestamp-reply"
_GRANTED = {"granted", "granted_with_mods"}


class NoAuthority(Exception):
    """The authority cannot be asked as the settings say; the message is for the operator."""


class Away(Exception):
    """The authority gave no timestamp, and documents wait for it still."""


class _Useless(Exception):
    """What came is no timestamp of what was asked."""


class _Answer(core.Sequence):
    """RFC 3161, 2.4.2. A refusal has no token, which `tsp.TimeStampResp` asks of each."""

    _fields = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the authority is, and how it knows who asks."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def credentials(self) -> dict[str, str]:
        """A header of HTTP (RFC 7617), if there are any."""
        if not self.user:
            return {}
        both = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {both}"}

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


class Authority:
    """`roots` are the certificates that it is trusted by."""

    def __init__(
        self, place: Place, roots: Sequence[asn1_x509.Certificate], *, wait: float
    ) -> None:
        self._place, self._roots, self._wait = place, roots, wait
        self._away_since = self._missed_at = -math.inf

    @property
    def is_away(self) -> bool:
        return self._away_since != -math.inf

    def stamp(self, signature: bytes, *, room: int) -> cms.ContentInfo | None:
        """A token over SHA-256 of a signature, of `room` bytes at most; None once documents do
        without."""
        now = time.monotonic()
        is_over = self.is_away and now - self._away_since >= self._wait
        if is_over and now - self._missed_at < PAUSE:
            return None
        try:
            stamp = asyncio.run(self._asked(hashlib.sha256(signature).digest(), room))
        except Exception as error:
            self._away_since = self._away_since if self.is_away else now
            # By its kind: what a server says of itself, and its address, may name a password.
            told = str(error) if isinstance(error, _Useless) else type(error).__name__
            reason = f"{self._place.host} gave no timestamp: {told}"
            if not is_over and self._wait:
                raise Away(reason) from error
            self._missed_at = now
            logger.warning("documents are sealed without a timestamp: %s", reason)
            return None
        self._away_since = -math.inf
        return stamp

    async def _asked(self, digest: bytes, room: int) -> cms.ContentInfo:
        nonce, question = TimeStamper().request_cms(digest, "sha256")  # type: ignore[no-untyped-call]
        answer = _Answer.load(await self._answer(question.dump(), room), strict=True)
        if (status := answer["status"]["status"].native) not in _GRANTED:
            raise _Useless(f"it says {status}")
        stamp: cms.ContentInfo = answer["time_stamp_token"]
        await self._require_trust(stamp, digest, nonce)
        return stamp

    async def _answer(self, question: bytes, room: int) -> bytes:
        """An address that it leads to is not asked: the operator named this one."""
        place = self._place
        session = aiohttp.ClientSession(
            headers={"Content-Type": "application/timestamp-query", "Accept": _REPLY}
            | place.credentials,
            timeout=aiohttp.ClientTimeout(total=TIMEOUT),
            # A proxy, where the network has one.
            trust_env=True,
        )
        data = b""
        async with session, session.post(place.url, data=question, allow_redirects=False) as answer:
            if answer.status != 200 or answer.content_type != _REPLY:
                raise _Useless(f"it answers {answer.status}, {answer.content_type[:60]}")
            async for part in answer.content.iter_any():
                data += part
                if len(data) > room:
                    raise _Useless(f"its answer has more than {room} bytes")
        return data

    async def _require_trust(self, stamp: cms.ContentInfo, digest: bytes, nonce: int) -> None:
        signed = stamp["content"]
        if _told(signed)["nonce"].native != nonce:
            raise _Useless("its answer is to another question")
        context = ValidationContext(trust_roots=self._roots, allow_fetching=False)
        found = await validate_tst_signed_data(signed, context, lambda _: digest)
        status = TimestampSignatureStatus(**found)
        if not (status.valid and status.intact):
            raise _Useless("its signature, or what it signed, is wrong")
        if not status.trusted:
            raise _Useless("its certificate does not lead to those in TIMESTAMP_CA")


def load() -> Authority | None:
    """The one that the settings name, if they do."""
    place = Place(settings.TIMESTAMP_URL, settings.TIMESTAMP_USER, settings.TIMESTAMP_PASSWORD)
    if not place.url:
        return None
    if urlsplit(place.url).scheme not in ("http", "https") or not place.host:
        raise NoAuthority("TIMESTAMP_URL harus alamat yang dimulai dengan https:// atau http://.")
    if not settings.TIMESTAMP_CA:
        raise NoAuthority(
            "TIMESTAMP_CA belum diisi: berkas PEM berisi sertifikat akar otoritas stempel waktu."
        )
    return Authority(place, _roots(Path(settings.TIMESTAMP_CA)), wait=60 * settings.TIMESTAMP_WAIT)


def _roots(path: Path) -> list[asn1_x509.Certificate]:
    try:
        return list(load_certs_from_pemder_data(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise NoAuthority(
            f"TIMESTAMP_CA tidak dapat dibaca sebagai sertifikat PEM: {path}."
        ) from error


# In a sealed file: the hexadecimal digits of the seal, the only long ones in plain bytes.
_SEAL = re.compile(rb"/Contents ?<([0-9A-Fa-f]{1000,})>")


def time_in(pdf: bytes) -> datetime | None:
    """What the authority says of when a sealed file's seal was there; None if it was not asked."""
    if not settings.TIMESTAMP_URL:
        return None
    *_, digits = _SEAL.findall(pdf)
    [info] = cms.ContentInfo.load(bytes.fromhex(digits.decode()))["content"]["signer_infos"]
    stamp = found_in(info)
    return _told(stamp)["gen_time"].native if stamp else None


def found_in(info: cms.SignerInfo) -> cms.SignedData | None:
    """The timestamp that a signature carries beside it."""
    for attribute in info["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            return attribute["values"][0]["content"]
    return None


def _told(stamp: cms.SignedData) -> tsp.TSTInfo:
    return stamp["encap_content_info"]["content"].parsed
