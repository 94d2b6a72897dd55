"""Proof from outside: what anybody is shown is looked at after publishing, and again after a day.

Nothing waits for it, and what it can't see says nothing of the delivery. One thread a process looks, seldom; a verdict
that something differs counts once it was found twice, with a pause between that caches outlast.
"""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from channels.contract import Act, Seen
from channels.contract import Receipt as Proof
from channels.http import Http
from channels.outcomes import Outcome, Refused, Throttled
from diffusion.accounts.connect import channel_of
from diffusion.accounts.models import Account
from diffusion.audit import record
from diffusion.brand.models import Level
from diffusion.delivery.models import Delivery, DeliveryQuerySet
from diffusion.delivery.sighting import Sighting
from diffusion.delivery.states import State
from diffusion.directory import notify
from diffusion.instants import in_seconds
from diffusion.verbs import verb

log = logging.getLogger(__name__)

A_MINUTE, A_TURN = 20, 2
"""Looks in a minute by all workers together, and at once by one of them."""
LEASE_S = 120.0
"""Longer than a turn: a worker that died meanwhile leaves its looks to the next."""
TWICE_S, AGAIN_S, BUSY_S = 900.0, 3600.0, 3600.0
"""Before a difference is believed; after a look that failed; while a correction of ours is on its way."""
FAILURES = 3
A_DAY = timedelta(days=1)
EXCERPT = 2000
_looking = threading.Lock()


def look_outside(is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Look at a few that are due. Returns at how many. Raises nothing that a look did."""
    if not _looking.acquire(blocking=False):
        return 0
    try:
        ids = _claim() if _due().exists() else []
        for count, pk in enumerate(ids):
            if is_stopping():
                return count
            _look(pk)
        return len(ids)
    finally:
        _looking.release()


def _due() -> DeliveryQuerySet:
    """Where a server asked to wait, or rests, nobody looks either."""
    rows = Delivery.objects.filter(state=State.PUBLISHED, look_at__lte=Now())
    rows = rows.exclude(Q(account__throttled_until__gt=Now()) | Q(account__rests_until__gt=Now()))
    return rows if settings.DIFFUSION.rehearsal else rows.real()


@verb
def _claim() -> list[int]:
    """Those to look at now, by nobody else while the lease lasts."""
    room = A_MINUTE - Sighting.objects.filter(at__gt=in_seconds(-60)).count()
    due = _due().order_by("look_at", "pk").select_for_update(of=("self",), skip_locked=True)
    ids = list(due.values_list("pk", flat=True)[: max(0, min(A_TURN, room))])
    Delivery.objects.filter(pk__in=ids).update(look_at=in_seconds(LEASE_S))
    return ids


def _look(pk: int) -> None:
    delivery = Delivery.objects.select_related("account", "receipt", "message__made_by").get(pk=pk)
    try:
        seen = _seen(delivery)
    except Exception as fault:  # the task's edge: looking may fail in any way, the delivery did not
        if not isinstance(fault, Outcome):
            log.error("look_outside_failed delivery=%s", delivery.public_id, exc_info=fault)
        _note_failure(delivery, fault)
    else:
        _note(delivery, seen)


def _seen(delivery: Delivery) -> Seen | None:
    """None: nobody is meant to see it, or only a person knows where it is."""
    receipt, account = delivery.receipt, delivery.account
    if receipt is None or receipt.remote_id == "seen" or "://" in receipt.remote_id:
        return None
    if Act.SEE not in account.channel_class.can or (_is_ours(account) and delivery.level != Level.PUBLIC):
        return None
    url = f"{settings.BASE_URL}/feeds/{account.slug}.json" if account.channel == "feed" else receipt.url
    channel = channel_of(account)
    if url.startswith(f"{settings.BASE_URL}/"):
        channel.http = ourselves()
    try:
        return channel.seen(Proof(receipt.remote_id, url, receipt.at), delivery.rendition)
    finally:
        channel.close()


def _is_ours(account: Account) -> bool:
    return not account.channel_class.networked


@functools.cache
def ourselves() -> Http:
    """The guarded connector, which may also reach our own address, wherever that leads."""
    config, own = settings.DIFFUSION, urlsplit(settings.BASE_URL)
    mine = f"{own.hostname}:{own.port or (443 if own.scheme == 'https' else 80)}"
    return Http(frozenset({*config.private_hosts, mine}), ca_file=str(config.ca_file) if config.ca_file else "")


@verb
def _note(delivery: Delivery, seen: Seen | None) -> None:
    row = _as_looked_at(delivery)
    if row is None:
        return
    if seen is None:
        _look_again(row, None)
        return
    assert row.receipt  # published_has_receipt
    before = row.sightings.filter(receipt=row.receipt).exclude(verdict=Sighting.Verdict.UNSEEN).last()
    part, verdict = seen.differs, Sighting.Verdict(seen.verdict.value)
    found = Sighting.objects.create(
        delivery=row, receipt=row.receipt, verdict=verdict, url=seen.url, digest=seen.digest,
        said=(part.missing or part.said)[:EXCERPT] if part else "", shown=part.shown.strip()[:EXCERPT] if part else "",
    )  # fmt: skip
    if verdict == Sighting.Verdict.RIGHT:
        row.sightings.unanswered().update(noted_at=Now())  # somebody put it right there
    elif before is None or before.verdict != verdict:
        _look_again(row, TWICE_S)
        return
    else:
        _tell(delivery, found)
    _look_tomorrow(row)


@verb
def _note_failure(delivery: Delivery, fault: Exception) -> None:
    """Tried again a few times, then left: a page that nobody can look at may be perfectly right."""
    row = _as_looked_at(delivery)
    if row is None:
        return
    assert row.receipt  # published_has_receipt
    Sighting.objects.create(
        delivery=row, receipt=row.receipt, verdict=Sighting.Verdict.UNSEEN, code=getattr(fault, "code", "internal"),
        shown=getattr(fault, "evidence", repr(fault))[:EXCERPT],
    )  # fmt: skip
    newest = row.sightings.filter(receipt=row.receipt).order_by("-pk").values_list("verdict", flat=True)[:FAILURES]
    if isinstance(fault, Refused) or list(newest) == [Sighting.Verdict.UNSEEN] * FAILURES:
        _look_tomorrow(row)
        return
    _look_again(row, max(AGAIN_S, fault.after if isinstance(fault, Throttled) else 0.0))


def _as_looked_at(delivery: Delivery) -> Delivery | None:
    """The row, locked, if it still is what was looked at. While a correction is on its way, that comes later."""
    row = Delivery.objects.select_for_update(of=("self",)).select_related("receipt").get(pk=delivery.pk)
    if row.state != State.PUBLISHED or row.receipt_id != delivery.receipt_id:
        return None
    if row.amendments.filter(done_at=None).exists():
        _look_again(row, BUSY_S)
        return None
    return row


def _look_again(row: Delivery, seconds: float | None) -> None:
    when = None if seconds is None else in_seconds(seconds)
    Delivery.objects.filter(pk=row.pk).update(look_at=when)


def _look_tomorrow(row: Delivery) -> None:
    """A day after the receipt, once."""
    then = row.receipt.at + A_DAY if row.receipt else timezone.now()
    Delivery.objects.filter(pk=row.pk).update(look_at=then if then > timezone.now() else None)


def _tell(delivery: Delivery, found: Sighting) -> None:
    """Once: who made the message, else ops."""
    told = delivery.sightings.filter(receipt=delivery.receipt, verdict=found.verdict, told_at__isnull=False)
    if told.exists():
        return
    delivery.sightings.unanswered().update(noted_at=Now())  # one finding at a time: the newest
    Sighting.objects.filter(pk=found.pk).update(told_at=Now())
    record(None, f"seen_{found.verdict}", delivery)
    author = delivery.message.made_by
    if author and author.is_active:
        notify.tell([author], "seen_otherwise", message=delivery.message, delivery=delivery, seen=found)
    else:
        notify.tell_ops(delivery.message, "seen_otherwise", delivery=delivery, seen=found)
