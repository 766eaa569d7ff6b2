"""Names of files and folders that Windows, macOS and Linux all take. Pure."""

from __future__ import annotations

import re
import unicodedata
from itertools import count

# Windows counts a whole path, 260 characters at most: three folders and a file of 50 leave
# room for the number of a person and for the folder it is unpacked in.
MAX_LENGTH = 50

_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_DEVICE = re.compile(
    r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE
)


def safe(text: str) -> str:
    """A piece of text as one part of a path, without its extension."""
    visible = (c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    name = unicodedata.normalize("NFC", " ".join("".join(visible).split()))
    # Windows drops dots and spaces at the end of a name.
    name = _cut(_FORBIDDEN.sub("-", name)).strip(" .")
    if not name or _DEVICE.match(name):
        return f"_{name}"
    return name


def _cut(name: str) -> str:
    """At most MAX_LENGTH characters, in whole words if these make up half of it."""
    if len(name) <= MAX_LENGTH:
        return name
    words = name[: MAX_LENGTH + 1].rpartition(" ")[0]
    return words if len(words) > MAX_LENGTH / 2 else name[:MAX_LENGTH]


class Folder:
    """Hands out each name of one folder once; to Windows and macOS, case makes no difference."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def claim(self, name: str, extension: str = "") -> str:
        for number in count(1):
            free = f"{name} ({number}){extension}" if number > 1 else f"{name}{extension}"
            if free.casefold() not in self._taken:
                break
        self._taken.add(free.casefold())
        return free
