"""`diffusion up` with rehearsal on, as a process: what was approved goes to its own servers, before and after a restart."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from tests.servers import databases
from tests.servers.up import Up

pytestmark = pytest.mark.process

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


def states(up: Up) -> list[tuple[str, str]]:
    """Each delivery's state and what stops it."""
    with contextlib.closing(sqlite3.connect(up.home / "diffusion.sqlite3")) as database:
        return database.execute("SELECT state, stop FROM diffusion_delivery ORDER BY id").fetchall()


def test_it_prints_where_it_rehearses_and_finds_it_again(tmp_path: Path) -> None:
    home, out = tmp_path / "home", ("published", "")
    up = Up(home, DIFFUSION_REHEARSAL="true")
    try:
        up.do(SEND.format(title="Avant"))
        databases.wait(lambda: states(up) == [out], "the first", 30)
        where = up.said.read_text().splitlines()[1:]
    finally:
        up.stop()

    up = Up(home, DIFFUSION_REHEARSAL="true")
    try:
        up.do(SEND.format(title="Après"))
        databases.wait(lambda: states(up) == [out, out], "the second", 30)
    finally:
        up.stop()

    assert [line.split()[3] for line in where] == ["mastodon", "smtp"]
    assert up.said.read_text().splitlines()[1:] == where
    assert len((home / "rehearsal" / "received.jsonl").read_text().splitlines()) == 2
