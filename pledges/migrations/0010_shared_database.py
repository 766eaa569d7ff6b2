import pledges.models.signatory
from django.core.management import call_command
from django.db import migrations, models


def create(apps, schema_editor):
    """The table of the shared cache, whatever CACHE_URL says today."""
    call_command(
        "createcachetable", "pakta_cache", database=schema_editor.connection.alias, verbosity=0
    )


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE IF EXISTS pakta_cache")


class Migration(migrations.Migration):
    dependencies = [("pledges", "0009_timestamps")]

    operations = [
        migrations.RemoveIndex(
            model_name='notice',
            name='notice_unsent',
        ),
        migrations.RemoveIndex(
            model_name='signature',
            name='signature_by_mark',
        ),
        migrations.RemoveIndex(
            model_name='signature',
            name='signature_by_device',
        ),
        migrations.AlterField(
            model_name='document',
            name='sha256',
            field=models.CharField(max_length=64),
        ),
        migrations.AlterField(
            model_name='signature',
            name='verification_code',
            field=models.CharField(default=pledges.models.signatory.new_verification_code, max_length=16),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(condition=models.Q(('action', 'signature.sign'), _negated=True), fields=['event_id', 'action'], name='audit_by_action'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('sent_at__isnull', True)), fields=['id'], name='notice_unsent'),
        ),
        migrations.AddIndex(
            model_name='signature',
            index=models.Index(condition=models.Q(('statement_digest', ''), ('voided_at__isnull', True)), fields=['id', 'pact'], name='signature_to_seal'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(fields=('sha256',), name='document_hash_once'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.UniqueConstraint(fields=('verification_code',), name='signature_code_once'),
        ),
        migrations.RunPython(create, drop),
    ]
