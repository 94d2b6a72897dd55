"""Correct and withdraw what is out, with the plan first; put a draft aside."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pydantic import SecretStr

from diffusion.accounts.models import Account
from diffusion.approval.models import Decision
from diffusion.delivery import amend, claim
from diffusion.delivery.models import Amendment, Delivery, Receipt
from diffusion.delivery.states import State
from diffusion.message.models import Message
from diffusion.newsletter import lists
from diffusion.report import Stage, stage
from tests import valclair
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


def letter() -> Account:
    """A letter beside the board and the feed; no server answers there."""
    account = valclair.account("smtp", host="127.0.0.1", sender="lettre@valclair.example", security="none")
    lists.open_list(account, by=None)
    return account


def out_by_hand(of: Message, on: Account) -> Delivery:
    """What a worker would have done on that account."""
    row = of.deliveries.get(account=on)
    receipt = Receipt.objects.create(delivery=row, proof=Receipt.Proof.PUBLISHED, remote_id="1")
    Delivery.objects.filter(pk=row.pk).update(
        state=State.PUBLISHED, receipt=receipt, intent_at=timezone.now(), stop="", lease="", lease_until=None
    )
    row.refresh_from_db()
    return row


def carry_corrections() -> None:
    lease = claim.claim_amendments("intranet")
    for pk in lease.ids:
        amend.carry(pk, lease)


@pytest.fixture
def corrected(town: Town, sign_in: SignIn) -> Message:
    """Out on a board, a feed and a letter; then corrected, with a yes."""
    account, browser = letter(), sign_in("communicator")
    draft = composing.draft()
    publish(draft, browser, town.people["approver"])
    out_by_hand(draft, account)
    browser.post(at("message_edit", draft), words_of(draft, body=BODY.replace("12h30", "17h")))
    approved(fresh(draft), town.people["approver"])
    return fresh(draft)


def test_each_account_is_put_right_as_it_allows_and_as_was_chosen(corrected: Message, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    plan = browser.get(at("message_correct", corrected))
    rows = {step.delivery.account.channel: step for step in plan.context["steps"]}
    page = plan.content.decode()
    assert rows["smtp"].ways == ("erratum", "nothing")
    assert page.count(f'name="how-{rows["smtp"].delivery.public_id}"') == 2

    browser.post(at("message_correct", corrected), {f"how-{rows['feed'].delivery.public_id}": "nothing"})

    erratum = corrected.deliveries.get(occurrence="erratum-1")
    assert erratum.body["title"].startswith("Erratum")
    clock = browser.get(at("message", corrected)).context["clock"]
    assert sorted(proof.mark or proof.state for proof in clock.proofs) == ["due", "due", "left"]
    carry_corrections()
    assert browser.get(at("message", corrected)).context["clock"].proved == 2


def test_a_correction_counts_the_accounts_it_was_begun_on_errata_too(corrected: Message, sign_in: SignIn) -> None:
    browser = sign_in("communicator")

    browser.post(at("message_correct", corrected))

    assert "Correction lancée sur 3 comptes." in browser.get(at("message", corrected)).content.decode()


def test_a_question_that_lies_in_the_outbox_is_not_said_to_be_mailed(town: Town, sign_in: SignIn) -> None:
    given, browser = settings.DIFFUSION, sign_in("communicator")
    draft = composing.draft()

    kept = browser.post(at("message_ask", draft), follow=True).content.decode()
    settings.DIFFUSION = given.model_copy(update={"email_url": SecretStr("smtp://relay.example")})
    try:
        draft.approvals.all().delete()
        mailed = browser.post(at("message_ask", draft), follow=True).content.decode()
    finally:
        settings.DIFFUSION = given

    assert "aucun relais n’est réglé" in kept
    assert "par courriel" not in kept
    assert "par courriel" in mailed


def test_an_erratums_words_are_edited_from_the_plan_and_want_another_yes(corrected: Message, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    account = corrected.deliveries.get(account__channel="smtp").account
    edit = at("version_edit", corrected, account.public_id)
    plan = browser.get(at("message_correct", corrected))
    assert edit in plan.content.decode()
    assert plan.context["errata"][account.pk].title.startswith("Erratum")

    typed = browser.get(edit).context["form"].initial
    browser.post(edit, {**typed, "title": "Horaire modifié"})

    plan = browser.get(at("message_correct", corrected))
    assert "Horaire modifié" in plan.content.decode()
    assert not plan.context["is_approved"]
    assert "ask" in browser.get(at("message", corrected)).context["can"]


def test_a_letter_withdrawn_waits_on_the_desk_for_a_persons_word(corrected: Message, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    browser.post(at("message_withdraw", corrected), {"reason": "Fausse alerte."})
    row = corrected.deliveries.get(account__channel="smtp")
    by_hand = reverse("delivery_by_hand", args=[row.public_id])

    assert by_hand in browser.get(reverse("desk")).content.decode()
    assert by_hand in browser.get(at("message", corrected)).content.decode()
    assert by_hand in browser.get(reverse("delivery", args=[row.public_id])).content.decode()
    assert browser.post(by_hand, {"note": ""}).context["form"].errors
    browser.post(by_hand, {"note": "Une lettre de suite est partie."})

    row.refresh_from_db()
    assert (row.state, row.receipt.evidence) == (State.WITHDRAWN, "Une lettre de suite est partie.")
    assert by_hand not in browser.get(reverse("desk")).content.decode()
    assert "attend une main" in browser.get(by_hand).content.decode()


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
