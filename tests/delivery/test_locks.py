"""Who waits for whom on PostgreSQL: nobody waits in a ring, so nobody is sent home by the database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from channels.contract import Receipt as Proof
from channels.outcomes import Disconnected
from diffusion.accounts.models import Account
from diffusion.delivery import amend, brake, claim, hold, plan, send, settle
from diffusion.delivery.holding import Hold
from diffusion.delivery.models import BY_HAND, Amendment, Delivery, Stop
from diffusion.delivery.states import State
from tests import valclair

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="SQLite has one writer: TEST_DATABASE_URL names a server"
    ),
]


class Beside:
    """A verb in a thread, on a connection of its own. What it raised is raised by `end`."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self.fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(act,), daemon=True)
        self._thread.start()

    def _run(self, act: Callable[[], Any]) -> None:
        try:
            act()
        except BaseException as fault:
            self.fault = fault
        finally:
            connections.close_all()

    def end(self) -> None:
        self._thread.join(20)
        assert not self._thread.is_alive(), "it still waits"
        if self.fault:
            raise self.fault


def _until_they_wait(count: int) -> None:
    """Until so many statements of this database wait for a lock."""

    until = time.monotonic() + 10
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.02)
    raise TimeoutError(f"{count} were expected to wait")


@pytest.fixture
def town() -> tuple[Delivery, Delivery]:
    """Two deliveries of one account: the first, of an hour ago, is tried again later, the second is a worker's."""
    account = valclair.account("mastodon", server="https://m.example", access_token="x")
    first, second = valclair.delivery(account, due_in=-3600), valclair.delivery(account)
    Delivery.objects.filter(pk=first.pk).update(due_at=timezone.now() + timedelta(hours=1))
    return first, second


def test_a_row_that_a_frozen_worker_holds_keeps_no_other_lease_from_being_found_over(
    town: tuple[Delivery, Delivery],
) -> None:
    """Paused in the middle of a transaction, it holds its row until it wakes, or its connection is given up."""
    first, second = town
    Delivery.objects.update(state=State.CLAIMED, lease="of the dead", lease_until=timezone.now() - timedelta(minutes=1))

    with transaction.atomic():
        Delivery.objects.select_for_update().get(pk=first.pk)
        Beside(claim.release_expired).end()

    states = dict(Delivery.objects.values_list("pk", "state"))
    assert states == {first.pk: State.CLAIMED, second.pk: State.PLANNED}

    claim.release_expired()

    assert not Delivery.objects.exclude(state=State.PLANNED).exists()


def test_a_hold_and_an_account_that_is_let_in_no_more(town: tuple[Delivery, Delivery]) -> None:
    """The worker holds the second row and pauses the account; the hold has the first row, and wants the second."""
    first, second = town
    lease = claim.claim_due(second.lane)
    assert lease.ids == (second.pk,)
    second.refresh_from_db()
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=first.account_id)
        worker = Beside(lambda: send._conclude(second, lease, None, Disconnected("credentials")))
        _until_they_wait(1)
        held = Beside(lambda: hold.hold(by=None))
        _until_they_wait(2)
    worker.end()
    held.end()

    assert Hold.current()
    assert {row.state for row in Delivery.objects.all()} == {State.HELD}
    assert Account.objects.get().paused_at


def test_a_gate_that_opens_during_a_hold_is_open_afterwards() -> None:
    """The internal outcome holds its row and opens the gate of a row that the hold has: the sweep opens it later."""
    message = valclair.message()
    outside = valclair.delivery(valclair.board("public"), of=message)
    Delivery.objects.filter(pk=outside.pk).update(stop=Stop.GATE, due_at=None)
    inside = valclair.delivery(valclair.board(), of=message)
    with transaction.atomic():
        Delivery.objects.select_for_update().get(pk=outside.pk)
        proof = Beside(lambda: _prove(inside))
        proof.end()
    outside.refresh_from_db()
    assert (outside.stop, outside.due_at) == (Stop.GATE, None)

    assert plan.sweep() == 1
    outside.refresh_from_db()
    assert outside.stop == ""


def _published() -> Delivery:
    row = valclair.delivery(valclair.board())
    _prove(row)
    return row


def _prove(row: Delivery) -> None:
    with transaction.atomic():
        Delivery.objects.filter(pk=row.pk).update(state=State.CLAIMED, lease="x", lease_until=timezone.now())
        settle.published(row, Proof(id="1"), why="published")


@pytest.mark.parametrize("act", [lambda: hold.hold(by=None), lambda: brake.vouch(Delivery.objects.all(), by=None)])
def test_many_rows_are_locked_in_one_order(act: Callable[[], Any]) -> None:
    """Of two that change the same rows, found in opposite orders, one waits and neither is sent home."""
    account = valclair.board()
    rows = [valclair.delivery(account, due_in=seconds) for seconds in (7200, 3600)]
    Delivery.objects.update(stop=Stop.BRAKE, due_at=None)
    assert rows[0].planned_at > rows[1].planned_at, "the model's own order is by time"
    with transaction.atomic():
        Delivery.objects.select_for_update().get(pk=rows[0].pk)
        beside = Beside(act)
        _until_they_wait(1)
        with transaction.atomic():  # the second row is still nobody's: it began with the first
            assert Delivery.objects.select_for_update(nowait=True).get(pk=rows[1].pk)
    beside.end()


def test_lifting_that_moves_and_somebody_who_moves_the_same_message() -> None:
    """Both take the message before its rows: the lift has it while it waits for the second row."""
    message = valclair.message()
    rows = [valclair.delivery(place, of=message, due_in=-60) for place in (valclair.board(), valclair.board("public"))]
    hold.hold(by=None)
    with transaction.atomic():
        Delivery.objects.select_for_update().get(pk=rows[1].pk)
        at = timezone.now() + timedelta(hours=2)
        lifted = Beside(lambda: hold.lift(by=None, overdue="move", at=at))
        _until_they_wait(1)
        moved = Beside(lambda: plan.reschedule(message, by=valclair.paul(), publish_at=at + timedelta(hours=1)))
        _until_they_wait(2)
    lifted.end()
    moved.end()
    assert Delivery.objects.get(pk=rows[1].pk).planned_at == at + timedelta(hours=1)


def test_an_edit_that_succeeds_while_other_words_are_asked_for() -> None:
    """Both take the delivery before its amendments."""
    row = _published()
    edit = Amendment.objects.create(delivery=row, act=Amendment.Act.DELETE, lane=row.lane, lease="x")
    with transaction.atomic():
        Delivery.objects.select_for_update().get(pk=row.pk)
        done = Beside(lambda: amend._note_success(edit, claim.Lease("x", (), 0), Proof(id="1")))
        _until_they_wait(1)
        with transaction.atomic():
            assert Amendment.objects.select_for_update(nowait=True).get(pk=edit.pk)
    done.end()
    edit.refresh_from_db()
    assert edit.done_at


def test_a_word_on_what_was_done_by_hand_while_other_words_are_asked_for() -> None:
    row = _published()
    edit = Amendment.objects.create(
        delivery=row, act=Amendment.Act.DELETE, lane=row.lane, due_at=None, code=BY_HAND, by=valclair.paul()
    )
    with transaction.atomic():
        Delivery.objects.select_for_update().get(pk=row.pk)
        done = Beside(lambda: amend.done_by_hand(row, by=valclair.paul(), note="effacé"))
        _until_they_wait(1)
        with transaction.atomic():
            assert Amendment.objects.select_for_update(nowait=True).get(pk=edit.pk)
    done.end()
