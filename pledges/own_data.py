"""Everything that is held on one person in one event, to take away: the right of access.

One ZIP of the same content twice, for machines (JSON) and for reading (HTML), and the
person's own sealed documents and photographed sheets. The NIP is whole, for it is the person's
own; a NIK stays masked.

What was confided to admins is in it only where an admin takes it: refusals, disputes and why
signatures were voided. The receipt opens to whoever holds the link, and officers hold them all.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import Model, Q
from django.template.loader import render_to_string
from django.utils import timezone

from pledges import audit, events, identity, signing
from pledges.audit import Actor
from pledges.models import (
    AuditEntry,
    Dispute,
    Document,
    EmailCode,
    Notice,
    Scan,
    Signatory,
    Signature,
)

_ABOUT = (
    "Semua yang tercatat di Pakta tentang orang ini pada acara ini. Deklarasi bersama tidak "
    "disertakan karena memuat data orang lain; unduhlah dari halaman bukti."
)
_WITHOUT_CONFIDED = (
    " Pernyataan tidak bersedia, laporan “Bukan saya”, dan alasan pembatalan tanda tangan, bila "
    "ada, tidak termasuk: ketiganya diberikan admin instansi bila Anda memintanya."
)
# As the audit log names what was confided.
_CONFIDED = ("refusal:", "dispute:")


def take_out(person: Signatory, *, by: Actor, reveals_confided: bool = False) -> bytes:
    """The ZIP. Raises Purged where the data were deleted after their retention."""
    events.require_kept(person.event)
    content = _content(person, reveals_confided=reveals_confided)
    audit.record(by=by, action="export.own_data", target=person, event=person.event)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(content, ensure_ascii=False, indent=2))
        archive.writestr("data.html", _readable(content))
        for document in _documents(person).exclude(file=""):
            _add(archive, _name(document), document.file)
        for scan in person.scans.exclude(file=""):
            _add(archive, _picture(scan), scan.file)
    return held.getvalue()


def _add(archive: zipfile.ZipFile, name: str, stored: str) -> None:
    with default_storage.open(stored) as file:
        archive.writestr(name, file.read())


def _content(person: Signatory, *, reveals_confided: bool) -> dict[str, Any]:
    """Section → what it holds, in words of the person's own language."""
    return {
        "keterangan": _ABOUT if reveals_confided else _ABOUT + _WITHOUT_CONFIDED,
        "dibuat_pada": _moment(timezone.now(), person),
        "acara": _event(person),
        "data_dalam_daftar": _roster(person),
        "tanda_tangan": [
            _signature(row, person, reveals_confided=reveals_confided)
            for row in _signatures(person)
        ],
        "dokumen": [_document(row, person) for row in _documents(person)],
        **_messages(person),
        **_said(person),
        **(_confided(person) if reveals_confided else {}),
        "catatan_audit": list(_audit(person, reveals_confided=reveals_confided)),
    }


def _event(person: Signatory) -> dict[str, Any]:
    event = person.event
    return {
        "kode": event.code,
        "judul": event.title,
        "instansi": event.agency.name,
        "tanggal": event.date.isoformat(),
    }


def _roster(person: Signatory) -> dict[str, Any]:
    wave = person.wave if person.event.waves.exists() else None
    return {
        "nomor_urut": person.number,
        "nama": person.name,
        person.identifier_label.lower() or "nomor_induk": person.identifier,
        "jenis_kepegawaian": person.get_kind_display(),
        "pangkat": person.rank,
        "golongan": person.grade,
        "jabatan": person.position,
        "eselon": person.echelon,
        "unit_kerja": " › ".join(signing.unit_path(person)),
        "surel": person.email,
        "whatsapp": person.phone,
        "peran": person.get_part_display(),
        "bertindak_sebagai": person.capacity,
        "gelombang": wave,
        "halaman_dibuka_pada": _moment(person.opened_at, person),
        "dikeluarkan_pada": _moment(person.withdrawn_at, person),
    }


def _signatures(person: Signatory) -> Iterator[Signature]:
    yield from person.signatures.select_related("pact").order_by("pk")


def _signature(row: Signature, person: Signatory, *, reveals_confided: bool) -> dict[str, Any]:
    why_void = {"alasan_pembatalan": row.void_reason} if reveals_confided else {}
    return {
        "kode_verifikasi": row.verification_code,
        "naskah": row.pact.title,
        "ditandatangani_pada": _moment(row.signed_at, person),
        "terlambat": row.is_late,
        "dikirim_menyusul": row.is_sent_later,
        "dibatalkan_pada": _moment(row.voided_at, person),
        **why_void,
        "sidik_perangkat": row.device,
        "gambar_tanda_tangan": row.mark,
        "pernyataan": json.loads(row.statement),
    }


def _documents(person: Signatory) -> Any:
    return Document.objects.filter(signature__signatory=person).select_related("signature")


def _document(row: Document, person: Signatory) -> dict[str, Any]:
    return {
        "berkas": _name(row),
        "jenis": row.get_kind_display(),
        "sha256": row.sha256,
        "ukuran": row.size,
        "disegel_pada": _moment(row.sealed_at, person),
        "distempel_waktu_pada": _moment(row.timestamped_at, person),
    }


def _name(row: Document) -> str:
    return f"dokumen/{row.kind}-{row.signature.verification_code if row.signature else row.pk}.pdf"


def _messages(person: Signatory) -> dict[str, Any]:
    notices = Notice.objects.filter(signature__signatory=person)
    codes = EmailCode.objects.filter(signatory=person).order_by("pk")
    return {
        "pemberitahuan": [
            {"dikirim_pada": _moment(row.sent_at, person), "kegagalan": row.error}
            for row in notices
        ],
        "pengingat": [
            {
                "tanggal": row.day.isoformat(),
                "saluran": row.get_channel_display(),
                "dikirim_pada": _moment(row.sent_at, person),
                "kegagalan": row.error,
            }
            for row in person.reminders.all()
        ],
        "kode_lewat_surel": [
            {
                "diminta_pada": _moment(row.created_at, person),
                "dikirim_pada": _moment(row.sent_at, person),
            }
            for row in codes
        ],
    }


def _said(person: Signatory) -> dict[str, Any]:
    """By the person, and about them."""
    return {
        "halangan": [
            {
                "alasan": row.get_code_display(),
                "keterangan": row.note,
                "dicatat_pada": _moment(row.recorded_at, person),
                "dicabut_pada": _moment(row.lifted_at, person),
            }
            for row in person.excuses.all()
        ],
        "permintaan_perbaikan": [
            {
                "diminta_pada": _moment(row.asked_at, person),
                "permintaan": row.message,
                "keadaan": row.get_state_display(),
                "jawaban": row.answer,
            }
            for row in person.corrections.all()
        ],
        "pindaian": [
            {
                "berkas": _picture(row) if row.file else "",
                "nama_berkas_asal": row.filename,
                "keadaan": row.get_state_display(),
                "sha256": row.sha256,
                "diunggah_pada": _moment(row.uploaded_at, person),
                "diunggah_oleh": identity.name_of(row.uploaded_by) if row.uploaded_by else "",
            }
            for row in person.scans.select_related("uploaded_by")
        ],
    }


def _picture(row: Scan) -> str:
    return f"pindaian/{row.pk}.jpg"


def _confided(person: Signatory) -> dict[str, Any]:
    """To admins, by the person."""
    disputes = Dispute.objects.filter(signature__signatory=person)
    return {
        "pernyataan_tidak_bersedia": [
            {
                "kode_verifikasi": row.verification_code,
                "dinyatakan_pada": _moment(row.refused_at, person),
                "alasan": row.reason,
                "ditarik_kembali_pada": _moment(row.taken_back_at, person),
            }
            for row in person.refusals.all()
        ],
        "laporan_bukan_saya": [
            {"dilaporkan_pada": _moment(row.reported_at, person), "keterangan": row.message}
            for row in disputes
        ],
    }


def _audit(person: Signatory, *, reveals_confided: bool) -> Iterator[dict[str, Any]]:
    """Entries about the person and everything of theirs; they name rows, not people."""
    names = {_row(person), *map(_row, _rows(person))}
    entries = AuditEntry.objects.filter(
        Q(target__in=names) | Q(actor=_row(person)), event_id=person.event_id
    )
    for entry in entries:
        if entry.target.startswith(_CONFIDED) and not reveals_confided:
            continue
        yield {
            "nomor": entry.pk,
            "waktu": _moment(entry.at, person),
            "pelaku": entry.actor,
            "tindakan": entry.action,
            "tentang": entry.target,
        }


def _rows(person: Signatory) -> Iterator[Model]:
    yield from _signatures(person)
    yield from Dispute.objects.filter(signature__signatory=person)
    for related in (person.refusals, person.corrections, person.excuses, person.reminders):
        yield from related.all()
    yield from person.scans.all()


def _row(row: Model) -> str:
    """As the audit log names it."""
    return f"{row._meta.model_name}:{row.pk}"


def _moment(time: datetime | None, person: Signatory) -> str | None:
    return f"{time.astimezone(person.event.zone):%Y-%m-%d %H:%M:%S %Z}" if time else None


def _readable(content: dict[str, Any]) -> str:
    sections = [(_words(name), _lines(value)) for name, value in content.items()]
    return render_to_string("takeaway/own_data.html", {"sections": sections})


def _lines(value: Any) -> list[list[tuple[str, str]]]:
    """Each thing of a section as its lines, label and value; empty ones are left out."""
    things = value if isinstance(value, list) else [value]
    return [
        [(_words(name), _text(said)) for name, said in thing.items() if said not in ("", None)]
        if isinstance(thing, dict)
        else [("", _text(thing))]
        for thing in things
    ]


def _words(name: str) -> str:
    """ "unit_kerja" → "Unit kerja"; a number's kind stays in capitals."""
    return name.upper() if name in {"nip", "nik"} else name.replace("_", " ").capitalize()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, indent=1)
    return str(value)
