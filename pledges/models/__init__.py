"""The tables, in the order in which the work flows through them."""

from pledges.models.agency import Agency, LegalBasis, Membership, Role, Timezone
from pledges.models.document import Document, MatchAttempt, SealCertificate
from pledges.models.event import Audience, ElectionKind, Event, Pact, PactKind, PledgePoint
from pledges.models.roster import Import, ImportState
from pledges.models.signatory import CodeAttempt, Kind, Signatory, Signature
from pledges.models.trail import AuditEntry, drop_audit_trigger, install_audit_trigger

__all__ = [
    "Agency",
    "Audience",
    "AuditEntry",
    "CodeAttempt",
    "Document",
    "ElectionKind",
    "Event",
    "Import",
    "ImportState",
    "Kind",
    "LegalBasis",
    "MatchAttempt",
    "Membership",
    "Pact",
    "PactKind",
    "PledgePoint",
    "Role",
    "SealCertificate",
    "Signatory",
    "Signature",
    "Timezone",
    "drop_audit_trigger",
    "install_audit_trigger",
]
