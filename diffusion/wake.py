"""After commit, tell a lane that something is due. The database stays right if nobody hears it.

A broker that is away is not asked again for a moment, so that it never costs a person more than one time-out.
"""

from __future__ import annotations

import functools
import logging

from celery import Celery
from django.conf import settings
from django.db import transaction

from diffusion.logs import Outage

log = logging.getLogger(__name__)

PAUSE_S = 2.0
"""How long a broker that did not answer is left alone."""

DELIVER, PULL, KEEP_HOUSE = "diffusion.deliver.1", "diffusion.pull.1", "diffusion.keep_house.1"
BY_LANE = {"intake": PULL, "housekeeping": KEEP_HOUSE}


_broker = Outage("broker", log)


@functools.cache
def _producer() -> Celery:
    """Publishes by task name alone, and gives up at once: a broker that is down never keeps a person waiting."""
    app = Celery("diffusion-wake", broker=settings.DIFFUSION.broker_url.get_secret_value(), set_as_current=False)
    app.conf.update(
        task_ignore_result=True,
        task_publish_retry=False,
        broker_connection_timeout=1,
        broker_transport_options={"socket_connect_timeout": 1, "socket_timeout": 2, "max_retries": 0},
    )
    return app


def call(lane: str) -> None:
    """Wake `lane` now. Failing is harmless: the clock offers what is due again."""
    if _broker.is_fresh(PAUSE_S):
        return
    try:
        _producer().send_task(BY_LANE.get(lane, DELIVER), args=[lane], queue=lane, ignore_result=True)
    except Exception as fault:  # whatever the transport raises: waking is never needed to be right
        _broker.note(fault)
    else:
        _broker.over()


def wake(*lanes: str) -> None:
    """Wake these lanes once this transaction is committed."""
    for lane in dict.fromkeys(lanes):
        transaction.on_commit(functools.partial(call, lane), robust=True)
