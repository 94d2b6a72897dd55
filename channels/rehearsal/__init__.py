"""Small strict servers that speak a vendor's calls: loopback only, off unless asked, marked « répétition ».

What they accepted must outlive a SIGKILL, or a rehearsal proves nothing: a line is on the disk before the answer
leaves. `Received` is the one record that all of them share, whether in one process or in several.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any


class Journal:
    """An append-only file of JSON lines. Safe for several threads and processes; a torn last line is passed over."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def append(self, **row: Any) -> None:
        """On the disk when this returns: one write, then fsync."""
        line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            size = os.fstat(descriptor).st_size
            is_torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            line = b"\n" + line if is_torn else line  # never glue a row to the half of another
            if os.write(descriptor, line) != len(line):
                raise OSError(f"{self.path} took a part of a line only")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            _sync_folder(self.path.parent)

    def rows(self) -> list[dict[str, Any]]:
        """Every whole line, oldest first."""
        if not self.path.exists():
            return []
        found = []
        for line in self.path.read_bytes().split(b"\n"):
            try:
                row = json.loads(line)
            except ValueError:  # blank or torn
                continue
            if isinstance(row, dict):
                found.append(row)
        return found


class Received(Journal):
    """What was accepted, one line each: `at` (RFC 3339), `channel`, `account`, `id`, `text`; for mail `to` as well."""

    def append(self, **row: Any) -> None:
        missing = {"at", "channel", "account", "id", "text"} - row.keys()
        if missing:
            raise ValueError(f"a received row needs {', '.join(sorted(missing))}")
        super().append(**row)

    def rows(self, channel: str = "") -> list[dict[str, Any]]:
        return [row for row in super().rows() if not channel or row.get("channel") == channel]


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
