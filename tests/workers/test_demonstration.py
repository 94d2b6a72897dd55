"""The demonstration, as a process: whole in one run, the same in a second, exactly once after SIGKILL."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.servers import databases

COMMAND = [sys.executable, "-m", "workers.cli", "demo", "--once", "--json"]
REACHED_BY_NETWORK = {"mastodon", "smtp"}
STEPS = 190
"""What a whole run leaves behind, in journal entries and lines received: a little less than it really is."""
KILLS = int(os.environ.get("DEMONSTRATION_KILLS", "1"))
"""Ten in `make chaos`."""


def start(home: Path) -> subprocess.Popen[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("DIFFUSION_", "DJANGO_"))}
    return subprocess.Popen(
        [*COMMAND, "--home", str(home)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    )


def run(home: Path) -> dict[str, Any]:
    process = start(home)
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, err[-3000:]
    return json.loads(out)


def steps(home: Path) -> int:
    """How far the run in this home has come."""
    with suppress(sqlite3.OperationalError, OSError):  # its tables are being made, or the first line isn't there
        with closing(sqlite3.connect(f"file:{home}/diffusion.sqlite3?mode=ro", uri=True)) as database:
            entries = database.execute("SELECT count(*) FROM diffusion_event").fetchone()[0]
        return int(entries) + len((home / "rehearsal" / "received.jsonl").read_bytes().splitlines())
    return 0


def received(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (home / "rehearsal" / "received.jsonl").read_text().splitlines()]


def check_once_each(home: Path, told: dict[str, Any]) -> None:
    """One line for each delivery to a network, and for each recipient of each letter; no other."""
    rows = received(home)
    posts = Counter(row["id"] for row in rows if row["channel"] == "mastodon")
    receipts = [d["receipt"]["id"] for d in told["deliveries"] if d["channel"] == "mastodon"]
    assert posts == Counter(receipts)
    letters = sum(d["channel"] == "smtp" for d in told["deliveries"])
    mails = Counter((row["to"], row["message_id"]) for row in rows if row["channel"] == "smtp")
    readers = {to for to, _ in mails}
    assert set(mails.values()) == {1}
    assert len(mails) == letters * len(readers)
    texts = Counter((row.get("to"), row["text"]) for row in rows)
    assert max(texts.values()) == 1


def test_a_week_of_news_goes_out_whole_and_a_second_run_repeats_nothing(tmp_path):
    first = run(tmp_path)

    assert first["messages"] >= 12
    assert {d["state"] for d in first["deliveries"]} == {"published"}
    assert {d["channel"] for d in first["deliveries"]} >= {"board", "feed", *REACHED_BY_NETWORK}
    check_once_each(tmp_path, first)

    again = run(tmp_path)

    assert again["deliveries"] == first["deliveries"]
    check_once_each(tmp_path, again)


@pytest.mark.chaos
def test_sigkill_loses_nothing_and_repeats_nothing(tmp_path):
    seed = int(os.environ.get("TEST_SEED", random.SystemRandom().randrange(10**6)))
    chance = random.Random(seed)
    print("seed", seed)
    for left in range(KILLS, 0, -1):
        done = steps(tmp_path)
        goal = done + 1 + int(chance.uniform(0, 1.5) * max(STEPS - done, 0) / (left + 1))
        process = start(tmp_path)
        databases.wait(lambda: process.poll() is not None or steps(tmp_path) >= goal, f"step {goal}", 120)  # noqa: B023
        time.sleep(chance.uniform(0, 0.05))
        assert process.poll() is None, "over before the kill"
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()

    told = run(tmp_path)

    assert {d["state"] for d in told["deliveries"]} == {"published"}
    check_once_each(tmp_path, told)
