"""When and to whom: a time that can't be, publish agents first, move, cancel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from diffusion.approval import decide
from diffusion.message.models import Message
from diffusion.report import Stage, stage
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
