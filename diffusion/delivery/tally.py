"""The authority's own figures: published, lost, doubled, uncertain, late; by month and channel, rehearsals left out.

A delivery counts in the month of its planned time. All is counted by the database, in as many queries for a year as for
a day; `docs/guarantees.md` and the page say what is not counted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

from django.db.models import Case, Count, Exists, F, Func, IntegerField, OuterRef, Q, Value, When
from django.utils import timezone

from diffusion.delivery.models import Delivery, DeliveryQuerySet, Event, Receipt
from diffusion.delivery.sighting import Sighting
from diffusion.delivery.states import State
from diffusion.directory.models import Authority

MONTHS = 12
NEVER_AFTER = timedelta(days=1)
"""What has not gone out so long after its time counts as lost: until then it is late, or may be sent again."""
MEDIAN, P95 = 0.5, 0.95
Key = tuple[date, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One channel's month. `late_median_s` and `late_p95_s` are seconds from the planned time to the channel's proof."""

    month: date
    channel: str
    published: int = 0
    lost: int = 0
    doubled: int = 0
    uncertain: int = 0
    seen_right: int = 0
    seen_otherwise: int = 0
    late_median_s: int | None = None
    late_p95_s: int | None = None


COUNTED = tuple(field.name for field in fields(Row))[2:8]


def tally(now: datetime | None = None) -> list[Row]:
    """The last MONTHS months, newest first, channels by name; a month in which nothing was planned has no row."""
    now = now or timezone.now()
    months = _months(now.astimezone(Authority.get().zone))
    rows = Delivery.objects.real().filter(planned_at__gte=months[0], planned_at__lte=now).order_by()
    told = Exists(_sightings(told_at__isnull=False))
    counted = {
        "published": rows.filter(state__in=[State.PUBLISHED, State.WITHDRAWN]),
        "lost": rows.filter(_is_lost(now)),
        "doubled": rows.filter(is_doubled()),
        "uncertain": rows.filter(_is_left_to_a_person()),
        "seen_right": rows.filter(Exists(_sightings(verdict=Sighting.Verdict.RIGHT)), ~told),
        "seen_otherwise": rows.filter(told),
    }
    made: dict[Key, dict[str, Any]] = defaultdict(dict)
    for name, which in counted.items():
        by = which.annotate(month=_month("planned_at", months)).values_list("month", "account__channel")
        for month, channel, count in by.annotate(Count("pk")):
            made[months[month].date(), channel][name] = count
    for (month, channel), waits in _waits(rows, months).items():
        made[months[month].date(), channel].update(late_median_s=at_rank(waits, MEDIAN), late_p95_s=at_rank(waits, P95))
    keys = sorted(made, key=lambda key: (-key[0].toordinal(), key[1]))
    return [Row(*key, **made[key]) for key in keys]


def _months(here: datetime) -> list[datetime]:
    """When each of the last MONTHS months begins where the town is, oldest first."""
    first = here.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    numbers = [first.year * 12 + first.month - 1 - back for back in range(MONTHS - 1, -1, -1)]
    return [first.replace(year=number // 12, month=number % 12 + 1) for number in numbers]


def _month(column: str, months: list[datetime]) -> Case:
    """A row's place in `months`, by comparing alone: truncating calls Python for each row on SQLite."""
    rising = [When(**{f"{column}__gte": begins}, then=Value(at)) for at, begins in enumerate(months)]
    return Case(*reversed(rising), output_field=IntegerField())


def _is_lost(now: datetime) -> Q:
    """Given up after a refusal, or a day after its time refused still, or not out."""
    given_up = Event.objects.filter(delivery=OuterRef("pk"), was=State.REFUSED, now=State.CANCELLED)
    stays = [State.REFUSED, State.PLANNED, State.CLAIMED, State.SENDING, State.HELD]
    return Q(state__in=stays, planned_at__lt=now - NEVER_AFTER) | Q(Exists(given_up), state=State.CANCELLED)


def is_doubled() -> Q:
    """A worker's late receipt is for another post than the one that an earlier receipt of the channel's proves."""
    proved = [Receipt.Proof.PUBLISHED, Receipt.Proof.FOUND, Receipt.Proof.LATE]
    first = Receipt.objects.filter(delivery=OuterRef("delivery"), proof__in=proved, pk__lt=OuterRef("pk"))
    late = Receipt.objects.filter(delivery=OuterRef("pk"), proof=Receipt.Proof.LATE)
    return Q(Exists(late.filter(Exists(first.exclude(remote_id=OuterRef("remote_id"))))))


def _is_left_to_a_person() -> Q:
    settled = Event.objects.filter(delivery=OuterRef("pk"), was=State.UNCERTAIN, by__isnull=False)
    return Q(state=State.UNCERTAIN, look_at=None) | Q(Exists(settled))


def _sightings(**how: Any) -> Any:
    return Sighting.objects.filter(delivery=OuterRef("pk"), **how)


class _Seconds(Func):
    """Whole seconds from the second instant to the first, counted by the database itself."""

    output_field = IntegerField()
    template = "CAST(ROUND(EXTRACT(EPOCH FROM %(expressions)s)) AS INTEGER)"
    arg_joiner = " - "

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Its instants are texts."""
        template = "CAST(ROUND((julianday(%(expressions)s)) * 86400) AS INTEGER)"
        return super().as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **context)


def _waits(rows: DeliveryQuerySet, months: list[datetime]) -> dict[tuple[int, str], list[tuple[int, int]]]:
    """(month, channel) → how many waited how many seconds, the shortest first."""
    out = Event.objects.filter(now=State.PUBLISHED, delivery__in=rows.values("pk")).order_by()
    late = _Seconds(F("at"), F("delivery__planned_at"))
    each = out.annotate(month=_month("delivery__planned_at", months), late=late)
    found = defaultdict(list)
    by = each.values_list("month", "delivery__account__channel", "late")
    for month, channel, seconds, count in by.annotate(Count("pk")).order_by("late"):
        found[month, channel].append((max(0, seconds), count))
    return found


def at_rank(waits: list[tuple[int, int]], share: float) -> int:
    """The nearest rank's: of n, the ⌈n × share⌉th."""
    left = ceil(sum(count for _seconds, count in waits) * share)
    for seconds, count in waits:
        left -= count
        if left <= 0:
            return seconds
    raise ValueError("nobody waited")
