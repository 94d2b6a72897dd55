"""Rows side by side, each in a process of its own: they wait far more than they work."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from types import TracebackType
from typing import Self


class Processes:
    """At most so many at a time. Leaving waits for all; leaving by an exception ends them, as SIGTERM does."""

    def __init__(self, most: int) -> None:
        self._most, self._made = most, list[ForkProcess]()

    def start(self, act: Callable[[], bool]) -> None:
        """Begin once there is room. `act` says whether all was well."""
        while len(running := [each.sentinel for each in self._made if each.is_alive()]) >= self._most:
            wait(running)
        process = multiprocessing.get_context("fork").Process(target=lambda: sys.exit(0 if act() else 1))
        process.start()
        self._made.append(process)

    @property
    def are_clean(self) -> bool:
        return all(each.exitcode == 0 for each in self._made)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        for each in self._made:
            if kind:
                each.terminate()
            each.join()
