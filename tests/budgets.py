"""How long each kind of test may take on two cores, and how long it took: printed before pytest's closing line.

`conftest.py` hooks the functions: `mark` when tests are collected, `watched` around each, `report` in the summary.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator

import pytest
from _pytest.terminal import TerminalReporter

BUDGETS_MIN = {"unit": 1, "process": 4, "SQLite": 2, "PostgreSQL": 2, "conformance": 4, "browser": 4, "chaos": 2}
PROPERTY = "phase"
SPOKEN_TO = {"server", "relay", "rehearsal", "secure", "site"}
"""Fixtures that a channel's test speaks to through a socket."""
_under_way: list[pytest.Item] = []


def phase(item: pytest.Item) -> str:
    """The kind of a test: by its mark, its file, its fixtures, in that order."""
    fixtures = set(getattr(item, "fixturenames", ()))
    on_postgres = os.environ.get("TEST_DATABASE_URL", "").startswith("postgres")
    for kind in ("chaos", "browser", "process"):
        if item.get_closest_marker(kind):
            return kind
    if item.path.name == "test_conformance.py" or (item.nodeid.startswith("tests/channels/") and fixtures & SPOKEN_TO):
        return "conformance"
    asks_database = item.get_closest_marker("django_db") or fixtures & {"db", "transactional_db"}
    if any("postgres" in name for name in fixtures) or (asks_database and on_postgres):
        return "PostgreSQL"
    return "SQLite" if asks_database else "unit"


def mark(items: Iterable[pytest.Item]) -> None:
    """Write each test's kind where its reports carry it, also from another process."""
    for item in items:
        item.user_properties.append((PROPERTY, phase(item)))


def _notice(event: str, _: tuple[object, ...]) -> None:
    """Called by the interpreter: a unit test that starts a process is none."""
    if event == "subprocess.Popen" and _under_way and (PROPERTY, "unit") in (told := _under_way[-1].user_properties):
        told[told.index((PROPERTY, "unit"))] = (PROPERTY, "process")


sys.addaudithook(_notice)


@contextlib.contextmanager
def watched(item: pytest.Item) -> Iterator[None]:
    """See which processes a test starts, its fixtures included."""
    _under_way.append(item)
    try:
        yield
    finally:
        _under_way.pop()


def spent(reports: Iterable[pytest.TestReport]) -> dict[str, float]:
    """Seconds by kind, set-up and tear-down included."""
    seconds: dict[str, float] = defaultdict(float)
    for row in reports:
        seconds[str(dict(row.user_properties).get(PROPERTY, "unit"))] += row.duration
    return dict(seconds)


def report(terminal: TerminalReporter) -> None:
    """One line a kind: seconds spent, seconds allowed."""
    rows = [row for rows in terminal.stats.values() for row in rows if isinstance(row, pytest.TestReport)]
    seconds = spent(rows)
    if not seconds:
        return
    terminal.section("time by kind, of its budget")
    for kind, minutes in BUDGETS_MIN.items():
        if kind in seconds:
            over = "  over" if seconds[kind] > minutes * 60 else ""
            terminal.line(f"{kind:<12} {seconds[kind]:6.1f} s of {minutes * 60}{over}")
