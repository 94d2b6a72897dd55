"""What the board and the feeds have in common: they show published deliveries; nothing leaves, nothing is in doubt.

Publishing here *is* the delivery's own move to *published*; the receipt's id is the delivery's key, and a withdrawn
delivery is the tombstone. Any call may be repeated.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from channels.contract import (
    Absent,
    Act,
    Channel,
    Code,
    Found,
    Health,
    Idempotency,
    Markup,
    Prepared,
    Receipt,
    Rendition,
    Seen,
)
from channels.looking import GONE, fetched
from channels.outcomes import TryLater
from channels.outside import Part, plain

ENTRIES = 50
"""How many entries a feed of ours shows: one that isn't among so many may have made room for others."""


class View(Channel):
    """A place of our own, fed by the deliveries that were published to it."""

    markup = Markup.HTML
    can = frozenset({Act.EDIT, Act.DELETE, Act.FIND})
    idempotency = Idempotency.CHOSEN_ID
    absence = 0.0
    networked = False

    @property
    def repeats_harmlessly(self) -> bool:
        return True

    def compose(self, rendition: Rendition) -> dict[str, Any]:
        """What the page and the entry show."""
        return {
            "title": rendition.title,
            "text": rendition.text,
            "html": rendition.html,
            "summary": rendition.summary,
            "link": rendition.link,
        }

    def publish(self, rendition: Rendition, prepared: Prepared, key: str) -> Receipt:
        return Receipt(id=key, url=rendition.link)

    def find(self, key: str, rendition: Rendition, since: datetime, prepared: Prepared) -> Found:
        """A delivery in doubt was not published, so it is not shown."""
        return Absent("shown once the delivery is published")

    def edit(self, receipt: Receipt, rendition: Rendition, prepared: Prepared) -> Receipt:
        return Receipt(id=receipt.id, url=rendition.link or receipt.url)

    def delete(self, receipt: Receipt) -> None:
        return None

    def seen(self, receipt: Receipt, rendition: Rendition) -> Seen | None:
        """The entry in our own JSON Feed, at the receipt's address. Raises TryLater, Throttled, Refused."""
        answer = fetched(self.http, receipt.url)
        items = [] if answer.status in GONE else _items(answer.body)
        delivery = receipt.id.rpartition("-")[0]
        entry = next((item for item in items if str(item.get("id")).endswith(f":{delivery}")), None)
        if entry is None and len(items) >= ENTRIES:
            raise TryLater(Code.UNREADABLE, evidence=f"not among the {len(items)} newest")
        if entry is None:
            return Seen.of(receipt.url, answer.body)
        shown = Part(rendition.title, str(entry.get("title", ""))), Part(_words(rendition), _shown(entry), is_all=True)
        return Seen.of(receipt.url, answer.body, *shown)

    def probe(self) -> Health:
        return Health(name=self.label)


def _items(body: bytes) -> list[dict[str, Any]]:
    try:
        return [item for item in json.loads(body)["items"] if isinstance(item, dict)]
    except (ValueError, LookupError, TypeError) as error:
        raise TryLater(Code.UNREADABLE, evidence="no JSON Feed") from error


def _words(rendition: Rendition) -> str:
    return plain(rendition.html) if rendition.html else rendition.text


def _shown(entry: dict[str, Any]) -> str:
    return plain(str(entry["content_html"])) if entry.get("content_html") else str(entry.get("content_text", ""))
