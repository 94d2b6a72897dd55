"""The kind of rule that looks at capitals: a heading in sentence case or title case, all small, all capitals, or of a given shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import regex

from diffusion.tone.rule import Hit, Page, Rule

CASES = ("title", "sentence", "lower", "upper")
_WORD = r"[\p{N}\p{L}*]+[^\s]*"
_SMALL = frozenset(
    (
        "a",
        "an",
        "and",
        "as",
        "at",
        "but",
        "by",
        "en",
        "for",
        "if",
        "in",
        "nor",
        "of",
        "on",
        "or",
        "per",
        "the",
        "to",
        "v",
        "via",
        "vs",
    )
)
_LONGER = frozenset((
    "about", "above", "across", "after", "against", "along", "among", "around", "before", "behind", "below", "beneath", "beside",
    "between", "beyond", "down", "during", "except", "from", "inside", "into", "like", "near", "off", "onto", "out", "outside",
    "over", "past", "since", "through", "throughout", "till", "toward", "under", "until", "up", "upon", "with", "within",
    "without", "yet", "so",
))  # fmt: skip
"""Prepositions of four letters and more stay small in Chicago's titles, not in AP's."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case(Rule):
    """Each part of the scope is in `case`, one of CASES, or wholly of the shape `pattern`. `share` of its words must be so.

    `unless` are words written as they like; the word after one that ends in an indicator may begin with a capital.
    """

    kind: ClassVar[str] = "case"
    fixes: ClassVar[bool] = False
    case: str = ""
    pattern: regex.Pattern[str] | None = None
    chicago: bool = False
    unless: regex.Pattern[str] | None = None
    indicators: tuple[str, ...] = ()
    prefix: str = ""
    share: float = 0.8
    timeout_s: float | None = None

    def find(self, page: Page) -> Iterator[Hit]:
        for start, end in page.parts(self.scope):
            text = page.text[start:end].strip()
            if text and not self._keeps(text):
                begin = page.text.index(text, start)
                yield Hit(begin, begin + len(text))

    def _keeps(self, text: str) -> bool:
        if self.prefix and (match := regex.match(self.prefix, text)):
            text = text[match.end() :]
        if self.pattern is not None:
            return bool(self.pattern.search(text, timeout=self.timeout_s)) or self._is_free(text)
        if self.case == "lower":
            return text == text.lower() or self._is_free(text)
        if self.case == "upper":
            return text == text.upper() or self._is_free(text)
        return self._sentence(text) if self.case == "sentence" else self._title(text)

    def _is_free(self, word: str) -> bool:
        return self.unless is not None and bool(self.unless.search(word))

    def _words(self, text: str) -> list[str]:
        """Words, an exception of several counting as one."""
        pattern = f"{self.unless.pattern}|{_WORD}" if self.unless else _WORD
        return [match[0] for match in regex.finditer(pattern, text)]

    def _sentence(self, text: str) -> bool:
        words = self._words(text.rstrip("?!.:"))
        good = 0
        for at, whole in enumerate(words):
            word = next((whole.split(mark)[0] for mark in "-'’" if mark in whole), whole)
            before = words[at - 1] if at else ""
            if word == word.upper() or (before and before.endswith(self.indicators or ("\0",))) or self._is_free(whole):
                good += 1
            elif at == 0 and word != word[:1].upper() + word[1:].lower():
                return False
            elif at == 0 or word == word.lower():
                good += 1
        return not words or good / len(words) > self.share

    def _title(self, text: str) -> bool:
        words = self._words(text)
        good = sum(
            word == word.upper()
            or self._is_free(word)
            or word == self._titled(word, at in (0, len(words) - 1), words, at)
            for at, word in enumerate(words)
        )
        return not words or good / len(words) > self.share

    def _titled(self, word: str, is_outer: bool, words: list[str], at: int) -> str:
        bare = regex.sub(r"\P{L}+\Z", "", word).lower()
        after_colon = at > 0 and words[at - 1].endswith((":", "?", "!", "."))
        if not is_outer and not after_colon and (bare in _SMALL or (self.chicago and bare in _LONGER)):
            return word.lower()
        if any(letter.isupper() for letter in word[1:]):
            return word[:1].upper() + word[1:]
        return regex.sub(r"(?:\A|(?<=-))\p{Ll}", lambda m: m[0].upper(), word)
