"""Names of work units: one spelling for one unit, and a word about those nearly alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from rapidfuzz import process
from rapidfuzz.distance import OSA

from pledges.roster.words import fold, tidy, vocabulary

MAX_LEVELS = 3  # below the government itself

Path = tuple[str, ...]

# One slip of the keyboard (two letters swapped are one) in ten letters.
_NEARLY_ALIKE = 0.9
_MOST_COMPARED = 1500  # names inside one unit; a government has some 700 units in all
_NUMBER = re.compile(r"\d+|\b[ivxl]+\b|\b[a-z]\b")
_GOVERNMENT = re.compile(r"(pemerintah|pemkot|pemkab|pemprov|pemda)\b")
_GENERIC_SHEET = vocabulary(
    "sheet lembar worksheet data daftar rekap nominatif hasil export ekspor csv form format "
    "template upload import impor perbaiki asn pns pppk pegawai bezetting duk all semua final "
    "new baru fix januari februari maret april mei juni juli agustus september oktober november "
    "desember"
)


def unit_path(names: Iterable[str]) -> Path:
    """From the top work unit down: without the government above it, and without a level that
    only repeats the one above."""
    path = [name for name in map(tidy, names) if name]
    while len(path) > 1 and _GOVERNMENT.match(fold(path[0])):
        del path[0]
    return tuple(path[:1]) + tuple(b for a, b in pairwise(path) if fold(a) != fold(b))


def is_generic(sheet_name: str) -> bool:
    """Whether a sheet is named as nobody names a unit: "Sheet1", "Data ASN 2024"."""
    return set(re.findall(r"[^\W\d_]+", sheet_name.casefold())) <= _GENERIC_SHEET


class Spelling:
    """Gives each path in the spelling in which it came first."""

    def __init__(self) -> None:
        self._known: dict[Path, Path] = {}
        self._first: dict[Path, Path] = {}  # by folded path

    def __call__(self, path: Path) -> Path:
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._unified(path)
        return known

    def _unified(self, path: Path) -> Path:
        if not path:
            return ()
        folded = tuple(map(fold, path))
        return self._first.setdefault(folded, (*self(path[:-1]), path[-1]))


def nearly_alike(counts: Mapping[Path, int]) -> Iterator[tuple[Path, str]]:
    """(path, other name) of siblings that differ by a slip of the keyboard, the rarer first.
    Names whose numbers differ are different: SDN 1 Antapani, SDN 2 Antapani."""
    comparable: dict[tuple[Path, tuple[str, ...]], list[str]] = {}
    for above, name in ((path[:-1], path[-1]) for path in counts):
        numbers = tuple(_NUMBER.findall(fold(name)))
        comparable.setdefault((above, numbers), []).append(name)
    for (above, _), names in comparable.items():
        for one, other in _pairs(names[:_MOST_COMPARED]):
            rarer, commoner = sorted((one, other), key=lambda name: counts[(*above, name)])
            yield (*above, rarer), commoner


def _pairs(names: list[str]) -> Iterator[tuple[str, str]]:
    """Each name with the one that is most like it among those after it."""
    folded = [fold(name) for name in names]
    for index, name in enumerate(names):
        after = folded[index + 1 :]
        alike = process.extractOne(
            folded[index], after, scorer=OSA.normalized_similarity, score_cutoff=_NEARLY_ALIKE
        )
        if alike:
            yield name, names[index + 1 + alike[2]]
