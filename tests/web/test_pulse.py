"""A message's page keeps itself up to date while something of it is on its way, and only then."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from diffusion.delivery.models import Delivery
from diffusion.delivery.states import State
from diffusion.message.models import Message
from diffusion.web.spelling import ngettext
from tests.web import composing
from tests.web.composing import at, carry
from tests.web.town import Town

SignIn = Callable[[str], Client]
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def going(town: Town) -> Message:
    """Approved and on its way now: the agents' board, then the public feed."""
    made = composing.draft()
    composing.approved(made, town.people["approver"])
    client = Client()
    client.force_login(town.people["communicator"])
    client.post(at("message_plan", made), {"when": "now"})
    return made


def _asks(page: str) -> str:
    """What the page asks with next; empty when it stopped."""
    found = re.search(r'id="pulse"[^>]*hx-get="([^"]*)"', page)
    return found[1] if found else ""


def test_a_draft_asks_for_nothing(town: Town, sign_in: SignIn) -> None:
    page = sign_in("communicator").get(at("message", composing.draft())).content.decode()

    assert 'id="pulse"' in page
    assert not _asks(page)


def test_the_page_asks_and_is_told_only_what_moved(going: Message, sign_in: SignIn) -> None:
    client, address = sign_in("communicator"), at("message", going)
    page = client.get(address).content.decode()
    assert "0 diffusion sortie sur 2." in page
    assert f'<noscript> <a href="{address}">' in page

    unmoved = client.get(address + _asks(page), **HTMX)
    carry()
    moved = client.get(address + _asks(page), **HTMX)

    assert (unmoved.status_code, unmoved.content) == (204, b"")
    words = moved.content.decode()
    assert all(f'id="{part}" data-moves hx-swap-oob="true"' in words for part in ("acts", "stands", "reach"))
    assert "<html" not in words
    assert "1 diffusion sortie sur 2." in json.loads(moved["HX-Trigger"])["say"]
    assert moved["Vary"].count("HX-Request") == 1


def test_it_stops_when_nothing_is_on_its_way(going: Message, sign_in: SignIn) -> None:
    client, address = sign_in("communicator"), at("message", going)
    before = _asks(client.get(address).content.decode())
    carry()
    Delivery.objects.filter(message=going).exclude(state=State.PUBLISHED).update(
        stop="", due_at=timezone.now() + timedelta(hours=2)
    )

    answer = client.get(address + before, **HTMX).content.decode()

    assert 'id="pulse"' in answer
    assert not _asks(answer)


@pytest.mark.parametrize(
    ("row", "is_asking"),
    [
        ({"state": State.SENDING, "lease": "x", "lease_until": timezone.now()}, True),
        ({"state": State.UNCERTAIN, "look_at": timezone.now()}, True),
        ({"state": State.UNCERTAIN, "look_at": None}, False),
        ({"state": State.REFUSED, "due_at": None}, False),
        ({"state": State.HELD}, False),
    ],
)
def test_what_counts_as_being_on_its_way(
    going: Message, sign_in: SignIn, row: dict[str, object], is_asking: bool
) -> None:
    now = timezone.now()
    sent = {"intent_at": now, "doubt_at": now, "due_at": None, "stop": ""}
    Delivery.objects.filter(message=going).update(**{**sent, **row})

    page = sign_in("communicator").get(at("message", going)).content.decode()

    assert bool(_asks(page)) == is_asking


def test_french_counts_nothing_in_the_singular_and_english_in_the_plural() -> None:
    words = ("{n} diffusion sortie sur {all}.", "{n} diffusions sorties sur {all}.")
    with override("fr"):
        assert [ngettext(*words, n) for n in (0, 1, 2)] == [words[0], words[0], words[1]]
    with override("en"):
        assert ngettext(*words, 0) == "{n} of {all} deliveries are out."
