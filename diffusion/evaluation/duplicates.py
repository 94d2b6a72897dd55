"""The same news twice: `{"id", "lang", "published", "a", "b", "same": true | false}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from diffusion.evaluation.figures import Figures, Miss, Rate
from diffusion.facts import same_news


def answer(row: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether both announce one thing, and why."""
    return same_news(row["a"], row["b"], lang=row["lang"], published=date.fromisoformat(row["published"]))


def judge(answered: Sequence[tuple[Mapping[str, Any], tuple[bool, str]]]) -> Figures:
    """Of the pairs said to be the same those that are; of those that are, those said."""
    said = [row for row, (same, _) in answered if same]
    right = sum(row["same"] for row in said)
    misses = tuple(
        Miss(row.get("id"), f"{row['a']}\n≟ {row['b']}", (why,) if row["same"] else (), () if row["same"] else (why,))
        for row, (same, why) in answered
        if same is not row["same"]
    )
    rates = (
        Rate("precision", right, len(said), 0.95),
        Rate("recall", right, sum(row["same"] for row, _ in answered), 0.90),
    )
    return Figures(rates, misses)
