"""Where to: one configured place on a channel, with its level, its sealed credentials and its health."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from channels import registry
from channels.contract import Channel, Limits
from diffusion.brand.models import Level
from diffusion.ids import public_id


class AccountQuerySet(models.QuerySet["Account"]):
    def let_in(self) -> AccountQuerySet:
        """Those that let deliveries through: not paused, and no rehearsal while it is off."""
        rows = self.filter(paused_at=None)
        return rows if settings.DIFFUSION.rehearsal else rows.exclude(is_rehearsal=True)

    def beside(self, account: Account) -> AccountQuerySet:
        """The other accounts on the same server."""
        mine = self.filter(channel=account.channel, host=account.host).exclude(pk=account.pk)
        return mine if account.host else self.none()


class Account(models.Model):
    """The town's Mastodon account, the intranet's WordPress, a letter's list. `sealed` is `vault.seal`'s output."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    channel = models.CharField(max_length=20)
    level = models.CharField(max_length=8, choices=Level)
    brand = models.ForeignKey("diffusion.Brand", on_delete=models.PROTECT, related_name="accounts")
    owner = models.ForeignKey("diffusion.Person", null=True, on_delete=models.SET_NULL, related_name="accounts")
    sealed = models.TextField(default="")
    host = models.CharField(max_length=255, default="", blank=True)  # its server, where accounts on one share limits
    text_limit = models.PositiveIntegerField(null=True)  # what the server itself states, read by a probe
    is_shared = models.BooleanField(default=False)  # serves every brand: the agents' board, the authority's feeds
    is_rehearsal = models.BooleanField(default=False)
    paused_at = models.DateTimeField(null=True)
    throttled_until = models.DateTimeField(null=True)  # by the channel's own word, for all that goes there
    strikes = models.PositiveIntegerField(default=0)  # how often in a row nobody answered
    rests_until = models.DateTimeField(null=True)
    pause_code = models.CharField(max_length=32, default="", blank=True)
    probed_at = models.DateTimeField(null=True)
    health = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_silent(self) -> bool:
        """It rehearses, and rehearsal is off: what goes there waits, and nothing is asked of it."""
        return self.is_rehearsal and not settings.DIFFUSION.rehearsal

    @property
    def channel_class(self) -> type[Channel]:
        return registry.get(self.channel)

    @property
    def limits(self) -> Limits:
        """The channel's limits, with what this very server states where it does."""
        declared = self.channel_class.limits
        if self.text_limit is None:
            return declared
        return Limits(**{**_fields(declared), "text": self.text_limit})


def _fields(limits: Limits) -> dict[str, Any]:
    return {name: getattr(limits, name) for name in limits.__dataclass_fields__}
