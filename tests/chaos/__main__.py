"""`make chaos`: breaks everything around a running product, and prints what the receiving servers got of it.

`python -m tests.chaos [--fault NAME]… [--scale embedded|shared] [--deliveries N] [--length X] [--seed N]`. Exit status 1
if anything was lost or doubled, or another promise was broken.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import time
from dataclasses import dataclass, field

from tests.chaos.faults import FAULTS, Fault
from tests.chaos.house import Scale
from tests.chaos.judge import Verdict
from tests.chaos.scene import scene

COLUMNS = f"{'fault':<28} {'scale':<9} {'deliveries':>10} {'lost':>5} {'doubled':>8} {'uncertain':>10} {'delay':>8} {'took':>6}"


@dataclass(slots=True)
class Row:
    """One line of the table."""

    fault: Fault
    scale: Scale
    verdict: Verdict
    took_s: float
    wrong: list[str] = field(default_factory=list)

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
    with scene(scale, deliveries=deliveries, seed=seed, length=length, **fault.env) as made:
        made.plan(deliveries, in_s=6.0)
        made.house.start()
        fault.act(made)
        made.settle()
        verdict = made.verdict()
        wrong = made.wrong + [line for line in made.house.ended if not line.endswith("with 0")]
    wrong += [f"{what}: {', '.join(rows[:5])}" for what, rows in (
        ("lost", verdict.lost), ("doubled", verdict.doubled), ("never planned", verdict.strange)
    ) if rows]  # fmt: skip
    return Row(fault, scale, verdict, time.monotonic() - began, wrong)


def main() -> int:
    asked = argparse.ArgumentParser(prog="make chaos ARGS=…", description="Break everything, and count what arrived.")
    asked.add_argument("--fault", action="append", choices=[fault.name for fault in FAULTS], help="only this; may repeat")
    asked.add_argument("--scale", choices=list(Scale), help="only this one")
    asked.add_argument("--deliveries", type=int, default=300)
    asked.add_argument("--length", type=float, default=1.0, help="of outages: 1 is a minute for a minute")
    asked.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    how = asked.parse_args()
    print(f"SEED={how.seed}\n{COLUMNS}", flush=True)
    rows = []
    for fault in FAULTS:
        for scale in sorted(fault.scales):
            if (how.fault and fault.name not in how.fault) or how.scale not in (None, scale):
                continue
            seed = random.Random(f"{how.seed} {fault.name} {scale}").randrange(10**9)
            row = run(fault, scale, deliveries=how.deliveries, seed=seed, length=how.length)
            rows.append(row)
            print(row, *(f"    {line}" for line in row.wrong), sep="\n", flush=True)
    return 0 if all(row.is_clean for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
