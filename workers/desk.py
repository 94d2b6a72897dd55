"""What is claimed in a lane lies on one desk, from which every thread of this process that serves the lane takes the next.

So one claim, and one reading of its rows, serve all threads; none of them waits behind a slow server for another's rows.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, replace

from diffusion.delivery import claim, pace
from diffusion.delivery.claim import Lease
from diffusion.delivery.models import Delivery
from diffusion.verbs import AWAY

FEW, MANY, SOON_S = 4, 64, 1.0
"""Rows claimed at a time: as many as begin within half of SOON_S. What has not begun by then is given back or read anew."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The next row. `is_first`: of a new claim. `more`: there are others on the desk."""

    delivery: Delivery
    lease: Lease
    is_first: bool
    more: bool


class Desk:
    """One lane's. Safe to share between threads."""

    def __init__(self, lane: str) -> None:
        self._lane = lane
        self._lock = threading.Lock()
        self._rows: deque[Delivery] = deque()
        self._lease = Lease("", (), 0.0)
        self._few = FEW
        self._read_at = 0.0

    def take(self) -> Taken | None:
        """The next row; None when nothing is due. Raises what a database that is away raises."""
        with self._lock:
            if self._rows and time.monotonic() - self._read_at > SOON_S:
                self._put_off()
            is_first = not self._rows
            if is_first:
                self._claim()
            if not self._rows:
                return None
            row = self._rows.popleft()
            if not self._rows:  # the faster they begin, the more are claimed next
                took, count = max(time.monotonic() - self._read_at, 0.001), len(self._lease.ids)
                self._few = max(FEW, min(MANY, 2 * count, int(count * SOON_S / 2 / took)))
            return Taken(row, self._lease, is_first, bool(self._rows))

    def _claim(self) -> None:
        self._read_at = time.monotonic()
        self._lease = claim.claim_due(self._lane, limit=self._few)
        if self._lease.ids:
            self._rows = _read(self._lease)
            self._lease.lately.update(pace.count_lately(self._rows))

    def _put_off(self) -> None:
        """A slow lane: few are read anew, of many the rest goes where others could take it."""
        left, self._rows = self._rows, deque()
        self._few = FEW
        rest = replace(self._lease, ids=tuple(row.pk for row in left))
        if len(self._lease.ids) > FEW:
            claim.give_back(rest)
        else:
            self._read_at, self._rows = time.monotonic(), _read(rest)

    def clear(self) -> None:
        """Give back what nobody began. Raises what a database that is away raises."""
        with self._lock:
            left, self._rows = self._rows, deque()
        if left:
            claim.give_back(replace(self._lease, ids=tuple(row.pk for row in left)))


def _read(lease: Lease) -> deque[Delivery]:
    """Its rows. Raises what a database that is away raises, once they are given back: nobody else knows of them."""
    try:
        return deque(lease.rows())
    except AWAY:
        claim.give_back(lease)
        raise
