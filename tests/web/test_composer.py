"""One message's pages: words, tone, facts, versions, times, asking, publishing, correcting, withdrawing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from diffusion import brand
from diffusion.approval import decide
from diffusion.approval.models import Approval, Decision
from diffusion.brand.models import Charter
from diffusion.delivery import claim
from diffusion.delivery.models import Amendment, Delivery
from diffusion.directory.models import Person
from diffusion.message import write
from diffusion.message.models import Message
from diffusion.newsletter import dispatch
from diffusion.rendition.versions import compose_all
from diffusion.report import Stage, load_story, stage
from tests import valclair
from tests.web.town import Town

SignIn = Callable[[str], Client]
BODY = "L'eau sera coupée mercredi 18 juin 2031, de 8h30 à 12h30, rue des Tilleuls. Une question : 01 99 00 12 34."


@pytest.fixture
def draft(town: Town) -> Message:
    """A message of Inès, for the agents' board and the public feed."""
    valclair.account("feed", name="Flux public")
    made = write.draft(
        write.Words(title="Coupure d'eau", body=BODY),
        by=valclair.ines(),
        directorate=valclair.water(),
        levels=["internal", "public"],
    )
    compose_all(made)
    return made


def _at(name: str, of: Message, *more: Any) -> str:
    return reverse(name, args=[of.public_id, *more])


def _approved(of: Message, by: Person) -> Approval:
    return decide.approve(decide.ask(of, by=valclair.ines()), by=by)


def _carry() -> None:
    """What a worker does, here and now."""
    Delivery.objects.filter(state="planned", stop="").update(due_at=timezone.now() - timedelta(seconds=1))
    lease = claim.claim_due("intranet")
    for pk in lease.ids:
        dispatch.carry(pk, lease)


def _publish(of: Message, browser: Client, approver: Person) -> None:
    _approved(of, approver)
    browser.post(_at("message_plan", of), {"when": "now"})
    _carry()
    _carry()


def _words(of: Message, **more: Any) -> dict[str, Any]:
    of.refresh_from_db()
    return {"title": of.revision.title, "body": of.revision.body, "based_on": of.revision.number, **more}


def _fresh(of: Message) -> Message:
    return load_story(Message.objects.select_related("revision").get(pk=of.pk))


def test_the_page_shows_words_facts_and_each_accounts_version(draft: Message, sign_in: SignIn) -> None:
    page = sign_in("communicator").get(_at("message", draft))

    assert page.status_code == 200
    assert {item["version"].account.channel for item in page.context["versions"]} == {"board", "feed"}
    essential = {(row.kind, row.value) for row in page.context["rows"] if row.is_essential}
    assert ("date", "2031-06-18") in essential
    assert re.search(r'class="f e">mercredi 18 juin 2031', page.content.decode())


def test_saving_makes_a_revision_and_composes_again(draft: Message, sign_in: SignIn) -> None:
    sign_in("communicator").post(
        _at("message_edit", draft), _words(draft, title="Eau coupée", internal="Pour nous seuls.")
    )

    fresh = _fresh(draft)
    assert (fresh.revision.number, fresh.revision.title) == (2, "Eau coupée")
    board = fresh.revision.versions.get(account__channel="board")
    feed = fresh.revision.versions.get(account__channel="feed")
    assert "Pour nous seuls." in board.text
    assert "Pour nous seuls." not in feed.text


def test_a_second_editor_sees_who_and_what_and_loses_nothing(draft: Message, sign_in: SignIn) -> None:
    mine = _words(draft, body="Ma phrase à moi.")
    write.revise(draft, write.Words(title="Titre d'Inès", body="Sa phrase."), by=valclair.ines(), based_on=1)
    browser = sign_in("communicator")

    answer = browser.post(_at("message_edit", draft), mine)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Inès Garnier" in page
    assert "Ma phrase à moi." in page
    assert '<input type="hidden" name="based_on" value="2"' in page
    assert _fresh(draft).revision.number == 2

    browser.post(_at("message_edit", draft), {**mine, "based_on": 2})
    assert _fresh(draft).revision.body == "Ma phrase à moi."


def test_each_change_of_the_tone_is_undone_alone_also_after_a_saving(draft: Message, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    browser.post(_at("message_edit", draft), _words(draft, body=BODY.replace("'", "’") + " Une phrase de plus."))
    tone = browser.get(_at("message", draft)).context["tone"]
    apostrophe = next(change for change in tone.applied if change.is_title)

    browser.post(_at("message_change", draft, apostrophe.index, "undo"), {"based_on": 2})

    assert _fresh(draft).revision.title == "Coupure d'eau"
    still = browser.get(_at("message", draft)).context["tone"].applied
    assert {change.rule for change in still} >= {"fr.hour-minutes"}


@pytest.mark.parametrize(("act", "begins"), [("undo", "Nous procédons au"), ("accept", "Nous remplaçons")])
def test_a_proposal_is_taken_or_turned_down(act: str, begins: str, draft: Message, sign_in: SignIn) -> None:
    charter = (Path(brand.__file__).parent / "charters/eau.yaml").read_text(encoding="utf-8")
    Charter.objects.create(brand=draft.brand, text=charter)
    browser = sign_in("communicator")
    text = "Nous procédons au remplacement de 180 mètres."
    browser.post(_at("message_edit", draft), _words(draft, body=text))
    proposed = browser.get(_at("message", draft)).context["tone"].proposed

    browser.post(_at("message_change", draft, proposed[0].index, act), {"based_on": 2})

    assert not browser.get(_at("message", draft)).context["tone"].proposed
    assert _fresh(draft).revision.body.startswith(begins)


def test_only_facts_that_the_message_states_become_essential(draft: Message, sign_in: SignIn) -> None:
    chosen = {"essential": ["phone|+33199001234", "phone|+33000000000", "nonsense"], "based_on": 1}

    sign_in("communicator").post(_at("message_facts", draft), chosen)

    assert _fresh(draft).revision.essential == [["phone", "+33199001234"]]


def test_a_version_that_contradicts_cannot_be_asked_for_until_put_right(draft: Message, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    feed = draft.revision.versions.get(account__channel="feed").account.public_id
    wrong = {
        "title": "Coupure d’eau",
        "text": "L’eau sera coupée mercredi 18 juin 2031, de 8 h 30 à 12 h, rue des Tilleuls.",
    }

    browser.post(_at("version_edit", draft, feed), wrong)
    page = browser.get(_at("message", draft)).content.decode()
    refused = browser.post(_at("message_ask", draft), HTTP_REFERER="http://testserver/messages/", follow=True)
    browser.post(_at("version_reset", draft, feed))

    assert "Contredit un fait" in page
    assert "12" in page
    assert "1 version(s) à corriger" in refused.content.decode()
    assert draft.revision.versions.get(account__channel="feed").can_be_scheduled


def test_an_override_needs_a_reason_and_is_shown(draft: Message, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    feed = draft.revision.versions.get(account__channel="feed").account.public_id
    browser.post(_at("version_edit", draft, feed), {"title": "Eau", "text": "Appelez le 01 23 45 67 89."})

    empty = browser.post(_at("version_override", draft, feed), {"reason": "  "})
    browser.post(_at("version_override", draft, feed), {"reason": "Le standard a changé ce matin."})

    assert empty.context["form"].errors
    assert "Le standard a changé ce matin." in browser.get(_at("message", draft)).content.decode()
    assert draft.revision.versions.get(account__channel="feed").can_be_scheduled


def test_the_count_is_the_channels_own(draft: Message, sign_in: SignIn) -> None:
    x = valclair.account("mastodon", server="https://social.example", access_token="t")
    compose_all(draft)

    answer = sign_in("communicator").post(
        _at("version_count", draft, x.public_id), {"text": "https://example.org/" + "a" * 300}
    )

    assert answer.context["meter"].length == 23


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

    answer = browser.post(_at("message_terms", draft), {**terms, "day": f"{year}-03-{gap}", "hour": "02:30"})
    offered = answer.context["form"].offered
    browser.post(
        _at("message_terms", draft),
        {**terms, "day": f"{year}-03-{gap}", "hour": "02:30", "pick": offered[1].isoformat()},
    )

    assert "existe pas" in answer.content.decode()
    assert len(offered) == 2
    fresh = _fresh(draft)
    assert (fresh.publish_at, fresh.lead) == (offered[1], timedelta(hours=1))


def test_asked_approved_and_published_agents_first(draft: Message, town: Town, sign_in: SignIn) -> None:
    browser = sign_in("communicator")

    browser.post(_at("message_ask", draft))
    asked = stage(_fresh(draft))
    decide.approve(
        draft.approvals.get(),
        by=valclair.sophie() if draft.approvals.get().asked_of == valclair.sophie() else town.people["approver"],
    )
    approved = stage(_fresh(draft))
    question = browser.get(_at("message_plan", draft))
    browser.post(_at("message_plan", draft), {"when": "now"})
    _carry()

    assert (asked, approved) == (Stage.ASKED, Stage.APPROVED)
    assert question.status_code == 200
    assert not question.context["form"].is_bound
    states = {d.account.channel: (d.state, d.stop) for d in draft.deliveries.select_related("account")}
    assert states["board"] == ("published", "")
    assert states["feed"] == ("planned", "")  # the gate is open, the lead still runs


def test_what_waits_is_moved_or_cancelled(draft: Message, town: Town, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    _approved(draft, town.people["approver"])
    browser.post(_at("message_plan", draft), {"when": "now"})
    tomorrow = timezone.localtime() + timedelta(days=1)

    browser.post(_at("message_move", draft), {"when": "at", "day": f"{tomorrow:%Y-%m-%d}", "hour": "10:00"})
    moved = timezone.localtime(draft.deliveries.get(account__channel="feed").planned_at)
    browser.post(_at("message_cancel", draft))

    assert (moved.date(), moved.hour) == (tomorrow.date(), 10)
    assert set(draft.deliveries.values_list("state", flat=True)) == {"cancelled"}


def test_a_correction_is_approved_shown_and_sent_everywhere(draft: Message, town: Town, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    _publish(draft, browser, town.people["approver"])
    browser.post(_at("message_edit", draft), _words(draft, body=BODY.replace("12h30", "17h")))

    early = browser.post(_at("message_correct", draft), HTTP_REFERER="http://testserver/messages/", follow=True)
    _approved(_fresh(draft), town.people["approver"])
    plan = browser.get(_at("message_correct", draft))
    browser.post(_at("message_correct", draft))

    assert "attend encore une approbation" in early.content.decode()
    assert {step.act for step in plan.context["steps"]} == {"edit"}
    assert "<del>" in plan.content.decode()
    assert Amendment.objects.filter(revision__number=2, act="edit").count() == 2
    assert "Correction lancée" in browser.get(_at("message", draft)).content.decode()


def test_a_later_approved_text_takes_the_place_of_what_waits(draft: Message, town: Town, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    _approved(draft, town.people["approver"])
    browser.post(_at("message_plan", draft), {"when": "now"})
    browser.post(_at("message_edit", draft), _words(draft, body=BODY.replace("12h30", "17h")))

    _approved(_fresh(draft), town.people["approver"])
    browser.post(_at("message_correct", draft))

    waiting = draft.deliveries.filter(state="planned")
    assert {row.revision.number for row in waiting} == {2}
    assert draft.deliveries.filter(state="superseded").count() == 2


def test_withdrawing_asks_why_and_takes_everything_away(draft: Message, town: Town, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    _publish(draft, browser, town.people["approver"])

    empty = browser.post(_at("message_withdraw", draft), {"reason": ""})
    browser.post(_at("message_withdraw", draft), {"reason": "Fausse alerte."})

    assert empty.context["form"].errors
    assert Amendment.objects.filter(act="delete").count() == 2


def test_who_may_only_read_is_offered_nothing_to_do(draft: Message, sign_in: SignIn) -> None:
    page = sign_in("ops").get(_at("message", draft))

    assert page.context["can"] == frozenset()
    assert _at("message_edit", draft) not in page.content.decode()


def test_hostile_words_are_shown_harmlessly_everywhere(draft: Message, town: Town, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    evil = "<script>alert(1)</script> <img src=x onerror=alert(1)> [clic](javascript:alert(1)) **gras**"
    browser.post(_at("message_edit", draft), _words(draft, title="<b>Titre</b>", body=evil, internal=evil))
    approval = decide.ask(_fresh(draft), by=valclair.ines())

    pages = [
        browser.get(_at("message", draft)).content.decode(),
        browser.get(_at("message_edit", draft)).content.decode(),
        sign_in("approver").get(reverse("approval", args=[approval.public_id])).content.decode(),
    ]

    for page in pages:
        assert not re.search(r"<script>alert|<img src=x|href=.javascript:", page)
        assert "<b>Titre" not in page


def test_putting_a_draft_aside_gives_its_submissions_back(draft: Message, sign_in: SignIn) -> None:
    sign_in("communicator").post(_at("message_aside", draft))

    assert stage(_fresh(draft)) == Stage.ASIDE
    assert Decision.ASKED not in draft.approvals.values_list("decision", flat=True)
