"""Claiming is a lease with an owner: a random token and an expiry by the database's clock.

One path for both databases: PostgreSQL locks the rows and skips locked ones, SQLite has one writer (IMMEDIATE).
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from channels.contract import Channel
from diffusion.delivery.holding import Hold
from diffusion.delivery.models import LEASE_IS_OVER, NO_LEASE, Amendment, Attempt, Delivery, DeliveryQuerySet
from diffusion.delivery.orders import Orders
from diffusion.delivery.states import State, move
from diffusion.instants import in_seconds
from diffusion.verbs import patient, verb

MARGIN_S = 5.0
"""What a lease must outlast a request by: clocks tick alike, but a paused process may come back late."""
LOOK_S = 2.0
"""Seconds until the first look at what a dead worker was sending."""


class LeaseLost(Exception):
    """Not ours to send: time is up, a hold is in force, or the row has moved. Nothing has left."""


_UNASKED = tuple(f"revision__{name}" for name in ("body", "links", "essential", "changes", "refused"))
"""A delivery's words are its own; of its revision's the brake looks at the title."""


@dataclass(frozen=True, slots=True)
class Lease:
    """`token` owns `ids` until `deadline`, in seconds of `uptime_s`, which no wall clock moves.

    The rest spares questions: what counts for all that is sent, the channels opened for it (by account and its sealed
    credentials), and how many attempts there were lately (by account and seconds).
    """

    token: str
    ids: tuple[int, ...]
    deadline: float
    orders: Orders = field(default_factory=Orders, compare=False, repr=False)
    channels: dict[tuple[int, str], Channel] = field(default_factory=dict, compare=False, repr=False)
    lately: dict[tuple[int, float], int] = field(default_factory=dict, compare=False, repr=False)

    def is_over(self, needed_s: float = 0.0) -> bool:
        """Whether fewer than `needed_s` seconds are left."""
        return uptime_s() + needed_s >= self.deadline

    def rows(self, *ids: int) -> list[Delivery]:
        """Those that this lease owns, and nothing has begun of, with all that is asked of each before it leaves."""
        mine = Delivery.objects.filter(pk__in=ids or self.ids, lease=self.token, state=State.CLAIMED)
        asked = mine.select_related("account", "message__directorate", "revision").defer(*_UNASKED)
        return list(asked.order_by("due_at", "pk"))


def uptime_s() -> float:
    """Seconds since this machine was started, its sleep included where the system counts that (Linux)."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _new_lease() -> Lease:
    """Of nothing yet. Made before the rows are taken, so that our deadline comes before the database's."""
    return Lease(secrets.token_hex(16), (), uptime_s() + settings.DIFFUSION.lease_seconds - MARGIN_S)


@verb
def claim_due(lane: str, *, limit: int = 4) -> Lease:
    """Take up to `limit` due deliveries of this lane; none during a hold. Of a row it asks lane, state and time only."""
    lease = _new_lease()
    if Hold.current():  # rows that came back to *planned* meanwhile wait too
        return lease
    rows = Delivery.objects.due(lane).select_for_update(skip_locked=True)
    ids = tuple(rows.values_list("pk", flat=True)[:limit])
    move(
        Delivery.objects.all(),
        State.CLAIMED,
        why="due",
        known=dict.fromkeys(ids, State.PLANNED),  # locked: the UPDATE takes all of them, or nothing is claimed
        lease=lease.token,
        lease_until=in_seconds(settings.DIFFUSION.lease_seconds),
    )
    return Lease(lease.token, ids, lease.deadline)


@verb
def claim_looks(*, limit: int = 4) -> Lease:
    """Take up to `limit` uncertain deliveries whose time to look has come, of a lane in which nobody is looking yet.

    A server that stalls so holds up its lane's looks, and not one thread after the other. Looking is leased, the state
    stays.
    """
    lease = _new_lease()
    doubtful = Delivery.objects.filter(state=State.UNCERTAIN)
    looking = doubtful.filter(lane=OuterRef("lane"), lease_until__gte=Now()).exclude(lease="")
    due = doubtful.filter(look_at__lte=Now()).filter(Q(lease="") | LEASE_IS_OVER).filter(~Exists(looking))
    due = due.exclude(account__throttled_until__gt=Now()).order_by("look_at", "pk")
    mine = due.filter(lane__in=list(due.values_list("lane", flat=True)[:1]))
    ids = list(mine.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)[:limit])
    Delivery.objects.filter(pk__in=ids, state=State.UNCERTAIN, look_at__lte=Now()).filter(
        Q(lease="") | LEASE_IS_OVER
    ).update(lease=lease.token, lease_until=in_seconds(settings.DIFFUSION.lease_seconds))
    won = Delivery.objects.filter(pk__in=ids, lease=lease.token)
    return Lease(lease.token, tuple(won.values_list("pk", flat=True)), lease.deadline)


@verb
def claim_amendments(lane: str, *, limit: int = 4) -> Lease:
    """Take up to `limit` edits or withdrawals that are due in this lane."""
    lease = _new_lease()
    if Hold.current():
        return lease
    due = Amendment.objects.filter(lane=lane, done_at=None, due_at__lte=Now()).filter(Q(lease="") | LEASE_IS_OVER)
    under_way = Amendment.objects.filter(delivery=OuterRef("delivery"), lease_until__gte=Now()).exclude(lease="")
    due = due.filter(~Exists(under_way))  # else words on their way could land on top of those that replace them
    ids = list(due.select_for_update(skip_locked=True).order_by("due_at").values_list("pk", flat=True)[:limit])
    Amendment.objects.filter(pk__in=ids, done_at=None).filter(Q(lease="") | LEASE_IS_OVER).update(
        lease=lease.token, lease_until=in_seconds(settings.DIFFUSION.lease_seconds)
    )
    won = Amendment.objects.filter(pk__in=ids, lease=lease.token)
    return Lease(lease.token, tuple(won.values_list("pk", flat=True)), lease.deadline)


@patient
@verb
def give_back(lease: Lease) -> int:
    """Give back at once what this lease claimed and did not begin or look at, for a worker that can't go on with it."""
    mine = Delivery.objects.filter(pk__in=lease.ids, lease=lease.token)
    mine.filter(state=State.UNCERTAIN).update(**NO_LEASE)
    return move(mine.filter(state=State.CLAIMED), State.PLANNED, why="given_back", **NO_LEASE)


@verb
def release_expired() -> int:
    """Give back what dead workers held: to *planned* if no intent was written, else into doubt. Age decides neither.

    But for a row that somebody is writing: at its end it is moved, or found by the next call.
    """
    over = Delivery.objects.filter(LEASE_IS_OVER).exclude(lease="")
    rows = over.order_by().select_for_update(skip_locked=True)  # in no order, so that SQLite takes the index
    found = list(rows.values_list("pk", flat=True))
    return release(over.filter(pk__in=found))


@verb
def release_all() -> int:
    """The same for every lease there is: for a process that knows itself alone (it holds the home's lock)."""
    Amendment.objects.exclude(lease="").update(**NO_LEASE)
    return release(Delivery.objects.exclude(lease=""))


def release(rows: DeliveryQuerySet) -> int:
    """Give back what leases held. Needs a transaction."""
    claimed = rows.filter(state=State.CLAIMED)
    given_back = move(claimed, State.PLANNED, why="lease_ran_out", **NO_LEASE)
    sending = rows.filter(state=State.SENDING)
    ids = list(sending.values_list("pk", flat=True))  # once moved, `sending` finds them no more
    doubted = move(
        sending,
        State.UNCERTAIN,
        why="lease_ran_out",
        code="lease_ran_out",
        doubt_at=Now(),
        look_at=in_seconds(LOOK_S),
        **NO_LEASE,
    )
    close_open_attempts(ids)
    rows.filter(state=State.UNCERTAIN).update(**NO_LEASE)
    return given_back + doubted


def close_open_attempts(ids: list[int]) -> None:
    """The attempts whose worker never came back: ended, in doubt. Needs a transaction."""
    Attempt.objects.filter(delivery_id__in=ids, ended_at=None).update(
        ended_at=Now(), outcome="uncertain", code="lease_ran_out"
    )
