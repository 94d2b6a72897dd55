"""Until when a text is of use."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.facts.useful import useful_until

PUBLISHED = date(2026, 6, 10)


@pytest.mark.parametrize(
    ("text", "until", "why"),
    [
        (
            "L’eau sera coupée mercredi 17 juin 2026, de 8 h 30 à 12 h 30. Réunion le 20 juin.",
            "06-17 12:30",
            "interruption",
        ),
        ("Eau coupée demain de 9 h à midi, rue des Lilas.", "06-11 12:00", "interruption"),
        ("Le pont est fermé du 3 au 5 juillet 2026.", "07-05 23:59", "interruption"),
        ("Pont fermé la nuit, du 3 au 5 juillet, de 21 h à 5 h.", "07-06 05:00", "interruption"),
        ("Eau coupée le 17 juin, de 8 h à 10 h puis de 14 h à 16 h.", "06-17 16:00", "interruption"),
        ("Le 17 juin, la rue est fermée jusqu'à 18 h.", "06-17 18:00", "interruption"),
        ("Alerte canicule rouge jusqu'à jeudi 18 juin 2026 à 22 h.", "06-18 22:00", "deadline"),
        ("Inscriptions jusqu'au 30 juin 2026.", "06-30 23:59", "deadline"),
        ("Répondez avant le 30 juin 2026, midi.", "06-30 12:00", "deadline"),
        ("Fête de la musique samedi 20 juin 2026 à 20 h, place de l'Église.", "06-20 23:59", "event"),
        ("Portes ouvertes samedi 20 juin, de 10 h à 18 h.", "06-20 18:00", "event"),
        ("Après le gel du 3 février 2026, réunion publique le 25 juin.", "06-25 23:59", "event"),
    ],
)
def test_it_is_of_use_until_the_end_of_what_it_announces(text: str, until: str, why: str) -> None:
    found = useful_until("À savoir", text, "fr", PUBLISHED)

    assert found is not None
    assert (f"{found.until:%m-%d %H:%M}", found.why) == (until, why)


@pytest.mark.parametrize(
    "text",
    [
        "À partir du 1er septembre 2026, la ligne 3 passe toutes les 10 minutes.",
        "Dès lundi 15 juin, la piscine ouvre.",
        "Le marché a lieu tous les samedis de 8 h à 12 h.",
        "La rue a été refaite le 3 juin 2026.",
        "Le budget de 2027 est en préparation.",
        "Merci à tous.",
        "",
    ],
)
def test_what_stays_recurs_or_names_no_day_to_come_has_no_end(text: str) -> None:
    assert useful_until("À savoir", text, "fr", PUBLISHED) is None


def test_a_day_in_the_title_counts_too() -> None:
    found = useful_until("Pont fermé jusqu'au 8 juillet", "Les travaux durent du 3 au 5 juillet.", "fr", PUBLISHED)

    assert found is not None
    assert f"{found.until:%m-%d}" == "07-08"


def test_english_is_read_as_english() -> None:
    found = useful_until("Water", "No water on 17 June 2026 from 8:30am to 12:30pm.", "en", PUBLISHED)

    assert found is not None
    assert (f"{found.until:%m-%d %H:%M}", found.why) == ("06-17 12:30", "interruption")


@given(st.text(max_size=60), st.text(max_size=200), st.sampled_from(["fr", "en", "de"]))
def test_no_text_raises_and_no_end_lies_before_its_publication(title: str, body: str, lang: str) -> None:
    found = useful_until(title, body, lang, PUBLISHED)

    assert found is None or found.until.date() >= PUBLISHED
