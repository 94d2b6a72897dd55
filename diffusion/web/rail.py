"""Who learns it and when: the rail of a message's levels, with the lead between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from diffusion.accounts.models import Account
from diffusion.brand.models import Level
from diffusion.delivery.models import Delivery, Receipt
from diffusion.delivery.plan import is_late, times_of
from diffusion.delivery.states import State
from diffusion.directory.models import Authority
from diffusion.message.models import Message


@dataclass(frozen=True, slots=True)
class Stop:
    """One level. `at` None: no time was chosen yet. `gap` is how long the next level waits after it."""

    level: str
    at: datetime | None
    accounts: tuple[Account, ...]
    is_done: bool
    is_late: bool
    gap: timedelta | None


def rail(
    message: Message, accounts: Iterable[Account], deliveries: Iterable[Delivery], *, is_off: bool = False
) -> list[Stop]:
    """The levels in order, with their times: those of the deliveries once planned, before that as it would be now.

    `is_off`: it was cancelled, so nothing goes out at any hour until a person plans it again.
    """
    rows, places = list(deliveries), list(accounts)
    planned = {level: [d for d in rows if d.level == level] for level in Level.values}
    when = {level: None if is_off else _time(message, level, planned[level]) for level in message.levels}
    late = is_late(message) if rows else False
    stops = []
    for level, after in zip(message.levels, [*message.levels[1:], None], strict=True):
        out = {d.account_id for d in planned[level]}  # an account connected since learnt nothing of it
        theirs = tuple(account for account in places if account.level == level and (not out or account.pk in out))
        start, following = when[level], when.get(after) if after else None
        gap = (
            following - start if start and following else _lead(message) if level == Level.INTERNAL and after else None
        )
        done = bool(planned[level]) and all(d.state in (State.PUBLISHED, State.WITHDRAWN) for d in planned[level])
        stops.append(Stop(level, start, theirs, done, late and level == Level.INTERNAL, _rounded(gap)))
    return stops


def _rounded(gap: timedelta | None) -> timedelta | None:
    """To the minute, under one to the second: two hours stay two when the board took three seconds to publish."""
    if gap is None:
        return None
    unit = timedelta(minutes=1) if gap >= timedelta(minutes=1) else timedelta(seconds=1)
    return round(gap / unit) * unit


def _lead(message: Message) -> timedelta | None:
    """How long the public waits after agents, while no hour is known."""
    if message.is_urgent:
        return None
    return message.lead if message.lead is not None else Authority.get().lead


def _time(message: Message, level: str, planned: list[Delivery]) -> datetime | None:
    if planned:
        first = dict(Receipt.objects.filter(delivery__in=planned).order_by("-at").values_list("delivery_id", "at"))
        return min(first.get(d.pk, d.planned_at) for d in planned)  # a correction's receipt is not when it came out
    if message.publish_at is None:
        return None
    times = times_of(message)
    return times.internal if level == Level.INTERNAL else times.outside
