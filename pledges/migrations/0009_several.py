from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):
    """Whatever CACHE_URL says today."""
    call_command(
        "createcachetable", "pakta_cache", database=schema_editor.connection.alias, verbosity=0
    )


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE IF EXISTS pakta_cache")


class Migration(migrations.Migration):
    dependencies = [("pledges", "0008_heartbeat")]

    operations = [migrations.RunPython(create, drop)]
