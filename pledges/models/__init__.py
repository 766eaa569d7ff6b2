"""The tables, in the order in which the work flows through them."""

from pledges.models.agency import Agency, LegalBasis, LoginProvider, Membership, Role, Timezone
from pledges.models.chasing import Excuse, Reminder, ReminderRun
from pledges.models.collected import Export, Report, Scan
from pledges.models.desk import Desk
from pledges.models.document import Declaration, Document, MatchAttempt, SealCertificate
from pledges.models.event import (
    Audience,
    ElectionKind,
    Event,
    Pact,
    PactKind,
    PledgePoint,
    Wave,
    Way,
)
from pledges.models.heartbeat import Heartbeat
from pledges.models.reports import Correction, Dispute, Notice, Refusal
from pledges.models.roster import Import, ImportState
from pledges.models.signatory import (
    ERASED,
    CodeAttempt,
    EmailCode,
    Kind,
    Part,
    Signatory,
    Signature,
)
from pledges.models.trail import AuditEntry, drop_audit_trigger, install_audit_trigger

__all__ = [
    "ERASED",
    "Agency",
    "Audience",
    "AuditEntry",
    "CodeAttempt",
    "Correction",
    "Declaration",
    "Desk",
    "Dispute",
    "Document",
    "ElectionKind",
    "EmailCode",
    "Event",
    "Excuse",
    "Export",
    "Heartbeat",
    "Import",
    "ImportState",
    "Kind",
    "LegalBasis",
    "LoginProvider",
    "MatchAttempt",
    "Membership",
    "Notice",
    "Pact",
    "PactKind",
    "Part",
    "PledgePoint",
    "Refusal",
    "Reminder",
    "ReminderRun",
    "Report",
    "Role",
    "Scan",
    "SealCertificate",
    "Signatory",
    "Signature",
    "Timezone",
    "Wave",
    "Way",
    "drop_audit_trigger",
    "install_audit_trigger",
]
