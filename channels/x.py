"""X (API v2): its limits, declared before its adapter exists.

Text: docs.x.com, "Counting characters", and twitter-text `config/v3.json`: 280, weighted, a URL 23 whatever its length.
Pictures: docs.x.com, "Media best practices": 4, of 5 MB, JPEG, PNG, GIF or WEBP; alternative text up to 1,000.
"""

from __future__ import annotations

from pydantic import BaseModel

from channels.contract import Channel, Kind, Limits, MediaRules
from channels.counting import WEIGHTED_URL, Counting


class Credentials(BaseModel):
    """None yet: nothing is published here."""


class X(Channel):
    name = "x"
    label = "X"
    kind = Kind.SOCIAL
    Credentials = Credentials
    limits = Limits(
        text=280,
        counting=Counting.WEIGHTED,
        url_length=WEIGHTED_URL,
        media=MediaRules(
            types=frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"}),
            count=4,
            bytes_max=5_000_000,
            description_max=1000,
        ),
    )
    publishes = False
