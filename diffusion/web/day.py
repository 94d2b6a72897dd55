"""The desk's line of the day: today's deliveries by hour and level, and when nothing goes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from diffusion import access
from diffusion.brand.models import Level
from diffusion.delivery.models import Delivery
from diffusion.delivery.states import BEFORE_SENDING, NEEDS_A_PERSON, State
from diffusion.directory.models import Person
from diffusion.schedule.models import Blackout

FIRST, LAST = 7, 20
"""Hours shown at least; the line grows when something goes out earlier or later."""
NEAR = 0.75
"""Hours within which marks of a level are told as one: their words would stand over each other."""
WIDEST = 3.2
LEVELS = list(Level)


@dataclass(slots=True)
class Mark:
    """What a level says at one hour. `more` others stand with it; `width` is the room until the next, in hours."""

    row: Delivery
    at: float
    lane: int
    more: int = 0
    room: float = WIDEST

    @property
    def hour(self) -> str:
        """With a point, as CSS reads it."""
        return f"{self.at:.2f}"

    @property
    def width(self) -> str:
        return f"{self.room:.2f}"


def day(person: Person) -> dict[str, Any]:
    """What the desk's head and its line show."""
    now = timezone.localtime()
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    end = start + timedelta(days=1)
    today = access.deliveries(person).filter(planned_at__gte=start, planned_at__lt=end)
    rows = list(today.exclude(state__in=[State.CANCELLED, State.SUPERSEDED]).order_by("planned_at", "pk"))
    real = [row for row in rows if not row.account.is_rehearsal]
    hours = [*(_hour(timezone.localtime(row.planned_at)) for row in rows), _hour(now)]
    first, last = min(FIRST, int(min(hours))), max(LAST, int(max(hours)) + 1)
    return {
        "now": now,
        "now_at": f"{_hour(now):.2f}",
        "first": first,
        "last": f"{last + 0.6:.1f}",
        "hours": range(first, last + 1),
        "marks": _marks(rows, last + 0.6),
        "hushes": [_hush(b, start, end) for b in Blackout.objects.filter(starts_at__lt=end, ends_at__gt=start)],
        "all": len(real),
        "apart": len(rows) - len(real),
        "published": sum(row.state == State.PUBLISHED for row in real),
        "ahead": sum(row.state in BEFORE_SENDING for row in real),
        "uncertain": sum(row.state == State.UNCERTAIN and not row.look_at for row in rows),
    }


def _hour(at: datetime) -> float:
    return at.hour + at.minute / 60


def _marks(rows: Iterable[Delivery], end: float) -> list[Mark]:
    """One mark a message, level and time, those that are near told together: the one that needs a person is shown."""
    seen: set[tuple[Any, ...]] = set()
    lanes: dict[int, list[Mark]] = {}
    for row in rows:
        key = (row.message_id, row.level)
        lane, at = LEVELS.index(Level(row.level)) + 1, _hour(timezone.localtime(row.planned_at))
        marks = lanes.setdefault(lane, [])
        if not marks or at - marks[-1].at > NEAR:
            marks.append(Mark(row, at, lane))
        elif key not in seen:
            marks[-1].more += 1
        if row.state in NEEDS_A_PERSON and marks[-1].row.state not in NEEDS_A_PERSON:
            marks[-1].row = row
        seen.add(key)
    for marks in lanes.values():
        for mark, after in zip(marks, [m.at for m in marks[1:]] + [end], strict=True):
            mark.room = min(WIDEST, after - mark.at)
    return sorted((mark for marks in lanes.values() for mark in marks), key=lambda mark: (mark.at, mark.lane))


def _hush(blackout: Blackout, start: datetime, end: datetime) -> dict[str, Any]:
    first = timezone.localtime(max(blackout.starts_at, start))
    last = timezone.localtime(min(blackout.ends_at, end - timedelta(seconds=1)))
    width = max(_hour(last) - _hour(first), 0.5)
    return {
        "reason": blackout.reason,
        "hour": f"{_hour(first):.2f}",
        "width": f"{width:.2f}",
        "from": first,
        "to": last,
    }
