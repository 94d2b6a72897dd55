"""What an answer means, where a channel's own table says nothing."""

from __future__ import annotations

import pytest

from channels.answers import check, pause, read, spent
from channels.http import Answer
from channels.outcomes import Disconnected, Refused, Throttled, TryLater, Uncertain

DATE = {"Date": "Tue, 24 Nov 2026 08:00:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "30"}, 30),
        ({"Retry-After": "Tue, 24 Nov 2026 08:01:00 GMT", **DATE}, 60),
        ({"X-RateLimit-Reset": "2026-11-24T08:02:00.000000Z", **DATE}, 120),
        ({"X-RateLimit-Reset": "2026-11-24T07:00:00Z", **DATE}, 1),
        ({"X-RateLimit-Reset": "1795507320", **DATE}, 120),
        ({"X-RateLimit-Reset": "90", **DATE}, 90),
        ({"RateLimit-Reset": "1795507320", **DATE}, 120),
        ({"X-RateLimit-Reset": "9" * 40, **DATE}, None),
        ({"Retry-After": "99999999"}, 86400),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_a_pause_is_read_by_the_servers_own_clock(headers, seconds):
    assert pause(Answer(429, headers, b"")) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-11-24T08:02:00Z", **DATE}, 120),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "60", **DATE}, 60),
        ({"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "2026-11-24T08:02:00Z", **DATE}, 0),
        ({"X-RateLimit-Remaining": "0", **DATE}, 0),
        ({"Retry-After": "30"}, 0),
        ({}, 0),
    ],
)
def test_a_success_can_be_the_last_for_now(headers, seconds):
    assert spent(Answer(200, headers, b"")) == seconds


@pytest.mark.parametrize(
    ("status", "irrevocable", "outcome"),
    [
        (401, True, Disconnected),
        (429, True, Throttled),
        (400, True, Refused),
        (302, True, Refused),
        (500, True, Uncertain),
        (503, True, Uncertain),
        (408, True, Uncertain),
        (503, False, TryLater),
        (408, False, TryLater),
    ],
)
def test_an_answer_that_no_table_knows_means_what_the_standard_says(status, irrevocable, outcome):
    with pytest.raises(outcome):
        check(Answer(status, {}, b"{}"), {}, irrevocable=irrevocable)


def test_a_success_that_cannot_be_read_is_doubt():
    with pytest.raises(Uncertain):
        read(Answer(200, {}, b"<html>"), dict, {}, irrevocable=True)
    with pytest.raises(TryLater):
        read(Answer(200, {}, b"<html>"), dict, {})
