"""The audit log's one entrance."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db import models

from pledges.models import AuditEntry, Event, Signatory, rows

# Who acts: somebody logged in, a signatory who proved who they are, or the system itself.
Actor = AbstractBaseUser | Signatory | None


def _name(subject: models.Model | None) -> str:
    return f"{subject._meta.model_name}:{subject.pk}" if subject is not None else "system"


def record(
    *,
    by: Actor,
    action: str,
    target: models.Model,
    event: Event | None = None,
    **details: object,
) -> AuditEntry:
    """Write one entry, in the transaction of the act it tells of.

    `details` are JSON values; put ids and counts there, never names or numbers of people.
    """
    return rows.write(entry(by=by, action=action, target=target, event=event, **details))


def entry(
    *,
    by: Actor,
    action: str,
    target: models.Model,
    event: Event | None = None,
    **details: object,
) -> AuditEntry:
    """What `record` writes, for who writes it together with something else."""
    return AuditEntry(
        actor=_name(by),
        action=action,
        target=_name(target),
        event_id=event.pk if event else None,
        details=details,
    )


def look(*, by: Actor, target: models.Model, event: Event, people: int) -> None:
    """Somebody saw a page with so many people's whole NIP: one entry, however many these are."""
    if people:
        record(by=by, action="number.look", target=target, event=event, people=people)
