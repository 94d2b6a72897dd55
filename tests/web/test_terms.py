"""When and to whom: a time that can't be, publish agents first, move, cancel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from diffusion.accounts.models import Account
from diffusion.approval import decide
from diffusion.directory.models import Authority
from diffusion.message.models import Message
from diffusion.report import Stage, stage
from tests import valclair
from tests.web import composing
from tests.web.composing import approved, at, carry, fresh
from tests.web.town import Town

SignIn = Callable[[str], Client]


@pytest.fixture
def draft(town: Town) -> Message:
    return composing.draft()


def test_a_time_that_does_not_exist_is_explained_with_choices(draft: Message, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    terms = {
        "levels": ["internal", "public"],
        "lead": "60",
        "silence": "wait",
        "brand": draft.brand.public_id,
        "when": "at",
    }
    year = timezone.now().year + 1
    gap = next(d for d in range(25, 32) if timezone.datetime(year, 3, d).weekday() == 6)

    answer = browser.post(at("message_terms", draft), {**terms, "day": f"{year}-03-{gap}", "hour": "02:30"})
    offered = answer.context["form"].offered
    browser.post(
        at("message_terms", draft),
        {**terms, "day": f"{year}-03-{gap}", "hour": "02:30", "pick": offered[1].isoformat()},
    )

    assert "existe pas" in answer.content.decode()
    assert len(offered) == 2
    draft.refresh_from_db()
    assert (draft.publish_at, draft.lead) == (offered[1], timedelta(hours=1))


def test_the_limit_after_which_it_is_useless_is_proposed_changed_or_taken_away_in_its_field(
    draft: Message, sign_in: SignIn
) -> None:
    browser, year = sign_in("communicator"), timezone.now().year + 1
    terms = {"levels": ["internal", "public"], "lead": "60", "silence": "wait", "brand": draft.brand.public_id}
    at_noon = {**terms, "when": "at", "day": f"{year}-06-17", "hour": "12:00"}

    page = browser.get(at("message_terms", draft)).content.decode()
    assert 'name="useless_day" value="2031-06-18"' in page
    assert 'name="useless_hour" value="12:30"' in page
    assert "la fin de ce qu’il annonce" in page

    browser.post(at("message_terms", draft), at_noon)
    assert fresh(draft).useless_after is None
    assert "la fin de ce qu’il annonce" not in browser.get(at("message_terms", draft)).content.decode()

    early = browser.post(
        at("message_terms", draft), {**at_noon, "useless_day": f"{year}-06-17", "useless_hour": "11:00"}
    )
    assert early.context["form"].errors["useless_day"]

    browser.post(at("message_terms", draft), {**at_noon, "useless_day": f"{year}-06-17"})
    ends = timezone.localtime(fresh(draft).useless_after, Authority.get().zone)
    assert (ends.day, ends.hour, ends.minute) == (17, 23, 59)
    page = browser.get(at("message_terms", draft)).content.decode()
    assert f'name="useless_day" value="{year}-06-17"' in page


def test_an_hour_beyond_the_limit_is_said_before_it_is_planned(draft: Message, town: Town, sign_in: SignIn) -> None:
    approved(draft, town.people["approver"])

    page = sign_in("communicator").post(at("message_plan", draft), {"when": "at", "day": "2031-06-18", "hour": "13:00"})

    assert "rien ne partirait" in page.content.decode()
    assert not draft.deliveries.exists()


def test_a_limit_that_is_no_day_is_said_at_its_field(draft: Message, sign_in: SignIn) -> None:
    terms = {"levels": ["public"], "lead": "own", "silence": "wait", "brand": draft.brand.public_id, "when": "now"}

    page = sign_in("communicator").post(at("message_terms", draft), {**terms, "useless_day": "2031-02-30"})

    assert "useless_day" in page.context["form"].errors
    assert "when" not in page.context["form"].errors


def test_asked_approved_and_published_agents_first(draft: Message, town: Town, sign_in: SignIn) -> None:
    browser = sign_in("communicator")

    browser.post(at("message_ask", draft))
    asked = stage(fresh(draft))
    question = draft.approvals.get()
    decide.approve(question, by=question.asked_of)
    approved = stage(fresh(draft))
    page = browser.get(at("message_plan", draft))
    browser.post(at("message_plan", draft), {"when": "now"})
    carry()

    assert (asked, approved) == (Stage.ASKED, Stage.APPROVED)
    assert page.status_code == 200
    assert not page.context["form"].is_bound
    states = {d.account.channel: (d.state, d.stop) for d in draft.deliveries.select_related("account")}
    assert states["board"] == ("published", "")
    assert states["feed"] == ("planned", "")  # the gate is open, the lead still runs


def test_what_waits_is_moved_or_cancelled(draft: Message, town: Town, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    approved(draft, town.people["approver"])
    browser.post(at("message_plan", draft), {"when": "now"})
    tomorrow = timezone.localtime() + timedelta(days=1)

    browser.post(at("message_move", draft), {"when": "at", "day": f"{tomorrow:%Y-%m-%d}", "hour": "10:00"})
    moved = timezone.localtime(draft.deliveries.get(account__channel="feed").planned_at)
    browser.post(at("message_cancel", draft))

    assert (moved.date(), moved.hour) == (tomorrow.date(), 10)
    assert set(draft.deliveries.values_list("state", flat=True)) == {"cancelled"}


def test_an_hour_that_an_account_cannot_take_is_said_and_the_nearest_that_it_can_is_offered(
    draft: Message, town: Town, sign_in: SignIn
) -> None:
    browser, tomorrow = sign_in("communicator"), timezone.localtime() + timedelta(days=1)
    ten = tomorrow.replace(hour=10, minute=0, second=0, microsecond=0)
    Authority.objects.update(hourly_posts=2)
    approved(draft, town.people["approver"])
    feed = Account.objects.get(channel="feed")
    for number in range(2):
        seconds = (ten - timezone.now()).total_seconds()
        valclair.delivery(feed, of=valclair.message(f"Autre {number}"), due_in=seconds, is_vouched=False)
    asked = {"when": "at", "day": f"{ten:%Y-%m-%d}", "hour": "10:00"}

    no = browser.post(at("message_plan", draft), asked)
    (nearest,) = no.context["form"].offered
    assert [row.account for row in no.context["form"].crowded] == [feed]
    assert "une personne devra dire oui" in no.content.decode()
    assert not draft.deliveries.exists()

    browser.post(at("message_plan", draft), {**asked, "pick": nearest.isoformat()})
    assert draft.deliveries.get(account=feed).planned_at == nearest

    again = browser.post(at("message_move", draft), asked)
    assert again.context["form"].crowded
    browser.post(at("message_move", draft), {**asked, "anyway": "on"})
    assert draft.deliveries.get(account=feed).planned_at == ten


def test_it_is_asked_of_the_terms_as_they_would_be(draft: Message, sign_in: SignIn) -> None:
    browser, tomorrow = sign_in("communicator"), timezone.localtime() + timedelta(days=1)
    ten = tomorrow.replace(hour=10, minute=0, second=0, microsecond=0)
    Authority.objects.update(hourly_posts=1)
    feed = Account.objects.get(channel="feed")
    seconds = (ten - timezone.now()).total_seconds()
    valclair.delivery(feed, of=valclair.message("Autre"), due_in=seconds, is_vouched=False)
    terms = {"lead": "60", "silence": "wait", "brand": draft.brand.public_id, "levels": ["internal", "public"]}
    at_ten = {**terms, "when": "at", "day": f"{ten:%Y-%m-%d}", "hour": "10:00"}

    page = browser.post(at("message_terms", draft), at_ten)
    assert page.context["form"].crowded
    assert fresh(draft).publish_at is None

    browser.post(at("message_terms", draft), {**at_ten, "levels": ["internal"]})
    assert fresh(draft).publish_at == ten
