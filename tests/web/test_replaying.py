"""After an outage: the plan of a window is shown first, then done, and doing it twice does nothing more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from diffusion.accounts.models import Account
from diffusion.audit import Entry
from diffusion.delivery.models import Delivery, Event
from tests import valclair
from tests.web.town import Town

SignIn = Callable[[str], Client]
LOCAL = "%Y-%m-%dT%H:%M"


@pytest.fixture
def network() -> Account:
    return Account.objects.create(
        name="Mastodon", slug="mastodon", channel="mastodon", level="public", brand=valclair.brand()
    )


def _put(account: Account, title: str, minutes_ago: float = 60, **changes: Any) -> Delivery:
    row = valclair.delivery(account, of=valclair.message(title), due_in=-60 * minutes_ago)
    if changes:
        Delivery.objects.filter(pk=row.pk).update(**changes)
    return row


def _outage(account: Account) -> dict[str, Delivery]:
    now = timezone.now()
    sent = {"intent_at": now, "doubt_at": now}
    return {
        "again": _put(account, "Abandonnée", state="refused", code="unreachable", due_at=None),
        "waits": _put(account, "En retard"),
        "look": _put(account, "Douteuse", state="uncertain", due_at=None, look_at=None, looks=5, **sent),
        "wrong": _put(account, "Trop longue", state="refused", code="text_too_long", due_at=None),
    }


def _states(rows: dict[str, Delivery]) -> dict[str, str]:
    return {name: Delivery.objects.get(pk=row.pk).state for name, row in rows.items()}


def test_the_plan_is_shown_and_showing_changes_nothing(town: Town, sign_in: SignIn, network: Account) -> None:
    rows = _outage(network)
    _put(network, "D’avant-hier", minutes_ago=3000)
    before = _states(rows)

    page = sign_in("ops").get(reverse("replay")).content.decode()

    for title in ("Abandonnée", "En retard", "Douteuse", "Trop longue"):
        assert title in page
    assert "D’avant-hier" not in page
    assert 'name="count" value="4"' in page
    assert _states(rows) == before


@pytest.mark.parametrize(
    ("when", "again", "waits"),
    [("now", "planned", "planned"), ("drop", "cancelled", "cancelled"), ("at", "planned", "planned")],
)
def test_what_is_not_out_goes_is_moved_or_dropped_and_doubt_is_looked_at(
    town: Town, sign_in: SignIn, network: Account, when: str, again: str, waits: str
) -> None:
    rows, client = _outage(network), sign_in("ops")
    later = timezone.localtime(timezone.now() + timedelta(days=2)).replace(hour=10, minute=0, second=0, microsecond=0)

    given = {"count": 4, "when": when, "day": f"{later:%Y-%m-%d}", "hour": "10:00"}
    answer = client.post(reverse("replay"), given if when == "at" else {**given, "day": "", "hour": ""})

    assert answer.status_code == 302
    assert _states(rows) == {"again": again, "waits": waits, "look": "uncertain", "wrong": "refused"}
    doubt = Delivery.objects.get(pk=rows["look"].pk)
    assert doubt.look_at is not None
    if when == "at":
        moved = Delivery.objects.filter(pk__in=[rows["again"].pk, rows["waits"].pk])
        assert {row.due_at for row in moved} == {later}
    assert Entry.objects.filter(by=town.people["ops"]).count() >= 2


def test_doing_it_twice_does_nothing_more(town: Town, sign_in: SignIn, network: Account) -> None:
    rows, client = _outage(network), sign_in("ops")

    for _again in range(2):
        client.post(reverse("replay"), {"count": 4, "when": "now"})

    assert Event.objects.filter(delivery=rows["again"], why="retry").count() == 1
    assert Entry.objects.filter(verb="retry").count() == 1


def test_a_plan_that_has_grown_is_shown_again(town: Town, sign_in: SignIn, network: Account) -> None:
    rows, client = _outage(network), sign_in("ops")
    before = _states(rows)

    page = client.post(reverse("replay"), {"count": 3, "when": "drop"}).content.decode()

    assert "davantage que tout à l’heure" in page
    assert _states(rows) == before


def test_only_the_window_and_the_account_that_were_asked_for(town: Town, sign_in: SignIn, network: Account) -> None:
    now, other = timezone.localtime(), valclair.board()
    old, mine, theirs = _put(network, "A", 600), _put(network, "B", 60), _put(other, "C", 60)
    window = {"start": (now - timedelta(hours=2)).strftime(LOCAL), "end": now.strftime(LOCAL)}

    address = reverse("replay", query={**window, "account": network.public_id})
    sign_in("ops").post(address, {"count": 1, "when": "drop"})

    states = _states({"old": old, "mine": mine, "theirs": theirs})
    assert states == {"old": "planned", "mine": "cancelled", "theirs": "planned"}


@pytest.mark.parametrize(
    "window", [{"start": "hier"}, {"start": "2031-01-01T00:00", "end": "2030-01-01T00:00"}, {"account": "nobody"}]
)
def test_a_window_that_can_not_be_is_said_and_nothing_is_done(
    town: Town, sign_in: SignIn, network: Account, window: dict[str, str]
) -> None:
    rows = _outage(network)
    before, client = _states(rows), sign_in("ops")

    page = client.post(reverse("replay", query=window), {"count": 99, "when": "drop"})

    assert page.status_code == 200
    assert 'class="err"' in page.content.decode() or "errors" in page.content.decode()
    assert _states(rows) == before
