"""Which processes run is seen from anywhere, and one of them can be asked to finish."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import workers.cli  # noqa: F401  # mounts the command
from diffusion import parts
from diffusion.instants import in_seconds
from diffusion.parts import Part
from diffusion.verbs import patient
from tests.cli.terminal import say, told
from tests.servers import databases
from workers import presence


def _is_here(home: Path) -> bool:
    with contextlib.closing(sqlite3.connect(f"file:{home}/diffusion.sqlite3?mode=ro", uri=True)) as database:
        return bool(database.execute("SELECT count(*) FROM diffusion_part").fetchone()[0])


@pytest.mark.process
def test_a_worker_is_listed_and_ends_when_it_is_asked_to(tmp_path):
    clean = {n: v for n, v in os.environ.items() if not n.startswith(("DIFFUSION_", "DJANGO_"))}
    env = {**clean, "DIFFUSION_HOME": str(tmp_path)}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "workers.cli", *words], env=env, capture_output=True, text=True, check=False
        )

    def listed() -> list[dict[str, Any]]:
        return json.loads(run("worker", "list", "--json").stdout)

    assert run("migrate").returncode == 0
    worker = subprocess.Popen(
        [sys.executable, "-m", "workers.cli", "worker", "--lanes", "social"], env=env, stderr=subprocess.DEVNULL
    )
    try:
        databases.wait(lambda: _is_here(tmp_path), "the worker", 60)
        (row,) = listed()
        assert (row["kind"], row["lanes"], row["draining"]) == ("worker", ["social"], False)
        assert run("worker", "drain", row["name"]).returncode == 0
        assert worker.wait(60) == 0
    finally:
        worker.kill()
    assert run("worker", "list").returncode == 1


@pytest.mark.django_db
def test_what_was_not_heard_of_for_long_neither_runs_nor_can_be_drained():
    parts.beat("worker-mail1-7", kind=parts.WORKER, lanes=("mail",))
    parts.beat("clock-mail1-8", kind=parts.CLOCK, lanes=())
    assert [row["name"] for row in told("worker", "list")] == ["clock-mail1-8", "worker-mail1-7"]
    assert say("worker", "drain", "clock-mail1-8").exit_code == 1
    assert not parts.beat("worker-mail1-7", kind=parts.WORKER, lanes=("mail",))
    assert say("worker", "drain", "worker-mail1-7").exit_code == 0
    assert parts.beat("worker-mail1-7", kind=parts.WORKER, lanes=("mail",))

    Part.objects.update(beat_at=in_seconds(-60))

    assert say("worker", "list").exit_code == 1
    assert say("worker", "drain", "worker-mail1-7").exit_code == 1


@pytest.mark.django_db
def test_a_drain_is_over_with_the_process_that_was_asked():
    def starts() -> presence.Presence:
        made = presence.Presence(parts.WORKER, ("mail",))
        made.name = "worker-container-1"  # the same in each run of it
        return made

    first = starts()
    assert not first._beat()
    parts.drain(first.name, by=None)
    assert first._beat()

    assert not starts()._beat()


@pytest.mark.django_db
def test_who_died_is_forgotten_after_a_day():
    parts.beat("worker-old-1", kind=parts.WORKER, lanes=())
    Part.objects.update(beat_at=in_seconds(-2 * 86400))

    parts.beat("worker-new-1", kind=parts.WORKER, lanes=())

    assert [part.name for part in Part.objects.all()] == ["worker-new-1"]


@pytest.mark.django_db
def test_what_a_process_does_is_told_lane_by_lane():
    with presence.at_work("mail"), presence.at_work("mail"), presence.at_work("social"):
        parts.beat("worker-mail1-7", kind=parts.WORKER, lanes=("mail", "social"), doing=presence.doing())
    (row,) = told("worker", "list")
    assert row["doing"] == {"mail": 2, "social": 1}
    assert "mail×2 social×1" in say("worker", "list").stdout
    assert presence.doing() == {}

    parts.beat("worker-mail1-7", kind=parts.WORKER, lanes=("mail", "social"), doing=presence.doing())

    part = Part.objects.get()
    assert (part.doing, part.machine) == ({}, "mail1")
    assert part.version == parts.version() != ""


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_worker_hears_within_a_second_or_so_that_it_is_to_end(monkeypatch):
    monkeypatch.setattr(presence, "BEAT_S", 60.0)
    heard = threading.Event()
    is_here = patient(Part.objects.exists)  # a database in memory tells its second thread at once that it is locked
    with presence.Presence(parts.WORKER, ("mail",), on_drain=heard.set) as here:
        databases.wait(is_here, "the worker", 10)
        patient(parts.drain)(here.name, by=None)
        assert heard.wait(10)
    assert not is_here()
