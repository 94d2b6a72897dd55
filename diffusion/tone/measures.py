"""Figures of a text: words in a sentence, syllables, readability.

Kandel and Moles (1958) for French, Flesch (1948) for English: the higher, the easier; 60 is plain, 30 hard.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import regex

WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}'’\u00b7-]*+")
_SENTENCE_END = regex.compile(r"[.!?…]++(?=[\s»”\"')]|\Z)|\n++")
_VOWELS = {
    "fr": regex.compile(r"[aeiouyàâäéèêëîïôöùûüœæ]++", regex.IGNORECASE),
    "en": regex.compile(r"[aeiouy]++", regex.IGNORECASE),
}
_MUTE = {"fr": regex.compile(r"(?<=[^aeiouyéèê])(?:e|es|ent)\Z"), "en": regex.compile(r"(?<=[^aeiouyl])e\Z")}


def words(text: str, lang: str) -> float | None:
    return float(len(WORD.findall(text)))


def characters(text: str, lang: str) -> float | None:
    return float(len(text.strip()))


def capitals(text: str, lang: str) -> float | None:
    """Share of capitals among letters, in percent; None under ten letters."""
    letters = [c for c in text if c.isalpha()]
    return 100 * sum(c.isupper() for c in letters) / len(letters) if len(letters) >= 10 else None


@functools.lru_cache(maxsize=20_000)
def syllables(word: str, lang: str) -> int:
    """An estimate from groups of vowels; a mute ending counts for none."""
    vowels, mute = _VOWELS.get(lang, _VOWELS["en"]), _MUTE.get(lang, _MUTE["en"])
    low = word.lower()
    return max(1, len(vowels.findall(low)) - bool(mute.search(low)))


def readability(text: str, lang: str) -> float | None:
    """None under twenty words, where the figure means nothing."""
    found = WORD.findall(text)
    if len(found) < 20:
        return None
    sentences = max(1, len([s for s in _SENTENCE_END.split(text) if WORD.search(s)]))
    per_hundred = 100 * sum(syllables(w, lang) for w in found) / len(found)
    length = len(found) / sentences
    if lang == "fr":
        return 207 - 1.015 * length - 0.736 * per_hundred
    return 206.835 - 1.015 * length - 0.846 * per_hundred


MEASURES: dict[str, Callable[[str, str], float | None]] = {
    "words": words,
    "characters": characters,
    "capitals": capitals,
    "readability": readability,
}
