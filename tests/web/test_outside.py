"""What is seen otherwise than published: where people learn of it, and what they can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from diffusion.delivery.models import Delivery, Receipt
from diffusion.delivery.sighting import Sighting
from tests import valclair
from tests.web.town import Town

SignIn = Callable[[str], Client]
URL = "https://social.example/@valclair/7"


def _out(town: Town, verdict: str, on: Any = None) -> Delivery:
    """Published, and seen otherwise."""
    now = timezone.now()
    account = on or valclair.account("mastodon", server="https://social.example", access_token="t")
    row = valclair.delivery(account, intent_at=now)
    receipt = Receipt.objects.create(delivery=row, proof="published", remote_id="7", url=URL)
    Delivery.objects.filter(pk=row.pk).update(state="published", receipt=receipt)
    Sighting.objects.create(
        delivery=row, receipt=receipt, verdict=verdict, digest="a" * 64, said="Mercredi 17 juin", shown="Jeudi 18 juin",
        told_at=now,
    )  # fmt: skip
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("verdict", ["changed", "gone"])
def test_it_stands_on_the_board_the_delivery_and_the_message(town: Town, sign_in: SignIn, verdict: str) -> None:
    row = _out(town, verdict)
    there = f'href="{reverse("delivery_differs", args=[row.public_id])}"'

    for name, role, about in (
        ("deliveries", "ops", []),
        ("delivery", "ops", [row.public_id]),
        ("message", "communicator", [row.message.public_id]),
    ):
        assert there in sign_in(role).get(reverse(name, args=about)).content.decode(), name


def test_what_differs_is_shown_with_what_should_be_read(town: Town, sign_in: SignIn) -> None:
    row = _out(town, "changed")

    page = sign_in("ops").get(reverse("delivery_differs", args=[row.public_id])).content.decode()

    for words in ("Mercredi 17 juin", "Jeudi 18 juin", URL):
        assert words in page


OFFERS = {
    "changed": ("changed", "mastodon", {"back", "note"}),
    "gone": ("gone", "mastodon", {"again", "note"}),
    "a letter's page gone": ("gone", "smtp", {"note"}),
    "our own feed": ("changed", "feed", {"note"}),
}


@pytest.mark.parametrize(("verdict", "channel", "acts"), OFFERS.values(), ids=OFFERS)
def test_only_what_can_be_done_is_offered(
    town: Town, sign_in: SignIn, verdict: str, channel: str, acts: set[str]
) -> None:
    given = {
        "mastodon": {"server": "https://social.example", "access_token": "t"},
        "smtp": {"host": "127.0.0.1", "sender": "lettre@valclair.example", "security": "none"},
        "feed": {},
    }
    row = _out(town, verdict, valclair.account(channel, **given[channel]))

    page = sign_in("ops").get(reverse("delivery_differs", args=[row.public_id])).content.decode()

    offered = {
        act for act in ("note", "back", "again") if reverse("delivery_answer", args=[row.public_id, act]) in page
    }
    assert offered == acts


def test_a_reader_is_shown_it_and_offered_nothing(town: Town, sign_in: SignIn) -> None:
    row = _out(town, "changed")

    page = sign_in("approver").get(reverse("delivery_differs", args=[row.public_id])).content.decode()

    assert "Jeudi 18 juin" in page
    assert "differs/note" not in page


@pytest.mark.parametrize(
    ("verdict", "act", "left"),
    [("changed", "note", "published"), ("changed", "back", "published"), ("gone", "again", "withdrawn")],
)
def test_a_persons_answer_is_done_once(town: Town, sign_in: SignIn, verdict: str, act: str, left: str) -> None:
    row = _out(town, verdict)
    address = reverse("delivery_answer", args=[row.public_id, act])

    for _ in range(2):  # pressed twice
        assert sign_in("ops").post(address).status_code in (302, 409)

    row.refresh_from_db()
    assert row.state == left
    assert not row.sightings.unanswered().exists()
    assert row.amendments.count() == (act == "back")
    assert row.message.deliveries.filter(occurrence="again-1").count() == (act == "again")
    assert not row.message.deliveries.filter(occurrence="again-2").exists()


def test_an_answer_that_does_not_fit_changes_nothing(town: Town, sign_in: SignIn) -> None:
    row = _out(town, "changed")

    assert sign_in("ops").post(reverse("delivery_answer", args=[row.public_id, "again"])).status_code == 409

    assert row.sightings.unanswered().exists()
    assert row.message.deliveries.count() == 1
