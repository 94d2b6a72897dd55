"""The product as it is run, at both scales: its processes, started again when they end, as Docker and systemd do.

`embedded` is `diffusion up`. `shared` is what docker-compose.yml has: two of pages and clock, three workers, a real
PostgreSQL and a real Redis; only the containers are left out.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import psycopg

from tests.chaos.judge import Post
from tests.chaos.machine import Machine, machine
from tests.chaos.network import ROOT
from tests.servers import databases

KEYS = {
    "DIFFUSION_SECRET_KEY": "only-for-tests-" * 4,
    "DIFFUSION_CREDENTIAL_KEYS": "pWDBLxlCdLJ6qMQ3oX9d1n3bJZy7N4vQ0mUo6iW2x8A=",
}
OPEN = """FROM diffusion_delivery WHERE (state = 'planned' AND stop = '')
OR state IN ('claimed', 'sending') OR (state = 'uncertain' AND look_at IS NOT NULL)"""
ASKED = """SELECT body FROM diffusion_delivery d WHERE state = 'uncertain' AND look_at IS NULL
AND NOT EXISTS (SELECT 1 FROM diffusion_edition e WHERE e.delivery_id = d.id)"""
"""A letter is in doubt as long as one of its lines is: what is asked about are the lines."""
LINES_ASKED = """SELECT s.email FROM diffusion_line l JOIN diffusion_subscriber s ON s.id = l.subscriber_id
WHERE l.state = 'uncertain'"""


class Scale(StrEnum):
    EMBEDDED = "embedded"
    SHARED = "shared"


PARTS: dict[Scale, dict[str, tuple[str, ...]]] = {
    Scale.EMBEDDED: {"up": ("up",)},
    Scale.SHARED: {
        **{f"web-{n}": ("web",) for n in (1, 2)},
        **{f"clock-{n}": ("clock",) for n in (1, 2)},
        **{f"worker-{n}": ("worker", "--threads", "3") for n in (1, 2, 3)},
    },
}


class Broker:
    """A Redis that keeps nothing, on a port of its own."""

    def __init__(self, folder: Path, machine: Machine | None = None) -> None:
        self.folder, self.port, self.machine = folder, databases.free_port(), machine
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        return self.machine.host if self.machine else "127.0.0.1"

    @property
    def url(self) -> str:
        return f"redis://{self.host}:{self.port}/0"

    def start(self) -> None:
        where = ["--port", str(self.port), "--bind", self.host, "--protected-mode", "no"]
        command = [*(self.machine.before if self.machine else ()), databases.need("redis-server"), *where, "--save", ""]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen([*command, "--appendonly", "no", "--dir", str(self.folder)], **quiet)  # type: ignore[call-overload]

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self._process:
            self._process.send_signal(how)
            self._process.wait(20)
            self._process = None

    def tell(self, *words: str) -> None:
        """One command, as redis-cli would send it."""
        import redis

        with contextlib.closing(redis.Redis(self.host, self.port)) as client:
            client.execute_command(*words)  # type: ignore[no-untyped-call]


@dataclass(slots=True)
class House:
    """`env` goes to every process of the product, `before` stands before its command; `ended` says which ended by themselves."""

    scale: Scale
    folder: Path
    env: dict[str, str]
    before: tuple[str, ...] = ()
    postgres: databases.Postgres | None = None
    broker: Broker | None = None
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    _own: dict[str, dict[str, str]] = field(default_factory=dict)
    _planner: subprocess.Popen[str] | None = None

    @property
    def home(self) -> Path:
        return Path(self.env["DIFFUSION_HOME"])

    @property
    def workers(self) -> list[str]:
        """The parts that send."""
        return [name for name in PARTS[self.scale] if name.startswith(("worker", "up"))]

    def start(self) -> None:
        for name in PARTS[self.scale]:
            self.run(name)

    def run(self, name: str, **env: str) -> None:
        """Start a part; `env` is its own, from now on."""
        if name.startswith(("web", "up")) and name not in self._own:
            port = databases.free_port()
            self._own[name] = {
                "DIFFUSION_LISTEN": f"127.0.0.1:{port}",
                "DIFFUSION_BASE_URL": f"http://127.0.0.1:{port}",
            }
        own = self._own[name] = {**self._own.get(name, {}), **env}
        command = [*self.before, sys.executable, "-m", "tests.chaos.entry", *PARTS[self.scale][name]]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.parts[name] = subprocess.Popen(command, env={**self.env, **own}, cwd=ROOT, stdout=log, stderr=log)

    def kill(self, name: str) -> None:
        """SIGKILL, and it is started again."""
        self.parts[name].kill()
        self.parts[name].wait()
        self.run(name)

    def end(self, *names: str) -> None:
        """SIGKILL, of all parts without a name; they stay away."""
        for name in names or tuple(self.parts):
            process = self.parts.pop(name)
            process.kill()
            process.wait()

    def signal(self, name: str, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.parts[name].send_signal(number)

    def mend(self) -> None:
        """Start again what ended by itself, and remember it."""
        for name, process in list(self.parts.items()):
            if process.poll() is not None:
                said = (self.folder / f"{name}.log").read_text(errors="replace").strip()
                self.ended.append(f"{name} ended with {process.returncode}: {said[-3000:]}")
                self.run(name)

    def pages(self) -> dict[str, int]:
        """The status of each web server's first page; 0 where none answers."""
        return {
            name: _status(own["DIFFUSION_BASE_URL"]) for name, own in self._own.items() if "DIFFUSION_LISTEN" in own
        }

    def plan(self, act: str, **how: Any) -> list[Any]:
        """Have the product plan something, by a process beside it. Raises RuntimeError with what went wrong there."""
        if self._planner is None:
            command = [*self.before, sys.executable, "-m", "tests.chaos.plan"]
            with (self.folder / "plan.log").open("ab") as log:
                self._planner = subprocess.Popen(
                    command,
                    env=self.env,
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                )
        assert self._planner.stdin
        assert self._planner.stdout
        print(json.dumps({"act": act, **how}), file=self._planner.stdin, flush=True)
        told = json.loads(self._planner.stdout.readline() or '{"fault": "it has ended"}')
        if "fault" in told:
            raise RuntimeError(f"{act}: {told['fault']}")
        return list(told["answer"])

    def another(self, number: int) -> dict[str, str]:
        """What the environment of one more product has of its own, as empty as this one, of which nothing may run yet."""
        self._end_planner()  # a database that somebody is connected to is not copied
        home = self.home.with_name(f"home-{number}")
        if self.home.exists():
            shutil.copytree(self.home, home)
        url = {"DIFFUSION_DATABASE_URL": self.postgres.copy(f"house{number}", of="postgres")} if self.postgres else {}
        return {"DIFFUSION_HOME": str(home), **url}

    def run_module(self, name: str, *args: str, **env: str) -> str:
        """What a Python module of the tests prints, run to its end beside the product. Raises RuntimeError."""
        command = [sys.executable, "-m", name, *args]
        done = subprocess.run(command, env={**self.env, **env}, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        return done.stdout

    def rows(self, sql: str) -> list[Any]:
        if self.postgres:
            with psycopg.connect(self.postgres.url, autocommit=True) as server:
                return server.execute(sql).fetchall()  # type: ignore[arg-type]
        with contextlib.closing(sqlite3.connect(f"file:{self.home}/diffusion.sqlite3?mode=ro", uri=True)) as file:
            return file.execute(sql).fetchall()

    def number(self, sql: str) -> int:
        """One number; -1 while the database doesn't say."""
        try:
            return int(self.rows(sql)[0][0])
        except (psycopg.Error, sqlite3.Error):
            return -1

    def still_open(self) -> int:
        """Deliveries that go on by themselves; -1 while the database doesn't say."""
        return self.number(f"SELECT count(*) {OPEN}")

    def why_open(self) -> str:
        """Their states and times, the database's own time first."""
        try:
            rows = self.rows(f"SELECT state, code, due_at, lease_until, look_at {OPEN} LIMIT 5")
            return "; ".join(" ".join(map(str, row)) for row in [*self.rows("SELECT CURRENT_TIMESTAMP"), *rows])
        except (psycopg.Error, sqlite3.Error) as fault:
            return repr(fault)

    def paused(self) -> list[str]:
        """The accounts that are not let in."""
        return [name for (name,) in self.rows("SELECT name FROM diffusion_account WHERE paused_at IS NOT NULL")]

    def asked(self) -> set[str]:
        """The texts, and the readers, of which a person was asked whether they went out."""
        bodies = [body if isinstance(body, dict) else json.loads(body) for (body,) in self.rows(ASKED)]
        return {body["text"] for body in bodies} | {email for (email,) in self.rows(LINES_ASKED)}

    def _end_planner(self) -> None:
        if self._planner:
            with self._planner:  # it ends with its input
                self._planner = None

    def stop(self) -> None:
        self._end_planner()
        for process in self.parts.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.parts.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def posts(rows: list[list[str]]) -> list[Post]:
    """Texts and times, as a process prints them."""
    return [Post(text, datetime.fromisoformat(at)) for text, at in rows]


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(f"{url}/sign-in/", timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as fault:
        return fault.code
    except OSError:
        return 0


@contextlib.contextmanager
def house(scale: Scale, folder: Path, home: Path, *, is_apart: bool = False, **env: str) -> Iterator[House]:
    """An empty product, migrated and not started yet, with what it needs beside it; the broker apart, if so."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DIFFUSION_", "DJANGO_"))}
    own = {
        **clean, "PYTHONPATH": str(ROOT), "DIFFUSION_HOME": str(home), "DIFFUSION_LOG_LEVEL": "warning",
        "DIFFUSION_PRIVATE_HOSTS": "127.0.0.1", **env,
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as last:
        made = House(scale, folder, own)
        if scale is Scale.SHARED:
            made.postgres = databases.Postgres(folder)
            made.broker = Broker(folder, last.enter_context(machine()) if is_apart else None)
            last.callback(made.postgres.remove)
            last.callback(made.broker.stop)
            made.postgres.start()
            made.broker.start()
            more = {"DIFFUSION_DATABASE_URL": made.postgres.url, "DIFFUSION_BROKER_URL": made.broker.url, **KEYS}
            made.env.update(more)
        last.callback(made.stop)
        made.plan("migrate")
        yield made
