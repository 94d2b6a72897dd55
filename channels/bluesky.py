"""Bluesky: its limits, declared before its adapter exists.

The lexicon `app.bsky.feed.post` (bluesky-social/atproto, `lexicons/app/bsky/feed/post.json`): 300 graphemes and
3,000 bytes, URLs in full. `app.bsky.embed.images`: 4 pictures of 2,000,000 bytes, each with an alternative text.
"""

from __future__ import annotations

from pydantic import BaseModel

from channels.contract import Channel, Kind, Limits, MediaRules
from channels.counting import Counting


class Credentials(BaseModel):
    """None yet: nothing is published here."""


class Bluesky(Channel):
    name = "bluesky"
    label = "Bluesky"
    kind = Kind.SOCIAL
    Credentials = Credentials
    limits = Limits(
        text=300,
        counting=Counting.GRAPHEMES,
        text_bytes=3000,
        media=MediaRules(types=frozenset({"image/jpeg", "image/png", "image/webp"}), count=4, bytes_max=2_000_000),
    )
    publishes = False
