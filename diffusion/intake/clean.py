"""Clean what others wrote, so that it can be shown anywhere: one place for text, one for HTML.

The source's own bytes are kept elsewhere; what passes here is what people see. Nothing is said in other words:
only what is invisible, active or spying goes. Every step takes time in proportion to what it is given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape, unescape
from urllib.parse import urljoin, urlsplit

import nh3

# fmt: off
TAGS = frozenset({
    "p", "br", "strong", "em", "b", "i", "u", "s", "a", "ul", "ol", "li", "h2", "h3", "h4", "blockquote", "sub",
    "sup", "abbr", "code"
})
"""The small, strict set of formatting that content may keep."""
ATTRIBUTES = {"a": frozenset({"href", "title"}), "abbr": frozenset({"title"})}
SCHEMES = frozenset({"http", "https", "mailto", "tel"})
DEPTH_MAX = 200
"""Elements open at once. Nobody writes deeper markup, and it costs nh3 time that grows as the square of the depth."""
HTML_MAX = 400_000
"""Code points of HTML that are looked at; the rest is cut off."""
URL_MAX = 2000
PICTURES_MAX = 50

_BLOCKS = frozenset({
    "article", "aside", "caption", "center", "dd", "div", "dl", "dt", "figcaption", "figure", "footer", "form",
    "header", "hr", "main", "nav", "section", "table", "tbody", "tfoot", "thead", "tr"
})
_PARAGRAPHS = frozenset({"p", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"})
_CELLS = frozenset({"td", "th"})
_DROPPED = frozenset({
    "script", "style", "iframe", "object", "applet", "noscript", "template", "svg", "math", "title", "head",
    "textarea", "select", "button", "audio", "video", "canvas"
})
_CLOSE_THEMSELVES = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "p",
    "li", "dt", "dd", "tr", "td", "th", "option", "thead", "tbody", "tfoot"
})
# fmt: on

# Bidirectional controls, zero-width and other invisible characters, C0 and C1 controls, lone surrogates, tags and
# non-characters (UTS 39, UTR 36). What joins letters or pictures stays where it does so, and nowhere else.
_HIDDEN = (
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ufe00-\ufe0d\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_JOINING = (
    "(?<=[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff])[\u200c\u200d]"
    "|(?<=[\u00a9\u00ae\u203c-\u3299\ufe0f\U0001f000-\U0001faff])\u200d"
    "|(?<=\U0001f3f4)[\U000e0061-\U000e007a]{1,6}\U000e007f"
)
_MARKS = re.compile(f"({_JOINING})|({_HIDDEN})")
_HARMLESS = frozenset("\u00ad\u200b\ufeff")
"""Hidden, but used in good faith by ordinary word processors: removed without a word."""

_TOKEN = re.compile(r'<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:"[^"]*"|[^<>"])*>?|<[!?/][^<>]*>?')
_OPEN_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_ACTIVE_PART = re.compile(r"<!--.*?(?:-->|$)|<(script|style)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_IMAGE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
_IMAGE_ATTRIBUTES = frozenset({"src", "alt", "width", "height", "style"})
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_SIGNS = {
    "handlers": re.compile(r"<[a-z][^<>]*?\son[a-z]+\s*=", re.IGNORECASE),
    "style": re.compile(r"<style\b", re.IGNORECASE),
    "script": re.compile(
        r"<(?:script|iframe|object|embed|applet|meta|base|form)\b|(?:javascript|vbscript)\s*:", re.IGNORECASE
    ),
}
_TRACKERS = re.compile(
    r"//(?:feeds\.feedburner\.com/~|feedads\.|pixel\.|stats\.wordpress\.com/|www\.google-analytics\.com/"
    r"|ad\.doubleclick\.net/|feedproxy\.google\.com/~r)|/(?:pixel|spacer|tracking|1x1)\.(?:gif|png)",
    re.IGNORECASE,
)
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|$)", re.IGNORECASE
)
_BLOCK_TAG = re.compile(rf"</?(?:{'|'.join(sorted(_BLOCKS))})>")
_CELL_TAG = re.compile(r"<t[dh]>|(</t[dh]>)")
_SPACES = re.compile(r"[ \t\n\f]{2,}")
_BREAKS = re.compile(r"[ \n]?(?:<br>[ \n]?)+")
_EDGE = r"</?(?:p|ul|ol|li|h[2-4]|blockquote)>"
_EDGE_BREAKS = re.compile(rf"(^|{_EDGE})[ \n]?<br>|<br>(?=$|{_EDGE})")
_EMPTY = re.compile(r"<(p|li|ul|ol|strong|em|b|i|u|s|h[2-4]|blockquote)>[ \n]?</\1>")
_HEADING = re.compile(r"<(/?)h([156])\b", re.IGNORECASE)
_EDGE_SPACE = re.compile(r"(<(?:p|li|h[2-4]|blockquote)>)[ \n]|[ \n](</(?:p|li|h[2-4]|blockquote)>)")
_ANCHOR = re.compile(r'<a((?: [a-z]+="[^"]*")*)>(.*?)</a>', re.DOTALL)
_HREF = re.compile(r' href="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that the HTML shows; `description` is its alternative text."""

    url: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """`removed` names what was taken out: hidden, script, handlers, style, tracker, nesting, length."""

    html: str
    text: str
    pictures: tuple[Picture, ...] = ()
    removed: frozenset[str] = field(default_factory=frozenset)


def text(value: str) -> str:
    """Plain text without hidden or control characters; line ends are line feeds.

    No-break spaces, variation selectors of emoji and the joiners of emoji and of joining scripts stay.
    """
    value = value.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    return _MARKS.sub(lambda found: found[1] or "", value).strip()


def line(value: str) -> str:
    """Text on one line: as `text`, white space folded to single spaces, no-break spaces kept."""
    return _fold(text(value).replace("\n", " "))


def hides(value: str) -> bool:
    """Whether `text` would take out something that can deceive: a hidden character not used in good faith."""
    return any(found[2] and found[2] not in _HARMLESS for found in _MARKS.finditer(value))


def html(value: str, base: str = "") -> Cleaned:
    """HTML reduced to `TAGS`; links made absolute by `base`; pictures set apart, tracking pixels dropped."""
    removed = _removed(value)
    value = text(value[:HTML_MAX])
    if _depth(value) > DEPTH_MAX:
        plain = to_text(value)
        return Cleaned(from_text(plain), plain, removed=removed | {"nesting"})
    kept = _nh3(_HEADING.sub(lambda m: f"<{m[1]}h{'2' if m[2] == '1' else '4'}", value))
    pictures, trackers = _pictures(kept, base)
    removed |= {name for name, found in (("tracker", trackers), ("hidden", hides(kept))) if found}
    clean = text(_absolute(_flatten(_IMAGE.sub("", kept)), base))  # once more: references have become characters
    return Cleaned(clean, to_text(clean), pictures, removed)


def to_text(value: str) -> str:
    """The words of an HTML fragment: blocks on lines of their own, list items with a dash, entities resolved."""
    words = _ACTIVE_PART.sub("", value[:HTML_MAX]).replace("\n", " ")
    words = unescape(_TOKEN.sub(lambda tag: (_AFTER if tag[1] else _BEFORE).get((tag[2] or "").lower(), ""), words))
    lines = "\n".join(_fold(part) for part in words.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text(lines))


def from_text(value: str) -> str:
    """Plain text as paragraphs of HTML."""
    paragraphs = (escape(part.strip(), quote=False) for part in re.split(r"\n\n+", text(value)) if part.strip())
    return "".join(f"<p>{part}</p>" for part in paragraphs).replace("\n", "<br>")


def link(value: str, base: str = "") -> str | None:
    """An absolute http(s) address without hidden characters, or None."""
    value = line(value)
    if not value:
        return None
    try:
        address = urljoin(base, value) if base else value
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    is_web = parts.scheme.lower() in {"http", "https"} and host and len(address) <= URL_MAX
    return address.replace(" ", "%20") if is_web else None


def _fold(part: str) -> str:
    """White space folded to one space; no-break spaces are typography, not white space."""
    return re.sub(r"[ \t\f\v]+", " ", part).strip(" \t")


def _removed(value: str) -> frozenset[str]:
    found = {name for name, sign in _SIGNS.items() if sign.search(value)}
    return frozenset(found | ({"hidden"} if hides(value) else set()) | ({"length"} if len(value) > HTML_MAX else set()))


def _depth(value: str) -> int:
    """An upper bound of how many elements are open at once."""
    depth = deepest = 0
    for closing, name in _OPEN_TAG.findall(value):
        if name.lower() not in _CLOSE_THEMSELVES:
            depth = max(0, depth - 1) if closing else depth + 1
            deepest = max(deepest, depth)
    return deepest


def _nh3(value: str) -> str:
    return nh3.clean(
        value,
        tags=set(TAGS | _BLOCKS | _CELLS | {"img"}),
        clean_content_tags=set(_DROPPED),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()} | {"img": set(_IMAGE_ATTRIBUTES)},
        url_schemes=set(SCHEMES),
        link_rel="nofollow noopener",
        strip_comments=True,
    )


def _flatten(value: str) -> str:
    """Boxes and tables become line breaks, so that words don't run into each other."""
    value = _SPACES.sub(lambda m: "\n" if "\n" in m[0] else " ", value)  # first: what follows looks one space far
    value = _CELL_TAG.sub(lambda m: " " if m[1] else "", value)
    value = _EMPTY.sub("", _BREAKS.sub("<br>", _BLOCK_TAG.sub("<br>", value)))
    value = _EDGE_SPACE.sub(lambda m: m[1] or m[2], _EDGE_BREAKS.sub(lambda m: m[1] or "", value))
    return value.strip()


def _absolute(value: str, base: str) -> str:
    """Relative links resolved against `base`; without one they lead nowhere, and lose their address."""

    def resolve(found: re.Match[str]) -> str:
        address = unescape(found[1])
        try:
            if urlsplit(address).scheme.lower() in SCHEMES:
                return found[0]
        except ValueError:
            return ""
        absolute = link(address, base) if base else None
        return f' href="{escape(absolute)}"' if absolute else ""

    return _ANCHOR.sub(lambda m: m[0] if ' href="' in m[1] else m[2], _HREF.sub(resolve, value))


def _pictures(kept: str, base: str) -> tuple[tuple[Picture, ...], bool]:
    shown: dict[str, Picture] = {}
    trackers = False
    for tag in _IMAGE.findall(kept):
        image = {name: unescape(value) for name, value in _ATTRIBUTE.findall(tag)}
        if _is_tracker(image):
            trackers = True
        elif url := link(image.get("src", ""), base):
            shown.setdefault(url, Picture(url, line(image.get("alt", ""))))
    return tuple(shown.values())[:PICTURES_MAX], trackers


def _is_tracker(image: dict[str, str]) -> bool:
    sides = [image.get(side, "").strip().removesuffix("px") for side in ("width", "height")]
    if any(side in {"0", "1"} for side in sides) or _HIDING.search(image.get("style", "")):
        return True
    return bool(_TRACKERS.search(image.get("src", "")))


_AFTER = dict.fromkeys(_BLOCKS, "\n") | dict.fromkeys(_PARAGRAPHS, "\n\n") | dict.fromkeys(_CELLS, " ")
_BEFORE = _AFTER | {"br": "\n", "li": "\n- "}
