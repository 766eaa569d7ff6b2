"""The role with which web and workers run, on a real PostgreSQL."""

from __future__ import annotations

import datetime
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from pledges import declaration, events, reports, signing
from pledges.documents.issue import issue
from pledges.models import AuditEntry, Document, Event, Report, Signature
from tests import cast
from tests.conftest import MANAGE, process_environment

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles"),
]

ROLE = "pakta_percobaan"
GUIDE = (settings.BASE_DIR / "docs" / "operasi.md").read_text()


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@contextmanager
def run_as(role: str) -> Iterator[None]:
    execute(f"SET SESSION AUTHORIZATION {role}")
    try:
        yield
    finally:
        execute("RESET SESSION AUTHORIZATION")


@contextmanager
def refused(*, because: str) -> Iterator[None]:
    with pytest.raises(DatabaseError, match=because), transaction.atomic():
        yield


@pytest.fixture
def role(db: None) -> str:
    """Gone with the test's transaction."""
    execute(f"CREATE ROLE {ROLE}")
    return ROLE


@pytest.fixture
def ceremony(city: cast.City) -> Event:
    return cast.make_open_ceremony(city)


@pytest.fixture
def granted(role: str) -> str:
    call_command("grant_runtime", role=role)
    return role


def test_the_role_can_sign_seal_and_purge(granted, open_event, sealer):
    with run_as(granted):
        issue(cast.sign(cast.someone(open_event)), sealer=sealer)
        assert Document.objects.count() == 1
        events.close(open_event, by=None)
        Event.objects.update(date=datetime.date(2001, 1, 1))
        call_command("purge_expired")

    open_event.refresh_from_db()
    assert open_event.purged_at is not None


@pytest.mark.django_db(transaction=True)
def test_the_role_can_make_a_backup(tmp_path):
    execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'percobaan'")
    try:
        call_command("grant_runtime", role=ROLE)
        ours = connection.settings_dict
        address = f"{ROLE}:percobaan@{ours['HOST']}:{ours['PORT']}/{ours['NAME']}"

        made = subprocess.run(
            [*MANAGE, "backup", tmp_path],
            env=process_environment() | {"DATABASE_URL": f"postgres://{address}"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert (made.returncode, made.stderr) == (0, "")
        [dump] = tmp_path.glob("*/database.dump")
        assert dump.stat().st_size > 10_000
    finally:
        execute(f"DROP OWNED BY {ROLE}")
        execute(f"DROP ROLE {ROLE}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pledges_auditentry SET actor = 'system'",
        "DELETE FROM pledges_auditentry",
        "TRUNCATE pledges_auditentry",
        "DROP TRIGGER audit_append_only ON pledges_auditentry",
        "ALTER TABLE pledges_auditentry DISABLE TRIGGER ALL",
        "DROP TABLE pledges_auditentry",
        "CREATE OR REPLACE FUNCTION pledges_audit_append_only() RETURNS trigger AS "
        "'BEGIN RETURN NULL; END' LANGUAGE plpgsql",
        "SET session_replication_role = replica",
        "CREATE TABLE own (id int)",
        "DELETE FROM django_migrations",
    ],
)
def test_the_role_cannot_rewrite_the_audit_log_nor_change_the_tables(
    granted, open_event, statement
):
    cast.sign(cast.someone(open_event))
    before = AuditEntry.objects.count()

    with run_as(granted), refused(because="permission denied|must be owner"):
        execute(statement)

    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pledges_signature SET signed_at = '2024-01-01'",
        "UPDATE pledges_signature SET method = 'desk', is_late = false",
        "UPDATE pledges_signature SET signatory_id = signatory_id, pact_id = pact_id",
        "UPDATE pledges_signature SET verification_code = 'AAAAAAAAAAAAAAAA'",
        "UPDATE pledges_signature SET mark_digest = ''",
        "DELETE FROM pledges_signature",
        "UPDATE pledges_document SET sha256 = repeat('0', 64)",
        "UPDATE pledges_document SET sealed_at = '2024-01-01'",
        # After which the worker would seal whatever stands in the statement by then.
        "DELETE FROM pledges_document",
        "TRUNCATE pledges_document",
    ],
)
def test_the_role_can_neither_back_date_a_signature_nor_have_another_document_made_of_it(
    granted, open_event, sealer, statement
):
    issue(cast.sign(cast.someone(open_event)), sealer=sealer)
    before = [list(model.objects.values()) for model in (Signature, Document)]

    with run_as(granted), refused(because="permission denied"):
        execute(statement)

    assert [list(model.objects.values()) for model in (Signature, Document)] == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pledges_signature SET statement = replace(statement, '2026', '2024')",
        "UPDATE pledges_signature SET mark = 'typed:Orang Lain'",
        "UPDATE pledges_declaration SET statement = '{}'",
        "UPDATE pledges_report SET statement = '{}'",
    ],
)
def test_the_role_can_blank_what_was_signed_and_not_rewrite_it(granted, ceremony, statement):
    cast.sign(cast.someone(ceremony))
    declaration.close(ceremony, by=None)
    reports.make(ceremony, kind=Report.Kind.RECAP, unit=ceremony.agency, by=None)
    year = str(datetime.datetime.now(tz=datetime.UTC).year)

    with run_as(granted), refused(because="what was signed is never rewritten"):
        execute(statement.replace("2026", year))

    with run_as(granted):
        execute("UPDATE pledges_signature SET statement = '', mark = ''")


def test_the_role_can_make_a_signature_void(granted, open_event, admin):
    signature = cast.sign(cast.someone(open_event))

    with run_as(granted):
        signing.void(signature, reason="Salah orang", by=admin)

    signature.refresh_from_db()
    assert signature.void_reason == "Salah orang"


def test_what_later_migrations_make_is_granted_too(granted):
    execute("CREATE TABLE later (id bigserial, name text)")

    with run_as(granted):
        execute("INSERT INTO later (name) VALUES ('x')")
        execute("UPDATE later SET name = 'y'")


def test_the_role_of_the_guides_pgbouncer_has_what_was_granted_to_the_workers_and_no_more(
    granted, open_event
):
    """Nobody has to think of it after an update or a restore."""
    recipe = re.findall(r"^(?:CREATE|ALTER) ROLE pakta_web .*;$", GUIDE, re.MULTILINE)
    for statement in recipe:
        execute(re.sub(r"\bpakta\b", granted, statement))

    with run_as("pakta_web"):
        cast.sign(cast.someone(open_event))
        with refused(because="permission denied"):
            execute("DELETE FROM pledges_auditentry")


def test_it_takes_back_what_somebody_gave_by_hand_and_can_be_run_again(granted):
    execute(f"GRANT ALL ON pledges_auditentry TO {granted}")

    call_command("grant_runtime", role=granted)

    with run_as(granted), refused(because="permission denied"):
        execute("DELETE FROM pledges_auditentry")


@pytest.mark.parametrize(
    "how",
    [
        "ALTER ROLE {role} SUPERUSER",
        "GRANT {owner} TO {role}",
        # It has the rights of none of its roles, but becomes each of them by SET ROLE.
        "ALTER ROLE {role} NOINHERIT; GRANT {owner} TO {role}",
        "ALTER ROLE {role} NOINHERIT; CREATE ROLE between NOINHERIT; "
        "GRANT {owner} TO between; GRANT between TO {role}",
        "ALTER ROLE {role} NOINHERIT; CREATE ROLE other; "
        "GRANT UPDATE, DELETE ON pledges_auditentry TO other; GRANT other TO {role}",
    ],
)
def test_a_role_that_may_rewrite_the_log_all_the_same_is_refused_and_gets_nothing(role, how):
    execute(how.format(role=role, owner=connection.settings_dict["USER"]))

    with pytest.raises(CommandError, match="tetap boleh UPDATE, DELETE"):
        call_command("grant_runtime", role=role)

    with connection.cursor() as cursor:
        cursor.execute("SELECT relacl FROM pg_class WHERE relname = 'pledges_event'")
        assert role not in str(cursor.fetchone())


def test_the_owner_who_could_give_itself_whatever_was_taken_is_refused(role):
    for table in connection.introspection.table_names():
        execute(f"ALTER TABLE {table} OWNER TO {role}")

    with run_as(role), pytest.raises(CommandError, match="tetap boleh UPDATE, DELETE"):
        call_command("grant_runtime", role=role)


def test_a_role_that_is_not_there_is_named_with_the_way_to_make_it(db):
    with pytest.raises(CommandError, match="CREATE ROLE tidak_ada LOGIN"):
        call_command("grant_runtime", role="tidak_ada")


def test_who_does_not_own_the_tables_is_told_so(role):
    with run_as(role), pytest.raises(CommandError, match="bukan pemilik tabel"):
        call_command("grant_runtime", role=role)
