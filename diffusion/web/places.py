"""The accounts as the board shows them: what stands in the way of each, until when, and how much waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from diffusion.accounts.models import Account
from diffusion.delivery.breaker import STRIKES
from diffusion.delivery.holding import Hold
from diffusion.delivery.models import DeliveryQuerySet, Stop
from diffusion.web.listed import Listed


@dataclass(frozen=True, slots=True)
class Place:
    """`overdue` deliveries came due and have not left; `braked` of them wait for a person's yes. `hold` is over it alone."""

    account: Account
    overdue: int
    braked: int
    hold: Hold | None
    now: datetime

    @property
    def why(self) -> str:
        """What stands in the way, the first that does; empty when nothing."""
        account = self.account
        ways = {
            "silent": account.is_silent,
            "paused": bool(account.paused_at),
            "held": self.hold is not None,
            "throttled": bool(account.throttled_until and account.throttled_until > self.now),
            "resting": account.strikes >= STRIKES,
            "braked": self.braked > 0,
            "unwell": bool(account.health.get("code")),
        }
        return next((way for way, is_so in ways.items() if is_so), "")

    @property
    def needs_care(self) -> bool:
        return self.why not in ("", "silent")

    @property
    def waiting(self) -> Listed:
        """The rows of `overdue`."""
        return Listed("overdue", account=self.account.public_id)

    @property
    def stopped(self) -> Listed:
        """The rows of `braked`."""
        return Listed("brake", account=self.account.public_id)


def places(mine: DeliveryQuerySet, accounts: list[Account], holds: list[Hold], now: datetime) -> list[Place]:
    """Each account, what needs care first. One query."""
    rows = Listed("overdue").of(mine, now).order_by().values_list("account")
    counts = rows.annotate(n=Count("pk"), braked=Count("pk", filter=Q(stop=Stop.BRAKE)))
    waiting = {pk: (n, braked) for pk, n, braked in counts}
    held = {hold.account_id: hold for hold in holds if hold.account_id}
    made = [_place(one, waiting.get(one.pk, (0, 0)), held.get(one.pk), now) for one in accounts]
    return sorted(made, key=lambda place: (not place.needs_care, place.account.name))


def _place(account: Account, counts: tuple[int, int], hold: Hold | None, now: datetime) -> Place:
    overdue, braked = counts
    return Place(account, overdue, braked, hold, now)
