"""What a benchmark runs: the receiving server, and the product on either scale, each with a home of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from channels.rehearsal.smtp import SmtpServer  # noqa: E402  # the path first
from tests.servers import databases  # noqa: E402

__all__ = ["SmtpServer", "databases"]

KEYS = {
    "DIFFUSION_SECRET_KEY": "only-for-tests-" * 4,
    "DIFFUSION_CREDENTIAL_KEYS": "pWDBLxlCdLJ6qMQ3oX9d1n3bJZy7N4vQ0mUo6iW2x8A=",
}


class Answering:
    """The receiving server, and what it got so far."""

    def __init__(self) -> None:
        command = [sys.executable, str(HERE / "answering.py")]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self.url = self._process.stdout.readline().strip()

    def arrivals(self, count: int, within_s: float = 600) -> dict[str, float]:
        """Key → seconds, once so many have come. Raises TimeoutError."""
        seen: dict[str, float] = {}
        until = time.monotonic() + within_s
        while len(seen) < count:
            if time.monotonic() > until:
                raise TimeoutError(f"{len(seen)} of {count} posts came in {within_s:.0f} s")
            time.sleep(0.2)
            with urllib.request.urlopen(f"{self.url}/arrived", timeout=30) as answer:
                seen.update(json.load(answer))
        return seen

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


class Scale:
    """One of the two: fresh tables for each measurement, and how the product runs on them."""

    def __init__(self, folder: Path, cluster: databases.Postgres | None, broker: str) -> None:
        self.folder, self.cluster, self.broker, self._made = folder, cluster, broker, 0
        self.name = "Redis, PostgreSQL" if cluster else "embedded"
        self._first = self._environment(cluster.copy("tables") if cluster else "", folder / "first")
        run(["-m", "workers.cli", "migrate"], self._first)

    def _environment(self, database: str, home: Path) -> dict[str, str]:
        clean = {n: v for n, v in os.environ.items() if not n.startswith(("DIFFUSION_", "DJANGO_"))}
        env = {
            **clean,
            "DIFFUSION_HOME": str(home),
            "DIFFUSION_PRIVATE_HOSTS": "127.0.0.1",
            "DIFFUSION_LOG_LEVEL": "error",
        }
        port = databases.free_port()
        env |= {"DIFFUSION_LISTEN": f"127.0.0.1:{port}", "DIFFUSION_BASE_URL": f"http://127.0.0.1:{port}"}
        return (
            {**env, **KEYS, "DIFFUSION_DATABASE_URL": database, "DIFFUSION_BROKER_URL": self.broker}
            if database
            else env
        )

    def fresh(self) -> dict[str, str]:
        """The environment of an empty installation of its own."""
        self._made += 1
        home = self.folder / f"home{self._made}"
        if self.cluster:
            return self._environment(self.cluster.copy(f"run{self._made}", of="tables"), home)
        shutil.copytree(self.folder / "first", home)
        return self._environment("", home)

    @contextlib.contextmanager
    def running(self, env: dict[str, str], threads: int) -> Iterator[int]:
        """The product's processes; gives the first one's id."""
        env = {**env, "DIFFUSION_WORKER_THREADS": str(threads)}
        parts = [["worker"], ["clock"]] if self.cluster else [["up"]]
        ran = [started(["-m", "workers.cli", *part], env) for part in parts]
        try:
            yield ran[0].pid
        finally:
            ended(ran)


def started(command: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, *command], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ended(ran: list[subprocess.Popen[bytes]]) -> None:
    for process in ran:
        process.terminate()
    for process in ran:
        process.wait(60)


def run(command: list[str], env: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, *command], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout


def part(env: dict[str, str], *words: str) -> Any:
    return json.loads(run([str(HERE / "parts.py"), *words], env))


def resident_mib(pid: int) -> float:
    rows = dict(row.split(":", 1) for row in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(rows["VmRSS"].split()[0]) / 1024
