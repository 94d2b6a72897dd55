"""`diffusion replay`: the plan of a window, shown, then done in one of three ways."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from diffusion.delivery.models import Delivery
from tests import valclair
from tests.cli.terminal import say, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def late() -> Delivery:
    """Given up an hour ago: its server was gone."""
    made = valclair.delivery(valclair.board(), due_in=-3600)
    Delivery.objects.filter(pk=made.pk).update(state="refused", code="unreachable", due_at=None)
    return made


def _now(delivery: Delivery) -> Delivery:
    delivery.refresh_from_db()
    return delivery


def test_a_dry_run_only_shows(late: Delivery) -> None:
    shown = told("replay", "--dry-run", "--overdue", "drop")

    assert [(row["delivery"], row["fate"]) for row in shown["plan"]] == [(late.public_id, "again")]
    assert (shown["acted"], _now(late).state) == (0, "refused")


@pytest.mark.parametrize(("words", "state"), [((), "planned"), (("--overdue", "drop"), "cancelled")])
def test_what_is_not_out_goes_or_is_cancelled(late: Delivery, words: tuple[str, ...], state: str) -> None:
    assert told("replay", *words)["acted"] == 1
    assert _now(late).state == state


def test_what_is_not_out_is_moved_with_its_message(late: Delivery) -> None:
    at = (timezone.now() + timedelta(days=2)).replace(microsecond=0)
    late.message.is_urgent = True  # agents and public at the same time: no lead to count back
    late.message.save()

    assert told("replay", "--overdue", "move", "--at", at.isoformat())["acted"] == 1

    assert (_now(late).state, late.due_at) == ("planned", at)


@pytest.mark.parametrize("words", [("--overdue", "move"), ("--at", "2031-01-01T08:00"), ("--overdue", "burn")])
def test_a_way_that_does_not_hold_together_changes_nothing(late: Delivery, words: tuple[str, ...]) -> None:
    assert say("replay", *words).exit_code == 2
    assert _now(late).state == "refused"
