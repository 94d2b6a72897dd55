"""The authority's own figures: published, lost, doubled, uncertain, late; by month and channel, rehearsals left out.

A delivery counts in the month of its planned time. All is counted by the database, in as many queries for a year as for
a day; `docs/guarantees.md` and the page say what is not counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Window
from django.db.models.functions import Cast, Ceil, RowNumber, TruncMonth
from django.utils import timezone

from diffusion.delivery.models import Delivery, DeliveryQuerySet, Event, Receipt
from diffusion.delivery.sighting import Sighting
from diffusion.delivery.states import State
from diffusion.directory.models import Authority

MONTHS = 12
NEVER_AFTER = timedelta(days=1)
"""What has not gone out so long after its time counts as lost: until then it is late."""
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
    rows = _in_months(Delivery.objects.real(), now)
    counts = {
        "published": _count(rows.filter(state__in=[State.PUBLISHED, State.WITHDRAWN])),
        "lost": _count(rows.filter(_is_lost(now))),
        "doubled": _count(rows.filter(Exists(_second_receipts()))),
        "uncertain": _count(rows.filter(_is_left_to_a_person())),
        "seen_right": _count(rows.filter(_seen(verdict=Sighting.Verdict.RIGHT), ~_seen(told_at__isnull=False))),
        "seen_otherwise": _count(rows.filter(_seen(told_at__isnull=False))),
        **_lateness(rows),
    }
    made: dict[Key, dict[str, int]] = defaultdict(dict)
    for name, found in counts.items():
        for key, figure in found.items():
            made[key][name] = figure
    keys = sorted(made, key=lambda key: (-key[0].toordinal(), key[1]))
    return [Row(*key, **made[key]) for key in keys]


def _in_months(rows: DeliveryQuerySet, now: datetime) -> Any:
    zone = Authority.get().zone
    here = now.astimezone(zone)
    first = here.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    first = first.replace(year=first.year - 1 + first.month // 12, month=first.month % 12 + 1)
    month = TruncMonth("planned_at", tzinfo=zone)
    return rows.filter(planned_at__gte=first, planned_at__lte=now).order_by().annotate(month=month)


def _count(rows: Any) -> dict[Key, int]:
    found = (
        rows.values("month", "account__channel").annotate(n=Count("pk")).values_list("month", "account__channel", "n")
    )
    return {(month.date(), channel): n for month, channel, n in found}


def _is_lost(now: datetime) -> Q:
    """Refused and left so, given up after a refusal, or still not out a day after its time."""
    refused = Event.objects.filter(delivery=OuterRef("pk"), was=State.REFUSED, now=State.CANCELLED)
    never = Q(state__in=[State.PLANNED, State.CLAIMED, State.SENDING, State.HELD], planned_at__lt=now - NEVER_AFTER)
    return Q(state=State.REFUSED) | never | Q(Exists(refused), state=State.CANCELLED)


def _second_receipts() -> Any:
    """A worker's late receipt for another post than the one that an earlier receipt of the channel's proves."""
    proved = [Receipt.Proof.PUBLISHED, Receipt.Proof.FOUND, Receipt.Proof.LATE]
    first = Receipt.objects.filter(delivery=OuterRef("delivery"), proof__in=proved, pk__lt=OuterRef("pk"))
    late = Receipt.objects.filter(delivery=OuterRef("pk"), proof=Receipt.Proof.LATE)
    return late.filter(Exists(first.exclude(remote_id=OuterRef("remote_id"))))


def _is_left_to_a_person() -> Q:
    settled = Event.objects.filter(delivery=OuterRef("pk"), was=State.UNCERTAIN, by__isnull=False)
    return Q(state=State.UNCERTAIN, look_at=None) | Q(Exists(settled))


def _seen(**how: Any) -> Exists:
    return Exists(Sighting.objects.filter(delivery=OuterRef("pk"), **how))


def _lateness(rows: Any) -> dict[str, dict[Key, int]]:
    """The nearest rank's, by window functions, which both databases have: of n, the ⌈n × share⌉th."""
    out = Event.objects.filter(now=State.PUBLISHED, delivery__in=rows.values("pk")).order_by()
    each = out.annotate(
        month=TruncMonth("delivery__planned_at", tzinfo=Authority.get().zone),
        channel=F("delivery__account__channel"),
        late=F("at") - F("delivery__planned_at"),
    )
    part = [F("month"), F("channel")]
    ranked = each.annotate(
        rank=Window(RowNumber(), partition_by=part, order_by=F("late").asc()),
        of=Window(Count("pk"), partition_by=part),
    )
    return {name: _at_rank(ranked, share) for name, share in (("late_median_s", MEDIAN), ("late_p95_s", P95))}


def _at_rank(ranked: Any, share: float) -> dict[Key, int]:
    wanted = Cast(Ceil(F("of") * share), IntegerField())
    found: Iterable[tuple[datetime, str, timedelta]] = ranked.filter(rank=wanted).values_list(
        "month", "channel", "late"
    )
    return {(month.date(), channel): max(0, round(late.total_seconds())) for month, channel, late in found}
