"""A day and an hour as people type them, in the authority's zone → an instant; or why not, with the nearest that can be.

What can't be is explained with choices that can: a day that the calendar lacks, an hour that the clock jumps over or
shows twice, a time gone by, a time when nothing goes out.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from diffusion.errors import BadInput
from diffusion.schedule.clock import TimeDoubled, TimeMissing, Window, at, clear

STEP = timedelta(minutes=5)
YEARS = (1970, 9000)
"""What is read as a year: near the calendar's ends, arithmetic with zones has no answer."""
_DAY = (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})$"), re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})$"))
_HOUR = re.compile(r"(\d{1,2})\s*(?::|h|H)\s*(\d{2})?$")


class Unclear(BadInput):
    """The time can't be taken as given. `choices` are instants (UTC) that can."""

    def __init__(self, code: str, choices: Iterable[datetime] = (), **facts: Any) -> None:
        super().__init__(code, **facts)
        self.choices = tuple(choices)


@dataclass(frozen=True, slots=True)
class Typed:
    """What stood in the fields. `pick` is an instant chosen among those offered, RFC 3339."""

    day: str
    hour: str
    pick: str = ""


def read(typed: Typed, *, zone: ZoneInfo, now: datetime, windows: Iterable[Window] = ()) -> datetime:
    """The instant (UTC). Raises Unclear."""
    instant = _picked(typed.pick) or _typed(typed, zone)
    if instant < now - timedelta(minutes=1):
        nearest = _next_step(now)
        raise Unclear("time_past", [nearest], at=_say(instant, zone), nearest=_say(nearest, zone))
    free = clear(instant, windows)
    if free != instant:
        reason = next((window.reason for window in windows if instant in window), "")
        raise Unclear("time_blackout", [free], reason=reason, nearest=_say(free, zone))
    return instant


def _picked(pick: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(pick)
        instant = found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
    return instant if instant and YEARS[0] <= instant.year <= YEARS[1] else None


def _typed(typed: Typed, zone: ZoneInfo) -> datetime:
    wall = datetime.combine(_day(typed.day.strip()), _hour(typed.hour.strip()))
    try:
        return at(wall, zone)
    except TimeMissing as gap:
        facts = {"before": f"{_edge(wall, zone, -1):%H:%M}", "after": f"{_edge(wall, zone, 1):%H:%M}"}
        both = [gap.earlier, gap.later]
        raise Unclear(
            "time_missing", _utc(both), earlier=f"{both[0]:%H:%M}", later=f"{both[1]:%H:%M}", **facts
        ) from gap
    except TimeDoubled as twice:
        both = [twice.first, twice.second]
        said = [f"{moment:%H:%M} (UTC{moment:%z})" for moment in both]
        raise Unclear("time_doubled", _utc(both), first=said[0], second=said[1]) from twice


def _utc(moments: Iterable[datetime]) -> list[datetime]:
    return [moment.astimezone(UTC) for moment in moments]


def _edge(wall: datetime, zone: ZoneInfo, side: int) -> datetime:
    """Where the gap begins (-1) or ends (1), on the wall clock: whole minutes from the missing time outwards."""
    while _is_missing(wall, zone):
        wall += timedelta(minutes=side)
    return wall + timedelta(minutes=1) if side < 0 else wall


def _is_missing(wall: datetime, zone: ZoneInfo) -> bool:
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall


def _day(given: str) -> date:
    parts = _DAY[0].match(given)
    if parts:
        year, month, day = (int(part) for part in parts.groups())
    elif parts := _DAY[1].match(given):
        day, month, year = (int(part) for part in parts.groups())
    else:
        raise Unclear("time_unreadable", given=given, example="2026-06-17")
    if not 1 <= month <= 12 or not YEARS[0] <= year <= YEARS[1]:
        raise Unclear("time_unreadable", given=given, example="2026-06-17")
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise Unclear("date_missing", date=given, nearest=f"{last if day else 1:02d}/{month:02d}/{year}")
    return date(year, month, day)


def _hour(given: str) -> time:
    parts = _HOUR.match(given)
    hour, minute = (int(part or 0) for part in parts.groups()) if parts else (99, 0)
    if hour > 23 or minute > 59:
        raise Unclear("time_unreadable", given=given, example="08:30")
    return time(hour, minute)


def _next_step(now: datetime) -> datetime:
    """The next round five minutes that leave time to press the button."""
    later = now + STEP
    return later.replace(second=0, microsecond=0) + timedelta(minutes=-later.minute % 5)


def _say(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%d/%m/%Y %H:%M}"
