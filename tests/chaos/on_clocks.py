"""Wall clocks that are wrong, that jump, and that change for the summer. By libfaketime, in the processes themselves."""

from __future__ import annotations

import functools
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.chaos.fault import EMBEDDED, SHARED, Fault
from tests.chaos.scene import Scene

LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), Path("libfaketimeMT.so.1"))
FAKE = {"LD_PRELOAD": str(LIBRARY), "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC"}
HOUR_S = 3600


def jump(scene: Scene) -> None:
    """The machine's clock is an hour fast, then an hour slow, then right again, each time the product is started.

    By restarts: libfaketime's own sleeps fail when the time jumps under a process that runs.
    """
    for share, offset in zip(scene.shares(3), (HOUR_S, -HOUR_S, 0), strict=True):
        scene.after(share)
        for name, process in list(scene.house.parts.items()):
            scene.house.signal(name, signal.SIGTERM)
            process.wait(30)
            scene.house.run(name, **FAKE, FAKETIME=f"{offset:+d}s")
        time.sleep(4)


def apart(scene: Scene, seconds: tuple[int, ...]) -> None:
    """Each worker and each clock is started with a clock of its own."""
    for number, name in enumerate(n for n in sorted(scene.house.parts) if not n.startswith("web")):
        scene.house.end(name)
        scene.house.run(name, **FAKE, FAKETIME=f"{seconds[number % len(seconds)]:+d}s")
    scene.plan(scene.deliveries, in_s=8.0)
    scene.after(1.0)


def to(instant: datetime) -> dict[str, str]:
    """The environment in which it will be a minute before `instant` once everything runs."""
    offset = instant - timedelta(seconds=25) - datetime.now(UTC)
    return {**FAKE, "FAKETIME": f"{int(offset.total_seconds()):+d}s"}


def nothing(scene: Scene) -> None:
    """The clock itself is the fault."""
    scene.after(1.0)


SUMMER, WINTER = datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)
"""When clocks in Paris jump from 2:00 to 3:00, and from 3:00 to 2:00."""
FAULTS = (
    Fault("clock-wrong-by-an-hour", jump, EMBEDDED, env=FAKE),
    Fault("clocks-30-s-apart", functools.partial(apart, seconds=(15, -15)), SHARED, is_punctual=True),
    Fault("clocks-2-h-apart", functools.partial(apart, seconds=(HOUR_S, -HOUR_S)), SHARED, is_punctual=True),
    Fault("summer-time-begins", nothing, EMBEDDED, env=to(SUMMER), is_punctual=True),
    Fault("summer-time-ends", nothing, EMBEDDED, env=to(WINTER), is_punctual=True),
)
