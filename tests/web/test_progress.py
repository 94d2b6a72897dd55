"""A letter's progress where people look: the board, its delivery, its message, which says so without speaking up."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from diffusion.delivery.models import Delivery
from diffusion.delivery.states import State
from diffusion.newsletter.models import Line
from tests.newsletter.test_progress import begun
from tests.web.town import Town

SignIn = Callable[[str], Client]
FAR = "4 sur 8 partis"


@pytest.fixture
def letter(town: Town) -> Delivery:
    return begun(states=[State.PUBLISHED] * 4 + [State.PLANNED] * 4)


def test_the_board_and_the_delivery_say_how_far_it_is(letter: Delivery, sign_in: SignIn) -> None:
    browser = sign_in("ops")

    for page in (reverse("deliveries"), reverse("delivery", args=[letter.public_id])):
        text = browser.get(page).content.decode()
        assert FAR in text, page
        assert "2 par minute, encore 2" in text, page


def test_the_message_keeps_up_and_speaks_up_for_more_than_that_alone(letter: Delivery, sign_in: SignIn) -> None:
    browser, address = sign_in("communicator"), reverse("message", args=[letter.message.public_id])
    page = browser.get(address)
    seen = page.context["pulse"].seen
    assert FAR in page.content.decode()

    def asked() -> object:
        return browser.get(address, {"seen": seen}, headers={"HX-Request": "true"})

    assert asked().status_code == 204
    Line.objects.filter(edition__delivery=letter, state=State.PLANNED).update(state=State.REFUSED)
    further = asked()
    assert further.status_code == 200
    assert "HX-Trigger" not in further.headers
    Delivery.objects.filter(pk=letter.pk).update(state=State.HELD, due_at=None)
    assert "HX-Trigger" in asked().headers
