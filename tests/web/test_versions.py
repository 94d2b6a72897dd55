"""One account's version: what stands against it, written by hand, counted, answered for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from diffusion.brand import adopt
from diffusion.message.models import Message
from diffusion.rendition.versions import compose_all
from tests import valclair
from tests.web import composing
from tests.web.composing import at
from tests.web.town import Town

SignIn = Callable[[str], Client]


@pytest.fixture
def draft(town: Town) -> Message:
    return composing.draft()


def test_a_version_that_contradicts_cannot_be_asked_for_until_put_right(draft: Message, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    feed = draft.revision.versions.get(account__channel="feed").account.public_id
    wrong = {
        "title": "Coupure d’eau",
        "text": "L’eau sera coupée mercredi 18 juin 2031, de 8 h 30 à 12 h, rue des Tilleuls.",
    }

    browser.post(at("version_edit", draft, feed), wrong)
    page = browser.get(at("message", draft)).content.decode()
    refused = browser.post(at("message_ask", draft), HTTP_REFERER="http://testserver/messages/", follow=True)
    browser.post(at("version_reset", draft, feed))

    assert "Contredit un fait" in page
    assert "12" in page
    assert "1 version(s) à corriger" in refused.content.decode()
    assert draft.revision.versions.get(account__channel="feed").can_be_scheduled


def test_free_entry_contradicts_the_price_in_the_grid(draft: Message, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    form = composing.words_of(draft, body="La visite de l’usine a lieu mercredi 18 juin 2031. Entrée : 3,50 €.")
    browser.post(at("message_edit", draft), form)
    feed = Message.objects.get(pk=draft.pk).revision.versions.get(account__channel="feed")
    free = {"title": "Visite", "text": "La visite de l’usine a lieu mercredi 18 juin 2031. Entrée libre."}

    browser.post(at("version_edit", draft, feed.account.public_id), free)
    rows = browser.get(at("message", draft)).context["rows"]

    price = next(row for row in rows if row.kind == "amount")
    assert {cell.version.account.channel: cell.how for cell in price.cells} == {
        "board": "present",
        "feed": "contradicted",
    }


def test_saving_what_the_rules_wrote_does_not_make_it_handwritten(draft: Message, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    browser.post(at("message_edit", draft), composing.words_of(draft, body=f"{composing.BODY}\n\nMerci."))
    board = composing.fresh(draft).revision.versions.get(account__channel="board")
    same = {"title": board.body["title"], "text": board.text.replace("\n", "\r\n")}

    browser.post(at("version_edit", draft, board.account.public_id), same)

    board.refresh_from_db()
    assert not board.is_edited


def test_an_override_needs_a_reason_and_is_shown(draft: Message, sign_in: SignIn) -> None:
    browser = sign_in("communicator")
    feed = draft.revision.versions.get(account__channel="feed").account.public_id
    browser.post(at("version_edit", draft, feed), {"title": "Eau", "text": "Appelez le 01 23 45 67 89."})

    empty = browser.post(at("version_override", draft, feed), {"reason": "  "})
    browser.post(at("version_override", draft, feed), {"reason": "Le standard a changé ce matin."})

    assert empty.context["form"].errors
    assert "Le standard a changé ce matin." in browser.get(at("message", draft)).content.decode()
    assert draft.revision.versions.get(account__channel="feed").can_be_scheduled


def test_the_count_is_the_channels_own(draft: Message, sign_in: SignIn) -> None:
    x = valclair.account("mastodon", server="https://social.example", access_token="t")
    compose_all(draft)

    answer = sign_in("communicator").post(
        at("version_count", draft, x.public_id), {"text": "https://example.org/" + "a" * 300}
    )

    assert answer.context["meter"].length == 23


def test_what_the_charter_stops_waits_for_another_wording_or_for_a_reason(draft: Message, sign_in: SignIn) -> None:
    text = (
        "name: Eau\nlang: fr\nforbidden:\n  - {words: [eau contaminée], message: Les mots de l’ARS., level: blocks}\n"
    )
    adopt.adopt(draft.brand, text, by=None)
    browser = sign_in("communicator")
    feed = draft.revision.versions.get(account__channel="feed")
    said = f"{composing.BODY} Pas d’eau contaminée."

    browser.post(at("version_edit", draft, feed.account.public_id), {"title": "Coupure d’eau", "text": said})
    feed.refresh_from_db()
    page = browser.get(at("message", draft)).content.decode()

    assert not feed.can_be_scheduled
    assert "La charte l’arrête." in page
    assert "eau contaminée" in page
    assert "Les mots de l’ARS." in page
    browser.post(at("version_override", draft, feed.account.public_id), {"reason": "L’ARS l’a dit ainsi."})
    feed.refresh_from_db()
    assert feed.can_be_scheduled
