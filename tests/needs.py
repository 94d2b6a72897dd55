"""Says whether a selection of tests starts a real server or a browser: `python -m tests.needs ARGS`, exit 0 if so.

Asking pytest itself is the only way to know: a path, `-k` and `-m` all select.
"""

from __future__ import annotations

import contextlib
import io
import sys

import pytest

MARKS = ("server", "browser")


class Selection:
    """Remembers what pytest collected and kept."""

    def __init__(self) -> None:
        self.starts_servers = False

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Called once the selection has been made."""
        self.starts_servers = any(item.get_closest_marker(mark) for item in session.items for mark in MARKS)


def main(arguments: list[str]) -> int:
    """0 if the selection needs servers, else 1; what can't be collected is left for the real run to tell."""
    selection = Selection()
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *arguments], plugins=[selection])
    return 0 if selection.starts_servers else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
