"""The next hour: what goes out when and where, and what can't fit: a channel's pace, or the authority's number an hour."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Window
from django.db.models.functions import Coalesce, RowNumber

from diffusion.accounts.models import Account
from diffusion.delivery.forecast import SLACK, Due, Past, dues, lay_out, pasts
from diffusion.delivery.models import Delivery, DeliveryQuerySet
from diffusion.directory.models import Authority
from diffusion.web.listed import Listed

EACH = 3
"""How many rows of an account are shown by their title."""


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


def ahead(mine: DeliveryQuerySet, accounts: list[Account], now: datetime) -> list[Ahead]:
    """Each account to which something goes, the soonest first. A fixed number of queries.

    All rows count, since they share the account's pace; titles are shown of `mine` alone.
    """
    due, known = dues(Listed("soon").of(Delivery.objects.real(), now)), {account.pk: account for account in accounts}
    past, most = pasts([known[pk] for pk in due], now), Authority.get().hourly_posts
    found = {pk: _hour(known[pk], rows, past[pk], most, now) for pk, rows in due.items()}
    for row in _first(Listed("soon").of(mine, now)):
        if row.account_id in found:
            found[row.account_id].rows.append(row)
    return sorted(found.values(), key=lambda hour: (hour.first_at, hour.account.name))


def _hour(account: Account, rows: list[Due], past: Past, most: int, now: datetime) -> Ahead:
    start = max(now, account.throttled_until or now)
    laid = list(lay_out(rows, account.channel_class.rates, past, most, start))
    late = [max(now, going.due.at) + SLACK < going.at for going in laid if not going.is_braked]
    return Ahead(account, len(rows), rows[0].at, rows[-1].at, laid[-1].at, sum(late), len(laid) - len(late))


def _first(rows: DeliveryQuerySet) -> DeliveryQuerySet:
    soonest = Coalesce("due_at", "planned_at")
    place = Window(RowNumber(), partition_by=[F("account")], order_by=[soonest.asc(), F("pk").asc()])
    return rows.annotate(at=soonest, place=place).filter(place__lte=EACH).order_by("at", "pk")
