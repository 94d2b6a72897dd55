"""`diffusion up` as a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import requests

from tests.servers import databases


class Up:
    """It, in this home, once its pages answer. `said` is the file of what it printed."""

    def __init__(self, home: Path, **settings: str) -> None:
        port = databases.free_port()
        self.url = f"http://127.0.0.1:{port}"
        clean = {n: v for n, v in os.environ.items() if not n.startswith(("DIFFUSION_", "DJANGO_"))}
        self.env = {
            **clean, "DIFFUSION_HOME": str(home), "DIFFUSION_LISTEN": f"127.0.0.1:{port}", "DIFFUSION_BASE_URL": self.url,
            **settings,
        }  # fmt: skip
        self.home, self.said = home, home.parent / "said.txt"
        with self.said.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "workers.cli", "up"], env=self.env, stdout=out, stderr=subprocess.DEVNULL
            )
        databases.wait(self.answers, "the pages", 60)

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/", timeout=5).status_code == 200
        except (requests.ConnectionError, requests.Timeout):  # not yet, or a slow machine
            return False

    def do(self, script: str) -> None:
        """Run Python beside it, in the same home."""
        subprocess.run([sys.executable, "-c", script], env=self.env, check=True)

    def number(self, sql: str) -> int:
        """One number that its database tells."""
        with contextlib.closing(sqlite3.connect(f"file:{self.home}/diffusion.sqlite3?mode=ro", uri=True)) as database:
            return int(database.execute(sql).fetchone()[0])

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Its exit status, once it has heard this signal."""
        self.process.send_signal(number)
        return self.process.wait(60)
