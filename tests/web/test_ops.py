"""Deliveries: what a person decides about them, and what refreshes by itself."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from diffusion.delivery.models import Attempt, Delivery, Event, Receipt
from diffusion.web import figures
from tests import valclair
from tests.web.town import Town

SignIn = Callable[[str], Client]


def _doubt(town: Town) -> Delivery:
    now = timezone.now()
    Attempt.objects.create(
        delivery=town.delivery, generation=1, lease="x", outcome="uncertain", code="no_answer", ended_at=now,
        evidence="read timed out",
    )  # fmt: skip
    return _put(town.delivery, state="uncertain", intent_at=now, doubt_at=now, look_at=None, looks=5)


def _put(row: Delivery, **changes: Any) -> Delivery:
    Delivery.objects.filter(pk=row.pk).update(due_at=None, **changes)
    row.refresh_from_db()
    return row


def test_an_uncertain_case_shows_its_evidence_and_two_equal_buttons(town: Town, sign_in: SignIn) -> None:
    row = _doubt(town)

    page = sign_in("ops").get(reverse("deliveries")).content.decode()

    assert row.key in page
    assert "read timed out" in page
    for name in ("delivery_there", "delivery_absent"):
        assert f'<a class="btn" href="{reverse(name, args=[row.public_id])}"' in page


@pytest.mark.parametrize(
    ("given", "state"),
    [({"url": "https://social.example/1"}, "published"), ({"seen": "on"}, "published"), ({}, "uncertain")],
)
def test_it_is_there_with_its_address_or_on_a_persons_word(
    town: Town, sign_in: SignIn, given: dict[str, str], state: str
) -> None:
    row = _doubt(town)

    sign_in("ops").post(reverse("delivery_there", args=[row.public_id]), given)

    row.refresh_from_db()
    assert row.state == state
    if "url" in given:
        assert row.receipt is not None
        assert row.receipt.url == given["url"]


def test_it_is_sent_again_only_once_somebody_looked(town: Town, sign_in: SignIn) -> None:
    row, client = _doubt(town), sign_in("ops")

    client.post(reverse("delivery_absent", args=[row.public_id]), {})
    row.refresh_from_db()
    assert row.state == "uncertain"
    client.post(reverse("delivery_absent", args=[row.public_id]), {"looked": "on"})

    row.refresh_from_db()
    assert (row.state, row.generation) == ("planned", 2)


def test_ticked_refusals_are_retried_and_others_left(town: Town, sign_in: SignIn) -> None:
    refused = _put(town.delivery, state="refused", code="text_too_long")
    planned = valclair.delivery(valclair.board(), of=valclair.message("Autre"), due_in=3600)

    answer = sign_in("communicator").post(
        reverse("deliveries_retry"), {"delivery": [refused.public_id, planned.public_id]}, follow=True
    )

    refused.refresh_from_db()
    assert refused.state == "planned"
    assert "1 diffusion remise en file" in answer.content.decode()


def test_cancelling_asks_first(town: Town, sign_in: SignIn) -> None:
    client, address = sign_in("ops"), reverse("delivery_cancel", args=[town.delivery.public_id])

    client.get(address)
    town.delivery.refresh_from_db()
    assert town.delivery.state == "planned"
    client.post(address)

    town.delivery.refresh_from_db()
    assert town.delivery.state == "cancelled"


def test_a_refresh_is_the_same_fragment_alone(town: Town, sign_in: SignIn) -> None:
    _doubt(town)
    client = sign_in("ops")

    whole = client.get(reverse("deliveries")).content.decode()
    part = client.get(reverse("deliveries"), headers={"HX-Request": "true"})

    assert "<html" not in part.content.decode()
    assert 'hx-swap-oob="true"' in part.content.decode()
    assert "HX-Request" in part["Vary"]
    case = part.content.decode().split("<article")[1].split("</article>")[0]
    assert case in whole


def test_the_list_is_refreshed_as_it_was_filtered(town: Town, sign_in: SignIn) -> None:
    client, address = sign_in("ops"), reverse("deliveries") + "?show=published"
    page = client.get(address).content.decode()
    asked = re.search(r'hx-get="([^"]*)"', page)
    assert asked
    assert '<div id="rows" data-moves>' in page

    receipt = Receipt.objects.create(delivery=town.delivery, proof=Receipt.Proof.PUBLISHED, remote_id="1")
    _put(town.delivery, state="published", receipt=receipt, intent_at=timezone.now())
    part = client.get(html.unescape(asked[1]), headers={"HX-Request": "true"}).content.decode()

    assert reverse("delivery", args=[town.delivery.public_id]) not in page
    rows = part.split('<div id="rows" data-moves hx-swap-oob="true">')[1]
    assert reverse("delivery", args=[town.delivery.public_id]) in rows


def test_a_communicator_of_another_directorate_sees_none_of_these(town: Town) -> None:
    _put(town.delivery, state="refused")
    rose = valclair.person("Rose Petit", "communicator", directorate=valclair.human_resources())
    client = Client()
    client.force_login(rose)

    page = client.get(reverse("deliveries")).content.decode()

    assert town.delivery.public_id not in page


def test_a_longer_list_costs_no_more_queries(town: Town, sign_in: SignIn) -> None:
    client, costs = sign_in("ops"), []
    for count in (2, 20):
        for _row in range(count):
            _put(valclair.delivery(valclair.board()), state="refused", code="forbidden")
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("deliveries") + "?show=all")
        costs.append(len(asked))

    assert costs[0] == costs[1]


def test_a_lane_shows_its_queue_its_oldest_and_its_hour(town: Town) -> None:
    now = timezone.now()
    Delivery.objects.filter(pk=town.delivery.pk).update(due_at=now - timedelta(seconds=90))
    Event.objects.create(delivery=town.delivery, at=now - timedelta(minutes=3), was="sending", now="published")
    Event.objects.create(delivery=town.delivery, at=now - timedelta(hours=2), was="sending", now="published")

    intranet = next(row for row in figures.lanes(now) if row.name == "intranet")

    assert (intranet.queued, intranet.done) == (1, 1)
    assert intranet.oldest_s == pytest.approx(90, abs=1)
    assert figures.slowest(figures.lanes(now)) is not None


def test_the_story_is_told_in_order_with_the_channels_answer(town: Town, sign_in: SignIn) -> None:
    row = _put(town.delivery, state="refused", code="text_too_long")
    at = timezone.now()
    for minute, (was, to, why) in enumerate(
        [("planned", "claimed", "due"), ("claimed", "sending", "intent"), ("sending", "refused", "refused")]
    ):
        Event.objects.create(delivery=row, at=at + timedelta(minutes=minute), was=was, now=to, why=why)
    Attempt.objects.create(
        delivery=row, generation=1, lease="x", began_at=at, ended_at=at + timedelta(minutes=2), outcome="refused",
        code="text_too_long", facts={"limit": 500, "over": 38}, evidence="422 Validation failed",
    )  # fmt: skip

    page = sign_in("ops").get(reverse("delivery", args=[row.public_id])).content.decode()
    story = page[page.index("ev-l") :]

    order = [
        story.index(part) for part in ("l’heure est venue", "intention écrite", "le canal a refusé", "422 Validation")
    ]
    assert order == sorted(order)
    assert story.count("le canal a refusé") == 1
    assert "la limite de 500" in page
