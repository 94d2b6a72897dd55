"""A hold: over everything outward, or one account, directorate, campaign or lane, until a person lifts it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db import models
from django.db.models import OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from diffusion.delivery.models import Lane

if TYPE_CHECKING:
    from diffusion.accounts.models import Account
    from diffusion.delivery.models import Delivery
    from diffusion.directory.models import Directorate
    from diffusion.message.models import Campaign, Message

    Thing: TypeAlias = Account | Directorate | Campaign | Lane

SCOPES = ("account", "directorate", "campaign")
"""What a hold refers to; beside these a lane, which is a word."""
NOWHERE: dict[str, Any] = {"account": None, "directorate": None, "campaign": None, "lane": ""}
EVERYTHING = Q(**NOWHERE)
OUTWARD = (Lane.URGENT, Lane.SOCIAL, Lane.INTRANET, Lane.MAIL)
"""The lanes by which deliveries go: the others bring in or keep house, and are none's to pause."""


def scope_of(thing: Thing | None) -> dict[str, Any]:
    """The hold's column for `thing`, with it; nothing for everything."""
    if isinstance(thing, Lane):
        return {"lane": thing.value}
    return {str(thing._meta.model_name): thing} if thing else {}


class HoldQuerySet(models.QuerySet["Hold"]):
    def in_force(self) -> HoldQuerySet:
        return self.filter(lifted_at=None)

    def exactly(self, thing: Thing | None) -> HoldQuerySet:
        """Those over this very thing; None is everything."""
        return self.filter(**NOWHERE | scope_of(thing))

    def over(self, message: Message, account: Account, lane: str) -> HoldQuerySet:
        """Those in force that keep this message from this account by this lane."""
        mine = Q(account=account) | Q(directorate=message.directorate_id) | Q(lane=lane)
        if message.campaign_id:
            mine |= Q(campaign=message.campaign_id)
        return self.in_force().filter(mine | EVERYTHING)

    def over_it(self) -> HoldQuerySet:
        """For an `Exists` of deliveries: those in force that keep the row."""
        mine = Q(account=OuterRef("account")) | Q(directorate=OuterRef("message__directorate"))
        mine |= Q(campaign=OuterRef("message__campaign")) | Q(lane=OuterRef("lane"))
        return self.in_force().filter(mine | EVERYTHING)

    def lanes(self) -> dict[str, Hold]:
        """Those in force over a lane, by its name."""
        return {hold.lane: hold for hold in self.in_force().exclude(lane="").select_related("by")}


class Hold(models.Model):
    """At most one is in force over the same thing. With none of account, directorate, campaign and lane it is over everything."""

    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("diffusion.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=200, default="", blank=True)
    account = models.ForeignKey("diffusion.Account", null=True, on_delete=models.CASCADE, related_name="holds")
    directorate = models.ForeignKey("diffusion.Directorate", null=True, on_delete=models.CASCADE, related_name="holds")
    campaign = models.ForeignKey("diffusion.Campaign", null=True, on_delete=models.CASCADE, related_name="holds")
    lane = models.CharField(max_length=12, choices=Lane, default="", blank=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey("diffusion.Person", null=True, on_delete=models.SET_NULL, related_name="+")

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                *(Coalesce(scope, 0) for scope in SCOPES),
                "lane",
                condition=Q(lifted_at=None),
                name="one_hold_at_a_time",
            ),
            models.CheckConstraint(
                condition=reduce(or_, (Q(**{k: v for k, v in NOWHERE.items() if k != one}) for one in NOWHERE)),
                name="hold_is_over_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"hold of {self.at:%Y-%m-%d %H:%M} over {self.over or 'everything'}"

    @property
    def over(self) -> Thing | None:
        """What it stops; None is everything."""
        return self.account or self.directorate or self.campaign or (Lane(self.lane) if self.lane else None)

    @property
    def named(self) -> str:
        """`account:k7m2p9xq4wtn`, `lane:mail`, as the stop page's address writes it; empty for everything."""
        if (over := self.over) is None:
            return ""
        return f"lane:{over.value}" if isinstance(over, Lane) else f"{over._meta.model_name}:{over.public_id}"

    @property
    def option(self) -> str:
        """` --account mastodon`, what the command line calls it by; empty for everything."""
        kind, _colon, public_id = self.named.partition(":")
        return f" --{kind} {getattr(self.over, 'slug', public_id)}" if kind else ""

    @property
    def covered(self) -> Q:
        """The deliveries that it stops."""
        if self.lane:
            return Q(lane=self.lane)
        if self.account_id:
            return Q(account=self.account_id)
        if self.directorate_id:
            return Q(message__directorate=self.directorate_id)
        return Q(message__campaign=self.campaign_id) if self.campaign_id else Q()

    @classmethod
    def current(cls) -> Hold | None:
        """The one over everything."""
        return cls.objects.in_force().exactly(None).select_related("by").first()


def keeps(holds: Iterable[Hold], delivery: Delivery) -> bool:
    """Whether one of these holds keeps this delivery from leaving."""
    message = delivery.message
    mine: set[tuple[int | str | None, ...]] = {
        (None, None, None, ""), (delivery.account_id, None, None, ""), (None, message.directorate_id, None, ""),
        (None, None, message.campaign_id, ""), (None, None, None, delivery.lane),
    }  # fmt: skip
    return any((hold.account_id, hold.directorate_id, hold.campaign_id, hold.lane) in mine for hold in holds)
