"""Open feeds: a view of published deliveries, and its rendering as Atom, RSS and JSON Feed. Pure: no clock, no network.

Atom RFC 4287, withdrawn entries as RFC 6721 tombstones; RSS 2.0 (rssboard.org/rss-specification) with the
`content`, `atom` and Media RSS (rssboard.org/media-rss) modules; JSON Feed 1.1 (jsonfeed.org/version/1.1); permanent
ids as tag URIs, RFC 4151; dates RFC 3339, in RSS RFC 822. RSS and JSON Feed have no tombstone: there a withdrawn
entry is just left out. Readers cache, so a withdrawal is never certain.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime
from enum import StrEnum
from typing import Any
from xml.etree import ElementTree as ET

from pydantic import BaseModel, Field

from channels.contract import Act, Kind, Limits, MediaRules
from channels.view import View


class Format(StrEnum):
    ATOM = "atom"
    RSS = "rss"
    JSON = "json"


MEDIA_TYPES = {
    Format.ATOM: "application/atom+xml; charset=utf-8",
    Format.RSS: "application/rss+xml; charset=utf-8",
    Format.JSON: "application/feed+json; charset=utf-8",
}


class Credentials(BaseModel):
    title: str = Field(default="", title="Feed title", description="Empty: the account's name")


class Feed(View):
    name = "feed"
    label = "Atom, RSS, JSON Feed"
    kind = Kind.OPEN
    Credentials = Credentials
    limits = Limits(media=MediaRules(count=20))
    can = View.can | {Act.SEE}


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A picture, sound or video of an entry. `size` is in bytes; 0: not known."""

    url: str
    media_type: str
    description: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One published delivery. `id` is permanent (`permanent_id`), the same after a correction.

    `html` is clean; where it is empty `text` is shown. `updated` is later than `published` once corrected.
    `withdrawn` makes it a tombstone. All dates are aware.
    """

    id: str
    title: str
    url: str
    published: datetime
    updated: datetime
    html: str = ""
    text: str = ""
    summary: str = ""
    author: str = ""
    language: str = ""
    categories: tuple[str, ...] = ()
    media: tuple[Enclosure, ...] = ()
    withdrawn: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeedHead:
    """The feed itself. `url` is its own address, `home` the page it belongs to, `author` who speaks."""

    id: str
    title: str
    url: str
    home: str
    author: str
    updated: datetime
    language: str = "fr"
    description: str = ""


def permanent_id(host: str, since: date, key: str) -> str:
    """A tag URI (RFC 4151): `host` as it belonged to the authority on `since`, and the delivery's key."""
    return f"tag:{host.lower()},{since.isoformat()}:{key}"


def render(form: Format, head: FeedHead, entries: Sequence[Entry]) -> bytes:
    """The feed's bytes: the same input always gives the same bytes, so that they may carry an ETag."""
    return _RENDER[form](head, entries)


_UNFIT = re.compile(r"[^\t\n\r\u0020-\u007E\u00A0-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
"""What XML 1.0, 2.2 forbids (NUL, most controls, lone surrogates, U+FFFE), and the C1 controls that it discourages."""


_ATOM = "http://www.w3.org/2005/Atom"
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


def _clean(text: str) -> str:
    return _UNFIT.sub("", text)


def _address(url: str) -> str:
    """The URL if it is one that a reader may follow, else nothing: `javascript:` and the like end here."""
    cleaned = re.sub(r"\s", "", _clean(url))
    return cleaned if cleaned.lower().startswith(("https://", "http://")) else ""


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _rfc822(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)


def _updated(head: FeedHead, entries: Sequence[Entry]) -> datetime:
    return max([head.updated, *(entry.withdrawn or entry.updated for entry in entries)])


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    """A child with cleaned text and attributes; attributes without a value are left out."""
    kept = {name.rstrip("_"): _clean(value) for name, value in attributes.items() if value}
    child = ET.SubElement(parent, tag, kept)
    child.text = None if text is None else _clean(text)
    return child


def _xml(root: ET.Element) -> bytes:
    body: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'.encode()


def _atom(head: FeedHead, entries: Sequence[Entry]) -> bytes:
    root = ET.Element("feed", {"xmlns": _ATOM, "xmlns:at": _TOMBSTONES, "xml:lang": _clean(head.language)})
    _add(root, "id", head.id)
    _add(root, "title", head.title)
    if head.description:
        _add(root, "subtitle", head.description)
    _add(root, "updated", _rfc3339(_updated(head, entries)))
    _add(root, "link", rel="self", type="application/atom+xml", href=_address(head.url))
    _add(root, "link", rel="alternate", type="text/html", href=_address(head.home))
    _add(_add(root, "author"), "name", head.author)
    for entry in entries:
        if entry.withdrawn:
            _add(root, "at:deleted-entry", ref=entry.id, when=_rfc3339(entry.withdrawn))
        else:
            _atom_entry(root, entry)
    return _xml(root)


def _atom_entry(root: ET.Element, entry: Entry) -> None:
    node = _add(root, "entry")
    if entry.language:
        node.set("xml:lang", _clean(entry.language))
    _add(node, "id", entry.id)
    _add(node, "title", entry.title, type="text")
    _add(node, "published", _rfc3339(entry.published))
    _add(node, "updated", _rfc3339(entry.updated))
    if url := _address(entry.url):
        _add(node, "link", rel="alternate", type="text/html", href=url)
    if entry.author:
        _add(_add(node, "author"), "name", entry.author)
    for word in entry.categories:
        _add(node, "category", term=word)
    if entry.summary:
        _add(node, "summary", entry.summary, type="text")
    _add(node, "content", entry.html or entry.text, type="html" if entry.html else "text")
    for item in entry.media:
        if url := _address(item.url):
            size = str(item.size) if item.size else ""
            _add(node, "link", rel="enclosure", type=item.media_type, href=url, length=size, title=item.description)


def _rss(head: FeedHead, entries: Sequence[Entry]) -> bytes:
    root = ET.Element(
        "rss",
        {
            "version": "2.0",
            "xmlns:atom": _ATOM,
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
            "xmlns:media": "http://search.yahoo.com/mrss/",
        },
    )
    channel = _add(root, "channel")
    _add(channel, "title", head.title)
    _add(channel, "link", _address(head.home))
    _add(channel, "description", head.description or head.title)
    _add(channel, "language", head.language)
    _add(channel, "lastBuildDate", _rfc822(_updated(head, entries)))
    _add(channel, "atom:link", rel="self", type="application/rss+xml", href=_address(head.url))
    for entry in entries:
        if not entry.withdrawn:
            _rss_item(channel, entry)
    return _xml(root)


def _rss_item(channel: ET.Element, entry: Entry) -> None:
    node = _add(channel, "item")
    _add(node, "title", entry.title)
    if url := _address(entry.url):
        _add(node, "link", url)
    _add(node, "guid", entry.id, isPermaLink="false")
    _add(node, "pubDate", _rfc822(entry.published))
    _add(node, "atom:updated", _rfc3339(entry.updated))
    if entry.author:
        _add(node, "dc:creator", entry.author)
    for word in entry.categories:
        _add(node, "category", word)
    _add(node, "description", entry.summary or entry.text)
    if entry.html:
        _add(node, "content:encoded", entry.html)
    for place, item in enumerate(entry.media):
        if not (url := _address(item.url)):
            continue
        if place == 0:  # the specification speaks of one enclosure an item; length is required
            _add(node, "enclosure", url=url, type=item.media_type, length=str(item.size))
        media = _add(node, "media:content", url=url, type=item.media_type, fileSize=str(item.size or ""))
        if item.description:
            _add(media, "media:description", item.description, type="plain")


def _json(head: FeedHead, entries: Sequence[Entry]) -> bytes:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": head.title,
        "home_page_url": _address(head.home),
        "feed_url": _address(head.url),
        "description": head.description,
        "language": head.language,
        "authors": [{"name": head.author}],
        "items": [_json_item(entry) for entry in entries if not entry.withdrawn],
    }
    return json.dumps(_cleaned(feed), ensure_ascii=False, indent=1).encode()


def _json_item(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "url": _address(entry.url),
        "title": entry.title,
        "content_html": entry.html,
        "content_text": entry.text if entry.text or not entry.html else "",
        "summary": entry.summary,
        "date_published": _rfc3339(entry.published),
        "date_modified": _rfc3339(entry.updated),
        "authors": [{"name": entry.author}] if entry.author else [],
        "language": entry.language,
        "tags": list(entry.categories),
        "attachments": [
            {"url": url, "mime_type": item.media_type, "title": item.description, "size_in_bytes": item.size or None}
            for item in entry.media
            if (url := _address(item.url))
        ],
    }


_REQUIRED = frozenset({"title", "items", "id"})


def _cleaned(value: Any) -> Any:
    """The same, without unfit characters and without empty values, except where the format wants the key."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        kept = {key: _cleaned(item) for key, item in value.items() if item or key in _REQUIRED}
        if "date_published" in kept and not {"content_html", "content_text"} & kept.keys():
            kept["content_text"] = ""  # one of the two is required in an item
        return kept
    return value


_RENDER: dict[Format, Callable[[FeedHead, Sequence[Entry]], bytes]] = {
    Format.ATOM: _atom,
    Format.RSS: _rss,
    Format.JSON: _json,
}
