"""What a command writes is its owner's alone, wherever the operator put it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path


def test_a_database_beside_the_home_is_its_owners_alone(tmp_path: Path) -> None:
    beside = tmp_path / "town.sqlite3"
    env = {
        "PATH": os.environ["PATH"], "DIFFUSION_HOME": str(tmp_path / "home"),
        "DIFFUSION_DATABASE_URL": f"sqlite:///{beside}",
    }  # fmt: skip

    subprocess.run(
        [Path(sys.executable).parent / "diffusion", "migrate"], env=env, check=True, capture_output=True, umask=0o022
    )

    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700
