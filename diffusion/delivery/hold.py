"""Verbs: hold, lift. One switch stops everything outward at once, also what is queued or claimed."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from diffusion.audit import record
from diffusion.brand.models import Level
from diffusion.delivery.models import NO_LEASE, Amendment, Delivery, DeliveryQuerySet, Hold, Lane, Stop
from diffusion.delivery.states import State, lock, move
from diffusion.directory.models import Person
from diffusion.errors import NotNow
from diffusion.verbs import verb
from diffusion.wake import wake


@verb
def hold(*, by: Person | None, reason: str = "") -> Hold:
    """Stop everything. A claimed row loses its lease, so its worker finds before the first byte that it may not.

    Raises NotNow when a hold is in force already.
    """
    try:
        with transaction.atomic():
            held = Hold.objects.create(by=by, reason=reason)
    except IntegrityError:
        raise NotNow("already_held") from None
    record(by, "hold", held, deliveries=stop_all(by))
    return held


def stop_all(by: Person | None) -> int:
    """What has not begun to be sent is held. Needs a transaction. Returns how many."""
    rows = Delivery.objects.filter(state__in=[State.PLANNED, State.CLAIMED])
    return move(rows, State.HELD, why="hold", by=by, **NO_LEASE)


@verb
def lift(*, by: Person | None, overdue: str = "send") -> int:
    """Let everything go on. What came due meanwhile is sent now (`send`), or cancelled (`drop`). Returns rows let go.

    Raises NotNow when nothing is on hold.
    """
    held = Hold.objects.select_for_update().filter(lifted_at=None).first()
    if held is None:
        raise NotNow("not_held")
    Hold.objects.filter(pk=held.pk).update(lifted_at=timezone.now(), lifted_by=by)
    back = Delivery.objects.filter(state=State.PLANNED, due_at__lte=Now())  # out of doubt meanwhile: asked about, too
    move(back, State.HELD, why="hold", **NO_LEASE)
    rows = Delivery.objects.filter(state=State.HELD)
    lock(rows)
    if overdue == "drop":
        _drop(rows.filter(planned_at__lt=Now()), by)
    stopped = rows.filter(~Q(stop=""))
    count = move(stopped, State.PLANNED, why="lift", by=by, due_at=None)
    count += move(rows.filter(stop=""), State.PLANNED, why="lift", by=by, due_at=F("planned_at"))
    record(by, "lift", held, deliveries=count, overdue=overdue)
    wake(*Lane.values)
    return count


def _drop(overdue: DeliveryQuerySet, by: Person | None) -> None:
    """Needs a transaction. What waited for an internal delivery that is dropped goes with it: it never opened the gate."""
    internal = list(overdue.filter(level=Level.INTERNAL).values_list("message_id", flat=True))
    behind = Delivery.objects.filter(state=State.HELD, stop=Stop.GATE, message__in=internal)
    for rows in (overdue, behind):
        move(rows, State.CANCELLED, why="dropped_after_hold", by=by, stop="")


def is_on() -> bool:
    """Whether everything outward is stopped; amendments ask too."""
    return Hold.objects.filter(lifted_at=None).exists()


def waiting() -> int:
    """Rows that came due while the hold was in force: what lifting asks about, rehearsals left out."""
    real = Delivery.objects.real()
    due = Q(state=State.HELD, planned_at__lte=Now()) | Q(state=State.PLANNED, due_at__lte=Now())
    overdue = real.filter(due).count()
    return overdue + Amendment.objects.filter(done_at=None, due_at__lte=timezone.now(), delivery__in=real).count()
