"""What a fault is: a name, one small function that breaks something, and where it makes sense."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos.house import Scale
from tests.chaos.scene import PACE, Scene

BOTH, SHARED, EMBEDDED = frozenset(Scale), frozenset({Scale.SHARED}), frozenset({Scale.EMBEDDED})


@dataclass(frozen=True, slots=True)
class Fault:
    """`act` is called while deliveries go out, and returns when it is over.

    `may_ask`: whether what nobody can know may be left to a person. `env`: the environment of every process, the
    network's too. `disk_mib`: the product's home lies on a disk of its own, so large. `is_letter`: what is planned are
    the mails of one letter. `is_named`: the servers are reached by name, over TLS. `is_apart`: the broker has a machine of
    its own. `is_punctual`: no first copy may come before its time.
    `is_by_hand`: nothing is started or planned beforehand, `act` does it. `size`: deliveries, unless others are asked for.
    `minutes`: about how long it takes, so that the longest begin first. `pace`:
    deliveries planned a second.
    """

    name: str
    act: Callable[[Scene], None]
    scales: frozenset[Scale] = BOTH
    may_ask: bool = False
    env: Callable[[], dict[str, str]] = dict
    disk_mib: int = 0
    is_letter: bool = False
    is_named: bool = False
    is_apart: bool = False
    is_punctual: bool = False
    is_by_hand: bool = False
    size: int = 300
    minutes: float = 1
    pace: float = PACE
