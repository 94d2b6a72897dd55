"""Until when a text is of use: the end of what it announces, read in its title and in the first sentence that says when.

A cut ends with its hours, a call for entries with its last day, an event with its end or, where only its beginning is
told, with its day. What recurs, what begins and stays, and what names no day to come has no end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from diffusion.facts.extract import facts_of
from diffusion.facts.moments import SHUT
from diffusion.facts.reading import read
from diffusion.facts.roles import Said, said

Why = Literal["interruption", "deadline", "event"]
DAYS_END = time(23, 59)


@dataclass(frozen=True, slots=True)
class Useful:
    """`until` is a wall-clock time where the text is read; `why` says the end of what it is."""

    until: datetime
    why: Why


def useful_until(title: str, body: str, lang: str, published: date) -> Useful | None:
    """The end of what this text announces; None where it has none. `published` is the day from which « demain » is read."""
    language = "en" if lang == "en" else "fr"
    reading = read(f"{title}\n\n{body}")
    told = said(reading, facts_of(reading, language, published).facts, language)
    days = [one for one in told if _is_to_come(one, published)]
    if not days or any(one.fact.kind == "recurrence" for one in told):
        return None
    headed = [one for one in days if one.spot[0] < len(title)]
    first = next((one for one in days if one.spot[0] >= len(title)), days[0])
    core = [one for one in told if one.sentence == first.sentence or one.spot[0] < len(title)]
    leading = [*headed, *(one for one in days if one.sentence == first.sentence)]
    if any(one.direction == "from" and "/" not in one.fact.value for one in leading):
        return None
    last = max(leading, key=_last_day)
    over = max(_ends(core, last), default=_since_midnight(DAYS_END))
    return Useful(datetime.combine(_last_day(last), time()) + over, _why(core, last))


def _is_to_come(one: Said, published: date) -> bool:
    """A day, not a bare month or year, that is not over yet."""
    return one.fact.kind == "date" and len(one.fact.value.split("/")[-1]) == 10 and _last_day(one) >= published


def _last_day(one: Said) -> date:
    return date.fromisoformat(one.fact.value.split("/")[-1])


def _ends(core: Iterable[Said], last: Said) -> Iterable[timedelta]:
    """The hours that end something, since the midnight before the last day; what ends after midnight ends on the next."""
    for one in core:
        if one.fact.kind != "time":
            continue
        first, _slash, end = one.fact.value.partition("/")
        if end:
            begins, over = (_since_midnight(time.fromisoformat(part)) for part in (first, end))
            yield over if over > begins else over + timedelta(days=1)
        elif "until" in (one.direction, last.direction):
            yield _since_midnight(time.fromisoformat(first))


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute)


def _why(core: Iterable[Said], last: Said) -> Why:
    if any(one.fact.kind == "status" and one.fact.value in SHUT for one in core):
        return "interruption"
    return "deadline" if last.direction == "until" else "event"
