"""Figures of a text, against counts made by hand."""

from __future__ import annotations

import pytest

from diffusion.tone.measures import MEASURES, readability, syllables


@pytest.mark.parametrize(
    ("word", "lang", "count"),
    [
        ("eau", "fr", 1),
        ("coupure", "fr", 2),
        ("canalisation", "fr", 5),
        ("habitantes", "fr", 3),
        ("de", "fr", 1),
        ("été", "fr", 2),
        ("water", "en", 2),
        ("closed", "en", 2),
        ("late", "en", 1),
        ("table", "en", 2),
    ],
)
def test_syllables_are_close_to_what_is_spoken(word: str, lang: str, count: int) -> None:
    assert syllables(word, lang) == count


def test_plain_words_are_easier_than_administrative_ones() -> None:
    plain = (
        "L’eau sera coupée mardi. Gardez une bouteille. Nous passons à midi. "
        "Appelez-nous si vous avez un doute sur l’heure. Merci à vous."
    )
    heavy = (
        "Préalablement à l’interruption programmée de l’alimentation, les administrés sont invités à procéder à la constitution "
        "d’une réserve proportionnée à leurs besoins domestiques incompressibles, conformément à la réglementation applicable."
    )

    easy, hard = readability(plain, "fr"), readability(heavy, "fr")

    assert easy is not None
    assert hard is not None
    assert easy > 60 > 30 > hard


def test_a_short_text_has_no_readability() -> None:
    assert readability("L’eau est coupée.", "fr") is None


def test_capitals_are_a_share_of_the_letters() -> None:
    assert MEASURES["capitals"]("ABCDE fghij", "fr") == 50
    assert MEASURES["capitals"]("AB", "fr") is None
    assert MEASURES["words"]("L’eau, l’air : trois mots.", "fr") == 4
