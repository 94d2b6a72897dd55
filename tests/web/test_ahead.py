"""The next hour: what goes where, and what an account can't take or the town would ask about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels.contract import Rate
from channels.mastodon import Mastodon
from diffusion.accounts.models import Account
from diffusion.delivery.models import Attempt, Delivery
from diffusion.directory.models import Authority
from diffusion.web.ahead import Ahead, ahead
from tests import valclair

pytestmark = pytest.mark.django_db


@pytest.fixture
def network() -> Account:
    return Account.objects.create(
        name="Mastodon", slug="mastodon", channel="mastodon", level="public", brand=valclair.brand()
    )


def _plan(account: Account, minutes: list[float], **more: Any) -> list[Delivery]:
    row = {"is_vouched": False, **more}
    return [valclair.delivery(account, of=valclair.message(f"Message {at}"), due_in=at * 60, **row) for at in minutes]


def _hours() -> list[Ahead]:
    return ahead(Delivery.objects.all(), list(Account.objects.all()), timezone.now())


def test_each_account_is_told_with_its_times_and_its_first_rows(network: Account) -> None:
    board = valclair.board()
    rows = _plan(network, [10, 20, 30, 40, 90])
    _plan(board, [5])

    first, second = _hours()

    assert (first.account, first.count) == (board, 1)
    assert (second.account, second.count, second.more) == (network, 4, 1)
    assert (second.first_at, second.last_at) == (rows[0].due_at, rows[3].due_at)
    assert second.rows == rows[:3]
    assert (second.slowed, second.braked) == (0, 0)


def test_what_waits_for_agents_is_told_and_what_is_stopped_is_not(network: Account) -> None:
    gated, held, refused, late = _plan(network, [10, 10, 10, 10])
    Delivery.objects.filter(pk=gated.pk).update(stop="gate", due_at=None)
    Delivery.objects.filter(pk=held.pk).update(state="held")
    Delivery.objects.filter(pk=refused.pk).update(state="refused")
    Delivery.objects.filter(pk=late.pk).update(stop="late", due_at=None)

    assert [hour.rows for hour in _hours()] == [[gated]]


def test_a_burst_that_a_channel_does_not_take_is_said(network: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mastodon, "rates", (Rate(2, 1800),))
    past = valclair.delivery(network, of=valclair.message("Avant"), due_in=-9999)
    Delivery.objects.filter(pk=past.pk).update(state="cancelled")
    Attempt.objects.create(delivery=past, generation=1, lease="x", began_at=timezone.now() - timedelta(minutes=10))
    _plan(network, [1, 2, 3, 4])

    (hour,) = _hours()

    # one was tried 10 minutes ago: the first goes at 1, the second at 20, the third at 31, the fourth at 50
    assert hour.slowed == 3
    assert hour.ends_at - timezone.now() == pytest.approx(timedelta(minutes=50), abs=timedelta(seconds=5))


def test_what_the_town_would_ask_about_is_said_and_an_alert_never_is(network: Account) -> None:
    Authority.objects.update_or_create(pk=1, defaults={"hourly_posts": 3})
    out = valclair.delivery(network, of=valclair.message("Avant"), due_in=-600)
    Delivery.objects.filter(pk=out.pk).update(
        state="uncertain", intent_at=timezone.now() - timedelta(minutes=5), due_at=None
    )
    _plan(network, [1, 2, 3, 4])
    _plan(network, [5], lane="urgent")
    _plan(network, [6], is_vouched=True)

    (hour,) = _hours()

    assert (hour.count, hour.braked) == (6, 2)


def test_a_wait_that_the_channel_asked_for_moves_what_is_due(network: Account) -> None:
    Account.objects.update(throttled_until=timezone.now() + timedelta(minutes=30))
    _plan(network, [1, 40])

    (hour,) = _hours()

    assert hour.slowed == 1


def test_a_fuller_hour_costs_no_more_queries(network: Account) -> None:
    costs = []
    for count in (2, 60):
        _plan(network, [1.0] * count)
        with CaptureQueriesContext(connection) as asked:
            _hours()
        costs.append(len(asked))

    assert costs[0] == costs[1]
