"""A tone rule is data with its own proof; what it finds, and what could stand there instead.

Offsets are code points in the text as given, end exclusive.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
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
    """What a rule looks at, one at a time. `raw` is the text with its markup.

    Headings and list items are Markdown's and HTML's; `prose` is a sentence outside of them and of quotations; `picture` is
    its description.
    """

    TEXT = "text"
    PARAGRAPH = "paragraph"
    SENTENCE = "sentence"
    PROSE = "prose"
    HEADING = "heading"
    H1 = "heading.h1"
    H2 = "heading.h2"
    H3 = "heading.h3"
    H4 = "heading.h4"
    H5 = "heading.h5"
    H6 = "heading.h6"
    LIST = "list"
    QUOTATION = "quotation"
    PICTURE = "picture"
    RAW = "raw"


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
    """What a kind yields: a place, its possible replacements, and whether the first is safe (None: as the rule's level).

    `said` fills the `%s` of the rule's message, in order; without any, the words found do.
    """

    start: int
    end: int
    afters: tuple[str, ...] = ()
    safe: bool | None = None
    said: tuple[str, ...] = ()


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
        self.markup = markup
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

    def over(self, scope: Scope) -> str:
        """The text that a rule of that scope reads."""
        return self.text if scope is Scope.RAW else self.shadow

    def parts(self, scope: Scope) -> Iterator[tuple[int, int]]:
        """Where each part of that scope begins and ends; parts of white space alone are left out."""
        if scope in (Scope.TEXT, Scope.RAW):
            yield 0, len(self.shadow)
            return
        if scope not in self._parts:
            self._parts[scope] = list(self._found(scope))
        yield from self._parts[scope]

    @cached_property
    def _parts(self) -> dict[Scope, list[tuple[int, int]]]:
        return {}

    def _found(self, scope: Scope) -> Iterator[tuple[int, int]]:
        if scope is Scope.SENTENCE:
            yield from sentences(self.shadow)
            return
        if scope is Scope.PROSE:
            apart = sorted(span for each in (Scope.HEADING, Scope.LIST, Scope.QUOTATION) for span in self.parts(each))
            starts = [start for start, _ in apart]
            for start, end in sentences(self.shadow):
                before = bisect_right(starts, end - 1) - 1
                if before < 0 or apart[before][1] <= start:
                    yield start, end
            return
        if scope.startswith("heading.h"):
            yield from (part for part in self.parts(Scope.HEADING) if self._rank(*part) == scope[-1])
            return
        pattern = _PARTS.get((scope, self.markup)) or _PARTS.get((scope, None))
        for match in pattern.finditer(self.text if scope is not Scope.PARAGRAPH else self.shadow) if pattern else ():
            start, end = match.span(match.lastindex or 0)
            if self.shadow[start:end].strip():
                yield start, end

    def _rank(self, start: int, end: int) -> str:
        """Of a heading: 1 to 6."""
        line = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        if tag := regex.search(r"<h([1-6])\b[^<>]*+>[^<>]*+\Z", line, regex.IGNORECASE):
            return str(tag[1])
        return (
            str(line.count("#")) if "#" in line else "1" if self.text[end + 1 : end + 8].strip(" ")[:1] == "=" else "2"
        )

    def is_in(self, start: int, end: int, scopes: tuple[Scope, ...]) -> bool:
        """Does that place lie in a part of any of them?"""
        return any(a <= start and end <= b for scope in scopes for a, b in self.parts(scope))


_PARTS = {
    (Scope.PARAGRAPH, None): regex.compile(r"\S[^\n]*+(?:\n(?![ \t\r]*+(?:\n|\Z))[^\n]*+)*+"),
    (Scope.HEADING, Markup.MARKDOWN): regex.compile(
        r"^ {0,3}#{1,6}[ \t]++([^\n]*?)[ \t#]*+$|^(?=\S)([^\n]++)(?=\n {0,3}(?:=++|-{2,}+)[ \t]*+$)", regex.MULTILINE
    ),
    (Scope.HEADING, Markup.HTML): regex.compile(r"<h[1-6]\b[^<>]*+>((?:[^<]++|<(?!/h[1-6]\b))*+)", regex.IGNORECASE),
    (Scope.QUOTATION, Markup.MARKDOWN): regex.compile(
        r"^ {0,3}>[ \t]?([^\n]*+(?:\n {0,3}>[^\n]*+)*+)", regex.MULTILINE
    ),
    (Scope.QUOTATION, Markup.HTML): regex.compile(
        r"<blockquote\b[^<>]*+>((?:[^<]++|<(?!/blockquote\b))*+)", regex.IGNORECASE
    ),
    (Scope.PICTURE, Markup.MARKDOWN): regex.compile(r"!\[([^\]\n]*+)\]\("),
    (Scope.PICTURE, Markup.HTML): regex.compile(r"<img\b[^<>]*?\balt\s*+=\s*+[\"']([^\"'<>]*+)", regex.IGNORECASE),
    (Scope.LIST, Markup.MARKDOWN): regex.compile(r"^[ \t]*+(?:[-*+]|\d{1,9}[.)])[ \t]++([^\n]++)", regex.MULTILINE),
    (Scope.LIST, Markup.HTML): regex.compile(r"<li\b[^<>]*+>((?:[^<]++|<(?!/?li\b))*+)", regex.IGNORECASE),
}
_END = regex.compile(
    r"[.!?…]++(?:[ \u00a0\u202f]?[»”\"')\]]){0,2}(?=\s|\Z)|\n(?=[ \t]*+(?:\n|[-•*–#>|\p{Lu}\p{So}])|\s*+\Z)"
)
_SHORT = regex.compile(
    r"(?:\A|[\s\u00a0\u202f('’(«“])(?:\p{Lu}|MM?|M(?:mes?|lles?|gr|rs?|s)|Drs?|Prof|St|Ste|Jr|Sr|vs|e\.g|i\.e|cf|etc|env|p|pp|art|al|réf|"
    r"tél|bd|bld|av|[Nn]o|fig|vol|chap|ex|c\.-à-d|approx|dept|ext|Ltd|Inc|Co)\Z"
)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends. « M. Dupont », « etc. et » and “e.g. this” go on."""
    start = 0
    for end in _END.finditer(text):
        if end[0][0] == "." and (
            _SHORT.search(text[max(start, end.start() - 8) : end.start()])
            or text[end.end() :][:8].lstrip()[:1].islower()
        ):
            continue
        yield from _trimmed(text, start, end.end())
        start = end.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    if stripped := part.strip():
        begin = start + part.index(stripped[0])
        yield begin, begin + len(stripped)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """What every kind has. `message` says what to write instead, by reader's language.

    `needs`, in lower case: one of them must occur, which spares a search.
    `source` is the page of the reference work; `wrong` and `right` are run as tests.
    """

    kind: ClassVar[str]
    fixes: ClassVar[bool] = True
    """Can it propose what to write? What can't is left out where a text is only set right."""
    id: str
    message: Mapping[str, str]
    lang: str = ""
    level: Level = Level.PROPOSED
    scope: Scope = Scope.TEXT
    apart: tuple[Scope, ...] = ()
    """Where it does not look."""
    source: str = ""
    needs: tuple[str, ...] = ()
    wrong: tuple[Example, ...] = field(default=())
    right: tuple[str, ...] = field(default=())

    def find(self, page: Page) -> Iterator[Hit]:
        raise NotImplementedError(self.kind)

    def say(self, lang: str, *said: str) -> str:
        """The message in the reader's language, else in any there is, its `%s` filled in order."""
        message = self.message.get(lang) or next(iter(self.message.values()), self.id)
        return _SLOT.sub(_filler(said), message) if "%" in message and said else message


_SLOT = regex.compile(r"%(?:\[(\d)\])?[sd]")


def _filler(said: tuple[str, ...]) -> Callable[[regex.Match[str]], str]:
    words = [regex.sub(r"\s+", " ", each) for each in said]
    left = iter(words)

    def fill(slot: regex.Match[str]) -> str:
        if slot[1]:
            return words[int(slot[1]) - 1] if 0 < int(slot[1]) <= len(words) else ""
        return next(left, "")

    return fill
