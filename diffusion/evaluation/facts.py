"""Facts of a text: `{"id", "lang", "published", "text", "facts": [[kind, value], …]}`, each mention once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from diffusion.evaluation.figures import Figures, Miss, Rate
from diffusion.facts import KINDS, extract

Pair = tuple[str, str]
PRECISION, RECALL = 0.97, 0.95


def answer(row: Mapping[str, Any]) -> list[Pair]:
    """What the extractor reads."""
    found = extract(row["text"], row["lang"], date.fromisoformat(row["published"]))
    return [(fact.kind, fact.value) for fact in found.facts]


def judge(answered: Sequence[tuple[Mapping[str, Any], list[Pair]]]) -> Figures:
    """Precision and recall, overall and by kind; a value said twice counts twice."""
    right: Counter[str] = Counter()
    read: Counter[str] = Counter()
    labelled: Counter[str] = Counter()
    misses = []
    for row, pairs in answered:
        found, wanted = Counter(pairs), Counter((kind, value) for kind, value in row["facts"])
        for counts, of in ((right, found & wanted), (read, found), (labelled, wanted)):
            for (kind, _), number in of.items():
                counts[kind] += number
        if found != wanted:
            lacking, wrong = (
                tuple(map(" ".join, sorted(side.elements()))) for side in (wanted - found, found - wanted)
            )
            misses.append(Miss(row.get("id"), row["text"], lacking, wrong))
    rates = [
        Rate("precision", right.total(), read.total(), PRECISION),
        Rate("recall", right.total(), labelled.total(), RECALL),
    ]
    for kind in KINDS:
        rates += [
            Rate(f"{kind} precision", right[kind], read[kind], PRECISION),
            Rate(f"{kind} recall", right[kind], labelled[kind], RECALL),
        ]
    return Figures(tuple(rates), tuple(misses))
