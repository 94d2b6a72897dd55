"""When what is planned will really go: at each channel's pace, and before which a person will be asked.

The next hour of the board and the hour that a communicator chooses are laid out alike. Nothing is promised: a server may
be slow, and others may plan meanwhile.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce

from channels.contract import Rate
from diffusion.accounts.models import Account
from diffusion.brand.models import Level
from diffusion.delivery.brake import HOUR, OUT
from diffusion.delivery.models import Attempt, Delivery, DeliveryQuerySet, Lane, Stop
from diffusion.delivery.states import State
from diffusion.directory.models import Authority
from diffusion.message.models import Message
from diffusion.schedule.clock import Times, Window, clear, times
from diffusion.schedule.models import Blackout

LOOKED = 2000
"""How many rows are laid out in time, the soonest."""
SLACK = timedelta(minutes=1)
"""What nobody calls late."""
STEP, REACH = timedelta(minutes=15), timedelta(days=1)
"""How finely, and how far on either side, another time is looked for."""


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """When one row is to go, and whether the brake lets it pass: an alert, or one with a person's yes."""

    at: datetime
    is_free: bool = False


@dataclass(frozen=True, slots=True)
class Going:
    """When it will go at the account's pace; with `is_braked` a person is asked before."""

    due: Due
    at: datetime
    is_braked: bool

    @property
    def is_slowed(self) -> bool:
        return self.at - self.due.at > SLACK and not self.is_braked

    @property
    def is_unfit(self) -> bool:
        return self.is_slowed or self.is_braked


@dataclass(frozen=True, slots=True)
class Past:
    """What an account has done so far: when attempts began, when something went out, each oldest first."""

    begun: Sequence[datetime] = ()
    out: Sequence[datetime] = ()


def lay_out(rows: Iterable[Due], rates: Sequence[Rate], past: Past, most: int, start: datetime) -> Iterator[Going]:
    """One account's rows, the soonest first, none before `start`. `most` an hour before the brake asks; 0: it never does."""
    begun, gone, at = list(past.begun), list(past.out), start
    for row in rows:
        planned = max(start, row.at)
        full = [rate for rate in rates if len(begun) >= rate.count]
        at = max(at, planned, *(begun[-rate.count] + timedelta(seconds=rate.seconds) for rate in full))
        lately = len(gone) - bisect_right(gone, at - HOUR - SLACK)  # an hour apart by the plan is sometimes less
        is_braked = bool(most) and not row.is_free and lately >= most
        if not is_braked:
            begun.append(at)
            gone.append(at)
        yield Going(row, at, is_braked)


def dues(rows: DeliveryQuerySet) -> dict[int, list[Due]]:
    """Account → these rows, the soonest first."""
    found: dict[int, list[Due]] = defaultdict(list)
    laid = rows.annotate(at=Coalesce("due_at", "planned_at")).order_by("at", "pk")
    for pk, at, lane, is_vouched in laid.values_list("account", "at", "lane", "is_vouched")[:LOOKED]:
        found[pk].append(Due(at, is_vouched or lane == Lane.URGENT))
    return found


def pasts(accounts: Sequence[Account], now: datetime) -> dict[int, Past]:
    """Account → what it did, as far back as its channel's rates and the brake's hour reach. Two queries."""
    keys = [account.pk for account in accounts]
    reach = max((rate.seconds for account in accounts for rate in account.channel_class.rates), default=0.0)
    begun = Attempt.objects.filter(delivery__account__in=keys, began_at__gt=now - timedelta(seconds=reach))
    begun_at = begun.order_by("began_at").values_list("delivery__account", "began_at")
    out = Delivery.objects.filter(account__in=keys, state__in=OUT, intent_at__gt=now - HOUR)
    out_at = out.order_by("intent_at").values_list("account", "intent_at")
    tried, gone = _times(begun_at if reach else ()), _times(out_at)
    return {key: Past(tried[key], gone[key]) for key in keys}


def _times(rows: Iterable[tuple[int, datetime | None]]) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = defaultdict(list)
    for pk, at in rows:
        if at:
            found[pk].append(at)
    return found


@dataclass(frozen=True, slots=True)
class Crowded:
    """An account that can't take one more at that time: it would go at `at`, or others would; or a person would be asked."""

    account: Account
    at: datetime
    is_braked: bool


class Crowd:
    """What is planned around a time on the accounts of one message, which is to be added. Four queries, then none."""

    def __init__(self, message: Message, accounts: Sequence[Account], wanted: datetime | None, now: datetime) -> None:
        self.now, self.is_urgent, self.accounts = now, message.is_urgent, accounts
        authority = Authority.get()
        self.most = authority.hourly_posts
        self.lead = message.lead if message.lead is not None else authority.lead
        self.wanted = self._times(wanted).outside
        reach = max((rate.seconds for a in accounts for rate in a.channel_class.rates), default=0.0)
        self.span = max(HOUR, timedelta(seconds=reach))
        around = REACH + self.lead + self.span
        planned = Q(state__in=[State.PLANNED, State.CLAIMED], stop__in=["", Stop.GATE])
        rows = Delivery.objects.filter(planned, account__in=accounts).exclude(message=message)
        self.dues = dues(rows.filter(planned_at__gt=self.wanted - around, planned_at__lt=self.wanted + around))
        self.pasts = pasts(accounts, now)
        self.windows = [Window(b.starts_at, b.ends_at, b.reason) for b in Blackout.objects.filter(ends_at__gt=now)]

    def at(self, outside: datetime) -> list[Crowded]:
        """The accounts that can't take it if the outside is to read it then."""
        when = self._times(outside)
        found = (self._one(a, when.internal if a.level == Level.INTERNAL else when.outside) for a in self.accounts)
        return [crowded for crowded in found if crowded]

    def nearest(self) -> datetime | None:
        """The time nearest to the one wanted at which all of it fits; None within a day on either side."""
        steps = [STEP * number for number in range(1, int(REACH / STEP) + 1)]
        for moment in (self.wanted + way * step for step in steps for way in (1, -1)):
            is_open = self.is_urgent or clear(moment, self.windows) == moment
            if moment > self.now + (timedelta() if self.is_urgent else self.lead) and is_open and not self.at(moment):
                return moment
        return None

    def _times(self, outside: datetime | None) -> Times:
        return times(outside, now=self.now, lead=self.lead, is_urgent=self.is_urgent)

    def _one(self, account: Account, at: datetime) -> Crowded | None:
        rows, ours = self.dues.get(account.pk, []), Due(at, self.is_urgent)
        others = rows[bisect_left(rows, Due(at - self.span)) : bisect_right(rows, Due(at + self.span, is_free=True))]
        before = [going.is_unfit for going in self._laid(account, others)]
        insort(together := list(others), ours)
        laid = list(self._laid(account, together))
        mine = laid.pop(next(at for at, going in enumerate(laid) if going.due is ours))
        pushed = [going for going, was_unfit in zip(laid, before, strict=True) if going.is_unfit and not was_unfit]
        if self.is_urgent:  # an alert asks nobody to make room
            pushed = []
        worst = mine if mine.is_unfit else pushed[-1] if pushed else None
        return Crowded(account, worst.at, worst.is_braked) if worst else None

    def _laid(self, account: Account, rows: Iterable[Due]) -> Iterator[Going]:
        start = max(self.now, account.throttled_until or self.now)
        return lay_out(rows, account.channel_class.rates, self.pasts[account.pk], self.most, start)
