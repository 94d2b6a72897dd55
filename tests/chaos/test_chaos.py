"""A small selection of `make chaos`: at both scales nothing is lost and nothing doubled; and the judge sees a double."""

from __future__ import annotations

import functools

import pytest

from tests.chaos import on_channel, on_points, on_processes
from tests.chaos.__main__ import FAULTS, judged, run
from tests.chaos.fault import Fault
from tests.chaos.house import Scale
from tests.chaos.scene import scene

pytestmark = [pytest.mark.chaos, pytest.mark.server]

SEED, DELIVERIES, LENGTH = 20261124, 24, 0.2
PLAIN = Fault("crash-points", functools.partial(on_points.crash, paths=("plain",), shares=3), is_by_hand=True)
REPEATS = Fault("a box that repeats", functools.partial(on_channel.line, how="repeated"))


def test_a_crash_at_any_point_of_the_plain_path_costs_nothing():
    told = run(PLAIN, Scale.EMBEDDED, deliveries=0, seed=SEED, length=LENGTH)

    assert told.is_clean, told.wrong
    assert told.verdict.planned > 20  # one delivery a point, and the first, which found them


def test_workers_killed_while_answers_are_lost_lose_nothing_and_double_nothing():
    fault = Fault("sigkill-of-senders", on_processes.kill_senders)

    told = run(fault, Scale.SHARED, deliveries=DELIVERIES, seed=SEED, length=LENGTH)

    assert told.is_clean, told.wrong
    assert told.verdict.planned == DELIVERIES


def test_the_one_process_killed_at_random_doubles_nothing_and_a_double_made_on_the_way_is_seen():
    """A box between us and the servers sends each request twice, and every second server ignores the key."""
    with scene(Scale.EMBEDDED, deliveries=DELIVERIES, seed=SEED, length=LENGTH) as made:
        made.open()
        killed = judged(Fault("sigkill", on_processes.kill), made)
        made.plan(DELIVERIES)
        repeated = judged(REPEATS, made)

    assert killed.is_clean, killed.wrong
    assert killed.verdict.planned == DELIVERIES
    assert repeated.verdict.doubled
    assert not repeated.is_clean
    assert not repeated.verdict.lost


def test_names_are_unique_and_every_fault_has_a_scale():
    names = [fault.name for fault in FAULTS]

    assert len(names) == len(set(names))
    assert all(fault.scales for fault in FAULTS)
