"""`@verb`: one change, one durable transaction. `@patient`: a verb that keeps what can't be learnt a second time."""

import contextlib
import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction

P = ParamSpec("P")
R = TypeVar("R")

AWAY = (OperationalError, InterfaceError)
"""What a database that is gone, locked or read-only raises."""
PATIENCE_S, PAUSE_S = 30.0, 0.5
_TURN = threading.RLock()
"""SQLite lets one write at a time, and whoever finds it busy sleeps, ever longer: the threads of a process queue instead."""


def verb(act: Callable[P, R]) -> Callable[P, R]:
    """Run `act` in a transaction of its own. Called inside another verb's it fails at once (`durable`)."""

    @wraps(act)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with _TURN if connection.vendor == "sqlite" else contextlib.nullcontext(), transaction.atomic(durable=True):
            return act(*args, **kwargs)

    return run


def patient(act: Callable[P, R]) -> Callable[P, R]:
    """Try the verb again for `PATIENCE_S` while the database is away: a receipt in hand is worth the wait.

    Done twice it must be as done once: the first try may have been kept although its answer was lost.
    """

    @wraps(act)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                return act(*args, **kwargs)
            except AWAY:
                if time.monotonic() > until or connection.in_atomic_block:
                    raise
            time.sleep(PAUSE_S)
            connection.close_if_unusable_or_obsolete()

    return run
