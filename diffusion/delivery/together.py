"""Verbs over many deliveries at once: retry all of a cause."""

from __future__ import annotations

from collections import Counter

from diffusion.accounts.models import Account
from diffusion.audit import record
from diffusion.delivery.models import DeliveryQuerySet
from diffusion.delivery.plan import AGAIN
from diffusion.delivery.states import State, lock, move
from diffusion.directory.models import Person
from diffusion.errors import NotNow
from diffusion.verbs import verb
from diffusion.wake import wake


@verb
def retry_all(deliveries: DeliveryQuerySet, *, by: Person | None) -> int:
    """Send those of these again that are refused, as they are. Returns how many. Raises NotNow when none is any more.

    The journal gets one line an account, each delivery its own event.
    """
    refused = deliveries.filter(state=State.REFUSED)
    lock(refused)
    rows = list(refused.order_by().values_list("lane", "account"))
    if not rows:
        raise NotNow("not_refused")
    move(refused, State.PLANNED, why="retry", by=by, **AGAIN)
    counts = Counter(account for _lane, account in rows)
    for account in Account.objects.filter(pk__in=counts):
        record(by, "retry", account, deliveries=counts[account.pk])
    wake(*{lane for lane, _account in rows})
    return len(rows)
