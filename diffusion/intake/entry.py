"""An entry as its source states it, and the one place where it becomes an item: cleaned, capped, with a uid.

The uid is, in this order: the source's own identifier; the entry's link; a digest of its title and date (where there
is no date, of title and text). So an entry that is changed later keeps its uid, unless its source gives neither
identifier nor link and changes the title.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from diffusion.intake import clean
from diffusion.intake.item import Complaint, Item, ItemMedia, Moment, Status, rfc3339

TEXT_MAX = 100_000
"""Code points of text, and of HTML, that an item carries."""
LINE_MAX = 1_000
UID_MAX = 400
"""Code points of a uid; a longer identifier is replaced by its digest."""
MEDIA_MAX = 50

TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".svg": "image/svg+xml",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".m4a": "audio/mp4",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".pdf": "application/pdf",
}
"""Media types by extension, for media that come without one; a table, so that every machine says the same."""


@dataclass(slots=True)
class Entry:
    """Raw values, as read. `base` resolves relative addresses; `complaints` (code, facts) were found while reading."""

    id: str = ""
    url: str = ""
    title: str = ""
    is_title_html: bool = False
    content: str = ""
    is_html: bool = False
    published: datetime | None = None
    updated: datetime | None = None
    start: Moment | None = None
    end: Moment | None = None
    media: list[ItemMedia] = field(default_factory=list)
    place: str = ""
    language: str = ""
    status: Status | None = None
    base: str = ""
    complaints: list[tuple[str, dict[str, object]]] = field(default_factory=list)


def settle(entry: Entry) -> tuple[Item | None, list[Complaint]]:
    """The item that the entry becomes, with what was wrong with it; None for one that says nothing at all."""
    complaints = list(entry.complaints)
    title = clean.line(clean.to_text(entry.title) if entry.is_title_html else entry.title)[:LINE_MAX]
    url = clean.link(entry.url, entry.base) if entry.url.strip() else None
    if entry.url.strip() and not url:
        complaints.append(("bad_link", {"value": clean.line(entry.url)[:200]}))
    text, html, pictures = _content(entry, complaints)
    media = _media(entry, pictures)
    if not (title or text or url or media or entry.start):
        return None, [Complaint("empty_entry")]
    uid, is_own = _uid(entry, title, text, url)
    if not is_own:
        complaints.append(("no_id", {}))
    if clean.hides(entry.title) and not any(code == "cleaned" for code, _ in complaints):
        complaints.append(("cleaned", {"kinds": ["hidden"]}))
    item = Item(
        uid=uid,
        url=url,
        title=title or None,
        text=text or None,
        html=html or None,
        published=entry.published,
        updated=entry.updated,
        start=entry.start,
        end=_end(entry, complaints),
        media=media,
        place=clean.line(entry.place)[:LINE_MAX] or None,
        language=clean.line(entry.language)[:35] or None,
        status=entry.status,
        original=_original(entry) if any(code == "cleaned" for code, _ in complaints) else None,
    )
    return item, [Complaint(code, uid, facts) for code, facts in complaints]


def _original(entry: Entry) -> str:
    """What was cleaned, as it came: in ASCII, for what is hidden in it may be what no database takes."""
    return json.dumps({"title": entry.title[:LINE_MAX], "content": entry.content[:TEXT_MAX]})


def utc(value: Moment, zone: tzinfo) -> Moment:
    """A moment in UTC, floating times being `zone`'s; a day stays a day. Raises ValueError at the calendar's ends."""
    if not isinstance(value, datetime):
        return value
    try:
        return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{value} is outside the calendar") from error


def _content(
    entry: Entry, complaints: list[tuple[str, dict[str, object]]]
) -> tuple[str, str, tuple[clean.Picture, ...]]:
    if not entry.is_html:
        hidden = frozenset({"hidden"} if clean.hides(entry.content) else ())
        cleaned = clean.Cleaned("", clean.text(entry.content), removed=hidden)
    else:
        cleaned = clean.html(entry.content, entry.base)
    text, html, removed = cleaned.text, cleaned.html, cleaned.removed
    html = html if "<" in html else ""  # without markup it says no more than the text
    if max(len(text), len(html)) > TEXT_MAX or "length" in removed:
        complaints.append(("too_long", {"limit": TEXT_MAX}))
        text = text[:TEXT_MAX]
        html = clean.from_text(text)[:TEXT_MAX].rpartition("</p>")[0] + "</p>" if html else ""
    if kinds := sorted(removed - {"length"}):
        complaints.append(("cleaned", {"kinds": kinds}))
    return text, html, cleaned.pictures


def _media(entry: Entry, pictures: tuple[clean.Picture, ...]) -> tuple[ItemMedia, ...]:
    found: dict[str, ItemMedia] = {}
    shown = [ItemMedia(p.url, None, p.description) for p in pictures]
    for media in [*entry.media, *shown]:
        url = clean.link(media.url, entry.base)
        if not url:
            continue
        known = found.get(url)
        media_type = media.type or (known.type if known else None) or TYPES.get(_extension(url))
        description = clean.line(media.description or "")[:LINE_MAX] or (known.description if known else None)
        found[url] = ItemMedia(url, clean.line(media_type)[:100].lower() if media_type else None, description)
    return tuple(found.values())[:MEDIA_MAX]


def _extension(url: str) -> str:
    return PurePosixPath(urlsplit(url).path).suffix.lower()


def _uid(entry: Entry, title: str, text: str, url: str | None) -> tuple[str, bool]:
    """The uid, and whether it is the source's own."""
    own = clean.line(entry.id)
    if own:
        return (own if len(own) <= UID_MAX else _digest(own)), True
    if url:
        return (url if len(url) <= UID_MAX else _digest(url)), False
    when = rfc3339(entry.start or entry.published)
    return _digest(title, when or text), False


def _digest(*parts: str) -> str:
    return "sha256:" + hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _end(entry: Entry, complaints: list[tuple[str, dict[str, object]]]) -> Moment | None:
    start, end = entry.start, entry.end
    if start is None or end is None:
        return end
    is_late = end < start if isinstance(start, datetime) == isinstance(end, datetime) else _day(end) < _day(start)
    if not is_late:
        return end
    complaints.append(("end_before_start", {}))
    return None


def _day(value: Moment) -> date:
    return value.date() if isinstance(value, datetime) else value
