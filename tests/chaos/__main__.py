"""`make chaos`: breaks everything around a running product, and prints what the receiving servers got of it.

`python -m tests.chaos [--fault NAME]… [--scale embedded|shared] [--deliveries N] [--length X] [--beside N] [--seed N]`.
Exit status 1 if anything was lost or doubled, or another promise was broken.
"""

from __future__ import annotations

import argparse
import functools
import random
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.chaos import (
    beside,
    disk,
    machine,
    names,
    on_broker,
    on_channel,
    on_clocks,
    on_database,
    on_everything,
    on_letters,
    on_names,
    on_points,
    on_processes,
)
from tests.chaos.fault import Fault
from tests.chaos.house import Scale
from tests.chaos.judge import Verdict
from tests.chaos.scene import Scene, scene

FAULTS: tuple[Fault, ...] = (
    *on_processes.FAULTS,
    *on_points.FAULTS,
    *on_broker.FAULTS,
    *on_database.FAULTS,
    *on_channel.FAULTS,
    *on_names.FAULTS,
    *on_clocks.FAULTS,
    *on_letters.FAULTS,
    *on_everything.FAULTS,
)
PUNCTUAL_S = 1.0
"""How early the first copy of something punctual may be."""
COLUMNS = f"{'fault':<28} {'scale':<9} {'deliveries':>10} {'lost':>5} {'doubled':>8} {'uncertain':>10} {'delay':>8} {'took':>6}"


@dataclass(slots=True)
class Row:
    """One line of the table."""

    fault: Fault
    scale: Scale
    verdict: Verdict
    wrong: list[str]
    say: str
    took_s: float = 0.0

    @property
    def is_clean(self) -> bool:
        asked_in_vain = self.verdict.uncertain and not self.fault.may_ask
        return self.verdict.is_clean and not self.wrong and not asked_in_vain

    def __str__(self) -> str:
        v = self.verdict
        return (
            f"{self.fault.name:<28} {self.scale:<9} {v.planned:>10} {len(v.lost):>5} {len(v.doubled):>8} "
            f"{v.uncertain:>10} {v.delay_s:>6.1f} s {self.took_s:>4.0f} s{'' if self.is_clean else '  BROKEN'}"
        )


def run(fault: Fault, scale: Scale, *, deliveries: int, seed: int, length: float) -> Row:
    """One fault at one scale."""
    began = time.monotonic()
    with scene(
        scale, deliveries=deliveries, seed=seed, length=length, env=fault.env(), disk_mib=fault.disk_mib,
        is_letter=fault.is_letter, is_named=fault.is_named, pace=fault.pace,
        is_apart=fault.is_apart,
    ) as made:  # fmt: skip
        if not fault.is_by_hand:
            made.open()
        row = judged(fault, made)
    row.took_s = time.monotonic() - began
    return row


def judged(fault: Fault, made: Scene) -> Row:
    """Break it, let it come to rest, and see what came of it."""
    fault.act(made)
    made.settle()
    verdict = made.verdict()
    wrong = made.wrong + [line for line in made.house.ended if "ended with 0" not in line]
    if fault.is_punctual and verdict.early_s > PUNCTUAL_S:
        wrong.append(f"{verdict.early_s:.1f} s before its time")
    told = {"lost": verdict.lost, "doubled": verdict.doubled, "never planned": verdict.strange}
    wrong += [f"{what}: {', '.join(rows[:5])}" for what, rows in told.items() if rows]
    return Row(fault, made.house.scale, verdict, wrong, made.say)


def why_not(fault: Fault) -> str:
    """What this machine lacks for it; empty if nothing."""
    if fault.disk_mib and not disk.is_possible():
        return "a disk of its own needs root and a loop device"
    if fault.is_named and not names.is_possible():
        return "a resolver of its own needs root and a mount namespace"
    if fault.is_apart and not machine.is_possible():
        return "a machine of its own needs root and `ip`"
    if "LD_PRELOAD" in fault.env() and not on_clocks.LIBRARY.exists():
        return "libfaketime is missing: `make servers` installs it"
    return ""


def asked() -> argparse.Namespace:
    """What was asked for on the command line."""
    read = argparse.ArgumentParser(prog="make chaos ARGS=…", description="Break everything, and count what arrived.")
    read.add_argument(
        "--fault", action="append", choices=[fault.name for fault in FAULTS], help="only this; may repeat"
    )
    read.add_argument("--scale", choices=list(Scale), help="only this one")
    read.add_argument("--deliveries", type=int, help="in each row, instead of its own number")
    read.add_argument("--length", type=float, default=1.0, help="of outages: 1 is a minute for a minute")
    read.add_argument("--beside", type=int, default=1, help="rows at a time, each with servers of its own")
    read.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    return read.parse_args()


def rows(how: argparse.Namespace) -> Iterator[tuple[Fault, Scale]]:
    """What is to be run, the longest first."""
    for fault in sorted(FAULTS, key=lambda fault: -fault.minutes):
        for scale in sorted(fault.scales):
            if (how.fault and fault.name not in how.fault) or how.scale not in (None, scale):
                continue
            if lack := why_not(fault):
                print(f"{fault.name:<28} {scale:<9} not run: {lack}", flush=True)
            else:
                yield fault, scale


def one(fault: Fault, scale: Scale, how: argparse.Namespace) -> bool:
    """Run it, print its line. Whether it is clean."""
    seed = random.Random(f"{how.seed} {fault.name} {scale}").randrange(10**9)
    row = run(fault, scale, deliveries=how.deliveries or fault.size, seed=seed, length=how.length)
    print("\n".join([str(row), *(f"    {line}" for line in (row.say, *row.wrong) if line)]), flush=True)
    return row.is_clean


def main() -> int:
    how = asked()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leave nothing running, nothing mounted
    print(f"SEED={how.seed}\n{COLUMNS}", flush=True)
    with beside.Processes(how.beside) as side_by_side:
        for fault, scale in rows(how):
            side_by_side.start(functools.partial(one, fault, scale, how))
    return 0 if side_by_side.are_clean else 1


if __name__ == "__main__":
    sys.exit(main())
