"""Whether sending goes on: something is due, nobody carries it, and nobody stopped it. Told once, by whoever notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.db.models.functions import Now

from diffusion.audit import Entry, record
from diffusion.delivery.holding import Hold
from diffusion.delivery.models import Delivery, Event, Lane
from diffusion.delivery.states import State
from diffusion.directory import notify
from diffusion.directory.models import Authority
from diffusion.verbs import verb

OVERDUE = timedelta(minutes=2)
"""How long something may be due in a lane in which nothing moves."""
STOPPED, AGAIN = "sending_stopped", "sending_again"


@dataclass(frozen=True, slots=True)
class Stalled:
    """A lane in which `count` deliveries are overdue, the oldest since `since`, and nothing moves."""

    lane: str
    count: int
    since: datetime

    @property
    def word(self) -> str:
        return str(Lane(self.lane).label)


def stalled() -> list[Stalled]:
    """The lanes that stand still. A queue that is long but moves is none; nor is anything during a hold, nor a paused lane."""
    if Hold.current():
        return []
    moved = Event.objects.filter(at__gte=Now() - OVERDUE, now__in=[State.CLAIMED, State.SENDING, State.PUBLISHED])
    at_work = Delivery.objects.exclude(lease="").filter(lease_until__gte=Now())
    overdue = Delivery.objects.filter(state=State.PLANNED, due_at__lt=Now() - OVERDUE).exclude(
        lane__in=list(Hold.objects.lanes())
    )
    standing = overdue.exclude(lane__in=moved.values("delivery__lane")).exclude(lane__in=at_work.values("lane"))
    rows = standing.order_by().values_list("lane").annotate(Count("pk"), Min("due_at")).order_by("lane")
    return [Stalled(*row) for row in rows]


@verb
def tell_if_stalled() -> list[Stalled]:
    """Tell ops, once, that sending has stopped; note when it goes on. Returns what stands still."""
    authority = Authority.objects.select_for_update().get(pk=1)  # of several clocks one tells
    found = stalled()
    last = Entry.objects.filter(verb__in=[STOPPED, AGAIN]).first()
    is_told = last is not None and last.verb == STOPPED
    if found and not is_told:
        record(None, STOPPED, authority, lanes=[row.lane for row in found], count=sum(row.count for row in found))
        notify.tell_operators(STOPPED, lanes=found)
    elif is_told and not found:
        record(None, AGAIN, authority)
    return found
