"""Typography without a charter: `{"id", "lang", "text", "markup"?, "expect"}`; ⍽ may stand for U+00A0, ⎵ for U+202F.

A line is damaged when a letter or a figure of it has gone or come, or when it was right and is so no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from diffusion.evaluation.figures import Figures, Miss, Rate
from diffusion.tone.rows import apply_row

VISIBLE = str.maketrans({"⍽": "\u00a0", "⎵": "\u202f"})
SHOWN = str.maketrans({"\u00a0": "⍽", "\u202f": "⎵"})


def answer(row: Mapping[str, Any]) -> str:
    """The line as the tone room leaves it."""
    return str(apply_row({**row, "text": row["text"].translate(VISIBLE)})["text"])


def judge(answered: Sequence[tuple[Mapping[str, Any], str]]) -> Figures:
    """Lines exactly right, and lines that were harmed."""
    misses, damaged = [], 0
    for row, text in answered:
        given, wanted = row["text"].translate(VISIBLE), row["expect"].translate(VISIBLE)
        if text != wanted:
            misses.append(Miss(row.get("id"), row["text"], (wanted.translate(SHOWN),), (text.translate(SHOWN),)))
            damaged += given == wanted or _letters(text) not in {_letters(given), _letters(wanted)}
    rates = (
        Rate("exactly right", len(answered) - len(misses), len(answered), 0.98),
        Rate("damaged", damaged, len(answered), 0.0, is_ceiling=True),
    )
    return Figures(rates, tuple(misses))


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())
