"""What failed, grouped by cause: an account and why. Each group can be put right with one act, all of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Case, Count, F, Min, Q, Value, When, Window
from django.db.models.functions import RowNumber

from diffusion.accounts.models import Account
from diffusion.delivery.models import ASKS, Delivery, DeliveryQuerySet
from diffusion.delivery.states import State
from diffusion.web.listed import Listed

EACH = 3
"""How many rows of a group are shown beneath it; a link leads to the others."""
ACTS: dict[str, tuple[str, ...]] = {
    "refused": ("retry", "cancel"),
    "brake": ("vouch", "cancel"),
    "late": ("cancel",),
    "retrying": ("cancel",),
}
"""What can be done with a whole group, by what its rows are (`listed.SHOWN`)."""
_SHOW = Case(
    When(state=State.REFUSED, then=Value("refused")), When(~Q(stop=""), then=F("stop")), default=Value("retrying")
)
_CODE = Case(When(stop__in=ASKS, then=Value("")), default=F("code"))
_KEY = ("account", "show", "cause")


@dataclass(slots=True)
class Group:
    """`count` deliveries to `account`, planned since `since`; the next of them tries again at `next_at`, if any does."""

    account: Account
    listed: Listed
    count: int
    since: datetime
    next_at: datetime | None
    rows: list[Delivery] = field(default_factory=list)

    @property
    def acts(self) -> tuple[str, ...]:
        return ACTS[self.listed.show] if self.count > 1 else ()

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def failed(mine: DeliveryQuerySet) -> DeliveryQuerySet:
    """Refused, tried again, or stopped until a person says: not what waits for an account, a gate or a hold."""
    again = Q(state=State.PLANNED, tries__gt=0, stop="")
    return mine.filter(Q(state=State.REFUSED) | again | Q(state=State.PLANNED, stop__in=ASKS))


def groups(mine: DeliveryQuerySet, accounts: list[Account]) -> list[Group]:
    """The largest first. Two queries and one for the attempts, however many rows there are."""
    rows = failed(mine).annotate(show=_SHOW, cause=_CODE)
    known = {account.pk: account for account in accounts}
    found: dict[tuple[int, str, str], Group] = {}
    told = rows.order_by().values_list(*_KEY).annotate(n=Count("pk"), since=Min("planned_at"), next=Min("due_at"))
    for pk, show, cause, count, since, next_at in told:
        account = known[pk]
        found[pk, show, cause] = Group(
            account, Listed(show, account=account.public_id, code=cause), count, since, next_at
        )
    for row in _first(rows):
        noted = vars(row)  # what the query added
        if group := found.get(
            (row.account_id, noted["show"], noted["cause"])
        ):  # None: it failed since they were counted
            group.rows.append(row)
    return sorted(found.values(), key=lambda group: (-group.count, group.since))


def _first(rows: DeliveryQuerySet) -> DeliveryQuerySet:
    place = Window(RowNumber(), partition_by=[F(name) for name in _KEY], order_by=["planned_at", "pk"])
    return rows.annotate(place=place).filter(place__lte=EACH).order_by("planned_at", "pk").prefetch_related("attempts")
