"""A campaign from the pages: named on a message, followed and stopped from its deliveries."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from diffusion.delivery.holding import Hold
from diffusion.delivery.states import State
from diffusion.message.models import Campaign
from tests import valclair
from tests.web.town import Town

SignIn = Callable[[str], Client]


def _name(town: Town, browser: Client, name: str) -> str:
    at = reverse("message_campaign", args=[town.delivery.message.public_id])
    return browser.post(at, {"name": name}, follow=True).content.decode()


def test_it_is_begun_where_the_message_is_offered_to_the_next_and_left(town: Town, sign_in: SignIn) -> None:
    browser = sign_in("communicator")

    page = _name(town, browser, "Été au bord du Clair")
    summer = Campaign.objects.get()
    elsewhere = browser.get(reverse("message_campaign", args=[valclair.message("Autre").public_id])).content.decode()
    without = _name(town, browser, "")

    assert f"campaign={summer.public_id}" in page
    assert '<option value="Été au bord du Clair">' in elsewhere
    assert f"campaign={summer.public_id}" not in without


def test_its_deliveries_are_listed_alone_and_held_from_there(town: Town, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    valclair.delivery(town.account, of=valclair.message("Sans campagne"), due_in=3600)
    _name(town, browser, "Été")
    summer = Campaign.objects.get()

    page = browser.get(reverse("deliveries"), {"show": "all", "campaign": summer.public_id})
    over = f"campaign:{summer.public_id}"
    stop = f"{reverse('hold')}?over={over}"
    browser.post(reverse("hold"), {"over": over, "reason": "Crue"})

    assert list(page.context["page"]) == [town.delivery]
    assert stop in page.content.decode()
    assert Hold.objects.in_force().get().campaign == summer
    town.delivery.refresh_from_db()
    assert town.delivery.state == State.HELD
    assert "Lever la suspension" in browser.get(stop).content.decode()


def test_an_unknown_campaign_lists_nothing(sign_in: SignIn) -> None:
    page = sign_in("communicator").get(reverse("deliveries"), {"show": "all", "campaign": "nothere12345"})

    assert list(page.context["page"]) == []


def test_a_name_too_long_is_told_at_its_field(town: Town, sign_in: SignIn) -> None:
    at = reverse("message_campaign", args=[town.delivery.message.public_id])

    assert sign_in("communicator").post(at, {"name": "é" * 121}).context["form"].errors["name"]
