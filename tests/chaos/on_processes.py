"""Processes killed and frozen."""

from __future__ import annotations

import json
import signal
import time

from tests.chaos.entry import LEASE, MORE
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


FREEZES, SHORT_S, SLOW_S = 100, 3.0, 0.5
SHORT = {
    LEASE: str(SHORT_S),
    MORE: json.dumps([
        ["diffusion.delivery.claim", "MARGIN_S", 0.4], ["channels.contract:Channel", "deadline", 1.6],
        ["channels.mastodon:Mastodon", "deadline", 1.6], ["channels.mastodon", "CALL_S", 1.6],
    ]),
}  # fmt: skip
"""A shorter lease, so that a hundred times twice a lease is minutes."""
LATE = "SELECT count(*) FROM diffusion_attempt WHERE was_late OR code = 'lease_ran_out'"


def freeze(scene: Scene) -> None:
    """SIGSTOP of random workers for twice their lease, a hundred times in 2,000 deliveries; one worker stays, if it can.

    The servers take their time, so that most are in the middle of sending.
    """
    scene.network.do("lie", slow_s=SLOW_S)
    at_once = max(1, len(scene.house.workers) - 1)
    for share in scene.shares(max(3, scene.deliveries * FREEZES // 2000) // at_once):
        scene.after(share)
        names = scene.chance.sample(scene.house.workers, at_once)
        for name in names:
            time.sleep(scene.chance.uniform(0, SLOW_S))
            scene.house.signal(name, signal.SIGSTOP)
        time.sleep(2 * SHORT_S)
        for name in names:
            scene.house.signal(name, signal.SIGCONT)
    scene.until(lambda: scene.house.still_open() == 0)
    scene.say = f"{scene.house.number(LATE)} attempts outlived their lease"


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
    Fault("sigstop", freeze, size=2000, pace=6.0, minutes=12, env=SHORT.copy),
    Fault("rolling-restart", roll),
)
