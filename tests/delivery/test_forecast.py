"""An hour that an account can't take is said when it is chosen, with the nearest that it can."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Rate
from channels.mastodon import Mastodon
from diffusion.accounts.models import Account
from diffusion.delivery.forecast import HOUR, Crowd, Due, Past, lay_out
from diffusion.delivery.models import Delivery
from diffusion.directory.models import Authority
from diffusion.message.models import Message
from diffusion.schedule.models import Blackout
from tests import valclair

DAY = timedelta(days=1)
NOON = datetime(2031, 6, 17, 12, tzinfo=UTC)


@pytest.fixture
def network(db: None) -> Account:
    Authority.objects.update_or_create(pk=1, defaults={"hourly_posts": 3, "lead": timedelta()})
    return Account.objects.create(
        name="Mastodon", slug="mastodon", channel="mastodon", level="public", brand=valclair.brand()
    )


def planned(account: Account, at: datetime, count: int, **more: Any) -> None:
    for number in range(count):
        about = valclair.message(f"Message {at} {number}")
        row = valclair.delivery(account, of=about, is_vouched=False, **more)
        Delivery.objects.filter(pk=row.pk).update(planned_at=at, due_at=at)


def crowd(account: Account, at: datetime, **more: Any) -> Crowd:
    message = valclair.message("Celui-ci", **more)
    return Crowd(message, [account], at, timezone.now())


def test_one_more_than_the_towns_number_in_an_hour_is_said_with_the_nearest_hour_that_takes_it(
    network: Account,
) -> None:
    planned(network, NOON, 3)

    full = crowd(network, NOON + timedelta(minutes=30))

    (found,) = full.at(full.wanted)
    assert (found.account, found.is_braked) == (network, True)
    nearest = full.nearest()
    assert nearest == NOON + timedelta(minutes=75), "not to the minute: each goes out a little after its time"
    assert full.at(nearest) == []
    assert crowd(network, NOON + timedelta(hours=2)).at(NOON + timedelta(hours=2)) == []


def test_an_alert_fits_always(network: Account) -> None:
    planned(network, NOON, 3)

    assert crowd(network, NOON, is_urgent=True).at(NOON) == []


def test_what_a_channel_takes_no_faster_is_said_also_of_those_that_it_would_push_back(
    network: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    Authority.objects.update(hourly_posts=0)
    monkeypatch.setattr(Mastodon, "rates", (Rate(2, 1800),))
    planned(network, NOON, 2)

    full = crowd(network, NOON - timedelta(minutes=5))

    (found,) = full.at(full.wanted)
    assert not found.is_braked
    assert found.at == pytest.approx(NOON + timedelta(minutes=25), abs=timedelta(seconds=1))
    assert full.nearest() == NOON - timedelta(minutes=35)


def test_what_is_full_without_us_is_not_said_of_us(network: Account) -> None:
    planned(network, NOON, 5)

    assert crowd(network, NOON + 2 * HOUR).at(NOON + 2 * HOUR) == []


def test_the_messages_own_rows_do_not_stand_in_its_way(network: Account) -> None:
    planned(network, NOON, 2)
    own = valclair.message("Celui-ci")
    valclair.delivery(network, of=own, due_in=(NOON - timezone.now()).total_seconds(), is_vouched=False)

    assert Crowd(own, [network], NOON, timezone.now()).at(NOON) == []


def test_no_time_of_quiet_and_none_that_leaves_agents_no_lead_is_offered(network: Account) -> None:
    soon = timezone.now() + timedelta(minutes=70)
    planned(network, soon, 3)
    Authority.objects.update(lead=HOUR)
    Blackout.objects.create(starts_at=soon + timedelta(minutes=30), ends_at=soon + timedelta(hours=4), reason="Deuil")

    nearest = crowd(network, soon).nearest()

    assert nearest is not None
    assert nearest >= soon + timedelta(hours=4)


def test_where_a_whole_day_is_full_none_is_offered(network: Account) -> None:
    Authority.objects.update(hourly_posts=1)
    for half in range(-60, 61):
        planned(network, NOON + timedelta(minutes=30 * half), 1)

    assert crowd(network, NOON).nearest() is None


def test_more_accounts_and_more_rows_cost_no_more_queries(network: Account) -> None:
    message, costs = Message.objects.get(pk=valclair.message("Celui-ci").pk), []
    for _ in range(2):
        planned(network, NOON, 4)
        places = list(Account.objects.all())
        with CaptureQueriesContext(connection) as asked:
            full = Crowd(message, places, NOON, timezone.now())
            full.at(NOON)
            full.nearest()
        costs.append(len(asked))
        valclair.board()

    assert costs[0] == costs[1]
    assert Delivery.objects.count() == 8


@given(
    st.lists(st.integers(0, 600), max_size=30),
    st.lists(st.tuples(st.integers(1, 5), st.integers(60, 7200)), max_size=3),
    st.integers(0, 5),
)
def test_what_is_laid_out_keeps_every_rate_and_the_towns_number(
    minutes: list[int], rates: list[tuple[int, int]], most: int
) -> None:
    rows = [Due(NOON + timedelta(minutes=at)) for at in sorted(minutes)]

    going = list(lay_out(rows, [Rate(*rate) for rate in rates], Past(), most, NOON))

    times = [row.at for row in going if not row.is_braked]
    assert len(going) == len(rows)
    assert times == sorted(times)
    assert all(row.at >= row.due.at for row in going)
    for count, seconds in [*rates, *([(most, 3600)] if most else [])]:
        for first, later in zip(times, times[count:], strict=False):
            assert later - first >= timedelta(seconds=seconds)
