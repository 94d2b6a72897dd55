"""The one authority, there from the start: everything hangs on it. And the table in which limits are counted."""

from django.conf import settings
from django.core.management import call_command
from django.db import migrations


def add(apps, schema_editor):
    apps.get_model("diffusion", "Authority").objects.get_or_create(
        pk=1, defaults={"time_zone": settings.TIME_ZONE, "languages": ["fr", "en"]}
    )


def add_limits(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("diffusion", "0001_initial")]
    operations = [
        migrations.RunPython(add, migrations.RunPython.noop),
        migrations.RunPython(add_limits, migrations.RunPython.noop),
    ]
