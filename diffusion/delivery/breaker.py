"""The circuit breaker: an account whose server does not answer rests, so that waiting for it costs the others nothing.

After STRIKES failures in a row (those that were under way together are one) one delivery at a time asks, with growing
pauses; the first answer, a refusal too, closes it.
Without it a silent server would keep each thread of its lane for a whole deadline, one row after the other.
"""

from __future__ import annotations

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from channels.contract import Channel, Code
from channels.outcomes import Outcome, TryLater, Uncertain
from diffusion.accounts.models import Account
from diffusion.delivery.states import State
from diffusion.instants import in_seconds

STRIKES = 3
REST_FIRST_S, REST_MOST_S = 10.0, 600.0
SILENT = frozenset({Code.UNREACHABLE, Code.NO_ANSWER})
"""The codes that say that nobody answered; whatever else is said, somebody said it."""
WAITS = Q(state=State.PLANNED, stop="", planned_at__lte=Now(), account__strikes__gte=STRIKES)
"""Deliveries whose time has come, and whose account rests."""


def resting() -> QuerySet[Account]:
    """The accounts at rest."""
    return Account.objects.filter(strikes__gte=STRIKES)


def seconds_to_rest(account: Account, channel: Channel) -> float:
    """How long this row has to wait; 0 when the account answers, or when this row is the one that asks for all."""
    if account.strikes < STRIKES:
        return 0.0
    mine = Account.objects.filter(pk=account.pk, strikes__gte=STRIKES)
    if mine.exclude(rests_until__gt=Now()).update(rests_until=in_seconds(channel.deadline)):
        return 0.0
    left = mine.values_list(F("rests_until") - Now(), flat=True).first()
    return max(1.0, left.total_seconds()) if left else 0.0  # None: it answered meanwhile


def is_silence(outcome: Outcome) -> bool:
    """Whether nobody answered. `after` is given by a server that did, or by us: our own lease was too short."""
    is_unsent = isinstance(outcome, TryLater) and outcome.after is None
    return outcome.code in SILENT and (is_unsent or isinstance(outcome, Uncertain))


def note(account: Account, outcome: Outcome | None) -> None:
    """Count a silence, or forget those before it. None is a receipt. Needs a transaction.

    `account` as it was when this request began: of several that were under way at once and fail together, the first
    counts. What we found by ourselves, before anybody was asked, says nothing.
    """
    if (outcome and outcome.is_ours) or not (outcome or account.strikes):
        return
    mine = Account.objects.filter(pk=account.pk)
    if outcome and is_silence(outcome):
        rest = min(REST_MOST_S, REST_FIRST_S * 2.0 ** min(10, account.strikes))
        opened = account.strikes + 1 >= STRIKES
        health = {"health": {"code": outcome.code, "evidence": outcome.evidence}} if opened else {}
        alone = mine.filter(strikes=account.strikes)
        alone.update(strikes=F("strikes") + 1, rests_until=in_seconds(rest), **health)
    elif account.strikes:
        mine.filter(health__code__in=SILENT).update(health={})
        mine.update(strikes=0, rests_until=None)
