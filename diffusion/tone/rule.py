"""A tone rule is data with its own proof; what it finds, and what could stand there instead.

Offsets are code points in the text as given, end exclusive.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import ClassVar, NamedTuple

import regex

from diffusion.tone.scopes import Markup, Span, protected, shadow


class Level(StrEnum):
    """What a finding asks for: its fix is safe and applied; a person is asked; it stops the version."""

    FIXED = "fixed"
    PROPOSED = "proposed"
    BLOCKS = "blocks"


class Scope(StrEnum):
    """What a rule that counts or measures looks at, one at a time."""

    TEXT = "text"
    PARAGRAPH = "paragraph"
    SENTENCE = "sentence"


@dataclass(frozen=True, slots=True)
class Fix:
    """What could stand in the finding's place. `safe`: it changes no word and no fact, so it is applied unasked."""

    after: str
    safe: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule is not kept. A finding of no width says that something is missing there."""

    rule: str
    level: Level
    start: int
    end: int
    found: str
    fixes: tuple[Fix, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Change:
    """A fix in the input's own offsets, applied or proposed."""

    rule: str
    start: int
    end: int
    before: str
    after: str
    applied: bool


@dataclass(frozen=True, slots=True)
class Applied:
    """`text` is the input with the changes whose `applied` is true."""

    text: str
    changes: tuple[Change, ...]


class Hit(NamedTuple):
    """What a kind yields: a place, its possible replacements, and whether the first is safe (None: as the rule's level)."""

    start: int
    end: int
    afters: tuple[str, ...] = ()
    safe: bool | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """`after` None: the rule has no fix, or any will do."""

    text: str
    after: str | None = None


class Page:
    """A text ready for rules: `shadow` is as long, with whatever must not be touched blanked out."""

    def __init__(self, text: str, lang: str, markup: Markup = Markup.PLAIN) -> None:
        self.text = text
        self.lang = lang
        self.spans: tuple[Span, ...] = protected(text, markup)
        self.shadow: str = shadow(text, self.spans)

    @cached_property
    def low(self) -> str:
        """For `needs`: lower case, straight apostrophes, plain spaces. Its offsets mean nothing."""
        low = self.shadow.lower()
        return low.replace("’", "'").replace("‘", "'").replace("\u00a0", " ").replace("\u202f", " ")

    @cached_property
    def _starts(self) -> list[int]:
        return [span.start for span in self.spans]

    def allows(self, start: int, end: int) -> bool:
        """May these code points be replaced? An entity for a space goes whole or stays."""
        first = max(bisect_right(self._starts, start) - 1, 0)
        for at in range(first, len(self.spans)):
            span = self.spans[at]
            if span.start >= end and span.start > start:
                return True
            if start < span.end and end > span.start and not (span.soft and start <= span.start and span.end <= end):
                return False
        return True

    def parts(self, scope: Scope) -> Iterator[tuple[int, int]]:
        """Where each part of that scope begins and ends; parts of white space alone are left out."""
        pattern = _PARTS.get(scope)
        if pattern is None:
            yield 0, len(self.shadow)
            return
        for match in pattern.finditer(self.shadow):
            yield match.start(), match.end()


_PARTS = {
    Scope.PARAGRAPH: regex.compile(r"\S[^\n]*+(?:\n(?!\s*+(?:\n|\Z))[^\n]*+)*+"),
    Scope.SENTENCE: regex.compile(r"\S(?:[^.!?…\n]++|[.!?…]++(?![\s»”\"')]|\Z))*+(?:[.!?…]++[\s»”\"')]{0,3}+)?"),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """What every kind has. `message` says what to write instead, by reader's language.

    `needs`, in lower case: one of them must occur, which spares a search.
    `source` is the page of the reference work; `wrong` and `right` are run as tests.
    """

    kind: ClassVar[str]
    id: str
    message: Mapping[str, str]
    lang: str = ""
    level: Level = Level.PROPOSED
    scope: Scope = Scope.TEXT
    source: str = ""
    needs: tuple[str, ...] = ()
    wrong: tuple[Example, ...] = field(default=())
    right: tuple[str, ...] = field(default=())

    def find(self, page: Page) -> Iterator[Hit]:
        raise NotImplementedError(self.kind)

    def say(self, lang: str) -> str:
        """The message in the reader's language, else in any there is."""
        return self.message.get(lang) or next(iter(self.message.values()), self.id)
