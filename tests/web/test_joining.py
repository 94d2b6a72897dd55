"""Joining submissions that disagree: told before, chosen by a person, and told again until it is settled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from diffusion.approval import decide
from diffusion.directory.models import Directorate
from diffusion.intake.models import Submission, Via
from diffusion.intake.submit import Handed, submit
from diffusion.message import write
from diffusion.message.models import Message
from tests import valclair
from tests.web.town import Town

SignIn = Callable[[str], Client]
PLACE = "au parc des Rives"
FIRST = f"Le concert commence samedi 20 juin 2026 à 18 h 30, {PLACE}. Entrée 5 €."
SECOND = f"Le concert de samedi 20 juin 2026 commence à 19 h, {PLACE}.\n\nRenseignements : 01 99 00 12 34."


@pytest.fixture
def pair(town: Town) -> tuple[Submission, Submission]:
    culture = Directorate.objects.create(name="Culture et événements", slug="culture", brand=valclair.brand())
    directorates = valclair.water(), culture
    rows = zip(directorates, (FIRST, SECOND), strict=True)
    first, second = (
        submit(Handed(title="Concert au parc", text=text), directorate=one, via=Via.FORM) for one, text in rows
    )
    return first, second


def _address(first: Submission) -> str:
    return reverse("submission_join", args=[first.public_id])


def _joined(browser: Client, pair: tuple[Submission, Submission], **choice: Any) -> Message:
    first, second = pair
    browser.post(_address(first), {"with": [second.public_id], "base": "0", "rest": "all", **choice})
    return Message.objects.get(submissions=first)


def _doubts(browser: Client, message: Message) -> list[str]:
    return [one.said for one in browser.get(reverse("message", args=[message.public_id])).context["doubts"]]


def test_the_page_says_who_says_what_before_anything_is_made(
    pair: tuple[Submission, Submission], sign_in: SignIn
) -> None:
    first, second = pair

    answer = sign_in("communicator").get(_address(first), {"with": second.public_id})

    how = {(said.text, said.how) for side in answer.context["sides"] for said in side.facts}
    assert {("18 h 30", "disputed"), ("19 h", "disputed"), ("5 €", "alone"), ("01 99 00 12 34", "alone")} <= how
    page = answer.content.decode().replace("\u00a0", " ").replace("\u202f", " ")
    assert f"{first.directorate.name} dit « 18 h 30 », {second.directorate.name} dit « 19 h »" in page
    assert not Message.objects.filter(submissions=first).exists()


def test_what_nobody_settled_stays_on_the_message_until_its_words_say_one_thing(
    pair: tuple[Submission, Submission], sign_in: SignIn
) -> None:
    browser = sign_in("communicator")

    message = _joined(browser, pair)

    assert set(message.submissions.all()) == set(pair)
    assert FIRST.split(",")[0].replace("'", "’") in message.revision.body.replace("\u00a0", " ")
    (said,) = _doubts(browser, message)
    assert "18 h 30" in said
    assert "19 h" in said
    words = write.Words("Concert au parc", FIRST)
    write.revise(message, words, by=valclair.ines(), based_on=1)
    assert _doubts(browser, message) == []


def test_a_choice_settles_it_and_all_the_rest_stays(pair: tuple[Submission, Submission], sign_in: SignIn) -> None:
    browser = sign_in("communicator")

    message = _joined(browser, pair, dispute_0="19:00")

    body = message.revision.body.replace("\u00a0", " ")
    assert "18 h 30" not in body
    assert body.count("19 h") == 2
    assert "01 99 00 12 34" in body
    assert "5 €" in body
    assert _doubts(browser, message) == []


def test_one_is_the_base_and_the_other_gives_only_what_it_adds(
    pair: tuple[Submission, Submission], sign_in: SignIn
) -> None:
    message = _joined(sign_in("communicator"), pair, base="1", rest="new")

    assert message.directorate == pair[1].directorate
    body = message.revision.body.replace("\u00a0", " ")
    assert body.startswith("Le concert de samedi 20 juin 2026 commence à 19 h")
    assert "5 €" in body  # its paragraph says the other hour too


def test_the_approver_reads_what_was_not_settled(pair: tuple[Submission, Submission], sign_in: SignIn) -> None:
    asked = decide.ask(_joined(sign_in("communicator"), pair), by=valclair.ines())

    page = sign_in("approver").get(reverse("approval", args=[asked.public_id]))

    assert any("« 19 h »" in one.said for one in page.context["doubts"])


def test_submissions_that_agree_are_asked_nothing_about(town: Town, sign_in: SignIn) -> None:
    rows = [
        submit(Handed(title="Concert", text=text), directorate=valclair.water(), via=Via.FORM)
        for text in (FIRST, FIRST + " Apportez une gourde.")
    ]

    answer = sign_in("communicator").get(_address(rows[0]), {"with": rows[1].public_id})

    assert set(answer.context["form"].fields) == {"base", "rest"}
    assert answer.context["apart"] == []


def test_other_news_is_said_to_be_other_news(town: Town, sign_in: SignIn) -> None:
    texts = (FIRST, "La piscine Simone-Veil ferme du 3 au 9 mars 2027 pour sa vidange annuelle.")
    rows = [submit(Handed(title="Été", text=text), directorate=valclair.water(), via=Via.FORM) for text in texts]

    answer = sign_in("communicator").get(_address(rows[0]), {"with": rows[1].public_id})

    assert "une autre année" in answer.context["apart"][0]
    assert "Peut-être pas la même nouvelle." in answer.content.decode()


def test_a_choice_that_nobody_offered_is_refused_beside_its_question(
    pair: tuple[Submission, Submission], sign_in: SignIn
) -> None:
    first, second = pair
    given = {"with": [second.public_id], "base": "0", "rest": "all", "dispute_0": "21:00"}

    answer = sign_in("communicator").post(_address(first), given)

    assert answer.context["form"].errors["dispute_0"]
    assert not Message.objects.filter(submissions=first).exists()


def test_before_it_is_attached_what_the_message_says_otherwise_is_told(
    pair: tuple[Submission, Submission], sign_in: SignIn
) -> None:
    first, second = pair
    browser, message = sign_in("communicator"), write.draft_from([first], by=valclair.ines())
    address = reverse("submission_attach_to", args=[second.public_id, message.public_id])

    chosen = browser.post(reverse("submission_attach", args=[second.public_id]), {"message": message.public_id})
    page = browser.get(address)

    assert chosen["Location"] == address
    assert page.context["differs"] == [f"Le message dit « 18\u00a0h\u00a030 », {second.directorate.name} dit « 19 h »"]
    how = {(said.text, said.how) for side in page.context["sides"] for said in side.facts}
    assert ("01 99 00 12 34", "alone") in how
    assert list(message.submissions.all()) == [first]
    browser.post(address)
    assert set(message.submissions.all()) == set(pair)


def test_a_message_of_others_is_compared_with_nothing(pair: tuple[Submission, Submission], sign_in: SignIn) -> None:
    theirs = write.draft_from([pair[0]], by=valclair.ines())
    alone = valclair.person("Rose Culture", "communicator", directorate=pair[1].directorate)
    browser = Client()
    browser.force_login(alone)

    address = reverse("submission_attach_to", args=[pair[1].public_id, theirs.public_id])

    assert (browser.get(address).status_code, browser.post(address).status_code) == (404, 404)


def test_when_one_of_three_was_taken_meanwhile_the_others_are_shown_anew(
    pair: tuple[Submission, Submission], sign_in: SignIn
) -> None:
    first, second = pair
    third = submit(Handed(title="Parc", text="Concert à 20 h."), directorate=valclair.water(), via=Via.FORM)
    given = {"with": [second.public_id, third.public_id], "base": "1", "rest": "all"}
    write.draft_from([second], by=valclair.ines())

    page = sign_in("communicator").post(_address(first), given)

    assert not first.messages.exists()
    assert "Entre-temps" in page.content.decode()
    assert page.context["rows"] == [first, third]
