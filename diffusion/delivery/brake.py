"""The runaway brake: more in an hour than a town says, or the same words twice in a day, and a person is asked first.

What it stops was approved, each piece by itself. What nobody approved is the heap: a feed that repeats itself, an import
by mistake, the same announcement made by two directorates.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def lets(delivery: Delivery, most: int) -> bool:
    """Whether it doesn't look at this one: a person vouched for it, an alert never waits, the authority wants no brake."""
    return delivery.is_vouched or delivery.message.is_urgent or not most


def asks(delivery: Delivery, authority: Authority) -> str:
    """Why a person must say yes once more: `too_many`, `said_already`, or nothing."""
    return asks_all({delivery: authority.hourly_posts}).get(delivery.pk, "")


def asks_all(most: Mapping[Delivery, int]) -> dict[int, str]:
    """The same of several posts, or of one letter: key → why. `most` is how many an hour their account may have."""
    looked_at = [delivery for delivery, number in most.items() if not lets(delivery, number)]
    is_letter = any(delivery.account.channel_class.kind is Kind.NEWSLETTER for delivery in looked_at)
    if not looked_at or (
        is_letter and any(hasattr(delivery, "edition") for delivery in looked_at)
    ):  # begun: it goes on
        return {}
    # what went to their accounts, or may have. A letter has its intents in its ledger: its edition says since when
    since = "edition__made_at__gte" if is_letter else "intent_at__gte"
    out = Q() if is_letter else Q(state__in=OUT)
    others = Delivery.objects.filter(out, account__in={delivery.account_id for delivery in looked_at}).order_by()
    others = others.exclude(pk__in=[delivery.pk for delivery in looked_at])
    titles = {delivery.revision.title for delivery in looked_at}
    alike = others.filter(revision__title__in=titles, **{since: Now() - DAY})
    said = set(alike.values_list("account", "revision__title", "revision__body", "message"))
    lately = dict(others.filter(**{since: Now() - HOUR}).values_list("account").annotate(count=Count("pk")))
    answers = {}
    for delivery in looked_at:
        account, title, message = delivery.account_id, delivery.revision.title, delivery.message_id
        others_said = [row for row in said if row[:2] == (account, title) and row[3] != message]
        if others_said and delivery.revision.body in {row[2] for row in others_said}:
            answers[delivery.pk] = "said_already"
        elif lately.get(account, 0) >= most[delivery]:
            answers[delivery.pk] = "too_many"
    return answers


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
