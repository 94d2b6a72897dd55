"""The clock of a correction or a withdrawal: channel by channel, what is proved, what is on its way, what waits for a hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from diffusion.delivery.models import ACCOUNT_PAUSED, BY_HAND, LEFT_AS_IT_IS, UNSETTLED, Amendment, Delivery
from diffusion.delivery.states import State
from diffusion.message.models import Message
from diffusion.report import corrections

EDITED, WITHDRAWN, ERRATUM, LEFT = _("Corriger"), _("Retirer"), _("Erratum"), _("Laisser telle quelle")


@dataclass(frozen=True, slots=True)
class Proof:
    """One channel's part. `mark`: proved, left, hand; else `state` says it. `at`: when it was proved, else begun."""

    delivery: Delivery
    what: Any
    mark: str
    at: datetime
    code: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    proofs: tuple[Proof, ...]
    proved: int
    began: datetime
    lasted: timedelta

    @property
    def begun(self) -> int:
        """Accounts on which it was begun and a channel's proof is awaited somewhere; 0 once only hands are."""
        own = [proof for proof in self.proofs if proof.mark not in ("left", "hand")]
        return len(own) if any(not proof.mark for proof in own) else 0

    @property
    def is_over(self) -> bool:
        return self.proved == len(self.proofs)


def clock(message: Message) -> Clock | None:
    """None when nothing was ever corrected to the present words, nor withdrawn."""
    begun = corrections(message)
    if not begun:
        return None
    proofs = tuple(_of_amendment(row) if isinstance(row, Amendment) else _of_erratum(row) for row in begun)
    began = min(row.made_at for row in begun)
    settled = [proof for proof in proofs if proof.mark in ("proved", "left")]
    is_over = len(settled) == len(proofs)
    end = max(proof.at for proof in proofs) if is_over else timezone.now()
    return Clock(proofs, len(settled), began, max(end - began, timedelta()))


def _of_amendment(row: Amendment) -> Proof:
    what = WITHDRAWN if row.act == Amendment.Act.DELETE else EDITED
    if row.code == LEFT_AS_IT_IS:
        return Proof(row.delivery, LEFT, "left", row.done_at or row.made_at)
    if row.done_at:
        return Proof(row.delivery, what, "proved", row.done_at, row.code)
    if row.code == UNSETTLED:  # nobody knows yet whether it is out
        return Proof(row.delivery, what, "", row.made_at, "", row.delivery.shown_state)
    if row.due_at or row.code == ACCOUNT_PAUSED:
        return Proof(row.delivery, what, "", row.made_at, row.code, "due")
    return Proof(row.delivery, what, "hand" if row.code == BY_HAND else "", row.made_at, row.code, "refused")


def _of_erratum(row: Delivery) -> Proof:
    if row.state == State.PUBLISHED and row.receipt:
        return Proof(row, ERRATUM, "proved", row.receipt.at)
    return Proof(row, ERRATUM, "", row.made_at, row.code, row.shown_state)
