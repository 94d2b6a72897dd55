"""Verbs: hold, lift. One switch stops everything outward at once, or one account, directorate, campaign or lane."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Q
from django.db.models.functions import Now
from django.utils import timezone

from diffusion.audit import record
from diffusion.brand.models import Level
from diffusion.delivery.holding import Hold, scope_of
from diffusion.delivery.models import HELD, NO_LEASE, Amendment, Delivery, DeliveryQuerySet, Lane, Stop
from diffusion.delivery.plan import move_to
from diffusion.delivery.states import BEFORE_SENDING, State, lock, move
from diffusion.directory.models import Person
from diffusion.errors import NotNow
from diffusion.message.models import Message
from diffusion.verbs import verb
from diffusion.wake import wake

if TYPE_CHECKING:
    from diffusion.delivery.holding import Thing


@verb
def hold(*, by: Person | None, reason: str = "", over: Thing | None = None) -> Hold:
    """Stop what `over` names; None is everything. A claimed row loses its lease, so its worker finds before the first
    byte that it may not.

    Raises NotNow when a hold over the same thing is in force already.
    """
    try:
        with transaction.atomic():
            held = Hold.objects.create(by=by, reason=reason, **scope_of(over))
    except IntegrityError:
        raise NotNow("already_held") from None
    rows = Delivery.objects.filter(held.covered, state__in=[State.PLANNED, State.CLAIMED])
    count = move(rows, State.HELD, why="hold", by=by, **NO_LEASE)
    record(by, "hold", held, deliveries=count, over=str(over or ""))
    return held


@verb
def lift(*, by: Person | None, over: Thing | None = None, overdue: str = "send", at: datetime | None = None) -> int:
    """Lift the hold over this, and let go on what no other hold keeps. Returns rows let go.

    What came due meanwhile is sent now (`send`), cancelled (`drop`), or its messages are moved to `at` (`move`): then
    the outside reads it at `at`, agents before. Raises NotNow when no hold is over just this.
    """
    held = Hold.objects.in_force().exactly(over).select_for_update(of=("self",)).first()
    if held is None:
        raise NotNow("not_held")
    Hold.objects.filter(pk=held.pk).update(lifted_at=timezone.now(), lifted_by=by)
    covered = Delivery.objects.filter(held.covered)
    came_back = Q(state=State.PLANNED, due_at__lte=Now())  # out of doubt meanwhile: asked about like the rest
    waiting = _kept_by_none(covered).filter(Q(state=State.HELD) | came_back)
    late = list(waiting.filter(planned_at__lt=Now()).values_list("message", flat=True)) if overdue == "move" else []
    # messages before their rows, as whoever moves one does
    moving = list(Message.objects.filter(pk__in=late).order_by("pk").select_for_update(of=("self",)))
    lock(Delivery.objects.filter(Q(pk__in=waiting.values("pk")) | Q(message__in=late)))
    move(_kept_by_none(covered).filter(came_back), State.HELD, why="hold", **NO_LEASE)
    rows = _kept_by_none(covered).filter(state=State.HELD)
    if overdue == "drop":
        _drop(rows.filter(planned_at__lt=Now()), by)
    count = _let_go(covered, by=by)
    for message in moving:
        move_to(message, by=by, publish_at=at)
    record(by, "lift", held, deliveries=count, overdue=overdue, over=str(over or ""))
    wake(*Lane.values)
    return count


@verb
def sweep() -> int:
    """Let go on what was put on hold while the hold over it was being lifted. Returns rows let go."""
    return 0 if Hold.current() else _let_go(Delivery.objects.all(), by=None)


def _let_go(deliveries: DeliveryQuerySet, *, by: Person | None) -> int:
    """Of these what no hold keeps, acts too. Needs a transaction."""
    free = _kept_by_none(deliveries)
    rows = free.filter(state=State.HELD)
    count = move(rows.exclude(stop=""), State.PLANNED, why="lift", by=by, due_at=None)
    count += move(rows.filter(stop=""), State.PLANNED, why="lift", by=by, due_at=F("planned_at"))
    acts = Amendment.objects.filter(done_at=None, code=HELD)
    if about := list(acts.values_list("delivery", flat=True)):  # few, or none: else every row ever sent is looked at
        acts.filter(delivery__in=free.filter(pk__in=about)).update(due_at=Now(), code="")
    return count


def _kept_by_none(deliveries: DeliveryQuerySet) -> DeliveryQuerySet:
    return deliveries.filter(~Exists(Hold.objects.over_it()))


def _drop(overdue: DeliveryQuerySet, by: Person | None) -> None:
    """Needs a transaction. What waited for an internal delivery that is dropped goes with it: it never opened the gate."""
    internal = list(overdue.filter(level=Level.INTERNAL).values_list("message_id", flat=True))
    behind = Delivery.objects.filter(state__in=BEFORE_SENDING, stop=Stop.GATE, message__in=internal)
    for rows in (overdue, behind):
        move(rows, State.CANCELLED, why="dropped_after_hold", by=by, stop="")


def waiting(held: Hold, *, rehearsed: bool = False) -> int:
    """Rows that came due while this hold was in force: what lifting asks about; real ones, or those of rehearsals."""
    of = Delivery.objects.rehearsed() if rehearsed else Delivery.objects.real()
    rows = of.filter(held.covered)
    due = Q(state=State.HELD, planned_at__lte=Now()) | Q(state=State.PLANNED, due_at__lte=Now())
    overdue = rows.filter(due).count()
    acts = Amendment.objects.filter(Q(due_at__lte=timezone.now()) | Q(code=HELD), done_at=None, delivery__in=rows)
    return overdue + acts.count()
