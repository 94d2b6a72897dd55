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

from diffusion.delivery import hold
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


def test_what_is_to_come_is_listed_soonest_first(town: Town, sign_in: SignIn) -> None:
    later = valclair.delivery(town.account, of=valclair.message("Demain"), due_in=86400)
    sooner = valclair.delivery(town.account, of=valclair.message("Bientôt"), due_in=60)

    page = sign_in("ops").get(reverse("deliveries")).content.decode()

    places = [page.rindex(row.public_id) for row in (sooner, town.delivery, later)]
    assert places == sorted(places)


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

    assert town.delivery.public_id not in _listed(page)
    rows = part.split('<div id="rows" data-moves hx-swap-oob="true">')[1]
    assert reverse("delivery", args=[town.delivery.public_id]) in rows


def test_a_communicator_of_another_directorate_sees_none_of_these(town: Town) -> None:
    _put(town.delivery, state="refused")
    rose = valclair.person("Rose Petit", "communicator", directorate=valclair.human_resources())
    client = Client()
    client.force_login(rose)

    page = client.get(reverse("deliveries")).content.decode()

    assert town.delivery.public_id not in page


def test_a_board_in_trouble_costs_the_same_whatever_its_size(
    town: Town, sign_in: SignIn, django_assert_num_queries: Any
) -> None:
    client, places, costs = sign_in("ops"), [valclair.board() for _ in range(4)], []
    hold.hold(by=None, over=places[3])
    for count in (2, 40):
        for number in range(count):
            for place, changes in zip(places, _TROUBLES, strict=True):
                _put(valclair.delivery(place, of=valclair.message(f"Message {number}")), **changes)
        if not costs:
            with CaptureQueriesContext(connection) as asked:
                client.get(reverse("deliveries") + "?show=all")
            costs.append(len(asked))
    with django_assert_num_queries(costs[0]):
        client.get(reverse("deliveries") + "?show=all")


_TROUBLES: tuple[dict[str, Any], ...] = (
    {"state": "refused", "code": "forbidden"},
    {"state": "refused", "code": "text_too_long"},
    {"stop": "brake"},
    {"state": "uncertain", "intent_at": timezone.now(), "doubt_at": timezone.now(), "look_at": timezone.now()},
)


def test_a_lane_shows_its_queue_its_oldest_and_its_hour(town: Town) -> None:
    now = timezone.now()
    Delivery.objects.filter(pk=town.delivery.pk).update(due_at=now - timedelta(seconds=90))
    Event.objects.create(delivery=town.delivery, at=now - timedelta(minutes=3), was="sending", now="published")
    Event.objects.create(delivery=town.delivery, at=now - timedelta(hours=2), was="sending", now="published")

    intranet = next(row for row in figures.lanes(now) if row.name == "intranet")

    assert (intranet.queued, intranet.done) == (1, 1)
    assert intranet.oldest_s == pytest.approx(90, abs=1)
    assert figures.slowest(figures.lanes(now)) is not None


def test_a_lane_says_when_it_will_be_empty_or_that_nothing_tells(town: Town, sign_in: SignIn) -> None:
    now = timezone.now()
    rows = [valclair.delivery(town.account, of=valclair.message(str(number)), due_in=-300) for number in range(6)]

    still = sign_in("ops").get(reverse("deliveries")).content.decode()
    assert "rien ne part" in still
    for minute in (1, 5, 11):
        Event.objects.create(delivery=town.delivery, at=now - timedelta(minutes=minute), was="sending", now="published")
    Event.objects.create(delivery=town.delivery, at=now - timedelta(minutes=30), was="sending", now="published")

    intranet = next(row for row in figures.lanes(now) if row.name == "intranet")
    assert intranet.drain_s == pytest.approx(len(rows) / (3 / 12) * 60)
    assert "rien ne part" not in sign_in("ops").get(reverse("deliveries")).content.decode()


def test_each_number_leads_to_its_rows(town: Town, sign_in: SignIn) -> None:
    client = sign_in("ops")
    due = valclair.delivery(town.account, of=valclair.message("Due"), due_in=-60)
    Event.objects.create(delivery=town.delivery, at=timezone.now(), was="sending", now="published")
    page = html.unescape(client.get(reverse("deliveries")).content.decode())

    shown = {}
    for show in ("due", "hour"):
        address = f"{reverse('deliveries')}?show={show}&lane=intranet"
        assert f'href="{address}#list"' in page
        shown[show] = _listed(client.get(address).content.decode())

    assert shown == {"due": [due.public_id], "hour": [town.delivery.public_id]}


def test_a_number_of_all_leads_nowhere_for_who_sees_the_rows_of_one_directorate(town: Town) -> None:
    """They share the lane and the account's pace, so the number is of all; the list would show fewer."""
    valclair.delivery(town.account, of=valclair.message("Due"), due_in=-60)
    browser = Client()
    browser.force_login(valclair.person("Rose Ailleurs", "communicator", directorate=valclair.human_resources()))

    page = html.unescape(browser.get(reverse("deliveries")).content.decode())

    assert "show=due&lane=intranet" not in page
    assert "show=soon&account=" not in page
    assert 'class="r num lane-q">1' in page


def _listed(page: str) -> list[str]:
    rows = page[page.index('id="rows"') :]
    return re.findall(r'href="/deliveries/(\w+)/"', rows)


def test_a_filter_by_account_and_cause_stays_when_the_page_refreshes(town: Town, sign_in: SignIn) -> None:
    client, other = sign_in("ops"), valclair.board()
    mine = _put(valclair.delivery(other, of=valclair.message("Une")), state="refused", code="forbidden")
    _put(valclair.delivery(other, of=valclair.message("Deux")), state="refused", code="text_too_long")
    _put(valclair.delivery(town.account, of=valclair.message("Trois")), state="refused", code="forbidden")
    page = client.get(
        reverse("deliveries", query={"show": "refused", "account": other.public_id, "code": "forbidden"})
    ).content.decode()

    asked = re.search(r'hx-get="([^"]*)"', page)
    assert asked
    part = client.get(html.unescape(asked[1]), headers={"HX-Request": "true"}).content.decode()

    assert _listed(page) == [mine.public_id]
    assert _listed(part) == [mine.public_id]
    by_hand = re.search(r'<noscript> <a href="([^"]*)"', page)
    assert by_hand
    assert _listed(client.get(html.unescape(by_hand[1])).content.decode()) == [mine.public_id]


@pytest.mark.parametrize("query", [{"show": "nothing"}, {"lane": "nowhere"}, {"account": "\0"}, {"code": "é" * 90}])
def test_what_no_filter_knows_breaks_nothing(town: Town, sign_in: SignIn, query: dict[str, str]) -> None:
    assert sign_in("ops").get(reverse("deliveries", query=query)).status_code == 200


def test_what_came_too_late_leads_to_where_its_message_is_moved(town: Town, sign_in: SignIn) -> None:
    row = _put(town.delivery, stop="late")
    address = reverse("message_move", args=[row.message.public_id])

    assert address in sign_in("communicator").get(reverse("deliveries")).content.decode()
    assert address not in sign_in("ops").get(reverse("deliveries")).content.decode()


TROUBLES: list[tuple[dict[str, Any], str, str]] = [
    ({"throttled_until": 600}, "demande d’attendre jusqu’à", ""),
    ({"strikes": 4, "rests_until": 600}, "ne répond pas, prochain essai à", "account_probe"),
    ({"paused_at": 0, "pause_code": "person"}, "en pause depuis", "account_resume"),
    ({"paused_at": 0, "pause_code": "token_refused"}, "À reconnecter", "account_reconnect"),
]


@pytest.mark.parametrize(("changes", "said", "action"), TROUBLES)
def test_an_account_says_why_it_stands_until_when_and_what_to_do(
    town: Town, sign_in: SignIn, changes: dict[str, Any], said: str, action: str
) -> None:
    account, now = valclair.board(), timezone.now()
    at = {key: now + timedelta(seconds=value) for key, value in changes.items() if key.endswith(("_at", "_until"))}
    type(account).objects.filter(pk=account.pk).update(**{**changes, **at})

    page = sign_in("ops").get(reverse("deliveries")).content.decode()

    assert said in page
    if action:
        assert reverse(action, args=[account.public_id]) in page
        assert (
            reverse(action, args=[account.public_id])
            not in sign_in("approver").get(reverse("deliveries")).content.decode()
        )


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
