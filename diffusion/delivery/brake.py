"""The runaway brake: more in an hour than a town says, or the same words twice in a day, and a person is asked first.

What it stops was approved, each piece by itself. What nobody approved is the heap: a feed that repeats itself, an import
by mistake, the same announcement made by two directorates.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, F, Q
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


def asks(delivery: Delivery, authority: Authority) -> str:
    """Why a person must say yes once more: `too_many`, `said_already`, or nothing. An alert never waits for it."""
    most, is_letter = authority.hourly_posts, delivery.account.channel_class.kind is Kind.NEWSLETTER
    if delivery.is_vouched or delivery.message.is_urgent or not most:
        return ""
    if is_letter and hasattr(delivery, "edition"):  # one that has begun goes on
        return ""
    # what went to this account, or may have. A letter has its intents in its ledger: its edition says since when
    since = "edition__made_at__gte" if is_letter else "intent_at__gte"
    others = Delivery.objects.filter(account=delivery.account_id, **{since: Now() - DAY}).exclude(pk=delivery.pk)
    same = Q(revision__title=delivery.revision.title, revision__body=delivery.revision.body)
    out = (others if is_letter else others.filter(state__in=OUT)).aggregate(
        same=Count("pk", filter=same & ~Q(message=delivery.message_id)),
        lately=Count("pk", filter=Q(**{since: Now() - HOUR})),
    )
    if out["same"]:
        return "said_already"
    return "too_many" if out["lately"] >= most else ""


@verb
def vouch(deliveries: DeliveryQuerySet, *, by: Person | None) -> int:
    """A person says yes to what the brake stopped: it goes, at once if its time has come. Returns how many.

    Raises NotNow when none waits for that.
    """
    waiting = deliveries.filter(stop=Stop.BRAKE, state__in=[State.PLANNED, State.HELD])
    rows = list(waiting.order_by("pk").select_for_update(of=("self",)))
    if not rows:
        raise NotNow("not_braked")
    chosen = Delivery.objects.filter(pk__in=[row.pk for row in rows])
    chosen.filter(state=State.PLANNED).update(stop="", is_vouched=True, due_at=Greatest(F("planned_at"), Now()))
    chosen.filter(state=State.HELD).update(stop="", is_vouched=True)
    for row in rows:
        record(by, "vouch", row)
    wake(*{row.lane for row in rows})
    return len(rows)
