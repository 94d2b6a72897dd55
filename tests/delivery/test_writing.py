"""Intents and proofs of several in one transaction: what concerns one of them is no other's, and a batch that fails is none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels.contract import Prepared
from channels.contract import Receipt as Proof
from diffusion.accounts.models import Account
from diffusion.delivery import claim, writing
from diffusion.delivery.claim import Lease, LeaseLost
from diffusion.delivery.holding import Hold
from diffusion.delivery.models import UNSETTLED, Amendment, Attempt, Delivery, Stop
from diffusion.delivery.pace import Waits
from diffusion.delivery.states import State
from diffusion.delivery.writing import Intent, Proven
from diffusion.directory.models import Directorate
from tests import valclair

pytestmark = pytest.mark.django_db


def place() -> Account:
    return valclair.account("mastodon", server="https://m.example", access_token="x")


def claimed(*rows: Delivery) -> tuple[Lease, list[Delivery]]:
    lease = claim.claim_due("social", limit=99)
    assert set(lease.ids) == {row.pk for row in rows}
    return lease, lease.rows()


def intents(lease: Lease, rows: list[Delivery], **more: Any) -> list[Intent]:
    return [Intent(row, lease, Prepared(more.get("prepared", {})), more.get("deadline_s", 1.0), 30) for row in rows]


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def several(count: int = 3) -> tuple[Lease, list[Delivery]]:
    return claimed(*(valclair.delivery(place()) for _ in range(count)))


def begun(count: int = 3) -> tuple[Lease, list[Delivery], list[Any]]:
    lease, rows = several(count)
    return lease, rows, writing._write(intents(lease, rows))


def proofs(lease: Lease, rows: list[Delivery], attempts: list[Any]) -> list[Proven]:
    return [Proven(row, lease, attempt, Proof(f"id {row.pk}", evidence=f"said of {row.pk}"))
            for row, attempt in zip(rows, attempts, strict=True)]  # fmt: skip


def test_several_intents_are_written_with_an_attempt_and_an_event_each():
    lease, rows = several()

    answers = writing._write(intents(lease, rows, prepared={"media": [7]}))

    assert [answer.delivery_id for answer in answers] == [row.pk for row in rows]
    for row in Delivery.objects.all():
        assert (row.state, row.tries, row.prepared, row.attempts.get().lease) == (
            State.SENDING,
            1,
            {"media": [7]},
            lease.token,
        )
        assert [event.now for event in row.events.all()] == ["claimed", "sending"]


def test_several_proofs_are_kept_each_with_its_own_words():
    lease, rows, attempts = begun()

    writing._write(proofs(lease, rows, attempts))

    for row in Delivery.objects.select_related("receipt"):
        assert (row.state, row.lease, row.receipt.remote_id) == (State.PUBLISHED, "", f"id {row.pk}")
        attempt = row.attempts.get()
        assert (attempt.outcome, attempt.evidence, attempt.was_late) == ("published", f"said of {row.pk}", False)
        assert attempt.ended_at


def test_as_many_questions_for_many_as_for_one():
    counts = []
    for count in (1, 6):
        lease, rows = several(count)
        with CaptureQueriesContext(connection) as seen:
            attempts = writing._write(intents(lease, rows))
            writing._write(proofs(lease, rows, attempts))
        counts.append(len(seen))

    assert counts[0] == counts[1]


def lease_gone(row: Delivery) -> None:
    Delivery.objects.filter(pk=row.pk).update(lease="another")


def cancelled(row: Delivery) -> None:
    Delivery.objects.filter(pk=row.pk).update(state=State.CANCELLED)


def held(row: Delivery) -> None:
    Hold.objects.create(account=row.account)


def paused(row: Delivery) -> None:
    Account.objects.filter(pk=row.account_id).update(paused_at=timezone.now())


def throttled(row: Delivery) -> None:
    Account.objects.filter(pk=row.account_id).update(throttled_until=timezone.now())


def reconnected(row: Delivery) -> None:
    Account.objects.filter(pk=row.account_id).update(sealed="anew")


def silent(row: Delivery) -> None:
    Account.objects.filter(pk=row.account_id).update(strikes=3)


def narrowed(row: Delivery) -> None:
    Directorate.objects.filter(pk=row.message.directorate_id).update(is_internal_only=True)


@pytest.mark.parametrize("change", [lease_gone, cancelled, held, paused, throttled, reconnected, silent])
def test_what_changed_since_one_was_read_keeps_it_alone_from_leaving(change: Callable[[Delivery], None]):
    lease, rows = several()
    change(rows[1])

    first, second, third = writing._write(intents(lease, rows))

    assert isinstance(second, LeaseLost)
    assert {type(first), type(third)} == {Attempt}
    assert states()[::2] == [State.SENDING] * 2
    assert states()[1] != State.SENDING
    assert not Attempt.objects.filter(delivery=rows[1]).exists()


def test_a_directorate_that_speaks_to_agents_only_since_then_sends_nothing_outside():
    lease, rows = several(2)
    narrowed(rows[0])

    assert [type(answer) for answer in writing._write(intents(lease, rows))] == [LeaseLost, LeaseLost]


def test_too_little_of_the_lease_for_a_whole_request_begins_nothing():
    lease, rows = several(2)

    assert {type(answer) for answer in writing._write(intents(lease, rows, deadline_s=10_000.0))} == {LeaseLost}
    assert set(states()) == {State.CLAIMED}


def test_of_the_same_words_twice_at_one_moment_the_first_goes_and_the_second_asks():
    account = place()
    twins = [valclair.delivery(account, of=valclair.message(), is_vouched=False) for _ in range(2)]
    other = valclair.delivery(place(), of=valclair.message(), is_vouched=False)
    lease, rows = claimed(*twins, other)

    first, second, elsewhere = writing._write(intents(lease, rows))

    assert (type(first), type(elsewhere)) == (Attempt, Attempt)
    assert isinstance(second, Waits)
    assert (second.why, second.stop) == ("said_already", Stop.BRAKE)


def test_a_receipt_come_late_is_kept_beside_those_in_time():
    lease, rows, attempts = begun()
    claim.release_all()
    Delivery.objects.filter(pk=rows[0].pk).update(state=State.SENDING, lease=lease.token, lease_until=timezone.now())

    writing._write(proofs(lease, rows, attempts))

    assert set(states()) == {State.PUBLISHED}
    assert [row.receipt.proof for row in Delivery.objects.order_by("pk")] == ["published", "late", "late"]
    assert [row.was_late for row in Attempt.objects.order_by("pk")] == [False, True, True]


def test_what_was_asked_for_meanwhile_goes_on_and_the_gate_opens():
    message = valclair.message()
    inside = valclair.delivery(valclair.board(), of=message, lane="social")
    outside = valclair.delivery(place(), of=message)
    Delivery.objects.filter(pk=outside.pk).update(stop=Stop.GATE, due_at=None)
    other = valclair.delivery(place())
    lease, rows = claimed(inside, other)
    attempts = writing._write(intents(lease, rows))
    Amendment.objects.create(delivery=other, act=Amendment.Act.DELETE, lane="social", due_at=None, code=UNSETTLED)

    writing._write(proofs(lease, rows, attempts))

    outside.refresh_from_db()
    assert (outside.stop, outside.due_at is not None) == ("", True)
    assert Amendment.objects.get().due_at


def test_a_proof_that_cannot_be_kept_leaves_nothing_of_its_company():
    lease, rows, attempts = begun()
    asked = proofs(lease, rows, attempts)
    asked[1] = Proven(rows[1], lease, attempts[1], Proof(None))  # type: ignore[arg-type]

    with pytest.raises(IntegrityError):
        writing._write(asked)

    assert set(states()) == {State.SENDING}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="threads on connections of their own need a server")
def test_several_threads_at_once_one_of_them_with_a_proof_that_cannot_be_kept():
    lease, rows = several(8)
    faults: dict[int, Exception] = {}

    def carry(row: Delivery) -> None:
        try:
            (intent,) = intents(lease, [row])
            attempt = writing.begin(intent)
            words: Any = None if row.pk == rows[3].pk else f"id {row.pk}"
            writing.keep(Proven(row, lease, attempt, Proof(words)))
        except Exception as fault:
            faults[row.pk] = fault
        finally:
            connections.close_all()

    threads = [threading.Thread(target=carry, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert {pk: type(fault) for pk, fault in faults.items()} == {rows[3].pk: IntegrityError}
    kept = {row.pk: row.receipt.remote_id for row in Delivery.objects.filter(state=State.PUBLISHED)}
    assert kept == {row.pk: f"id {row.pk}" for row in rows if row.pk != rows[3].pk}
    assert Delivery.objects.get(pk=rows[3].pk).state == State.SENDING
