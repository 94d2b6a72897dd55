"""What is written about a request: the intent right before it, the proof right after, for all who ask at that moment.

A thread sends once its own intent is committed, and waits until its own proof is: `company.py` says what is shared, and
what is not. All rows of one transaction are locked first, deliveries and then accounts, each in the order of their keys.
Anything but a proof is rarer, and is written alone, by `send`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, cast

from django.db.models import F
from django.db.models.functions import Now

from channels.contract import Prepared
from channels.contract import Receipt as Proof
from diffusion.accounts.models import Account
from diffusion.audit import note
from diffusion.brand.models import Level
from diffusion.company import Company
from diffusion.delivery import brake, breaker, settle
from diffusion.delivery.claim import Lease, LeaseLost
from diffusion.delivery.holding import Hold, keeps
from diffusion.delivery.models import Attempt, Delivery, Stop
from diffusion.delivery.pace import Waits
from diffusion.delivery.states import State, move
from diffusion.verbs import patient, verb


@dataclass(frozen=True, slots=True, eq=False)
class Intent:
    """This is about to be sent, as it was prepared. `most` is the authority's number of posts an hour on one account."""

    delivery: Delivery
    lease: Lease
    prepared: Prepared
    deadline_s: float
    most: int


@dataclass(frozen=True, slots=True, eq=False)
class Proven:
    """The channel said yes."""

    delivery: Delivery
    lease: Lease
    attempt: Attempt
    proof: Proof

    @property
    def changes_its_account(self) -> bool:
        """Nobody had answered there before, or the channel asks to wait."""
        return bool(self.delivery.account.strikes or self.proof.wait)


Asked: TypeAlias = Intent | Proven
Answers: TypeAlias = dict[Asked, Attempt | Exception | None]


def begin(intent: Intent) -> Attempt:
    """Returns once the intent is kept. Raises LeaseLost when the row is no longer ours to send, Waits when the brake asks."""
    return cast(Attempt, _company.do(intent))


@patient
def keep(proven: Proven) -> None:
    """A worker whose lease ran out moves nothing, but what it learnt is kept."""
    _company.do(proven)


class _Row(NamedTuple):
    pk: int
    lease: str
    state: str
    is_internal_only: bool


@verb
def _write(asked: Sequence[Asked]) -> list[Attempt | Exception | None]:
    rows, accounts = _lock(asked), _lock_accounts(asked)
    answers = _keep([one for one in asked if isinstance(one, Proven)], rows)
    answers |= _begin([one for one in asked if isinstance(one, Intent)], rows, accounts)
    return [answers[one] for one in asked]


_company: Company[Asked, Attempt | None] = Company(_write)


def _lock(asked: Sequence[Asked]) -> dict[int, _Row]:
    rows = Delivery.objects.filter(pk__in={one.delivery.pk for one in asked})
    told = rows.values_list("pk", "lease", "state", "message__directorate__is_internal_only")
    return {row[0]: _Row(*row) for row in told.order_by("pk").select_for_update(of=("self",))}


def _lock_accounts(asked: Sequence[Asked]) -> dict[int, Account]:
    """Those to which something is about to be sent, so that of two that the brake compares the later sees the first."""
    mine = {one.delivery.account_id for one in asked if isinstance(one, Intent) or one.changes_its_account}
    rows = Account.objects.filter(pk__in=mine).order_by("pk").select_for_update(no_key=True)
    return {row.pk: row for row in rows.only("sealed", "paused_at", "throttled_until", "strikes")}


def _lets_in(account: Account) -> tuple[Any, ...]:
    """What, changed since an account was read, sends whoever read it back to read it anew."""
    return account.sealed, account.paused_at, account.throttled_until, account.strikes >= breaker.STRIKES


def _keep(proven: list[Proven], rows: dict[int, _Row]) -> Answers:
    ours = [one for one in proven if _owns(one, rows, State.SENDING)]
    if ours:
        known = {one.delivery.pk: State.SENDING for one in ours}
        settle.all_published([(one.delivery, one.proof) for one in ours], why="published", known=known)
        ended = Attempt.objects.filter(pk__in=[one.attempt.pk for one in ours])
        ended.update(
            ended_at=Now(), outcome="published", code="", evidence=settle.newest_receipt("evidence", "delivery")
        )
    for one in proven:
        if one not in ours:
            mine = Attempt.objects.filter(pk=one.attempt.pk)
            mine.update(ended_at=Now(), outcome="published", code="", evidence=one.proof.evidence, was_late=True)
            settle.keep_late(one.delivery, one.proof)
    return dict.fromkeys(proven)


def _owns(one: Asked, rows: dict[int, _Row], state: State) -> bool:
    row = rows.get(one.delivery.pk)
    return row is not None and (row.lease, row.state) == (one.lease.token, state)


def _begin(intents: list[Intent], rows: dict[int, _Row], accounts: dict[int, Account]) -> Answers:
    """A hold's own move may miss what was on its way back, so that it is asked about once more."""
    if not intents:
        return {}
    holds = list(Hold.objects.in_force())
    answers: Answers = {
        one: LeaseLost()
        for one in intents
        if one.lease.is_over(one.deadline_s)
        or not _owns(one, rows, State.CLAIMED)
        or keeps(holds, one.delivery)
        or (rows[one.delivery.pk].is_internal_only and one.delivery.level != Level.INTERNAL)
        or _lets_in(accounts[one.delivery.account_id]) != _lets_in(one.delivery.account)
    }
    for some in _in_turns([one for one in intents if one not in answers]):
        answers |= _begin_some(some)
    return answers


def _in_turns(intents: list[Intent]) -> Iterator[list[Intent]]:
    """Of those that the brake looks at one of an account at a time: it sees those before it."""
    while intents:
        turn: dict[Any, Intent] = {}
        for one in intents:
            is_free = brake.lets(one.delivery, one.most)
            turn.setdefault(one if is_free else one.delivery.account_id, one)
        yield (some := list(turn.values()))
        intents = [one for one in intents if one not in some]


def _begin_some(intents: list[Intent]) -> Answers:
    asks = brake.asks_all({one.delivery: one.most for one in intents})
    answers: Answers = {one: Waits(asks[pk], stop=Stop.BRAKE) for one in intents if (pk := one.delivery.pk) in asks}
    going = [one for one in intents if one not in answers]
    move(
        Delivery.objects.filter(lease__in={one.lease.token for one in going}),
        State.SENDING,
        why="intent",
        known={one.delivery.pk: State.CLAIMED for one in going},
        intent_at=Now(),
        prepared={},
        tries=F("tries") + 1,
    )
    for one in going:
        if one.prepared.data:
            Delivery.objects.filter(pk=one.delivery.pk).update(prepared=dict(one.prepared.data))
        about = one.delivery
        note("sending", about, account=about.account.public_id, generation=about.generation)
    attempts = Attempt.objects.bulk_create(
        Attempt(delivery=one.delivery, generation=one.delivery.generation, lease=one.lease.token) for one in going
    )
    return answers | dict(zip(going, attempts, strict=True))
