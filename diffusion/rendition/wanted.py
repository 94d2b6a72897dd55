"""The essential pairs that a text must keep, as the text's own facts state them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from diffusion.facts import Fact
from diffusion.facts.reading import fold
from diffusion.rendition.headline import Pair


def wanted(essential: Iterable[Pair], facts: Sequence[Fact]) -> frozenset[Pair]:
    """Each pair if the text states it, else the facts that stand for it; what the text does not state can't be kept."""
    stated = {(fact.kind, fact.value) for fact in facts}
    kept: set[Pair] = set()
    for kind, value in essential:
        if (kind, value) in stated:
            kept.add((kind, value))
        else:
            kept |= {(f.kind, f.value) for f in facts if f.kind == kind and _stands_for(f, value)}
    return frozenset(kept)


def unread(essential: Iterable[Pair], facts: Sequence[Fact], text: str) -> list[Fact]:
    """Essential pairs that the text has in so many words though no fact was read there: « l'hôtel de ville »."""
    stated = {(fact.kind, fact.value) for fact in facts}
    found, plain = [], fold(text)
    for kind, value in essential:
        if (
            kind not in _WORDED
            or (kind, value) in stated
            or any(f.kind == kind and _stands_for(f, value) for f in facts)
        ):
            continue
        for match in re.finditer(rf"(?<!\w){re.escape(fold(value))}(?!\w)", plain):
            found.append(Fact(kind, value, *match.span(), text[match.start() : match.end()]))
    return found


_WORDED = frozenset({"place", "audience"})
"""Kinds whose value is written as in the text."""


def _stands_for(fact: Fact, value: str) -> bool:
    """A range for one of its ends and an end for its range; a place that names the other; another reading of the words."""
    if value in fact.also:
        return True
    if fact.kind in ("date", "time"):
        return bool(set(value.split("/")) & set(fact.value.split("/")))
    if fact.kind in ("place", "audience", "url"):
        return value in fact.value or fact.value in value
    return fact.kind == "recurrence" and set(value.split(";")) <= set(fact.value.split(";"))
