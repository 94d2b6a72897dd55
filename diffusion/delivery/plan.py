"""Verbs: plan, reschedule, cancel, retry. Internal first is a gate on the row."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from channels.contract import Kind
from diffusion.accounts.models import Account
from diffusion.approval.models import Approval, Decision
from diffusion.audit import Entry, record
from diffusion.brand.models import Level
from diffusion.delivery.holding import Hold, keeps
from diffusion.delivery.models import ACCOUNT_PAUSED, NO_LEASE, Amendment, Delivery, DeliveryQuerySet, Lane, Stop
from diffusion.delivery.states import BEFORE_SENDING, Moved, State, free, lock, move, move_one
from diffusion.directory import notify
from diffusion.directory.models import Authority, Person
from diffusion.errors import NotNow
from diffusion.message.models import Message
from diffusion.rendition.models import Version
from diffusion.schedule.clock import Times, Window, clear, times
from diffusion.schedule.models import Blackout
from diffusion.verbs import verb
from diffusion.wake import wake

LANE_OF_KIND = {
    Kind.INTRANET: Lane.INTRANET,
    Kind.SITE: Lane.INTRANET,
    Kind.SOCIAL: Lane.SOCIAL,
    Kind.NEWSLETTER: Lane.MAIL,
    Kind.OPEN: Lane.INTRANET,
    Kind.HAND: Lane.SOCIAL,
}


def lane_of(message: Message, account: Account) -> Lane:
    """Urgent if its message is, else its channel's kind decides."""
    return Lane.URGENT if message.is_urgent else LANE_OF_KIND[account.channel_class.kind]


@verb
def plan(message: Message, *, by: Person | None) -> list[Delivery]:
    """Turn the approved versions into deliveries, once. Raises NotNow: not approved, changed since, or faults left."""
    message = Message.objects.select_for_update(of=("self",)).select_related("revision").get(pk=message.pk)
    approval = message.approvals.first()
    if approval is None or approval.decision != Decision.APPROVED:
        raise NotNow("not_approved")
    versions = list(approved_versions(message, approval))
    unit = message.directorate
    if unit.is_internal_only and any(version.account.level != Level.INTERNAL for version in versions):
        raise NotNow("internal_only", directorate=unit.name)
    when = times_of(message)
    lock(message.deliveries.all())
    places = [version.account for version in versions]
    standing = message.deliveries.filter(account__in=places).exclude(state__in=[State.CANCELLED, State.SUPERSEDED])
    _supersede(standing.exclude(digest__in=[version.digest for version in versions]))
    kept = list(standing.filter(occurrence="1"))
    taken = {delivery.account_id for delivery in kept}
    fresh = _planned(message, [version for version in versions if version.account_id not in taken], when)
    made = [*kept, *Delivery.objects.bulk_create(fresh)]
    if fresh:  # planned a second time, nothing new is told
        record(by, "plan", message, deliveries=len(made), outside=when.outside.isoformat())
    wake(*{delivery.lane for delivery in made if delivery.due_at})
    return made


def approved_versions(message: Message, approval: Approval) -> list[Version]:
    """The versions that the approval sealed, as they stand. Raises NotNow when one is no longer what was seen."""
    stored = {v.account.public_id: v for v in message.current.versions.select_related("account")}
    if approval.revision_id != message.revision_id or any(
        key not in stored or stored[key].digest != sealed for key, sealed in approval.seal.items()
    ):
        raise NotNow("changed_since")
    versions = [stored[key] for key in approval.seal]
    faulty = [version for version in versions if not version.can_be_scheduled]
    if faulty:
        raise NotNow("has_faults", count=len(faulty))
    return versions


def times_of(message: Message, now: datetime | None = None) -> Times:
    """When this message's levels go out, blackouts kept: an internal time inside one moves before it."""
    now = now or timezone.now()
    lead = message.lead if message.lead is not None else Authority.get().lead
    when = times(message.publish_at, now=now, lead=lead, is_urgent=message.is_urgent)
    if message.is_urgent:
        return when
    windows = [Window(b.starts_at, b.ends_at, b.reason) for b in Blackout.objects.filter(ends_at__gt=now)]
    outside, early = clear(when.outside, windows), clear(when.internal, windows, before=True)
    return Times(early if early >= now else clear(when.internal, windows), outside)


def _planned(message: Message, versions: list[Version], when: Times) -> list[Delivery]:
    """A delivery of each version, not stored yet. Needs a transaction."""
    holds, rows = list(Hold.objects.in_force()), []
    agents_first = not message.is_urgent and Level.INTERNAL in message.levels and _has_internal(message)
    for version in versions:
        is_internal = version.account.level == Level.INTERNAL
        planned_at = when.internal if is_internal else when.outside
        waits = agents_first and not is_internal
        row = Delivery(
            message=message, account=version.account, revision_id=version.revision_id, level=version.account.level,
            lane=lane_of(message, version.account), body={**version.body, "at": planned_at.isoformat()},
            digest=version.digest, planned_at=planned_at, due_at=None if waits else planned_at,
            stop=Stop.GATE if waits else "", useless_after=message.useless_after, read_on=version.read_on,
        )  # fmt: skip
        row.state = State.HELD if keeps(holds, row) else State.PLANNED
        rows.append(row)
    return rows


_GIVES_WAY = Q(state__in=[*BEFORE_SENDING, State.REFUSED], edition=None)
"""What has not left, whole or in part: of a letter with an edition, some mails may have."""


def _supersede(stale: DeliveryQuerySet) -> int:
    """Needs a transaction. A later approved text takes the place of one that has not left."""
    return move(stale.filter(_GIVES_WAY), State.SUPERSEDED, why="superseded", stop="", due_at=None, **NO_LEASE)


def _has_internal(message: Message) -> bool:
    return message.current.versions.filter(account__level=Level.INTERNAL).exists()


def open_gate(message: Message) -> int:
    """When every internal delivery is published, the outside goes at the later of its planned time and now.

    Needs a transaction. Called at each outcome, and by the sweep: opening twice changes nothing.
    """
    internal = message.deliveries.awaited().exclude(state__in=[State.CANCELLED, State.SUPERSEDED])
    if internal.exclude(state__in=[State.PUBLISHED, State.WITHDRAWN]).exists():
        return 0
    return let_go(message.deliveries.filter(stop=Stop.GATE))


def let_go(waiting: DeliveryQuerySet) -> int:
    """What somebody else holds is let go by the next sweep."""
    stopped = free(waiting)
    lanes = set(stopped.values_list("lane", flat=True))
    planned = stopped.filter(state=State.PLANNED).update(stop="", due_at=Greatest(F("planned_at"), Now()))
    stopped.filter(state=State.HELD).update(stop="")
    wake(*lanes)
    return planned


@verb
def sweep() -> int:
    """Put right what no event did: gates that stand open, rows whose account is let in again. Returns rows let go."""
    count = let_go(Delivery.objects.filter(state=State.PLANNED, stop=Stop.PAUSED, account__in=Account.objects.let_in()))
    waiting_acts = Amendment.objects.filter(done_at=None, due_at=None, code=ACCOUNT_PAUSED)
    count += waiting_acts.filter(delivery__account__in=Account.objects.let_in()).update(due_at=Now(), code="")
    shut = (
        Delivery.objects.awaited()
        .filter(message=OuterRef("pk"))
        .exclude(state__in=[State.PUBLISHED, State.WITHDRAWN, State.CANCELLED, State.SUPERSEDED])
    )
    waiting = Message.objects.filter(deliveries__state=State.PLANNED, deliveries__stop=Stop.GATE).distinct()
    for message in waiting.filter(~Exists(shut)):
        count += open_gate(message)
    return count


def plan_approved() -> int:
    """Plan what was approved and has no deliveries yet: the approver's click may have been the process's last act."""
    count = 0
    for message in _to_be_planned():
        try:
            count += len(plan(message, by=None))
        except NotNow:
            continue  # the desk shows why
    return count


def _to_be_planned() -> QuerySet[Message]:
    """The present revision approved, and a place free for one of its versions: where all went out before, a correction
    waits for its button."""
    planned = Delivery.objects.filter(revision=OuterRef("revision"))
    standing = Delivery.objects.filter(message=OuterRef("revision__message"), account=OuterRef("account"))
    taken = standing.exclude(state__in=[State.CANCELLED, State.SUPERSEDED]).exclude(_GIVES_WAY)
    free = Version.objects.filter(revision=OuterRef("revision")).filter(~Exists(taken))
    approved = Message.objects.filter(
        approvals__decision=Decision.APPROVED, approvals__revision=F("revision"), set_aside_at=None
    )
    return approved.filter(Exists(free), ~Exists(planned)).distinct()


@verb
def reschedule(message: Message, *, by: Person, publish_at: datetime | None) -> int:
    """Move what has not gone out; None is now: agents at once, the outside by the lead. Raises NotNow when all has gone.

    The seal holds: time is not sealed.
    """
    return move_to(message, by=by, publish_at=publish_at)


def move_to(message: Message, *, by: Person | None, publish_at: datetime | None) -> int:
    """What `reschedule` does, for a verb that has a transaction."""
    message = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    lead = message.lead if message.lead is not None else Authority.get().lead
    message.publish_at = publish_at or timezone.now() + (timedelta() if message.is_urgent else lead)
    if message.useless_after and message.useless_after <= message.publish_at:  # who moved it there wants it there
        message.useless_after, message.is_limit_chosen = None, True
    message.save(update_fields=["publish_at", "useless_after", "is_limit_chosen"])
    when, moved = times_of(message), 0
    for row in message.deliveries.order_by("pk").select_for_update().filter(state__in=BEFORE_SENDING):
        row.planned_at = when.internal if row.level == Level.INTERNAL else when.outside
        row.body = {**row.body, "at": row.planned_at.isoformat()}
        if row.state == State.CLAIMED:  # its worker finds its lease gone before the first byte
            move_one(Delivery.objects.filter(pk=row.pk), State.PLANNED, why="reschedule", by=by, **NO_LEASE)
        due = row.planned_at if not row.stop or row.stop == Stop.LATE else None
        stop = "" if row.stop == Stop.LATE else row.stop
        moved += Delivery.objects.filter(pk=row.pk).update(
            planned_at=row.planned_at, body=row.body, due_at=due, stop=stop, useless_after=message.useless_after
        )
    if not moved and message.deliveries.exists():
        raise NotNow("already_sent")
    record(by, "reschedule", message, outside=when.outside.isoformat(), moved=moved)
    return moved


@verb
def cancel(deliveries: DeliveryQuerySet, *, by: Person | None, why: str = "cancel") -> int:
    """Stop these: not yet sent, refused, or in doubt (that one may be out). Raises NotNow when none could be stopped."""
    subjects = list(deliveries.select_related("message"))
    stoppable = [*BEFORE_SENDING, State.REFUSED, State.UNCERTAIN]
    moved = move(
        deliveries.filter(state__in=stoppable), State.CANCELLED, why=why, by=by, stop="", look_at=None, **NO_LEASE
    )
    if not moved:
        raise NotNow("already_sent")
    for message in {delivery.message for delivery in subjects}:
        open_gate(message)
        record(by, "cancel", message, deliveries=moved)
    return moved


AGAIN: dict[str, Any] = {
    "due_at": Now(), "stop": "", "prepared": None, "tries": 0, "planned_at": Now(), **NO_LEASE,
}  # fmt: skip
"""What is written on a refused delivery that is sent again, as it is."""


@verb
def retry(delivery: Delivery, *, by: Person | None) -> Delivery:
    """Send a refused delivery again, as it is: what it says was approved. Raises NotNow if it is not refused."""
    try:
        refused = Delivery.objects.filter(pk=delivery.pk, state__in=[State.REFUSED])
        move_one(refused, State.PLANNED, why="retry", by=by, **AGAIN)
    except Moved as moved:
        raise NotNow("not_in_this_state", state=State(delivery.state).label) from moved
    record(by, "retry", delivery)
    wake(delivery.lane)
    delivery.refresh_from_db()
    return delivery


LATE_AFTER = timedelta(minutes=15)
_UNDER_WAY = [State.PLANNED, State.CLAIMED, State.SENDING, State.UNCERTAIN]


def is_late(message: Message, now: datetime | None = None) -> bool:
    """Internal refused, uncertain or 15 minutes late: the public waits, and a person is asked."""
    now = now or timezone.now()
    return (
        message.deliveries.awaited()
        .filter(
            Q(state__in=[State.REFUSED, State.UNCERTAIN]) | Q(state__in=_UNDER_WAY, planned_at__lt=now - LATE_AFTER)
        )
        .exists()
    )


@verb
def ask_about_late() -> int:
    """Tell people, once, of an internal delivery that is late while the public waits for it. Returns how many it told of.

    What is refused, or in doubt with no look to come, was told when it came to that.
    """
    waiting = Delivery.objects.filter(message=OuterRef("message"), state=State.PLANNED, stop=Stop.GATE)
    told = Entry.objects.filter(subject_kind="delivery", subject_id=OuterRef("pk"), verb="internal_late")
    late = Delivery.objects.awaited().filter(
        Exists(waiting), ~Exists(told.filter(at__gte=OuterRef("planned_at"))),
        state__in=_UNDER_WAY, planned_at__lt=Now() - LATE_AFTER,
    ).exclude(stop=Stop.LATE).exclude(state=State.UNCERTAIN, look_at=None)  # fmt: skip
    count = 0
    for delivery in late.select_related("message__made_by", "message__revision").select_for_update(
        of=("self",), skip_locked=True
    ):
        record(None, "internal_late", delivery)
        notify.tell_ops(delivery.message, "delivery_needs_you", code="internal_late", delivery=delivery.public_id)
        count += 1
    return count
