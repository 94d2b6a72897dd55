"""What ops see at a glance: each lane's queue, its oldest row, its last hour; and one sentence for all.

What goes to rehearsals is counted apart: it is neither late nor done for anybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.utils import timezone

from diffusion.delivery.holding import Hold
from diffusion.delivery.models import Amendment, Delivery, DeliveryQuerySet, Event, Lane
from diffusion.delivery.states import State
from diffusion.intake.models import Source

SLICES = 15
HOUR = timedelta(hours=1)
LATELY = 3
"""The newest slices, from which the rate is told: an hour ago says little about a queue that began to move just now."""
LATELY_MIN = LATELY * HOUR / SLICES / timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LaneFigures:
    """`oldest_s` is how long the oldest row has been due, in seconds; `path` draws the last hour, 150 × 26.

    `queued_apart` and `done_apart` are the same of rehearsals. `rate` is how many went out a minute lately,
    `workers` how many processes serve it. `hold` is over this lane alone, and keeps `kept` deliveries back.
    """

    name: str
    label: str
    queued: int
    oldest_s: float | None
    done: int
    path: str
    queued_apart: int = 0
    done_apart: int = 0
    rate: float = 0.0
    workers: int = 0
    hold: Hold | None = None
    kept: int = 0

    @property
    def drain_s(self) -> float | None:
        """Seconds until the queue is empty at the present rate; None where nothing waits, or nothing moves to tell by."""
        return self.queued / self.rate * 60 if self.queued and self.rate else None


def lanes(now: datetime | None = None, served: Mapping[str, int] | None = None) -> list[LaneFigures]:
    now = now or timezone.now()
    real, apart = Delivery.objects.real(), Delivery.objects.rehearsed()
    queued, done = _queued(now, real) | _pulls_due(now), _done(now, real, _pulled(now))
    queued_apart, done_apart = _queued(now, apart), _done(now, apart)
    paused, made = Hold.objects.lanes(), []
    held = _held(real) if paused else {}
    for lane in (Lane.URGENT, Lane.SOCIAL, Lane.INTRANET, Lane.MAIL, Lane.INTAKE):
        count, since = queued.get(lane, (0, None))
        oldest = (now - since).total_seconds() if since else None
        beside = (queued_apart.get(lane, (0, None))[0], sum(done_apart[lane]), sum(done[lane][-LATELY:]) / LATELY_MIN)
        row = LaneFigures(lane, str(lane.label), count, oldest, sum(done[lane]), _path(done[lane]), *beside)
        kept = {"hold": paused[lane], "kept": held.get(lane, 0)} if lane in paused else {}
        made.append(replace(row, workers=(served or {}).get(lane, 0), **kept))
    return made


def slowest(rows: list[LaneFigures]) -> LaneFigures | None:
    """The lane whose oldest row has waited longest; None when nothing waits. One that a person paused waits for them."""
    waiting = [row for row in rows if row.oldest_s is not None and not row.hold]
    return max(waiting, key=lambda row: row.oldest_s or 0, default=None)


def _held(rows: DeliveryQuerySet) -> dict[str, int]:
    return dict(rows.filter(state=State.HELD).order_by().values_list("lane").annotate(Count("pk")))


def _queued(now: datetime, rows: DeliveryQuerySet) -> dict[str, tuple[int, datetime | None]]:
    """Lane → how many of these, and of their amendments, are due, and since when the oldest is."""
    due = {"n": Count("pk"), "since": Min("due_at")}
    found: dict[str, tuple[int, datetime | None]] = {}
    for waiting in (
        rows.filter(state__in=[State.PLANNED, State.CLAIMED], due_at__lte=now),
        Amendment.objects.filter(done_at=None, due_at__lte=now, delivery__in=rows),
    ):
        for lane, count, since in waiting.order_by().values_list("lane").annotate(**due):
            before, first = found.get(lane, (0, None))
            found[lane] = (before + count, min(filter(None, (first, since)), default=None))
    return found


def _pulls_due(now: datetime) -> dict[str, tuple[int, datetime | None]]:
    """The same of sources: the lane of what comes in."""
    sources = Source.objects.filter(next_pull_at__lte=now).aggregate(n=Count("pk"), since=Min("next_pull_at"))
    return {Lane.INTAKE: (sources["n"], sources["since"])}


def _pulled(now: datetime) -> list[tuple[str, datetime]]:
    pulled = Source.objects.filter(pulled_at__gt=now - HOUR).values_list("pulled_at", flat=True)
    return [(Lane.INTAKE, at) for at in pulled if at]


def _done(now: datetime, rows: DeliveryQuerySet, more: Iterable[tuple[str, datetime]] = ()) -> dict[str, list[int]]:
    """Lane → which of these went out, and how much `more` was done, in each slice of the last hour."""
    out = Event.objects.filter(now=State.PUBLISHED, at__gt=now - HOUR, delivery__in=rows)
    counts = Counter((lane, _slice(at, now)) for lane, at in [*out.values_list("delivery__lane", "at"), *more])
    return {lane: [counts[lane, number] for number in range(SLICES)] for lane in Lane.values}


def _slice(at: datetime, now: datetime) -> int:
    return min(SLICES - 1, int((at - (now - HOUR)) / (HOUR / SLICES)))


def _path(counts: list[int]) -> str:
    most = max(*counts, 1)
    points = [f"{150 * at / (SLICES - 1):.0f} {25 - 23 * count / most:.1f}" for at, count in enumerate(counts)]
    return "M" + "L".join(points)
