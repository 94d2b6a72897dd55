"""Proof from outside: the words that should stand somewhere, and those that anybody is shown there. Pure.

Letters and digits are compared, in their order. A channel rewrites all the rest by itself, each in its own way: markup,
entities, quotation marks, spaces, shortened or hidden links, mentions without their domain, an emoji as a picture.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from html import unescape

_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "br", "dd", "div", "dt", "figcaption", "figure", "footer", "h1", "h2"}
    | {"h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "td", "th", "tr", "ul"}
)
_HIDDEN = frozenset({"script", "style", "template"})
_TAG = re.compile(r"<!--|<(/?)([a-z][a-z0-9-]*)[^<>]*>?", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|www\.)\S+|(?<![\w@.-])[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}(?:/\S*)?")
_MENTION = re.compile(r"(?<!\w)@[\w.-]+(?:@[\w.-]+)?")


class Verdict(StrEnum):
    RIGHT = "right"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Part:
    """What should be said in one place, and what is shown there, both plain. `is_all`: nothing else may stand there."""

    said: str
    shown: str
    is_all: bool = False

    @property
    def holds(self) -> bool:
        return letters(self.said) == letters(self.shown) if self.is_all else not self.missing

    @property
    def missing(self) -> str:
        """The first line of what should be said that isn't shown; empty if all are."""
        shown = letters(self.shown)
        return next((line.strip() for line in self.said.splitlines() if letters(line) not in shown), "")


@dataclass(frozen=True, slots=True)
class Seen:
    """What anybody is shown at `url`. No `parts`: it is no longer there. `digest` is the SHA-256 of what was answered."""

    url: str
    digest: str
    parts: tuple[Part, ...] = ()

    @classmethod
    def of(cls, url: str, body: bytes, *parts: Part) -> Seen:
        return cls(url, sha256(body).hexdigest(), parts)

    @property
    def verdict(self) -> Verdict:
        if not self.parts:
            return Verdict.GONE
        return Verdict.RIGHT if all(part.holds for part in self.parts) else Verdict.CHANGED

    @property
    def differs(self) -> Part | None:
        """The first place where something else is said."""
        return next((part for part in self.parts if not part.holds), None)


def plain(html: str) -> str:
    """The words that a page shows, a line for each block; what scripts and styles hold is no word.

    In time that grows as the page does: it may be anybody's.
    """
    words, at = [], 0
    while tag := _TAG.search(html, at):
        words.append(html[at : tag.start()])
        name = (tag[2] or "").lower()
        words.append("\n" if name in _BLOCKS else "")
        at = _after(html, tag, name)
    return unescape("".join([*words, html[at:]]))


def _after(html: str, tag: re.Match[str], name: str) -> int:
    """Where words may begin again: behind a tag, or behind the end of what it hides."""
    is_hidden = name in _HIDDEN and not tag[1]
    if tag[0] != "<!--" and not is_hidden:
        return tag.end()
    end = re.compile(f"</{name}[^<>]*>" if is_hidden else "-->", re.IGNORECASE).search(html, tag.end())
    return end.end() if end else len(html)


def letters(text: str) -> str:
    """What is left of a text once every channel has had its way with it."""
    even = unicodedata.normalize("NFKC", text).casefold().replace("×", "x")
    return "".join(char for char in _MENTION.sub(" ", _LINK.sub(" ", even)) if char.isalnum())
