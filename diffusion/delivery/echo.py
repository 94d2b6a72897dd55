"""What we published comes back in the feeds of where it stands: known by its receipt's address.

Exact, and safe against the race with a delivery that is on its way: its address isn't known yet, so that nothing of the
site it goes to is taken as news until its outcome is. What a person proved without an address can't be recognised.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q

from diffusion.accounts.connect import channel_of
from diffusion.accounts.models import Account
from diffusion.delivery.models import Delivery, Receipt
from diffusion.delivery.states import State
from diffusion.errors import No
from diffusion.intake.pull import Echoes

AT_ONCE = 500
"""Addresses in one query."""


def echoes(addresses: Collection[str]) -> Echoes:
    """Those of the addresses that are our own pages or receipts; and those of a site to which something is on its way."""
    given = frozenset(addresses)
    own = {address for address in given if address.startswith(f"{settings.BASE_URL}/")}
    ours = frozenset(own | set(_receipts(given - own)))
    under_way = _sites_under_way()
    return Echoes(ours, frozenset(a for a in given - ours if under_way and _site(a) in under_way))


def _receipts(addresses: Collection[str]) -> Iterator[str]:
    asked = sorted(addresses)
    for first in range(0, len(asked), AT_ONCE):
        some = asked[first : first + AT_ONCE]
        yield from Receipt.objects.filter(url__in=some).values_list("url", flat=True)


def _sites_under_way() -> set[str]:
    """Where a delivery may stand already whose receipt we don't have: its request has begun, its end is not written.

    A doubt that waits for a person doesn't count: it may wait for days, and the site's own news with it.
    """
    on_the_way = Q(state=State.SENDING) | Q(state=State.UNCERTAIN, look_at__isnull=False)
    rows = Account.objects.filter(pk__in=Delivery.objects.filter(on_the_way).values("account"))
    return {site for account in rows for site in _sites(account)}


def _sites(account: Account) -> Iterator[str]:
    """The sites that an account's credentials name."""
    try:
        given = channel_of(account).credentials.model_dump()
    except No:  # they can't be opened any more: nothing is sent with them either
        return
    yield from (_site(value) for value in given.values() if isinstance(value, str) and "://" in value)


def _site(address: str) -> str:
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""
