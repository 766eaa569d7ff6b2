"""The audit log's table and the trigger that keeps it append-only."""

from __future__ import annotations

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.utils import timezone


class AuditEntry(models.Model):
    """Who did what to what, when. Ids instead of personal data, and no foreign keys:

    an entry must outlive its subject, and nothing may ever update it.
    """

    at = models.DateTimeField(default=timezone.now)
    # "user:7", "signatory:1204" or "system".
    actor = models.CharField(max_length=40)
    action = models.CharField(max_length=50)
    # "event:3", "signature:99" …
    target = models.CharField(max_length=40)
    event_id = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "catatan audit"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["event_id", "at"], name="audit_by_event"),
            # What is rare is found among many signatures, and signing has nothing to add to.
            models.Index(
                fields=["event_id", "action"],
                condition=~Q(action="signature.sign"),
                name="audit_by_action",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor} {self.action} {self.target}"


_INSTALL = {
    "sqlite": [
        f"""CREATE TRIGGER IF NOT EXISTS audit_no_{verb} BEFORE {verb} ON pledges_auditentry
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"""
        for verb in ("update", "delete")
    ],
    "postgresql": [
        """CREATE OR REPLACE FUNCTION pledges_audit_append_only() RETURNS trigger AS $$
        BEGIN RAISE EXCEPTION 'the audit log is append-only'; END; $$ LANGUAGE plpgsql""",
        """CREATE OR REPLACE TRIGGER audit_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON pledges_auditentry
        FOR EACH STATEMENT EXECUTE FUNCTION pledges_audit_append_only()""",
    ],
}
_DROP = {
    "sqlite": [f"DROP TRIGGER IF EXISTS audit_no_{verb}" for verb in ("update", "delete")],
    "postgresql": ["DROP TRIGGER IF EXISTS audit_append_only ON pledges_auditentry"],
}


def install_audit_trigger(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for statement in _INSTALL[connection.vendor]:
            cursor.execute(statement)


def drop_audit_trigger(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for statement in _DROP[connection.vendor]:
            cursor.execute(statement)
