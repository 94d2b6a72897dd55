"""The authority's own figures: each is counted when it should be, and only then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from diffusion.delivery.models import Delivery, Event, Receipt
from diffusion.delivery.sighting import Sighting
from diffusion.delivery.states import State
from diffusion.delivery.tally import Row, tally
from diffusion.web import metrics
from tests import valclair

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
AT = NOW - timedelta(days=3)
P = Receipt.Proof


def account(channel="mastodon", **more):
    made = valclair.account(
        channel, **({"server": "https://a.example", "access_token": "t"} if channel == "mastodon" else {})
    )
    for name, value in more.items():
        setattr(made, name, value)
    made.save()
    return made


@pytest.fixture
def network():
    return account()


def made(on, state, *, at=AT, late=0, receipts=((P.PUBLISHED, "1"),), events=(), **more):
    """A delivery that ended like this. Receipts are (proof, id), events (was, now, by a person?)."""
    row = valclair.delivery(on, of=valclair.message(title=f"Avis {Delivery.objects.count()}"), intent_at=at)
    if state in (State.PUBLISHED, State.WITHDRAWN):
        kept = [Receipt.objects.create(delivery=row, proof=proof, remote_id=name) for proof, name in receipts]
        more["receipt"] = kept[0]
        Event.objects.create(delivery=row, was=State.SENDING, now=State.PUBLISHED, at=at + timedelta(seconds=late))
    for was, now, by_person in events:
        Event.objects.create(delivery=row, was=was, now=now, by=valclair.ines() if by_person else None)
    Delivery.objects.filter(pk=row.pk).update(
        **{"state": state, "planned_at": at, "due_at": at if state == State.PLANNED else None, **more}
    )
    return row


def only():
    rows = tally(NOW)
    assert len(rows) == 1, rows
    return rows[0]


def test_what_is_out_counts_also_once_it_was_taken_back(network):
    made(network, State.PUBLISHED)
    made(network, State.WITHDRAWN)

    assert only() == Row(date(2026, 11, 1), "mastodon", published=2, late_median_s=0, late_p95_s=0)


LOST = {
    "refused and left so": (State.REFUSED, {}, 1),
    "given up after a refusal": (State.CANCELLED, {"events": [(State.REFUSED, State.CANCELLED, True)]}, 1),
    "still waiting a day after its time": (State.PLANNED, {}, 1),
    "held for more than a day": (State.HELD, {}, 1),
    "refused an hour ago": (State.REFUSED, {"at": NOW - timedelta(hours=1)}, 0),
    "late by an hour": (State.PLANNED, {"at": NOW - timedelta(hours=1)}, 0),
    "cancelled by a person in time": (State.CANCELLED, {"events": [(State.PLANNED, State.CANCELLED, True)]}, 0),
    "replaced": (State.SUPERSEDED, {}, 0),
    "refused, then published": (State.PUBLISHED, {"events": [(State.REFUSED, State.PLANNED, True)]}, 0),
    "in doubt": (State.UNCERTAIN, {}, 0),
}


@pytest.mark.parametrize(("state", "how", "lost"), LOST.values(), ids=LOST)
def test_lost_is_what_never_went_out(network, state, how, lost):
    made(network, state, **how)

    assert sum(row.lost for row in tally(NOW)) == lost


DOUBLED = {
    "one receipt": ([(P.PUBLISHED, "1")], 0),
    "a second post's": ([(P.PUBLISHED, "1"), (P.LATE, "2")], 1),
    "found, and a second": ([(P.FOUND, "1"), (P.LATE, "2")], 1),
    "the same post told twice": ([(P.PUBLISHED, "1"), (P.LATE, "1")], 0),
    "late, and the only one": ([(P.LATE, "1"), (P.EDITED, "1")], 0),
    "edited": ([(P.PUBLISHED, "1"), (P.EDITED, "1")], 0),
    "seen by a person, then told late": ([(P.PERSON, "seen"), (P.LATE, "1")], 0),
}


@pytest.mark.parametrize(("receipts", "doubled"), DOUBLED.values(), ids=DOUBLED)
def test_doubled_is_a_second_post_that_is_known(network, receipts, doubled):
    made(network, State.PUBLISHED, receipts=receipts)

    assert only().doubled == doubled
    assert sum(count for _channel, count in metrics._doubled()) == doubled


UNCERTAIN = {
    "waits for a person": (State.UNCERTAIN, {"look_at": None}, 1),
    "is still looked for": (State.UNCERTAIN, {"look_at": NOW}, 0),
    "a person said that it is out": (State.PUBLISHED, {"events": [(State.UNCERTAIN, State.PUBLISHED, True)]}, 1),
    "a person gave it up": (State.CANCELLED, {"events": [(State.UNCERTAIN, State.CANCELLED, True)]}, 1),
    "found by looking": (State.PUBLISHED, {"events": [(State.UNCERTAIN, State.PUBLISHED, False)]}, 0),
}


@pytest.mark.parametrize(("state", "how", "uncertain"), UNCERTAIN.values(), ids=UNCERTAIN)
def test_uncertain_is_what_was_left_to_a_person(network, state, how, uncertain):
    made(network, state, **how)

    assert sum(row.uncertain for row in tally(NOW)) == uncertain


def test_what_was_looked_at_from_outside_is_right_or_otherwise(network):
    for verdict, told in (("right", None), ("right", None), ("changed", NOW), ("unseen", None)):
        row = made(network, State.PUBLISHED)
        receipt = row.receipts.get()
        Sighting.objects.create(delivery=row, receipt=receipt, verdict="right")
        Sighting.objects.create(delivery=row, receipt=receipt, verdict=verdict, told_at=told)

    assert (only().seen_right, only().seen_otherwise) == (3, 1)


def test_lateness_is_from_the_planned_time_to_the_proof(network):
    for late in (*range(1, 20), 600):
        made(network, State.PUBLISHED, late=late)
    made(network, State.REFUSED)

    assert (only().late_median_s, only().late_p95_s) == (10, 19)


def test_what_was_before_its_time_is_not_late(network):
    made(network, State.PUBLISHED, late=-2)

    assert only().late_median_s == 0


def test_months_are_the_towns_own_and_channels_apart(network):
    made(network, State.PUBLISHED, at=datetime(2026, 10, 31, 23, 30, tzinfo=UTC))  # November there
    made(network, State.PUBLISHED, at=datetime(2026, 10, 31, 22, 30, tzinfo=UTC))
    made(account("board"), State.PUBLISHED)

    found = [(row.month.isoformat(), row.channel, row.published) for row in tally(NOW)]

    assert found == [("2026-11-01", "board", 1), ("2026-11-01", "mastodon", 1), ("2026-10-01", "mastodon", 1)]


@pytest.mark.parametrize(("month", "first"), [(1, (2025, 2)), (11, (2025, 12)), (12, (2026, 1))])
def test_a_year_is_shown_and_no_more(network, month, first):
    now = datetime(2026, month, 24, 12, tzinfo=UTC)
    year, begins = first
    made(network, State.PUBLISHED, at=datetime(year, begins, 2, tzinfo=UTC))
    made(network, State.PUBLISHED, at=datetime(year, begins, 1, tzinfo=UTC) - timedelta(days=2))

    assert [row.month for row in tally(now)] == [date(year, begins, 1)]


def test_rehearsals_and_what_is_to_come_are_left_out():
    made(account(is_rehearsal=True), State.PUBLISHED)
    made(account(), State.PLANNED, at=NOW + timedelta(days=1))

    assert tally(NOW) == []


def test_as_many_queries_for_many_as_for_one(network):
    costs = []
    for _ in range(2):
        made(network, State.PUBLISHED)
        made(account("board"), State.REFUSED)
        with CaptureQueriesContext(connection) as queries:
            tally(NOW)
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 10
