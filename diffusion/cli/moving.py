"""From one machine to several: every row of a SQLite database into a PostgreSQL one."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, connections, transaction

BATCH = 500


def move_in(source: Path) -> None:
    """Fill the database of the settings, which is empty, with what `source` holds. All or nothing; `source` is migrated."""
    like = connections.settings["default"]
    connections.settings["source"] = {
        **like, "ENGINE": "django.db.backends.sqlite3", "NAME": str(source), "OPTIONS": {}, "CONN_HEALTH_CHECKS": False,
    }  # fmt: skip
    for alias in ("source", "default"):
        call_command("migrate", database=alias, verbosity=0, interactive=False)
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in models)
    try:
        with transaction.atomic(), connection.cursor() as cursor:  # references are checked at its end
            cursor.execute(f"TRUNCATE {tables}")  # what migrating itself wrote
            for model in models:
                rows = model._base_manager.using("source").order_by("pk").iterator(BATCH)
                for batch in iter(lambda rows=rows: list(islice(rows, BATCH)), []):  # type: ignore[misc]
                    model._base_manager.using("default").bulk_create(batch)
            for statement in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)
    finally:
        connections["source"].close()
        del connections["source"], connections.settings["source"]
