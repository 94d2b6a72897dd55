"""The standing orders, which count for every delivery alike: the authority's word, a time of quiet, the holds in force.

Asked once for all that one lease sends within FRESH_S. A hold is asked about once more with each intent, in its transaction.
"""

from __future__ import annotations

import time
from datetime import datetime

from django.db.models import Max
from django.db.models.functions import Now

from diffusion.delivery.holding import Hold
from diffusion.delivery.models import Delivery
from diffusion.directory.models import Authority
from diffusion.schedule.models import Blackout

FRESH_S = 0.5


class Orders:
    """One lease's, so one thread's."""

    def __init__(self) -> None:
        self._asked_at = 0.0
        self._authority: Authority
        self._quiet_until: datetime | None
        self._holds: list[Hold]

    @property
    def authority(self) -> Authority:
        self._ask()
        return self._authority

    @property
    def quiet_until(self) -> datetime | None:
        """The end of the blackout that we are in."""
        self._ask()
        return self._quiet_until

    def holds(self, delivery: Delivery) -> bool:
        """Whether one of the holds keeps this delivery from leaving."""
        self._ask()
        message = delivery.message
        mine: set[tuple[int | str | None, ...]] = {
            (None, None, None, ""), (delivery.account_id, None, None, ""), (None, message.directorate_id, None, ""),
            (None, None, message.campaign_id, ""), (None, None, None, delivery.lane),
        }  # fmt: skip
        return any((row.account_id, row.directorate_id, row.campaign_id, row.lane) in mine for row in self._holds)

    def _ask(self) -> None:
        now = time.monotonic()
        if self._asked_at and now - self._asked_at < FRESH_S:
            return
        self._asked_at = now
        self._authority = Authority.get()
        under_way = Blackout.objects.filter(starts_at__lte=Now(), ends_at__gt=Now())
        self._quiet_until = under_way.aggregate(at=Max("ends_at"))["at"]
        self._holds = list(Hold.objects.in_force())
