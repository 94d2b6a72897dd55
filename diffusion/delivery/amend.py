"""Verbs: edit, replace, withdraw what is published, everywhere, with a clock until each channel is proved."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from channels.contract import Act, Prepared, Rendition
from channels.contract import Receipt as Proof
from channels.outcomes import Disconnected, Outcome, Refused, Throttled
from diffusion.accounts.connect import channel_of
from diffusion.approval.models import Decision
from diffusion.audit import record
from diffusion.delivery import breaker, pace, settle
from diffusion.delivery.backoff import before_retry
from diffusion.delivery.claim import Lease
from diffusion.delivery.erratum import plan_erratum
from diffusion.delivery.models import (
    ACCOUNT_PAUSED,
    BY_HAND,
    HELD,
    LEFT_AS_IT_IS,
    NO_LEASE,
    UNSETTLED,
    Amendment,
    Delivery,
    Receipt,
)
from diffusion.delivery.plan import approved_versions
from diffusion.delivery.remedy import How, Step, preview
from diffusion.delivery.states import BEFORE_SENDING, State, lock, move, move_one
from diffusion.directory.models import Person
from diffusion.errors import BadInput, No, NotNow
from diffusion.instants import in_seconds
from diffusion.message.models import Message
from diffusion.rendition.erratum import takes_errata
from diffusion.rendition.models import Version
from diffusion.verbs import verb
from diffusion.wake import wake

log = logging.getLogger(__name__)

_BY_HAND: dict[str, Any] = {"due_at": None, "code": BY_HAND}
_UNSETTLED: dict[str, Any] = {"due_at": None, "code": UNSETTLED}


@verb
def correct(message: Message, *, by: Person, how: Mapping[str, str] | None = None) -> list[Amendment | Delivery]:
    """Put the present, approved revision in place of what is live, each the best way or as `how` says by public id.

    Returns what was begun. Raises NotNow: no approval of it yet, or none of its versions may go out.
    """
    approved = approved_now(message)
    lock(message.deliveries.all())
    made, chosen = _correct_once_known(message, approved, by), dict(how or {})
    for step in preview(message, Act.EDIT):
        version, given = approved.get(step.delivery.account_id), chosen.get(step.delivery.public_id, "")
        if version and version.digest != step.delivery.digest:
            made.append(_put_right(step, version, How(given) if given in step.ways else step.ways[0], by))
    record(by, "correct", message, amendments=len(made))
    return made


def approved_now(message: Message) -> dict[int, Version]:
    """Account → the present words' version, as it was approved. Locks the message. Raises NotNow: no approval of them."""
    message = Message.objects.select_for_update(of=("self",)).select_related("revision").get(pk=message.pk)
    approval = message.approvals.first()
    if approval is None or approval.decision != Decision.APPROVED or approval.revision_id != message.revision_id:
        raise NotNow("not_approved")
    return {version.account_id: version for version in approved_versions(message, approval)}


def _correct_once_known(message: Message, approved: Mapping[int, Version], by: Person) -> list[Amendment | Delivery]:
    """What may stand already gets the new words once it is known to stand; if it doesn't, it goes out with them."""
    made: list[Amendment | Delivery] = []
    for delivery in _unsettled(message):
        version = approved.get(delivery.account_id)
        if version and version.digest != delivery.digest and not takes_errata(delivery.account.channel_class):
            body = {**version.body, "at": delivery.body["at"]}
            made.append(_ask(delivery, Act.EDIT, by=by, revision=version.revision, body=body, **_UNSETTLED))
    return made


def _unsettled(message: Message) -> list[Delivery]:
    """Locked, so that whoever learns how they ended finds what was asked of them. Needs a transaction."""
    rows = message.deliveries.filter(state__in=[State.SENDING, State.UNCERTAIN]).select_related("account")
    return list(rows.select_for_update(of=("self",)))


def _put_right(step: Step, version: Version, how: How, by: Person) -> Amendment | Delivery:
    """Needs a transaction."""
    if how is How.ERRATUM:
        return plan_erratum(version)
    body = {**version.body, "at": step.delivery.body["at"]}
    return _ask(step.delivery, Act.EDIT, by=by, revision=version.revision, body=body, **_changes(how))


def _changes(how: How) -> dict[str, Any]:
    """The amendment's columns where no worker does it."""
    if how is How.HAND:
        return _BY_HAND
    return {"due_at": None, "done_at": timezone.now(), "code": LEFT_AS_IT_IS} if how is How.NOTHING else {}


@verb
def withdraw(message: Message, *, by: Person, reason: str) -> list[Amendment]:
    """Take away what is live wherever the channel can, stop what has not left, and leave the rest to a person."""
    lock(message.deliveries.all())
    if not message.deliveries.exists():  # approved a moment ago: the sweep must not plan it any more
        message.approvals.filter(decision=Decision.APPROVED).update(decision=Decision.WITHDRAWN)
    waiting = message.deliveries.filter(state__in=[*BEFORE_SENDING, State.REFUSED])
    move(waiting, State.CANCELLED, why="withdraw", by=by, stop="", **NO_LEASE)
    made = [_ask(delivery, Act.DELETE, by=by, **_UNSETTLED) for delivery in _unsettled(message)]
    made += [
        _ask(step.delivery, Act.DELETE, by=by, **({} if step.act == Act.DELETE else _BY_HAND))
        for step in preview(message, Act.DELETE)
    ]
    record(by, "withdraw", message, amendments=len(made), reason=reason)
    return made


def ask_to_edit(delivery: Delivery, *, by: Person) -> Amendment:
    """Its own words once more, in place of what somebody wrote on the channel. Needs a transaction."""
    return _ask(delivery, Act.EDIT, by=by, revision=delivery.revision, body=delivery.body)


def _ask(delivery: Delivery, act: Act, *, by: Person, **more: Any) -> Amendment:
    Delivery.objects.select_for_update().get(pk=delivery.pk)  # of two people asking at once, the later one holds
    delivery.amendments.filter(done_at=None).update(due_at=None, done_at=timezone.now(), code="superseded")
    wake(delivery.lane)
    return Amendment.objects.create(delivery=delivery, act=act, lane=delivery.lane, by=by, **more)


@verb
def done_by_hand(delivery: Delivery, *, by: Person, note: str, url: str = "") -> Amendment:
    """A person did on the channel what the channel doesn't let us do, or what it refused. Their word is the receipt.

    Raises NotNow when nothing of this delivery waits for a person, BadInput without a word on what was done.
    """
    if not note.strip():
        raise BadInput("note_needed")
    lock(Delivery.objects.filter(pk=delivery.pk))  # before its amendments, as whoever asks for one
    rows = Amendment.objects.select_for_update(of=("self",)).select_related("delivery__receipt", "revision")
    amendment = rows.filter(delivery=delivery).waiting_for_a_person().first()
    if amendment is None:
        raise NotNow("nothing_by_hand")
    known = amendment.delivery.receipt
    remote_id = url or (known.remote_id if known else "seen")
    proof = Proof(id=remote_id, url=url or (known.url if known else ""), evidence=note.strip())
    amendment.done_at, amendment.by, amendment.code = timezone.now(), by, BY_HAND
    amendment.save(update_fields=["done_at", "by", "code"])
    _settle(amendment, proof, kind=Receipt.Proof.PERSON)
    record(by, "done_by_hand", delivery, act=amendment.act, url=url, note=note.strip())
    return amendment


def carry(pk: int, lease: Lease) -> None:
    """Do one amendment that `claim_amendments` leased. Both acts may be repeated: a lost answer is just another try."""
    rows = Amendment.objects.select_related("delivery__account", "delivery__message", "delivery__receipt")
    amendment = rows.filter(pk=pk, lease=lease.token).first()
    if amendment is None:
        return
    try:
        _carry(amendment, lease)
    finally:
        _end_lease(lease, pk)


@verb
def _end_lease(lease: Lease, pk: int) -> None:
    """Also of one that was superseded meanwhile: what takes its place waits until its request is over."""
    Amendment.objects.filter(pk=pk, lease=lease.token).update(**NO_LEASE)


def _carry(amendment: Amendment, lease: Lease) -> None:
    if lease.is_over(amendment.delivery.account.channel_class.deadline):
        return
    if pace.is_held(amendment.delivery):
        _wait(amendment, lease, code=HELD)
        return
    if amendment.delivery.account.paused_at or amendment.delivery.account.is_silent:
        _wait(amendment, lease)
        return
    try:
        proof = _do(amendment)
    except Disconnected as outcome:
        _wait(amendment, lease, said=outcome)
    except pace.Waits as rest:
        _put_off(amendment, lease, rest.seconds)
    except Exception as fault:  # the task's edge
        if not isinstance(fault, Outcome | No):
            log.error("amend_failed amendment=%s", amendment.pk, exc_info=fault)
        _note_failure(amendment, lease, fault)
    else:
        _note_success(amendment, lease, proof)


@verb
def _wait(amendment: Amendment, lease: Lease, *, code: str = ACCOUNT_PAUSED, said: Disconnected | None = None) -> None:
    """Until the account, paused, silent or not let in, is back (`plan.sweep` sees it), or a hold lifted (`hold.lift`).

    Still due, it would be claimed again and again before those that may go.
    """
    if said:
        settle.pause(amendment.delivery.account, said)
    mine = Amendment.objects.filter(pk=amendment.pk, lease=lease.token, done_at=None)
    mine.update(due_at=None, code=code, evidence=said.evidence if said else "", **NO_LEASE)


@verb
def _put_off(amendment: Amendment, lease: Lease, seconds: float) -> None:
    """Without a try: another row asks whether the account's server answers again."""
    mine = Amendment.objects.filter(pk=amendment.pk, lease=lease.token, done_at=None)
    mine.update(due_at=in_seconds(seconds), **NO_LEASE)


def _do(amendment: Amendment) -> Proof:
    """Raises Waits while the account rests, Outcome, No."""
    delivery = amendment.delivery
    pace.check_throttle(delivery.account)
    channel, receipt = channel_of(delivery.account), delivery.receipt
    if rest := breaker.seconds_to_rest(delivery.account, channel):
        raise pace.Waits("resting", seconds=rest)
    assert receipt is not None  # published_has_receipt
    known = Proof(id=receipt.remote_id, url=receipt.url, at=receipt.at)
    if amendment.act == Amendment.Act.DELETE:
        channel.delete(known)
        return known
    rendition = Rendition.from_json(amendment.body)
    for problem in channel.check(rendition, delivery.account.limits):
        raise Refused(problem.code, over=problem.over, **problem.facts).ours()
    return channel.edit(known, rendition, channel.prepare(rendition, Prepared()))


@verb
def _note_success(amendment: Amendment, lease: Lease, proof: Proof) -> None:
    lock(Delivery.objects.filter(pk=amendment.delivery_id))
    mine = Amendment.objects.filter(pk=amendment.pk, lease=lease.token, done_at=None)
    if not mine.update(done_at=Now(), due_at=None, code="", tries=F("tries") + 1, **NO_LEASE):
        return  # another worker did the same: both acts may be repeated
    breaker.note(amendment.delivery.account, None)
    is_gone = amendment.act == Amendment.Act.DELETE
    _settle(amendment, proof, kind=Receipt.Proof.WITHDRAWN if is_gone else Receipt.Proof.EDITED)


def _settle(amendment: Amendment, proof: Proof, *, kind: str) -> None:
    """Needs a transaction. What is live now says the amendment's words, or is gone; the receipt says by whose word."""
    receipt = Receipt.objects.create(
        delivery=amendment.delivery,
        proof=kind,
        remote_id=proof.id,
        url=proof.url,
        evidence=proof.evidence,
        by=amendment.by,
    )
    rows = Delivery.objects.filter(pk=amendment.delivery_id)
    if amendment.act == Amendment.Act.DELETE:
        move_one(rows, State.WITHDRAWN, why="withdraw", by=amendment.by, receipt=receipt)
        return
    Amendment.objects.filter(pk=amendment.pk).update(was=rows.values("revision")[:1])
    new = Rendition.from_json(amendment.body)
    look_at = settle.first_look(amendment.delivery)
    rows.update(receipt=receipt, revision=amendment.revision, body=new.to_json(), look_at=look_at)
    version = amendment.revision.versions.get(account=amendment.delivery.account)  # type: ignore[union-attr]
    rows.update(digest=version.digest)


@verb
def _note_failure(amendment: Amendment, lease: Lease, fault: Exception) -> None:
    mine = Amendment.objects.filter(pk=amendment.pk, lease=lease.token, done_at=None)
    code = getattr(fault, "code", "internal")
    changes: dict[str, object] = {"code": code, "evidence": getattr(fault, "evidence", repr(fault)), **NO_LEASE}
    if isinstance(fault, Outcome):
        settle.heed(amendment.delivery.account, fault)
    if isinstance(fault, Refused | No):
        mine.update(due_at=None, **changes)
        settle.needs_a_person(amendment.delivery, code)
        return
    after = fault.after if isinstance(fault, Throttled) else before_retry(amendment.tries)
    mine.update(due_at=in_seconds(after), tries=F("tries") + 1, **changes)
