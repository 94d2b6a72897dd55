"""The one authority, there from the start: everything hangs on it."""

from django.conf import settings
from django.db import migrations


def add(apps, schema_editor):
    apps.get_model("diffusion", "Authority").objects.get_or_create(
        pk=1, defaults={"time_zone": settings.TIME_ZONE, "languages": ["fr", "en"]}
    )


class Migration(migrations.Migration):
    dependencies = [("diffusion", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
