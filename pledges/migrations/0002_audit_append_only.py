from django.db import migrations

from pledges.models import drop_audit_trigger, install_audit_trigger


class Migration(migrations.Migration):
    dependencies = [("pledges", "0001_initial")]

    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: install_audit_trigger(schema_editor.connection),
            lambda apps, schema_editor: drop_audit_trigger(schema_editor.connection),
        ),
    ]
