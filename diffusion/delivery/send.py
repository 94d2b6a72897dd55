"""Rendition → receipt: prepare, intent, publish, outcome. Intent and outcome each have a transaction of their own.

No transaction is open while a network call runs. After the intent, only an outcome that proves "nothing was
posted" leads back to *planned*; everything else leads into doubt, which `reconcile` settles by looking.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from channels.contract import Channel, Code, NotReady, Prepared
from channels.outcomes import Disconnected, Outcome, Refused, Throttled, TryLater, Uncertain
from diffusion.accounts.connect import channel_of
from diffusion.audit import note
from diffusion.delivery import pace, settle
from diffusion.delivery.backoff import before_look, before_retry
from diffusion.delivery.claim import Lease, LeaseLost
from diffusion.delivery.models import ASKS, NO_LEASE, Attempt, Delivery, Stop
from diffusion.delivery.states import BEFORE_SENDING, Moved, State, move, move_one
from diffusion.delivery.writing import Intent, Proven, begin, keep
from diffusion.errors import No
from diffusion.instants import in_seconds
from diffusion.verbs import AWAY, patient, verb

log = logging.getLogger(__name__)

GIVE_UP_AFTER = timedelta(hours=24)
"""Trying goes on this long after the planned time, unless the message says sooner; then a person is asked."""


def send(pk: int, lease: Lease) -> None:
    """Carry one claimed delivery as far as it goes; each end is a state that people see.

    Raises only what a database that is away raises: the lease runs out, and says whether that leads to doubt.
    """
    for delivery in lease.rows(pk):
        carry(delivery, lease)


def carry(delivery: Delivery, lease: Lease) -> None:
    """`send`, of a row as its lease gave it."""
    attempt: Attempt | None = None
    try:
        pace.check_account(delivery.account)
        channel = _channel(delivery, lease)
        pace.check(delivery, channel, lease)
        prepared = channel.prepare(delivery.rendition, Prepared(delivery.prepared or {}))
        if lease.is_over(channel.deadline):
            _keep_prepared(delivery, prepared)
            raise LeaseLost
        attempt = _intend(delivery, lease, channel, prepared)
        proof = channel.publish(delivery.rendition, prepared, delivery.key)
    except AWAY:  # the database, not the channel, and before the intent: nothing has left, and nobody has to decide
        give_back(delivery, lease, seconds=before_retry(0), why="database_unreachable")
    except Exception as fault:  # the task's edge: whatever it is becomes an outcome that a person sees
        _end(delivery, lease, attempt, fault)
    else:
        keep(Proven(delivery, lease, attempt, proof))


def _channel(delivery: Delivery, lease: Lease) -> Channel:
    """The account's, its credentials opened once for all that this lease sends there. Raises No."""
    opened, key = lease.channels, (delivery.account.pk, delivery.account.sealed)
    if key not in opened:
        channel = channel_of(delivery.account)
        channel.http = channel.http.before(lambda: must_own(lease, channel))
        opened[key] = channel
    return opened[key]


def must_own(lease: Lease, channel: Channel) -> None:
    """Right before the first byte: enough of the lease must be left for the whole request."""
    if lease.is_over(channel.deadline):
        raise LeaseLost


def _intend(delivery: Delivery, lease: Lease, channel: Channel, prepared: Prepared) -> Attempt:
    """Write down what was prepared and that we are about to send. Raises LeaseLost when the row is no longer ours, Waits."""
    return begin(Intent(delivery, lease, prepared, channel.deadline, lease.orders.authority.hourly_posts))


@verb
def _keep_prepared(delivery: Delivery, prepared: Prepared) -> None:
    """Uploads that took longer than a lease are not made again by whoever is next, or they would never end."""
    rows = Delivery.objects.filter(pk=delivery.pk, generation=delivery.generation, state__in=BEFORE_SENDING)
    rows.update(prepared=dict(prepared.data))


def _end(delivery: Delivery, lease: Lease, attempt: Attempt | None, fault: Exception) -> None:
    """Turn what was raised into a state. Before the intent nothing can have been posted."""
    if isinstance(fault, NotReady) and not is_given_up(delivery):
        give_back(delivery, lease, seconds=fault.after, why="not_ready", prepared=fault.data)
        return
    if isinstance(fault, pace.Waits):
        give_back(delivery, lease, seconds=fault.seconds, why=fault.why, stop=fault.stop)
        return
    if isinstance(fault, pace.Held):
        keep_held(delivery, lease)
        return
    if isinstance(fault, LeaseLost) and attempt is None:
        give_back(delivery, lease, seconds=0, why="given_back")
        return
    if isinstance(fault, NotReady):
        outcome: Outcome = Refused(Code.MEDIA_FAILED, evidence="the channel never had it ready")
    elif isinstance(fault, LeaseLost):
        outcome = TryLater(Code.UNREACHABLE, after=0, evidence="the lease was over before the first byte").ours()
    elif isinstance(fault, Outcome):
        outcome = fault
    elif isinstance(fault, No):
        outcome = (
            Disconnected(fault.code) if fault.code == "credentials_unreadable" else Refused(fault.code, **fault.facts)
        ).ours()
    else:
        log.error("send_failed delivery=%s", delivery.public_id, exc_info=fault)
        outcome = (Refused("internal") if attempt is None else Uncertain("internal", evidence=repr(fault))).ours()
    if isinstance(outcome, Uncertain) and attempt is None:  # `prepare` may be repeated: no doubt, only another try
        outcome = TryLater(outcome.code, evidence=outcome.evidence)
    _conclude(delivery, lease, attempt, outcome)


@verb
def keep_held(delivery: Delivery, lease: Lease) -> None:
    """A hold that is over this row keeps it until somebody lifts it."""
    mine = Delivery.objects.filter(pk=delivery.pk, lease=lease.token, state=State.CLAIMED)
    move(mine, State.HELD, why="hold", **NO_LEASE)


@verb
def give_back(delivery: Delivery, lease: Lease, *, seconds: float, why: str, stop: str = "", **changes: Any) -> None:
    """Back to *planned* without spending an attempt: the channel asked to wait, or something stops the row, or a person."""
    mine = Delivery.objects.filter(pk=delivery.pk, lease=lease.token, state=State.CLAIMED)
    due = None if stop else in_seconds(seconds)
    try:
        move_one(mine, State.PLANNED, why=why, stop=stop, due_at=due, **NO_LEASE, **changes)
    except Moved:
        log.info("given_back_late delivery=%s", delivery.public_id)
        return
    if stop in ASKS:
        settle.ask(delivery, why)


@patient
@verb
def _conclude(delivery: Delivery, lease: Lease, attempt: Attempt | None, outcome: Outcome) -> None:
    """Anything but a receipt. Raises nothing when the row is no longer ours."""
    was = _still_ours(delivery, lease)
    if attempt:
        _close(attempt, outcome=outcome.name, code=outcome.code, facts=outcome.facts, evidence=outcome.evidence,
               was_late=not was)  # fmt: skip
    if not was:
        if attempt and not isinstance(outcome, Uncertain):
            settle.keep_late_absence(delivery, attempt, outcome.code)
        return
    settle.heed(delivery.account, outcome)
    to, changes = _onward(delivery, attempt, outcome)
    mine = Delivery.objects.filter(pk=delivery.pk, lease=lease.token)
    move_one(mine, to, why=outcome.name, code=outcome.code, known={delivery.pk: was}, **NO_LEASE, **changes)
    note(outcome.name, delivery, account=delivery.account.public_id, code=outcome.code, now=to.value)
    gave_way = bool(attempt) and to != State.UNCERTAIN and settle.give_way(delivery)
    if to == State.REFUSED and not gave_way:
        settle.needs_a_person(delivery, outcome.code)


def _still_ours(delivery: Delivery, lease: Lease) -> State | None:
    """Lock the row, and see in which state it is, if this lease still owns it."""
    row = Delivery.objects.filter(pk=delivery.pk).order_by().select_for_update().values_list("lease", "state").get()
    return State(row[1]) if row[0] == lease.token and row[1] in (State.CLAIMED, State.SENDING) else None


def _onward(delivery: Delivery, attempt: Attempt | None, outcome: Outcome) -> tuple[State, dict[str, Any]]:
    """Where an outcome leads, as data: the state, and the columns that go with it."""
    if isinstance(outcome, Uncertain):
        return State.UNCERTAIN, {"doubt_at": Now(), "looks": 0, "look_at": in_seconds(before_look(0, None))}
    answered = attempt is not None and outcome.code != Code.UNREACHABLE
    # an outcome proved not to have posted: a new key, for a server may replay the old answer for hours
    fresh: dict[str, Any] = {"generation": F("generation") + 1} if answered else {}
    if isinstance(outcome, Refused):
        return State.REFUSED, fresh
    if isinstance(outcome, Disconnected):
        return State.PLANNED, {**fresh, "stop": Stop.PAUSED, "due_at": None}
    if is_given_up(delivery):
        return State.REFUSED, fresh
    if isinstance(outcome, Throttled):
        return State.PLANNED, {
            **fresh,
            "due_at": in_seconds(outcome.after),
            "tries": F("tries") - int(attempt is not None),
        }
    after = getattr(outcome, "after", None)
    pause = before_retry(delivery.tries) if after is None else after
    # with an attempt, the intent has counted it
    tries = {} if attempt else {"tries": F("tries") + 1}
    return State.PLANNED, {**fresh, **tries, "due_at": in_seconds(pause)}


def is_given_up(delivery: Delivery) -> bool:
    """Counted from the planned time or, if something kept it back longer, from when trying began."""
    long_ago = timezone.now() - GIVE_UP_AFTER
    return delivery.planned_at < long_ago and delivery.events.filter(now=State.CLAIMED, at__lt=long_ago).exists()


def _close(attempt: Attempt, **how: Any) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(ended_at=Now(), **how)
