"""The guard: `{"id", "lang", "lang_rendition"?, "published", "canonical", "rendition", "essential"?, "expect": […]}`.

`expect` lists what a person finds in the rendition, among `contradicted`, `added` and `missing`; nothing: it may go out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diffusion.evaluation.figures import Figures, Miss, Rate
from diffusion.facts.rows import compare_row

LISTS = ("contradicted", "added", "missing")


def answer(row: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The faults that the guard finds, by list."""
    return compare_row(row)


def judge(answered: Sequence[tuple[Mapping[str, Any], dict[str, list[dict[str, Any]]]]]) -> Figures:
    """Wrong renditions caught, in any list and in the right ones; alarms where all was well."""
    wrong = [(row, found) for row, found in answered if row["expect"]]
    fine = [(row, found) for row, found in answered if not row["expect"]]
    rates = (
        Rate("caught", sum(any(found[name] for name in LISTS) for _, found in wrong), len(wrong), 0.98),
        Rate("named rightly", sum(_names(found) == set(row["expect"]) for row, found in wrong), len(wrong)),
        Rate("false alarms", sum(bool(_names(found)) for _, found in fine), len(fine), 0.03, is_ceiling=True),
    )
    misses = tuple(
        Miss(
            row.get("id"),
            f"{row['canonical']}\n→ {row['rendition']}",
            tuple(sorted(set(row["expect"]) - _names(found))),
            tuple(
                f"{name} {f['kind']} {f['value']}" for name in LISTS for f in found[name] if name not in row["expect"]
            ),
        )
        for row, found in answered
        if _names(found) != set(row["expect"])
    )
    return Figures(rates, misses)


def _names(found: dict[str, list[dict[str, Any]]]) -> set[str]:
    return {name for name in LISTS if found[name]}
