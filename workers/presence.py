"""A process tells the database that it runs, and hears there that it is to end: a thread that beats."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from django.db import DatabaseError, connection

from diffusion import parts

log = logging.getLogger(__name__)

BEAT_S, HEAR_S = 5.0, 1.0
"""How often it says that it lives, and how often it looks whether it is to end."""
_busy: Counter[str] = Counter()
_counting = threading.Lock()


@contextlib.contextmanager
def at_work(lane: str) -> Iterator[None]:
    """One of this process's threads is at work in this lane."""
    with _counting:
        _busy[lane] += 1
    try:
        yield
    finally:
        with _counting:
            _busy[lane] -= 1


def doing() -> dict[str, int]:
    """Lane → how many threads are at work there now."""
    with _counting:
        return dict(+_busy)


class Presence:
    """`with Presence("worker", lanes, on_drain=stop):` around what a process does. A database that is away is waited for."""

    def __init__(self, kind: str, lanes: tuple[str, ...] = (), on_drain: Callable[[], None] = lambda: None) -> None:
        self.name = f"{kind}-{socket.gethostname()}-{os.getpid()}"
        self.kind, self.lanes, self.on_drain = kind, lanes, on_drain
        self.over, self.has_beaten = threading.Event(), False
        self.thread = threading.Thread(target=self._run, name="presence", daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.over.set()
        self.thread.join(timeout=5)

    def _run(self) -> None:
        try:
            while not self.over.is_set():
                if self._hears_that_it_is_to_end():
                    self.on_drain()
                    break
            while not self.over.wait(BEAT_S):  # drained: it is listed until it has ended
                self._beat()
            parts.end(self.name)
        except DatabaseError:
            log.info("presence_not_ended name=%s", self.name)  # forgotten by itself
        finally:
            connection.close()

    def _hears_that_it_is_to_end(self) -> bool:
        """Beat once, and listen until the next beat."""
        is_to_end, until = self._beat(), time.monotonic() + BEAT_S
        while not is_to_end and not self.over.wait(HEAR_S) and time.monotonic() < until:
            is_to_end = self._ask(lambda: self.kind == parts.WORKER and parts.is_drained(self.name))
        return is_to_end

    def _beat(self) -> bool:
        return self._ask(self._say)

    def _say(self) -> bool:
        is_first = not self.has_beaten
        is_to_end = parts.beat(self.name, kind=self.kind, lanes=self.lanes, doing=doing(), is_first=is_first)
        self.has_beaten = True
        return is_to_end

    def _ask(self, question: Callable[[], bool]) -> bool:
        """No, while the database is away."""
        try:
            return question()
        except DatabaseError:  # the clock and the workers say it in the log
            connection.close()
            return False
