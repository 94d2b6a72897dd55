"""The arithmetic of the clock, pure: zones and their changes, lead, windows. Times in and out are aware; UTC is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class TimeMissing(Exception):
    """The wall clock jumps over this time. `earlier` and `later` are the nearest that exist, in the zone."""

    def __init__(self, wanted: datetime, earlier: datetime, later: datetime) -> None:
        super().__init__(wanted.isoformat())
        self.wanted, self.earlier, self.later = wanted, earlier, later


class TimeDoubled(Exception):
    """The wall clock shows this time twice. `first` and `second` are the two, in the zone."""

    def __init__(self, first: datetime, second: datetime) -> None:
        super().__init__(first.isoformat())
        self.first, self.second = first, second


def at(wall: datetime, zone: ZoneInfo, *, fold: int | None = None) -> datetime:
    """The instant (UTC) when clocks in `zone` show `wall` (naive). Raises TimeMissing, or TimeDoubled unless `fold` says which."""
    first, second = (wall.replace(tzinfo=zone, fold=f) for f in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:  # in the gap no instant shows it
        shift = (second.utcoffset() or timedelta()) - (first.utcoffset() or timedelta())
        raise TimeMissing(wall, (wall - abs(shift)).replace(tzinfo=zone), (wall + abs(shift)).replace(tzinfo=zone))
    if fold is None:
        raise TimeDoubled(first, second)
    return (second if fold else first).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """From `starts` to `ends`, UTC, when nothing goes out."""

    starts: datetime
    ends: datetime
    reason: str = ""

    def __contains__(self, instant: datetime) -> bool:
        return self.starts <= instant < self.ends


@dataclass(frozen=True, slots=True)
class Times:
    """When agents read it, and when the outside may."""

    internal: datetime
    outside: datetime


def times(wanted: datetime | None, *, now: datetime, lead: timedelta, is_urgent: bool) -> Times:
    """`wanted` is when the outside is to read it; None is now. Urgent messages have no lead.

    Agents come first by the lead. With too little time left they come now, and the lead is what remains;
    "now" gives agents the whole lead.
    """
    if is_urgent:
        moment = max(wanted or now, now)
        return Times(moment, moment)
    outside = max(wanted, now) if wanted else now + lead
    return Times(max(outside - lead, now), outside)


def clear(instant: datetime, windows: Iterable[Window], *, before: bool = False) -> datetime:
    """The nearest time outside all windows: after the one it falls in, or `before` it."""
    blocked = sorted(windows, key=lambda window: window.starts)
    for window in reversed(blocked) if before else blocked:
        if instant in window:
            instant = window.starts - timedelta(seconds=1) if before else window.ends
    return instant
