"""A message's body: a small, strict set of Markdown → clean HTML, and → plain text that says the same.

Kept: paragraphs, line breaks, headings, bold, italic, lists, quotations, links to http(s), mail and telephone. Anything
else, raw HTML and pictures included, is shown as the characters it is made of.
CommonMark 0.31 as `markdown-it-py` reads it; the HTML passes `nh3` (ammonia) all the same.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "h2", "h3", "h4", "blockquote"}
SCHEMES = {"http", "https", "mailto", "tel"}

_RULES = (
    "heading",
    "list",
    "blockquote",
    "emphasis",
    "link",
    "autolink",
    "newline",
    "escape",
    "entity",
    "balance_pairs",
)
_HEADINGS = {"h1": "h2", "h2": "h3"}
"""The title is the page's h1, so the body begins at h2; what is below h3 becomes h4."""

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def clean(text: str) -> str:
    """NFC, one kind of line end, no control, bidirectional or invisible character, no lone surrogate.

    The joiners U+200C and U+200D stay: emoji and some scripts need them.
    """
    return unicodedata.normalize("NFC", _UNSEEN.sub("", _LINE_ENDS.sub("\n", text)))


def to_html(body: str) -> str:
    """Clean HTML that any channel can take. Bare addresses become links."""
    parser = _parser()
    tokens = parser.parse(clean(body))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = _HEADINGS.get(token.tag, "h4")
    made = parser.renderer.render(tokens, parser.options, {})
    return nh3.clean(
        _linked(made), tags=TAGS, attributes={"a": {"href"}, "ol": {"start"}}, url_schemes=SCHEMES, link_rel=None
    ).strip()


def to_text(body: str) -> str:
    """The same words without markup: « - » before items, an address in brackets after the words that lead to it."""
    text = _Writer().write(_parser().parse(clean(body)))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip(" ") for line in text.split("\n"))).strip()


def from_text(text: str) -> str:
    """Clean HTML of a plain text: a paragraph after each empty line, addresses as links."""
    paragraphs = [part.strip("\n") for part in re.split(r"\n[ \t]*\n", clean(text)) if part.strip()]
    made = "".join(f"<p>{_with_links(html.escape(part)).replace(chr(10), '<br>')}</p>" for part in paragraphs)
    return nh3.clean(made, tags=TAGS, attributes={"a": {"href"}}, url_schemes=SCHEMES, link_rel=None)


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("zero", {"html": False, "breaks": True}).enable(list(_RULES))


_ADDRESS = re.compile(r"\b(?:https?://|www\.)[^\s<>\"«»]*[^\s<>\"«».,;:!?)\]’'…]", re.IGNORECASE)
_IN_LINKS = re.compile(r"(<a\s.*?</a>|<[^>]*>)", re.DOTALL)


def _linked(made: str) -> str:
    """Bare web addresses outside links and tags become links."""
    parts = _IN_LINKS.split(made)
    return "".join(part if at % 2 else _with_links(part) for at, part in enumerate(parts))


def _with_links(escaped: str) -> str:
    text = html.unescape(escaped)
    at, made = 0, []
    for found in _ADDRESS.finditer(text):
        start, end = found.span()
        address = found.group()
        target = address if address.lower().startswith(("http://", "https://")) else f"https://{address}"
        made += [
            html.escape(text[at:start], quote=False),
            f'<a href="{html.escape(target)}">{html.escape(address)}</a>',
        ]
        at = end
    return "".join([*made, html.escape(text[at:], quote=False)])


@dataclass
class _Writer:
    """Walks the parser's tokens and writes plain text."""

    out: list[str] = field(default_factory=list)
    counters: list[int | None] = field(default_factory=list)
    is_at_item: bool = False

    def write(self, tokens: Sequence[Token]) -> str:
        for token in tokens:
            if token.type == "inline":
                self.out.append(_words(token.children or []))
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                self._open_list(token)
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                self.counters.pop()
                self._gap()
            elif token.type == "list_item_open":
                self._open_item()
            elif token.type == "list_item_close":
                self._line()
            elif token.type in ("paragraph_close", "heading_close"):
                self._line() if self.counters else self._gap()
        return "".join(self.out)

    def _open_list(self, token: Token) -> None:
        if self.counters:
            self._line()
        first = token.attrGet("start")
        self.counters.append((int(first) if first else 1) if token.type.startswith("ordered") else None)

    def _open_item(self) -> None:
        number = self.counters[-1]
        self.out.append("  " * (len(self.counters) - 1) + ("- " if number is None else f"{number}. "))
        if number is not None:
            self.counters[-1] = number + 1

    def _line(self) -> None:
        if self.out and not self.out[-1].endswith("\n"):
            self.out.append("\n")

    def _gap(self) -> None:
        self._line()
        self.out.append("" if self.counters else "\n")


def _words(children: Sequence[Token]) -> str:
    out: list[str] = []
    opened: list[tuple[int, str]] = []
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            out.append("\n")
        elif child.type == "link_open":
            opened.append((len(out), str(child.attrGet("href") or "")))
        elif child.type == "link_close" and opened:
            at, target = opened.pop()
            shown = "".join(out[at:])
            if target and not _is_same(shown, target):
                out.append(f" ({target.removeprefix('mailto:').removeprefix('tel:')})")
        else:
            out.append(child.content)
    return "".join(out)


def _is_same(shown: str, target: str) -> bool:
    """Whether the words of a link already are its address."""

    def bare(address: str) -> str:
        return re.sub(r"^(https?://|mailto:|tel:)?(www\.)?|/$|\s", "", address.casefold())

    return bare(shown) == bare(target)
