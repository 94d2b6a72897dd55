"""What the board and the feeds have in common: they show published deliveries; nothing leaves, nothing is in doubt.

Publishing here *is* the delivery's own move to *published*; the receipt's id is the delivery's key, and a withdrawn
delivery is the tombstone. Any call may be repeated.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from channels.contract import Absent, Act, Channel, Found, Health, Idempotency, Markup, Prepared, Receipt, Rendition


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

    def probe(self) -> Health:
        return Health(name=self.label)
