"""The arithmetic of the clock, at both changes of the clock and away from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.schedule.clock import TimeDoubled, TimeMissing, Window, at, clear, times

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 6, 16, 8, 0, tzinfo=UTC)
LEAD = timedelta(hours=2)


def test_a_wall_time_is_an_instant():
    assert at(datetime(2026, 6, 17, 14, 0), PARIS) == datetime(2026, 6, 17, 12, 0, tzinfo=UTC)
    assert at(datetime(2026, 12, 17, 14, 0), PARIS) == datetime(2026, 12, 17, 13, 0, tzinfo=UTC)


def test_the_missing_hour_is_explained_with_what_exists():
    with pytest.raises(TimeMissing) as missing:
        at(datetime(2026, 3, 29, 2, 30), PARIS)

    assert missing.value.earlier.hour == 1
    assert missing.value.later.hour == 3


def test_the_doubled_hour_asks_which():
    wall = datetime(2026, 10, 25, 2, 30)
    with pytest.raises(TimeDoubled) as doubled:
        at(wall, PARIS)

    assert doubled.value.second.astimezone(UTC) - doubled.value.first.astimezone(UTC) == timedelta(hours=1)
    assert at(wall, PARIS, fold=0) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert at(wall, PARIS, fold=1) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)))
def test_what_is_found_shows_the_wall_time_asked_for(wall):
    try:
        found = at(wall, PARIS)
    except TimeMissing as missing:
        assert missing.earlier < missing.later
        return
    except TimeDoubled as doubled:
        assert doubled.first.astimezone(UTC) < doubled.second.astimezone(UTC)
        return
    assert found.astimezone(PARIS).replace(tzinfo=None) == wall


@pytest.mark.parametrize(
    ("wanted", "is_urgent", "internal", "outside"),
    [
        (NOW + timedelta(hours=6), False, NOW + timedelta(hours=4), NOW + timedelta(hours=6)),
        (NOW + timedelta(hours=1), False, NOW, NOW + timedelta(hours=1)),  # too little time left: agents now
        (None, False, NOW, NOW + LEAD),
        (NOW - timedelta(hours=1), False, NOW, NOW),
        (NOW + timedelta(hours=6), True, NOW + timedelta(hours=6), NOW + timedelta(hours=6)),
        (None, True, NOW, NOW),
    ],
)
def test_agents_come_first_by_the_lead_and_urgency_has_none(wanted, is_urgent, internal, outside):
    found = times(wanted, now=NOW, lead=LEAD, is_urgent=is_urgent)

    assert (found.internal, found.outside) == (internal, outside)


def test_a_time_inside_a_blackout_moves_out_of_it():
    council = Window(NOW, NOW + timedelta(hours=3))

    assert clear(NOW + timedelta(hours=1), [council]) == council.ends
    assert clear(NOW + timedelta(hours=1), [council], before=True) < council.starts
    assert clear(council.ends, [council]) == council.ends


def test_two_blackouts_in_a_row_are_both_left():
    row = [Window(NOW, NOW + LEAD), Window(NOW + LEAD, NOW + 2 * LEAD)]

    assert clear(NOW, reversed(row)) == NOW + 2 * LEAD
    assert clear(NOW + 1.5 * LEAD, row, before=True) < NOW
