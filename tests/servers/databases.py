"""A private PostgreSQL and a private Redis: on free ports of the loopback, in a temporary folder, ended by process id."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

USER = "postgres"  # PostgreSQL refuses to run as root


def need(program: str, *places: str) -> str:
    """Where a server's program is. Missing, the test is skipped on a laptop and fails in CI."""
    found = shutil.which(program, path=os.pathsep.join([*places, os.environ.get("PATH", "")]))
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail(f"{program} is missing: `make servers` installs it")
    pytest.skip(f"{program} is missing: `make servers` installs it")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(is_ready: Callable[[], bool], what: str, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not is_ready():
        if time.monotonic() > until:
            raise TimeoutError(f"{what} did not start in {seconds} s")
        time.sleep(0.05)


class Postgres:
    """A cluster of its own, which can be stopped and started again on its port. Its log goes to `folder`.

    `durable` is whether it waits for the disk at each commit, which a test can do without and a benchmark can't.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        bins = sorted(str(path) for path in Path("/usr/lib/postgresql").glob("*/bin"))
        initdb, self._server = need("initdb", *bins), need("postgres", *bins)
        self.folder, self.port, self._fsync = folder, free_port(), f"fsync={'on' if durable else 'off'}"
        self._home = Path(tempfile.mkdtemp(prefix="pg-"))  # pytest's own folders are closed to other users
        self.data = self._home / "data"
        as_user = {"user": USER} if os.geteuid() == 0 else {}
        if as_user:
            os.chown(self._home, pwd.getpwnam(USER).pw_uid, -1)
        self._quiet: dict[str, Any] = {
            "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/", **as_user
        }  # fmt: skip
        command = [initdb, "-D", str(self.data), "-U", "diffusion", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run(command, check=True, **self._quiet)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://diffusion@127.0.0.1:{self.port}/postgres"

    @property
    def version(self) -> str:
        return subprocess.run([self._server, "--version"], check=True, capture_output=True, text=True).stdout.strip()

    def copy(self, name: str, of: str = "template1") -> str:
        """Make one more database, a copy of another that nobody is connected to. Returns its address."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{of}"')  # type: ignore[call-overload]
        return self.url.removesuffix("postgres") + name

    def start(self) -> None:
        options = ["-h", "127.0.0.1", "-p", str(self.port), "-k", str(self._home), "-c", self._fsync]
        command = [self._server, "-D", str(self.data), *options, "-c", "max_connections=60"]
        with (self.folder / "postgres.log").open("ab") as log:
            self._process = subprocess.Popen(command, **{**self._quiet, "stderr": log})
        wait(self._is_up, "PostgreSQL")

    def _is_up(self) -> bool:
        """It listens before it lets anybody in."""
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url, connect_timeout=1):
            return True
        return False

    @property
    def pid(self) -> int:
        """The server's first process; 0 while it is stopped."""
        return self._process.pid if self._process else 0

    def stop(self, how: int = signal.SIGINT) -> None:
        """At once, open connections or not; by SIGQUIT as by a crash, what was committed is replayed at the next start."""
        if self._process:
            self._process.send_signal(how)
            self._process.wait(20)
            self._process = None

    def remove(self) -> None:
        """Stop it for good."""
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A cluster of its own; gives the address of an empty database."""
    cluster = Postgres(folder)
    cluster.start()
    try:
        yield cluster.url
    finally:
        cluster.remove()


@contextlib.contextmanager
def redis(folder: Path, port: int = 0) -> Iterator[str]:
    """A Redis that keeps nothing; gives its address. `port` 0 takes a free one."""
    port = port or free_port()
    command = [need("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait(lambda: _answers(port), "Redis")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
