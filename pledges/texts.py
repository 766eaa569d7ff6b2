"""The texts of a draft: editing one, replacing them all, the laws that they cite."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models import QuerySet

from pledges import audit, events, wording
from pledges.audit import Actor
from pledges.models import Audience, Event, LegalBasis, Pact, PactKind
from pledges.wording import Text


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


@transaction.atomic
def replace_all(event: Event, texts: Sequence[Text], *, source: str, by: Actor) -> list[Pact]:
    """Give a draft other texts; those it had are gone. `source` tells where they come from."""
    event = events.hold_draft(event)
    event.pacts.all().delete()
    rows = [wording.write(_new(event, text), text) for text in texts]
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


@transaction.atomic
def add_declaration(event: Event, text: Text, *, by: Actor) -> Pact:
    """Give a draft without one a text to be read and signed together."""
    event = events.hold_draft(event)
    if event.pacts.filter(kind=PactKind.DECLARATION).exists():
        raise BadText(["Acara ini sudah mempunyai ikrar bersama."])
    row = wording.write(_new(event, text), text)
    audit.record(by=by, action="text.add", target=row, event=event)
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
    text = wording.tidied(
        kind=row.kind,
        audience=row.audience,
        title=title,
        opening=opening,
        points=points,
        closing=closing,
        legal_bases=legal_bases,
        is_official=row.is_official_text,
    )
    if found := wording.problems(text):
        raise BadText(found)
    wording.write(row, text)
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
    copy = wording.write(_new(event, replace(wording.of(row), audience=theirs)), wording.of(row))
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
