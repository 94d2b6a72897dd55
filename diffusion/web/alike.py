"""« Same news? » on the desk: submissions that announce what another one, or a message, announces. A hint, never an act.

Reading a text takes milliseconds, so only texts that share a day or a place are held against each other, no more than
`PAIRS_MOST` a page, and what was read is kept: the words of a submission and of a revision never change.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone

from diffusion import access
from diffusion.directory.models import Authority, Person
from diffusion.facts import extract, same_news
from diffusion.intake.models import Submission
from diffusion.message.models import Message

DAYS = 30
LOOKED_AT = 200
"""Submissions, and messages, that are held against those on the page."""
PAIRS_MOST = 80
_VALUES = re.compile(r" \([^()]*\)")
"""Canonical values behind a reason: both texts say them as people do."""
TEXT_MOST = 4000
"""Characters of a text that are read: what a news is about stands at its beginning."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Something that seems to announce the same. `why` is in the words' language; `url` leads to joining both."""

    title: str
    where: str
    at: Any
    why: str
    url: str


@dataclass(frozen=True, slots=True)
class _Text:
    key: tuple[str, int]
    words: str
    language: str
    on: date
    row: Any


def alike(person: Person, shown: Iterable[Submission]) -> dict[int, list[Alike]]:
    """Primary key of each shown submission that resembles something → what."""
    zone = Authority.get().zone
    asked = [_of_submission(row, zone) for row in shown]
    if not asked:
        return {}
    open_ones = access.submissions(person, "sort").open()[:LOOKED_AT]
    texts = (*(_of_submission(row, zone) for row in open_ones), *_recent(person, zone), *asked)
    others = {text.key: text for text in texts}
    found: dict[int, list[Alike]] = defaultdict(list)
    for one, other in islice(_pairs(asked, others), PAIRS_MOST):
        is_same, why = _same(one.words, other.words, one.language, one.on)
        if is_same:
            found[one.row.pk].append(_told(one.row, other.row, why))
    return dict(found)


def _pairs(asked: Iterable[_Text], others: dict[tuple[str, int], _Text]) -> Iterator[tuple[_Text, _Text]]:
    """Those that share a day or a place, and a language."""
    by_mark: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    for text in others.values():
        for mark in _marks(text.words, text.language, text.on):
            by_mark[mark].append(text.key)
    for one in asked:
        near = {key for mark in _marks(one.words, one.language, one.on) for key in by_mark[mark]} - {one.key}
        yield from ((one, others[key]) for key in sorted(near) if others[key].language == one.language)


@lru_cache(maxsize=2048)
def _marks(words: str, language: str, on: date) -> frozenset[tuple[str, str]]:
    facts = extract(words, lang=language, published=on).facts
    return frozenset((fact.kind, fact.value) for fact in facts if fact.kind in ("date", "place"))


@lru_cache(maxsize=4096)
def _same(one: str, other: str, language: str, on: date) -> tuple[bool, str]:
    return same_news(one, other, lang=language, published=on)


def _recent(person: Person, zone: ZoneInfo) -> Iterator[_Text]:
    since = timezone.now() - timedelta(days=DAYS)
    rows = access.messages(person, "edit").filter(set_aside_at=None, made_at__gte=since, revision__isnull=False)
    for row in rows[:LOOKED_AT]:
        words = f"{row.current.title}\n{row.current.body}"[:TEXT_MOST]
        yield _Text(("message", row.pk), words, row.language, row.made_at.astimezone(zone).date(), row)


def _of_submission(row: Submission, zone: ZoneInfo) -> _Text:
    words = f"{row.title}\n{row.text}"[:TEXT_MOST]
    return _Text(("submission", row.pk), words, row.language, row.received_at.astimezone(zone).date(), row)


def _told(about: Submission, other: Submission | Message, why: str) -> Alike:
    """Joining is offered on the page that attaches, with the other one chosen."""
    is_message = isinstance(other, Message)
    chosen = f"{'to' if is_message else 'with'}={other.public_id}"
    at = other.made_at if isinstance(other, Message) else other.received_at
    url = f"{reverse('submission_attach', args=[about.public_id])}?{chosen}"
    title = str(other) if is_message else other.title or other.text[:160]
    return Alike(title, other.directorate.name, at, _VALUES.sub("", why), url)
