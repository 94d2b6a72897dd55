"""The kinds of rule that read one place: avoid, replace, space, require, limit, measure; and `code`, for what data can't say.

Patterns are of the `regex` package. A charter's carry a `timeout_s`: one that runs out says so in a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import regex

from diffusion.tone.code import CODE
from diffusion.tone.measures import MEASURES
from diffusion.tone.rule import Hit, Page, Rule, Scope

_PLAIN = {0x2019: "'", 0xA0: " ", 0x202F: " "}


def plain(word: str) -> str:
    """Lower case, straight apostrophes, single plain spaces: how found words and asked-for words are compared."""
    return " ".join(word.translate(_PLAIN).lower().split())


GAP = r"[ \t\u00a0\u2000-\u200a\u202f]"
GAPS = frozenset(" \t\u00a0\u202f" + "".join(map(chr, range(0x2000, 0x200B))))


def matches(
    pattern: regex.Pattern[str], page: Page, scope: Scope, timeout_s: float | None
) -> Iterator[tuple[int, regex.Match[str]]]:
    """What is found in each part of the scope, and the offset at which that part begins."""
    text = page.over(scope)
    for start, end in page.parts(scope):
        part = text if end - start == len(text) else text[start:end]
        for match in pattern.finditer(part, timeout=timeout_s):
            if match.end() > match.start():
                yield start, match


def excepted(unless: regex.Pattern[str] | None, match: regex.Match[str]) -> bool:
    """Are the words found an exception, or part of one?"""
    if unless is None:
        return False
    if unless.search(match[0]):
        return True
    start, end = match.span()
    around = unless.finditer(match.string, max(0, start - 60), end + 60)
    return any(phrase.start() <= start and end <= phrase.end() for phrase in around)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Avoid(Rule):
    """What should not be written, and has no one replacement. `unless` is what it may be, or be part of."""

    kind: ClassVar[str] = "avoid"
    fixes: ClassVar[bool] = False
    pattern: regex.Pattern[str]
    unless: regex.Pattern[str] | None = None
    timeout_s: float | None = None

    def find(self, page: Page) -> Iterator[Hit]:
        for base, match in matches(self.pattern, page, self.scope, self.timeout_s):
            if not excepted(self.unless, match):
                yield Hit(base + match.start(), base + match.end())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replace(Rule):
    """What should be written otherwise. `to` takes the pattern's groups (`\\1`), or `words` gives each found form its own.

    `case`: `keep` keeps a capital at a sentence's head, and full capitals but of those `listed` so; `lower` takes capitals away;
    `name` lets a name begin small or stand in capitals.
    """

    kind: ClassVar[str] = "replace"
    pattern: regex.Pattern[str]
    to: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    case: str = ""
    listed: frozenset[str] = frozenset()
    unless: regex.Pattern[str] | None = None
    timeout_s: float | None = None

    def find(self, page: Page) -> Iterator[Hit]:
        if self.scope is Scope.TEXT and self.unless is None:
            yield from self._hits(page)
            return
        for base, match in matches(self.pattern, page, self.scope, self.timeout_s):
            at = self.pattern.match(page.shadow, base + match.start(), timeout=self.timeout_s)
            if at and at[0] == match[0] and not excepted(self.unless, match):
                yield from self._hit(at, page)

    def _hits(self, page: Page) -> Iterator[Hit]:
        for match in self.pattern.finditer(page.shadow, timeout=self.timeout_s):
            yield from self._hit(match, page)

    def _hit(self, match: regex.Match[str], page: Page) -> Iterator[Hit]:
        if match.end() > match.start():
            afters = tuple(self._written(after, match, page) for after in self._afters(match))
            if afters and afters[0] != match[0] and not self._is_said(afters[0], match, page):
                broken = bool(self.words) and _breaks_elision(page.shadow, match, afters[0])
                yield Hit(match.start(), match.end(), afters, False if broken else None, (afters[0], match[0]))

    def _afters(self, match: regex.Match[str]) -> tuple[str, ...]:
        if not self.words:
            return tuple(match.expand(to) for to in self.to)
        after = self.words.get("") or self.words.get(plain(match[0]))
        return (after,) if after else ()  # « ſ » is an s to the pattern, and no word of the table

    def _written(self, after: str, match: regex.Match[str], page: Page) -> str:
        if self.case == "lower":
            return after.lower()
        if self.case != "keep":
            return after
        if len(match[0]) > 3 and match[0].isupper() and match[0] not in self.listed:
            return after.upper()
        return headed(after, match[0], page.shadow, match.start())

    def _is_said(self, after: str, match: regex.Match[str], page: Page) -> bool:
        """« habitants » inside « habitantes et habitants » is said already; a name may begin small, or stand in capitals."""
        if self.case == "name" and (match[0].isupper() or _tail(match[0]) == _tail(after)):
            return True
        if not self.words:
            return False
        text, whole, at = page.shadow, plain(after), plain(after).find(plain(match[0]))
        start = match.start() - at
        return at >= 0 and start >= 0 and plain(text[start : start + len(after)]) == whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Space(Rule):
    """What stands between `after` and `before`: exactly `put`. Both patterns look and take nothing.

    `at` is a class of characters, one of which always begins `before`: then only those places are looked at.
    """

    kind: ClassVar[str] = "space"
    after: str
    before: str
    put: str
    at: str = ""
    pattern: regex.Pattern[str] = field(init=False)
    marks: regex.Pattern[str] | None = field(init=False)

    def __post_init__(self) -> None:
        looks = rf"(?<=(?:{self.after}))(?<!{GAP}){GAP}*+(?={self.before})"
        object.__setattr__(self, "pattern", regex.compile(looks, regex.MULTILINE))
        object.__setattr__(self, "marks", regex.compile(self.at) if self.at else None)

    def find(self, page: Page) -> Iterator[Hit]:
        for match in self._matches(page.shadow):
            if match[0] != self.put or page.text[match.start() : match.end()] != self.put:
                yield Hit(match.start(), match.end(), (self.put,))

    def _matches(self, text: str) -> Iterator[regex.Match[str]]:
        if self.marks is None:
            yield from self.pattern.finditer(text)
            return
        for mark in self.marks.finditer(text):
            start = mark.start()
            while start and text[start - 1] in GAPS:
                start -= 1
            if match := self.pattern.match(text, start):
                yield match


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Require(Rule):
    """What must be written once at least, if `when` is empty or found. `add` is the proposal, on a line of its own."""

    kind: ClassVar[str] = "require"
    pattern: regex.Pattern[str]
    when: regex.Pattern[str] | None = None
    add: str = ""
    timeout_s: float | None = None

    def find(self, page: Page) -> Iterator[Hit]:
        if self.when is not None and not self.when.search(page.text, timeout=self.timeout_s):
            return
        if not self.pattern.search(page.text, timeout=self.timeout_s):
            end = len(page.text.rstrip())
            joint = "\n\n" if end else ""
            yield Hit(end, end, (joint + self.add,) if self.add else ())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Limit(Rule):
    """At most `maximum` occurrences in each part of the scope, or none at all if it is 0; the next ones are found.

    `once`: one finding for a part, at its first occurrence, also for less than `minimum`.
    """

    kind: ClassVar[str] = "limit"
    fixes: ClassVar[bool] = False
    pattern: regex.Pattern[str]
    maximum: int | None = None
    minimum: int = 0
    once: bool = False
    timeout_s: float | None = None

    def find(self, page: Page) -> Iterator[Hit]:
        for start, end in page.parts(self.scope):
            found = [m.span() for m in self.pattern.finditer(page.text, start, end, timeout=self.timeout_s)]
            count, is_many = (str(len(found)),), self.maximum is not None and len(found) > self.maximum
            if self.once or len(found) < self.minimum:
                if is_many or len(found) < self.minimum:
                    yield Hit(*(found[0] if found else (start, start)), said=count)
            elif is_many:
                yield from (Hit(*span, said=count) for span in found[self.maximum :])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measure(Rule):
    """A figure of each part of the scope (`measures.MEASURES`), between `minimum` and `maximum`."""

    kind: ClassVar[str] = "measure"
    fixes: ClassVar[bool] = False
    measure: str
    minimum: float | None = None
    maximum: float | None = None

    def find(self, page: Page) -> Iterator[Hit]:
        for start, end in page.parts(self.scope):
            figure = MEASURES[self.measure](page.shadow[start:end], page.lang)
            if figure is None:
                continue
            if (self.maximum is not None and figure > self.maximum) or (
                self.minimum is not None and figure < self.minimum
            ):
                yield Hit(start, start + len(page.shadow[start:end].rstrip()), said=(f"{figure:.0f}",))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Code(Rule):
    """A function of `code.CODE`, for what needs pairing or arithmetic."""

    kind: ClassVar[str] = "code"
    function: str

    def find(self, page: Page) -> Iterator[Hit]:
        yield from CODE[self.function](page)


def headed(after: str, found: str, text: str, start: int) -> str:
    """The replacement with a capital if the words found had one and begin a sentence; elsewhere a capital was the found name's own."""
    if found[:1].isupper() and _begins(text, start):
        return after[:1].upper() + after[1:]
    return after


_HEAD = regex.compile(r"(?:\A|[.!?…\n:•–—*>|«“\"(\ue001])[\s\u00a0\u202f]*+\Z")


def _begins(text: str, start: int) -> bool:
    return bool(_HEAD.search(text[max(0, start - 12) : start])) if start > 12 else bool(_HEAD.search(text[:start]))


def _tail(name: str) -> str:
    """All but the first letter, the apostrophe's shape and the kind of space left to typography."""
    return name[1:].translate(_PLAIN)


def _breaks_elision(text: str, match: regex.Match[str], after: str) -> bool:
    """Would « l’usager » become « l’client », or « le client » « le usager »? Then a person decides."""
    if _vowel(match[0]) == _vowel(after):
        return False
    before = text[max(0, match.start() - 4) : match.start()]
    return bool(regex.search(r"(?:['’]|\b(?:[ldnmtsj]e|la|que)\s)\Z", before, regex.IGNORECASE))


def _vowel(word: str) -> bool:
    return plain(word)[:1] in tuple("aeiouyhàâéèêëîïôûœæ")
