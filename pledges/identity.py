"""How a signatory proves who they are. Each way ends in a ticket, which `signing.sign` takes.

A ticket is a signed statement "this signatory, these texts, proved by this method". It
travels in the page instead of a cookie, so nothing ambient authorises a signature. It has no
date of expiry: a phone without a network keeps it with the signature, for days if need be. A
new generation, a void and another text make it worthless.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core import signing
from django.db import transaction
from django.utils import timezone

from pledges import audit, events, guesses, keys, niks, pact
from pledges.audit import Actor
from pledges.models import CodeAttempt, Event, Signatory, Signature, Way
from pledges.models.signatory import SignatoryQuerySet

CODE_BITS = 50
MAX_FAILURES = 10
LOCK = timedelta(minutes=15)

# The methods a statement can name.
PERSONAL_LINK = "personal_link"
PERSONAL_CODE = "personal_code"
EMAIL_CODE = "email_code"
LOGIN = "login"
DESK = "desk"
# A sheet that was signed by hand and photographed.
PAPER = "paper"


class NotIdentified(Exception):
    """Base of everything that keeps a person from a ticket; the message is for them."""


class UnknownLink(NotIdentified):
    def __init__(self) -> None:
        super().__init__(
            "Tautan ini tidak dikenal atau sudah diganti. "
            "Minta tautan baru kepada pengelola kepegawaian unit Anda."
        )


class Withdrawn(NotIdentified):
    def __init__(self) -> None:
        super().__init__(
            "Nama Anda tidak lagi ada dalam daftar penanda tangan acara ini. "
            "Bila menurut Anda ini keliru, hubungi pengelola kepegawaian unit Anda."
        )


class UnknownEvent(NotIdentified):
    def __init__(self) -> None:
        super().__init__(
            "Tidak ada acara dengan alamat ini. Periksa lagi ejaannya, "
            "atau pindai lagi kode QR acara."
        )


class WrongCode(NotIdentified):
    def __init__(self) -> None:
        super().__init__(
            "Nomor atau kode tidak cocok. Periksa lagi keduanya pada slip Anda; "
            "bila tetap gagal, hubungi pengelola kepegawaian unit Anda."
        )


class CodeEntryLocked(NotIdentified):
    def __init__(self, until: datetime) -> None:
        minutes = math.ceil((until - timezone.now()).total_seconds() / 60)
        super().__init__(
            f"Kode untuk nomor ini terlalu sering salah. Coba lagi {minutes} menit lagi, "
            "atau gunakan tautan pada slip Anda: tautan itu tetap berlaku."
        )


class WayNotOffered(NotIdentified):
    def __init__(self) -> None:
        super().__init__(
            "Acara ini tidak memakai cara ini untuk mengenali penanda tangan. "
            "Buka alamat acara untuk melihat cara yang dipakai."
        )


class BadTicket(NotIdentified):
    def __init__(self) -> None:
        super().__init__(
            "Halaman ini sudah tidak berlaku. Buka lagi tautan atau pindai lagi kode QR Anda; "
            "belum ada yang tersimpan atas nama Anda dari halaman ini."
        )


class ReceiptOutdated(NotIdentified):
    def __init__(self) -> None:
        super().__init__(
            "Tanda tangan ini atau yang lain atas nama Anda pernah dibatalkan, atau tautan Anda "
            "pernah diganti. Karena itu halaman bukti ini tidak memberi data pribadi. "
            "Mintalah data Anda kepada BKPSDM."
        )


@dataclass(frozen=True, slots=True)
class Ticket:
    signatory: int
    # Of the texts to be shown, in their order; without any it signs nothing.
    digests: tuple[str, ...]
    method: str
    # Who or what vouches, in words for the document: an officer's name, a provider's.
    detail: str
    desk: int | None
    nonce: str
    generation: int
    voids: int
    # Seconds since 1970, by the server's clock.
    issued_at: int

    _SALT = "pledges.ticket"

    def seal(self) -> str:
        return signing.dumps(asdict(self), salt=self._SALT, compress=True)

    @classmethod
    def unseal(cls, text: str) -> Ticket:
        try:
            values = signing.loads(text, salt=cls._SALT)
            return cls(**values | {"digests": tuple(values["digests"])})
        except (signing.BadSignature, KeyError, TypeError) as error:
            raise BadTicket from error


def issue(
    signatory: Signatory, *, method: str, detail: str = "", desk: int | None = None
) -> Ticket:
    """A ticket for somebody who has proved who they are."""
    return Ticket(
        signatory=signatory.pk,
        digests=_digests_for(signatory),
        method=method,
        detail=detail,
        desk=desk,
        nonce=keys.random_code(keys.SECRET_BITS),
        generation=signatory.generation,
        voids=signatory.voids,
        issued_at=int(time.time()),
    )


def _digests_for(signatory: Signatory) -> tuple[str, ...]:
    try:
        texts = pact.texts_of(signatory)
    except pact.NoPactForSignatory:
        return ()
    signed = set(signatory.signatures.live().values_list("pact", flat=True))
    return tuple(row.digest for row in texts if row.digest and row.pk not in signed)


def renewed(ticket: Ticket) -> tuple[Signatory, Ticket]:
    """Whose ticket this is, and another for the texts as they are now."""
    person = signatory_of_ticket(ticket)
    return person, issue(person, method=ticket.method, detail=ticket.detail, desk=ticket.desk)


def is_outdated(ticket: Ticket, signatory: Signatory) -> bool:
    """Whether links were revoked, or a signature voided, since the ticket was issued."""
    return (ticket.generation, ticket.voids) != (signatory.generation, signatory.voids)


def signatory_of_ticket(ticket: Ticket) -> Signatory:
    """Whose ticket this is, if it still holds; `signing` asks again under its locks."""
    try:
        signatory = Signatory.objects.select_related("event").get(pk=ticket.signatory)
    except Signatory.DoesNotExist as error:
        raise BadTicket from error
    if signatory.is_withdrawn or is_outdated(ticket, signatory):
        raise BadTicket
    return signatory


def note_opened(ticket: Ticket) -> None:
    """That whoever holds this ticket saw the signing page; the first time counts."""
    signatory = signatory_of_ticket(ticket)
    unopened = Signatory.objects.filter(pk=signatory.pk, opened_at__isnull=True)
    unopened.update(opened_at=timezone.now())


def link_token(signatory: Signatory) -> str:
    """The secret part of a personal link: whose it is, and 130 bits that prove it."""
    proof = keys.derived("link", signatory.pk, signatory.generation, bits=keys.SECRET_BITS)
    return f"{signatory.pk}-{proof}"


def personal_link(signatory: Signatory) -> str:
    return f"{settings.BASE_URL}/s/{link_token(signatory)}"


def personal_code(signatory: Signatory) -> str:
    """Ten characters, shown in two groups of five."""
    code = keys.derived("code", signatory.pk, signatory.generation, bits=CODE_BITS)
    return f"{code[:5]}-{code[5:]}"


def reveal(signatory: Signatory, *, by: Actor) -> tuple[str, str]:
    """Personal link and code, to help somebody without a slip; that they were shown is recorded."""
    events.require_kept(signatory.event)
    hand_out(Signatory.objects.filter(pk=signatory.pk), by=by)
    audit.record(by=by, action="identity.reveal", target=signatory, event=signatory.event)
    return personal_link(signatory), personal_code(signatory)


def hand_out(people: SignatoryQuerySet, *, by: Actor) -> None:
    """Note who gives these people their links and codes; their documents will name them."""
    people.update(handed_out_by=by.pk if by is not None else None)


def signatory_of_link(token: str) -> Signatory:
    """Whose personal link this is."""
    try:
        signatory = people().get(pk=keys.row_of(token))
    except Signatory.DoesNotExist as error:
        raise UnknownLink from error
    if not keys.same(link_token(signatory), token):
        raise UnknownLink
    if signatory.is_withdrawn:
        raise Withdrawn
    events.require_kept(signatory.event)
    return signatory


def by_link(token: str) -> tuple[Signatory, Ticket]:
    """Outside witnesses have no other way, so their links always serve."""
    signatory = signatory_of_link(token)
    if not (signatory.event.offers(Way.SLIP) or signatory.is_outside):
        raise WayNotOffered
    return signatory, issue(signatory, method=PERSONAL_LINK, detail=_handed_out_by(signatory))


def _handed_out_by(signatory: Signatory) -> str:
    return name_of(signatory.handed_out_by) if signatory.handed_out_by else ""


def name_of(user: AbstractUser) -> str:
    """Of an officer, as documents name whoever vouches."""
    return user.get_full_name() or user.get_username()


def event_at(code: str) -> Event:
    """The event of a short address, however its code was typed."""
    event = Event.objects.filter(code=keys.normalise(code)).select_related("agency").first()
    if event is None:
        raise UnknownEvent
    return event


def by_code(event: Event, *, identifier: str, code: str) -> tuple[Signatory, Ticket]:
    """Check a typed NIP or NIK and personal code.

    Ten wrong codes lock the typing of codes for this identifier for 15 minutes, never
    the personal link, so nobody can lock a hall out with public NIPs. Unknown
    identifiers and wrong codes answer alike, the lock included.
    """
    if not event.offers(Way.SLIP):
        raise WayNotOffered
    digits = "".join(c for c in identifier if c.isdigit())
    signatory = find(event, digits)
    # Compare against a code that nobody has, so that an unknown identifier takes as long.
    expected = personal_code(signatory) if signatory else keys.random_code(CODE_BITS)
    matches = keys.same(keys.normalise(expected), keys.normalise(code))
    if not _admits(event, digits, code, matches=matches) or signatory is None:
        raise WrongCode
    signatory = people().get(pk=signatory.pk)
    if signatory.is_withdrawn:
        raise Withdrawn
    return signatory, issue(signatory, method=PERSONAL_CODE, detail=_handed_out_by(signatory))


def people() -> SignatoryQuerySet:
    """With everything that a ticket is made of."""
    people = Signatory.objects.select_related("event__agency", "unit", "handed_out_by")
    return people.prefetch_related("event__pacts")


def find(event: Event, digits: str) -> Signatory | None:
    """Reads next to nothing of the person, which takes as long as finding nobody."""
    people = Signatory.objects.filter(event=event).only("generation")
    if len(digits) == 16:
        niks.require_key()
        return people.filter(nik_hash=keys.nik_hash(digits)).first()
    return people.filter(nip=digits).first()


def _admits(event: Event, digits: str, code: str, *, matches: bool) -> bool:
    """Whether a code that matches (or not) may pass; wrong ones are counted."""
    code_hash = guesses.hashed_code(event, code)
    with transaction.atomic():
        attempt, _ = CodeAttempt.objects.select_for_update().get_or_create(
            event=event, identifier_hash=guesses.hashed_number(digits)
        )
        now = timezone.now()
        if attempt.locked_until and attempt.locked_until > now:
            raise CodeEntryLocked(attempt.locked_until)
        attempt.failures = _failures(attempt, matches=matches)
        attempt.locked_until = now + LOCK if attempt.failures >= MAX_FAILURES else None
        attempt.code_hash, attempt.failed_at = ("", None) if matches else (code_hash, now)
        attempt.save(update_fields=["failures", "locked_until", "code_hash", "failed_at"])
    if not matches:
        guesses.watch(event, code_hash)
    return matches


def _failures(attempt: CodeAttempt, *, matches: bool) -> int:
    """Wrong codes in a row; a lock that has run out begins a new row."""
    if matches:
        return 0
    return 1 if attempt.locked_until else attempt.failures + 1


def receipt_token(signature: Signature) -> str:
    """Lets its holder see one signature's receipt and download its document."""
    code, bits = signature.verification_code, keys.SECRET_BITS
    return f"{signature.pk}-{keys.derived('receipt', signature.pk, code, bits=bits)}"


def signature_of_receipt(token: str) -> Signature:
    known = Signature.objects.select_related("signatory__event__agency", "pact", "document")
    try:
        signature = known.get(pk=keys.row_of(token))
    except Signature.DoesNotExist as error:
        raise UnknownLink from error
    if not keys.same(receipt_token(signature), token):
        raise UnknownLink
    events.require_kept(signature.signatory.event)
    return signature


def gives_own_data(signature: Signature) -> bool:
    """Whether who holds the receipt counts as the person: not once a signature was voided after
    this one was given, or links were ever revoked, since the signer may have been another."""
    person = signature.signatory
    if signature.voided_at is not None or person.generation > 1:
        return False
    voided_since = person.signatures.filter(voided_at__gt=signature.signed_at)
    return not (person.voids and voided_since.exists())


def owner_of_receipt(token: str) -> Signatory:
    """Whose data the holder of a receipt may take."""
    signature = signature_of_receipt(token)
    if not gives_own_data(signature):
        raise ReceiptOutdated
    return signature.signatory
