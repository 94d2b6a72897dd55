"""How long to wait before trying or looking again: pure functions of how often it was tried."""

import random

RETRY_FIRST_S, RETRY_MOST_S = 5.0, 900.0
LOOKS_S = (2.0, 10.0, 30.0, 90.0, 300.0)


def before_retry(tries: int, draw: float | None = None) -> float:
    """Seconds before another try: exponential with full jitter, at least one second. `draw` in [0, 1) is the chance."""
    chance = random.random() if draw is None else draw  # noqa: S311  # jitter, no secret
    return 1.0 + chance * min(RETRY_MOST_S, RETRY_FIRST_S * 2.0 ** min(tries, 10))


def before_look(looks: int, absence: float | None) -> float:
    """Seconds before the next look; from the second on, at least the channel's own delay."""
    pause = LOOKS_S[min(looks, len(LOOKS_S) - 1)]
    return max(pause, absence or 0.0) if looks else pause
