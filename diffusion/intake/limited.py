"""Run a module of ours on bytes of somebody else's, in a child process with limits of its own.

The child gets the bytes on standard input, nothing of our environment, and writes JSON lines; what it wrote before it
was stopped counts. A time-out, a memory bomb or a crash of a parser's C code ends the child, never us.
"""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import IO, Any

import diffusion

HEAVY_EXIT = 71
"""Exit status by which a child says that its memory did not suffice."""
ROOT = Path(diffusion.__file__).parents[1]
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """`soft_s` is processor time after which the child should stop by itself; the others are enforced."""

    soft_s: float = 10
    cpu_s: int = 14
    wall_s: float = 20
    memory_bytes: int = 320 * MIB
    output_bytes: int = 24 * MIB


class End(StrEnum):
    """How the child ended."""

    DONE = "done"
    SLOW = "too_slow"
    HEAVY = "too_heavy"
    FAILED = "unreadable"


@dataclass(frozen=True, slots=True)
class Output:
    """`lines` are what the child wrote, parsed; `detail` is its last word on standard error, for us."""

    lines: list[Any]
    end: End
    detail: str = ""


class Overtime(Exception):
    """A single part took more processor time than it may."""


def run(module: str, body: bytes, header: Mapping[str, Any], limits: Limits) -> Output:
    """What `python -m module` makes of a header line and the bytes after it. Raises nothing for what the bytes hold."""
    first = json.dumps({**header, "limits": asdict(limits)}).encode() + b"\n"
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as wailed:
        given.write(first)
        given.write(body)
        given.seek(0)
        code = _wait(module, limits, given, said, wailed)
        wailed.seek(0)
        words = wailed.read(20_000).decode("utf-8", "replace").strip().splitlines()
        return Output(list(_lines(said)), _end(code), words[-1][:300] if words else "")


def confine(limits: Mapping[str, Any]) -> None:
    """In the child, before it reads a byte of the body: limits that nothing it does can lift."""
    memory, cpu = int(limits["memory_bytes"]), int(limits["cpu_s"])
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, int(limits["output_bytes"])),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))


@contextmanager
def overtime(seconds: float) -> Iterator[None]:
    """Raises Overtime in the block once it has used that much processor time; only where signals arrive, the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise Overtime

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _wait(module: str, limits: Limits, given: IO[bytes], said: IO[bytes], wailed: IO[bytes]) -> int:
    """The child's exit status; a negative one is the signal that ended it."""
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
        [sys.executable, "-P", "-s", "-W", "ignore", "-m", module],
        stdin=given,
        stdout=said,
        stderr=wailed,
        cwd="/",
        env={"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        start_new_session=True,
    )
    try:
        return child.wait(limits.wall_s)
    except subprocess.TimeoutExpired:
        return -signal.SIGXCPU
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()


def _lines(said: IO[bytes]) -> Iterator[Any]:
    said.seek(0)
    for line in said:
        if not line.endswith(b"\n"):  # it was stopped while writing
            return
        yield json.loads(line)


def _end(code: int) -> End:
    return _ENDS.get(code, End.FAILED)


_ENDS = {
    0: End.DONE,
    -signal.SIGXCPU: End.SLOW,
    -signal.SIGKILL: End.SLOW,
    HEAVY_EXIT: End.HEAVY,
    -signal.SIGABRT: End.HEAVY,
}
