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
FAKE = {"LD_PRELOAD": str(LIBRARY), "TZ": "UTC"}
"""Its monotonic clock is shifted too: the library's sleeps fail where only the wall clock is."""
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
    """The environment in which `instant` is forty-five seconds away."""
    offset = instant - timedelta(seconds=45) - datetime.now(UTC)
    return {**FAKE, "FAKETIME": f"{int(offset.total_seconds()):+d}s"}


def change(scene: Scene, instant: datetime) -> None:
    """What is due before, while and after the wall clock changes goes out once, at its own instant."""
    scene.house.start()
    scene.plan(1)
    scene.until(lambda: bool(scene.got()))
    scene.plan(scene.deliveries - 1, over_s=60.0)
    times = [post.at for post in scene.planned]
    scene.expect(min(times) < instant < max(times), f"nothing was due around {instant}: {min(times)} to {max(times)}")
    scene.after(1.0)


SUMMER, WINTER = datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)
"""When clocks in Paris jump from 2:00 to 3:00, and from 3:00 to 2:00."""
FAULTS = (
    Fault("clock-wrong-by-an-hour", jump, EMBEDDED, env=FAKE.copy),
    Fault("clocks-30-s-apart", functools.partial(apart, seconds=(15, -15)), SHARED, is_punctual=True),
    Fault("clocks-2-h-apart", functools.partial(apart, seconds=(HOUR_S, -HOUR_S)), SHARED, is_punctual=True),
    Fault(
        "summer-time-begins",
        functools.partial(change, instant=SUMMER),
        EMBEDDED,
        env=functools.partial(to, SUMMER),
        is_punctual=True,
        is_by_hand=True,
    ),
    Fault(
        "summer-time-ends",
        functools.partial(change, instant=WINTER),
        EMBEDDED,
        env=functools.partial(to, WINTER),
        is_punctual=True,
        is_by_hand=True,
    ),
)
