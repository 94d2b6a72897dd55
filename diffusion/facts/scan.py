"""Looking for a pattern only where it can begin: where a word of the text has one of the pattern's first letters.

Python tries a pattern at every character; a text of 2 KB has 2,000 of them, 350 words, and ten that begin like a month.
So a text's words are indexed once by their first letters, and a pattern is tried where the index says so. Every
pattern scanned here begins at a word's beginning or with a sign; `tests/facts/test_scan.py` holds each to its `finditer`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _constants as op  # type: ignore[attr-defined]  # no public way to a pattern's parts
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from diffusion.facts.reading import TAKEN, TAKEN_DATE, TAKEN_TIME, UNINDEXED, Reading, fold

#: Letters of a beginning that are looked at; in the middle of one, sets larger than `_FEW` end it.
LONGEST, _FEW = 3, 4
_MARKS = frozenset({TAKEN, TAKEN_DATE, TAKEN_TIME})
_REPEATS = frozenset({op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT})


class Scanner:
    """A compiled pattern with the beginnings of all that it can match."""

    def __init__(self, pattern: str, flags: re.RegexFlag = re.NOFLAG) -> None:
        """Raises ValueError for a pattern that may begin with anything."""
        self.pattern = re.compile(pattern, flags)
        known = frozenset(map(fold, heads(pattern)))
        if any(head[0] in UNINDEXED or head[0].isspace() for head in known):
            raise ValueError(f"a text's index has no such beginning: {pattern[:60]}")
        self.short = tuple(head for head in known if len(head) < LONGEST and head[0].isalpha())
        self.heads = frozenset(head if head[0].isalpha() else head[0] for head in known).difference(self.short)

    def over(self, reading: Reading, text: str | None = None) -> Iterator[re.Match[str]]:
        """The same matches as `finditer` over the reading's plain text, or over its cased one."""
        text, match, at = reading.plain if text is None else text, self.pattern.match, 0
        for start in reading.starting(self.heads, self.short):
            if start >= at and (found := match(text, start)):
                yield found
                at = found.end()


def heads(pattern: str) -> frozenset[str]:
    """The beginnings, up to three characters, of all that a pattern can match."""
    growing, grown = _grow({""}, _parser.parse(pattern))
    if "" in growing | grown:
        raise ValueError(f"this pattern may begin with anything: {pattern[:60]}")
    return frozenset(growing | grown)


def _grow(growing: set[str], parts: Any) -> tuple[set[str], set[str]]:
    """What beginnings become by a sequence of a pattern's parts: those that go on growing, and those that have grown."""
    grown: set[str] = set()
    for name, value in parts:
        if not growing:
            break
        if name in {op.AT, op.ASSERT, op.ASSERT_NOT}:
            continue
        growing, more = _by_one(growing, name, value)
        grown |= more | {head for head in growing if len(head) >= LONGEST}
        growing = {head for head in growing if len(head) < LONGEST}
    return growing, grown


def _by_one(growing: set[str], name: Any, value: Any) -> tuple[set[str], set[str]]:
    if name is op.SUBPATTERN:
        return _grow(growing, value[-1])
    if name is op.BRANCH:
        ways = [_grow(growing, way) for way in value[1]]
        return set().union(*(w[0] for w in ways)), set().union(*(w[1] for w in ways))
    if name in _REPEATS:
        return _repeated(growing, *value)
    letters = _letters(name, value)
    if letters is None or letters & _MARKS:
        return set(), growing
    first = {""} & growing if len(letters) > _FEW else growing
    return {head + letter for head in first for letter in letters}, growing - first


def _repeated(growing: set[str], low: int, high: int, parts: Any) -> tuple[set[str], set[str]]:
    out, grown = (set() if low else set(growing)), set()
    for turn in range(1, min(int(high), LONGEST) + 1):
        growing, more = _grow(growing, parts)
        grown |= more
        if turn >= low:
            out |= growing
    return (out | growing if low > LONGEST else out), grown


def _letters(name: Any, value: Any) -> frozenset[str] | None:
    """The characters that one part may be; None for nearly all."""
    if name is op.LITERAL:
        return frozenset({chr(value)})
    if name is not op.IN:
        return None
    out: set[str] = set()
    for kind, which in value:
        if kind is op.LITERAL:
            out.add(chr(which))
        elif kind is op.RANGE and which[1] - which[0] < 64:
            out |= {chr(code) for code in range(which[0], which[1] + 1)}
        elif kind is op.CATEGORY and which is op.CATEGORY_DIGIT:
            out |= set("0123456789")  # other scripts' digits stand among every text's odd places
        else:
            return None
    return frozenset(out)
