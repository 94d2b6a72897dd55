"""Which language a text is written in."""

from __future__ import annotations

import pytest

from diffusion.intake.tongue import COMMON, written_in

TEXTS = [
    ("La patinoire ouvre samedi 19 décembre 2026, place du Marché. Entrée 4 €.", "fr"),
    ("L'accueil ferme à 12 h.", "fr"),
    ("The ice rink opens on Saturday 19 December 2026 in the market square.", "en"),
    ("No water in rue de la Gare on Tuesday: the mains will be replaced.", "en"),
]


@pytest.mark.parametrize("pages", ["fr", "en"])
@pytest.mark.parametrize(("text", "language"), TEXTS)
def test_it_is_the_texts_own_whatever_the_pages_speak(text: str, language: str, pages: str) -> None:
    assert written_in(text, pages) == language


@pytest.mark.parametrize("text", ["", "Patinoire 2026", "01 99 00 12 34", "the le"])
def test_what_tells_nothing_is_in_the_language_of_the_pages(text: str) -> None:
    assert (written_in(text, "fr"), written_in(text, "en")) == ("fr", "en")


def test_no_word_is_of_both() -> None:
    assert not set(COMMON["fr"].split()) & set(COMMON["en"].split())
