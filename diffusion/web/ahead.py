"""The next hour: what goes out when and where, and what can't fit: a channel's pace, or the authority's number an hour."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, Window
from django.db.models.functions import Coalesce, RowNumber

from diffusion.accounts.models import Account
from diffusion.delivery.brake import OUT
from diffusion.delivery.models import Attempt, Delivery, DeliveryQuerySet, Lane
from diffusion.directory.models import Authority
from diffusion.web.listed import HOUR, Listed

LOOKED, EACH = 2000, 3
"""How many rows are laid out in time, the soonest; how many of an account are shown by their title."""
SLACK = timedelta(minutes=1)
"""What nobody calls late."""


@dataclass(slots=True)
class Ahead:
    """One account's hour: `count` from `first_at` to `last_at` as planned, the last one out at `ends_at` at its pace.

    `slowed` go later than planned, since the channel takes no more at a time; before `braked` a person is asked.
    """

    account: Account
    count: int
    first_at: datetime
    last_at: datetime
    ends_at: datetime
    slowed: int
    braked: int
    rows: list[Delivery] = field(default_factory=list)

    @property
    def listed(self) -> Listed:
        return Listed("soon", account=self.account.public_id)

    @property
    def is_spread(self) -> bool:
        """Whether the first and the last are more than a minute apart."""
        return self.last_at - self.first_at >= SLACK

    @property
    def more(self) -> int:
        return max(0, self.count - len(self.rows))


@dataclass(frozen=True, slots=True)
class Due:
    """When one row would go, and whether the authority's number counts for it: not for an alert, nor after a yes."""

    at: datetime
    is_free: bool


def ahead(mine: DeliveryQuerySet, accounts: list[Account], now: datetime) -> list[Ahead]:
    """Each account to which something goes, the soonest first. A fixed number of queries.

    All rows count, since they share the account's pace; titles are shown of `mine` alone.
    """
    due, known = _due(now), {account.pk: account for account in accounts}
    began, out, most = _begun(due, known, now), _out(due, now), Authority.get().hourly_posts
    found = {pk: _hour(known[pk], rows, began[pk], out[pk], most, now) for pk, rows in due.items()}
    for row in _first(Listed("soon").of(mine, now)):
        if row.account_id in found:
            found[row.account_id].rows.append(row)
    return sorted(found.values(), key=lambda hour: (hour.first_at, hour.account.name))


def _due(now: datetime) -> dict[int, list[Due]]:
    rows = Listed("soon").of(Delivery.objects.real(), now).annotate(at=Coalesce("due_at", "planned_at"))
    found: dict[int, list[Due]] = defaultdict(list)
    for pk, at, lane, is_vouched in rows.order_by("at", "pk").values_list("account", "at", "lane", "is_vouched")[
        :LOOKED
    ]:
        found[pk].append(Due(at, is_vouched or lane == Lane.URGENT))
    return found


def _begun(due: Iterable[int], known: dict[int, Account], now: datetime) -> dict[int, list[datetime]]:
    """Account → when attempts began, as far back as its channel's rates reach, oldest first."""
    reach = max((rate.seconds for pk in due for rate in known[pk].channel_class.rates), default=0.0)
    rows = Attempt.objects.filter(delivery__account__in=list(due), began_at__gt=now - timedelta(seconds=reach))
    return _times(rows.order_by("began_at").values_list("delivery__account", "began_at") if reach else ())


def _out(due: Iterable[int], now: datetime) -> dict[int, list[datetime]]:
    rows = Delivery.objects.filter(account__in=list(due), state__in=OUT, intent_at__gt=now - HOUR)
    return _times(rows.order_by("intent_at").values_list("account", "intent_at"))


def _times(rows: Iterable[tuple[int, datetime | None]]) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = defaultdict(list)
    for pk, at in rows:
        if at:
            found[pk].append(at)
    return found


def _hour(
    account: Account, rows: list[Due], began: list[datetime], out: list[datetime], most: int, now: datetime
) -> Ahead:
    start = max(now, account.throttled_until or now)
    begun, gone, slowed, braked, at = list(began), list(out), 0, 0, start
    for row in rows:
        planned = max(start, row.at)
        full = [rate for rate in account.channel_class.rates if len(begun) >= rate.count]
        at = max(at, planned, *(begun[-rate.count] + timedelta(seconds=rate.seconds) for rate in full))
        if most and not row.is_free and len(gone) - bisect_right(gone, at - HOUR) >= most:
            braked += 1
            continue
        slowed += at - max(now, row.at) > SLACK
        begun.append(at)
        gone.append(at)
    return Ahead(account, len(rows), rows[0].at, rows[-1].at, at, slowed, braked)


def _first(rows: DeliveryQuerySet) -> DeliveryQuerySet:
    soonest = Coalesce("due_at", "planned_at")
    place = Window(RowNumber(), partition_by=[F("account")], order_by=[soonest.asc(), F("pk").asc()])
    return rows.annotate(at=soonest, place=place).filter(place__lte=EACH).order_by("at", "pk")
