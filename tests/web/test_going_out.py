"""Correct and withdraw what is out, with the plan first; put a draft aside."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from diffusion.approval.models import Decision
from diffusion.delivery.models import Amendment
from diffusion.message.models import Message
from diffusion.report import Stage, stage
from tests.web import composing
from tests.web.composing import BODY, approved, at, fresh, publish, words_of
from tests.web.town import Town

SignIn = Callable[[str], Client]


@pytest.fixture
def draft(town: Town) -> Message:
    return composing.draft()


def test_a_correction_is_approved_shown_and_sent_everywhere(draft: Message, town: Town, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    publish(draft, browser, town.people["approver"])
    browser.post(at("message_edit", draft), words_of(draft, body=BODY.replace("12h30", "17h")))

    early = browser.post(at("message_correct", draft), HTTP_REFERER="http://testserver/messages/", follow=True)
    approved(fresh(draft), town.people["approver"])
    plan = browser.get(at("message_correct", draft))
    browser.post(at("message_correct", draft))

    assert "attend encore une approbation" in early.content.decode()
    assert {step.act for step in plan.context["steps"]} == {"edit"}
    assert "<del>" in plan.content.decode()
    assert Amendment.objects.filter(revision__number=2, act="edit").count() == 2
    assert "Correction lancée" in browser.get(at("message", draft)).content.decode()


def test_a_later_approved_text_takes_the_place_of_what_waits(draft: Message, town: Town, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    approved(draft, town.people["approver"])
    browser.post(at("message_plan", draft), {"when": "now"})
    browser.post(at("message_edit", draft), words_of(draft, body=BODY.replace("12h30", "17h")))

    approved(fresh(draft), town.people["approver"])
    browser.post(at("message_correct", draft))

    waiting = draft.deliveries.filter(state="planned")
    assert {row.revision.number for row in waiting} == {2}
    assert draft.deliveries.filter(state="superseded").count() == 2


def test_withdrawing_asks_why_and_takes_everything_away(draft: Message, town: Town, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    publish(draft, browser, town.people["approver"])

    empty = browser.post(at("message_withdraw", draft), {"reason": ""})
    browser.post(at("message_withdraw", draft), {"reason": "Fausse alerte."})

    assert empty.context["form"].errors
    assert Amendment.objects.filter(act="delete").count() == 2


def test_putting_a_draft_aside_gives_its_submissions_back(draft: Message, sign_in: SignIn) -> None:
    sign_in("communicator").post(at("message_aside", draft))

    assert stage(fresh(draft)) == Stage.ASIDE
    assert Decision.ASKED not in draft.approvals.values_list("decision", flat=True)
