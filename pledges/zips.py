"""ZIP archives of files that are kept as they are (STORED), readable from any byte on. Pure.

The size and checksum of every member are known beforehand, so the place of every byte is
too: nothing is read but what is taken. The same members are the same bytes for ever, which
is why they all carry the first day that a ZIP knows as their date.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO

_CHUNK = 64 * 1024
# Larger numbers, and as many members, are written into the fields of ZIP64.
_MOST = 0xFFFF_FFFF
_MOST_MEMBERS = 0xFFFF
_VERSION, _VERSION_ZIP64 = 20, 45
_IN_UTF8 = 0x0800
_FIRST_DAY = 1 << 5 | 1  # 1 January 1980
_UNIX = 3 << 8
_READABLE = 0o100644 << 16

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END_ZIP64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")


class BrokenMember(Exception):
    """A member's content is shorter than was known of it. What follows would be misplaced."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file. `stored` says where its content is, to whoever opens it."""

    path: str
    size: int
    crc32: int
    stored: str


# Members are gone through twice, so a generator will not do.
Members = Iterable[Member]
Opener = Callable[[Member], AbstractContextManager[IO[bytes]]]


def size(members: Members) -> int:
    """Of the whole archive, in bytes."""
    return sum(map(_length, _pieces(members)))


def read(
    members: Members, opener: Opener, *, start: int = 0, stop: int | None = None
) -> Iterator[bytes]:
    """The archive's bytes from `start` up to `stop`, in pieces of some 64 KB."""
    waiting = bytearray()
    for piece in _between(members, opener, start, stop):
        waiting += piece
        if len(waiting) >= _CHUNK:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def _between(members: Members, opener: Opener, start: int, stop: int | None) -> Iterator[bytes]:
    at = 0
    for piece in _pieces(members):
        if stop is not None and at >= stop:
            return
        length = _length(piece)
        if at + length > start:
            first = max(start - at, 0)
            last = length if stop is None else min(stop - at, length)
            if isinstance(piece, bytes):
                yield piece[first:last]
            else:
                yield from _content(piece, opener, first, last)
        at += length


def _content(member: Member, opener: Opener, first: int, last: int) -> Iterator[bytes]:
    if first == last:
        return
    with opener(member) as file:
        file.seek(first)
        left = last - first
        while left:
            data = file.read(min(_CHUNK, left))
            if not data:
                raise BrokenMember(member.stored)
            left -= len(data)
            yield data


def _length(piece: bytes | Member) -> int:
    return piece.size if isinstance(piece, Member) else len(piece)


def _pieces(members: Members) -> Iterator[bytes | Member]:
    """In the order in which they stand: a header and its member's content, for each; an entry
    of the directory for each; the end."""
    at = 0
    for member in members:
        header = _header(member)
        yield header
        yield member
        at += len(header) + member.size
    directory_at, count, at = at, 0, 0
    directory_size = 0
    for member in members:
        entry = _entry(member, at)
        yield entry
        at += len(_header(member)) + member.size
        directory_size += len(entry)
        count += 1
    yield _end(count, directory_size, directory_at)


def _header(member: Member) -> bytes:
    name = member.path.encode()
    extra = struct.pack("<2H2Q", 1, 16, member.size, member.size) if _is_large(member) else b""
    shown = min(member.size, _MOST)
    fields = _LOCAL.pack(
        b"PK\x03\x04", _VERSION_ZIP64 if extra else _VERSION, _IN_UTF8, 0, 0, _FIRST_DAY,
        member.crc32, shown, shown, len(name), len(extra),
    )  # fmt: skip
    return fields + name + extra


def _is_large(member: Member) -> bool:
    return member.size >= _MOST


def _entry(member: Member, at: int) -> bytes:
    """A member's line in the directory; `at` is where its header stands."""
    name = member.path.encode()
    large = [member.size, member.size] if _is_large(member) else []
    if at >= _MOST:
        large.append(at)
    extra = struct.pack(f"<2H{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    version = _VERSION_ZIP64 if extra else _VERSION
    shown = min(member.size, _MOST)
    fields = _CENTRAL.pack(
        b"PK\x01\x02", _UNIX | version, version, _IN_UTF8, 0, 0, _FIRST_DAY,
        member.crc32, shown, shown, len(name), len(extra), 0, 0, 0, _READABLE, min(at, _MOST),
    )  # fmt: skip
    return fields + name + extra


def _end(count: int, size: int, at: int) -> bytes:
    """`size` of the directory, and `at` where it begins."""
    zip64 = b""
    if count > _MOST_MEMBERS or size >= _MOST or at >= _MOST:
        version = _VERSION_ZIP64
        zip64 = _END_ZIP64.pack(
            b"PK\x06\x06", _END_ZIP64.size - 12, _UNIX | version, version, 0, 0,
            count, count, size, at,
        ) + _LOCATOR.pack(b"PK\x06\x07", 0, at + size, 1)  # fmt: skip
    shown = min(count, _MOST_MEMBERS)
    return zip64 + _END.pack(b"PK\x05\x06", 0, 0, shown, shown, min(size, _MOST), min(at, _MOST), 0)
