"""Verbs: ask, approve, decline, remind. It can't stall: a deadline, a deputy, and the author's rule for silence."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from diffusion.approval.models import Approval, Decision
from diffusion.audit import record
from diffusion.brand.models import Level
from diffusion.directory import notify
from diffusion.directory.models import Authority, Person, RoleKind, Silence
from diffusion.errors import BadInput, NotAllowed, NotNow
from diffusion.message.models import Message
from diffusion.verbs import verb
from diffusion.wake import wake

OWN_FIRST = F("roles__directorate").desc(nulls_last=True)
"""Said, since left to themselves PostgreSQL and SQLite put what is empty at opposite ends."""
RULE_BEFORE = timedelta(minutes=10)
"""How long before publication silence is answered by the author's rule."""


def approvers(message: Message) -> list[Person]:
    """Who may say yes: the directorate's approvers first, then the authority's; never alone who wrote it, unless allowed."""
    role = Q(roles__kind=RoleKind.APPROVER) & (Q(roles__directorate=message.directorate) | Q(roles__directorate=None))
    people = Person.objects.filter(role, is_active=True).order_by(OWN_FIRST, "name").distinct()
    allowed = Authority.get().may_approve_own
    return [person for person in dict.fromkeys(people) if allowed or not wrote(message, person)]


def wrote(message: Message, person: Person) -> bool:
    """Whether the words that would go out are this person's."""
    return message.made_by_id == person.pk or message.current.by_id == person.pk


@verb
def ask(message: Message, *, by: Person, of: Person | None = None) -> Approval:
    """Ask for a yes to the versions as they stand. Raises NotNow (faults, asked already) or BadInput("nobody_to_ask")."""
    message = _locked(message)
    versions = list(message.current.versions.select_related("account"))
    if not versions:
        raise BadInput("no_accounts")
    faulty = [version for version in versions if not version.can_be_scheduled]
    if faulty:
        raise NotNow("has_faults", count=len(faulty))
    candidates = approvers(message)
    if not candidates or (of and of not in candidates):
        raise BadInput("nobody_to_ask")
    message.approvals.filter(decision=Decision.ASKED).update(decision=Decision.WITHDRAWN)
    person = of or present(candidates)
    approval = Approval.objects.create(
        message=message, revision=message.current, asked_by=by, asked_of=person, deadline_at=deadline(message),
        seal={version.account.public_id: version.digest for version in versions},
    )  # fmt: skip
    record(by, "ask", message, revision=message.current.number, of=person.public_id)
    notify.tell([person], "approval_asked", approval=approval, message=message)
    return approval


def deadline(message: Message) -> datetime | None:
    """Counted back from publication: ten minutes before the first version leaves. None while no time is chosen, and
    for the correction of what went out already."""
    if message.publish_at is None or message.publish_at <= timezone.now():
        return None
    lead = message.lead if message.lead is not None else Authority.get().lead
    first = message.publish_at - (lead if Level.INTERNAL in message.levels and not message.is_urgent else timedelta())
    return max(first - RULE_BEFORE, timezone.now())


def present(candidates: list[Person]) -> Person:
    """The first who is not away; an absent one's deputy if that deputy may answer; else the first all the same."""
    now = timezone.now()
    for person in candidates:
        if not person.absences.filter(starts_at__lte=now, ends_at__gt=now).exists():
            return person
    stand_ins = (person.stand_in(now) for person in candidates)
    return next((deputy for deputy in stand_ins if deputy in candidates), candidates[0])


def may_decide(approval: Approval, person: Person) -> bool:
    """Whoever holds the role now, asked or not: the first answer counts. Nobody alone on their own words, unless allowed."""
    if wrote(approval.message, person) and not Authority.get().may_approve_own:
        return False
    return person.has_role(RoleKind.APPROVER, directorate=approval.message.directorate)


@verb
def approve(approval: Approval, *, by: Person, comment: str = "") -> Approval:
    """Say yes to the versions as they were seen. Raises NotAllowed; NotNow when decided already, or changed since."""
    approval = _open(approval, by)
    stored = {v.account.public_id: v.digest for v in approval.revision.versions.select_related("account")}
    if approval.message.revision_id != approval.revision_id or any(
        stored.get(k) != s for k, s in approval.seal.items()
    ):
        raise NotNow("changed_since")
    _decide(approval, Decision.APPROVED, by=by, comment=comment)
    own = wrote(approval.message, by)
    record(by, "approve", approval.message, revision=approval.revision.number, own=own)
    notify.tell(_authors(approval, by), "approval_given", approval=approval, message=approval.message)
    wake("housekeeping")
    return approval


@verb
def decline(approval: Approval, *, by: Person, comment: str) -> Approval:
    """Say no, and why: the author reads it. Raises NotAllowed, NotNow, BadInput("reason_needed")."""
    approval = _open(approval, by)
    if not comment.strip():
        raise BadInput("reason_needed")
    _decide(approval, Decision.DECLINED, by=by, comment=comment.strip())
    record(by, "decline", approval.message, revision=approval.revision.number)
    notify.tell(_authors(approval, by), "approval_declined", approval=approval, message=approval.message)
    return approval


def differs(approval: Approval) -> list[str]:
    """Public ids of the accounts whose version is no longer the sealed one: what is shown when it is asked again."""
    stored = {v.account.public_id: v.digest for v in approval.message.current.versions.select_related("account")}
    return [key for key in {**approval.seal, **stored} if stored.get(key) != approval.seal.get(key)]


@verb
def remind() -> int:
    """At half the time given the deputy is asked too; at the deadline the author's rule applies. Returns rows touched."""
    now, count = timezone.now(), 0
    for approval in _waiting().filter(deputy_asked_at=None):
        given = (approval.deadline_at or now) - approval.asked_at
        if now >= approval.asked_at + given / 2:
            count += _ask_deputy(approval, now)
    for approval in _waiting().filter(deadline_at__lte=now):
        count += _apply_silence(approval, now)
    return count


def _waiting() -> QuerySet[Approval]:
    """Locked: an answer given meanwhile holds, and of two reminders one is sent. Needs a transaction."""
    rows = Approval.objects.filter(decision=Decision.ASKED, deadline_at__isnull=False).select_related(
        "message__revision", "message__made_by", "asked_of", "asked_by", "revision"
    )
    return rows.select_for_update(of=("self",), skip_locked=True)


def _ask_deputy(approval: Approval, now: datetime) -> int:
    """The deputy named for an absence, else the next person who may answer."""
    others = [person for person in approvers(approval.message) if person != approval.asked_of]
    named = approval.asked_of.stand_in(now) if approval.asked_of else None
    deputy = named if named in others else next(iter(others), None)
    Approval.objects.filter(pk=approval.pk).update(deputy=deputy, deputy_asked_at=now)
    if deputy:
        record(None, "ask_deputy", approval.message, of=deputy.public_id)
        notify.tell([deputy], "approval_asked", approval=approval, message=approval.message)
    return 1


def _apply_silence(approval: Approval, now: datetime) -> int:
    """Wait: the time moves on with the question open. Internal only: agents read it, the outside waits. Cancel."""
    message = approval.message
    if message.silence == Silence.WAIT:
        if message.publish_at and message.publish_at > now:
            return 0
        Approval.objects.filter(pk=approval.pk).update(deadline_at=None)
    elif message.silence == Silence.INTERNAL_ONLY and (seal := _internal_seal(message)):
        Approval.objects.filter(pk=approval.pk).update(
            decision=Decision.APPROVED, decided_at=now, seal=seal, comment="silence"
        )
        wake("housekeeping")
    else:
        Approval.objects.filter(pk=approval.pk).update(decision=Decision.LAPSED, decided_at=now)
    record(None, "silence", message, rule=message.silence)
    notify.tell(_authors(approval, None), "approval_silence", approval=approval, message=message)
    return 1


def _internal_seal(message: Message) -> dict[str, str]:
    """The versions for agents alone; empty where there are none, and silence then lets nothing out."""
    inside = message.current.versions.filter(account__level=Level.INTERNAL).select_related("account")
    return {version.account.public_id: version.digest for version in inside}


def _open(approval: Approval, by: Person) -> Approval:
    """The question, locked, if it is open and `by` may answer it. Needs a transaction.

    Raises NotNow when it was answered or taken back meanwhile, NotAllowed.
    """
    approval = Approval.objects.select_for_update(of=("self",)).select_related(
        "message__revision", "message__directorate", "message__made_by", "revision", "asked_by", "decided_by"
    ).get(pk=approval.pk)  # fmt: skip
    if approval.decision != Decision.ASKED:
        at = timezone.localtime(approval.decided_at).strftime("%H:%M") if approval.decided_at else ""
        raise NotNow("already_decided", by=str(approval.decided_by or "Diffusion"), at=at)
    if not may_decide(approval, by):
        raise NotAllowed("own_message" if wrote(approval.message, by) else "not_yours")
    return approval


def _decide(approval: Approval, decision: str, *, by: Person, comment: str) -> None:
    approval.decision, approval.decided_by, approval.decided_at = decision, by, timezone.now()
    approval.comment = comment
    approval.save(update_fields=["decision", "decided_by", "decided_at", "comment"])


def _authors(approval: Approval, by: Person | None) -> list[Person]:
    people = [approval.asked_by, approval.message.made_by]
    return [p for p in dict.fromkeys(people) if p is not None and p != by and p.is_active]


def _locked(message: Message) -> Message:
    return Message.objects.select_for_update(of=("self",)).select_related("revision", "directorate").get(pk=message.pk)
