"""The texts of a draft: what may stand in them, editing one, replacing them all."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import QuerySet

from pledges import audit, events, fonts
from pledges.audit import Actor
from pledges.models import Audience, Event, LegalBasis, Pact, PactKind, PledgePoint
from pledges.models.event import MAX_POINTS, MAX_TITLE
from pledges.pact import IDENTITY

MAX_LENGTH = 2000


class BadText(ValueError):
    """A text that cannot be kept; `problems` are sentences for the admin."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class TextReplaced(events.WrongState):
    def __init__(self) -> None:
        super().__init__(
            "Naskah ini sudah diganti dengan naskah lain. Perubahan Anda tidak disimpan; "
            "muat ulang halaman ini."
        )


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
    return " ".join(unicodedata.normalize("NFC", text).split())


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
    if not 1 <= len(text.points) <= MAX_POINTS:
        found.append(f"Naskah mempunyai 1 sampai {MAX_POINTS} butir.")
    for name, words in _parts(text):
        found += _part_problems(name, words)
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
    longest = MAX_TITLE if name == "Judul" else MAX_LENGTH
    if name.startswith("Butir") and not words:
        found.append(f"{name} masih kosong; isi atau hapus.")
    if len(words) > longest:
        found.append(f"{name} paling panjang {longest} huruf.")
    if strange := fonts.unsupported(words):
        listed = ", ".join(map(_shown, sorted(strange)))
        found.append(f"{name} memuat karakter yang tidak dapat dicetak: {listed}.")
    return found


def _shown(character: str) -> str:
    code = f"U+{ord(character):04X}"
    return f"{character} ({code})" if character.isprintable() else code


@transaction.atomic
def replace_all(event: Event, texts: Sequence[Text], *, source: str, by: Actor) -> list[Pact]:
    """Give a draft other texts; those it had are gone. `source` tells where they come from."""
    event = events.hold_draft(event)
    event.pacts.all().delete()
    rows = [_write(_new(event, text), text) for text in texts]
    audit.record(
        by=by, action="text.replace", target=event, event=event, source=source, texts=len(rows)
    )
    return rows


def _new(event: Event, text: Text) -> Pact:
    return Pact(
        event=event,
        kind=PactKind(text.kind),
        audience=Audience(text.audience),
        is_official_text=text.is_official,
    )


def _write(row: Pact, text: Text) -> Pact:
    row.title, row.opening, row.closing = text.title, text.opening, text.closing
    row.legal_bases = list(text.legal_bases)
    row.save()
    row.points.all().delete()
    PledgePoint.objects.bulk_create(
        PledgePoint(pact=row, number=number, text=point)
        for number, point in enumerate(text.points, start=1)
    )
    return row


@transaction.atomic
def save_text(
    row: Pact,
    *,
    title: str,
    opening: str,
    points: Iterable[str],
    closing: str,
    legal_bases: Iterable[str],
    by: Actor,
) -> Pact:
    """Write an edited text. Raises BadText, and WrongState when it is published by now."""
    event = events.hold_draft(row.event)
    row = _reread(event, row)
    text = tidied(
        kind=row.kind,
        audience=row.audience,
        title=title,
        opening=opening,
        points=points,
        closing=closing,
        legal_bases=legal_bases,
        is_official=row.is_official_text,
    )
    if found := problems(text):
        raise BadText(found)
    _write(row, text)
    audit.record(by=by, action="text.save", target=row, event=event, points=len(text.points))
    return row


@transaction.atomic
def confirm_official(row: Pact, *, by: Actor) -> Pact:
    """Somebody answers for it that a composed example now is the agency's own text."""
    event = events.hold_draft(row.event)
    row = _reread(event, row)
    row.is_official_text = True
    row.save(update_fields=["is_official_text"])
    audit.record(by=by, action="text.confirm", target=row, event=event)
    return row


@transaction.atomic
def split(row: Pact, *, by: Actor) -> Pact:
    """Give civil servants and others a text each: this one and a copy of its words."""
    event = events.hold_draft(row.event)
    row = _reread(event, row)
    theirs = Audience.ASN if row.audience == Audience.NON_ASN else Audience.NON_ASN
    if row.kind != PactKind.INDIVIDUAL or event.pacts.filter(audience=theirs).exists():
        raise BadText(["Naskah ini sudah mempunyai pasangan untuk penanda tangan yang lain."])
    if row.audience == Audience.ALL:
        row.audience = Audience.ASN
        row.save(update_fields=["audience"])
    copy = _write(_new(event, replace(text_of(row), audience=theirs)), text_of(row))
    audit.record(by=by, action="text.split", target=copy, event=event)
    return copy


@transaction.atomic
def for_everybody(row: Pact, *, by: Actor) -> Pact:
    """Have one text signed by all, where it is the only one to be signed."""
    event = events.hold_draft(row.event)
    row = _reread(event, row)
    if event.pacts.filter(kind=PactKind.INDIVIDUAL).count() > 1:
        raise BadText(["Hapus dulu naskah yang lain; sesudah itu naskah ini dapat untuk semua."])
    row.audience = Audience.ALL
    row.save(update_fields=["audience"])
    audit.record(by=by, action="text.for_everybody", target=row, event=event)
    return row


@transaction.atomic
def remove(row: Pact, *, by: Actor) -> None:
    event = events.hold_draft(row.event)
    row = _reread(event, row)
    audit.record(by=by, action="text.remove", target=row, event=event)
    row.delete()


def text_of(row: Pact) -> Text:
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


def _reread(event: Event, row: Pact) -> Pact:
    """The row as it is under the lock; a preset may have taken its place meanwhile."""
    current = event.pacts.filter(pk=row.pk).first()
    if current is None:
        raise TextReplaced
    return current


def legal_bases() -> QuerySet[LegalBasis]:
    """The laws that are offered to be cited."""
    return LegalBasis.objects.select_related("replaced_by")


def revoked_bases(titles: Iterable[str], *, on: datetime.date) -> list[LegalBasis]:
    """Laws revoked on a day that are among these, however their number is written."""
    titles = set(titles)
    cited = set(filter(None, map(_number_of_law, titles)))
    revoked = legal_bases().filter(revoked_on__lte=on)
    return [law for law in revoked if law.title in titles or _number_of_law(law.title) in cited]


_LAW = re.compile(r"\b(?:undang-undang|uu)\b\D*(\d+)\D+(\d{4})", re.IGNORECASE)


def _number_of_law(title: str) -> tuple[str, ...] | None:
    """ "UU 5/2014" and "Undang-Undang Nomor 5 Tahun 2014 tentang …" are ("5", "2014")."""
    found = _LAW.match(title.strip())
    return found.groups() if found else None
