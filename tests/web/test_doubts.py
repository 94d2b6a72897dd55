"""What looks wrong in the words themselves is said where one can put it right, and stops nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from string import Formatter

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from diffusion.approval import decide
from diffusion.facts import Gazetteer, Warning_, extract
from diffusion.facts.fact import DOUBTFUL
from diffusion.intake.models import Submission
from diffusion.message import write
from diffusion.rendition.versions import compose_all
from diffusion.web import doubts
from tests import valclair
from tests.web import composing
from tests.web.composing import at
from tests.web.town import Town

SignIn = Callable[[str], Client]
ON = date(2026, 11, 24)
WRONG = {
    "weekday-mismatch": ("Réunion mercredi 12 mars 2026 à 9 h.", "Meeting on Wednesday 12 March 2026 at 9 am."),
    "impossible-date": ("La piscine ferme le 31 février 2027.", "On 31 February 2027 the pool closes."),
    "end-before-start": ("Travaux du 12 mars 2027 au 3 mars 2027.", "Works from 12 March 2027 to 3 March 2027."),
    "date-past": (
        "La fête aura lieu le samedi 4 octobre 2025.",
        "The party will take place on Saturday 4 October 2025.",
    ),
    "two-prices": (
        "L'entrée de la piscine est à 5 € cette année. L'entrée de la piscine est à 6 € cette année.",
        "Admission to the museum is £5 for every visitor. Admission to the museum costs £6 for every visitor.",
    ),
    "place-misspelt": ("Travaux rue des Tileuls.", "Works on Chestnt Street."),
    "phone-incomplete": ("Appelez le 01 69 00 12.", "Call 01632 9601."),
}
"""A sentence in each language for all that the reading can doubt."""
PLACES = Gazetteer(["Rue des Tilleuls", "Chestnut Street"])


@pytest.mark.parametrize("code", DOUBTFUL)
@pytest.mark.parametrize(("language", "nth"), [("fr", 0), ("en", 1)])
def test_every_doubt_has_words_in_both_languages(code: str, language: str, nth: int) -> None:
    text = WRONG[code][nth]
    (warning,) = extract(text, language, ON, gazetteer=PLACES).warnings
    assert warning.code == code

    with translation.override("fr"):
        (french,) = doubts.doubts_of([text], language, ON, PLACES)
    with translation.override("en"):
        (english,) = doubts.doubts_of([text], language, ON, PLACES)

    assert warning.text in french.said
    assert warning.text in english.said
    assert (french.head, french.said) != (english.head, english.said)
    assert english.head != french.head
    assert "{" not in french.said + english.said
    assert french.mark == english.mark == "warn"


def test_no_doubt_is_without_words() -> None:
    assert set(doubts.WORDS) == set(DOUBTFUL)
    for code, (_head, said) in doubts.WORDS.items():
        named = {name for _text, name, *_rest in Formatter().parse(str(said)) if name}
        assert named <= {"text", "against", "day", "weekday"}, code


def test_the_day_that_the_date_is_stands_in_the_words() -> None:
    with translation.override("fr"):
        said = doubts.told(Warning_("weekday-mismatch", 0, 1, "lundi 1er mars", "2026-03-01")).said
    assert "le 1er\u00a0mars 2026 tombe un dimanche" in said
    with translation.override("en"):
        assert "12\u00a0March 2026 is a Thursday" in doubts.doubts_of(["Mercredi 12 mars 2026."], "fr", ON)[0].said


@pytest.mark.django_db
def test_a_message_shows_its_doubts_where_it_is_read_written_and_approved(town: Town, sign_in: SignIn) -> None:
    made = composing.draft()
    words = write.Words(made.revision.title, "Le jeudi 18 juin 2031, à 9 h.", {"internal": "Appelez le 01 69 00 12."})
    write.revise(made, words, by=valclair.ines(), based_on=1)
    made.refresh_from_db()
    compose_all(made)
    asked = decide.ask(made, by=valclair.ines())
    pages = [
        sign_in("communicator").get(at("message", made)),
        sign_in("communicator").get(at("message_edit", made)),
        sign_in("approver").get(reverse("approval", args=[asked.public_id])),
    ]

    for page in pages:
        assert [one.head for one in page.context["doubts"]] == [
            str(doubts.WORDS["weekday-mismatch"][0]),
            str(doubts.WORDS["phone-incomplete"][0]),
        ]
        assert "tombe un mercredi" in page.content.decode()
    assert not decide.differs(asked)  # it only warns


@pytest.mark.django_db
def test_what_is_typed_is_read_before_it_is_sent(town: Town, sign_in: SignIn) -> None:
    browser = sign_in("contributor")
    typed = {"title": "Coupure d'eau", "text": "Rue des Tilleuls, jeudi 18 juin 2031, de 8 h 30 à 12 h 30."}
    unit = valclair.water()

    first = browser.post(reverse("propose_read"), typed).content.decode()
    assert "tombe un mercredi" in first
    assert "Semble annoncer" not in first

    browser.post(reverse("propose"), {**typed, "directorate": unit.public_id, "level": "public"})
    sent = Submission.objects.get()
    again = {"title": "Réseau", "text": "Travaux : coupure d'eau rue des Tilleuls le 18 juin 2031 de 8 h 30 à 12 h 30."}
    second = browser.post(reverse("propose_read"), again).content.decode()

    assert reverse("submission", args=[sent.public_id]) in second
    assert "Coupure d" in second
    assert "tombe un" not in second
    assert "tombe un mercredi" in browser.get(reverse("submission", args=[sent.public_id])).content.decode()
    assert Submission.objects.count() == 1


@pytest.mark.django_db
def test_nobody_is_told_of_what_they_may_not_follow(town: Town, sign_in: SignIn) -> None:
    text = "Coupure d'eau rue des Tilleuls le 18 juin 2031 de 8 h 30 à 12 h 30."
    Submission.objects.create(
        directorate=valclair.human_resources(), via="form", uid="x", fingerprint="0" * 64, title="Eau", text=text
    )

    browsers = [sign_in("contributor"), Client()]
    browsers[1].force_login(valclair.marc())  # he contributes for the water service alone

    said = [b.post(reverse("propose_read"), {"title": "Eau", "text": text}).content.decode() for b in browsers]

    assert ["Semble annoncer" in page for page in said] == [True, False]
