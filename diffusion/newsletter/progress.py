"""How far a letter is: its ledger counted, its pace lately, and when the rest will have left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from channels.contract import Kind
from diffusion.delivery.models import Delivery, DeliveryQuerySet
from diffusion.delivery.states import BEFORE_SENDING, State
from diffusion.message.models import Message
from diffusion.newsletter.models import Edition

LATELY = timedelta(minutes=5)
A_MOMENT = timedelta(seconds=10)
"""A pace that was measured for less is none."""
MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Progress:
    """`sent` of `total` mails are out, `ahead` are still to go; `rate` is how many went out a minute lately."""

    edition: Edition
    total: int
    sent: int
    ahead: int
    rate: float

    @property
    def is_written(self) -> bool:
        """Whether each recipient has a line: before that `total` grows, and nothing is sent."""
        return self.edition.written_at is not None

    @property
    def percent(self) -> int:
        return 100 * (self.total - self.ahead) // self.total if self.total and self.is_written else 0

    @property
    def drain_s(self) -> float | None:
        """Seconds until the last mail has left at the present pace; None where none is to go, or nothing tells."""
        return self.ahead / self.rate * MINUTE_S if self.ahead and self.rate and self.is_written else None


def under_way(deliveries: DeliveryQuerySet) -> list[Progress]:
    """Letters among these that began and have mails to go, the oldest first. One query."""
    return told(deliveries.filter(state__in=[*BEFORE_SENDING, State.SENDING]))


def of_message(message: Message, deliveries: Iterable[Delivery]) -> dict[int, Progress]:
    """A letter's delivery → how far it is, while it is on its way. Asks nothing of a message without a letter."""
    if not any(delivery.account.channel_class.kind is Kind.NEWSLETTER for delivery in deliveries):
        return {}
    return {letter.edition.delivery_id: letter for letter in under_way(Delivery.objects.filter(message=message))}


def told(deliveries: DeliveryQuerySet, now: datetime | None = None) -> list[Progress]:
    """The letters among these that began, also those that are out."""
    now = now or timezone.now()
    lines = {
        "total": Count("lines"), "sent": Count("lines", Q(lines__state=State.PUBLISHED)),
        "ahead": Count("lines", Q(lines__state__in=[State.PLANNED, State.SENDING])),
        "lately": Count("lines", Q(lines__sent_at__gt=now - LATELY)),
    }  # fmt: skip
    begun = Edition.objects.filter(delivery__in=deliveries.order_by()).annotate(**lines)
    rows = begun.select_related("list", "delivery__account", "delivery__message__revision").order_by("made_at", "pk")
    return [_progress(row, now, **{name: vars(row)[name] for name in lines}) for row in rows]


def _progress(edition: Edition, now: datetime, *, total: int, sent: int, ahead: int, lately: int) -> Progress:
    measured = min(LATELY, now - (edition.written_at or now))
    rate = lately / (measured / timedelta(minutes=1)) if measured >= A_MOMENT else 0.0
    return Progress(edition, total, sent, ahead, rate)
