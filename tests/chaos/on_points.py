"""A crash at every point of a delivery's path; which points there are is found out, not listed."""

from __future__ import annotations

import json

from tests.chaos.fault import Fault
from tests.chaos.house import Scale, posts
from tests.chaos.points import PATHS
from tests.chaos.scene import Scene

IGNORES_THE_KEY = 1
"""The number of a server to which a blind repeat is a second post."""


def crash(scene: Scene, paths: tuple[str, ...] = tuple(PATHS)) -> None:
    asked = {
        "url": scene.network.where["urls"][IGNORES_THE_KEY], "is_alone": scene.house.scale is Scale.EMBEDDED,
        "paths": paths,
    }  # fmt: skip
    told = json.loads(scene.house.run_module("tests.chaos.points", json.dumps(asked)))
    scene.planned = posts(told["planned"])
    scene.wrong += told["faults"]
    scene.say = ", ".join(f"{count} points ({name})" for name, count in told["points"].items())


FAULTS = (Fault("crash-points", crash, is_by_hand=True),)
