"""One unit's text with what must not be touched in it, and the stretches into which it falls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diffusion.rendition.phrases import Phrases
from diffusion.rendition.sentences import Span

_END = re.compile(r"[\s.!?…:»”\"’)\]]*$")
LEADS_TO_A_FACT = re.compile(
    r"[\s,]*(?:\b(?:le|la|les|l[’']|du|de|des|d[’']|à|a|au|aux|dès|entre|et|ou|jusqu[’'](?:au|à)|"
    r"à (?:partir|compter) (?:du|de)|avant le|après le|dans|sur|rue|auprès d[eu]|via|par|au moins|environ|"
    r"at least|from|on|at|between|until|by|in|the|to|till)[\s\u00a0]*)*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Guarded:
    """One unit's text and the spans of its facts: no cut may take an essential one away, or cut through any.

    `contacts` are phones and addresses, `states` the statuses; both are facts, too.
    """

    text: str
    essential: Sequence[Span]
    facts: Sequence[Span]
    contacts: Sequence[Span]
    states: Sequence[Span]
    words: Phrases

    @property
    def opener(self) -> Span | None:
        """What the sentence begins with before it says something, unless that is essential."""
        end = 0
        while found := self.words.openers.match(self.text, end):
            if found.end() >= len(self.text) or any(a < found.end() for a, _ in self.essential):
                break
            end = found.end()
        return (0, end) if end else None

    def stretches(self, marks: str) -> list[Span]:
        """Between these marks, the opener left out."""
        parts = list(segments(self.text, marks))
        if self.opener and self.opener[1] < parts[0][1]:
            parts[0] = (self.opener[1], parts[0][1])
        return parts

    def allows(self, start: int, end: int, *, with_facts: bool) -> bool:
        """`with_facts`: facts that are not essential may go with it."""
        if any(a < end and start < b for a, b in self.essential):
            return False
        if any(a < end and start < b and not (with_facts and start <= a and b <= end) for a, b in self.facts):
            return False
        return not self.words.conditions.search(self.text, start, end)


def body_end(text: str) -> int:
    """Where the sentence ends before its final stop."""
    stop = _END.search(text)
    return stop.start() if stop else len(text)


def segments(text: str, marks: str = ",") -> Iterator[Span]:
    """Between the commas of a sentence that stand in no bracket, quotation or number; its final stop left out."""
    last = body_end(text)
    start, depth = 0, 0
    for at, char in enumerate(text[:last]):
        depth += (char in "([«“") - (char in ")]»”")
        if char not in marks or depth > 0:
            continue
        if not (text[at - 1 : at].isalnum() and text[at + 1 : at + 2].isalnum()) and text[at + 1 : at + 2] != "/":
            yield start, at
            start = at + 1
    yield start, last
