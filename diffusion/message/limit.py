"""Until when a message is of use: the end of what it announces, unless a person says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from diffusion.directory.models import Authority
from diffusion.facts.useful import Why, useful_until
from diffusion.message.models import Message


@dataclass(frozen=True, slots=True)
class Limit:
    """`at` (UTC) is the end of what the message announces, `why` says of what kind that is."""

    at: datetime
    why: Why


def proposed(message: Message) -> Limit | None:
    """What its words say; None where they name no end, or one that the public's own hour leaves behind."""
    zone, now = Authority.get().zone, timezone.now()
    goes_out = max(message.publish_at or now, now)
    words = message.current
    found = useful_until(words.title, words.body, message.language, goes_out.astimezone(zone).date())
    at = found.until.replace(tzinfo=zone) if found else None  # an hour that a clock change skips is as good as the next
    return Limit(at, found.why) if found and at and at > goes_out else None


def follow(message: Message) -> None:
    """Let the limit follow the words, where nobody chose it. Does not save it."""
    if not message.is_limit_chosen:
        limit = proposed(message)
        message.useless_after = limit.at if limit else None


def choose(message: Message, at: datetime | None) -> None:
    """A person's word: the limit as proposed goes on following the words. Does not save it."""
    limit = proposed(message)
    message.useless_after, message.is_limit_chosen = at, at != (limit.at if limit else None)
