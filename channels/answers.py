"""What an API's answer means: a table per channel, and what holds for all where the table is silent.

An adapter's `ERRORS` maps (status, vendor's own code or None) to what it is. A status alone is asked after the
status with its code. What neither says follows RFC 9110: 401 is about who we are, 429 is about time, a 5xx to an
irrevocable request is doubt, to any other a reason to come back; the rest of 4xx will never be taken as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from channels.contract import Code, Per
from channels.http import Answer
from channels.outcomes import Disconnected, Outcome, Refused, Throttled, TryLater, Uncertain

Meaning = Callable[[Answer], Outcome]
Errors = Mapping[tuple[int, str | None], Meaning]
T = TypeVar("T")

PAUSE_S = 60.0
"""Seconds to wait where a channel throttles and doesn't say for how long."""
PAUSE_MAX_S = 24 * 3600.0
RATE_HEADERS = ("X-RateLimit", "RateLimit")
"""What the headers begin with that say how much is left and until when: `-Remaining`, `-Reset`. By Mastodon and those
like it, and by draft-ietf-httpapi-ratelimit-headers-07."""
EPOCH_FROM = 1e9
"""A reset from here on is an instant, below it seconds to wait: vendors write both."""


def refused(code: Code) -> Meaning:
    return lambda answer: Refused(code, evidence=answer.evidence, status=answer.status)


def disconnected(code: Code) -> Meaning:
    return lambda answer: Disconnected(code, evidence=answer.evidence, status=answer.status)


def later(code: Code) -> Meaning:
    """Nothing was done, and it may be repeated: only where the vendor says so for this very answer."""
    return lambda answer: TryLater(code, after=pause(answer), evidence=answer.evidence, status=answer.status)


def throttled(answer: Answer, per: Per | None = None) -> Outcome:
    return Throttled(after=pause(answer) or PAUSE_S, per=per, evidence=answer.evidence, status=answer.status)


def uncertain(code: Code) -> Meaning:
    return lambda answer: Uncertain(code, evidence=answer.evidence, status=answer.status)


def pause(answer: Answer) -> float | None:
    """Seconds that the channel asks to wait: by `Retry-After` (RFC 9110), else by its rate limit's reset."""
    word = answer.headers.get("Retry-After", "").strip()
    if word.isdecimal():
        return min(float(word), PAUSE_MAX_S)
    return _until(answer, parsedate_to_datetime, word) or _reset(answer)


def spent(answer: Answer) -> float:
    """Seconds until the channel takes anything again, where the headers say that this was the last; else 0."""
    left = (answer.headers.get(f"{name}-Remaining", "").strip() for name in RATE_HEADERS)
    return (_reset(answer) or 0.0) if "0" in left else 0.0


def _reset(answer: Answer) -> float | None:
    for name in RATE_HEADERS:
        word = answer.headers.get(f"{name}-Reset", "").strip()
        if word.isdecimal() and float(word) < EPOCH_FROM:
            return min(max(1.0, float(word)), PAUSE_MAX_S)
        if (seconds := _until(answer, _instant, word)) is not None:
            return seconds
    return None


def _until(answer: Answer, read: Callable[[str], datetime], word: str) -> float | None:
    try:
        left = (read(word) - server_time(answer)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(1.0, left), PAUSE_MAX_S)


def _instant(text: str) -> datetime:
    """ISO 8601, or seconds since 1970."""
    at = datetime.fromtimestamp(int(text), UTC) if text.isdecimal() else datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def server_time(answer: Answer) -> datetime:
    """The server's own clock as its answer's `Date` states it, else ours. Whole seconds."""
    try:
        return parsedate_to_datetime(answer.headers.get("Date", ""))
    except (ValueError, TypeError):
        return datetime.now(UTC)


def check(answer: Answer, errors: Errors, *, code: str | None = None, irrevocable: bool = False) -> Answer:
    """The answer if it is a 2xx; else raises what the table, or what holds for all, makes of it."""
    if 200 <= answer.status < 300:
        return answer
    meaning = errors.get((answer.status, code)) or errors.get((answer.status, None)) or _usual(answer, irrevocable)
    raise meaning(answer)


def _usual(answer: Answer, irrevocable: bool) -> Meaning:
    if answer.status == 401:
        return disconnected(Code.CREDENTIALS)
    if answer.status == 429:
        return throttled
    if answer.status >= 500 or answer.status == 408:
        return uncertain(Code.SERVER_ERROR) if irrevocable else later(Code.SERVER_ERROR)
    if answer.status < 400:
        return refused(Code.REDIRECTED)
    return refused(Code.VENDOR)


def read(answer: Answer, shape: type[T], errors: Errors, *, code: str | None = None, irrevocable: bool = False) -> T:
    """The answer as the shape it should have: a pydantic model, or a list of them.

    A 2xx that can't be read is doubt after an irrevocable request, else a reason to come back.
    """
    check(answer, errors, code=code, irrevocable=irrevocable)
    try:
        return TypeAdapter(shape).validate_json(answer.body)
    except ValidationError as error:
        doubt = uncertain(Code.UNREADABLE) if irrevocable else later(Code.UNREADABLE)
        raise doubt(answer) from error
