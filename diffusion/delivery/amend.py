"""Verbs: edit, replace, withdraw what is published, everywhere, with a clock until each channel is proved."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from channels.contract import Act, Prepared, Rendition
from channels.contract import Receipt as Proof
from channels.outcomes import Disconnected, Outcome, Refused, Throttled
from diffusion.accounts.connect import channel_of
from diffusion.approval.models import Decision
from diffusion.audit import record
from diffusion.delivery import hold, settle
from diffusion.delivery.backoff import before_retry
from diffusion.delivery.claim import Lease
from diffusion.delivery.models import ACCOUNT_PAUSED, NO_LEASE, Amendment, Delivery, Receipt
from diffusion.delivery.plan import approved_versions
from diffusion.delivery.states import State, move_one
from diffusion.directory.models import Person
from diffusion.errors import No, NotNow
from diffusion.instants import in_seconds
from diffusion.message.models import Message
from diffusion.verbs import verb
from diffusion.wake import wake

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """What a correction does to one published delivery: `act` is edit or delete, or `person` where the channel can't."""

    delivery: Delivery
    act: str


def preview(message: Message, act: Act) -> list[Step]:
    """The plan of a correction or a withdrawal, before anything is done."""
    live = message.deliveries.live().select_related("account")
    return [Step(d, act if act in d.account.channel_class.can else "person") for d in live]


@verb
def correct(message: Message, *, by: Person) -> list[Amendment]:
    """Put the present, approved revision in place of what is live, where the channel can edit. Raises NotNow: no approval
    of it yet, or none of its versions may go out."""
    approval = message.approvals.first()
    if approval is None or approval.decision != Decision.APPROVED or approval.revision_id != message.revision_id:
        raise NotNow("not_approved")
    approved = {version.account_id: version for version in approved_versions(message, approval)}
    steps = [step for step in preview(message, Act.EDIT) if step.act == Act.EDIT]
    made = []
    for step in steps:
        version = approved.get(step.delivery.account_id)
        if version and version.digest != step.delivery.digest:
            body = {**version.body, "at": step.delivery.body["at"]}
            made.append(_ask(step.delivery, Act.EDIT, by=by, revision=message.current, body=body))
    record(by, "correct", message, amendments=len(made))
    return made


@verb
def withdraw(message: Message, *, by: Person, reason: str) -> list[Amendment]:
    """Take away what is live wherever the channel can, and stop what has not left."""
    for delivery in message.deliveries.filter(state__in=[State.PLANNED, State.CLAIMED, State.HELD]):
        move_one(Delivery.objects.filter(pk=delivery.pk), State.CANCELLED, why="withdraw", by=by, stop="", **NO_LEASE)
    steps = [step for step in preview(message, Act.DELETE) if step.act == Act.DELETE]
    made = [_ask(step.delivery, Act.DELETE, by=by) for step in steps]
    record(by, "withdraw", message, amendments=len(made), reason=reason)
    return made


def _ask(delivery: Delivery, act: Act, *, by: Person, **more: object) -> Amendment:
    delivery.amendments.filter(done_at=None).update(due_at=None, done_at=timezone.now(), code="superseded")
    wake(delivery.lane)
    return Amendment.objects.create(delivery=delivery, act=act, lane=delivery.lane, by=by, **more)


def carry(pk: int, lease: Lease) -> None:
    """Do one amendment that `claim_amendments` leased. Both acts may be repeated: a lost answer is just another try."""
    amendment = (
        Amendment.objects.select_related("delivery__account", "delivery__receipt")
        .filter(pk=pk, lease=lease.token)
        .first()
    )
    if amendment is None or hold.is_on():
        return
    if amendment.delivery.account.paused_at:
        _wait_for_the_account(amendment, lease, evidence="")
        return
    try:
        proof = _do(amendment)
    except Disconnected as outcome:
        _wait_for_the_account(amendment, lease, evidence=outcome.evidence, said=outcome)
    except Exception as fault:  # the task's edge
        if not isinstance(fault, Outcome | No):
            log.error("amend_failed amendment=%s", amendment.pk, exc_info=fault)
        _note_failure(amendment, lease, fault)
    else:
        _note_success(amendment, lease, proof)


@verb
def _wait_for_the_account(
    amendment: Amendment, lease: Lease, *, evidence: str, said: Disconnected | None = None
) -> None:
    """The account is paused, or not let in and paused now: `plan.sweep` lets it go on once the account is back."""
    if said:
        settle.pause(amendment.delivery.account, said)
    mine = Amendment.objects.filter(pk=amendment.pk, lease=lease.token, done_at=None)
    mine.update(due_at=None, code=ACCOUNT_PAUSED, evidence=evidence, **NO_LEASE)


def _do(amendment: Amendment) -> Proof:
    delivery = amendment.delivery
    channel, receipt = channel_of(delivery.account), delivery.receipt
    assert receipt is not None  # published_has_receipt
    known = Proof(id=receipt.remote_id, url=receipt.url, at=receipt.at)
    if amendment.act == Amendment.Act.DELETE:
        channel.delete(known)
        return known
    rendition = Rendition.from_json(amendment.body)
    for problem in channel.check(rendition, delivery.account.limits):
        raise Refused(problem.code, over=problem.over, **problem.facts)
    return channel.edit(known, rendition, channel.prepare(rendition, Prepared()))


@verb
def _note_success(amendment: Amendment, lease: Lease, proof: Proof) -> None:
    mine = Amendment.objects.filter(pk=amendment.pk, lease=lease.token, done_at=None)
    if not mine.update(done_at=Now(), due_at=None, code="", tries=F("tries") + 1, **NO_LEASE):
        return  # another worker did the same: both acts may be repeated
    kind = Receipt.Proof.WITHDRAWN if amendment.act == Amendment.Act.DELETE else Receipt.Proof.EDITED
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
    new = Rendition.from_json(amendment.body)
    rows.update(receipt=receipt, revision=amendment.revision, body=new.to_json())
    version = amendment.revision.versions.get(account=amendment.delivery.account)  # type: ignore[union-attr]
    rows.update(digest=version.digest)


@verb
def _note_failure(amendment: Amendment, lease: Lease, fault: Exception) -> None:
    mine = Amendment.objects.filter(pk=amendment.pk, lease=lease.token, done_at=None)
    code = getattr(fault, "code", "internal")
    changes: dict[str, object] = {"code": code, "evidence": getattr(fault, "evidence", repr(fault)), **NO_LEASE}
    if isinstance(fault, Refused | No):
        mine.update(due_at=None, **changes)
        settle.needs_a_person(amendment.delivery, code)
        return
    after = fault.after if isinstance(fault, Throttled) else before_retry(amendment.tries)
    mine.update(due_at=in_seconds(after), tries=F("tries") + 1, **changes)
