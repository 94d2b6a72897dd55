"""How often a token may call: counted in the broker that all web processes share, else in this process."""

from __future__ import annotations

import functools
import logging
import time

from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from diffusion.api.problems import Refusal
from diffusion.directory.models import Token

log = logging.getLogger(__name__)

RATES: dict[str, RateLimitItem] = {"read": RateLimitItemPerMinute(600), "submit": RateLimitItemPerMinute(120)}
"""A minute, a token. A feed reader asks once a minute; an import of a year's news takes its time."""


@functools.cache
def limiter() -> MovingWindowRateLimiter:
    """The one that counts, by the broker's address."""
    url = settings.DIFFUSION.broker_url.get_secret_value()
    if url.startswith("unix:"):
        url = "redis+" + url
    return MovingWindowRateLimiter(storage_from_string(url, wrap_exceptions=True))


def spend(token: Token, scope: str) -> None:
    """Count one call. Raises Refusal("rate_limited") with how long to wait. A broker that is away refuses nobody."""
    rate, name = RATES[scope], f"token-{token.pk}-{scope}"
    try:
        if limiter().hit(rate, name):
            return
        seconds = max(1, round(limiter().get_window_stats(rate, name).reset_time - time.time()))
    except StorageError as fault:
        log.warning("broker_unreachable fault=%s", type(fault.storage_error).__name__)
        return
    raise Refusal("rate_limited", headers={"Retry-After": str(seconds)}, seconds=seconds)
