"""One commit for what several threads ask for at the same moment: each waits for its own, and shares it with the others.

A durable commit costs the same for one row as for many. So whoever comes while nobody writes, writes at once; those who
come meanwhile wait, and the first of them writes for all of them. Nothing waits for company: alone, one is alone.

What each may rely on is what a transaction of its own gives:

- `do` returns once the transaction that holds what was asked is committed. Nothing is handed over and left in memory.
- Whatever fails in company is rolled back whole, and done again by each alone, in its own thread, on its own connection:
  a row that can't be written, a deadlock, a connection that is lost harm no other. What was asked must therefore be
  right when a first try was kept although its answer was lost, as after any lost connection.
- Nobody is left waiting: whoever writes tells the others whatever becomes of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

MOST = 64
"""How many one transaction writes: as many threads as there are, within reason."""


@dataclass(slots=True, eq=False)
class _One(Generic[Asked, Answer]):
    """What one thread asks for. `told` is set when it is over, or when this thread is to write for all who wait."""

    asked: Asked
    told: threading.Event = field(default_factory=threading.Event)
    is_over: bool = False
    answers: list[Answer | Exception] = field(default_factory=list)  # none: it failed in company


class Company(Generic[Asked, Answer]):
    """`together` does all that it is given in one transaction, and gives as many answers; an exception is one of them."""

    def __init__(self, together: Callable[[Sequence[Asked]], list[Answer | Exception]]) -> None:
        self._together = together
        self._lock = threading.Lock()
        self._waiting: list[_One[Asked, Answer]] = []
        self._is_led = False

    def do(self, asked: Asked) -> Answer:
        """Raises what the answer is, or what `together` raises for this one alone."""
        mine = _One[Asked, Answer](asked)
        with self._lock:
            self._waiting.append(mine)
            leads, self._is_led = not self._is_led, True
        if not leads:
            mine.told.wait()
        if not mine.is_over:
            self._lead()
        (answer,) = mine.answers or self._together([asked])
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _lead(self) -> None:
        """Write for all who wait, this thread's own among them; then the first who came meanwhile leads."""
        with self._lock:
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            for one, answer in zip(group, self._together([one.asked for one in group]), strict=True):
                one.answers.append(answer)
        except Exception:
            if len(group) == 1:
                raise
        finally:
            with self._lock:
                following = self._waiting[:1]
                self._is_led = bool(following)
            for one in group:
                one.is_over = True
            for one in (*following, *group):
                one.told.set()
