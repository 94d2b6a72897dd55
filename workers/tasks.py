"""Every task, thin: which lane → verbs. Names end in a version; the row knows when, so Celery never retries."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps

from celery import shared_task
from celery.worker import state as worker_state

from diffusion import wake
from diffusion.approval import decide
from diffusion.delivery import amend, claim, echo, hold, outside, plan, reach, reconcile
from diffusion.directory import notify
from diffusion.directory.models import Authority
from diffusion.intake import pull as intake
from diffusion.intake import submit
from diffusion.logs import Outage
from diffusion.newsletter import correction, dispatch
from diffusion.verbs import AWAY
from workers.desk import Desk
from workers.lanes import ALL
from workers.presence import at_work

TURN_S = 1.0
"""How long a lane keeps a thread at a time, while it has anything to send."""
DESKS = {lane: Desk(lane) for lane in ALL}

_database = Outage("database", logging.getLogger(__name__))


def waits_for_the_database(act: Callable[[str], None]) -> Callable[[str], None]:
    """A task that ends in a line while the database is away: the clock wakes its lane again once it is back."""

    @wraps(act)
    def run(lane: str) -> None:
        try:
            with at_work(lane):
                act(lane)
        except (*AWAY, Authority.DoesNotExist) as fault:  # gone, or its first migrations are under way
            _database.note(fault)
        else:
            _database.over()

    return run


def is_stopping() -> bool:
    """Whether this process was told to stop: what is being sent finishes (of a letter, that mail), what was
    only claimed goes back."""
    return worker_state.should_stop is not None


@shared_task(name=wake.DELIVER, max_retries=0)
@waits_for_the_database
def deliver(lane: str) -> None:
    """Take what is due and carry it at once: a claimed row never waits in a broker. Goes on while there is any.

    Where there is more, one more thread is woken, which does the same. After its turn it gives way to what else was
    woken meanwhile, and asks to be called again.
    """
    if lane == notify.LANE:
        notify.post_due(stops=is_stopping)  # our own mails, during a hold too: a way in, and who must know
    _amend(lane)
    desk, is_alone, until = DESKS[lane], True, time.monotonic() + TURN_S
    try:
        while not is_stopping() and (taken := desk.take()):
            if is_alone and taken.more:
                is_alone = False
                wake.call(lane)
            dispatch.carry(taken.delivery, taken.lease, stops=is_stopping)
            if taken.is_first:
                _amend(lane)
            if time.monotonic() > until and not taken.more:  # nothing is left on the desk that nobody would take
                wake.call(lane)
                return
    except AWAY:
        desk.clear()  # else they would wait until the lease runs out
        raise
    if is_stopping():
        desk.clear()


def _amend(lane: str) -> None:
    """Corrections and withdrawals, between what is claimed: what is wrong in public waits for no queue."""
    lease = claim.claim_amendments(lane)
    for pk in lease.ids:
        amend.carry(pk, lease)


@shared_task(name=wake.PULL, max_retries=0)
@waits_for_the_database
def pull(_lane: str) -> None:
    for source in intake.claim_sources():
        intake.pull(source, ours=echo.echoes)


@shared_task(name=wake.KEEP_HOUSE, max_retries=0)
@waits_for_the_database
def keep_house(_lane: str) -> None:
    """Give back what dead workers held, open gates, remind, plan what was approved, look where there is doubt."""
    claim.release_expired()
    reach.stop()
    hold.sweep()
    plan.sweep()
    correction.let_follow()
    plan.ask_about_late()
    decide.remind()
    plan.plan_approved()
    submit.erase_expired()
    _look()
    outside.look_outside(is_stopping)


def _look() -> None:
    """Last, since servers are asked: one that stalls keeps nothing else waiting."""
    lease = claim.claim_looks()
    for pk in lease.ids:
        if is_stopping():
            claim.give_back(lease)
            return
        reconcile.look(pk, lease)
