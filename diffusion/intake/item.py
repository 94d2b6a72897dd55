"""What a reader hands on: items, complaints, and the reading that holds both. Plain values, and their JSON.

Times are aware and in UTC; a day without an hour (an all-day event) is a `date`, and `end` of such an event is the
first day after it, as calendars write it. In JSON both are RFC 3339: `2026-11-24T07:00:00Z`, `2026-11-24`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

Moment = datetime | date

ITEMS_MAX = 5_000
"""Items that one reading takes: the most recent, where a source has more."""


class Format(StrEnum):
    RSS = "rss"
    ATOM = "atom"
    JSON = "json"
    ICAL = "ical"


class Status(StrEnum):
    """What a calendar says of an event (RFC 5545, 3.8.1.11)."""

    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ItemMedia:
    """A picture, sound, video or document that belongs to an item. `type` is a media type, where known."""

    url: str
    type: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of content as its source states it, cleaned. None: the source doesn't say.

    `uid` is the source's own or derived the same way each time (`entry.py`); it survives a change of the content.
    `text` is the whole text without markup; `html` the same with the small set of formatting, where there was any.
    `original` is JSON of the title and content as they came, where something active or hidden was taken out of them.
    """

    uid: str
    url: str | None = None
    title: str | None = None
    text: str | None = None
    html: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    start: Moment | None = None
    end: Moment | None = None
    media: tuple[ItemMedia, ...] = ()
    place: str | None = None
    language: str | None = None
    status: Status | None = None
    original: str | None = None

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        data["media"] = [{"url": m.url, "type": m.type, "description": m.description} for m in self.media]
        if self.original is None:
            del data["original"]
        return data | {name: rfc3339(data[name]) for name in _MOMENTS}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Item:
        """Raises ValueError for anything but what `to_json` writes."""
        unknown = set(data) - {f.name for f in fields(cls)}
        if unknown or not isinstance(data.get("uid"), str) or not data["uid"]:
            raise ValueError(f"not an item: {sorted(unknown) or 'uid'}")
        for name in _STRINGS:
            if not isinstance(data.get(name), str | None):
                raise ValueError(f"{name} is not a string")
        moments = {name: moment(data[name]) if data.get(name) else None for name in _MOMENTS}
        media = tuple(ItemMedia(**m) for m in data.get("media", ()))
        status = Status(data["status"]) if data.get("status") else None
        return cls(**{name: data.get(name) for name in _STRINGS}, **moments, media=media, status=status)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Feed:
    """The whole that items come in: which format it was recognised as, its name, its language."""

    format: Format
    title: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """What was wrong with a source or one of its items. `complaints.py` words it from `code` and `facts`.

    `item` is the uid of the item it is about; None: the source as a whole.
    """

    code: str
    item: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of a body. `format` None: nothing was."""

    format: Format | None = None
    title: str | None = None
    language: str | None = None
    items: tuple[Item, ...] = ()
    complaints: tuple[Complaint, ...] = ()


def rfc3339(value: Moment | None) -> str | None:
    """A moment as RFC 3339, in UTC to the second; a day as its full-date."""
    if not isinstance(value, datetime):
        return value.isoformat() if value else None
    return value.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def moment(value: str) -> Moment:
    """The moment that `rfc3339` wrote. Raises ValueError."""
    return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)


_MOMENTS = ("published", "updated", "start", "end")
_STRINGS = ("uid", "url", "title", "text", "html", "place", "language", "original")
