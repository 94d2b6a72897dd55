"""Look before you repeat: there → published; provably absent → again; the channel can't tell → a person decides."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from channels.contract import Absent, Act, Channel, Found, Prepared, Unknowable
from channels.contract import Receipt as Proof
from channels.outcomes import Outcome
from diffusion.accounts.connect import channel_of
from diffusion.audit import note, record
from diffusion.delivery import settle, unknown
from diffusion.delivery.backoff import LOOKS_S, before_look
from diffusion.delivery.claim import Lease
from diffusion.delivery.models import NO_LEASE, Delivery, Receipt
from diffusion.delivery.states import State
from diffusion.directory.models import Person
from diffusion.errors import No, NotNow
from diffusion.instants import in_seconds
from diffusion.verbs import verb

log = logging.getLogger(__name__)

LOOKS_BEFORE_ABSENT = 2
LOOKS_MOST = len(LOOKS_S)
AFTER_FAILURE_S, FAILING_S = 30.0, 3600.0
"""Seconds before looking again where the channel would not even be asked, and how long that goes on."""


def look(pk: int, lease: Lease) -> None:
    """One look at one uncertain delivery that `claim_looks` leased. Raises nothing."""
    delivery = Delivery.objects.select_related("account", "message").filter(pk=pk, lease=lease.token).first()
    if delivery is None or delivery.state != State.UNCERTAIN or lease.is_over():
        return
    if delivery.account.is_silent:
        _look_later(delivery, lease)
        return
    try:
        channel = channel_of(delivery.account)
        found = _ask(delivery, channel)
    except Outcome as outcome:  # a look that failed says nothing: look again
        _note(delivery, lease, Unknowable(outcome.evidence), None, outcome)
    except No as fault:
        _note(delivery, lease, Unknowable(str(fault)), None)
    except Exception as fault:  # the task's edge
        log.error("look_failed delivery=%s", delivery.public_id, exc_info=fault)
        _note(delivery, lease, Unknowable(repr(fault)), None)
    else:
        _note(delivery, lease, found, channel)


@verb
def _look_later(delivery: Delivery, lease: Lease) -> None:
    """A rehearsal that is off can't be asked, and nobody can look there either: the doubt waits, as long as it takes."""
    mine = Delivery.objects.filter(pk=delivery.pk, lease=lease.token, state=State.UNCERTAIN)
    mine.update(look_at=in_seconds(AFTER_FAILURE_S), **NO_LEASE)


def _ask(delivery: Delivery, channel: Channel) -> Found:
    if Act.FIND not in channel.can or delivery.intent_at is None:
        return Unknowable()
    found = channel.find(delivery.key, delivery.rendition, _began(delivery), Prepared(delivery.prepared or {}))
    if isinstance(found, Absent) and delivery.code == unknown.RESTORED:
        return unknown.doubt(delivery, channel) or found
    return found


def _began(delivery: Delivery) -> datetime:
    """When the attempt began, by this process's clock: its age by the database's, since the two may differ."""
    age: timedelta = Delivery.objects.filter(pk=delivery.pk).values_list(Now() - F("intent_at"), flat=True).get()
    return timezone.now() - age


@verb
def _note(delivery: Delivery, lease: Lease, found: Found, channel: Channel | None, said: Outcome | None = None) -> None:
    """Write down what a look saw, and what follows from it."""
    row = Delivery.objects.select_for_update().filter(pk=delivery.pk, lease=lease.token, state=State.UNCERTAIN).first()
    if row is None:  # settled meanwhile, by a person or by a late worker
        return
    if said:
        settle.heed(delivery.account, said)
    looks = row.looks + (channel is not None)  # a look that failed proves nothing, and is none of the two
    Delivery.objects.filter(pk=row.pk).update(looks=looks)
    note("looked", delivery, found=type(found).__name__.lower(), looks=looks)
    if isinstance(found, Proof):
        settle.published(row, found, why="found", kind=Receipt.Proof.FOUND)
    elif channel is not None and _repeats_harmlessly(row, channel):
        settle.absent(row, why=settle.REPEATS_HARMLESSLY)
    elif isinstance(found, Absent) and _proves(row, channel, looks):
        settle.absent(row, why="absent")
    else:
        _look_again(row, channel, looks)


def _repeats_harmlessly(delivery: Delivery, channel: Channel) -> bool:
    """A letter whose ledger was lost with the database gets new keys, which no relay has seen."""
    has_its_keys = delivery.code != unknown.RESTORED or hasattr(delivery, "edition")
    return channel.repeats_harmlessly and has_its_keys


def _proves(delivery: Delivery, channel: Channel | None, looks: int) -> bool:
    """Two looks at least, the last one later than the channel's delay after the doubt began."""
    if channel is None or channel.absence is None or looks < LOOKS_BEFORE_ABSENT or delivery.doubt_at is None:
        return False
    return Delivery.objects.filter(pk=delivery.pk, doubt_at__lte=in_seconds(-channel.absence)).exists()


def _look_again(delivery: Delivery, channel: Channel | None, looks: int) -> None:
    """Once more after a longer pause; when looking is over, a person decides."""
    row = Delivery.objects.filter(pk=delivery.pk)
    if channel is None:
        pause, goes_on = AFTER_FAILURE_S, row.filter(doubt_at__gt=in_seconds(-FAILING_S)).exists()
    else:
        pause, goes_on = before_look(looks, channel.absence), Act.FIND in channel.can and looks < LOOKS_MOST
    if goes_on:
        row.update(look_at=in_seconds(pause), **NO_LEASE)
        return
    row.update(look_at=None, **NO_LEASE)
    settle.needs_a_person(delivery, "uncertain")


@verb
def confirm(delivery: Delivery, *, by: Person, url: str = "") -> Delivery:
    """A person saw it there; of a letter, all its mails in doubt went out. Raises NotNow if it is no longer in doubt."""
    delivery = _in_doubt(delivery)
    _close_ledger(delivery)
    settle.published(delivery, Proof(id=url or "seen", url=url), why="person", kind=Receipt.Proof.PERSON, by=by)
    record(by, "confirm", delivery, url=url)
    return delivery


def _close_ledger(delivery: Delivery) -> None:
    """Needs a transaction. Of what isn't a letter there is none."""
    if edition := getattr(delivery, "edition", None):
        edition.lines.filter(state=State.UNCERTAIN).update(
            state=State.PUBLISHED, receipt="seen", sent_at=Now(), code=""
        )
        edition.closed_at = timezone.now()
        edition.save(update_fields=["closed_at"])


@verb
def deny(delivery: Delivery, *, by: Person) -> Delivery:
    """A person looked, and it is not there: it goes out again, under a new key. Raises NotNow if it is not in doubt."""
    delivery = _in_doubt(delivery)
    settle.absent(delivery, why="person", by=by, is_proved=True)
    record(by, "deny", delivery)
    return delivery


def _in_doubt(delivery: Delivery) -> Delivery:
    """Locked. Raises NotNow if it is not in doubt, or no more. Needs a transaction."""
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if row.state != State.UNCERTAIN:
        raise NotNow("not_in_this_state", state=State(row.state).label)
    return row


@verb
def look_now(delivery: Delivery, *, by: Person | None) -> Delivery:
    """Ask for one more look. Raises NotNow if there is no doubt."""
    delivery = _in_doubt(delivery)
    Delivery.objects.filter(pk=delivery.pk).update(look_at=Now(), looks=min(delivery.looks, LOOKS_MOST - 1))
    record(by, "look", delivery)
    return delivery
