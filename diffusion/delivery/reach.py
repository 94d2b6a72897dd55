"""Whether a delivery may still reach those for whom it was approved: a directorate's reach may be narrowed after planning."""

from __future__ import annotations

from collections import Counter

from channels.outcomes import Refused
from diffusion.audit import record
from diffusion.brand.models import Level
from diffusion.delivery.models import NO_LEASE, Delivery, DeliveryQuerySet
from diffusion.delivery.states import BEFORE_SENDING, State, move
from diffusion.directory import notify
from diffusion.message.models import Message
from diffusion.verbs import verb

CODE = "internal_only_now"


def check(delivery: Delivery) -> None:
    """Right before anything leaves. Raises Refused when its directorate speaks to agents only by now."""
    if delivery.level != Level.INTERNAL and delivery.message.directorate.is_internal_only:
        raise Refused(CODE)


@verb
def stop() -> int:
    """Cancel what would still go outside for a directorate that speaks to agents only, and tell who wrote it.

    Returns how many. What is being sent, or in doubt, ends first: should it come back, it is stopped then.
    """
    rows = _outside().filter(state__in=[*BEFORE_SENDING, State.REFUSED])
    messages = Counter(rows.values_list("message_id", flat=True))
    if not messages:
        return 0
    stopped = move(rows, State.CANCELLED, why=CODE, code=CODE, stop="", **NO_LEASE)
    for message in Message.objects.filter(pk__in=messages).select_related("revision", "made_by"):
        record(None, "stop_outside", message, deliveries=messages[message.pk])
        first = message.deliveries.filter(state=State.CANCELLED, code=CODE).first()
        notify.tell_ops(message, "delivery_needs_you", code=CODE, delivery=first.public_id if first else "")
    return stopped


def _outside() -> DeliveryQuerySet:
    narrowed = Delivery.objects.filter(message__directorate__is_internal_only=True)
    return narrowed.exclude(level=Level.INTERNAL)
