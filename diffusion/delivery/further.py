"""One more delivery to an account that had one of this message: an erratum, or what is published anew."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from diffusion.delivery.holding import Hold
from diffusion.delivery.models import Delivery
from diffusion.delivery.plan import lane_of
from diffusion.delivery.states import State
from diffusion.rendition.models import Version
from diffusion.wake import wake


def go_now(
    like: Version | Delivery, *, mark: str, body: dict[str, Any], is_vouched: bool = False, stop: str = ""
) -> Delivery:
    """Send `body` where `like` went, at once and without a lead, unless a hold is over it. Needs a transaction.

    `mark` begins its occurrence, which is counted on, so that each further one is its own. `stop` says what it waits for.
    """
    message, account, now = like.revision.message, like.account, timezone.now()
    number = message.deliveries.filter(account=account, occurrence__startswith=mark).count() + 1
    wake(lane := lane_of(message, account))
    return Delivery.objects.create(
        message=message, revision=like.revision, account=account, level=account.level, lane=lane,
        occurrence=f"{mark}{number}", state=State.HELD if Hold.objects.over(message, account, lane).exists() else State.PLANNED,
        body={**body, "at": now.isoformat()}, digest=like.digest, planned_at=now, due_at=None if stop else now, stop=stop,
        is_vouched=is_vouched, read_on=like.read_on, useless_after=message.useless_after,
    )  # fmt: skip
