"""Two texts of one frame that speak of two things: « atelier compost », « atelier taille des rosiers », the same hour and place.

Standard texts are alike for different things. Where the words of two texts run in parallel, and their titles begin
alike and go on to another subject, they are two news however many words they share.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cache

from diffusion.facts.lexicon import forms, lexicon
from diffusion.facts.overlap import families
from diffusion.facts.reading import TAKEN, fold
from diffusion.facts.roles import stems
from diffusion.facts.side import Side

#: From this likeness of their words, in order, two texts have one frame.
_ALIKE = 0.5
#: From this one they have it even if their titles begin otherwise.
_VERY = 0.7
#: So many words must two texts share to be worded alike.
_WORDED = 3
#: Words beyond which no two texts are compared word by word, so that a long one stays quick.
_LONGEST = 150
_TOKEN = re.compile(rf"{TAKEN}+|[a-z][a-z'-]*|\d+")


def other_subject(one: Side, other: Side) -> tuple[str, str] | None:
    """The words in which two texts of one frame differ, if they name two subjects."""
    if one.reading.where is not None or other.reading.where is not None:
        return None
    first, second = _tokens(one), _tokens(other)
    if not first or not second or max(len(first), len(second)) > _LONGEST:
        return None
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    if matcher.quick_ratio() < _ALIKE or matcher.ratio() < _ALIKE:
        return None
    told = [stems(" ".join(tokens), one.lang) for tokens in (first, second)]
    titles = [_tokens(side, end=_title_end(side)) for side in (one, other)]
    if titles[0][:1] != titles[1][:1] and matcher.ratio() < _VERY:
        return _other_heads(one, other)
    is_one_hand = matcher.ratio() >= _VERY and titles[0][:1] == titles[1][:1]  # who writes so means another thing
    for name, low, high, from_, to in SequenceMatcher(None, titles[0], titles[1], autojunk=False).get_opcodes():
        if name != "replace" or not low or not from_:
            continue
        mine = _own(" ".join(titles[0][low:high]), told[1], one.lang)
        theirs = _own(" ".join(titles[1][from_:to]), told[0], one.lang)
        if mine and theirs and (is_one_hand or not set(_topics(mine, one.lang)) & set(_topics(theirs, one.lang))):
            return mine, theirs
        one_word, another = titles[0][low:high], titles[1][from_:to]
        if is_one_hand and len(one_word) == len(another) == 1 and _kin(one_word[0], another[0]):
            return one_word[0], another[0]
    return _other_heads(one, other)


def _other_heads(one: Side, other: Side) -> tuple[str, str] | None:
    """What each title alone names, where the texts under them run alike: « Stage de théâtre », « Stage de cirque »."""
    bodies = [_tokens(side)[len(_tokens(side, end=_title_end(side))) :] for side in (one, other)]
    if SequenceMatcher(None, bodies[0], bodies[1], autojunk=False).ratio() < _VERY:
        return None
    if len(set(bodies[0]) & set(bodies[1]) - {TAKEN}) < _WORDED:
        return None  # nothing but a day, an hour and a place
    heads = []
    for text, rest in ((one, other), (other, one)):
        known = families(rest.reading.plain, rest.lang)
        title = families(" ".join(_tokens(text, end=_title_end(text))), text.lang)
        heads.append(" ".join(word for word, weight in title.items() if weight > 1 and word not in known))
    return (heads[0], heads[1]) if all(heads) else None


def _kin(one: str, other: str) -> bool:
    """Whether two words begin alike and are two: « compost », « composteur »; not a plural of the other."""
    short, long = sorted((one.rstrip("sx"), other.rstrip("sx")), key=len)
    return len(short) > 3 and long.startswith(short) and short != long


def _tokens(side: Side, end: int | None = None) -> list[str]:
    """The words of a text, each of its facts as one sign."""
    blanked = side.reading.blanked([(s.fact.start, s.fact.end) for s in side.said])
    return [TAKEN if token[0] == TAKEN else token for token in _TOKEN.findall(blanked.plain[:end])]


def _title_end(side: Side) -> int:
    return len(side.reading.plain.partition("\n")[0])


def _own(text: str, others: frozenset[str], lang: str) -> str:
    """The words of a stretch that carry meaning, that the other text has nowhere, and that name no institution."""
    words = [w.rpartition("'")[2] for w in re.findall(r"[a-z'-]{3,}", text)]
    return " ".join(w for w in words if w not in _common(lang) and stems(w, lang) and not stems(w, lang) & others)


@cache
def _common(lang: str) -> frozenset[str]:
    return frozenset(fold(str(w)) for w in lexicon(lang)["institutions"])


def _topics(text: str, lang: str) -> Iterator[str]:
    for name in lexicon(lang)["topics"]:
        if forms(lang, "topics", name).search(text):
            yield name
