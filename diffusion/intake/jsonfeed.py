"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), read generously: a missing version or a number for
an id spoils nothing, and of a document cut in the middle the whole items are taken."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from diffusion.intake import clean
from diffusion.intake.decode import Document
from diffusion.intake.entry import Entry, utc
from diffusion.intake.item import ITEMS_MAX, Complaint, Feed, Format, ItemMedia

_ITEMS = re.compile(r'"items"\s*:\s*\[')
_COMMA = re.compile(r"[\s,]*")


def read(document: Document) -> Iterator[Feed | Entry | Complaint]:
    """What the document says, item by item; nothing but a complaint if it is some other JSON."""
    try:
        top, is_cut = _load(document.text)
    except RecursionError:
        yield Complaint("too_deep")
        return
    items = top.get("items")
    if not isinstance(items, list) or not (_is_feed(top) or any(_looks_like_item(item) for item in items[:20])):
        yield Complaint("not_a_feed")
        return
    if is_cut:
        yield Complaint("truncated")
    yield Feed(Format.JSON, clean.line(_string(top.get("title")))[:1000] or None, _string(top.get("language")) or None)
    if len(items) > ITEMS_MAX:  # not all can be taken: the most recent are
        items = sorted(items, key=_date, reverse=True)
    for item in items:
        if isinstance(item, Mapping):
            yield _entry(item, document, _string(top.get("language")))
        else:
            yield Complaint("bad_entry", facts={"detail": type(item).__name__})


def count(document: Document) -> int:
    """How many items the document seems to hold."""
    try:
        items = _load(document.text)[0].get("items")
    except RecursionError:
        return 0
    return len(items) if isinstance(items, list) else 0


def _load(text: str) -> tuple[Mapping[str, Any], bool]:
    """The top object, and whether the text ended before it did. Raises RecursionError."""
    try:
        top = json.loads(text, parse_constant=lambda _: None)
        return (top if isinstance(top, Mapping) else {}), False
    except ValueError:
        return _salvage(text), True


def _salvage(text: str) -> dict[str, Any]:
    """Whatever stands whole in a broken document: its items up to the break, and its title if that comes before."""
    start = _ITEMS.search(text)
    if not start:
        return {}
    top: dict[str, Any] = {}
    for name in ("version", "title", "language"):
        if found := re.search(rf'"{name}"\s*:\s*("(?:[^"\\]|\\.)*")', text[: start.start()]):
            top[name] = json.loads(found[1], strict=False)
    decoder, items, position = json.JSONDecoder(strict=False), list[Any](), start.end()
    while True:
        position = _COMMA.match(text, position).end()  # type: ignore[union-attr]
        try:
            item, position = decoder.raw_decode(text, position)
        except ValueError:
            return top | {"items": items}
        items.append(item)


def _is_feed(top: Mapping[str, Any]) -> bool:
    return "jsonfeed.org" in _string(top.get("version"))


def _looks_like_item(item: object) -> bool:
    return isinstance(item, Mapping) and any(key in item for key in ("content_html", "content_text", "date_published"))


def _date(item: object) -> str:
    return _string(item.get("date_published")) if isinstance(item, Mapping) else ""


def _entry(item: Mapping[str, Any], document: Document, language: str) -> Entry:
    html = _string(item.get("content_html"))
    entry = Entry(
        id=_string(item.get("id")),
        url=_string(item.get("url")) or _string(item.get("external_url")),
        title=_string(item.get("title")),
        content=html or _string(item.get("content_text")) or _string(item.get("summary")),
        is_html=bool(html),
        language=_string(item.get("language")) or language,
        media=list(_media(item)),
        base=document.url,
    )
    entry.published = _moment(item.get("date_published"), entry, document)
    entry.updated = _moment(item.get("date_modified"), entry, document)
    return entry


def _media(item: Mapping[str, Any]) -> Iterator[ItemMedia]:
    for name in ("image", "banner_image"):
        if url := _string(item.get(name)):
            yield ItemMedia(url)
    attached = item.get("attachments")
    for part in attached if isinstance(attached, list) else ():
        if isinstance(part, Mapping) and (url := _string(part.get("url"))):
            yield ItemMedia(url, _string(part.get("mime_type")) or None, _string(part.get("title")) or None)


def _moment(value: object, entry: Entry, document: Document) -> datetime | None:
    written = _string(value)
    if not written.strip():
        return None
    try:
        moment = utc(datetime.fromisoformat(written.strip()), document.zone)
    except ValueError:
        entry.complaints.append(("bad_date", {"value": clean.line(written)[:100]}))
        return None
    return moment if isinstance(moment, datetime) else None


def _string(value: object) -> str:
    """A string, or a number as its digits; anything else counts as not there."""
    if isinstance(value, bool) or value is None:
        return ""
    return str(value) if isinstance(value, str | int | float) else ""
