"""Whether something of a message is on its way right now: then its page keeps itself up to date, and stops by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from diffusion.approval.models import Approval, Decision
from diffusion.brand.models import Level
from diffusion.delivery.models import Delivery, Stop
from diffusion.delivery.states import BEFORE_SENDING, State
from diffusion.ids import digest
from diffusion.newsletter.progress import Progress
from diffusion.web.spelling import ngettext

SOON = timedelta(minutes=1)
"""What is due within this time is on its way for whoever watches."""
OUT = frozenset({State.PUBLISHED, State.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Pulse:
    """`seen` changes whenever what the page says does; after its first point, with how far letters are.

    `apart` is how many rehearse, which the others don't count.
    """

    out: int
    of: int
    apart: int
    is_beating: bool
    seen: str

    @property
    def said(self) -> str:
        return ngettext("{n} diffusion sortie sur {all}.", "{n} diffusions sorties sur {all}.", self.out).format(
            n=self.out, all=self.of
        )

    def is_only_further(self, seen: str) -> bool:
        """Whether since then letters went on and nothing else did: no reason to speak up every few seconds."""
        return self.seen.partition(".")[0] == seen.partition(".")[0]


def pulse(deliveries: Sequence[Delivery], approval: Approval | None, letters: Iterable[Progress] = ()) -> Pulse:
    """Of the deliveries that count, the last question about the present words, and how far letters are."""
    now = timezone.now()
    amendments = [amendment for delivery in deliveries for amendment in delivery.amendments.all()]
    is_beating = (
        any(_is_moving(delivery, now) for delivery in deliveries)
        or any(_is_soon(amendment.due_at, now) and not amendment.done_at for amendment in amendments)
        or _is_opening(deliveries)
        or (not deliveries and _was_just_approved(approval, now))
    )
    told = [
        *((d.pk, d.state, d.shown_state, d.stop, d.code, d.receipt_id, d.planned_at) for d in deliveries),
        *((a.pk, a.done_at, a.due_at is None, a.code) for a in amendments),
        (approval.pk, approval.decision, approval.deputy_id) if approval else None,
    ]
    real = [delivery for delivery in deliveries if not delivery.account.is_rehearsal]
    out, apart = sum(delivery.state in OUT for delivery in real), len(deliveries) - len(real)
    seen = ".".join(
        [digest(repr((told, is_beating)))[:16], *(f"{letter.total}-{letter.percent}" for letter in letters)]
    )
    return Pulse(out, len(real), apart, is_beating, seen)


def _is_moving(delivery: Delivery, now: datetime) -> bool:
    if delivery.state in (State.CLAIMED, State.SENDING):
        return True
    if delivery.state == State.UNCERTAIN:
        return delivery.look_at is not None
    return delivery.state == State.PLANNED and _is_soon(delivery.due_at, now)


def _is_soon(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now + SOON


def _is_opening(deliveries: Sequence[Delivery]) -> bool:
    """The internal ones are out, and the gate before the others is about to open."""
    inside = [delivery for delivery in deliveries if delivery.level == Level.INTERNAL]
    waits = any(delivery.stop == Stop.GATE for delivery in deliveries)
    return waits and not any(delivery.state in (*BEFORE_SENDING, State.UNCERTAIN, State.REFUSED) for delivery in inside)


def _was_just_approved(approval: Approval | None, now: datetime) -> bool:
    """It is planned by itself in a moment."""
    if approval is None or approval.decision != Decision.APPROVED or approval.decided_at is None:
        return False
    return approval.decided_at > now - SOON
