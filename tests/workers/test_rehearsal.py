"""`diffusion up` with rehearsal on, as a process: what was approved goes to its own servers, before and after a restart."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import databases

pytestmark = pytest.mark.chaos  # real processes

SEND = """
from workers import app
from tests import valclair
from diffusion.accounts import connect
from diffusion.accounts.models import Account
at = Account.objects.first() or connect.connect(
    "Essai", by=None, channel="mastodon", level="public", brand=valclair.brand(), credentials={{}}, is_rehearsal=True
)
valclair.delivery(at, of=valclair.message(title={title!r}), text={title!r})
"""


class Up:
    """`diffusion up` in this home, rehearsing."""

    def __init__(self, home: Path) -> None:
        port = databases.free_port()
        self.url = f"http://127.0.0.1:{port}"
        clean = {n: v for n, v in os.environ.items() if not n.startswith(("DIFFUSION_", "DJANGO_"))}
        self.env = {
            **clean, "DIFFUSION_HOME": str(home), "DIFFUSION_LISTEN": f"127.0.0.1:{port}", "DIFFUSION_BASE_URL": self.url,
            "DIFFUSION_REHEARSAL": "true",
        }  # fmt: skip
        self.home, self.said = home, home.parent / "said.txt"
        with self.said.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "workers.cli", "up"], env=self.env, stdout=out, stderr=subprocess.DEVNULL
            )
        databases.wait(lambda: self.url in self.said.read_text(), "its address", 60)

    def send(self, title: str) -> None:
        subprocess.run([sys.executable, "-c", SEND.format(title=title)], env=self.env, check=True)

    def rows(self) -> list[tuple[str, str]]:
        """Each delivery's state and what stops it."""
        with contextlib.closing(sqlite3.connect(self.home / "diffusion.sqlite3")) as database:
            return database.execute("SELECT state, stop FROM diffusion_delivery ORDER BY id").fetchall()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def test_it_prints_where_it_rehearses_and_finds_it_again(tmp_path: Path) -> None:
    home, out = tmp_path / "home", ("published", "")
    up = Up(home)
    try:
        up.send("Avant")
        databases.wait(lambda: up.rows() == [out], "the first", 30)
        where = up.said.read_text().splitlines()[1:]
    finally:
        up.stop()

    up = Up(home)
    try:
        up.send("Après")
        databases.wait(lambda: up.rows() == [out, out], "the second", 30)
    finally:
        up.stop()

    assert [line.split()[3] for line in where] == ["mastodon", "smtp"]
    assert up.said.read_text().splitlines()[1:] == where
    assert len((home / "rehearsal" / "received.jsonl").read_text().splitlines()) == 2
