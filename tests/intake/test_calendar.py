"""Recurrences and their exceptions, zones and the two clock changes, what has no end, what can't be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.intake import calendar
from diffusion.intake.decode import Document
from diffusion.intake.entry import Entry
from diffusion.intake.item import Complaint, Feed, Status

NOW = datetime(2026, 2, 1, tzinfo=UTC)


def event(*lines: str, uid: str = "e") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "SUMMARY:Marché", *lines, "END:VEVENT", ""])


def read(*events: str, head: str = "", zone: str = "Europe/Paris") -> list[Feed | Entry | Complaint]:
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{head}{''.join(events)}END:VCALENDAR\r\n"
    return list(calendar.read(Document(text, NOW, zone=ZoneInfo(zone))))


def entries(*events: str, head: str = "", zone: str = "Europe/Paris") -> list[Entry]:
    return [one for one in read(*events, head=head, zone=zone) if isinstance(one, Entry)]


ONE = [
    (("DTSTART:20260301T080000Z",), datetime(2026, 3, 1, 8, tzinfo=UTC), None),
    (
        ("DTSTART:20260301T080000", "DURATION:PT90M"),
        datetime(2026, 3, 1, 7, tzinfo=UTC),
        datetime(2026, 3, 1, 8, 30, tzinfo=UTC),
    ),
    (("DTSTART;VALUE=DATE:20260714", "DTEND;VALUE=DATE:20260715"), date(2026, 7, 14), date(2026, 7, 15)),
    (("DTSTART;VALUE=DATE:20260714",), date(2026, 7, 14), None),
    (("DTSTART;TZID=America/Cayenne:20260301T080000",), datetime(2026, 3, 1, 11, tzinfo=UTC), None),
    (("DTSTART;TZID=Romance Standard Time:20260701T080000",), datetime(2026, 7, 1, 6, tzinfo=UTC), None),
]


@pytest.mark.parametrize(("lines", "start", "end"), ONE)
def test_an_event_begins_and_ends_when_it_says(lines: tuple[str, ...], start: object, end: object) -> None:
    (found,) = entries(event(*lines))

    assert (found.start, found.end) == (start, end)


def test_floating_times_are_the_calendars_own_zone_before_ours() -> None:
    (found,) = entries(event("DTSTART:20260301T080000"), head="X-WR-TIMEZONE:America/Cayenne\r\n")

    assert found.start == datetime(2026, 3, 1, 11, tzinfo=UTC)


def test_a_weekly_event_keeps_its_hour_over_the_clock_change() -> None:
    found = entries(event("DTSTART;TZID=Europe/Paris:20260322T090000", "RRULE:FREQ=WEEKLY;COUNT=2"))

    assert [e.start for e in found] == [datetime(2026, 3, 22, 8, tzinfo=UTC), datetime(2026, 3, 29, 7, tzinfo=UTC)]


def test_a_moved_occurrence_keeps_its_uid() -> None:
    weekly = event("DTSTART:20260302T080000Z", "RRULE:FREQ=WEEKLY;COUNT=3")
    moved = event("RECURRENCE-ID:20260309T080000Z", "DTSTART:20260310T090000Z", "SEQUENCE:1")

    before, after = entries(weekly), entries(weekly, moved)

    assert [e.id for e in before] == [e.id for e in after]
    assert after[1].start == datetime(2026, 3, 10, 9, tzinfo=UTC)


def test_the_latest_version_of_an_occurrence_counts() -> None:
    versions = [
        event("DTSTART:20260302T080000Z", f"SEQUENCE:{n}", f"LOCATION:{place}")
        for n, place in ((2, "Parc"), (1, "Pont"))
    ]

    (found,) = entries(*versions)

    assert found.place == "Parc"


def test_a_cancelled_event_is_told_as_such() -> None:
    weekly = event("DTSTART:20260302T080000Z", "RRULE:FREQ=WEEKLY;COUNT=2")
    off = event("RECURRENCE-ID:20260309T080000Z", "DTSTART:20260309T080000Z", "STATUS:CANCELLED")

    assert [e.status for e in entries(weekly, off)] == [None, Status.CANCELLED]
    assert [e.status for e in entries(weekly, head="METHOD:CANCEL\r\n")] == [Status.CANCELLED] * 2


def test_a_series_without_end_gives_the_year_ahead() -> None:
    found = entries(event("DTSTART:20200106T080000Z", "RRULE:FREQ=WEEKLY;BYDAY=MO"))

    starts = [e.start for e in found if isinstance(e.start, datetime)]
    assert 52 <= len(starts) <= 58
    assert min(starts) >= NOW - calendar.BEFORE
    assert max(starts) <= NOW + calendar.AFTER


def test_a_series_without_end_that_begins_later_gives_its_first() -> None:
    found = entries(event("DTSTART:20300107T080000Z", "RRULE:FREQ=WEEKLY"))

    assert [e.start for e in found] == [datetime(2030, 1, 7, 8, tzinfo=UTC)]


def test_a_series_that_ended_long_ago_is_taken_whole() -> None:
    found = entries(event("DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=DAILY;UNTIL=20200103"))

    assert [e.start for e in found] == [date(2020, 1, day) for day in (1, 2, 3)]
    assert [e.end for e in found] == [None, None, None]


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=DAILY;INTERVAL=0", "FREQ=X", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"]
)
def test_a_rule_that_leads_nowhere_leaves_the_first_date(rule: str) -> None:
    found = entries(event("DTSTART:20260302T080000Z", f"RRULE:{rule}"), event("DTSTART:20260303T080000Z", uid="f"))

    assert [e.start for e in found] == [datetime(2026, 3, day, 8, tzinfo=UTC) for day in (2, 3)]
    assert "bad_rule" in {code for code, _ in found[0].complaints}


def test_too_many_dates_are_cut_and_told() -> None:
    found = entries(event("DTSTART:20260302T080000Z", "RRULE:FREQ=HOURLY;COUNT=9999"))

    assert len(found) == calendar.DATES_MAX
    assert "many_dates" in {code for code, _ in found[0].complaints}


@pytest.mark.parametrize("start", ["20260231T080000", "demain", "20261301", "", "20260302T250000"])
def test_a_date_that_does_not_exist_is_told_and_the_rest_kept(start: str) -> None:
    (found,) = entries(event(f"DTSTART:{start}"))

    assert found.start is None
    assert found.title == "Marché"
    assert [code for code, _ in found.complaints] == ["bad_date"]


def test_the_hour_that_does_not_exist_and_the_one_that_comes_twice_are_both_one_moment() -> None:
    gap, twice = entries(
        event("DTSTART;TZID=Europe/Paris:20260329T023000"), event("DTSTART;TZID=Europe/Paris:20261025T023000", uid="f")
    )

    assert gap.start == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # RFC 5545, 3.3.5: by the offset before the gap
    assert twice.start == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # … and the first of the two


def test_what_is_cut_gives_its_whole_events() -> None:
    text = "BEGIN:VCALENDAR\r\n" + event("DTSTART:20260302T080000Z") + event("DTSTART:20260303T080000Z", uid="f")[:-30]

    found = list(calendar.read(Document(text, NOW)))

    assert [e.id for e in found if isinstance(e, Entry)] == ["e"]
    assert Complaint("truncated") in found


@given(
    weeks=st.integers(1, 60),
    start=st.integers(1_577_836_800, 1_893_456_000).map(
        lambda at: datetime.fromtimestamp(at, UTC).replace(tzinfo=None)
    ),
)
def test_a_weekly_series_is_at_the_same_wall_time_each_week(weeks: int, start: datetime) -> None:
    zone = ZoneInfo("Europe/Paris")
    found = entries(event(f"DTSTART;TZID=Europe/Paris:{start:%Y%m%dT%H%M%S}", f"RRULE:FREQ=WEEKLY;COUNT={weeks}"))

    walls = [e.start.astimezone(zone).replace(tzinfo=None) for e in found if isinstance(e.start, datetime)]
    assert len(walls) == weeks
    assert len({e.id for e in found}) == weeks
    if not 2 <= start.hour < 3:  # hours that some days lack
        assert {(wall.weekday(), wall.time()) for wall in walls} == {(start.weekday(), start.time())}
