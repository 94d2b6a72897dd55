"""A typed day and hour → an instant; what can't be is explained with the nearest that can."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from diffusion.schedule.clock import Window
from diffusion.schedule.moments import Typed, Unclear, read

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def _read(day: str, hour: str, pick: str = "", windows: tuple[Window, ...] = ()) -> datetime:
    return read(Typed(day, hour, pick), zone=PARIS, now=NOW, windows=windows)


@pytest.mark.parametrize(
    ("day", "hour"), [("2026-06-17", "08:30"), ("17/06/2026", "8h30"), ("17.06.2026", "8:30"), ("2026-6-17", "08 h 30")]
)
def test_a_time_is_read_in_the_authoritys_zone(day: str, hour: str) -> None:
    assert _read(day, hour) == datetime(2026, 6, 17, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hour", "code", "said"),
    [
        ("2026-02-31", "08:00", "date_missing", {"nearest": "28/02/2026"}),
        ("2028-02-30", "08:00", "date_missing", {"nearest": "29/02/2028"}),
        ("demain", "08:00", "time_unreadable", {"given": "demain"}),
        ("2026-13-01", "08:00", "time_unreadable", {}),
        ("2026-06-17", "25:00", "time_unreadable", {"given": "25:00"}),
        ("2026-06-17", "", "time_unreadable", {}),
        ("2026-02-28", "08:00", "time_past", {"at": "28/02/2026 08:00"}),
    ],
)
def test_what_cannot_be_is_explained(day: str, hour: str, code: str, said: dict[str, str]) -> None:
    with pytest.raises(Unclear) as no:
        _read(day, hour)

    assert no.value.code == code
    assert said.items() <= no.value.facts.items()


def test_the_hour_that_the_clock_jumps_over_offers_the_nearest_two() -> None:
    with pytest.raises(Unclear) as no:
        _read("2026-03-29", "02:30")

    assert no.value.code == "time_missing"
    assert (no.value.facts["before"], no.value.facts["after"]) == ("02:00", "03:00")
    assert no.value.choices == (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC))


def test_the_hour_that_comes_twice_offers_both_and_one_is_picked() -> None:
    with pytest.raises(Unclear) as no:
        _read("2026-10-25", "02:30")
    first, second = no.value.choices

    picked = _read("2026-10-25", "02:30", pick=second.isoformat())

    assert no.value.code == "time_doubled"
    assert second - first == timedelta(hours=1)
    assert picked == second


def test_a_time_when_nothing_goes_out_offers_the_first_after() -> None:
    council = Window(datetime(2026, 6, 17, 16, 0, tzinfo=UTC), datetime(2026, 6, 17, 18, 0, tzinfo=UTC), "Conseil")

    with pytest.raises(Unclear) as no:
        _read("2026-06-17", "19:00", windows=(council,))

    assert (no.value.code, no.value.facts["reason"], no.value.choices) == ("time_blackout", "Conseil", (council.ends,))


def test_a_pick_that_is_no_instant_is_not_one() -> None:
    assert _read("2026-06-17", "08:30", pick="2026-06-17T08:30") == datetime(2026, 6, 17, 6, 30, tzinfo=UTC)
