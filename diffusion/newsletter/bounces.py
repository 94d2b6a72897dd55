"""Addresses that take no mail any more: what a relay's no says of a mailbox, and when nothing goes there any longer.

By the status code (RFC 3463): 5.1.x says that there is no such address, 5.2.1 that it is closed; one such answer is
enough. Another no to the recipient (5.2.2 a full mailbox, or no status at all), or a mailbox that was full for as long
as we try, is taken for the address's fault once it is the answer to `SOFT_MOST` days of letters in a row. A policy
(5.7.x), the text, or a relay that lets us not in says nothing of the address. Read in November 2026, with how list
servers reckon (GNU Mailman's bounce processing: a hard one weighs more, one a day counts, forgotten with time).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from channels.contract import Code
from channels.outcomes import Outcome
from diffusion.audit import record
from diffusion.delivery.states import State
from diffusion.newsletter.models import Edition, Line, Subscriber

Bounce = Line.Bounce
SOFT_MOST = 3
"""Days with a letter in a row."""
SOFT_WITHIN = timedelta(days=90)
DOUBT_FROM, DOUBT_SHARE = 10, 0.2
"""A letter that more than these many readers, and this share of them, refuse speaks of its relay, not of its readers."""
_GONE = ("5.1.", "5.2.1")
_FULL = "4.2."


def kind_of(outcome: Outcome) -> str:
    """What the answer that ended a line says of its address: nothing, most often."""
    status = str(outcome.facts.get("status", ""))
    if outcome.code == Code.RECIPIENT_REFUSED:
        return Bounce.HARD if status.startswith(_GONE) else Bounce.SOFT
    return Bounce.SOFT if status.startswith(_FULL) else ""


def heed(edition: Edition) -> int:
    """Once no line is open: write no more to whose addresses are gone. Returns how many. Needs a transaction.

    Who subscribes again, and follows the link of the mail that then reaches them, gets letters again.
    """
    bounced = edition.lines.exclude(bounce="").exclude(subscriber=None)
    count = bounced.count()
    if not count:
        return 0
    if is_doubtful(count, edition.lines.count()):
        record(None, "doubt_bounces", edition.list, bounced=count)
        return 0
    gone = set(bounced.filter(bounce=Bounce.HARD).values_list("subscriber_id", flat=True))
    gone |= _worn_out(bounced.filter(bounce=Bounce.SOFT).values_list("subscriber_id", flat=True))
    suppressed = Subscriber.objects.filter(pk__in=gone, suppressed_at=None).update(suppressed_at=timezone.now())
    if suppressed:
        record(None, "suppress", edition.list, readers=suppressed)
    return suppressed


def is_doubtful(bounced: int, lines: int) -> bool:
    """Whether so many at once speak of the relay, or of how we use it: then no address is given up."""
    return bounced > max(DOUBT_FROM, lines * DOUBT_SHARE)


def _worn_out(readers: Iterable[int]) -> set[int]:
    """Those whose last `SOFT_MOST` days with a letter all ended so."""
    since = timezone.now() - SOFT_WITHIN
    of = Line.objects.filter(subscriber__in=list(readers), intent_at__gte=since)
    ended = of.filter(Q(state=State.PUBLISHED) | ~Q(bounce="")).order_by("intent_at", "pk")
    days: dict[int, set[date]] = {}
    for reader, bounce, at in ended.values_list("subscriber_id", "bounce", "intent_at"):
        in_a_row = days.setdefault(reader, set())
        if not bounce:
            in_a_row.clear()
        elif at:  # no line ends without an intent
            in_a_row.add(at.date())
    return {reader for reader, in_a_row in days.items() if len(in_a_row) >= SOFT_MOST}
