"""What a text ties a value to: a direction (from, until, old, new), a label (full, reduced), the words round it.

Two texts may state the same values and yet not say the same: « 12,50 € réduit, 8 € plein ». So each fact gets the
words of its own part of the sentence, where no other fact of its kind stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from diffusion.facts import days
from diffusion.facts.fact import Fact
from diffusion.facts.lexicon import forms, lexicon, words
from diffusion.facts.reading import Reading, fold
from diffusion.facts.recurrences import CODES

#: Where a part of a sentence ends, the strongest first.
_BORDERS = (
    re.compile(r"\n"),
    re.compile(r"[.!?;|•](?=[ \n]|$)|[\u2022\u25aa\u25ba\u2192]"),
    re.compile(r",(?!\d)| / | - |(?<=\d)/(?=\d)"),
    re.compile(r"(?<![a-z])(?:et|and|ou|or|puis|then|mais|but|contre|while|tandis)(?![a-z])"),
    re.compile(r"\)"),
    re.compile(r"\("),
)
_WORD = re.compile(r"[a-z][a-z'-]{2,30}|\d{1,3}(?= ?(?:ans|years|s\b))")
_REACH = 160


@dataclass(frozen=True, slots=True)
class Said:
    """A fact with what it is tied to. `words` are stems, `labels` the lexicon's, `near` values of other kinds."""

    fact: Fact
    direction: str = ""
    bound: str = ""
    labels: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    part: tuple[int, int] = (0, 0)
    sentence: tuple[int, int] = (0, 0)


def said(reading: Reading, facts: tuple[Fact, ...], lang: str) -> tuple[Said, ...]:
    """All facts with their roles. Offsets of the parts are the reading's."""
    place = _backwards(reading)
    spots = [(place(f.start), place(f.end)) for f in facts]
    out: list[Said] = []
    for at, (fact, spot) in enumerate(zip(facts, spots, strict=True)):
        part = _part(reading.plain, facts, spots, at)
        inside = [i for i in _neighbours(spots, at) if part[0] <= spots[i][0] < part[1] and facts[i].kind != fact.kind]
        near = frozenset(token for i in inside if facts[i].kind in _TIES for token in _tokens(facts[i]))
        own = [spot, *(spots[i] for i in inside if facts[i].kind not in {"place", "status", "audience"})]
        around = _without(reading.plain, part, own)
        bound = _bound(reading, spot, lang) if fact.kind in {"amount", "number", "percent"} else ""
        labels, own_words = labels_in(around, lang), stems(around, lang) | _shared(reading.plain, facts, spots, at, lang)
        sentence = days.sentence(reading, *spot)
        direction = _direction(reading, spot, lang)
        last = out[-1] if out else None
        if not direction and last is not None and last.direction == "old" and last.fact.kind == fact.kind and _TO.fullmatch(reading.plain, spots[at - 1][1], spot[0]):
            direction = "new"
        out.append(Said(fact, direction, bound, labels, own_words, near, part, sentence))
    return tuple(out)


_TIES = frozenset({"date", "time", "place", "recurrence", "amount"})


_TO = re.compile(r" ?(?:a|to|au) (?:le )?")


def _tokens(fact: Fact) -> Iterator[str]:
    """A neighbour's value; weekdays alone also as weekdays, so that « lundi » meets « le lundi »."""
    yield f"{fact.kind}:{fact.value}"
    if fact.kind == "recurrence":
        yield from (f"day:{code}" for code in fact.value.partition("BYDAY=")[2].split(",") if code)
    elif fact.kind == "date" and len(fact.value) == 10 and not re.search(r"\d", fact.text):
        yield f"day:{CODES[date.fromisoformat(fact.value).weekday()]}"


def _neighbours(spots: list[tuple[int, int]], at: int) -> Iterator[int]:
    """The facts within reach of one, nearest first on each side."""
    for steps in (range(at - 1, -1, -1), range(at + 1, len(spots))):
        for i in steps:
            if abs(spots[i][0] - spots[at][0]) > 2 * _REACH:
                break
            yield i


def _shared(plain: str, facts: tuple[Fact, ...], spots: list[tuple[int, int]], at: int, lang: str) -> frozenset[str]:
    """What opens the sentence, before a comma or colon, is the subject of all its facts."""
    start = spots[at][0]
    low = _line(plain, start)
    same = [spots[i][0] for i in _neighbours(spots, at) if facts[i].kind == facts[at].kind and low <= spots[i][0] < start]
    head = plain[low : min(same, default=start)]
    cut = max((m.start() for m in re.finditer(r",| :", head) if re.search(r"[a-z]{3}", head[m.end() :])), default=0)
    return stems(head[:cut], lang) if cut > 0 and same else frozenset()


def _without(plain: str, part: tuple[int, int], spans: list[tuple[int, int]]) -> str:
    """A stretch of text with some places in it blanked."""
    out = list(plain[part[0] : part[1]])
    for start, end in spans:
        for i in range(max(start, part[0]), min(end, part[1])):
            out[i - part[0]] = "\x01"
    return "".join(out)


def _backwards(reading: Reading) -> Callable[[int], int]:
    """From an offset in the text as given to one in the reading."""
    if reading.where is None:
        return lambda at: at
    table = {raw: at for at, raw in enumerate(reading.where)}

    def place(raw: int) -> int:
        while raw not in table and raw < len(reading.raw):
            raw += 1
        return table.get(raw, len(reading.plain))

    return place


def _part(plain: str, facts: tuple[Fact, ...], spots: list[tuple[int, int]], at: int) -> tuple[int, int]:
    """The stretch of text that is a fact's own among the facts of its kind."""
    start, end = spots[at]
    same = [spots[i] for i in _neighbours(spots, at) if facts[i].kind == facts[at].kind]
    before = max((e for _, e in same if e <= start), default=-1)
    after = min((s for s, _ in same if s >= end), default=-1)
    low = _border(plain, before, start) if before >= 0 and start - before < _REACH else _line(plain, start)
    high = _border(plain, end, after) if after >= 0 and after - end < _REACH else _close(plain, end)
    return min(low, start), max(high, end)


def _border(plain: str, low: int, high: int) -> int:
    """Where the text between two facts of one kind is split: at its last border of the strongest sort."""
    for sort in _BORDERS:
        found = None
        for found in sort.finditer(plain, low, high):
            pass
        if found is not None:
            return found.start() if found[0] != ")" else found.end()
    return low


def _line(plain: str, start: int) -> int:
    """The beginning of the sentence or line; of the line before when nothing but the fact stands in this one."""
    low = max(0, start - _REACH)
    ends = [m.end() for m in re.finditer(r"\n|[.!?](?=[ \n])", plain[low:start])]
    first = low + ends[-1] if ends else low
    if not re.search(r"[a-z]{3}", plain[first:start]) and len(ends) > 1:
        return low + ends[-2]
    return first


def _close(plain: str, end: int) -> int:
    high = min(len(plain), end + _REACH)
    found = re.compile(r"\n|[.!?;](?=[ \n]|$)|,(?!\d)").search(plain, end, high)
    return found.start() if found else high


@cache
def _stops(lang: str) -> frozenset[str]:
    return frozenset(fold(w)[:6] for w in lexicon(lang)["stop_words"])


def stems(text: str, lang: str) -> frozenset[str]:
    """The words that carry meaning, cut to six letters so that their endings don't matter."""
    out = set()
    for word in _WORD.findall(text):
        bare = word.rpartition("'")[2] if "'" in word else word
        stem = bare[:6].rstrip("s") if len(bare) > 3 else bare
        if len(bare) > 2 and bare[:6] not in _stops(lang) or bare.isdigit():
            out.add(stem)
    return frozenset(out)


@cache
def _labels(lang: str) -> tuple[re.Pattern[str], dict[str, str]]:
    table = lexicon(lang)["labels"]
    return re.compile(words(f for fs in table.values() for f in fs)), {fold(f): name for name, fs in table.items() for f in fs}


_UNDER = re.compile(r"(?:(?P<under>moins de|under|- de)|plus de|over|\+ de) ?(?P<age>\d{1,2})(?: ?(?:ans|years|s\b)|(?<=\d)(?!\d))")


def labels_in(text: str, lang: str) -> frozenset[str]:
    """The labels of prices and sessions that stand in a stretch of text."""
    pattern, names = _labels(lang)
    out = {names[re.sub(r"\s+", " ", found)] for found in pattern.findall(text)}
    for found in _UNDER.finditer(text):
        out.add(f"{'under' if found['under'] else 'over'} {found['age']}")
    if "outside" in out:
        out.discard("resident")
    if "non-member" in out:
        out.discard("member")
    return frozenset(out)


@cache
def _direction_patterns(lang: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    table = lexicon(lang)["directions"]
    return tuple((name, re.compile(words(table[name]) + r"(?:[ :]{1,2}(?:le|the|on|du|fin|[a-z]{5,8}di)){0,2} ?:? ?$")) for name in ("old", "new", "until", "from"))


def _direction(reading: Reading, spot: tuple[int, int], lang: str) -> str:
    start, end = spot
    before = reading.plain[max(0, start - 44) : start]
    for name, pattern in _direction_patterns(lang):
        if pattern.search(before):
            return name
    after = reading.plain[end : end + 16]
    if re.match(r" ?(?:au plus tard|dernier delai|at the latest|inclus\b)", after) and not re.match(r" ?inclus", after):
        return "until"
    if re.match(r" onwards?| and after| et apres| minuit passe", after):
        return "from"
    return ""


@cache
def _bound_patterns(lang: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(words(fs) + " ?$")) for name, fs in lexicon(lang)["bounds"].items())


_BOUND_AFTER = re.compile(r" ?(?:[a-z]{3,14} )?(?:au )?(?:(?P<at_most>maximum|maxi|max)|(?P<at_least>minimum|mini))(?![a-z])")


def _bound(reading: Reading, spot: tuple[int, int], lang: str) -> str:
    before = reading.plain[max(0, spot[0] - 26) : spot[0]]
    for name, pattern in _bound_patterns(lang):
        if pattern.search(before):
            return name
    found = _BOUND_AFTER.match(reading.plain, spot[1])
    return found.lastgroup or "" if found else ""


def has_cue(reading: Reading, span: tuple[int, int], lang: str, key: str) -> bool:
    """Whether the words of a stretch say that its date is an end (`end_cues`) or a beginning (`start_cues`)."""
    return forms(lang, key).search(reading.plain, *span) is not None
