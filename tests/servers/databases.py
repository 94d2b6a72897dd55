"""A private PostgreSQL and a private Redis: on free ports of the loopback, in a temporary folder, ended by process id."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

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


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A cluster of its own; gives the address of an empty database."""
    bins = sorted(str(path) for path in Path("/usr/lib/postgresql").glob("*/bin"))
    initdb, server = need("initdb", *bins), need("postgres", *bins)
    data, port = folder / "pg", free_port()
    as_user = {"user": USER} if os.geteuid() == 0 else {}
    if as_user:
        for place in (folder, *folder.parents):
            if place.stat().st_uid == 0 and place != Path("/") and not place.stat().st_mode & 0o005:
                place.chmod(place.stat().st_mode | 0o011)
        os.chown(folder, pwd.getpwnam(USER).pw_uid, -1)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/", **as_user}
    command = [initdb, "-D", str(data), "-U", "diffusion", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    subprocess.run(command, check=True, **quiet)
    options = ["-h", "127.0.0.1", "-p", str(port), "-k", str(folder), "-c", "fsync=off", "-c", "max_connections=60"]
    process = subprocess.Popen([server, "-D", str(data), *options], **quiet)
    try:
        wait(lambda: _answers(port), "PostgreSQL")
        yield f"postgres://diffusion@127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        process.wait(20)


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
