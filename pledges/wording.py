"""The words of a text before they are frozen: tidied, checked, renamed, kept as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pledges import fonts
from pledges.models import Pact, PactKind, PledgePoint
from pledges.models.event import MAX_POINTS, MAX_TITLE
from pledges.pact import IDENTITY

MAX_LENGTH = 2000
MAX_BASES = 30
_NUMBER_OF_POINTS = f"Naskah mempunyai 1 sampai {MAX_POINTS} butir."


@dataclass(frozen=True, slots=True)
class Text:
    """The words of a pact before they are rows. Build it with `tidied`."""

    kind: str
    audience: str
    title: str
    opening: str
    points: tuple[str, ...]
    closing: str = ""
    legal_bases: tuple[str, ...] = ()
    is_official: bool = True


def tidied(
    *,
    kind: str,
    audience: str,
    title: str,
    opening: str,
    points: Iterable[str],
    closing: str,
    legal_bases: Iterable[str],
    is_official: bool,
) -> Text:
    """A text without stray spaces and in one Unicode form, so that equal words digest equally.

    Opening and closing keep their line breaks; a point is one paragraph. An empty point
    stays, to be complained about; an empty legal basis goes.
    """
    bases = dict.fromkeys(filter(None, map(_one_line, legal_bases)))
    return Text(
        kind=kind,
        audience=audience,
        title=_one_line(title),
        opening=_lines(opening),
        points=tuple(map(_one_line, points)),
        closing=_lines(closing),
        legal_bases=tuple(bases),
        is_official=is_official,
    )


def _one_line(text: str) -> str:
    return " ".join(fonts.composed(text).split())


def _lines(text: str) -> str:
    return "\n".join(filter(None, map(_one_line, text.splitlines())))


def problems(text: Text) -> list[str]:
    """What is wrong with a text, as sentences for the admin."""
    found = []
    if not text.title:
        found.append("Isi judul naskah.")
    if not text.opening:
        found.append("Isi pembuka naskah.")
    found += _identity_problems(text)
    if not text.points:
        found.append(_NUMBER_OF_POINTS)
    found += excesses(text)
    for name, words in _parts(text):
        found += _part_problems(name, words)
    return found


def excesses(text: Text) -> list[str]:
    """What is longer than a text can be: setting hundreds of pages would take minutes, so
    nothing of this kind is previewed either."""
    found = []
    if len(text.points) > MAX_POINTS:
        found.append(_NUMBER_OF_POINTS)
    if len(text.legal_bases) > MAX_BASES:
        found.append(f"Naskah menyebut paling banyak {MAX_BASES} dasar hukum.")
    for name, words in _parts(text):
        longest = MAX_TITLE if name == "Judul" else MAX_LENGTH
        if len(words) > longest:
            found.append(f"{name} paling panjang {longest} huruf.")
    return found


def _identity_problems(text: Text) -> list[str]:
    lines = text.opening.splitlines()
    whole, mentioned = lines.count(IDENTITY), text.opening.count(IDENTITY)
    expected = 1 if text.kind == PactKind.INDIVIDUAL else 0
    if whole == mentioned == expected:
        return []
    if expected:
        return [
            f"Pembuka memuat satu baris {IDENTITY}, tempat nama dan NIP penanda tangan "
            "dicetak, dan tidak ada kata lain pada baris itu."
        ]
    return [f"Ikrar dibaca bersama-sama; hapus {IDENTITY} dari pembukanya."]


def _parts(text: Text) -> Iterator[tuple[str, str]]:
    yield "Judul", text.title
    yield "Pembuka", text.opening
    for number, point in enumerate(text.points, start=1):
        yield f"Butir {number}", point
    yield "Penutup", text.closing
    for number, basis in enumerate(text.legal_bases, start=1):
        yield f"Dasar hukum {number}", basis


def _part_problems(name: str, words: str) -> list[str]:
    found = []
    if name.startswith("Butir") and not words:
        found.append(f"{name} masih kosong; isi atau hapus.")
    if strange := fonts.unsupported(words):
        listed = ", ".join(map(_shown, sorted(strange)))
        found.append(f"{name} memuat karakter yang tidak dapat dicetak: {listed}.")
    return found


def _shown(character: str) -> str:
    code = f"U+{ord(character):04X}"
    return f"{character} ({code})" if character.isprintable() else code


def renamed(text: Text, old: str, new: str) -> Text:
    """The text with another name of the election; laws keep their titles."""
    title = text.title.replace(old, new)
    return replace(
        text,
        title=title if len(title) <= MAX_TITLE else text.title,
        opening=text.opening.replace(old, new),
        points=tuple(point.replace(old, new) for point in text.points),
        closing=text.closing.replace(old, new),
    )


def of(row: Pact) -> Text:
    return Text(
        kind=row.kind,
        audience=row.audience,
        title=row.title,
        opening=row.opening,
        points=tuple(point.text for point in row.points.all()),
        closing=row.closing,
        legal_bases=tuple(row.legal_bases),
        is_official=row.is_official_text,
    )


def write(row: Pact, text: Text) -> Pact:
    """Put other words into a row; whose text it is stays."""
    row.title, row.opening, row.closing = text.title, text.opening, text.closing
    row.legal_bases = list(text.legal_bases)
    row.save()
    row.points.all().delete()
    PledgePoint.objects.bulk_create(
        PledgePoint(pact=row, number=number, text=point)
        for number, point in enumerate(text.points, start=1)
    )
    return row
