"""A crash at every point of a delivery's path; which points there are is found out, not listed."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.chaos.fault import Fault
from tests.chaos.house import Scale, posts
from tests.chaos.points import PATHS
from tests.chaos.scene import SERVERS, Scene


def crash(scene: Scene, paths: tuple[str, ...] = tuple(PATHS), shares: int = SERVERS) -> None:
    """So many products share the points, each with a server to which a blind repeat is a second post."""
    scene.network.do("lie", honours_key=False)
    homes = [scene.house.another(share) for share in range(shares)]

    def walk(share: int) -> dict[str, Any]:
        asked = {
            "url": scene.network.where["urls"][share], "is_alone": scene.house.scale is Scale.EMBEDDED, "paths": paths,
            "share": [share, shares],
        }  # fmt: skip
        return json.loads(scene.house.run_module("tests.chaos.points", json.dumps(asked), **homes[share]))  # type: ignore[no-any-return]

    with ThreadPoolExecutor(shares) as side_by_side:
        told = list(side_by_side.map(walk, range(shares)))
    scene.planned = posts([row for each in told for row in each["planned"]])
    scene.wrong += [fault for each in told for fault in each["faults"]]
    found = {tuple(each["names"]) for each in told}  # not their number: one more look is the same few points again
    scene.expect(len(found) == 1, f"not all found the same points: {found}")
    counts = {path: min(each["points"][path] for each in told) for path in paths}
    scene.say = ", ".join(f"{count} points ({path})" for path, count in counts.items())


FAULTS = (Fault("crash-points", crash, is_by_hand=True),)
