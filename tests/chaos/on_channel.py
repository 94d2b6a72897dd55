"""The other side and the line to it: silent, cut, lying, not letting us in."""

from __future__ import annotations

import functools
import json
import time

from channels.mastodon import Mastodon
from diffusion.delivery import backoff
from tests.chaos.entry import MORE
from tests.chaos.fault import Fault
from tests.chaos.scene import SERVERS, Scene

LOOK = b"GET /api/v1/accounts"


def armed(scene: Scene, fault: str) -> None:
    """A third of what is planned meets it, in three bursts."""
    for share in scene.shares(3):
        scene.after(share)
        scene.network.do("arm", fault, times=max(1, scene.deliveries // 9 // SERVERS))


def line(scene: Scene, how: str) -> None:
    """Every post meets such a line, for five seconds; twice."""
    for share in scene.shares(2):
        scene.after(share)
        scene.network.do("line", how)
        scene.wait(5)
        scene.network.do("line", "pass")


def shut(scene: Scene) -> None:
    """401 in the middle of a batch, on half of the servers; then somebody lets the accounts in again."""
    scene.after(0.3)
    scene.network.do("lie", which=list(range(SERVERS // 2)), is_shut=True)
    paused = scene.until(lambda: len(scene.house.paused()) == SERVERS // 2, 60)
    scene.expect(paused, f"paused: {scene.house.paused()}")
    scene.network.do("lie", is_shut=False)
    scene.house.plan("resume")


def lag(scene: Scene, seconds: float, which: list[int]) -> None:
    """Answers are lost, and the list that would tell lags behind."""
    scene.network.do("lie", lag_s=seconds)
    scene.network.do("lie", which=[n for n in range(SERVERS) if n not in which], lag_s=0.0)
    armed(scene, "cut_after")
    scene.until(lambda: scene.house.still_open() == 0)


def lag_truly(scene: Scene) -> None:
    """By half a minute, with pauses between looks as they are, on accounts whose older posts are listed."""
    scene.after(1.0)
    time.sleep(31)
    scene.plan(scene.deliveries)
    lag(scene, 30.0, list(range(SERVERS)))


def blind(scene: Scene) -> None:
    """Answers are lost, and looking fails, for twenty seconds."""
    armed(scene, "cut_after")
    scene.network.do("line", "cut_after", trigger=LOOK.decode())
    scene.network.do("arm", "cut_after", times=3)
    scene.wait(20)
    scene.network.do("line", "pass")


def another(scene: Scene) -> None:
    """For five seconds a cache in front of every server answers with the last post, and keeps ours from it."""
    scene.after(0.3)
    scene.network.do("lie", answers_for_another=True)
    scene.wait(5)
    scene.network.do("lie", answers_for_another=False)


AFTER = {
    "channel-never-answers": "stall_after",
    "channel-never-reads": "stall_before",
    "channel-closes-before-body": "cut_after",
    "channel-closes-unread": "cut_before",
    "channel-closes-within-body": "half_after",
    "channel-500-after": "error_after",
    "channel-503-before": "error_before",
    "channel-200-html": "garbled_after",
    "channel-429": "throttle",
}
"""The server's own faults, by the name of the row."""
TRUE = {
    MORE: json.dumps(
        [["channels.mastodon:Mastodon", "absence", Mastodon.absence], [backoff.__name__, "LOOKS_S", backoff.LOOKS_S]]
    )
}
"""The pauses between two looks as they are, for a lag of true length."""
LINES = {
    "network-refused": "refused",
    "network-half-open": "silent_before",
    "network-one-byte-a-time": "drip",
    "network-truncated": "half",
}
FAULTS = (
    *(Fault(name, functools.partial(armed, fault=fault)) for name, fault in AFTER.items()),
    Fault("channel-401-in-a-batch", shut),
    # where the key is ignored the list lags less than the channel's declared delay, else nobody could know
    Fault("channel-list-lags", functools.partial(lag, seconds=0.8, which=list(range(SERVERS)))),
    Fault("channel-list-lags-beyond", functools.partial(lag, seconds=3.0, which=list(range(0, SERVERS, 2)))),
    Fault("channel-list-lags-30-s", lag_truly, env=TRUE.copy, size=100, minutes=3),
    Fault("channel-look-fails", blind, may_ask=True),
    Fault("channel-answers-for-another", another),
    *(Fault(name, functools.partial(line, how=how)) for name, how in LINES.items()),
)
