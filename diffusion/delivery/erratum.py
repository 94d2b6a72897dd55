"""An erratum: the corrected words, sent after what can't be edited any more. A delivery of its own, with its own key."""

from __future__ import annotations

from django.utils import timezone

from channels.contract import Rendition
from diffusion.delivery.holding import Hold
from diffusion.delivery.models import Delivery
from diffusion.delivery.plan import lane_of
from diffusion.delivery.states import State
from diffusion.message.models import Message
from diffusion.rendition.erratum import as_erratum
from diffusion.rendition.models import Version
from diffusion.wake import wake

MARK = "erratum-"


def is_erratum(delivery: Delivery) -> bool:
    return delivery.occurrence.startswith(MARK)


def erratum_of(version: Version) -> Rendition:
    """What goes out: the version as it was approved. One that was composed before its letter left is opened now."""
    return version.rendition if version.report.get("erratum") else as_erratum(version.rendition)


def plan_erratum(message: Message, version: Version) -> Delivery:
    """Needs a transaction. The approved version goes out now, without a lead: who read the wrong words reads the right ones."""
    account, now = version.account, timezone.now()
    number = message.deliveries.filter(account=account, occurrence__startswith=MARK).count() + 1
    wake(lane := lane_of(message, account))
    return Delivery.objects.create(
        message=message, revision=version.revision, account=account, level=account.level, lane=lane,
        occurrence=f"{MARK}{number}", state=State.HELD if Hold.objects.over(message, account).exists() else State.PLANNED,
        body={**erratum_of(version).to_json(), "at": now.isoformat()}, digest=version.digest, planned_at=now, due_at=now,
        read_on=version.read_on, useless_after=message.useless_after,
    )  # fmt: skip
