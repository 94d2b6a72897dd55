"""The standing orders, which count for every delivery alike: the authority's word, a time of quiet, the holds in force.

Asked once for all that is sent within FRESH_S. A hold is asked about once more with each intent, in its transaction.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime
from typing import NamedTuple

from django.db.models import Max
from django.db.models.functions import Now

from diffusion.delivery.holding import Hold, keeps
from diffusion.delivery.models import Delivery
from diffusion.directory.models import Authority
from diffusion.schedule.models import Blackout

FRESH_S = 0.5


class _Said(NamedTuple):
    at: float
    authority: Authority
    quiet_until: datetime | None
    holds: list[Hold]


class Orders:
    """One lease's, whose rows several threads may carry."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: _Said | None = None

    @property
    def authority(self) -> Authority:
        return self._said().authority

    @property
    def quiet_until(self) -> datetime | None:
        """The end of the blackout that we are in."""
        return self._said().quiet_until

    def holds(self, delivery: Delivery) -> bool:
        """Whether one of the holds keeps this delivery from leaving."""
        return keeps(self._said().holds, delivery)

    def _said(self) -> _Said:
        with self._lock:
            now = time.monotonic()
            if self._kept is None or now - self._kept.at >= FRESH_S:
                blackouts = Blackout.objects.filter(starts_at__lte=Now(), ends_at__gt=Now())
                quiet_until = blackouts.aggregate(at=Max("ends_at"))["at"]
                self._kept = _Said(now, Authority.get(), quiet_until, list(Hold.objects.in_force()))
            return self._kept
