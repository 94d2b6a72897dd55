"""Yes or no: opening never answers, the button does; only what changed is shown again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from diffusion.approval import decide
from diffusion.approval.models import Approval, Decision
from diffusion.delivery.models import Delivery, Receipt
from diffusion.intake.models import Via
from diffusion.intake.submit import Handed, submit
from diffusion.message import write
from diffusion.message.models import Message, Revision
from diffusion.rendition.versions import compose_all
from tests import valclair
from tests.web.town import Town

SignIn = Callable[[str], Client]


def _message(title: str) -> Message:
    words = write.Words(title=title, body=valclair.CUT)
    made = write.draft(words, by=valclair.ines(), directorate=valclair.water(), levels=["internal"])
    compose_all(made)
    return made


@pytest.fixture
def draft(town: Town) -> Message:
    return _message("Coupure d’eau")


@pytest.fixture
def asked(draft: Message, town: Town) -> Approval:
    return decide.ask(draft, by=valclair.ines(), of=town.people["approver"])


def _at(name: str, of: Approval) -> str:
    return reverse(name, args=[of.public_id])


def test_opening_never_acts(asked: Approval, sign_in: SignIn) -> None:
    browser = sign_in("approver")

    codes = [browser.get(_at(name, asked)).status_code for name in ("approval", "approval_approve", "approval_decline")]

    assert codes == [200, 405, 200]
    asked.refresh_from_db()
    assert asked.decision == Decision.ASKED


def test_the_page_says_what_goes_where_and_when(asked: Approval, town: Town, sign_in: SignIn) -> None:
    page = sign_in("approver").get(_at("approval", asked)).content.decode()

    assert town.account.name in page
    assert "mercredi 17 juin 2026" in page
    assert "Inès Garnier" in page


def test_what_is_due_first_stands_first_and_what_has_no_deadline_last(asked: Approval, sign_in: SignIn) -> None:
    now = timezone.now()
    rows = [decide.ask(_message(str(day)), by=valclair.ines(), of=asked.asked_of) for day in (9, 2)]
    for row, days in zip([asked, *rows], (None, 9, 2), strict=True):
        Approval.objects.filter(pk=row.pk).update(deadline_at=now + timedelta(days=days) if days else None)

    page = sign_in("approver").get(reverse("approvals"))

    assert list(page.context["waiting"]) == [rows[1], rows[0], asked]


def test_yes_is_the_buttons_post(asked: Approval, town: Town, sign_in: SignIn) -> None:
    sign_in("approver").post(_at("approval_approve", asked))

    asked.refresh_from_db()
    assert (asked.decision, asked.decided_by) == (Decision.APPROVED, town.people["approver"])


def test_in_english_a_no_sends_back_and_does_not_send_again(asked: Approval, town: Town, sign_in: SignIn) -> None:
    town.people["approver"].language = "en"
    town.people["approver"].save()

    page = sign_in("approver").get(_at("approval", asked)).content.decode()

    assert "Send back" in page
    assert "Send again" not in page


def test_no_essential_fact_is_no_reassurance(asked: Approval, sign_in: SignIn) -> None:
    Revision.objects.filter(message=asked.message).update(essential=[])

    page = sign_in("approver").get(_at("approval", asked)).content.decode()

    assert "Aucun fait n’est essentiel" in page
    assert "Les 0 faits" not in page


def test_no_needs_what_must_change(asked: Approval, sign_in: SignIn) -> None:
    browser = sign_in("approver")

    empty = browser.post(_at("approval_decline", asked), {"comment": ""})
    browser.post(_at("approval_decline", asked), {"comment": "Le numéro manque."})

    assert empty.context["form"].errors
    asked.refresh_from_db()
    assert (asked.decision, asked.comment) == (Decision.DECLINED, "Le numéro manque.")


def test_asked_again_it_shows_only_the_difference(asked: Approval, draft: Message, town: Town, sign_in: SignIn) -> None:
    decide.decline(asked, by=town.people["approver"], comment="12 h 45.")
    words = write.Words(
        title="Coupure d’eau", body=valclair.CUT.replace("12\u202fh\u202f30", "12 h 45").replace("12 h 30", "12 h 45")
    )
    write.revise(draft, words, by=valclair.ines(), based_on=1)
    compose_all(draft)
    again = decide.ask(draft, by=valclair.ines(), of=town.people["approver"])

    page = sign_in("approver").get(_at("approval", again))

    assert page.context["before"] == asked
    changed = "".join(piece.text for group in page.context["changes"] for piece in group if piece.how == "new")
    assert "45" in changed
    assert "Tilleuls" not in changed


def test_a_question_that_the_message_outran_offers_no_yes(asked: Approval, draft: Message, sign_in: SignIn) -> None:
    write.revise(draft, write.Words(title="Autre", body="Autre chose."), by=valclair.ines(), based_on=1)
    compose_all(draft)
    browser = sign_in("approver")

    page = browser.get(_at("approval", asked)).content.decode()
    refused = browser.post(_at("approval_approve", asked))

    assert _at("approval_approve", asked) not in page
    assert refused.status_code == 409
    asked.refresh_from_db()
    assert asked.decision == Decision.ASKED


def test_nobody_approves_alone_what_they_wrote(draft: Message, town: Town) -> None:
    writer = valclair.person("Inès Garnier", "approver")
    approval = decide.ask(draft, by=writer, of=town.people["approver"])
    browser = Client()
    browser.force_login(writer)

    page = browser.get(_at("approval", approval))
    refused = browser.post(_at("approval_approve", approval))

    assert not page.context["may_decide"]
    assert refused.status_code == 403


def test_the_list_has_what_waits_and_what_was_decided(asked: Approval, sign_in: SignIn) -> None:
    browser = sign_in("approver")
    waiting = browser.get(reverse("approvals")).context

    browser.post(_at("approval_approve", asked))
    decided = browser.get(reverse("approvals")).context

    assert [list(waiting["waiting"]), list(waiting["decided"])] == [[asked], []]
    assert [list(decided["waiting"]), list(decided["decided"])] == [[], [asked]]


def test_a_correction_says_that_a_yes_does_not_send_it(asked: Approval, draft: Message, sign_in: SignIn) -> None:
    sent = sign_in("approver").get(_at("approval", asked)).content.decode()
    row = valclair.delivery(valclair.board(), of=draft)
    receipt = Receipt.objects.create(delivery=row, proof=Receipt.Proof.PUBLISHED, remote_id="1")
    Delivery.objects.filter(pk=row.pk).update(state="published", due_at=None, receipt=receipt)

    corrected = sign_in("approver").get(_at("approval", asked)).content.decode()

    assert "il part dès votre oui" in sent
    assert "il part dès votre oui" not in corrected
    assert "la communication la lance" in corrected


def test_who_handed_in_twice_is_named_once(asked: Approval, draft: Message, town: Town, sign_in: SignIn) -> None:
    for title in ("Coupure", "Coupure encore"):
        handed = Handed(title=title, text="Jeudi.")
        row = submit(handed, via=Via.FORM, directorate=valclair.water(), by=town.people["contributor"])
        draft.submissions.add(row)

    page = sign_in("approver").get(_at("approval", asked)).content.decode()

    assert page.count("D’après l’envoi de") == 1
