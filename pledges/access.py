"""Role → what one may see and do, and querysets scoped to a user.

Only views and commands ask here; domain functions trust their `by`. A role holds for the
agency it was given for and everything below. `docs/roles.md` is this table in words.
"""

from __future__ import annotations

from enum import Enum, auto

from django.contrib.auth.models import AbstractUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404

from pledges import keys, second_factors
from pledges.models import (
    Agency,
    Correction,
    Declaration,
    Desk,
    Event,
    Export,
    Import,
    LoginProvider,
    Membership,
    Pact,
    ReminderRun,
    Report,
    Role,
    Scan,
    SealCertificate,
    Signatory,
    Signature,
)
from pledges.models.collected import ReportQuerySet
from pledges.models.event import EventQuerySet
from pledges.models.signatory import SignatoryQuerySet, SignatureQuerySet


class Permission(Enum):
    # See numbers and people of one's part of an event, NIP masked.
    VIEW = auto()
    # See whole NIPs, print slips, export lists and documents of one's part.
    CARE = auto()
    # Download one person's sealed document.
    DOWNLOAD = auto()
    # See what may need a second look: shared devices, marks alike, reports of "not me".
    OVERSEE = auto()
    # Prepare, publish and close the event, import its roster, invite officers.
    MANAGE = auto()


GRANTS: dict[str, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.OFFICER: frozenset({Permission.VIEW, Permission.CARE, Permission.DOWNLOAD}),
    Role.OVERSEER: frozenset({Permission.VIEW, Permission.DOWNLOAD, Permission.OVERSEE}),
}


_PUBLISHED = ~Q(state=Event.State.DRAFT)


def agencies(user: AbstractUser) -> list[Agency]:
    """The agencies a user may create events for: roots of what they administer."""
    if user.is_superuser:
        return list(Agency.objects.filter(depth=1))
    return [m.agency for m in _memberships(user) if m.role == Role.ADMIN]


def agency(user: AbstractUser, pk: int) -> Agency:
    """One agency whose letterhead a user may change."""
    found: Agency | None = Agency.objects.filter(pk=pk).first()
    if found is None or not any(found.path.startswith(top.path) for top in agencies(user)):
        raise Http404("Instansi ini tidak ditemukan.")
    return found


def requiring(agency: Agency) -> Agency | None:
    """The agency, at or above one, that requires a second factor of whoever works in it."""
    found: Agency | None = (
        Agency.objects.filter(path__in=_paths_to(agency.path), requires_second_factor=True)
        .order_by("path")
        .first()
    )
    return found


def workers(agency: Agency) -> set[int]:
    """The numbers of the users with a role in an agency or below it."""
    found = Membership.objects.filter(agency__path__startswith=agency.path, user__is_active=True)
    return set(found.values_list("user", flat=True))


def owes_second_factor(user: AbstractUser) -> bool:
    """Whether somebody has to set one up before anything else. A superuser, who may do what
    everybody may, does as soon as any agency requires it."""
    if second_factors.steps(user).exists():
        return False
    requiring = Agency.objects.filter(requires_second_factor=True)
    if user.is_superuser:
        return bool(requiring.exists())
    mine = {path for m in _memberships(user) for path in _paths_to(m.agency.path)}
    return bool(requiring.filter(path__in=mine).exists())


def administers(user: AbstractUser, person: User) -> bool:
    """Whether a whole account is a user's to switch off: nobody's who works for others too, or
    above."""
    if user.is_superuser or person.is_superuser:
        return user.is_superuser
    mine = [m.agency.path for m in _memberships(user) if m.role == Role.ADMIN]
    return all(any(m.agency.path.startswith(path) for path in mine) for m in _memberships(person))


def events(user: AbstractUser) -> EventQuerySet:
    """Every event a user may see. Drafts are for those who prepare them."""
    if user.is_superuser:
        return Event.objects.select_related("agency")
    visible = Q(pk__in=[])
    for membership in _memberships(user):
        path = membership.agency.path
        prepares = Q() if membership.role == Role.ADMIN else _PUBLISHED
        visible |= Q(agency__path__startswith=path) & prepares
        visible |= Q(agency__path__in=_ancestor_paths(path)) & _PUBLISHED
    return Event.objects.filter(visible).select_related("agency")


def managed(user: AbstractUser) -> EventQuerySet:
    """The events a user prepares."""
    mine = Q(pk__in=[])
    for top in agencies(user):
        mine |= Q(agency__path__startswith=top.path)
    return Event.objects.filter(mine).select_related("agency")


def event(user: AbstractUser, code: str, permission: Permission) -> Event:
    """One event for one purpose: 404 when it is not the user's to see, 403 when not to do."""
    found = events(user).filter(code=keys.normalise(code)).first()
    if found is None:
        raise Http404("Acara tidak ditemukan.")
    if not paths(user, found, permission):
        raise PermissionDenied
    return found


def whole_event(user: AbstractUser, code: str, permission: Permission) -> Event:
    """As `event`, for what is about all of the event and not about one's part of it."""
    found = event(user, code, permission)
    if not covers(user, found, permission):
        raise PermissionDenied
    return found


def covers(user: AbstractUser, event: Event, permission: Permission) -> bool:
    """Whether a user has a permission for everybody in an event."""
    return paths(user, event, permission) == [event.agency.path]


def declaration(event: Event, pk: int) -> Declaration:
    """One completed declaration of an event that was found for its user already."""
    found = event.declarations.filter(pk=pk).select_related("document").first()
    if found is None:
        raise Http404("Deklarasi ini tidak ditemukan.")
    found.event = event
    return found


def text(event: Event, pk: int) -> Pact:
    """One text of an event that was found for its user already."""
    found = event.pacts.filter(pk=pk).first()
    if found is None:
        raise Http404("Naskah ini tidak ditemukan; mungkin sudah diganti.")
    found.event = event
    return found


def paths(user: AbstractUser, event: Event, permission: Permission) -> list[str]:
    """The subtrees of an event, as treebeard paths, for which a user has a permission.

    MANAGE concerns the event as a whole, so it counts only from the event's agency upwards.
    """
    top = event.agency.path
    if user.is_superuser:
        return [top]
    granted = [m.agency.path for m in _memberships(user) if permission in GRANTS[m.role]]
    if any(top.startswith(path) for path in granted):
        return [top]
    if permission is Permission.MANAGE:
        return []
    mine = {path for path in granted if path.startswith(top)}
    # A unit below another one of the user's is in its subtree already.
    return sorted(path for path in mine if not mine.intersection(_ancestor_paths(path)))


def may(user: AbstractUser, event: Event, permission: Permission) -> bool:
    return bool(paths(user, event, permission))


def signatories(user: AbstractUser, event: Event, permission: Permission) -> SignatoryQuerySet:
    """The people of an event for whom a user has a permission."""
    mine = Q(pk__in=[])
    for path in paths(user, event, permission):
        mine |= Q(unit__path__startswith=path)
    return Signatory.objects.filter(mine, event=event).select_related("unit", "event__agency")


def people(user: AbstractUser) -> SignatoryQuerySet:
    """Everybody a user may see, of all events: those in the units of the user's roles."""
    if user.is_superuser:
        return Signatory.objects.all()
    mine = Q(pk__in=[])
    for membership in _memberships(user):
        mine |= Q(unit__path__startswith=membership.agency.path)
    return Signatory.objects.filter(mine)


def signatory(user: AbstractUser, event: Event, pk: int, permission: Permission) -> Signatory:
    found = signatories(user, event, permission).filter(pk=pk).first()
    if found is None:
        raise Http404("Orang ini tidak ditemukan.")
    return found


def units(user: AbstractUser, event: Event, permission: Permission) -> list[Agency]:
    """The tops of a user's part of an event: its agency, or the units one cares for."""
    return list(Agency.objects.filter(path__in=paths(user, event, permission)).order_by("path"))


def subtree(user: AbstractUser, event: Event, permission: Permission) -> list[Agency]:
    """Every work unit of a user's part of an event, in the order of the tree."""
    mine = Q(pk__in=[])
    for path in paths(user, event, permission):
        mine |= Q(path__startswith=path)
    return list(Agency.objects.filter(mine))


def unit(user: AbstractUser, event: Event, pk: int, permission: Permission) -> Agency:
    """One work unit inside a user's part of an event."""
    found: Agency | None = Agency.objects.filter(pk=pk).first()
    mine = paths(user, event, permission)
    if found is None or not any(found.path.startswith(path) for path in mine):
        raise Http404("Unit kerja ini tidak ditemukan.")
    return found


# What makes a report of a unit somebody's to make and to read.
_READS_REPORTS = {
    Report.Kind.RECAP: (Permission.CARE, Permission.OVERSEE),
    Report.Kind.MINUTES: (Permission.MANAGE,),
    Report.Kind.PLAUSIBILITY: (Permission.OVERSEE,),
}


def _report_paths(user: AbstractUser, event: Event, kind: Report.Kind) -> set[str]:
    return {path for each in _READS_REPORTS[kind] for path in paths(user, event, each)}


def reported_units(user: AbstractUser, event: Event, kind: Report.Kind) -> list[Agency]:
    """Every work unit of which a user may make such a report, in the order of the tree."""
    mine = Q(pk__in=[])
    for path in _report_paths(user, event, kind):
        mine |= Q(path__startswith=path)
    return list(Agency.objects.filter(mine))


def reported_unit(user: AbstractUser, event: Event, kind: Report.Kind, pk: int) -> Agency:
    found = {unit.pk: unit for unit in reported_units(user, event, kind)}.get(pk)
    if found is None:
        raise Http404("Unit kerja ini tidak ditemukan.")
    return found


def reports(user: AbstractUser, event: Event) -> ReportQuerySet:
    """The reports a user may read; those that tell who declined, if the user manages the event."""
    mine = Q(pk__in=[])
    for kind in Report.Kind:
        for path in _report_paths(user, event, kind):
            mine |= Q(kind=kind, unit__path__startswith=path)
    if not may(user, event, Permission.MANAGE):
        mine &= Q(tells_refusals=False)
    return (
        event.reports.filter(mine)
        .select_related("unit", "document", "made_by", "event__agency")
        .defer("statement")
    )


def report(user: AbstractUser, event: Event, pk: int) -> Report:
    """With its statement."""
    found = reports(user, event).defer(None).filter(pk=pk).first()
    if found is None:
        raise Http404("Laporan ini tidak ditemukan.")
    return found


def recap(report: Report) -> Report:
    """A report that has a spreadsheet too."""
    if report.kind != Report.Kind.RECAP:
        raise Http404("Hanya rekapitulasi yang ada sebagai XLSX.")
    return report


def staffs(desk: Desk) -> bool:
    """Whether a desk's officer still cares for the people of its unit."""
    mine = paths(desk.officer, desk.event, Permission.CARE) if desk.officer.is_active else []
    return any(desk.unit.path.startswith(path) for path in mine)


def in_care(officer: AbstractUser, event: Event) -> SignatoryQuerySet:
    """For whom the background may act in an officer's name."""
    people = signatories(officer, event, Permission.CARE)
    return people if officer.is_active else people.none()


def scans(user: AbstractUser, event: Event) -> QuerySet[Scan]:
    """The photographed sheets of an event that a user uploaded, or that are of people for whom
    the user cares; whoever cares for everybody has all of them."""
    found = event.scans.exclude(state=Scan.State.DISCARDED).select_related("signatory__unit")
    if covers(user, event, Permission.CARE):
        return found
    people = signatories(user, event, Permission.CARE)
    return found.filter(Q(uploaded_by=user.pk) | Q(signatory__in=people))


def scan(user: AbstractUser, event: Event, pk: int) -> Scan:
    found = scans(user, event).filter(pk=pk).first()
    if found is None:
        raise Http404("Foto lembar ini tidak ditemukan; mungkin sudah dibuang.")
    found.event = event
    return found


def exports(user: AbstractUser, event: Event) -> QuerySet[Export]:
    """What a user asked to take away, of units for whose people the user still cares."""
    mine = Q(pk__in=[])
    for path in paths(user, event, Permission.CARE):
        mine |= Q(unit__path__startswith=path)
    return event.exports.filter(mine, asked_by=user.pk).select_related("unit")


def export(user: AbstractUser, event: Event, pk: int) -> Export:
    found = exports(user, event).filter(pk=pk).first()
    if found is None:
        raise Http404("Unduhan ini tidak ditemukan; mungkin sudah lewat tujuh hari.")
    found.event = event
    return found


def overseen(user: AbstractUser) -> SignatoryQuerySet:
    """Everybody, of all events that were published, whom a user oversees."""
    mine = Q(pk__in=[])
    for path in oversight(user):
        mine |= Q(unit__path__startswith=path)
    return Signatory.objects.filter(mine).exclude(event__state=Event.State.DRAFT)


def oversight(user: AbstractUser) -> list[str]:
    """The subtrees that a user oversees, as treebeard paths; "" is everything."""
    if user.is_superuser:
        return [""]
    granting = [m for m in _memberships(user) if Permission.OVERSEE in GRANTS[m.role]]
    return [membership.agency.path for membership in granting]


def corrections(user: AbstractUser, event: Event) -> QuerySet[Correction]:
    """The requests of people for whom a user cares; who is on the roster, by where they are."""
    mine = Q(pk__in=[])
    for path in paths(user, event, Permission.CARE):
        mine |= Q(signatory__unit__path__startswith=path)
        mine |= Q(signatory=None, unit__path__startswith=path)
    return event.corrections.filter(mine).select_related(
        "event__agency", "unit", "signatory__unit", "answered_by"
    )


def correction(user: AbstractUser, event: Event, pk: int) -> Correction:
    found = corrections(user, event).filter(pk=pk).first()
    if found is None:
        raise Http404("Permintaan ini tidak ditemukan.")
    return found


def reminder_runs(user: AbstractUser, event: Event) -> QuerySet[ReminderRun]:
    """The rounds of reminders that reach people for whom a user cares."""
    mine = Q(pk__in=[])
    for path in paths(user, event, Permission.CARE):
        mine |= Q(unit__path__startswith=path) | Q(unit__path__in=_ancestor_paths(path))
    return event.reminder_runs.filter(mine)


def reminder_run(user: AbstractUser, event: Event, pk: int) -> ReminderRun:
    """One that reaches nobody else: a round from above is not for a unit's officer to cancel."""
    found = reminder_runs(user, event).filter(pk=pk).select_related("event", "unit").first()
    mine = paths(user, event, Permission.CARE)
    if found is None or not any(found.unit.path.startswith(path) for path in mine):
        raise Http404("Pengingat ini tidak ditemukan.")
    return found


def imported(event: Event, pk: int) -> Import:
    """One roster file of an event that was found for its user already."""
    found = event.imports.filter(pk=pk).first()
    if found is None:
        raise Http404("Impor ini tidak ditemukan; mungkin sudah dibatalkan.")
    found.event = event
    return found


def memberships(event: Event) -> QuerySet[Membership]:
    """The roles in the units of an event that was found for its user already."""
    return (
        Membership.objects.filter(agency__path__startswith=event.agency.path)
        .select_related("user", "agency")
        .order_by("agency__path", "role", "user__first_name", "pk")
    )


def membership(event: Event, pk: int) -> Membership:
    found = memberships(event).filter(pk=pk).first()
    if found is None:
        raise Http404("Peran ini tidak ditemukan; mungkin sudah dicabut.")
    return found


def signature(event: Event, pk: int) -> Signature:
    """One signature, void or not, of an event that was found for its admin already."""
    found = (
        Signature.objects.filter(pk=pk, signatory__event=event)
        .select_related("signatory__unit", "pact", "document")
        .first()
    )
    if found is None:
        raise Http404("Tanda tangan ini tidak ditemukan.")
    found.signatory.event = event
    return found


def signatures_of(user: AbstractUser, person: Signatory) -> SignatureQuerySet:
    """What somebody signed, for who may see that person: what was voided is for those who
    oversee."""
    found = person.signatures.select_related(
        "pact", "document", "desk__unit", "desk__officer", "voided_by"
    ).order_by("pk")
    overseen = signatories(user, person.event, Permission.OVERSEE).filter(pk=person.pk)
    return found if overseen.exists() else found.live()


def signature_by_code(code: str) -> Signature:
    """Open to everybody who holds a document: its verification code is on it."""
    found = Signature.objects.filter(verification_code=code).select_related("signatory").first()
    if found is None:
        raise Http404("Kode ini tidak dikenal.")
    return found


def seal_certificates() -> QuerySet[SealCertificate]:
    """Open to everybody, so that a seal can be checked without asking anyone."""
    return SealCertificate.objects.all()


def seal_certificate(fingerprint: str) -> SealCertificate:
    found = seal_certificates().filter(fingerprint=fingerprint).first()
    if found is None:
        raise Http404("Sertifikat ini tidak dikenal.")
    return found


def login_provider(name: str) -> LoginProvider:
    """Open to everybody: the provider sends its people back by this name."""
    found = LoginProvider.objects.filter(app__provider_id=name).select_related("app").first()
    if found is None:
        raise Http404("Penyedia login ini tidak dikenal.")
    return found


def _memberships(user: AbstractUser) -> list[Membership]:
    return list(Membership.objects.filter(user=user.pk).select_related("agency"))


def _paths_to(path: str) -> list[str]:
    return [*_ancestor_paths(path), path]


def _ancestor_paths(path: str) -> list[str]:
    return [path[:end] for end in range(Agency.steplen, len(path), Agency.steplen)]
