"""How much of what one text is about the other takes up: a second opinion, by words alone, the rarer the more."""

from __future__ import annotations

from functools import cache

from diffusion.facts.lexicon import lexicon
from diffusion.facts.roles import stems

#: By so many letters a word is looked up, and by one fewer words are of one family: « broyage », « broyer ».
_LETTERS, _FAMILY = 5, 4
#: What a word weighs that a town seldom writes; the lexicon has the commoner ones, from 1.
_RARE = 4


@cache
def _weights(lang: str) -> dict[str, int]:
    return {str(word): int(level) for level, found in lexicon(lang)["common"].items() for word in found}


def families(text: str, lang: str) -> dict[str, int]:
    """The words of a folded text that carry meaning, by their beginnings, each with its weight."""
    known = _weights(lang)
    cut = sorted(word[:_LETTERS] for word in stems(text, lang) if not word.isdigit())
    return {_family(word, lang): known.get(word, _RARE) for word in cut}


def _family(word: str, lang: str) -> str:
    """« leaves » and « leaf » are one."""
    return word[:_FAMILY].replace("v", "f") if lang == "en" else word[:_FAMILY]


def overlap(first: dict[str, int], second: dict[str, int]) -> float | None:
    """From 0 to 1: the share of the weight of one that the other has too, the larger one of both ways; None if one is empty."""
    if not first or not second:
        return None
    shared = first.keys() & second.keys()
    return max(sum(one[word] for word in shared) / sum(one.values()) for one in (first, second))
