"""All of it at once, at random."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from tests.chaos.entry import LEASE_S
from tests.chaos.fault import Fault
from tests.chaos.house import Scale
from tests.chaos.on_channel import AFTER, LINES
from tests.chaos.on_database import TERMINATE
from tests.chaos.scene import Scene

SECONDS = 1800.0


def _kill(scene: Scene) -> None:
    scene.house.kill(scene.chance.choice(sorted(scene.house.parts)))


def _freeze(scene: Scene) -> None:
    name = scene.chance.choice(scene.house.workers)
    scene.house.signal(name, signal.SIGSTOP)
    time.sleep(scene.chance.uniform(0.2, 2 * LEASE_S))
    scene.house.signal(name, signal.SIGCONT)


def _server(scene: Scene) -> None:
    scene.network.do("arm", scene.chance.choice(sorted(AFTER.values())), times=2)


def _line(scene: Scene) -> None:
    scene.network.do("line", scene.chance.choice(sorted(LINES.values())))
    time.sleep(scene.chance.uniform(0.2, 3))
    scene.network.do("line", "pass")


def _flush(scene: Scene) -> None:
    assert scene.house.broker
    scene.house.broker.tell("FLUSHALL")


def _no_broker(scene: Scene) -> None:
    assert scene.house.broker
    scene.house.broker.stop(signal.SIGKILL)
    time.sleep(scene.chance.uniform(0, 5))
    scene.house.broker.start()


def _no_database(scene: Scene) -> None:
    assert scene.house.postgres
    scene.house.postgres.stop(signal.SIGQUIT)
    time.sleep(scene.chance.uniform(0, 5))
    scene.house.postgres.start()


def _cut(scene: Scene) -> None:
    scene.house.rows(TERMINATE)


ACTS: dict[Scale, tuple[Callable[[Scene], None], ...]] = {
    Scale.EMBEDDED: (_kill, _freeze, _server, _server, _line),
    Scale.SHARED: (_kill, _kill, _freeze, _server, _server, _line, _flush, _no_broker, _no_database, _cut),
}


def everything(scene: Scene) -> None:
    """One after another without a pause, while something is always due."""
    until = time.monotonic() + SECONDS * scene.length
    acts = ACTS[scene.house.scale]
    while time.monotonic() < until:
        if scene.count() > len(scene.planned) - 100:
            scene.plan(100, over_s=20.0)
        scene.chance.choice(acts)(scene)
        scene.house.mend()
        time.sleep(scene.chance.uniform(0, 2))


FAULTS = (Fault("everything", everything, may_ask=True, minutes=31),)
