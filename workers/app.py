"""The Celery application, the same at both scales: only the broker's address differs."""

from __future__ import annotations

import os
import time
import warnings
from typing import Any

import kombu
from celery import Celery
from celery.app.amqp import AMQP
from celery.exceptions import SecurityWarning

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "diffusion.settings")

import django  # settings must be named first

django.setup()

from diffusion.config import config  # noqa: E402

warnings.filterwarnings("ignore", category=SecurityWarning)  # root in a container is the operator's choice


LISTEN_S = 0.25
FULL = "OutOfMemoryError"
"""What a Redis that has reached its `maxmemory` answers; by its name, since embedded nobody needs that package."""


class Connection(kombu.Connection):
    """Listens for `LISTEN_S` at a time: Celery's loop sees only in between, and twice, that the worker is to end."""

    def drain_events(self, timeout: float = LISTEN_S, **more: Any) -> Any:
        try:
            return super().drain_events(timeout=min(timeout, LISTEN_S), **more)
        except self.channel_errors as fault:
            if type(fault).__name__ != FULL:
                raise
            time.sleep(LISTEN_S)  # it refuses only what would be written: what was woken is still heard
            raise TimeoutError from fault


class Queues(AMQP):
    """Celery's own, over that connection."""

    Connection = Connection


def _made(name: str, **how: Any) -> Celery:
    broker = config().broker_url.get_secret_value()
    made = Celery(name, broker=broker, amqp=Queues, include=["workers.tasks"], **how)
    made.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_default_queue="housekeeping",
        task_create_missing_queues=True,
        worker_prefetch_multiplier=1,  # what is fetched waits behind what runs, whatever its lane
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"polling_interval": 0.01}
        if broker.startswith("memory:")
        else {"visibility_timeout": 3600},
    )
    return made


app = _made("diffusion")
alerts = _made("diffusion-alerts", set_as_current=False)
"""The same for the thread that alerts keep: which queues are consumed is an application's, not a worker's."""
