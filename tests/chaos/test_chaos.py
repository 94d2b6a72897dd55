"""A small selection of `make chaos`: at both scales nothing is lost and nothing doubled; and the judge sees a double."""

from __future__ import annotations

import functools

import pytest

from tests.chaos import on_channel, on_points, on_processes
from tests.chaos.__main__ import FAULTS, run
from tests.chaos.fault import BOTH, Fault
from tests.chaos.house import Scale

pytestmark = [pytest.mark.chaos, pytest.mark.server]

SEED = 20261124
LINE = functools.partial(on_channel.line, how="repeated")
PLAIN = functools.partial(on_points.crash, paths=("plain",))


def row(fault: Fault, scale: Scale, deliveries: int):
    return run(fault, scale, deliveries=deliveries, seed=SEED, length=0.2)


def test_a_crash_at_any_point_of_the_plain_path_costs_nothing():
    told = row(Fault("crash-points", PLAIN, is_by_hand=True), Scale.EMBEDDED, 0)

    assert told.is_clean, told.wrong
    assert told.verdict.planned > 20  # one delivery a point, and the first, which found them


@pytest.mark.parametrize("scale", sorted(BOTH))
def test_workers_killed_at_random_lose_nothing_and_double_nothing(scale):
    told = row(Fault("sigkill", on_processes.kill), scale, 30)

    assert told.is_clean, told.wrong
    assert told.verdict.planned == 30


def test_a_double_made_on_the_way_is_seen():
    """A box between us and the servers sends each request twice, and every second server ignores the key."""
    told = row(Fault("a box that repeats", LINE), Scale.EMBEDDED, 24)

    assert told.verdict.doubled
    assert not told.is_clean
    assert not told.verdict.lost


def test_names_are_unique_and_every_fault_has_a_scale():
    names = [fault.name for fault in FAULTS]

    assert len(names) == len(set(names))
    assert all(fault.scales for fault in FAULTS)
