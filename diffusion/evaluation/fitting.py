"""Fit: `{"id", "lang", "published", "text", "essential": [[kind, value], …], "limit"?, "counting"?, "possible"?: false}`.

Without `limit` a text is fitted to both lengths that matter: 300 code points, and 280 as X weighs them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diffusion.evaluation.figures import Figures, Miss, Rate
from diffusion.facts.rows import compare_row
from diffusion.rendition.rows import fit_row, room_for

ROOMS = ((300, "codepoints"), (280, "weighted"))
Fitted = list[tuple[str, dict[str, Any]]]


def answer(row: Mapping[str, Any]) -> Fitted:
    """The text as it was fitted to each room, under the room's name."""
    rooms = ((row["limit"], row.get("counting") or "codepoints"),) if "limit" in row else ROOMS
    return [
        (f"{limit} {counting}", fit_row(row, room_for(limit=limit, counting=counting))) for limit, counting in rooms
    ]


def judge(answered: Sequence[tuple[Mapping[str, Any], Fitted]]) -> Figures:
    """Essential facts that came through, refusals of what was possible, and versions that say something else."""
    kept = wanted = refused = possible = false = made = 0
    misses = []
    for row, fitted in answered:
        for room, done in fitted:
            possible += row.get("possible", True)
            if "error" in done:
                refused += row.get("possible", True)
                misses += [Miss(row.get("id"), f"{room}: {row['text']}", ("refused",))] * row.get("possible", True)
                continue
            found = compare_row({**row, "canonical": row["text"], "rendition": done["text"]})
            lost = tuple(f"{f['kind']} {f['value']}" for f in found["missing"])
            said = tuple(f"{f['kind']} {f['value']}" for f in found["contradicted"] + found["added"])
            made, wanted = made + 1, wanted + len(row["essential"])
            kept, false = kept + len(row["essential"]) - len(lost), false + bool(said)
            if lost or said:
                misses.append(Miss(row.get("id"), f"{room}: {done['text']}", lost, said))
    rates = (
        Rate("essential facts kept", kept, wanted, 0.97),
        Rate("refused though possible", refused, possible, 0.02, is_ceiling=True),
        Rate("made wrong", false, made, 0.0, is_ceiling=True),
    )
    return Figures(rates, tuple(misses))
