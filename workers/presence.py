"""A process tells the database that it runs, and hears there that it is to end: a thread that beats."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.db import DatabaseError, connection

from diffusion import parts

log = logging.getLogger(__name__)

BEAT_S = 5.0


class Presence:
    """`with Presence("worker", lanes, on_drain=stop):` around what a process does. A database that is away is waited for."""

    def __init__(self, kind: str, lanes: tuple[str, ...] = (), on_drain: Callable[[], None] = lambda: None) -> None:
        self.name = f"{kind}-{socket.gethostname()}-{os.getpid()}"
        self.kind, self.lanes, self.on_drain = kind, lanes, on_drain
        self.over = threading.Event()
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
                if self._beat():
                    self.on_drain()
                    break
                self.over.wait(BEAT_S)
            self.over.wait()  # drained: it is listed until it has ended
            parts.end(self.name)
        except DatabaseError:
            log.info("presence_not_ended name=%s", self.name)  # forgotten by itself
        finally:
            connection.close()

    def _beat(self) -> bool:
        try:
            return parts.beat(self.name, kind=self.kind, lanes=self.lanes)
        except DatabaseError:  # the clock and the workers say it in the log
            connection.close()
            return False
