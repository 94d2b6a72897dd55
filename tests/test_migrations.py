"""The one history of tables: whole, and reversible."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command


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
