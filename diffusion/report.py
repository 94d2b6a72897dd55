"""Where a message stands, and what became of a contribution: read from approvals and deliveries, stored nowhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet, TextChoices, prefetch_related_objects

from diffusion.approval.models import Approval, Decision
from diffusion.delivery.erratum import is_erratum
from diffusion.delivery.models import BY_HAND, LEFT_AS_IT_IS, Amendment, Delivery
from diffusion.delivery.states import BEFORE_SENDING, State
from diffusion.intake.models import Submission
from diffusion.message.models import Message
from diffusion.rendition.models import Version


class Stage(TextChoices):
    """A message's stages, in the order of its life."""

    DRAFT = "draft", "En préparation"
    FAULTY = "faulty", "À corriger"
    ASKED = "asked", "Attend une décision"
    DECLINED = "declined", "Renvoyé"
    LAPSED = "lapsed", "Sans réponse"
    APPROVED = "approved", "Approuvé"
    PLANNED = "planned", "Planifié"
    PUBLISHING = "publishing", "En cours de publication"
    PUBLISHED = "published", "Publié"
    CHANGED = "changed", "Modifié depuis"
    WITHDRAWN = "withdrawn", "Retiré"
    ASIDE = "aside", "Écarté"


GONE = frozenset({State.CANCELLED, State.SUPERSEDED})
ASKED = {
    Decision.ASKED: Stage.ASKED,
    Decision.APPROVED: Stage.APPROVED,
    Decision.DECLINED: Stage.DECLINED,
    Decision.LAPSED: Stage.LAPSED,
}


def _story() -> tuple[Prefetch[Any], ...]:
    return (
        Prefetch("approvals", Approval.objects.select_related("asked_of", "deputy", "decided_by", "asked_by")),
        Prefetch("deliveries", Delivery.objects.select_related("account", "receipt").prefetch_related("amendments")),
        Prefetch("revision__versions", Version.objects.select_related("account")),
    )


def with_story(messages: QuerySet[Message]) -> QuerySet[Message]:
    """The messages with all that `stage` reads, in as many queries for fifty as for one."""
    return messages.prefetch_related(*_story())


def load_story(message: Message) -> Message:
    """The same for one message that was read already."""
    prefetch_related_objects([message], *_story())
    return message


def standing(message: Message) -> list[Delivery]:
    """The deliveries that count: neither cancelled nor replaced."""
    return [delivery for delivery in message.deliveries.all() if delivery.state not in GONE]


def latest(message: Message) -> Approval | None:
    """The last question put about the words as they stand now."""
    found = next(iter(message.approvals.all()), None)
    return found if found and found.revision_id == message.revision_id else None


def changed(message: Message, deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Those of `deliveries` whose frozen text is no longer the account's version: live ones need a correction.

    An erratum stands for what it follows, and what somebody decided to leave as it is counts no more.
    """
    if message.revision is None:
        return []
    present = {version.account_id: version.digest for version in message.revision.versions.all()}
    touched = (*BEFORE_SENDING, State.PUBLISHED)
    newest = {d.account_id: d for d in sorted(deliveries, key=_pk)}.values()
    return [
        d
        for d in sorted(newest, key=lambda d: (d.planned_at, d.pk))
        if d.state in touched and present.get(d.account_id, d.digest) != d.digest and not _is_left(d, message)
    ]


def _pk(delivery: Delivery) -> int:
    return delivery.pk


def _is_left(delivery: Delivery, message: Message) -> bool:
    return any(a.code == LEFT_AS_IT_IS and a.revision_id == message.revision_id for a in delivery.amendments.all())


def corrections(message: Message) -> list[Amendment | Delivery]:
    """What was begun to put the present words, or nothing, in place of what is live: amendments, then errata."""
    told = Amendment.objects.filter(delivery__message=message).select_related("delivery__account")
    now = told.filter(Q(revision=message.revision) | Q(act=Amendment.Act.DELETE))
    return [*now.exclude(code="superseded"), *(d for d in standing(message) if _corrects(d, message))]


def _corrects(delivery: Delivery, message: Message) -> bool:
    return is_erratum(delivery) and delivery.revision_id == message.revision_id


def is_recalled(delivery: Delivery) -> bool:
    """Taken back as far as the channel allows: the rest, such as a letter's readers, waits for a person's word."""
    return any(a.act == Amendment.Act.DELETE and a.code == BY_HAND and not a.done_at for a in delivery.amendments.all())


def by_hand(message: Message) -> set[int]:
    """Primary keys of live deliveries of which a person must do a correction or a withdrawal."""
    rows = Amendment.objects.filter(delivery__message=message, done_at=None, due_at=None, code=BY_HAND)
    return set(rows.values_list("delivery_id", flat=True))


def being_corrected(message: Message) -> set[int]:
    """Primary keys of live deliveries whose correction to the present words is on its way."""
    rows = Amendment.objects.filter(delivery__message=message, revision=message.revision, done_at=None)
    return set(rows.exclude(due_at=None).values_list("delivery_id", flat=True))


def stage(message: Message) -> Stage:
    """Where it stands. Once something was planned the deliveries say it, before that the approval."""
    if message.set_aside_at:
        return Stage.ASIDE
    deliveries = standing(message)
    if deliveries:
        return _stage_of(message, deliveries)
    approval = latest(message)
    if approval and approval.decision in (Decision.ASKED, Decision.APPROVED):
        return ASKED[Decision(approval.decision)]
    if message.revision and any(not version.can_be_scheduled for version in message.revision.versions.all()):
        return Stage.FAULTY
    return ASKED.get(Decision(approval.decision), Stage.DRAFT) if approval else Stage.DRAFT


def _stage_of(message: Message, deliveries: list[Delivery]) -> Stage:
    states = {State.WITHDRAWN if is_recalled(delivery) else delivery.state for delivery in deliveries}
    if states == {State.WITHDRAWN}:
        return Stage.WITHDRAWN
    if changed(message, deliveries):
        return Stage.CHANGED
    if states <= {State.PUBLISHED, State.WITHDRAWN}:
        return Stage.PUBLISHED
    return Stage.PUBLISHING if State.PUBLISHED in states else Stage.PLANNED


@dataclass(frozen=True, slots=True)
class Place:
    """Where something of it can be read. `url` is empty where the channel gives no address (a letter)."""

    account: str
    channel: str
    url: str
    at: datetime
    is_rehearsal: bool = False


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a submission. `message` None: still on the desk, or declined (`submission.declined_at`)."""

    submission: Submission
    message: Message | None = None
    stage: Stage = Stage.DRAFT
    approval: Approval | None = None
    goes_at: datetime | None = None
    places: tuple[Place, ...] = ()

    @property
    def rehearsed(self) -> int:
        """How many of the places are rehearsals."""
        return sum(place.is_rehearsal for place in self.places)

    @property
    def real(self) -> int:
        """How many places count."""
        return len(self.places) - self.rehearsed


def fates(submissions: Iterable[Submission]) -> list[Fate]:
    """What became of each, in the order given."""
    rows = list(submissions)
    told = with_story(Message.objects.filter(submissions__in=[row.pk for row in rows]).select_related("revision"))
    by_submission: dict[int, Message] = {}
    for message in told.prefetch_related("submissions").distinct():
        by_submission.update({submission.pk: message for submission in message.submissions.all()})
    return [_fate(row, by_submission.get(row.pk)) for row in rows]


def _fate(submission: Submission, message: Message | None) -> Fate:
    if message is None:
        return Fate(submission)
    deliveries = standing(message)
    ahead = [d.planned_at for d in deliveries if d.state in BEFORE_SENDING]
    live = [d for d in deliveries if d.state == State.PUBLISHED and d.receipt]
    places = [
        Place(
            d.account.name,
            d.account.channel,
            d.receipt.url if d.receipt else "",
            d.receipt.at if d.receipt else d.planned_at,
            d.account.is_rehearsal,
        )
        for d in live
    ]
    at = min(ahead) if ahead else message.publish_at
    return Fate(submission, message, stage(message), latest(message), at, tuple(places))
