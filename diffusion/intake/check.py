"""What `source check` prints: everything that was understood of an address or a file, and everything that was wrong.

Nothing is kept. A file opens no connection; an address is reached by the guarded way out, as a pull would.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from dataclasses import replace
from typing import Any

from channels.http import Http
from diffusion.intake import clean, complaints, readers
from diffusion.intake.item import Complaint, Reading
from diffusion.intake.retrieve import TOTAL_S, RetrieveError, Unchanged, retrieve

FILE_MAX = readers.BODY_MAX + 1
"""Bytes of a file that are taken into memory: one more than is read shows that there is more."""

UNDERSTOOD, NOTHING, NO_FILE = 0, 1, 2
"""Exit codes."""
MAY_PASS = frozenset({"unreachable", "slow", "cut", "rate_limited", "server_error"})
"""Complaints that time alone may put right: the site is down just now, or busy."""


def check_file(path: str, language: str = "fr") -> tuple[dict[str, Any], int]:
    """The answer for a file and its exit code; one that is not there, or no regular file, is the third code."""
    try:
        body = _bytes(path)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        facts = {"path": clean.line(path), "detail": clean.line(getattr(error, "strerror", "") or str(error))}
        answer, _ = _answer(path, Reading(complaints=(Complaint("no_such_file", facts=facts),)), language)
        return answer, NO_FILE
    return _answer(path, readers.read(body), language)


def check_url(url: str, http: Http, language: str = "fr") -> tuple[dict[str, Any], int]:
    """The answer for an address and its exit code."""
    return _answer(url, look(url, http), language)


def look(url: str, http: Http, *, total_s: float = TOTAL_S) -> Reading:
    """What lies at an address, as a pull would read it, or why nothing does. `total_s`: what the server may take."""
    try:
        got = retrieve(url, http, total_s=total_s)
    except RetrieveError as error:
        return Reading(complaints=(error.complaint,))
    if isinstance(got, Unchanged):  # no validators were sent: a server that says so is broken
        return Reading(complaints=(Complaint("unexpected", facts={"status": 304}),))
    reading = readers.read(got.body, got.media_type, got.url)
    return replace(reading, complaints=(*got.complaints, *reading.complaints))


def is_url(target: str) -> bool:
    """Whether the target is meant as an address; anything else is a file."""
    return bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", target))


def _bytes(path: str) -> bytes:
    """The beginning of a regular file; a pipe or a device could give bytes for ever, or none. Raises OSError."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:  # opening a pipe must not wait for its writer
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        return file.read(FILE_MAX)


def _answer(source: str, reading: Reading, language: str) -> tuple[dict[str, Any], int]:
    told = [
        {"code": c.code, "message": complaints.message(c.code, c.facts, language), "item": c.item}
        for c in reading.complaints
    ]
    answer = {
        "source": clean.line(source),
        "format": reading.format.value if reading.format else None,
        "title": reading.title,
        "items": [item.to_json() for item in reading.items],
        "complaints": told,
    }
    return answer, UNDERSTOOD if reading.format else NOTHING
