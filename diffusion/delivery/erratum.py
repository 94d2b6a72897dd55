"""An erratum: the corrected words, sent after what can't be edited any more. A delivery of its own, with its own key."""

from __future__ import annotations

from django.utils import timezone

from channels.contract import Kind
from diffusion.accounts.models import Account
from diffusion.delivery.holding import Hold
from diffusion.delivery.models import Delivery
from diffusion.delivery.plan import lane_of
from diffusion.delivery.states import State
from diffusion.message.models import Message
from diffusion.rendition.models import Version
from diffusion.wake import wake

PREFIX = {"fr": "Erratum\u00a0: ", "en": "Correction: "}
"""What opens the title, by the language of the words: a reader must see at once why a second mail comes."""
MARK = "erratum-"


def is_erratum(delivery: Delivery) -> bool:
    return delivery.occurrence.startswith(MARK)


def takes_errata(account: Account) -> bool:
    """Letters do: a mail that left can't be changed, and a second one with a plain title is what their readers expect."""
    return account.channel_class.kind is Kind.NEWSLETTER


def plan_erratum(message: Message, version: Version) -> Delivery:
    """Needs a transaction. The approved version goes out now, without a lead: who read the wrong words reads the right ones."""
    account, now = version.account, timezone.now()
    number = message.deliveries.filter(account=account, occurrence__startswith=MARK).count() + 1
    title = PREFIX["en" if version.body.get("language") == "en" else "fr"] + version.body.get("title", "")
    wake(lane := lane_of(message, account))
    return Delivery.objects.create(
        message=message, revision=version.revision, account=account, level=account.level, lane=lane,
        occurrence=f"{MARK}{number}", state=State.HELD if Hold.objects.over(message, account).exists() else State.PLANNED,
        body={**version.body, "title": title, "at": now.isoformat()}, digest=version.digest, planned_at=now, due_at=now,
        read_on=version.read_on, useless_after=message.useless_after,
    )  # fmt: skip
