"""Signatures of before tell their method and mark in columns, as their statements do."""

import json

from django.db import migrations


def fill(apps, schema_editor):
    signatures = apps.get_model("pledges", "Signature").objects
    batch = []
    for signature in signatures.filter(method="").only("pk", "statement").iterator(1000):
        statement = json.loads(signature.statement)
        signature.method = statement["identity"]["method"]
        signature.mark_digest = statement["mark"]["sha256"]
        batch.append(signature)
        if len(batch) == 1000:
            signatures.bulk_update(batch, ["method", "mark_digest"])
            batch.clear()
    signatures.bulk_update(batch, ["method", "mark_digest"])


class Migration(migrations.Migration):
    dependencies = [("pledges", "0004_ceremony")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
