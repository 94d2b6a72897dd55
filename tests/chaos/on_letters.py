"""A letter, its worker killed five times: at most one line in doubt a kill, each shown."""

from __future__ import annotations

from tests.chaos.fault import Fault
from tests.chaos.scene import Scene

KILLS = 5


def kill(scene: Scene) -> None:
    for share in scene.shares(KILLS):
        scene.after(share)
        carrying = scene.house.rows("SELECT count(*) FROM diffusion_delivery WHERE state = 'claimed'")
        assert carrying
        for name in scene.house.workers:  # one of them has it
            scene.house.kill(name)
    scene.until(lambda: scene.house.still_open() == 0, 60 + scene.deliveries / 20)
    asked = len(scene.house.asked())
    scene.expect(asked <= KILLS, f"{asked} lines in doubt after {KILLS} kills")


FAULTS = (Fault("letter-sigkill", kill, may_ask=True, is_letter=True),)
