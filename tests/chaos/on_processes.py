"""Processes killed and frozen."""

from __future__ import annotations

import signal
import time

from tests.chaos.entry import LEASE_S
from tests.chaos.fault import Fault
from tests.chaos.scene import Scene


def kill(scene: Scene) -> None:
    """SIGKILL of a random worker, 20 times in 3,000 deliveries, three times at least."""
    for share in scene.shares(max(3, scene.deliveries * 20 // 3000)):
        scene.after(share)
        scene.house.kill(scene.chance.choice(scene.house.workers))


def kill_anything(scene: Scene) -> None:
    """The same of any part: pages and clocks too."""
    for share in scene.shares(max(3, scene.deliveries * 20 // 3000)):
        scene.after(share)
        scene.house.kill(scene.chance.choice(sorted(scene.house.parts)))


def freeze(scene: Scene) -> None:
    """SIGSTOP of a random worker for twice its lease, at random moments, 100 times in 3,000 deliveries."""
    for share in scene.shares(max(3, scene.deliveries * 100 // 3000)):
        scene.after(share)
        name = scene.chance.choice(scene.house.workers)
        scene.house.signal(name, signal.SIGSTOP)
        time.sleep(2 * LEASE_S)
        scene.house.signal(name, signal.SIGCONT)


SENDERS = "SELECT count(DISTINCT lease) FROM diffusion_delivery WHERE state = 'sending'"
CUT = "SELECT count(*) FROM diffusion_attempt WHERE code = 'no_answer'"


def kill_senders(scene: Scene) -> None:
    """Every worker dies while its request is under way and nobody answers; answers are cut for those that follow."""
    scene.after(0.2)
    scene.network.do("line", "silent_after")
    senders = min(len(scene.house.workers), 2)
    scene.expect(
        scene.until(lambda: scene.house.number(SENDERS) >= senders, 60), "too few were in the middle of sending"
    )
    for name in scene.house.workers:
        scene.house.kill(name)
    scene.network.do("line", "cut_after")
    scene.expect(scene.until(lambda: scene.house.number(CUT) > 3, 60), "too few answers were cut")
    scene.house.kill(scene.house.workers[0])


def roll(scene: Scene) -> None:
    """SIGTERM of each part in turn, started again: a rolling restart. Each ends by itself, with status 0."""
    for name, share in zip(sorted(scene.house.parts), scene.shares(len(scene.house.parts)), strict=True):
        scene.after(share)
        process = scene.house.parts[name]
        scene.house.signal(name, signal.SIGTERM)
        scene.expect(process.wait(30) == 0, f"{name} ended with {process.returncode} after SIGTERM")
        scene.house.run(name)


FAULTS = (
    Fault("sigkill", kill, size=3000, minutes=3),
    Fault("sigkill-of-senders", kill_senders),
    Fault("sigkill-any-part", kill_anything),
    Fault("sigstop", freeze, size=3000, minutes=10),
    Fault("rolling-restart", roll),
)
