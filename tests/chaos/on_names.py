"""Names that can't be resolved, certificates that have run out: nothing leaves, and other accounts don't notice."""

from __future__ import annotations

import functools
from typing import Any

from tests.chaos.fault import Fault
from tests.chaos.scene import SERVERS, Scene

HALF = list(range(SERVERS // 2))
CODES = "SELECT code, count(*) FROM diffusion_attempt WHERE outcome NOT IN ('', 'published') GROUP BY code"
TOLD = "SELECT count(*) FROM diffusion_attempt WHERE evidence LIKE '%{words}%'"


def _others(scene: Scene) -> set[str]:
    """What goes to servers that are well; the texts end in the number that was planned, in turn."""
    return {post.text for post in scene.planned if int(post.text[-6:]) % SERVERS not in HALF}


def away(scene: Scene, how: dict[str, Any], well: dict[str, Any], words: str) -> None:
    """Half of the servers can't be reached; all that goes to the others is out meanwhile."""
    scene.after(0.2)
    scene.network.do("reach", HALF, **how)
    missing: set[str] = set()

    def others_are_out() -> bool:
        missing.clear()
        missing.update(_others(scene) - {post.text for post in scene.got()})
        return not missing

    scene.expect(scene.until(others_are_out, 60), f"others noticed: {len(missing)} not out")
    scene.wait(20)
    scene.network.do("reach", HALF, **well)
    codes = dict(scene.house.rows(CODES))
    scene.expect(set(codes) == {"unreachable"}, f"told as {codes}")
    told = scene.house.rows(TOLD.format(words=words))[0][0]
    scene.expect(told > 0, f"no evidence has the words « {words} »")
    scene.say = f"{codes.get('unreachable', 0)} tries found nobody; every one knew that nothing had left"


def silent(scene: Scene) -> None:
    """The resolver answers nobody, about any name."""
    scene.after(0.2)
    scene.network.do("resolve", is_silent=True)
    scene.wait(20)
    scene.network.do("resolve", is_silent=False)
    codes = dict(scene.house.rows(CODES))
    scene.expect(set(codes) == {"unreachable"}, f"told as {codes}")


FAULTS = (
    Fault(
        "names-unknown",
        functools.partial(away, how={"is_named": False}, well={"is_named": True}, words="resolve"),
        is_named=True,
    ),
    Fault("names-silent", silent, is_named=True),
    Fault(
        "certificates-expired",
        functools.partial(away, how={"is_valid": False}, well={"is_valid": True}, words="certificate has expired"),
        is_named=True,
    ),
)
