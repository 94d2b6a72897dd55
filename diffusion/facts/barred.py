"""Who may pass where others may not: « accès interdit aux riverains » where the message lets them through."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diffusion.facts.fact import Fact
from diffusion.facts.parts import REACH
from diffusion.facts.side import Side

_LONGEST = 20_000
"""Code points looked at."""

#: Who may pass where others may not.
_GROUPS = re.compile(
    r"(?<![a-z])(?:riverain|pieton|cyclist|velos?(?![a-z])|secours|resident|pedestrian|emergency|visiteur|commercant|livraison|deliver)"
)
_PASS = re.compile(
    r"pass(?:e|ent|er)|peu(?:t|vent)|pourr|maint|reste|autoris|acces|possib|allow|can(?![a-z'])|may(?![a-z])|kept|still|welcome|remain|open"
)
_BARRED = re.compile(
    r"interdi|ferm|sans acces|pas d'acces|aucun acces|impossib|bann|prohib|forbid|closed|no access|not allowed"
)


def shut_out(them: Side, us: Side) -> Iterator[tuple[Fact, Fact]]:
    """« accès interdit aux riverains » where the message lets them pass."""
    barred = {word[0]: word for word in _grouped(them.reading.plain) if _is_barred(them.reading.plain, word)}
    for name, word in barred.items():
        own = [w for w in _grouped(us.reading.plain) if w[0] == name]
        if own and all(_passes(us.reading.plain, w) for w in own):
            yield _fact(them, word, "forbidden"), _fact(us, own[0], "allowed")


def _fact(side: Side, word: re.Match[str], status: str) -> Fact:
    start, end = side.reading.span(*word.span())
    return Fact("status", status, start, end, side.reading.raw[start:end])


def _grouped(plain: str) -> Iterator[re.Match[str]]:
    return _GROUPS.finditer(plain[:_LONGEST])


_FAR = 40


def _is_barred(plain: str, word: re.Match[str]) -> bool:
    low, high = sentence(plain, *word.span())
    around = plain[max(low, word.start() - _FAR) : min(high, word.end() + _FAR)]
    return _BARRED.search(around) is not None and not _EXCEPTED.search(around)


_EXCEPTED = re.compile(
    r"sauf|hors|except|maint|reste|passe|peu(?:t|vent)|pourr|autoris|still|kept|allow|remain|can(?![a-z])|aux vehicules|a la circul"
)


def _passes(plain: str, word: re.Match[str]) -> bool:
    low, high = sentence(plain, *word.span())
    around = plain[max(low, word.start() - _FAR) : min(high, word.end() + _FAR)]
    return _PASS.search(around) is not None and not _BARRED.search(around)


def sentence(plain: str, start: int, end: int) -> tuple[int, int]:
    """The sentence round a stretch, as far as a fact's surroundings reach."""
    low = max(plain.rfind(mark, max(0, start - REACH), start) for mark in ".!?\n;")
    ends = [at for mark in ".!?\n;" if (at := plain.find(mark, end, end + REACH)) >= 0]
    return low + 1 if low >= 0 else max(0, start - REACH), min(ends, default=min(len(plain), end + REACH))
