"""The only code that changes an event's state, and the lock that every write takes.

draft → open → closed, open ↔ draft until the first signature, closed → open.
"""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import ProtectedError
from django.utils import formats, timezone

from pledges import audit, pact, wording
from pledges.audit import Actor
from pledges.models import (
    Agency,
    Audience,
    Event,
    Excuse,
    Kind,
    PactKind,
    Part,
    Refusal,
    Report,
    Signature,
)

# The first of the two keys of PostgreSQL's advisory locks; the second is the event.
_LOCK_CLASS = 0x70616B74

_HOLDING = f"""
    SELECT CASE part WHEN '{Part.SIGNER}'
        THEN pg_advisory_xact_lock_shared({_LOCK_CLASS}, event_id::int)
        ELSE pg_advisory_xact_lock({_LOCK_CLASS}, event_id::int) END
    FROM pledges_signatory WHERE id = {{signatory}}
"""  # noqa: S608 (nothing in it is from outside)

# Why recaps and minutes are void after it; anybody who verifies them reads it.
REOPENED = "Acara dibuka kembali, sehingga laporan ini bukan lagi keadaan akhirnya."


class WrongState(Exception):
    """The event is not in the state that this act needs."""


class Purged(WrongState):
    """What this act needs was deleted after its retention."""

    def __init__(self, deleted_at: datetime.datetime) -> None:
        super().__init__(
            "Data acara ini telah dihapus sesuai masa simpannya pada "
            f"{formats.date_format(deleted_at, 'j F Y')}. Yang tersisa hanya jumlah dan sidik "
            "dokumennya."
        )


class NotDeletable(WrongState):
    """The event has what must stay on record."""


class NotPublishable(Exception):
    """The event lacks something; `problems` are sentences for the admin."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Facts:
    """What an admin says about an event; without a deadline it is the end of the day."""

    title: str
    ceremony: str
    election_kind: str
    election: str
    date: datetime.date
    venue: str
    presiding_name: str
    presiding_position: str
    deadline: datetime.datetime | None = None


def hold(event: Event, *, exclusive: bool = False) -> Event:
    """Lock the event until the transaction ends, and read it again.

    Signing shares the lock; publishing, closing and everything else that must not
    happen beside a signature takes it exclusively. On SQLite every transaction already
    holds the one write lock (transaction_mode IMMEDIATE). Lock order: event, signatory.
    """
    _lock(event.pk, exclusive=exclusive)
    return Event.objects.select_related("agency").get(pk=event.pk)


def _lock(number: int, *, exclusive: bool = False) -> None:
    _require_transaction()
    if connection.vendor == "postgresql":
        function = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s, %s)", [_LOCK_CLASS, number])


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("an event is held in a transaction")


def holding(signatory: str) -> str:
    """The statement that holds the event of somebody who is about to sign, by the primary key of
    a signatory; "" where there is nothing to say.

    Shared; but exclusively for who has a part, because the last one to sign the declaration
    completes it.
    """
    _require_transaction()
    if connection.vendor != "postgresql":
        return ""
    return _HOLDING.format(signatory=signatory)


def hold_draft(event: Event) -> Event:
    """Lock an event whose texts or facts are about to be changed."""
    event = hold(event, exclusive=True)
    if not event.is_draft:
        raise WrongState("Naskah dan data acara yang sudah diterbitkan tidak dapat diubah.")
    return event


def hold_kept(number: int) -> None:
    """`hold` an event, by its primary key, and `require_kept`: for 20,000 documents in a row, of
    which none needs to know more of its event."""
    _lock(number)
    require_kept(Event.objects.only("purged_at").get(pk=number))


def require_kept(event: Event) -> None:
    """Raises Purged where people's data were deleted after their retention."""
    if event.purged_at is not None:
        raise Purged(event.purged_at.astimezone(event.zone))


@transaction.atomic
def create(agency: Agency, *, facts: Facts, by: Actor) -> Event:
    """A draft without texts and without people. Whatever a demo agency does is an example."""
    event = Event(
        agency=agency,
        created_by_id=by.pk if by else None,
        is_example=Agency.objects.get_root(agency).is_example,
    )
    _write_facts(event, facts)
    audit.record(by=by, action="event.create", target=event, event=event)
    return event


@transaction.atomic
def update_facts(event: Event, *, facts: Facts, by: Actor) -> Event:
    """Change a draft's facts. Its texts follow when the election gets another name."""
    event = hold_draft(event)
    if facts.election != event.election:
        for row in event.pacts.prefetch_related("points"):
            words = wording.of(row)
            wording.write(row, wording.renamed(words, event.election, facts.election))
    _write_facts(event, facts)
    audit.record(by=by, action="event.update", target=event, event=event)
    return event


def _write_facts(event: Event, facts: Facts) -> None:
    for name, value in asdict(facts).items():
        setattr(event, name, value)
    event.deadline = facts.deadline or Event.end_of(facts.date, event.zone)
    event.save()


def agency_problems(event: Event) -> list[str]:
    if event.agency.city:
        return []
    return ["Isi kota pada data instansi; kota itu dicetak di depan tanggal."]


def text_problems(event: Event) -> list[str]:
    rows = list(event.pacts.prefetch_related("points"))
    found = []
    if not any(row.kind == PactKind.INDIVIDUAL for row in rows):
        found.append("Pilih naskah pakta integritas.")
    for row in rows:
        if not row.points.all():
            found.append(f"Naskah “{row.title}” belum mempunyai butir.")
        if not row.is_official_text:
            found.append(f"Naskah “{row.title}” masih contoh susunan; ganti dengan naskah resmi.")
    audiences = {row.audience for row in rows if row.kind == PactKind.INDIVIDUAL}
    return found + _audience_problems(event, audiences)


def roster_problems(event: Event) -> list[str]:
    if event.signatories.active().owing().exists():
        return []
    return ["Daftar penanda tangan masih kosong."]


def ceremony_problems(event: Event) -> list[str]:
    parts = event.signatories.active().exclude(part=Part.SIGNER).count()
    if not parts or event.pacts.filter(kind=PactKind.DECLARATION).exists():
        return []
    return [
        f"{parts} orang mempunyai peran (pimpinan, perwakilan, saksi), tetapi belum ada ikrar "
        "bersama yang mereka tandatangani. Tambahkan ikrarnya, atau lepas peran mereka."
    ]


def problems(event: Event) -> list[str]:
    """What still keeps a draft from being published, as sentences for the admin."""
    found = agency_problems(event) + text_problems(event) + roster_problems(event)
    return found + ceremony_problems(event)


def _audience_problems(event: Event, audiences: set[str]) -> list[str]:
    if Audience.ALL in audiences and len(audiences) > 1:
        return ["Naskah untuk semua tidak dapat digabung dengan naskah khusus ASN atau non-ASN."]
    if not audiences or Audience.ALL in audiences:
        return []
    people = event.signatories.active().owing()
    found = []
    if Audience.ASN not in audiences and people.exclude(kind=Kind.NON_ASN).exists():
        found.append("Belum ada naskah untuk penanda tangan ASN.")
    if Audience.NON_ASN not in audiences and people.filter(kind=Kind.NON_ASN).exists():
        found.append("Belum ada naskah untuk penanda tangan non-ASN.")
    return found


@transaction.atomic
def publish(event: Event, *, by: Actor) -> Event:
    """Freeze the texts under their digests and open the event for signing."""
    event = hold(event, exclusive=True)
    if not event.is_draft:
        raise WrongState("Acara ini sudah diterbitkan.")
    if found := problems(event):
        raise NotPublishable(found)
    for row in event.pacts.all():
        pact.freeze(row)
    event.state = Event.State.OPEN
    event.published_at = timezone.now()
    # Where people sign in waves, the admin opens the first one too.
    event.open_wave = 0 if event.waves.exists() else 1
    event.save(update_fields=["state", "published_at", "open_wave"])
    digests = sorted(event.pacts.values_list("digest", flat=True))
    audit.record(by=by, action="event.publish", target=event, event=event, digests=digests)
    return event


@transaction.atomic
def unpublish(event: Event, *, by: Actor) -> Event:
    """Back to draft, possible until the first signature."""
    event = hold(event, exclusive=True)
    if not event.is_open:
        raise WrongState("Hanya acara yang sedang dibuka yang dapat dikembalikan ke rancangan.")
    if Signature.objects.filter(signatory__event=event).exists():
        raise WrongState("Sudah ada yang menandatangani, jadi naskahnya tidak dapat diubah lagi.")
    for row in event.pacts.all():
        pact.thaw(row)
    event.waves.update(opened_at=None, opened_by=None)
    event.state = Event.State.DRAFT
    event.published_at = None
    event.save(update_fields=["state", "published_at"])
    audit.record(by=by, action="event.unpublish", target=event, event=event)
    return event


@transaction.atomic
def close(event: Event, *, by: Actor) -> Event:
    """Refuse further signatures. Waits for those that are being written."""
    event = hold(event, exclusive=True)
    if not event.is_open:
        raise WrongState("Hanya acara yang sedang dibuka yang dapat ditutup.")
    event.state = Event.State.CLOSED
    event.closed_at = timezone.now()
    event.save(update_fields=["state", "closed_at"])
    audit.record(by=by, action="event.close", target=event, event=event)
    return event


@transaction.atomic
def reopen(event: Event, *, by: Actor) -> tuple[Event, list[Report]]:
    """Take signatures again. Recaps and minutes said how it ended: they are void now, and
    returned."""
    event = hold(event, exclusive=True)
    if not event.is_closed:
        raise WrongState("Acara ini tidak sedang ditutup.")
    require_kept(event)
    event.state = Event.State.OPEN
    event.closed_at = None
    event.save(update_fields=["state", "closed_at"])
    audit.record(by=by, action="event.reopen", target=event, event=event)
    return event, _end_reports(event, by=by)


def _end_reports(event: Event, *, by: Actor) -> list[Report]:
    ended = list(event.reports.ended_by_reopening())
    event.reports.ended_by_reopening().void(REOPENED)
    for report in ended:
        audit.record(by=by, action="report.void", target=report, event=event, kind=report.kind)
    return ended


def delete(event: Event, *, by: Actor) -> None:
    """Delete a draft that nobody has signed, with its roster and its roster's files.

    Raises NotDeletable.
    """
    with transaction.atomic():
        event = hold(event, exclusive=True)
        require_deletable(event)
        files = [name for row in event.imports.all() for name in (row.file, row.report) if name]
        files += event.exports.exclude(index="").values_list("index", flat=True)
        audit.record(by=by, action="event.delete", target=event, event=event)
        Excuse.objects.filter(signatory__event=event).delete()
        event.desks.all().delete()
        try:
            event.delete()
        except ProtectedError as error:
            raise NotDeletable(
                "Acara ini masih mempunyai dokumen atau pindaian yang tercatat, jadi tidak dapat "
                "dihapus."
            ) from error
    for name in files:
        default_storage.delete(name)


def require_deletable(event: Event) -> None:
    """The database itself protects what people signed or declared; this says it kindly."""
    if Signature.objects.filter(signatory__event=event).exists():
        raise NotDeletable(
            "Acara ini sudah mempunyai tanda tangan, jadi tidak dapat dihapus. Datanya dihapus "
            "dengan sendirinya setelah masa simpannya habis."
        )
    if Refusal.objects.filter(signatory__event=event).exists():
        raise NotDeletable(
            "Pada acara ini ada yang menyatakan tidak bersedia dan memegang buktinya, jadi acara "
            "ini tidak dapat dihapus."
        )
    if not event.is_draft:
        raise NotDeletable(
            "Hanya rancangan yang dapat dihapus. Kembalikan dahulu acara ini ke rancangan."
        )
