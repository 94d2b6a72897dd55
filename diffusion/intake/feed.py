"""RSS 0.9x to 2.0, RSS 1.0 (RDF) and Atom, by feedparser; here only how its entries become ours.

A large document is read in pieces of whole entries, so that memory stays flat, one broken entry spoils no other, and
whoever reads can stop after any. A document cut in the middle is closed after its last whole entry.
"""

from __future__ import annotations

import calendar
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import feedparser
from feedparser import mixin
from feedparser.namespaces import mediarss

from diffusion.intake import clean
from diffusion.intake.decode import Document
from diffusion.intake.entry import Entry
from diffusion.intake.item import ITEMS_MAX, Complaint, Feed, Format, ItemMedia

WHOLE_MAX = 400_000
"""Code points up to which a document is read in one piece."""
PIECE_ENTRIES = 200
PIECE_MAX = 1_000_000
"""Code points of entries in one piece."""
HEAD_MAX = 20_000
"""Code points of a document's head that are read again with each piece."""
ENTITY_MAX = 200
ENTITIES_MAX = 300

FAULTS = (ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError)
"""What feedparser and its parsers have been seen to raise on input that no test of theirs foresaw."""

_ENTITY = re.compile(r"<!ENTITY\s+(?:%\s*)?[^\s>]+\s+(?:\"([^\"]*)\"|'([^']*)'|(?:SYSTEM|PUBLIC)\b)", re.IGNORECASE)
_CHARACTER = re.compile(r"&#\w{1,8};")
_ENTRY = re.compile(
    r"<!\[CDATA\[|<!--|<(/?)((?:[A-Za-z_][\w.-]*:)?(?:item|entry))(?=[\s/>])[^<>]*?(/?)>", re.IGNORECASE
)
_CHANNEL = re.compile(r"<channel(?=[\s>])[^<>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parts:
    """An XML feed taken apart: what opens it, its whole entries in their order, what closes it."""

    head: str
    entries: list[tuple[int, int]]
    tail: str
    is_cut: bool


def read(document: Document) -> Iterator[Feed | Entry | Complaint]:
    """What the document says, entry by entry. Nothing, but for a complaint, if its entities are dangerous."""
    if _is_bomb(document):
        yield Complaint("entities")
        return
    parts = _take_apart(document)
    if parts.is_cut:
        yield Complaint("truncated")
    is_small = len(document.text) <= WHOLE_MAX and len(parts.entries) <= PIECE_ENTRIES * 2
    if is_small and not parts.is_cut:
        yield from _read_piece(document, [document.text], "", "", is_first=True)
        return
    for number, piece in enumerate(_pieces(document, parts)):
        head = parts.head if number == 0 else _short_head(document, parts)
        yield from _read_piece(document, piece, head, parts.tail, is_first=number == 0)


def count(document: Document) -> int:
    """How many entries the document holds."""
    return len(_take_apart(document).entries)


def _is_bomb(document: Document) -> bool:
    """Whether entities are declared that nest, or stand for more than a word. Those that point elsewhere never lead there."""
    prolog = document.text[: document.text.find(f"<{document.root}")]
    declared = _ENTITY.findall(prolog)
    if len(declared) > ENTITIES_MAX or prolog.upper().count("<!ENTITY") != len(declared):
        return True
    return any(
        len(value) > ENTITY_MAX or "&" in _CHARACTER.sub("", value) or "%" in value
        for double, single in declared
        for value in (double or single,)
    )


def _take_apart(document: Document) -> Parts:
    text, spans, opened, name = document.text, list[tuple[int, int]](), -1, ""
    position, first = 0, -1
    while found := _ENTRY.search(text, position):
        position = found.end()
        if not found[2]:
            end = text.find("]]>" if found[0][2] == "[" else "-->", position)
            if end < 0:
                break
            position = end + 3
            continue
        name = name or found[2]
        if found[2] != name:
            continue
        is_end, is_whole = bool(found[1]), bool(found[3])
        if not is_end and opened >= 0:  # the one before was never closed
            spans.append((opened, found.start()))
        if is_whole or (is_end and opened >= 0):
            spans.append((found.start() if is_whole else opened, found.end()))
        opened = -1 if is_end or is_whole else found.start()
        first = found.start() if first < 0 else first
    last = spans[-1][1] if spans else max(first, 0)
    is_closed = re.search(rf"</{re.escape(document.root)}\s*>|<{re.escape(document.root)}[^<>]*/>", text[last:])
    head = text[:first] if first >= 0 else re.sub(r"<[^<>]*\Z", "", text)
    if is_closed:
        return Parts(head, spans, text[last:] if first >= 0 else "", is_cut=False)
    return Parts(head, spans, _closing(head, document.root), is_cut=True)


def _closing(head: str, root: str) -> str:
    lower = head.lower()
    is_channel_open = _CHANNEL.search(head) and lower.rfind("<channel") > lower.rfind("</channel")
    return ("</channel>" if is_channel_open and root.lower() != "channel" else "") + f"</{root}>"


def _short_head(document: Document, parts: Parts) -> str:
    """What opens the document, without a long channel in it: only so much that its entries mean the same."""
    if len(parts.head) <= HEAD_MAX:
        return parts.head
    root = re.search(rf"<{re.escape(document.root)}(?=[\s>])[^<>]*>", parts.head)
    channel = _CHANNEL.search(parts.head) if "</channel" in parts.tail.lower() else None
    return (root[0] if root else f"<{document.root}>") + (channel[0] if channel else "")


def _pieces(document: Document, parts: Parts) -> Iterator[list[str]]:
    """The entries in groups of a bearable size, the newest first where the document has too many and the oldest first."""
    spans = parts.entries[::-1] if _is_oldest_first(document, parts) else parts.entries
    piece, size = list[str](), 0
    for start, end in spans:
        if piece and (len(piece) >= PIECE_ENTRIES or size + end - start > PIECE_MAX):
            yield piece
            piece, size = [], 0
        piece.append(document.text[start:end])
        size += end - start
    yield piece


def _is_oldest_first(document: Document, parts: Parts) -> bool:
    if len(parts.entries) <= ITEMS_MAX:
        return False
    dates = []
    for start, end in (parts.entries[0], parts.entries[-1]):
        piece = [document.text[start:end]]
        read_back = _read_piece(document, piece, _short_head(document, parts), parts.tail, is_first=False)
        dates.append(next((e.updated or e.published for e in read_back if isinstance(e, Entry)), None))
    return bool(dates[0] and dates[1] and dates[0] < dates[1])


def _read_piece(
    document: Document, piece: list[str], head: str, tail: str, *, is_first: bool
) -> Iterator[Feed | Entry | Complaint]:
    try:
        parsed = _parse("".join([head, *piece, tail]), document.url)
    except FAULTS as error:
        if len(piece) <= 1:
            yield Complaint("bad_entry", facts={"detail": type(error).__name__})
            return
        middle = len(piece) // 2
        yield from _read_piece(document, piece[:middle], head, tail, is_first=is_first)
        yield from _read_piece(document, piece[middle:], head, tail, is_first=False)
        return
    if is_first:
        yield _feed(document, parsed)
    if parsed.get("bozo"):
        yield Complaint("malformed", facts={"detail": clean.line(str(parsed.get("bozo_exception")))[:200]})
    base, is_atom = document.url or str(parsed["feed"].get("link") or ""), _is_atom(document, parsed)
    for found in parsed["entries"]:
        try:
            yield _entry(found, base, is_atom=is_atom)
        except FAULTS as error:
            yield Complaint("bad_entry", facts={"detail": type(error).__name__})


def _parse(xml: str, url: str) -> Mapping[str, Any]:
    """By stream: a string would be taken for an address or a file name. Cleaning is done later, by nh3."""
    headers = {"content-type": "application/xml; charset=utf-8"} | ({"content-location": url} if url else {})
    xml = re.sub(r"^<\?xml[^>]*\?>", "", xml.lstrip(), count=1)
    parsed: Mapping[str, Any] = feedparser.parse(
        io.BytesIO(xml.encode("utf-8", "replace")), response_headers=headers, sanitize_html=False
    )
    return parsed


def _feed(document: Document, parsed: Mapping[str, Any]) -> Feed:
    channel = parsed["feed"]
    title = _words(channel, "title")
    language = channel.get("language") or (channel.get("title_detail") or {}).get("language")
    return Feed(
        Format.ATOM if _is_atom(document, parsed) else Format.RSS,
        title or None,
        clean.line(str(language or ""))[:35] or None,
    )


def _is_atom(document: Document, parsed: Mapping[str, Any]) -> bool:
    version = str(parsed.get("version") or "")
    return version.startswith("atom") or (not version and document.root.lower().endswith("feed"))


def _words(found: Mapping[str, Any], name: str) -> str:
    detail = found.get(f"{name}_detail") or {}
    value = str(found.get(name) or "")
    return clean.line(clean.to_text(value) if "html" in str(detail.get("type")) else value)[:1000]


def _entry(found: Mapping[str, Any], url: str, *, is_atom: bool) -> Entry:
    title = found.get("title_detail") or {}
    content = _content(found)
    entry = Entry(
        id=str(found.get("id") or ""),
        url=_link(found),
        title=str(found.get("title") or ""),
        is_title_html="html" in str(title.get("type")),
        content=str(content.get("value") or ""),
        is_html="html" in str(content.get("type")),
        language=str(content.get("language") or title.get("language") or ""),
        media=list(_media(found)),
        base=str(content.get("base") or title.get("base") or url),
    )
    entry.published = _moment(found, "published", entry)
    entry.updated = _moment(found, "updated", entry)
    if not is_atom and not entry.published:  # RSS knows one date; as dc:date it comes under the other name
        entry.published = entry.updated
    return entry


def _link(found: Mapping[str, Any]) -> str:
    """The entry's link. A guid stands in for it only where it is one: RSS calls every guid a link unless told."""
    own, links = str(found.get("id") or ""), found.get("links") or ()
    if found.get("guidislink") and not any(link.get("rel") == "alternate" for link in links):
        return own if "://" in own else ""
    return str(found.get("link") or "")


def _content(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fullest statement: the longest text among content and summary; pictures and archives are none."""
    offered = [*(found.get("content") or ()), found.get("summary_detail") or {}]
    texts = [c for c in offered if str(c.get("type") or "text/").startswith(("text/", "application/xhtml"))]
    return max(texts, key=lambda c: len(str(c.get("value") or "")), default={})


def _moment(found: Mapping[str, Any], name: str, entry: Entry) -> datetime | None:
    """feedparser's own answer in UTC; a plain dict, since its own look-up lends `published` to `updated`."""
    written, parsed = dict(found).get(name), dict(found).get(f"{name}_parsed")
    if parsed:
        try:
            return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
        except (ValueError, OverflowError, OSError):
            parsed = None
    if written and str(written).strip():
        entry.complaints.append(("bad_date", {"value": clean.line(str(written))[:100]}))
    return None


def _media(found: Mapping[str, Any]) -> Iterator[ItemMedia]:
    default = str(found.get("media_description") or "")
    for shown in found.get("media_content") or ():
        if shown.get("url"):
            description = shown.get("description") or default
            yield ItemMedia(str(shown["url"]), shown.get("type"), description or None)
    for link in found.get("links") or ():
        if link.get("rel") == "enclosure" and link.get("href"):
            yield ItemMedia(str(link["href"]), link.get("type"), link.get("title"))
    if not found.get("media_content"):
        for shown in found.get("media_thumbnail") or ():
            if shown.get("url"):
                yield ItemMedia(str(shown["url"]), None, default or None)


def _start_media_description(self: Any, attributes: Mapping[str, str]) -> None:
    self.push("media_description", 1)


def _end_media_description(self: Any) -> None:
    words = self.pop("media_description")
    shown = self._get_context().get("media_content")
    if words and shown:
        shown[-1].setdefault("description", words)


# An identifier is compared as it stands (RFC 4287, 4.2.6.1): resolved, it would change when the feed moves.
mixin._FeedParserMixin.can_be_relative_uri = mixin._FeedParserMixin.can_be_relative_uri - {"id"}
# feedparser takes a picture's description for the entry's own text, and loses both. Ours needs it beside the picture.
mediarss.Namespace._start_media_description = _start_media_description
mediarss.Namespace._end_media_description = _end_media_description
