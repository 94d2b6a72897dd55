"""What a person may do next with a message, as names that its page asks for: one place, so that pages and tests agree."""

from __future__ import annotations

from diffusion import access
from diffusion.approval.decide import differs, may_decide
from diffusion.approval.models import Approval, Decision
from diffusion.delivery.states import BEFORE_SENDING, State
from diffusion.directory.models import Person
from diffusion.message.models import Message
from diffusion.report import Stage, being_corrected, by_hand, changed, is_recalled, latest, standing

UNASKED = frozenset({Stage.DRAFT, Stage.FAULTY, Stage.DECLINED, Stage.LAPSED})


def steps(message: Message, at: Stage, person: Person) -> frozenset[str]:
    """Among: edit, terms, ask, decide, plan, move, cancel, correct, withdraw, aside."""
    return frozenset(_writer(message, at, person)) | frozenset(_approver(message, person))


def holds(approval: Approval) -> bool:
    """Whether the versions are still those that the yes was given to: one edited since asks for another."""
    return not any(key in approval.seal for key in differs(approval))


def _writer(message: Message, at: Stage, person: Person) -> set[str]:
    if at == Stage.ASIDE or not access.messages(person, "edit").filter(pk=message.pk).exists():
        return set()
    deliveries, approval = standing(message), latest(message)
    can = {"edit"}
    is_open = approval is not None and approval.decision == Decision.ASKED
    is_yes = approval is not None and approval.decision == Decision.APPROVED and holds(approval)
    if not deliveries:
        can |= {"terms", "aside"}
        can |= {"plan"} if is_yes else set()
    if not is_open and not is_yes and (at in UNASKED or at in (Stage.APPROVED, Stage.CHANGED)):
        can.add("ask")
    if any(delivery.state in BEFORE_SENDING for delivery in deliveries):
        can |= {"move", "cancel"}
    if any(delivery.state == State.PUBLISHED and not is_recalled(delivery) for delivery in deliveries):
        can.add("withdraw")
    under_way = being_corrected(message) | by_hand(message) if at == Stage.CHANGED else set()
    if any(delivery.pk not in under_way for delivery in changed(message, deliveries)):
        can.add("correct")
    return can


def _approver(message: Message, person: Person) -> set[str]:
    approval = latest(message)
    if approval is None or approval.decision != Decision.ASKED:
        return set()
    approval.message = message
    return {"decide"} if may_decide(approval, person) else set()
