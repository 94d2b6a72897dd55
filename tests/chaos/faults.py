"""What is broken, each in one small function, and the table of them. A fault's seconds are the issue's, times `length`."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.chaos.entry import LEASE_S
from tests.chaos.house import Scale
from tests.chaos.scene import Scene

BOTH, SHARED, EMBEDDED = frozenset(Scale), frozenset({Scale.SHARED}), frozenset({Scale.EMBEDDED})
Act = Callable[[Scene], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """`act` is called while deliveries go out, and returns when it is over. `env` is the product's and the network's."""

    name: str
    act: Act
    scales: frozenset[Scale] = BOTH
    may_ask: bool = True
    """Whether what nobody can know may be left to a person."""
    env: dict[str, str] = field(default_factory=dict)


# processes


def kill(scene: Scene) -> None:
    """SIGKILL of a random worker, 20 times in 3,000 deliveries, three times at least."""
    for share in scene.shares(max(3, scene.deliveries * 20 // 3000)):
        scene.after(share)
        scene.house.kill(scene.chance.choice(scene.house.workers))


def freeze(scene: Scene) -> None:
    """SIGSTOP of a random worker for twice its lease, at random moments, 100 times in 3,000 deliveries."""
    for share in scene.shares(max(3, scene.deliveries * 100 // 3000)):
        scene.after(share)
        name = scene.chance.choice(scene.house.workers)
        scene.house.signal(name, signal.SIGSTOP)
        time.sleep(2 * LEASE_S)
        scene.house.signal(name, signal.SIGCONT)


# the broker


def redis_flushall(scene: Scene) -> None:
    assert scene.house.broker
    for share in scene.shares(5):
        scene.after(share)
        scene.house.broker.tell("FLUSHALL")


def redis_down(scene: Scene, seconds: float = 60) -> None:
    """Away; pages answer, and what is planned meanwhile goes out."""
    assert scene.house.broker
    scene.after(0.2)
    scene.house.broker.stop()
    scene.plan(20)
    pages = scene.house.pages()
    scene.expect(set(pages.values()) == {200}, f"pages without a broker: {pages}")
    scene.wait(seconds)
    scene.house.broker.start()


def redis_restart(scene: Scene) -> None:
    redis_down(scene, 0)


def redis_full(scene: Scene, seconds: float = 20) -> None:
    assert scene.house.broker
    scene.after(0.2)
    scene.house.broker.tell("CONFIG", "SET", "maxmemory", "1mb")
    scene.plan(20)
    pages = scene.house.pages()
    scene.expect(set(pages.values()) == {200}, f"pages with a full broker: {pages}")
    scene.wait(seconds)
    scene.house.broker.tell("CONFIG", "SET", "maxmemory", "0")


def redis_replaced(scene: Scene) -> None:
    """Killed, and an empty one stands in its place at once; twice."""
    assert scene.house.broker
    for share in scene.shares(2):
        scene.after(share)
        scene.house.broker.stop(signal.SIGKILL)
        scene.house.broker.start()


FAULTS: tuple[Fault, ...] = (
    Fault("sigkill", kill),
    Fault("sigstop", freeze),
    Fault("redis-flushall", redis_flushall, SHARED),
    Fault("redis-restart", redis_restart, SHARED),
    Fault("redis-down", redis_down, SHARED),
    Fault("redis-full", redis_full, SHARED),
    Fault("redis-replaced", redis_replaced, SHARED),
)
