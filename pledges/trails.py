"""The audit log, read: whole sentences, chosen by time, by who, by what and about whom.

Entries hold ids; the names are those of today, and who or what is gone is told by its number.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.db import models
from django.db.models import CharField, F, Q, QuerySet, TextChoices, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf

from pledges import audit, tables
from pledges.audit import Actor
from pledges.models import (
    Agency,
    AuditEntry,
    Correction,
    Desk,
    Dispute,
    Event,
    Excuse,
    Import,
    Membership,
    Pact,
    Refusal,
    ReminderRun,
    Report,
    Scan,
    Signatory,
    Signature,
    Wave,
)
from pledges.models.signatory import SignatoryQuerySet
from pledges.tables import Column

_BATCH = 500


class Theme(TextChoices):
    """What actions are about; their names begin with these words."""

    TAKEN = "taken", "Unduhan dan NIP yang dilihat"
    SIGNED = "signed", "Tanda tangan"
    ROSTER = "roster", "Daftar dan data orang"
    CHASING = "chasing", "Pengingat dan halangan"
    EVENT = "event", "Acara, naskah, laporan"
    CEREMONY = "ceremony", "Peran, gelombang, deklarasi"
    CODES = "codes", "Slip, kode, meja petugas"
    ROLES = "roles", "Peran petugas"


# Action → its theme, and what somebody did, in words that follow their name. Words in braces
# stand in the entry's details.
ACTIONS: dict[str, tuple[Theme, str]] = {
    "export.documents": (Theme.TAKEN, "meminta unduhan {documents} dokumen"),
    "export.book": (Theme.TAKEN, "meminta buku salinan {documents} pakta"),
    "export.take": (Theme.TAKEN, "mengambil unduhan {documents} dokumen"),
    "export.document": (Theme.TAKEN, "mengunduh dokumen satu orang"),
    "export.declaration": (Theme.TAKEN, "mengunduh deklarasi bersama"),
    "export.evidence": (Theme.TAKEN, "mengunduh bukti satu orang ({files} berkas)"),
    "export.list": (Theme.TAKEN, "mengunduh daftar {people} orang"),
    "export.faulty_rows": (Theme.TAKEN, "mengunduh {rows} baris daftar yang bermasalah"),
    "export.report": (Theme.TAKEN, "mengunduh laporan"),
    "export.own_data": (Theme.TAKEN, "mengunduh data diri sendiri"),
    "missing.print": (Theme.TAKEN, "mencetak daftar {people} orang yang belum menandatangani"),
    "scan.view": (Theme.TAKEN, "melihat pindaian lembar bertanda tangan"),
    "export.trail": (Theme.TAKEN, "mengunduh catatan audit ({entries} baris)"),
    "number.look": (Theme.TAKEN, "melihat NIP utuh {people} orang"),
    "number.look_up": (Theme.TAKEN, "mencari pegawai dengan NIP"),
    "signature.sign": (Theme.SIGNED, "menandatangani"),
    "signature.file": (Theme.SIGNED, "mencatat tanda tangan basah"),
    "signature.void": (Theme.SIGNED, "membatalkan tanda tangan"),
    "scan.upload": (Theme.SIGNED, "mengunggah pindaian tanda tangan basah"),
    "scan.file": (Theme.SIGNED, "memasangkan pindaian dengan orangnya"),
    "scan.discard": (Theme.SIGNED, "membuang pindaian"),
    "dispute.report": (Theme.SIGNED, "melaporkan “Bukan saya”"),
    "refusal.record": (Theme.SIGNED, "menyatakan tidak bersedia"),
    "roster.upload": (Theme.ROSTER, "mengunggah berkas daftar"),
    "roster.confirm": (Theme.ROSTER, "menyetujui isi berkas daftar"),
    "roster.cancel": (Theme.ROSTER, "membatalkan impor daftar"),
    "roster.enrol": (Theme.ROSTER, "memasukkan daftar ke acara"),
    "roster.add": (Theme.ROSTER, "menambahkan orang"),
    "roster.withdraw": (Theme.ROSTER, "mengeluarkan orang dari daftar"),
    "roster.restore": (Theme.ROSTER, "memulihkan orang ke daftar"),
    "roster.amend": (Theme.ROSTER, "mengubah data orang"),
    "roster.change_email": (Theme.ROSTER, "mengubah alamat surel orang"),
    "roster.change_number": (Theme.ROSTER, "mengganti NIP atau NIK orang"),
    "correction.ask": (Theme.ROSTER, "meminta perbaikan data"),
    "correction.report_missing": (Theme.ROSTER, "menerima laporan nama yang tidak ada"),
    "correction.done": (Theme.ROSTER, "menyelesaikan permintaan perbaikan"),
    "correction.declined": (Theme.ROSTER, "menolak permintaan perbaikan"),
    "nik.rotate": (Theme.ROSTER, "mengganti kunci enkripsi NIK {people} orang"),
    "excuse.record": (Theme.CHASING, "mencatat halangan"),
    "excuse.lift": (Theme.CHASING, "mencabut halangan"),
    "reminders.plan": (Theme.CHASING, "menjadwalkan pengingat {days} hari sebelum batas waktu"),
    "reminders.send": (Theme.CHASING, "meminta pengiriman pengingat"),
    "reminders.begin": (Theme.CHASING, "mulai mengirim pengingat kepada {people} orang"),
    "reminders.cancel": (Theme.CHASING, "membatalkan pengingat"),
    "reminders.whatsapp": (Theme.CHASING, "mengirim pengingat lewat WhatsApp"),
    "event.create": (Theme.EVENT, "membuat acara"),
    "event.update": (Theme.EVENT, "mengubah data acara"),
    "event.ways": (Theme.EVENT, "mengubah cara membuktikan diri"),
    "event.publish": (Theme.EVENT, "menerbitkan acara"),
    "event.unpublish": (Theme.EVENT, "mengembalikan acara ke rancangan"),
    "event.close": (Theme.EVENT, "menutup acara"),
    "event.reopen": (Theme.EVENT, "membuka acara lagi"),
    "event.delete": (Theme.EVENT, "menghapus acara"),
    "retention.set": (Theme.EVENT, "menetapkan masa simpan {years} tahun"),
    "retention.begin": (Theme.EVENT, "memulai penghapusan data sesuai retensi"),
    "retention.purge": (Theme.EVENT, "menghapus data sesuai retensi"),
    "report.make": (Theme.EVENT, "membuat laporan"),
    "report.void": (Theme.EVENT, "membatalkan laporan"),
    "text.add": (Theme.EVENT, "menambahkan naskah"),
    "text.save": (Theme.EVENT, "menyimpan naskah"),
    "text.confirm": (Theme.EVENT, "menyatakan naskah sebagai naskah resmi"),
    "text.replace": (Theme.EVENT, "mengganti semua naskah"),
    "text.remove": (Theme.EVENT, "menghapus naskah"),
    "text.split": (Theme.EVENT, "memisahkan naskah non-ASN"),
    "text.for_everybody": (Theme.EVENT, "memakai satu naskah untuk semua"),
    "agency.create": (Theme.EVENT, "membuat instansi"),
    "agency.move": (Theme.EVENT, "memindahkan unit kerja"),
    "agency.save": (Theme.EVENT, "mengubah kop surat"),
    "login_provider.save": (Theme.EVENT, "menyimpan login instansi"),
    "login_provider.remove": (Theme.EVENT, "menghapus login instansi"),
    "ceremony.give": (Theme.CEREMONY, "memberi peran di acara"),
    "ceremony.move": (Theme.CEREMONY, "mengubah urutan peran"),
    "ceremony.add_guest": (Theme.CEREMONY, "menambahkan tamu"),
    "ceremony.change_guest": (Theme.CEREMONY, "mengubah data tamu"),
    "waves.define": (Theme.CEREMONY, "menetapkan {waves} gelombang"),
    "waves.give": (Theme.CEREMONY, "menetapkan gelombang {wave} untuk orang"),
    "waves.open": (Theme.CEREMONY, "membuka gelombang {wave}"),
    "declaration.complete": (Theme.CEREMONY, "menyelesaikan deklarasi bersama"),
    "declaration.void": (Theme.CEREMONY, "membatalkan deklarasi bersama"),
    "slips.print": (Theme.CODES, "mencetak slip {people} orang"),
    "sheets.print": (Theme.CODES, "mencetak lembar pakta {people} orang"),
    "identity.reveal": (Theme.CODES, "melihat tautan dan kode pribadi"),
    "identity.code_alert": (Theme.CODES, "mencatat kode salah pada {numbers} nomor"),
    "desk.start": (Theme.CODES, "membuka meja petugas"),
    "desk.attest": (Theme.CODES, "memeriksa identitas di meja petugas"),
    "desk.end": (Theme.CODES, "menutup meja petugas"),
    "desk.wrong_pin": (Theme.CODES, "mencatat PIN meja yang salah"),
    "role.grant": (Theme.ROLES, "memberi peran petugas"),
    "role.remove": (Theme.ROLES, "mencabut peran petugas"),
    "role.change": (Theme.ROLES, "mengubah peran petugas"),
    "role.invite_again": (Theme.ROLES, "mengirim undangan lagi"),
    "account.password": (Theme.ROLES, "mengganti kata sandi"),
    "account.deactivate": (Theme.ROLES, "menonaktifkan akun"),
    "account.activate": (Theme.ROLES, "mengaktifkan akun lagi"),
    "account.log_out": (Theme.ROLES, "mengakhiri {sessions} sesi masuk"),
    "second_factor.require": (Theme.ROLES, "mengatur kewajiban verifikasi dua langkah"),
    "second_factor.add": (Theme.ROLES, "memasang langkah kedua untuk masuk"),
    "second_factor.remove": (Theme.ROLES, "melepas langkah kedua untuk masuk"),
    "second_factor.codes": (Theme.ROLES, "membuat kode cadangan baru"),
    "second_factor.reset": (Theme.ROLES, "menghapus verifikasi dua langkah"),
}

# The words where it was done for, or to, somebody else.
_OF_ANOTHER = {"export.own_data": "mengunduh semua data satu orang"}

# For those who manage the event, like refusals everywhere.
_OF_REFUSALS = ("refusal.record",)

# What a subject is called, by the name of its table: whose rows, and their name.
_NAMES: dict[str, tuple[type[models.Model], Any]] = {
    "user": (
        User,
        Coalesce(NullIf(F("first_name"), Value("")), F("email"), output_field=CharField()),
    ),
    "signatory": (Signatory, F("name")),
    "signature": (Signature, F("signatory__name")),
    "agency": (Agency, F("name")),
    "pact": (Pact, F("title")),
    "wave": (Wave, F("name")),
    "import": (Import, F("filename")),
    "correction": (Correction, Coalesce(F("signatory__name"), F("name"))),
    "dispute": (Dispute, F("signature__signatory__name")),
    "refusal": (Refusal, F("signatory__name")),
    "excuse": (Excuse, F("signatory__name")),
    "scan": (Scan, Coalesce(F("signatory__name"), F("filename"))),
    "desk": (Desk, F("unit__name")),
    "report": (Report, F("unit__name")),
    "reminderrun": (ReminderRun, F("unit__name")),
    "membership": (Membership, F("user__email")),
}
_GONE = {"user": "akun yang sudah dihapus", "membership": "peran yang sudah dicabut"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which entries are asked for; what is empty chooses everything."""

    since: datetime.date | None = None
    until: datetime.date | None = None
    theme: Theme | None = None
    # A piece of the name or e-mail address of who did it.
    who: str = ""
    # A piece of the name of a person or unit it is about.
    about: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One entry in words: Who did What, about whom or what."""

    pk: int
    at: datetime.datetime
    who: str
    what: str
    about: str


def entries(event: Event, chosen: Chosen) -> QuerySet[AuditEntry]:
    """The entries of an event, the latest first."""
    found = AuditEntry.objects.filter(event_id=event.pk).order_by("-at", "-pk")
    if chosen.since:
        found = found.filter(at__gte=_midnight(event, chosen.since))
    if chosen.until:
        found = found.filter(at__lt=_midnight(event, chosen.until + datetime.timedelta(days=1)))
    if chosen.theme:
        found = found.filter(action__in=_actions(chosen.theme))
    if chosen.who:
        found = found.filter(_by(event, chosen.who))
    return found.filter(_about(event, chosen.about)) if chosen.about else found


def page(
    found: QuerySet[AuditEntry], *, before: int | None, count: int
) -> tuple[list[Told], int | None]:
    """The next so many entries after that with the key `before`, and the key to go on from."""
    edge = AuditEntry.objects.filter(pk=before).first() if before else None
    if edge:
        found = found.filter(Q(at__lt=edge.at) | Q(at=edge.at, pk__lt=edge.pk))
    rows = list(found[: count + 1])
    more = rows[count - 1].pk if len(rows) > count else None
    return tell(rows[:count]), more


def of_person(person: Signatory, *, reveals_refusals: bool) -> list[Told]:
    """Everything that is on record about a person, the first first."""
    found = AuditEntry.objects.filter(_of_people(Signatory.objects.filter(pk=person.pk)))
    found = found.filter(event_id=person.event_id).order_by("at", "pk")
    return tell(found if reveals_refusals else found.exclude(action__in=_OF_REFUSALS))


def export(event: Event, chosen: Chosen, *, by: Actor) -> Iterator[bytes]:
    """The chosen entries as CSV, piece by piece, of which the log tells."""
    found = entries(event, chosen)
    told = audit.record(
        by=by, action="export.trail", target=event, event=event, entries=found.count()
    )
    return tables.csv_pieces(_COLUMNS, _rows(event, found.filter(pk__lt=told.pk)))


_COLUMNS = (
    Column("Waktu", 26),
    Column("Siapa", 36),
    Column("Tindakan", 44),
    Column("Mengenai", 44),
)


def row(told: Told, event: Event) -> tuple[str, ...]:
    local = told.at.astimezone(event.zone)
    return f"{local:%Y-%m-%d %H:%M:%S %Z}", told.who, told.what, told.about


def as_csv(told: Iterable[Told], event: Event) -> bytes:
    return tables.as_csv(_COLUMNS, [row(each, event) for each in told])


def _rows(event: Event, found: QuerySet[AuditEntry]) -> Iterator[tuple[str, ...]]:
    remaining = found.iterator(chunk_size=_BATCH)
    while batch := list(islice(remaining, _BATCH)):
        yield from (row(told, event) for told in tell(batch))


def tell(rows: Iterable[AuditEntry]) -> list[Told]:
    """Entries in words, with as many queries as there are kinds of subjects in them."""
    found = list(rows)
    names = _names([each for entry in found for each in (entry.actor, entry.target)])
    return [
        Told(entry.pk, entry.at, names[entry.actor], _what(entry), _target(entry, names))
        for entry in found
    ]


def _what(entry: AuditEntry) -> str:
    """Another version's action is told by its name."""
    _, words = ACTIONS.get(entry.action, (None, f"melakukan “{entry.action}”"))
    if entry.actor != entry.target:
        words = _OF_ANOTHER.get(entry.action, words)
    return words.format_map(defaultdict(lambda: "…", entry.details))


def _target(entry: AuditEntry, names: Mapping[str, str]) -> str:
    """The event itself goes without saying, and so does who did it to themselves."""
    name = names[entry.target]
    return "" if entry.target.startswith("event:") or name == names[entry.actor] else name


def _names(subjects: Iterable[str]) -> dict[str, str]:
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for subject in subjects:
        kind, _, pk = subject.partition(":")
        if pk:
            wanted[kind].add(int(pk))
    names = {"system": "Sistem"}
    for kind, pks in wanted.items():
        known = _known(kind, pks)
        gone = _GONE.get(kind)
        names |= {f"{kind}:{pk}": known.get(pk) or gone or f"nomor {pk}" for pk in pks}
    return names


def _known(kind: str, pks: Iterable[int]) -> dict[int, str]:
    if kind not in _NAMES:
        return {}
    model, name = _NAMES[kind]
    rows = model._base_manager.filter(pk__in=pks).order_by()
    return dict(rows.annotate(called=name).values_list("pk", "called"))


def _midnight(event: Event, day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), tzinfo=event.zone)


def _actions(theme: Theme) -> list[str]:
    return [action for action, (of_theme, _) in ACTIONS.items() if of_theme is theme]


def _by(event: Event, text: str) -> Q:
    """By a user or a signatory of that name."""
    users = User.objects.filter(Q(first_name__icontains=text) | Q(email__icontains=text))
    people = event.signatories.filter(name__icontains=text)
    return Q(actor__in=_subjects("user", users)) | Q(actor__in=_subjects("signatory", people))


def _about(event: Event, text: str) -> Q:
    """About people of that name, or the units of that name and what was taken of them."""
    units = Agency.objects.filter(path__startswith=event.agency.path, name__icontains=text)
    people = event.signatories.filter(name__icontains=text)
    return _of_people(people) | Q(target__in=_subjects("agency", units))


def _of_people(people: SignatoryQuerySet) -> Q:
    """What people did and what was done to them, and to what is theirs or about them."""
    targets = Q(actor__in=_subjects("signatory", people))
    targets |= Q(target__in=_subjects("signatory", people))
    for kind, rows in {
        "signature": Signature.objects.filter(signatory__in=people),
        "correction": Correction.objects.filter(signatory__in=people),
        "dispute": Dispute.objects.filter(signature__signatory__in=people),
        "refusal": Refusal.objects.filter(signatory__in=people),
        "excuse": Excuse.objects.filter(signatory__in=people),
        "scan": Scan.objects.filter(signatory__in=people),
    }.items():
        targets |= Q(target__in=_subjects(kind, rows))
    return targets


def _subjects(kind: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Their keys as the log writes them."""
    name = Concat(Value(f"{kind}:"), Cast("pk", CharField()))
    subjects: QuerySet[Any] = rows.order_by().annotate(subject=name).values("subject")
    return subjects
