from django.db import migrations

_TABLES = {
    "pledges_signature": ("statement", "mark"),
    "pledges_declaration": ("statement",),
    "pledges_report": ("statement",),
}
_FUNCTION = """
CREATE OR REPLACE FUNCTION pledges_statement_stays() RETURNS trigger AS $$
BEGIN
    IF pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was signed is never rewritten';
END; $$ LANGUAGE plpgsql
"""


def install(apps, schema_editor):
    """The role with which Pakta runs may blank what was signed (`pledges.retention`), and not
    rewrite it. SQLite knows no roles."""
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(_FUNCTION)
    for table, columns in _TABLES.items():
        changed = " OR ".join(f"NEW.{column} NOT IN (OLD.{column}, '')" for column in columns)
        schema_editor.execute(
            f"CREATE TRIGGER statement_stays BEFORE UPDATE OF {', '.join(columns)} ON {table} "
            f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION pledges_statement_stays()"
        )


def drop(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for table in _TABLES:
        schema_editor.execute(f"DROP TRIGGER statement_stays ON {table}")
    schema_editor.execute("DROP FUNCTION pledges_statement_stays()")


class Migration(migrations.Migration):
    dependencies = [("pledges", "0011_accounts")]

    operations = [migrations.RunPython(install, drop)]
