"""Posts that stand on our accounts and that the database doesn't know: after a restore, what went out since the backup."""

from __future__ import annotations

from datetime import datetime

from channels.contract import Channel, Posted, Unknowable
from diffusion.accounts.models import Account
from diffusion.delivery.models import Delivery, Receipt
from diffusion.facts.duplicates import same_news

RESTORED = "restored"
"""The code of a delivery that may have gone out after the backup from which its row comes."""


def posts(account: Account, channel: Channel, since: datetime) -> list[Posted] | None:
    """What was put there since and no receipt of ours names; None: the channel can't list. Raises Outcome."""
    seen = channel.recent(since)
    if seen is None:
        return None
    ours = Receipt.objects.filter(delivery__account=account, remote_id__in=[post.id for post in seen])
    known = set(ours.values_list("remote_id", flat=True))
    return [post for post in seen if post.id not in known]


def doubt(delivery: Delivery, channel: Channel) -> Unknowable | None:
    """Whether a post that we don't know tells the same news: in other words, or under a later key. Raises Outcome.

    Its text may have been corrected between the backup and its sending; then looking for it finds nothing.
    """
    seen = posts(delivery.account, channel, delivery.intent_at) if delivery.intent_at else None
    alike = next((post for post in seen or () if is_same(delivery, post)), None)
    return Unknowable(f"{alike.url or alike.id} tells the same and is not known here") if alike else None


def is_same(delivery: Delivery, post: Posted) -> bool:
    """Whether a post is this delivery's news: it carries its link, or states the same."""
    made = delivery.rendition
    if made.link and made.link in post.text:
        return True
    ours = made.text if made.text.startswith(made.title) else f"{made.title}\n{made.text}"
    language = "en" if made.language == "en" else "fr"
    return same_news(ours, post.text, lang=language, published=post.at.date())[0]
