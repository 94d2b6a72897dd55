"""The judge itself: a loss and a double are told, whatever else is right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.chaos.judge import Post, judge

NOON = datetime(2026, 6, 17, 12, tzinfo=UTC)
PLANNED = [Post(f"avis {n}", NOON + timedelta(seconds=n)) for n in range(3)]


def got(*numbers: int, after_s: float = 1.0) -> list[Post]:
    return [Post(f"avis {n}", NOON + timedelta(seconds=n + after_s)) for n in numbers]


@pytest.mark.parametrize(
    ("arrived", "asked", "lost", "doubled", "strange"),
    [
        (got(0, 1, 2), set(), (), (), ()),
        (got(0, 2), set(), ("avis 1",), (), ()),
        (got(0, 2), {"avis 1"}, (), (), ()),
        (got(0, 1, 1, 2), set(), (), ("avis 1",), ()),
        (got(0, 1, 1, 1, 2), set(), (), ("avis 1", "avis 1"), ()),
        (got(0, 1, 1, 2), {"avis 1"}, (), ("avis 1",), ()),
        (got(0, 1, 2, 7), set(), (), (), ("avis 7",)),
        ([], set(), ("avis 0", "avis 1", "avis 2"), (), ()),
    ],
    ids=["clean", "lost", "a person was asked", "doubled", "tripled", "doubled and asked", "never planned", "nothing"],
)
def test_what_was_got_is_held_against_what_was_planned(arrived, asked, lost, doubled, strange):
    verdict = judge(PLANNED, arrived, asked)

    assert (verdict.lost, verdict.doubled, verdict.strange) == (lost, doubled, strange)
    assert verdict.is_clean == (not (lost or doubled or strange))
    assert verdict.uncertain == len(asked)


def test_the_delay_is_that_of_the_first_copy_and_what_came_early_is_told():
    verdict = judge(PLANNED, [*got(0, after_s=9), *got(0, after_s=4), *got(1, after_s=-2)])

    assert verdict.delay_s == 4
    assert verdict.early_s == 2
