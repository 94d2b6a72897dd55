"""Texts that tell one thing and don't agree: who says what, and what a choice leaves."""

from __future__ import annotations

from datetime import date

from diffusion.facts import extract
from diffusion.facts.disputes import Held, hold, settle

ON = date(2026, 6, 10)
WATER = "Concert au parc\n\nLe concert commence samedi 20 juin à 18 h 30, au parc des Rives. Entrée 5 €."
CULTURE = (
    "Un concert au parc\n\nLe parc des Rives accueille un concert samedi 20 juin à 19 h. Appelez le 01 99 00 12 34."
)
PREFECTURE = "Concert\n\nLe concert du samedi 20 juin commence à 19 h, au parc des Rives."


def held(*texts: str) -> Held:
    return hold(texts, lang="fr", published=ON)


def test_two_hours_for_one_thing_are_a_dispute_and_each_keeps_who_says_it() -> None:
    (dispute,) = held(WATER, CULTURE).disputes

    assert [(one.text, one.fact.text) for one in dispute.sayings] == [(0, "18 h 30"), (1, "19 h")]
    assert dispute.can_be_settled


def test_a_third_text_that_repeats_one_of_them_is_of_the_same_dispute() -> None:
    (dispute,) = held(WATER, CULTURE, PREFECTURE).disputes

    assert {value: [one.text for one in said] for value, said in dispute.values.items()} == {
        "18:30": [0],
        "19:00": [1, 2],
    }


def test_what_only_one_says_is_told_apart() -> None:
    assert {(one.text, one.fact.kind) for one in held(WATER, CULTURE).alone} == {(0, "amount"), (1, "phone")}


def test_texts_that_agree_dispute_nothing() -> None:
    assert held(CULTURE, PREFECTURE).disputes == ()


def test_a_choice_puts_its_words_where_the_other_stood_and_changes_nothing_else() -> None:
    texts = (WATER, CULTURE)

    settled = settle(texts, held(*texts).disputes, {0: "19:00"}, lang="fr", published=ON)

    assert settled == [WATER.replace("18 h 30", "19 h"), CULTURE]
    assert held(*settled).disputes == ()


def test_a_text_that_tells_of_both_is_left_as_it_is() -> None:
    both = CULTURE + " Et non à 18 h 30."
    disputes = held(WATER, CULTURE).disputes

    assert settle([both], disputes, {0: "18:30"}, lang="fr", published=ON) == [both]


def test_a_moment_is_not_put_in_the_place_of_a_range() -> None:
    (dispute,) = held(WATER, CULTURE.replace("à 19 h", "de 19 h à 22 h")).disputes

    assert not dispute.can_be_settled


def test_what_a_text_states_of_it_is_asked_of_its_facts() -> None:
    (dispute,) = held(WATER, CULTURE).disputes
    one, both = ({(f.kind, f.value) for f in extract(text, "fr", ON).facts} for text in (WATER, WATER + CULTURE))

    assert dispute.stated_in(one) == []
    assert [said.text for said in dispute.stated_in(both)] == [0, 1]
