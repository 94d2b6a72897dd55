"""A machine of its own for a server: a network namespace at the end of a line that can be cut. Needs root."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Machine:
    """`near` is our end of its line, `host` its own; `before` stands before a command that it runs."""

    name: str
    near: str
    host: str

    @property
    def before(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.name)

    def begin(self) -> None:
        _run("ip", "netns", "add", self.name)
        _run("ip", "link", "add", self.name, "type", "veth", "peer", "name", "line", "netns", self.name)
        _run("ip", "address", "add", f"{self.near}/30", "dev", self.name)
        _run("ip", "-n", self.name, "address", "add", f"{self.host}/30", "dev", "line")
        _run("ip", "link", "set", self.name, "up")
        _run("ip", "-n", self.name, "link", "set", "line", "up")

    def cut(self) -> None:
        """From now on nothing passes, and nobody is told so."""
        _run("ip", "-n", self.name, "link", "set", "line", "down")

    def end(self) -> None:
        """It is gone, and its line; what it would still have said is never said. Nothing may run on it any more."""
        _run("ip", "link", "delete", self.name)
        _run("ip", "netns", "delete", self.name)


def is_possible() -> bool:
    return os.geteuid() == 0 and shutil.which("ip") is not None


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextlib.contextmanager
def machine() -> Iterator[Machine]:
    number = os.getpid() % 16_000  # a network of four addresses for each process that asks
    near, host = (f"10.211.{number // 64}.{number % 64 * 4 + end}" for end in (1, 2))
    made = Machine(f"chaos{number}", near, host)
    made.begin()
    try:
        yield made
    finally:
        made.end()
