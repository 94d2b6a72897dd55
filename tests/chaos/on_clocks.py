"""Wall clocks that are wrong, that jump, and that change for the summer. By libfaketime, in the processes themselves."""

from __future__ import annotations

import functools
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from tests.chaos.fault import EMBEDDED, SHARED, Fault
from tests.chaos.judge import Post
from tests.chaos.scene import Scene

LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), Path("libfaketimeMT.so.1"))
FAKE = {"LD_PRELOAD": str(LIBRARY), "TZ": "UTC", "DONT_FAKE_MONOTONIC": "1"}
"""The wall clock alone: what waits goes by the monotonic one, as on a real machine."""
HOUR_S = 3600


class Wall(NamedTuple):
    """An hour as it is typed, the choice picked where it is unclear, then what comes of it: seconds after the change."""

    hour: str
    choice: int
    after_s: float | None
    code: str


def jump(scene: Scene) -> None:
    """The machine's clock is an hour fast, then an hour slow, then right again, each time the product is started.

    By restarts: libfaketime's own sleeps fail when the time jumps under a process that runs. What was put off while the
    clock was fast is due once the right one has caught up: an hour later, hence the last offset.
    """
    for share, offset in zip(scene.shares(4), (HOUR_S, -HOUR_S, 0, HOUR_S), strict=True):
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
    """The environment in which `instant` is seventy-five seconds away."""
    offset = instant - timedelta(seconds=75) - datetime.now(UTC)
    return {**FAKE, "FAKETIME": f"{int(offset.total_seconds()):+d}s"}


def change(scene: Scene, instant: datetime, walls: tuple[Wall, ...]) -> None:
    """What is due before, while and after the wall clock changes goes out once, at its own instant."""
    scene.house.start()
    scene.plan(1)
    scene.until(lambda: scene.count() > 0)
    _plan_walls(scene, instant, walls)
    scene.plan(scene.deliveries - 1, over_s=90.0)
    times = [post.at for post in scene.planned]
    scene.expect(min(times) < instant < max(times), f"nothing was due around {instant}: {min(times)} to {max(times)}")
    scene.after(1.0)


def _plan_walls(scene: Scene, instant: datetime, walls: tuple[Wall, ...]) -> None:
    """Typed as a person would, and understood as this table has it, which is not the product's own reckoning."""
    day = f"{instant:%Y-%m-%d}"
    typed = [[day, wall.hour, wall.choice] for wall in walls]
    told = scene.house.plan("walls", account_name="network 0", typed=typed)
    for wall, (text, at, code) in zip(walls, told, strict=True):
        due = None if wall.after_s is None else instant + timedelta(seconds=wall.after_s)
        read = datetime.fromisoformat(at) if at else None
        scene.expect(
            (read, code) == (due, wall.code), f"{wall.hour}, choice {wall.choice}: {at or 'no instant'} {code}"
        )
        if due and text:
            scene.planned.append(Post(text, due))


SUMMER, WINTER = datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)
"""When clocks in Paris jump from 2:00 to 3:00, and from 3:00 to 2:00."""
MISSING = (
    Wall("02:00", 1, 0, "time_missing"),  # the later of the two that exist, 3:00
    Wall("02:00", 0, None, "time_past"),  # the earlier, 1:00
    Wall("03:00", 0, 0, ""),
    Wall("03:01", 0, 60, ""),
)
DOUBLED = (
    Wall("02:00", 1, 0, "time_doubled"),  # the second time that it is 2:00
    Wall("02:00", 0, None, "time_past"),  # the first
    Wall("02:01", 1, 60, "time_doubled"),
)
FAULTS = (
    Fault("clock-wrong-by-an-hour", jump, EMBEDDED, env=FAKE.copy),
    Fault("clocks-30-s-apart", functools.partial(apart, seconds=(15, -15)), SHARED, is_punctual=True),
    Fault("clocks-2-h-apart", functools.partial(apart, seconds=(HOUR_S, -HOUR_S)), SHARED, is_punctual=True),
    Fault(
        "summer-time-begins",
        functools.partial(change, instant=SUMMER, walls=MISSING),
        EMBEDDED,
        env=functools.partial(to, SUMMER),
        is_punctual=True,
        is_by_hand=True,
    ),
    Fault(
        "summer-time-ends",
        functools.partial(change, instant=WINTER, walls=DOUBLED),
        EMBEDDED,
        env=functools.partial(to, WINTER),
        is_punctual=True,
        is_by_hand=True,
    ),
)
