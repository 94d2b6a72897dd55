"""A letter, its worker killed five times: at most one line in doubt a kill, each shown."""

from __future__ import annotations

from tests.chaos.fault import Fault
from tests.chaos.scene import Scene

KILLS = 5
CODES = "SELECT code, count(*) FROM diffusion_line WHERE state = 'uncertain' GROUP BY code"


def kill(scene: Scene) -> None:
    for share in scene.shares(KILLS):
        scene.after(share)
        carrying = scene.house.rows("SELECT count(*) FROM diffusion_delivery WHERE state = 'claimed'")
        assert carrying
        for name in scene.house.workers:  # one of them has it
            scene.house.kill(name)
    scene.until(lambda: scene.house.still_open() == 0, 60 + scene.deliveries / 20)
    codes = dict(scene.house.rows(CODES))
    scene.expect(sum(codes.values()) <= KILLS, f"lines in doubt after {KILLS} kills: {codes}")


FAULTS = (Fault("letter-sigkill", kill, may_ask=True, is_letter=True, size=20_000, minutes=8),)
