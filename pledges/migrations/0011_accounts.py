from importlib import import_module

from django.conf import settings
from django.db import migrations, models


def log_everybody_out(apps, schema_editor):
    """From here on every session is known by its user, so that it can be ended; those that
    began before are not. Sessions without a login, at desks and of providers, go on."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    Session = apps.get_model("sessions", "Session")
    for session in Session.objects.all().iterator():
        if "_auth_user_id" in store.decode(session.session_data):
            session.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("pledges", "0010_shared_database"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="agency",
            name="requires_second_factor",
            field=models.BooleanField(
                default=False, editable=False, verbose_name="mewajibkan verifikasi dua langkah"
            ),
        ),
        migrations.RunPython(log_everybody_out, migrations.RunPython.noop),
    ]
