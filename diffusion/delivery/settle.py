"""What a proof or its absence changes: shared by sending, looking and people. Every function needs a transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from channels.contract import Act, Code, Per
from channels.contract import Receipt as Proof
from channels.outcomes import Disconnected, Outcome, Throttled
from diffusion.accounts.models import Account
from diffusion.audit import note, record
from diffusion.brand.models import Level
from diffusion.delivery import breaker
from diffusion.delivery.models import BY_HAND, NO_LEASE, UNSETTLED, Amendment, Attempt, Delivery, Receipt, Stop
from diffusion.delivery.plan import open_gate
from diffusion.delivery.states import Known, Moved, State, free, move, move_one
from diffusion.delivery.unknown import RESTORED
from diffusion.directory import notify
from diffusion.directory.models import Person
from diffusion.instants import in_seconds
from diffusion.wake import wake

SEEN_AFTER_S = 600.0
REPEATS_HARMLESSLY = "repeats_harmlessly"
"""Why a delivery in doubt is sent again although nobody knows that it is absent."""


def published(delivery: Delivery, proof: Proof, *, why: str, **more: Any) -> None:
    """The delivery is out, and here is the proof."""
    all_published([(delivery, proof)], why=why, **more)


def all_published(
    proofs: Sequence[tuple[Delivery, Proof]],
    *,
    why: str,
    kind: str = Receipt.Proof.PUBLISHED,
    by: Person | None = None,
    known: Known | None = None,
) -> None:
    """These are out, and here are the proofs. Opens the gates for what waited for them. `known`: the locked rows' states."""
    Receipt.objects.bulk_create(
        Receipt(
            delivery=delivery, proof=kind, remote_id=proof.id, url=proof.url, at=proof.at or timezone.now(),
            evidence=proof.evidence, by=by,
        )
        for delivery, proof in proofs
    )  # fmt: skip
    rows = {delivery.pk: delivery for delivery, _proof in proofs}
    seen = {pk for pk, row in rows.items() if first_look(row)}
    for some, look_at in ((seen, in_seconds(SEEN_AFTER_S)), (rows.keys() - seen, None)):
        mine = {pk: known[pk] for pk in some} if known is not None else None
        moved = some and move(
            Delivery.objects.filter(pk__in=some), State.PUBLISHED, why=why, by=by, known=mine,
            receipt=newest_receipt("pk", "pk"), look_at=look_at, stop="", **NO_LEASE,
        )  # fmt: skip
        if some and moved != len(some):
            raise Moved(State.PUBLISHED)
    for delivery, proof in proofs:
        note("published", delivery, account=delivery.account.public_id, proof=kind, receipt=proof.id)
    for delivery, proof in sorted(proofs, key=lambda pair: pair[0].account_id):  # accounts in the order of their keys
        breaker.note(delivery.account, None)
        if proof.wait:
            slow_down(delivery.account, proof.wait)
    _go_on_with_amendments(rows)
    for message in {row.message for row in rows.values() if row.level == Level.INTERNAL}:
        open_gate(message)  # the outside waits for no other


def newest_receipt(column: str, delivery: str) -> Subquery:
    """A column of the newest receipt of the row's `delivery`, for an UPDATE of many."""
    return Subquery(Receipt.objects.filter(delivery=OuterRef(delivery)).order_by("-pk").values(column)[:1])


def first_look(delivery: Delivery) -> Any:
    """When to look at it as anybody would: once caches on the way have let go of what was there. None: it can't be seen."""
    return in_seconds(SEEN_AFTER_S) if Act.SEE in delivery.account.channel_class.can else None


def _go_on_with_amendments(rows: Mapping[int, Delivery]) -> None:
    """What people asked for while nobody knew whether these were out: now it can be done, by the channel or by hand."""
    asked = Amendment.objects.filter(delivery__in=rows, done_at=None, code=UNSETTLED).order_by("pk")
    for pk, about, act, lane in asked.values_list("pk", "delivery", "act", "lane"):
        delivery, mine = rows[about], Amendment.objects.filter(pk=pk)
        if act in delivery.account.channel_class.can:
            mine.update(due_at=Now(), code="")
            wake(lane)
        else:
            mine.update(code=BY_HAND)
            needs_a_person(delivery, BY_HAND)


def give_way(delivery: Delivery) -> bool:
    """It is proved not to be out, and people asked for other words meanwhile, or for none: those it has, or it stops.

    Needs a transaction, and the row back in *planned* or *refused*.
    """
    asked = delivery.amendments.filter(done_at=None, code=UNSETTLED).first()
    if asked is None:
        return False
    rows = Delivery.objects.filter(pk=delivery.pk)
    if asked.act == Amendment.Act.DELETE:
        move_one(rows, State.CANCELLED, why="withdraw", by=asked.by, stop="")
    elif asked.revision:
        digest = asked.revision.versions.get(account=delivery.account_id).digest
        rows.update(revision=asked.revision, body=asked.body, digest=digest)
    delivery.amendments.filter(pk=asked.pk).update(done_at=Now())
    return asked.act == Amendment.Act.DELETE


def absent(delivery: Delivery, *, why: str, by: Person | None = None, is_proved: bool = False) -> None:
    """It is not there: send it again. Only a person or the channel itself proves enough for a new key."""
    changes: dict[str, Any] = {"generation": F("generation") + 1, "prepared": None} if is_proved else {}
    if delivery.code == RESTORED:  # settled; else its page would go on asking
        changes["code"] = ""
    # one that a restore put in doubt may not be due yet, or wait at a gate
    due_at = None if delivery.stop else Greatest(F("planned_at"), Now())
    move_one(
        Delivery.objects.filter(pk=delivery.pk), State.PLANNED, why=why, by=by, due_at=due_at, look_at=None,
        **NO_LEASE, **changes,
    )  # fmt: skip
    if why != REPEATS_HARMLESSLY:
        give_way(delivery)
    wake(delivery.lane)


def keep_late(delivery: Delivery, proof: Proof) -> None:
    """A worker back from the dead brings a receipt. It settles a doubt, or shows a double; it overwrites nothing."""
    row = Delivery.objects.select_for_update(of=("self",)).select_related("receipt").get(pk=delivery.pk)
    if row.state == State.UNCERTAIN or row.may_still_change:  # else it would go out a second time
        published(row, proof, why="late_receipt", kind=Receipt.Proof.LATE)
        return
    if row.receipt and row.receipt.remote_id == proof.id:
        return
    Receipt.objects.create(
        delivery=row, proof=Receipt.Proof.LATE, remote_id=proof.id, url=proof.url, at=proof.at or timezone.now(),
        evidence=proof.evidence,
    )  # fmt: skip
    record(None, "late_receipt", row, state=row.state)
    needs_a_person(row, "late_receipt")


def keep_late_absence(delivery: Delivery, attempt: Attempt, code: str) -> None:
    """A worker back from the dead knows that *its* attempt posted nothing: settles the doubt about that attempt only."""
    newest = delivery.attempts.order_by("-pk").first()
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if row.state == State.UNCERTAIN and newest and newest.pk == attempt.pk:
        absent(row, why=code, is_proved=code != Code.UNREACHABLE)


def heed(account: Account, outcome: Outcome) -> None:
    """What an outcome says of its whole account: silent, it rests; not let in, it pauses; asked to wait, all waits."""
    breaker.note(account, outcome)
    if isinstance(outcome, Disconnected):
        pause(account, outcome)
    if isinstance(outcome, Throttled) and not outcome.is_ours:
        slow_down(account, outcome.after, outcome.per)


def slow_down(account: Account, seconds: float, per: Per | None = None) -> None:
    """The channel takes no more for so long: of this account or, where it counts by our address, of all on that server.

    A wait in force stays: else those that wait for it would draw it out. A row that somebody else holds is left out, so
    that no ring forms: that one hears it from the channel itself.
    """
    Account.objects.filter(pk=account.pk).exclude(throttled_until__gt=Now()).update(throttled_until=in_seconds(seconds))
    if (per or account.channel_class.waits_per) is Per.HOST:
        others = free(Account.objects.beside(account)).exclude(throttled_until__gt=Now())
        others.update(throttled_until=in_seconds(seconds))


def pause(account: Account, outcome: Outcome) -> None:
    """The account is not let in: it stops alone, what waits for it waits, its owner is told how to reconnect.

    A row that somebody else holds is stopped when its time has come.
    """
    paused = Account.objects.filter(pk=account.pk, paused_at=None).update(
        paused_at=timezone.now(), pause_code=outcome.code, health={"code": outcome.code, "evidence": outcome.evidence}
    )
    waiting = Delivery.objects.filter(account=account, state=State.PLANNED, stop="")
    free(waiting).update(stop=Stop.PAUSED, due_at=None)
    if paused:
        record(None, "pause", account, code=outcome.code)
        notify.tell_owner(account, "account_paused", code=outcome.code)


def ask(delivery: Delivery, why: str) -> None:
    """It waits for a person's yes. Of a heap that the brake stops on one account, the first is told."""
    heap = Delivery.objects.filter(account=delivery.account_id, stop=Stop.BRAKE).exclude(pk=delivery.pk)
    if why == "useless_now" or not heap.exists():
        needs_a_person(delivery, why)


def needs_a_person(delivery: Delivery, code: str) -> None:
    """Told once, where it can be acted on; never lost in a log."""
    notify.tell_ops(delivery.message, "delivery_needs_you", code=code, delivery=delivery.public_id)
