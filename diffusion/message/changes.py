"""What the tone did to a message and proposes, by place, followed over savings. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from diffusion import tone


def changes_of(part: str, done: tone.Applied, earlier: Iterable[Mapping[str, Any]], was: str) -> list[dict[str, Any]]:
    """What the tone did to `part` and what it proposes, by place: earlier changes that still stand, then this saving's.

    `there` is what stands at `at` in the text as saved: `after` of what was applied, else what a proposal would replace.
    """
    rows: list[dict[str, Any]] = []
    for c in done.changes:
        start, end = _moved(done, c.start), _moved(done, c.end)
        row: dict[str, Any] = {"part": part, "rule": c.rule, "before": c.before, "after": c.after, "applied": c.applied}
        rows.append({**row, "at": start, "there": done.text[start:end]})
    taken = [(row["at"], row["at"] + len(row["there"])) for row in rows if row["applied"]]
    for old in earlier:
        at = _follow(was, done.text, old) if old["part"] == part and old["applied"] else None
        if at is not None and not any(start < at + len(old["there"]) and at < end for start, end in taken):
            rows.append({**old, "at": at})
    return sorted(rows, key=lambda row: (row["at"], row["applied"]))


def _moved(done: tone.Applied, offset: int) -> int:
    """Where an offset of the input stands in the text as saved."""
    return offset + sum(len(c.after) - len(c.before) for c in done.changes if c.applied and c.end <= offset)


def _follow(was: str, now: str, row: Mapping[str, Any]) -> int | None:
    """Where an earlier change stands after a saving: in what both texts begin or end with. None: its words were edited."""
    start: int = row["at"]
    end = start + len(row["there"])
    if was[:end] == now[:end]:
        return start
    rest = len(was) - start
    return len(now) - rest if rest <= len(now) and was[start:] == now[len(now) - rest :] else None
