"""The one history of tables: whole, and reversible."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import models
from django.db.migrations import operations as ops
from django.db.migrations.loader import MigrationLoader

BREAKING = (
    ops.RemoveField, ops.RenameField, ops.AlterField, ops.DeleteModel, ops.RenameModel, ops.AlterModelTable, ops.AddConstraint,
)  # fmt: skip
FIRST = {"0001_initial", "0002_the_authority"}


def breaks_the_old_version(operation: ops.base.Operation) -> bool:
    """Whether a version that doesn't know of it may fail beside it: it reads what is gone, or writes without what is new."""
    if isinstance(operation, ops.AddField):
        field = operation.field
        return not (field.null or field.many_to_many or field.db_default is not models.NOT_PROVIDED)
    return isinstance(operation, BREAKING)


@pytest.mark.django_db
def test_the_history_says_all_that_the_models_say():
    call_command("makemigrations", "diffusion", check_changes=True, dry_run=True, verbosity=0)


def test_the_history_goes_back_to_nothing_and_forth_again(tmp_path: Path):
    clean = {n: v for n, v in os.environ.items() if not n.startswith(("DIFFUSION_", "DJANGO_"))}
    env = {**clean, "DIFFUSION_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "diffusion.settings"}

    for target in ([], ["diffusion", "zero"], []):
        subprocess.run([sys.executable, "-m", "django", "migrate", *target, "-v", "0"], env=env, check=True)

    rows = sqlite3.connect(tmp_path / "diffusion.sqlite3").execute("select count(*) from diffusion_authority")
    assert rows.fetchone() == (1,)


def test_a_migration_lets_the_old_version_go_on_or_is_named_a_contraction():
    for (app, name), migration in MigrationLoader(connection=None).disk_migrations.items():
        if app == "diffusion" and name not in FIRST and "_contract" not in name:
            assert not [step for step in migration.operations if breaks_the_old_version(step)], name


@pytest.mark.parametrize(
    ("operation", "breaks"),
    [
        (ops.AddField("delivery", "note", models.TextField(null=True)), False),
        (ops.AddField("delivery", "note", models.TextField(db_default="")), False),
        (ops.AddField("delivery", "note", models.TextField(default="")), True),  # Django fills it, the database doesn't
        (ops.CreateModel("Note", [("id", models.BigAutoField(primary_key=True))]), False),
        (ops.AddIndex("delivery", models.Index(fields=["state"], name="by_state")), False),
        (ops.RemoveField("delivery", "code"), True),
        (ops.RenameField("delivery", "code", "reason"), True),
        (ops.AlterField("delivery", "code", models.TextField()), True),
        (ops.DeleteModel("Delivery"), True),
    ],
)
def test_what_breaks_the_old_version_is_known(operation, breaks):
    assert breaks_the_old_version(operation) is breaks
