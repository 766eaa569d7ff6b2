"""Archives of our own writing, against those who read archives."""

from __future__ import annotations

import io
import random
import subprocess
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import IO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pledges import zips
from pledges.zips import BrokenMember, Member

FILES = {
    "manifest.csv": b"\xef\xbb\xbfNama\r\n",
    "Dinas Kesehatan/Puskesmas Contoh/199002022024211001_Budi.pdf": b"%PDF-1.7\n" * 9000,
    "Dinas/Kosong.txt": b"",
    "Sekolah Žižek – é/名前.pdf": bytes(range(256)),
}


def members(files: dict[str, bytes]) -> list[Member]:
    return [Member(path, len(data), zlib.crc32(data), path) for path, data in files.items()]


def opener(files: dict[str, bytes]):
    def open_member(member: Member) -> AbstractContextManager[IO[bytes]]:
        return io.BytesIO(files[member.stored])

    return open_member


def archive(files: dict[str, bytes], **span: int) -> bytes:
    return b"".join(zips.read(members(files), opener(files), **span))


def test_the_archive_is_read_by_pythons_zipfile_with_every_name_and_byte():
    with zipfile.ZipFile(io.BytesIO(archive(FILES))) as zipped:
        assert zipped.testzip() is None
        assert {name: zipped.read(name) for name in zipped.namelist()} == FILES
        assert {info.compress_type for info in zipped.infolist()} == {zipfile.ZIP_STORED}
        assert {info.date_time for info in zipped.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_unzip_finds_no_errors(tmp_path):
    (tmp_path / "archive.zip").write_bytes(archive(FILES))

    result = subprocess.run(["unzip", "-t", tmp_path / "archive.zip"], capture_output=True)

    assert result.returncode == 0, result.stdout
    assert b"No errors detected" in result.stdout


def test_the_size_is_known_before_anything_is_read():
    assert zips.size(members(FILES)) == len(archive(FILES))


def test_an_archive_of_nothing_is_an_archive():
    with zipfile.ZipFile(io.BytesIO(archive({}))) as zipped:
        assert zipped.namelist() == []


def test_random_ranges_are_slices_of_the_whole():
    whole = archive(FILES)
    numbers = random.Random(60)
    for _ in range(500):
        start, stop = sorted(numbers.randint(0, len(whole)) for _ in range(2))
        assert archive(FILES, start=start, stop=stop) == whole[start:stop]
    for start in range(0, len(whole), 1009):
        assert archive(FILES, start=start) == whole[start:]


@given(
    st.dictionaries(st.text(min_size=1, max_size=40, alphabet=st.characters(
        exclude_categories=["C"], exclude_characters="\\/:")), st.binary(max_size=200), max_size=6),
    st.data(),
)  # fmt: skip
def test_any_names_and_contents_come_back_whole_and_in_pieces(files, data):
    whole = archive(files)
    cut = data.draw(st.integers(0, len(whole)))

    assert archive(files, stop=cut) + archive(files, start=cut) == whole
    with zipfile.ZipFile(io.BytesIO(whole)) as zipped:
        assert {name: zipped.read(name) for name in zipped.namelist()} == files


def test_it_comes_in_few_pieces_however_small_the_members_are():
    files = {f"{number}.txt": b"x" * 100 for number in range(5000)}

    pieces = list(zips.read(members(files), opener(files)))

    assert len(pieces) < 30
    assert max(map(len, pieces)) < 200_000


def test_the_first_bytes_come_before_the_second_file_is_opened():
    files = {f"{number}.bin": bytes(100_000) for number in range(3)}
    opened = []

    def watched(member: Member) -> AbstractContextManager[IO[bytes]]:
        opened.append(member.path)
        return io.BytesIO(files[member.stored])

    next(zips.read(members(files), watched))

    assert opened == ["0.bin"]


def test_only_the_members_in_the_range_are_opened():
    opened = []

    def watched(member: Member) -> AbstractContextManager[IO[bytes]]:
        opened.append(member.path)
        return io.BytesIO(FILES[member.stored])

    start = archive(FILES).index(bytes(range(256)))
    list(zips.read(members(FILES), watched, start=start))

    assert opened == ["Sekolah Žižek – é/名前.pdf"]


def test_more_than_65535_members_are_written_as_zip64(tmp_path):
    files = {f"{number:06}.txt": b"" for number in range(65_536)}
    whole = archive(files)

    with zipfile.ZipFile(io.BytesIO(whole)) as zipped:
        assert len(zipped.namelist()) == 65_536
    (tmp_path / "many.zip").write_bytes(whole)
    assert subprocess.run(["unzip", "-tqq", tmp_path / "many.zip"]).returncode == 0


class Zeros(io.RawIOBase):
    """A file of so many zeros, of which none is kept anywhere."""

    def __init__(self, size: int) -> None:
        self.size, self.at = size, 0

    def seek(self, at: int, whence: int = 0) -> int:
        self.at = at
        return at

    def read(self, count: int = -1) -> bytes:
        data = bytes(min(count, self.size - self.at))
        self.at += len(data)
        return data


class Virtual(io.RawIOBase):
    """An archive as a file that is read where somebody looks."""

    def __init__(self, entries: list[Member]) -> None:
        self.entries, self.at, self.size = entries, 0, zips.size(entries)

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset + (0, self.at, self.size)[whence]
        return self.at

    def read(self, count: int = -1) -> bytes:
        stop = self.size if count < 0 else min(self.at + count, self.size)
        data = b"".join(zips.read(self.entries, self.open, start=self.at, stop=stop))
        self.at += len(data)
        return data

    def open(self, member: Member) -> AbstractContextManager[IO[bytes]]:
        content = Zeros(member.size) if member.stored == "zeros" else io.BytesIO(b"last")
        return cast(IO[bytes], content)


@pytest.mark.parametrize("sizes", [(5 << 30,), (3 << 30, 3 << 30), (0xFFFF_FFFF,)])
def test_more_than_four_gigabytes_are_written_as_zip64(sizes):
    large = [Member(f"{n}.bin", size, 0, "zeros") for n, size in enumerate(sizes)]
    last = Member("last.txt", 4, zlib.crc32(b"last"), "last")

    with zipfile.ZipFile(cast(IO[bytes], Virtual([*large, last]))) as zipped:
        assert [info.file_size for info in zipped.infolist()] == [*sizes, 4]
        assert zipped.read("last.txt") == b"last"
        with zipped.open("0.bin") as first:
            assert first.read(1000) == bytes(1000)


def test_a_member_that_was_cut_short_breaks_the_archive_off_instead_of_shifting_the_rest():
    shortened = FILES | {"Dinas Kesehatan/Puskesmas Contoh/199002022024211001_Budi.pdf": b"%PDF"}

    def taken() -> Iterator[bytes]:
        yield from zips.read(members(FILES), opener(shortened))

    with pytest.raises(BrokenMember):
        list(taken())
