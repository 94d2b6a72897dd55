"""Reading a text takes time in proportion to its length, whatever somebody pastes: nothing is read again from the start."""

from __future__ import annotations

import time
from datetime import date

import pytest

from diffusion.facts import extract

ON = date(2026, 11, 24)
SHORT, TIMES = 2_500, 6
"""Characters of the shorter text, and how many times as long the longer one is."""
BEARABLE, TOO_SMALL = 12.0, 0.08
"""How many times as slow is still a straight line, on a busy machine; and seconds too short to tell."""
PASTED = [
    "lundi ", "lundi", "le lundi, ", "lundi 3 mars lundi ", "tous les lundis ", "du lundi au ", "le mardi 9 h ",
    "1", "1 ", "12,", "12 000 ", "01/", "01/02 ", "2026-", "3 mars 2026 le lendemain ", "du 3 au 5 ", "du ", "au ", "jusqu'au ",
    "a@", "a@b.", "http://", "http://a.fr ", "www.", "x.fr/", "#a", "@a ", "01 69 ", "0", "+33 ", "appelez le ",
    "9 h-", "de 9 h à ", "toutes les 6 minutes ", "3 € ", "€", "20 % ", "de 20 à ", "vingt-", "cent ", "mille ",
    "rue ", "rue de la ", "rue A ", "salle Condorcet ", "fermé ", "n'est pas ", "coupe ", "poisson d'avril ", "janvier ",
    "réservé aux ", "habitants de plus de ", "L'entrée est à 5 €. L'entrée est à 6 €. ", "a battu ", "é", "\u0301", " ", "\n", ".", "'",
]  # fmt: skip
ENGLISH = [
    "monday ",
    "on Monday, ",
    "every Tuesday ",
    "3 March 2026 the next day ",
    "from 3 to 5 ",
    "9 am to ",
    "£3 ",
    "1",
    "under ",
    "closed on ",
]


def spent(text: str, lang: str) -> float:
    """Seconds of this process alone: what else the machine does counts little."""
    began = time.process_time()
    extract(text, lang, ON)
    return time.process_time() - began


def grows(piece: str, lang: str) -> bool:
    """Whether the longer text takes out of proportion longer."""
    text = piece * (SHORT * TIMES // len(piece))
    whole = spent(text, lang)
    return whole > TOO_SMALL and whole > BEARABLE * spent(text[:SHORT], lang)


@pytest.mark.parametrize(
    ("lang", "piece"), [*(("fr", piece) for piece in PASTED), *(("en", piece) for piece in ENGLISH)]
)
def test_a_text_many_times_as_long_takes_about_as_many_times_as_long(lang: str, piece: str) -> None:
    extract(piece, lang, ON)  # the lexicons are read once

    assert not all(grows(piece, lang) for _try in range(3))
