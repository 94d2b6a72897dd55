"""What stops a claimed delivery before anything leaves: a pause, its usefulness, its channel's rules, its pace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from channels.contract import Channel, Rate
from channels.outcomes import Outcome, Refused, Throttled
from diffusion.accounts.models import Account
from diffusion.delivery import brake, breaker, reach
from diffusion.delivery.claim import Lease
from diffusion.delivery.holding import Hold
from diffusion.delivery.models import Attempt, Delivery, Stop
from diffusion.delivery.orders import Orders
from diffusion.rendition.guard import stated
from diffusion.rendition.relative import passed_dates, rewrite_relative_dates

ROOM = 100
"""Posts: an account so far below its rate is not counted anew for each, within the second that a lease's rows take."""


class Waits(Exception):
    """Not now. `stop` is written on the row, or it is due again after `seconds`."""

    def __init__(self, why: str, *, seconds: float = 0.0, stop: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.seconds = seconds
        self.stop = stop


@contextmanager
def by_ourselves() -> Iterator[None]:
    """What is found in here was found before anybody was asked."""
    try:
        yield
    except Outcome as outcome:
        outcome.ours()
        raise


class Held(Exception):
    """A hold is over this delivery: it came back to *planned*, or was planned, while the hold was being written."""


def is_held(delivery: Delivery) -> bool:
    """Asked of the database each time: a hold is in force everywhere at once."""
    return Hold.objects.over(delivery.message, delivery.account, delivery.lane).exists()


def check_account(account: Account) -> None:
    """Before its credentials are opened. Raises Waits when the account lets nothing through."""
    if account.paused_at:
        raise Waits("account_paused", stop=Stop.PAUSED)
    if account.is_silent:
        raise Waits("rehearsal_off", stop=Stop.PAUSED)


@by_ourselves()
def check(delivery: Delivery, channel: Channel, lease: Lease) -> None:
    """Raises Held, Waits, Throttled or Refused; returns when nothing stands against sending now."""
    orders = lease.orders
    if orders.holds(delivery) and is_held(delivery):
        raise Held
    reach.check(delivery)
    if hush := _hush(delivery, orders):
        raise Waits("blackout", seconds=hush)
    if delivery.useless_after and delivery.useless_after < timezone.now():
        raise Waits("useless_now", stop=Stop.LATE)
    check_throttle(delivery.account)
    if rest := breaker.seconds_to_rest(delivery.account, channel):
        raise Waits("resting", seconds=rest)
    for problem in channel.check(delivery.rendition, delivery.account.limits):
        raise Refused(problem.code, over=problem.over, **problem.facts)
    if _means_another_day(delivery, orders):
        raise Refused("facts_changed")
    seconds = _seconds_to_wait(delivery, channel, lease)
    if seconds > 0:
        raise Waits("pace", seconds=seconds)


def check_brake(delivery: Delivery, orders: Orders) -> None:
    """Of a letter. Raises Waits when a person is to say yes first."""
    if why := brake.asks(delivery, orders.authority):
        raise Waits(why, stop=Stop.BRAKE)


@by_ourselves()
def check_throttle(account: Account) -> None:
    """Raises Throttled until the wait is over that the channel asked of any of this account's rows: the others don't ask."""
    if account.throttled_until is None:
        return
    rows = Account.objects.filter(pk=account.pk, throttled_until__gt=Now())
    left = rows.values_list(F("throttled_until") - Now(), flat=True).first()
    if left:
        raise Throttled(after=left.total_seconds())


def _hush(delivery: Delivery, orders: Orders) -> float:
    """Seconds left of a time when nothing but the urgent goes out: also for what comes late, or was planned before it."""
    ends = None if delivery.message.is_urgent else orders.quiet_until
    return max(1.0, (ends - timezone.now()).total_seconds()) if ends else 0.0


def _means_another_day(delivery: Delivery, orders: Orders) -> bool:
    """Whether a « demain » has come to mean another day than the one approved, or a day has passed meanwhile."""
    today, lang = timezone.now().astimezone(orders.authority.zone).date(), delivery.rendition.language
    if delivery.read_on is None or delivery.read_on == today:
        return False
    said = stated(delivery.rendition)
    moved = rewrite_relative_dates(said, delivery.read_on, today, lang)
    return moved is not None or bool(passed_dates(said, delivery.read_on, today, lang))


def _seconds_to_wait(delivery: Delivery, channel: Channel, lease: Lease) -> float:
    """The channel's own rates for one account, counted in the database that all workers share."""
    waits = [0.0]
    for rate in _rates(channel):
        if lease.lately.get((delivery.account_id, rate.seconds), rate.count) + ROOM < rate.count:
            continue
        recent = _recent(rate.seconds).filter(delivery__account_id=delivery.account_id)
        for began_at in recent.order_by("-began_at").values_list("began_at", flat=True)[rate.count - 1 : rate.count]:
            waits.append(rate.seconds - (timezone.now() - began_at).total_seconds())
    return max(waits)


def count_lately(deliveries: Iterable[Delivery]) -> dict[tuple[int, float], int]:
    """Attempts at the accounts of these, by account and seconds: one question for all that have the same rate."""
    places: dict[float, set[int]] = {}
    for delivery in deliveries:
        for rate in _rates(delivery.account.channel_class):
            if rate.count > ROOM:
                places.setdefault(rate.seconds, set()).add(delivery.account_id)
    counts = {(account, seconds): 0 for seconds, accounts in places.items() for account in accounts}
    for seconds, accounts in places.items():
        lately = (
            _recent(seconds).filter(delivery__account_id__in=accounts).order_by().values_list("delivery__account_id")
        )
        counts |= {(account, seconds): count for account, count in lately.annotate(count=Count("pk"))}
    return counts


def _rates(channel: Channel | type[Channel]) -> list[Rate]:
    """As many in a longer time says all that a shorter one would."""
    longest: dict[int, Rate] = {}
    for rate in channel.rates:
        if rate.count not in longest or rate.seconds > longest[rate.count].seconds:
            longest[rate.count] = rate
    return list(longest.values())


def _recent(seconds: float) -> QuerySet[Attempt]:
    """A delivery's intent is its latest attempt's: an index finds those."""
    since = Now() - timedelta(seconds=seconds)
    return Attempt.objects.filter(delivery__intent_at__gte=since, began_at__gte=since)
