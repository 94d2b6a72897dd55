"""A letter whose words change while it is half sent: it stops at once, and who got the first mails is told better.

One act plans all that follows: an erratum for those who got the wrong words, or may have, and, unless the rest is to
stay, the corrected letter for those whom it had not reached. Both wait until no mail of the first is on its way.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from diffusion.audit import record
from diffusion.delivery.amend import approved_now
from diffusion.delivery.erratum import plan_erratum
from diffusion.delivery.further import go_now
from diffusion.delivery.models import NO_LEASE, Delivery, DeliveryQuerySet, Stop
from diffusion.delivery.plan import let_go
from diffusion.delivery.states import BEFORE_SENDING, State, lock, move_one
from diffusion.directory.models import Person
from diffusion.message.models import Message
from diffusion.newsletter.lists import REST
from diffusion.newsletter.models import CORRECTED, Edition
from diffusion.newsletter.progress import Progress, told
from diffusion.rendition.models import Version
from diffusion.verbs import verb


class Way(StrEnum):
    """What becomes of the mails that have not left."""

    REST = "rest"  # they go with the corrected words
    STOP = "stop"  # they don't go
    FINISH = "finish"  # they go as they are


def half_sent(message: Message) -> list[Progress]:
    """Letters of it that began, have mails to go or in doubt, and say other words than the message's present ones."""
    return told(_under_way(message, {v.account_id: v for v in message.current.versions.all()}))


def _under_way(message: Message, versions: Mapping[int, Version]) -> DeliveryQuerySet:
    rows = message.deliveries.filter(state__in=[*BEFORE_SENDING, State.UNCERTAIN], edition__corrected_at=None)
    begun = rows.filter(edition__isnull=False, account__in=list(versions))
    return begun.exclude(digest__in=[version.digest for version in versions.values()]).select_related("account")


@verb
def correct_half_sent(message: Message, *, by: Person, how: Mapping[str, str] | None = None) -> list[Delivery]:
    """Stop those letters, and plan what follows each as `how` says by public id: a `Way`, the corrected rest unless told.

    One of which nothing has left yet gives way: `plan` puts the new words in its place. Returns what was planned.
    Raises NotNow: no approval of the present words.
    """
    approved, chosen = approved_now(message), dict(how or {})
    lock(message.deliveries.all())
    goes_on: dict[int, bool] = {}
    for delivery in _under_way(message, approved):
        way = chosen.get(delivery.public_id, Way.REST)
        stopped = None if way == Way.FINISH else _stop(delivery)
        if stopped is not None:
            goes_on[delivery.account_id] = goes_on.get(delivery.account_id, False) or bool(stopped and way != Way.STOP)
            record(by, "correct_letter", delivery, way=way, stopped=stopped)
    made = []
    for account, has_rest in goes_on.items():
        version = approved[account]
        made.append(plan_erratum(version, stop=Stop.LETTER))
        if has_rest:
            made.append(go_now(version, mark=REST, body=version.body, is_vouched=True, stop=Stop.LETTER))
    return made


def _stop(delivery: Delivery) -> int | None:
    """Take back what has not begun. Returns how many mails; None where none had left: then the whole letter gives way.

    A line's own state decides between us and its worker: it begins with each mail that still finds it planned.
    """
    issue = Edition.objects.get(delivery=delivery)
    stopped = issue.lines.filter(state=State.PLANNED).update(state=State.CANCELLED, code=CORRECTED)
    mine = Delivery.objects.filter(pk=delivery.pk)
    if not issue.lines.filter(state__in=[State.SENDING, State.UNCERTAIN, State.PUBLISHED]).exists():
        move_one(mine, State.SUPERSEDED, why="superseded", stop="", due_at=None, **NO_LEASE)
        return None
    Edition.objects.filter(pk=issue.pk).update(corrected_at=Now())
    mine.filter(state=State.PLANNED, stop="").update(due_at=Now())  # to be closed
    return stopped


@verb
def let_follow() -> int:
    """Let go what waited for the last mail of a letter that was corrected half-way. Returns how many."""
    waiting = Delivery.objects.filter(state__in=BEFORE_SENDING, stop=Stop.LETTER)
    first = Delivery.objects.filter(
        message=OuterRef("message"), account=OuterRef("account"), pk__lt=OuterRef("pk"),
        state__in=[*BEFORE_SENDING, State.SENDING],
    ).exclude(stop=Stop.LETTER)  # fmt: skip
    return let_go(waiting.filter(~Exists(first)))
