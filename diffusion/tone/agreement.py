"""The kinds of rule that hold places of one text against each other: a word repeated, two spellings, a term never explained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import regex

from diffusion.tone.kinds import excepted, matches
from diffusion.tone.rule import Hit, Page, Rule, Scope, sentences


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Repeat(Rule):
    """The same words twice in a row, within one sentence: what `pattern` takes, `maximum` times over."""

    kind: ClassVar[str] = "repeat"
    fixes: ClassVar[bool] = False
    pattern: regex.Pattern[str]
    maximum: int = 0
    letters: bool = False
    ignore_case: bool = False
    unless: regex.Pattern[str] | None = None
    timeout_s: float | None = None

    def find(self, page: Page) -> Iterator[Hit]:
        before, last, count, part = "", 0, 0, -1
        for base, match in matches(self.pattern, page, self.scope, self.timeout_s):
            word = match[0].strip()
            same = word.casefold() == before.casefold() if self.ignore_case else word == before
            if same and part == base and word and not (self.letters and not word.isalpha()):
                count += 1
                start, end = last, base + match.end()
                if count > self.maximum and self._is_one(page.shadow[start:end]) and not excepted(self.unless, match):
                    yield Hit(start, end, said=(word,))
                    count = 0
            before, last, part = word, base + match.start(), base

    def _is_one(self, found: str) -> bool:
        return len(list(sentences(found))) == 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Agree(Rule):
    """Of `either` and `other` a text uses one: where both occur, the rarer is found.

    `once`: what each paragraph says last is found once, from that on where both have been said.
    """

    kind: ClassVar[str] = "agree"
    fixes: ClassVar[bool] = False
    either: regex.Pattern[str]
    other: regex.Pattern[str]
    once: bool = False
    timeout_s: float | None = None

    def find(self, page: Page) -> Iterator[Hit]:
        one = [(b + m.start(), b + m.end()) for b, m in matches(self.either, page, self.scope, self.timeout_s)]
        two = [(b + m.start(), b + m.end()) for b, m in matches(self.other, page, self.scope, self.timeout_s)]
        if not one or not two:
            return
        if self.once:
            yield from self._by_paragraph(page, sorted(one + two), max(one[0], two[0]))
        else:
            yield from (Hit(*span) for span in (one if (len(one), -one[0][0]) < (len(two), -two[0][0]) else two))

    def _by_paragraph(self, page: Page, spans: list[tuple[int, int]], both: tuple[int, int]) -> Iterator[Hit]:
        for start, end in page.parts(Scope.PARAGRAPH):
            mine = [span for span in spans if start <= span[0] < end]
            if mine and end > both[0]:
                last = page.text[slice(*mine[-1])]
                at = page.text.index(last, start)
                yield Hit(at, at + len(last))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Explain(Rule):
    """A term (`first`) that must be explained once: what `second` takes in its group; without a group, `second` must occur.

    The explanation may come after. `each`: every unexplained place is found, not only a term's first.
    """

    kind: ClassVar[str] = "explain"
    fixes: ClassVar[bool] = False
    first: regex.Pattern[str]
    second: regex.Pattern[str]
    unless: regex.Pattern[str] | None = None
    each: bool = False
    timeout_s: float | None = None

    def find(self, page: Page) -> Iterator[Hit]:
        told: set[str] = set()
        for _, match in matches(self.second, page, self.scope, self.timeout_s):
            if not self.second.groups:
                return
            told.update(group for group in match.groups() if group)
        for base, match in matches(self.first, page, self.scope, self.timeout_s):
            if match[0] not in told and not excepted(self.unless, match):
                if not self.each:
                    told.add(match[0])
                yield Hit(base + match.start(), base + match.end())
