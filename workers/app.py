"""The Celery application, the same at both scales: only the broker's address differs."""

from __future__ import annotations

import os
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "diffusion.settings")

import django  # settings must be named first

django.setup()

from diffusion.config import config  # noqa: E402

warnings.filterwarnings("ignore", category=SecurityWarning)  # root in a container is the operator's choice

app = Celery("diffusion", broker=config().broker_url.get_secret_value(), include=["workers.tasks"])
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_default_queue="housekeeping",
    task_create_missing_queues=True,
    worker_prefetch_multiplier=4,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={"polling_interval": 0.01}
    if config().broker_url.get_secret_value().startswith("memory:")
    else {"visibility_timeout": 3600},
)
