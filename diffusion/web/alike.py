"""« Same news? » on the desk, and while one hands in: what announces what another submission, or a message, announces.
A hint, never an act.

Reading a text takes milliseconds, so only texts that share a day or a place are held against each other, those that
share most first; what was read is kept, since the words of a submission and of a revision never change; and a page does
only so much that is new: the next one goes on.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone

from diffusion import access
from diffusion.directory.models import Authority, Person
from diffusion.facts import extract, same_news
from diffusion.intake.models import Submission
from diffusion.message.models import Message

T = TypeVar("T")
DAYS = 30
LOOKED_AT = 150
"""Submissions, and messages, that are held against those on the page."""
PAIRS_MOST = 60
_VALUES = re.compile(r" \([^()]*\)")
"""Canonical values behind a reason: both texts say them as people do."""
TEXT_MOST = 4000
"""Characters of a text that are read: what a news is about stands at its beginning."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Something that seems to announce the same. `why` is in the words' language; `url` leads to joining both, or to it."""

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
    texts = (*(_of_submission(row, zone) for row in open_ones), *_recent(person, zone))
    others = {text.key: text for text in (*asked, *texts)}
    found: dict[int, list[Alike]] = defaultdict(list)
    compare = _COMPARED.page()
    for one, other in _pairs(asked, others)[:PAIRS_MOST]:
        is_same, why = compare(one.words, other.words, one.language, one.on) or (False, "")
        if is_same:
            found[one.row.pk].append(_told(other.row, why, _joining(one.row, other.row)))
    return dict(found)


def handed_before(person: Person, title: str, text: str, language: str) -> list[Alike]:
    """What this person may follow and seems to announce what they are about to hand in."""
    zone = Authority.get().zone
    since = timezone.now() - timedelta(days=DAYS)
    words = f"{title}\n{text}"[:TEXT_MOST]
    new = _Text(("new", 0), words, language, timezone.localtime(timezone=zone).date(), None)
    rows = access.followed(person).filter(received_at__gte=since)[:LOOKED_AT]
    others = {text.key: text for text in (new, *(_of_submission(row, zone) for row in rows))}
    compare = _COMPARED.page()
    found = []
    for one, other in _pairs([new], others)[:PAIRS_MOST]:
        is_same, why = compare(one.words, other.words, one.language, one.on) or (False, "")
        if is_same:
            found.append(_told(other.row, why, reverse("submission", args=[other.row.public_id])))
    return found


def _pairs(asked: Iterable[_Text], others: dict[tuple[str, int], _Text]) -> list[tuple[_Text, _Text]]:
    """Those that share a day or a place, and a language; those that share most come first."""
    read = _READ.page()
    marks = {text.key: read(text.words, text.language, text.on) or frozenset() for text in others.values()}
    by_mark: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    for key, found in marks.items():
        for mark in found:
            by_mark[mark].append(key)
    ranked = []
    for one in asked:
        shared = Counter(key for mark in marks[one.key] for key in by_mark[mark])
        ranked += [(-n, one.key, key) for key, n in shared.items() if key != one.key]
    pairs = ((others[one], others[other]) for _n, one, other in sorted(ranked))
    return [(one, other) for one, other in pairs if one.language == other.language]


def _marks(words: str, language: str, on: date) -> frozenset[tuple[str, str]]:
    facts = extract(words, lang=language, published=on).facts
    return frozenset((fact.kind, fact.value) for fact in facts if fact.kind in ("date", "place"))


def _same(one: str, other: str, language: str, on: date) -> tuple[bool, str]:
    return same_news(one, other, lang=language, published=on)


class Kept(Generic[T]):
    """What `work` gave before, and how much of it a page may do anew."""

    def __init__(self, work: Callable[..., T], *, a_page: int, most: int = 5000) -> None:
        self.work, self.a_page, self.most = work, a_page, most
        self.known: dict[tuple[Any, ...], T] = {}

    def page(self) -> Callable[..., T | None]:
        """A way to ask, for one page; None once that page did its share."""
        left = self.a_page

        def ask(*key: Any) -> T | None:
            nonlocal left
            if key in self.known:
                return self.known.get(key)
            if left == 0:
                return None
            left -= 1
            if len(self.known) >= self.most:
                self.known.clear()
            made = self.known[key] = self.work(*key)
            return made

        return ask


_READ, _COMPARED = Kept(_marks, a_page=40), Kept(_same, a_page=15)


def _recent(person: Person, zone: ZoneInfo) -> Iterator[_Text]:
    since = timezone.now() - timedelta(days=DAYS)
    rows = access.messages(person, "edit").filter(set_aside_at=None, made_at__gte=since, revision__isnull=False)
    for row in rows[:LOOKED_AT]:
        words = f"{row.current.title}\n{row.current.body}"[:TEXT_MOST]
        yield _Text(("message", row.pk), words, row.language, row.made_at.astimezone(zone).date(), row)


def _of_submission(row: Submission, zone: ZoneInfo) -> _Text:
    words = f"{row.title}\n{row.text}"[:TEXT_MOST]
    return _Text(("submission", row.pk), words, row.language, row.received_at.astimezone(zone).date(), row)


def _joining(about: Submission, other: Submission | Message) -> str:
    """Both are compared before anything is done."""
    if isinstance(other, Message):
        return reverse("submission_attach_to", args=[about.public_id, other.public_id])
    return f"{reverse('submission_join', args=[about.public_id])}?with={other.public_id}"


def _told(other: Submission | Message, why: str, url: str) -> Alike:
    is_message = isinstance(other, Message)
    at = other.made_at if isinstance(other, Message) else other.received_at
    title = str(other) if is_message else other.title or other.text[:160]
    return Alike(title, other.directorate.name, at, reason(why), url)


def reason(why: str) -> str:
    """Without the canonical values."""
    return _VALUES.sub("", why)
