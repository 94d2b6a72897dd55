"""The runaway brake: more in an hour than a town says, or the same words twice in a day, and a person is asked first.

What it stops was approved, each piece by itself. What nobody approved is the heap: a feed that repeats itself, an import
by mistake, the same announcement made by two directorates.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Greatest, Now

from channels.contract import Kind
from diffusion.audit import record
from diffusion.delivery.models import Delivery, DeliveryQuerySet, Stop
from diffusion.delivery.states import State
from diffusion.directory.models import Authority, Person
from diffusion.errors import NotNow
from diffusion.verbs import verb
from diffusion.wake import wake

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OUT = (State.PUBLISHED, State.SENDING, State.UNCERTAIN)


def asks(delivery: Delivery) -> str:
    """Why a person must say yes once more: `too_many`, `said_already`, or nothing. An alert is never too many."""
    most = Authority.get().hourly_posts
    if delivery.is_vouched or not most or hasattr(delivery, "edition"):  # a letter that has begun goes on to its end
        return ""
    if _out_since(delivery, DAY).exclude(message=delivery.message_id).filter(
        revision__title=delivery.revision.title, revision__body=delivery.revision.body
    ).exists():  # fmt: skip
        return "said_already"
    too_many = not delivery.message.is_urgent and _out_since(delivery, HOUR).count() >= most
    return "too_many" if too_many else ""


def _out_since(delivery: Delivery, ago: timedelta) -> DeliveryQuerySet:
    """What went to this account, or may have. A letter has its intents in its ledger: its edition says since when."""
    others = Delivery.objects.filter(account=delivery.account_id).exclude(pk=delivery.pk)
    if delivery.account.channel_class.kind is Kind.NEWSLETTER:
        return others.filter(edition__made_at__gte=Now() - ago)
    return others.filter(state__in=OUT, intent_at__gte=Now() - ago)


@verb
def vouch(deliveries: DeliveryQuerySet, *, by: Person | None) -> int:
    """A person says yes to what the brake stopped: it goes, at once if its time has come. Returns how many.

    Raises NotNow when none waits for that.
    """
    rows = list(
        deliveries.filter(stop=Stop.BRAKE, state__in=[State.PLANNED, State.HELD]).select_for_update(of=("self",))
    )
    if not rows:
        raise NotNow("not_braked")
    chosen = Delivery.objects.filter(pk__in=[row.pk for row in rows])
    chosen.filter(state=State.PLANNED).update(stop="", is_vouched=True, due_at=Greatest(F("planned_at"), Now()))
    chosen.filter(state=State.HELD).update(stop="", is_vouched=True)
    for row in rows:
        record(by, "vouch", row)
    wake(*{row.lane for row in rows})
    return len(rows)
