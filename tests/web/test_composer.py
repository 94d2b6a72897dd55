"""One message's page: its words, the tone's changes, the essential facts, hostile text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from diffusion import brand
from diffusion.approval import decide
from diffusion.brand.models import Charter
from diffusion.message import write
from diffusion.message.models import Message
from diffusion.web import frame
from tests import valclair
from tests.web import composing
from tests.web.composing import BODY, at, fresh, words_of
from tests.web.town import Town

SignIn = Callable[[str], Client]


@pytest.fixture
def draft(town: Town) -> Message:
    return composing.draft()


@pytest.fixture
def chartered(draft: Message) -> Iterator[Message]:
    """Its brand has the charter of the water service. Pages keep a charter's colours, by a key that the next test's may share."""
    text = (Path(brand.__file__).parent / "charters/eau.yaml").read_text(encoding="utf-8")
    Charter.objects.create(brand=draft.brand, text=text)
    yield draft
    frame._colours_of.cache_clear()


def test_the_page_shows_words_facts_and_each_accounts_version(draft: Message, sign_in: SignIn) -> None:
    page = sign_in("communicator").get(at("message", draft))

    assert page.status_code == 200
    assert {item["version"].account.channel for item in page.context["versions"]} == {"board", "feed"}
    essential = {(row.kind, row.value) for row in page.context["rows"] if row.is_essential}
    assert ("date", "2031-06-18") in essential
    assert re.search(r'class="f e">mercredi 18 juin 2031', page.content.decode())


def test_saving_makes_a_revision_and_composes_again(draft: Message, sign_in: SignIn) -> None:
    sign_in("communicator").post(
        at("message_edit", draft), words_of(draft, title="Eau coupée", internal="Pour nous seuls.")
    )

    revision = fresh(draft).revision
    assert (revision.number, revision.title) == (2, "Eau coupée")
    board = revision.versions.get(account__channel="board")
    feed = revision.versions.get(account__channel="feed")
    assert "Pour nous seuls." in board.text
    assert "Pour nous seuls." not in feed.text


def test_a_browsers_line_ends_are_no_change(draft: Message, sign_in: SignIn) -> None:
    browser = sign_in("communicator")

    browser.post(at("message_edit", draft), composing.words_of(draft, body="Rue des Tilleuls.\r\n\r\nDès 8 h."))

    draft.refresh_from_db()
    assert "\r" not in draft.revision.body
    assert len(draft.revision.body.splitlines()) == 3


def test_a_second_editor_sees_who_and_what_and_loses_nothing(draft: Message, sign_in: SignIn) -> None:
    mine = words_of(draft, body="Ma phrase à moi.")
    write.revise(draft, write.Words(title="Titre d'Inès", body="Sa phrase."), by=valclair.ines(), based_on=1)
    browser = sign_in("communicator")

    answer = browser.post(at("message_edit", draft), mine)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Inès Garnier" in page
    assert answer.context["form"]["body"].value() == "Ma phrase à moi."
    assert '<input type="hidden" name="based_on" value="2"' in page
    assert fresh(draft).revision.number == 2

    browser.post(at("message_edit", draft), {**mine, "based_on": 2})
    assert fresh(draft).revision.body == "Ma phrase à moi."


def test_each_change_of_the_tone_is_undone_alone_also_after_a_saving(draft: Message, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    browser.post(at("message_edit", draft), words_of(draft, body=BODY.replace("'", "’") + " Une phrase de plus."))
    tone = browser.get(at("message", draft)).context["tone"]
    apostrophe = next(change for change in tone.applied if change.part == "title")

    browser.post(at("message_change", draft, apostrophe.index, "undo"), {"based_on": 2})

    assert fresh(draft).revision.title == "Coupure d'eau"
    still = browser.get(at("message", draft)).context["tone"].applied
    assert {change.rule for change in still} >= {"fr.hour-minutes"}


@pytest.mark.parametrize(("act", "begins"), [("undo", "Nous procédons au"), ("accept", "Nous remplaçons")])
def test_a_proposal_is_taken_or_turned_down(act: str, begins: str, chartered: Message, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    text = "Nous procédons au remplacement de 180 mètres."
    browser.post(at("message_edit", chartered), words_of(chartered, body=text))
    proposed = browser.get(at("message", chartered)).context["tone"].proposed

    browser.post(at("message_change", chartered, proposed[0].index, act), {"based_on": 2})

    assert not browser.get(at("message", chartered)).context["tone"].proposed
    assert fresh(chartered).revision.body.startswith(begins)


@pytest.mark.parametrize(("act", "begins"), [("undo", "Nous procédons au"), ("accept", "Nous remplaçons")])
def test_a_proposal_for_a_levels_addition_is_taken_or_turned_down(
    act: str, begins: str, chartered: Message, sign_in: SignIn
) -> None:
    browser = sign_in("communicator")
    text = "Nous procédons au remplacement de 180 mètres."
    browser.post(at("message_edit", chartered), words_of(chartered, internal=text))
    page = browser.get(at("message", chartered))
    (proposed,) = page.context["tone"].proposed
    assert proposed.part == "internal"

    browser.post(at("message_change", chartered, proposed.index, act), {"based_on": 2})

    assert not browser.get(at("message", chartered)).context["tone"].proposed
    assert fresh(chartered).revision.part("internal").startswith(begins)
    assert fresh(chartered).revision.versions.get(account__channel="board").text.count(begins) == 1


def test_only_facts_that_the_message_states_become_essential(draft: Message, sign_in: SignIn) -> None:
    chosen = {"essential": ["phone|+33199001234", "phone|+33000000000", "nonsense"], "based_on": 1}

    sign_in("communicator").post(at("message_facts", draft), chosen)

    assert fresh(draft).revision.essential == [["phone", "+33199001234"]]


def test_who_may_only_read_is_offered_nothing_to_do(draft: Message, sign_in: SignIn) -> None:
    page = sign_in("ops").get(at("message", draft))

    assert page.context["can"] == frozenset()
    assert at("message_edit", draft) not in page.content.decode()


def test_hostile_words_are_shown_harmlessly_everywhere(draft: Message, town: Town, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    evil = "<script>alert(1)</script> <img src=x onerror=alert(1)> [clic](javascript:alert(1)) **gras**"
    browser.post(at("message_edit", draft), words_of(draft, title="<b>Titre</b>", body=evil, internal=evil))
    approval = decide.ask(fresh(draft), by=valclair.ines())

    pages = [
        browser.get(at("message", draft)).content.decode(),
        browser.get(at("message_edit", draft)).content.decode(),
        sign_in("approver").get(reverse("approval", args=[approval.public_id])).content.decode(),
    ]

    for page in pages:
        assert not re.search(r"<script>alert|<img src=x|href=.javascript:", page)
        assert "<b>Titre" not in page


def test_the_language_is_put_right_until_it_is_planned(draft: Message, sign_in: SignIn) -> None:
    browser = sign_in("communicator")

    browser.post(at("message_edit", draft), words_of(draft, language="en"))

    draft.refresh_from_db()
    assert (draft.language, draft.revision.number) == ("en", 2)
    assert {version.body["language"] for version in draft.revision.versions.all()} == {"en"}
    browser.post(at("message_edit", draft), words_of(draft, language="fr"))
    composing.publish(composing.fresh(draft), browser, valclair.sophie())
    page = browser.get(at("message_edit", draft))
    assert "language" not in page.context["form"].fields
    browser.post(at("message_edit", draft), words_of(draft, title="Eau coupée", language="en"))
    draft.refresh_from_db()
    assert (draft.language, draft.revision.title) == ("fr", "Eau coupée")
