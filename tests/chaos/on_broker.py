"""Redis emptied, away, full, replaced. Pages and planning go on."""

from __future__ import annotations

import functools
import signal

from tests.chaos.fault import SHARED, Fault
from tests.chaos.scene import Scene

MORE = 20
"""Deliveries planned while the broker is not well."""


def flush(scene: Scene) -> None:
    assert scene.house.broker
    for share in scene.shares(5):
        scene.after(share)
        scene.house.broker.tell("FLUSHALL")


def down(scene: Scene, seconds: float) -> None:
    assert scene.house.broker
    scene.after(0.2)
    scene.house.broker.stop()
    _go_on(scene, seconds)
    scene.house.broker.start()


def full(scene: Scene) -> None:
    assert scene.house.broker
    scene.after(0.2)
    scene.house.broker.tell("CONFIG", "SET", "maxmemory", "1mb")
    _go_on(scene, 20)
    scene.house.broker.tell("CONFIG", "SET", "maxmemory", "0")


def replace(scene: Scene) -> None:
    """Killed, and an empty one stands in its place at once; twice."""
    assert scene.house.broker
    for share in scene.shares(2):
        scene.after(share)
        scene.house.broker.stop(signal.SIGKILL)
        scene.house.broker.start()


def lose_machine(scene: Scene) -> None:
    """Its machine dies without a goodbye, and one that knows nothing takes its address. Who only listens must notice."""
    assert scene.house.broker
    machine = scene.house.broker.machine
    assert machine
    scene.after(0.2)
    machine.cut()
    scene.house.broker.stop(signal.SIGKILL)
    machine.end()
    scene.wait(5)
    machine.begin()
    scene.house.broker.start()
    _go_on(scene, 1)


def _go_on(scene: Scene, seconds: float) -> None:
    scene.plan(MORE)
    pages = scene.house.pages()
    scene.expect(set(pages.values()) == {200}, f"pages while the broker is not well: {pages}")
    scene.wait(seconds)


FAULTS = (
    Fault("redis-flushall", flush, SHARED),
    Fault("redis-restart", functools.partial(down, seconds=0), SHARED),
    Fault("redis-down", functools.partial(down, seconds=60), SHARED),
    Fault("redis-full", full, SHARED),
    Fault("redis-replaced", replace, SHARED),
    Fault("redis-machine-lost", lose_machine, SHARED, is_apart=True),
)
