"""What is claimed lies on a desk: whoever serves the lane takes the next, and nothing lies there for long."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from diffusion.delivery import plan
from diffusion.delivery.claim import Lease
from diffusion.delivery.models import Delivery
from diffusion.delivery.states import State
from tests import valclair
from workers import desk
from workers.desk import FEW, Desk

pytestmark = pytest.mark.django_db


def due(count: int) -> list[Delivery]:
    account = valclair.board()
    return [valclair.delivery(account, due_in=n - count) for n in range(count)]


def take_all(of: Desk) -> list[int]:
    return [taken.delivery.pk for taken in iter(of.take, None)]


def planned() -> int:
    return Delivery.objects.filter(state=State.PLANNED).count()


def test_one_claim_serves_all_who_take_from_it():
    rows, shared = due(FEW + 1), Desk("intranet")

    first = shared.take()
    assert first
    with CaptureQueriesContext(connection) as seen:
        rest = [shared.take() for _ in range(FEW - 1)]
    last = shared.take()

    assert not seen
    assert last
    assert [taken.delivery.pk for taken in (first, *filter(None, rest), last)] == [row.pk for row in rows]
    assert [taken.is_first for taken in (first, *filter(None, rest), last)] == [True, False, False, False, True]
    assert (first.more, last.more) == (True, False)
    assert shared.take() is None


def test_the_faster_they_leave_the_more_are_claimed():
    due(3 * FEW)
    shared = Desk("intranet")

    for _ in range(FEW):
        shared.take()
    shared.take()

    assert planned() == 0


def test_what_many_did_not_begin_in_time_goes_where_others_could_take_it(monkeypatch):
    due(3 * FEW)
    shared = Desk("intranet")
    for _ in range(FEW + 1):
        shared.take()
    monkeypatch.setattr(desk, "SOON_S", 0.0)

    taken = shared.take()

    assert taken
    assert taken.is_first
    assert planned() == FEW - 1, "2 × FEW - 1 came back, and FEW of them were claimed anew"


def test_of_few_what_is_no_longer_ours_is_not_carried(monkeypatch):
    rows, shared = due(3), Desk("intranet")
    shared.take()
    plan.cancel(Delivery.objects.filter(pk=rows[1].pk), by=None)
    monkeypatch.setattr(desk, "SOON_S", 0.0)

    assert take_all(shared) == [rows[2].pk]


def test_a_worker_that_stops_gives_back_what_nobody_began():
    rows, shared = due(3), Desk("intranet")
    shared.take()

    shared.clear()

    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == [
        State.CLAIMED,
        *[State.PLANNED] * 2,
    ]
    assert take_all(shared) == [row.pk for row in rows[1:]]


def test_what_was_claimed_but_could_not_be_read_is_given_back(monkeypatch):
    """The database goes between the two: else they would wait until the lease runs out."""
    due(2)

    def gone(_: Lease) -> list[Delivery]:
        raise OperationalError

    monkeypatch.setattr(Lease, "rows", gone)
    with pytest.raises(OperationalError):
        Desk("intranet").take()

    assert planned() == 2
