"""After an outage: what becomes of each delivery of a window, shown first; after a restore: look before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import DateTimeField, Q, Value
from django.db.models.functions import Coalesce, Least, Now

from channels import registry
from channels.contract import Act, Code, Posted
from channels.outcomes import Outcome
from diffusion.accounts.connect import channel_of
from diffusion.accounts.models import Account
from diffusion.audit import Entry, record
from diffusion.delivery import plan, reconcile, unknown
from diffusion.delivery.claim import release
from diffusion.delivery.holding import Hold
from diffusion.delivery.models import ASKS, NO_LEASE, Amendment, Delivery, DeliveryQuerySet
from diffusion.delivery.states import BEFORE_SENDING, OPEN, State, move
from diffusion.delivery.unknown import RESTORED
from diffusion.directory.models import Authority, Mail, Person
from diffusion.errors import No
from diffusion.message.models import Message
from diffusion.verbs import verb

OUTAGES = frozenset({Code.UNREACHABLE, Code.BUSY, Code.RATE_LIMITED})
"""Codes of what was given up although nothing was wrong with it."""


class Fate(StrEnum):
    """What becomes of one delivery."""

    AGAIN = "again"  # given up, hence proved not to be out: it goes again
    LOOK = "look"  # in doubt: looked for first
    WAITS = "waits"  # by itself: due, at a gate, on a paused account, on its way
    HELD = "held"  # until the hold is lifted
    PERSON = "person"  # nobody but a person can tell, or wants to


UNSENT = (Fate.AGAIN, Fate.WAITS)
"""What is proved not to be out."""


@dataclass(frozen=True, slots=True)
class Step:
    delivery: Delivery
    fate: Fate


def steps(rows: DeliveryQuerySet, start: datetime, end: datetime) -> list[Step]:
    """The plan of a replay: each open delivery of the window, oldest first, with what would become of it."""
    found = rows.filter(planned_at__gte=start, planned_at__lte=end, state__in=OPEN)
    found = found.select_related("account", "message__revision").order_by("planned_at", "pk")
    return [Step(delivery, _fate(delivery)) for delivery in found]


def _fate(delivery: Delivery) -> Fate:
    if delivery.state == State.REFUSED:
        return Fate.AGAIN if delivery.code in OUTAGES else Fate.PERSON
    if delivery.state == State.UNCERTAIN:
        return Fate.LOOK if Act.FIND in delivery.account.channel_class.can else Fate.PERSON
    if delivery.state == State.HELD:
        return Fate.HELD
    return Fate.PERSON if delivery.stop in ASKS else Fate.WAITS


def replay(planned: list[Step], *, by: Person | None, overdue: str = "send", at: datetime | None = None) -> int:
    """Do what the plan says. What somebody settled meanwhile is left alone. Returns how many it did something for.

    What is in doubt is looked for. What is proved not to be out goes (`send`: what was given up again, the rest by
    itself), is cancelled (`drop`), or its messages are moved to `at` (`move`), as the public reads it.
    """
    count = sum(_did(reconcile.look_now, step.delivery, by=by) for step in planned if step.fate is Fate.LOOK)
    if overdue == "send":
        return count + sum(_did(plan.retry, step.delivery, by=by) for step in planned if step.fate is Fate.AGAIN)
    unsent = Delivery.objects.filter(pk__in=[step.delivery.pk for step in planned if step.fate in UNSENT])
    if overdue == "drop":
        return count + _did(plan.cancel, unsent, by=by)
    messages = dict.fromkeys(step.delivery.message_id for step in planned if step.fate in UNSENT)
    return count + sum(_did(_move, pk, unsent=unsent, by=by, at=at) for pk in messages)


def _did(act: Callable[..., Any], *subject: Any, **how: Any) -> int:
    """How many rows the act was done for: its own number, or the one; none, where somebody settled it meanwhile."""
    try:
        done = act(*subject, **how)
    except No:
        return 0
    return done if isinstance(done, int) else 1


@verb
def _move(pk: int, *, unsent: DeliveryQuerySet, by: Person | None, at: datetime | None) -> int:
    """A message, with what was given up of it: planned again and moved in one transaction, so that nothing goes between."""
    message = Message.objects.select_for_update(of=("self",)).get(pk=pk)
    move(unsent.filter(message=pk, state=State.REFUSED), State.PLANNED, why="replay", by=by, **plan.AGAIN)
    return plan.move_to(message, by=by, publish_at=at)


def after_restore() -> list[Step]:
    """The plan of a restore: what may have left since the backup is looked for, or a person says; the rest is held."""
    rows = Delivery.objects.filter(state__in=OPEN).select_related("account", "message__revision")
    doubtful = set(rows.filter(_may_have_left()).values_list("pk", flat=True))
    return [Step(row, _fate_restored(row, is_doubtful=row.pk in doubtful)) for row in rows.order_by("planned_at", "pk")]


def _fate_restored(delivery: Delivery, *, is_doubtful: bool) -> Fate:
    if not is_doubtful:
        return Fate.PERSON if delivery.state == State.REFUSED else Fate.HELD
    return Fate.LOOK if _can_be_looked_for(delivery) else Fate.PERSON


def _can_be_looked_for(delivery: Delivery) -> bool:
    """A letter whose ledger is not in the backup got another since, with keys that nobody knows any more."""
    return Act.FIND in delivery.account.channel_class.can or hasattr(delivery, "edition")


def _may_have_left() -> Q:
    """Of our own pages nothing can be doubled. What can be looked for is, though it was for later: it may have been moved."""
    channels = [registry.get(name) for name in registry.names()]
    outside = [channel.name for channel in channels if channel.networked]
    found = [channel.name for channel in channels if Act.FIND in channel.can]
    begun = Q(state__in=[State.SENDING, State.UNCERTAIN])
    due = Q(state__in=BEFORE_SENDING) & (Q(planned_at__lte=Now()) | Q(account__channel__in=found))
    return Q(account__channel__in=outside) & (begun | due)


@verb
def restored(since: datetime, *, by: Person | None) -> list[Step]:
    """The database is as it was at `since`: hold everything, and put in doubt what may have left. Once more is harmless."""
    planned = after_restore()
    if not Hold.current():
        Hold.objects.create(by=by, reason=f"restored {since:%Y-%m-%d %H:%M}")
    Amendment.objects.exclude(lease="").update(**NO_LEASE)
    Mail.objects.all().delete()  # our own mails wait for seconds: they have left, and their links are spent
    release(Delivery.objects.exclude(lease=""))
    waiting = Delivery.objects.filter(state__in=[State.PLANNED, State.CLAIMED])
    move(waiting, State.HELD, why="hold", by=by, **NO_LEASE)
    doubtful = [step.delivery.pk for step in planned if step.fate in (Fate.LOOK, Fate.PERSON)]
    looked_for = [step.delivery.pk for step in planned if step.fate is Fate.LOOK]
    rows = Delivery.objects.filter(pk__in=doubtful)
    at = Value(since, DateTimeField())
    begun: dict[str, Any] = {"intent_at": Coalesce(Least("intent_at", at), at)}
    move(rows.filter(state=State.HELD), State.UNCERTAIN, why=RESTORED, by=by, **begun)
    rows.filter(state=State.UNCERTAIN).update(code=RESTORED, doubt_at=Now(), looks=0, look_at=None, **begun)
    rows.filter(pk__in=looked_for, state=State.UNCERTAIN).update(look_at=Now())
    record(by, "restore", Authority.get(), since=since.isoformat(), in_doubt=len(doubtful))
    return planned


def in_doubt() -> list[Step]:
    """What a restore put in doubt and nobody has settled yet."""
    rows = Delivery.objects.filter(state=State.UNCERTAIN, code=RESTORED).select_related("account", "message__revision")
    return [Step(row, Fate.LOOK if row.look_at else Fate.PERSON) for row in rows.order_by("planned_at", "pk")]


def last_restore() -> datetime | None:
    """The time of the backup that this database was last restored from."""
    entry = Entry.objects.filter(verb="restore").first()
    return datetime.fromisoformat(entry.facts["since"]) if entry else None


def strangers(since: datetime) -> tuple[list[tuple[Account, Posted]], list[str]]:
    """Posts since then that we don't know, account by account; and the accounts where nobody can tell. Asks each channel."""
    found: list[tuple[Account, Posted]] = []
    unread = []
    for account in Account.objects.order_by("slug"):
        if not account.channel_class.networked:
            continue
        try:
            seen = unknown.posts(account, channel_of(account), since)
        except (Outcome, No):
            seen = None
        if seen is None:
            unread.append(account.slug)
        found += [(account, post) for post in seen or ()]
    return found, unread
