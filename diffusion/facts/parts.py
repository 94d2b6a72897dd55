"""Which stretch of the text belongs to a fact: its own part of the sentence, where no other fact of its kind stands."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from diffusion.facts.fact import Fact
from diffusion.facts.reading import Reading

#: Where a part of a sentence ends, the strongest first.
_BORDERS = (
    re.compile(r"\n"),
    re.compile(r"[.!?;|•](?=[ \n]|$)|[\u2022\u25aa\u25ba\u2192]"),
    re.compile(r",(?!\d)| / | - |(?<=\d)/(?=\d)"),
    re.compile(r"(?<![a-z])(?:et|and|ou|or|puis|then|mais|but|contre|while|tandis)(?![a-z])"),
    re.compile(r"\)"),
    re.compile(r"\("),
)
REACH = 160


@dataclass(frozen=True, slots=True)
class Layout:
    """The facts of a text and where they stand in its reading (`spots`), in order."""

    plain: str
    facts: tuple[Fact, ...]
    spots: tuple[tuple[int, int], ...]
    starts: tuple[int, ...]

    def near(self, at: int) -> list[int]:
        """The other facts within reach of one."""
        start = self.starts[at]
        low, high = bisect_left(self.starts, start - 2 * REACH), bisect_right(self.starts, start + 2 * REACH)
        return [i for i in range(low, high) if i != at]

    def part(self, at: int, near: list[int]) -> tuple[int, int]:
        """The stretch that is a fact's own among the facts of its kind."""
        kind, (start, end) = self.facts[at].kind, self.spots[at]
        before, after = -1, -1
        for i in near:
            if self.facts[i].kind == kind:
                first, last = self.spots[i]
                if last <= start:
                    before = max(before, last)
                elif first >= end and after < 0:
                    after = first
        low = (
            _border(self.plain, before, start)
            if before >= 0 and start - before < REACH
            else line_start(self.plain, start)
        )
        high = _own_end(self.plain, end, after) if 0 <= after < end + REACH else _close(self.plain, end)
        return min(low, start), max(high, end)

    def head(self, at: int, near: list[int]) -> str:
        """What opens the sentence before a comma or colon, and so is the subject of all its facts; if any came before."""
        kind, start = self.facts[at].kind, self.starts[at]
        low = line_start(self.plain, start)
        same = [self.starts[i] for i in near if self.facts[i].kind == kind and low <= self.starts[i] < start]
        if not same:
            return ""
        head = self.plain[low : min(same)]
        cut = max((m.start() for m in _HEAD_ENDS.finditer(head) if re.search(r"[a-z]{3}", head[m.end() :])), default=0)
        return head[:cut]

    def around(self, at: int, part: tuple[int, int], inside: list[int]) -> str:
        """A fact's part without the fact and without the figures of others."""
        blanked = [
            self.spots[at],
            *(self.spots[i] for i in inside if self.facts[i].kind not in {"place", "status", "audience"}),
        ]
        return _without(self.plain, part, blanked)


_HEAD_ENDS = re.compile(r",| :")


def layout(reading: Reading, facts: tuple[Fact, ...]) -> Layout:
    """Find the facts, whose offsets are the given text's, in the reading."""
    place = _backwards(reading)
    spots = tuple((place(f.start), place(f.end)) for f in facts)
    return Layout(reading.plain, facts, spots, tuple(s for s, _ in spots))


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


def _border(plain: str, low: int, high: int) -> int:
    """Where the text between two facts of one kind is split: at its last border of the strongest sort."""
    if (closed := _CLOSED.match(plain, low, high)) and not _STRONG.search(plain, low, high):
        return closed.end("close")
    for sort in _BORDERS:
        found = [m for m in sort.finditer(plain, low, high) if not _is_within(plain, low, m.start())]
        if found:
            return found[-1].start() if found[-1][0] != ")" else found[-1].end()
    return low


#: « 14 €) ou 24 km (départ »: where one bracket closed and another opened, all before goes with the first.
_CLOSED = re.compile(r"[^()]*(?P<close>\))[^()]*\(")
_STRONG = re.compile(r"\n|[.!?;|•](?=[ \n]|$)")


def _is_within(plain: str, low: int, at: int) -> bool:
    """Whether a place stands in a bracket that opened after `low`: « (départ 10 h, 14 €) ou 24 km (départ 9 h, 22 €) »."""
    opened = plain.rfind("(", low, at)
    return opened >= 0 and ")" not in plain[opened:at]


def _own_end(plain: str, low: int, high: int) -> int:
    """Where a fact's own part ends before the next of its kind: with its sentence, if that one stands in another."""
    ends = [m.start() for sort in _BORDERS[:2] if (m := sort.search(plain, low, high))]
    return min(ends) if ends else _border(plain, low, high)


def line_start(plain: str, start: int) -> int:
    """The beginning of the sentence or line; of the line before when nothing but the fact stands in this one."""
    low = max(0, start - REACH)
    ends = [m.end() for m in re.finditer(r"\n|[.!?](?=[ \n])", plain[low:start])]
    first = low + ends[-1] if ends else low
    if not re.search(r"[a-z]{3}", plain[first:start]) and len(ends) > 1:
        return low + ends[-2]
    return first


def _close(plain: str, end: int) -> int:
    high = min(len(plain), end + REACH)
    found = re.compile(r"\n|[.!?;](?=[ \n]|$)|,(?!\d)").search(plain, end, high)
    return found.start() if found else high
