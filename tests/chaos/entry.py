"""The tests' own way into the product: `python -m tests.chaos.entry worker …` is `diffusion worker …`, in a hurry.

Every wait is shortened in the proportions of production, so that a lease runs out while a test looks. The product
itself holds no line of this.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import time
from typing import Any

LEASE_S = 6.0
LEASE = "CHAOS_LEASE_S"
"""A variable with another lease."""
TIMES: tuple[tuple[str, str, Any], ...] = (
    # module and class, attribute, value
    ("diffusion.delivery.claim", "MARGIN_S", 1.0),
    ("diffusion.delivery.claim", "LOOK_S", 0.5),
    ("channels.contract:Channel", "deadline", 2.0),
    ("channels.mastodon:Mastodon", "deadline", 2.0),
    ("channels.smtp:Smtp", "deadline", 2.0),
    ("channels.mastodon", "CALL_S", 2.0),
    ("channels.answers", "PAUSE_S", 6.0),
    ("channels.mastodon:Mastodon", "absence", 1.0),
    ("channels.mastodon:Mastodon", "rates", ()),  # as many as the machine can
    ("diffusion.delivery.backoff", "LOOKS_S", (0.5, 0.5, 1.0, 2.0, 4.0)),
    ("diffusion.delivery.backoff", "RETRY_FIRST_S", 0.5),
    ("diffusion.delivery.backoff", "RETRY_MOST_S", 5.0),
    ("diffusion.delivery.breaker", "REST_FIRST_S", 0.5),
    ("diffusion.delivery.breaker", "REST_MOST_S", 20.0),
    ("diffusion.delivery.reconcile", "AFTER_FAILURE_S", 1.0),
    ("diffusion.delivery.reconcile", "FAILING_S", 120.0),
)
MORE = "CHAOS_TIMES"
"""A variable with further rows of TIMES, as JSON."""


def sleep_truly() -> None:
    """Before all else under libfaketime 0.9.10: `time.sleep` fails where only the wall clock is shifted.

    Where the monotonic clock is shifted too, no wait for an event ever ends: the very clock whose reads it shifts is
    handed on to waits that it doesn't know.
    """
    if "DONT_FAKE_MONOTONIC" in os.environ:
        time.sleep = lambda seconds: select.select([], [], [], seconds) and None


def hurry() -> None:
    """Set Django up, with these times."""
    sleep_truly()
    import workers.app  # noqa: F401  # sets Django up

    for place, name, value in (*TIMES, *json.loads(os.environ.get(MORE, "[]"))):
        module, _, inside = place.partition(":")
        owner = importlib.import_module(module)
        owner = getattr(owner, inside) if inside else owner
        getattr(owner, name)  # a name that is gone is no time
        setattr(owner, name, tuple(value) if isinstance(value, list) else value)
    from django.conf import settings

    lease_s = float(os.environ.get(LEASE, LEASE_S))
    settings.DIFFUSION = settings.DIFFUSION.model_copy(update={"lease_seconds": lease_s})


def main() -> None:
    hurry()
    from workers.cli import main as diffusion

    diffusion()


if __name__ == "__main__":
    main()
