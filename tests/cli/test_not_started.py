"""Where nothing was started yet, each command that reads the database says how to start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = ("status", "person link a@b.example", "hold on --reason x")
"""One that reads, one that names, one that changes: all share what answers."""


def run(home: Path, *words: str, lang: str = "fr_FR.UTF-8") -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("DIFFUSION_")}
    env |= {"DIFFUSION_HOME": str(home), "LC_ALL": lang}
    command = [sys.executable, "-m", "workers.cli", *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_home_in_which_nothing_was_started_is_said_to_be_so(tmp_path: Path, command: str) -> None:
    done = run(tmp_path / "home", *command.split())

    assert done.returncode == 1
    assert f"Rien n’a encore démarré dans {tmp_path / 'home'}." in done.stderr
    assert "diffusion up" in done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


def test_a_database_of_another_version_is_said_to_be_so(tmp_path: Path) -> None:
    old = "from diffusion.cli.main import ready; ready(); from django.core.management import call_command as c; " \
          "c('migrate', 'contenttypes', verbosity=0)"  # fmt: skip
    env = {**os.environ, "DIFFUSION_HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", old], cwd=ROOT, env=env, check=True, timeout=60)

    done = run(tmp_path, "status", lang="en_GB.UTF-8")

    assert done.returncode == 1
    assert "of another version" in done.stderr
