"""Could a pattern backtrack for ever? Read off its tree first, then tried on hostile words within a time-out.

A repeat is dangerous if its body can be cut in two ways: a variable part meets itself in the next round with nothing
in between that the part can't match (`(a+)+`, `(\\w+\\s?)*`), or two branches can begin alike (`(a|ab|b)+`, `(a|)*`).
So are two unbounded repeats of the same characters side by side (`.*.*`). See Weideman et al., "Analyzing matching
time behavior of backtracking regular expression matchers using ambiguity of NFA" (2016).
"""

from __future__ import annotations

import re
from re import _constants as sre  # type: ignore[attr-defined]  # the standard library's own reading of a pattern
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import regex

_SAMPLE = "".join(map(chr, range(32, 127))) + "\n\téèàçôœÉÀ’«»…\u00a0\u202f·–€١"
_ALL = frozenset(_SAMPLE)
MANY = 12  # a repeat that may go on longer than this counts as unbounded
PROBE_TIME_S = 1.0  # generous: a machine under load must not change the verdict
PROBE_LENGTH = 1000  # what is only quadratic takes a tenth of that, what is cubic longer

Item = tuple[Any, Any]


def runs_away(pattern: str) -> str:
    """The part that could make it run away, or nothing."""
    readable = regex.sub(r"\\[pP]\{[^}]*\}", r"\\w", pattern)
    try:
        tree = list(_parser.parse(readable))
    except (RecursionError, OverflowError):
        return pattern
    except re.error:  # what only `regex` can read is tried, not read
        return _probe(pattern)
    return pattern if _dangerous(tree) else _probe(pattern)


def _dangerous(items: list[Item]) -> bool:
    if any(_dangerous(list(body)) for item in items for body in _bodies(item)):
        return True
    if any(_doubled(items, at) for at in range(len(items))):
        return True
    return any(_ambiguous(list(item[1][2])) for item in items if _is_repeat(item) and item[1][1] > MANY)


def _bodies(item: Item) -> list[Any]:
    """The sequences inside an item."""
    op, arg = item
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return [arg[2]]
    if op is sre.SUBPATTERN:
        return [arg[3]]
    if op is sre.BRANCH:
        return list(arg[1])
    if op in (sre.ASSERT, sre.ASSERT_NOT):
        return [arg[1]]
    if op is sre.ATOMIC_GROUP:
        return [arg]
    if op is sre.GROUPREF_EXISTS:
        return [body for body in arg[1:] if body is not None]
    return []


def _is_repeat(item: Item) -> bool:
    """One that gives back: possessive ones and atomic groups don't."""
    return item[0] in (sre.MAX_REPEAT, sre.MIN_REPEAT)


def _flat(items: list[Item]) -> list[Item]:
    """Groups opened up, as far as they are mere brackets."""
    out: list[Item] = []
    for item in items:
        out += _flat(list(item[1][3])) if item[0] is sre.SUBPATTERN else [item]
    return out


def _ambiguous(body: list[Item]) -> bool:
    """Can one round of a repeat over this body be taken for two?"""
    flat = _flat(body)
    if flat and all(_nullable(item) for item in flat) and len(flat) > 1:
        return True
    for at, item in enumerate(flat):
        if item[0] is sre.BRANCH and _branches_clash(item):
            return True
        if _is_repeat(item) and item[1][0] != item[1][1]:
            own = _chars(item)
            ring = flat[at + 1 :] + flat[: at + 1]
            if own & _until_solid(ring):
                return True
        if item[0] is sre.BRANCH and len(flat) == 1 and any(_ambiguous(list(b)) for b in item[1][1]):
            return True
    return False


def _branches_clash(item: Item) -> bool:
    seen: frozenset[str] = frozenset()
    nullable = 0
    for branch in item[1][1]:
        first = _until_solid(_flat(list(branch)))
        nullable += all(_nullable(i) for i in branch)
        if first & seen or nullable > 1:
            return True
        seen |= first
    return False


def _doubled(items: list[Item], at: int) -> bool:
    """Two unbounded repeats of the same characters with nothing solid between."""
    flat = _flat(items)
    if at >= len(flat) or not _is_repeat(flat[at]) or flat[at][1][1] <= MANY:
        return False
    own = _edge(flat[at], backward=True)
    for item in flat[at + 1 :]:
        if _is_repeat(item) and item[1][1] > MANY and own & _edge(item):
            return True
        if not _nullable(item) and not (_is_repeat(item) and own & _edge(item)):
            return False
    return False


def _until_solid(items: list[Item], backward: bool = False) -> frozenset[str]:
    """Characters that can come first (last, backward): of every item up to one that can't be empty."""
    out: frozenset[str] = frozenset()
    for item in reversed(items) if backward else items:
        out |= _edge(item, backward)
        if not _nullable(item):
            break
    return out


def _edge(item: Item, backward: bool = False) -> frozenset[str]:
    if _bodies(item) and item[0] not in (sre.ASSERT, sre.ASSERT_NOT):
        return frozenset().union(*(_until_solid(_flat(list(b)), backward) for b in _bodies(item)))
    return _chars(item)


def _nullable(item: Item) -> bool:
    op, arg = item
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return arg[0] == 0 or all(_nullable(i) for i in arg[2])
    if op in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
        return True
    if op is sre.BRANCH:
        return any(all(_nullable(i) for i in b) for b in arg[1])
    bodies = _bodies(item)
    return bool(bodies) and all(_nullable(i) for b in bodies for i in b)


def _chars(item: Item) -> frozenset[str]:
    """Which of the sample's characters can occur in it."""
    op, arg = item
    if op is sre.LITERAL:
        return frozenset(chr(arg))
    if op is sre.NOT_LITERAL:
        return _ALL - {chr(arg)}
    if op is sre.ANY:
        return _ALL - {"\n"}
    if op is sre.IN:
        return _class(arg)
    if op is sre.GROUPREF:
        return _ALL
    if op in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
        return frozenset()
    return frozenset().union(*(_chars(i) for b in _bodies(item) for i in b))


_CATEGORIES = {
    sre.CATEGORY_DIGIT: frozenset(c for c in _SAMPLE if c.isdigit()),
    sre.CATEGORY_SPACE: frozenset(c for c in _SAMPLE if c.isspace()),
    sre.CATEGORY_WORD: frozenset(c for c in _SAMPLE if c.isalnum() or c == "_"),
}
_CATEGORIES |= {
    sre.CATEGORY_NOT_DIGIT: _ALL - _CATEGORIES[sre.CATEGORY_DIGIT],
    sre.CATEGORY_NOT_SPACE: _ALL - _CATEGORIES[sre.CATEGORY_SPACE],
    sre.CATEGORY_NOT_WORD: _ALL - _CATEGORIES[sre.CATEGORY_WORD],
}


def _class(members: list[Item]) -> frozenset[str]:
    out: frozenset[str] = frozenset()
    negated = False
    for op, arg in members:
        if op is sre.NEGATE:
            negated = True
        elif op is sre.LITERAL:
            out |= {chr(arg)}
        elif op is sre.RANGE:
            out |= {c for c in _ALL if arg[0] <= ord(c) <= arg[1]} | {chr(arg[0])}
        elif op is sre.CATEGORY:
            out |= _CATEGORIES[arg]
    return _ALL - out if negated else out


def _probe(pattern: str) -> str:
    """Second guard: hostile words made of the pattern's own characters, within a time-out."""
    compiled = regex.compile(pattern)
    letters = list(dict.fromkeys(c for c in pattern if c.isalnum()))[:6] or ["a"]
    seeds = [*letters, " ", "a ", "a1", "aé", "".join(letters), letters[0] + " "]
    for seed in seeds:
        hostile = (seed * PROBE_LENGTH)[:PROBE_LENGTH] + "\u0001!"
        try:
            compiled.search(hostile, timeout=PROBE_TIME_S)
        except TimeoutError:
            return pattern
    return ""
