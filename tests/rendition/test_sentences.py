"""Sentences and lines: where they end, what they are, and what they lean on."""

from __future__ import annotations

import pytest

from diffusion.rendition.phrases import phrases
from diffusion.rendition.sentences import Part, leans, units

SPLITS = [
    ("fr", "L’eau est coupée. Elle revient à 12 h.", ["L’eau est coupée.", "Elle revient à 12 h."]),
    ("fr", "M. Dupont et Mme Roy reçoivent av. Foch. Venez !", ["M. Dupont et Mme Roy reçoivent av. Foch.", "Venez !"]),
    ("fr", "Ouvert jusqu’à 22 h. Entrée libre.", ["Ouvert jusqu’à 22 h.", "Entrée libre."]),
    ("fr", "Le maire a dit : « Merci. Bravo ! » Puis il est parti.", ["Le maire a dit : « Merci. Bravo ! »", "Puis il est parti."]),
    ("fr", "Appelez (tél. 01 02. Accueil) demain.", ["Appelez (tél. 01 02. Accueil) demain."]),
    ("fr", "Voir www.valclair.fr. Merci", ["Voir www.valclair.fr.", "Merci"]),
    ("fr", "Attention ! 187 marches.", ["Attention !", "187 marches."]),
    ("en", "Mr Smith of Mill Rd. is here. Call Dr. Jones.", ["Mr Smith of Mill Rd. is here.", "Call Dr. Jones."]),
    ("en", "Open at 9 a.m. to all. Free!", ["Open at 9 a.m. to all.", "Free!"]),
    ("fr", "", []),
    ("fr", " \n\n \t", []),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "text", "expected"), SPLITS)
def test_a_text_splits_where_a_reader_would(lang: str, text: str, expected: list[str]) -> None:
    found = units(text, phrases(lang))

    assert [unit.text for unit in found] == expected
    assert all(text[unit.start : unit.end] == unit.text for unit in found)


def test_no_boundary_falls_inside_a_fact() -> None:
    text = "Rendez-vous le 3. Mars 2026 à la mairie."

    assert len(units(text, phrases("fr"))) == 2
    assert len(units(text, phrases("fr"), [(15, 27)])) == 1


PARTS = [
    ("Bonjour à toutes et à tous,", Part.COURTESY),
    ("Nous vous remercions de votre compréhension.", Part.COURTESY),
    ("Nous vous prions de bien vouloir nous excuser pour la gêne occasionnée.", Part.COURTESY),
    ("La direction de l’Eau", Part.COURTESY),
    ("#FêteDeLEau #ValClair", Part.TAGS),
    ("Rues concernées :", Part.HEADING),
    ("- rue des Lilas", Part.ITEM),
    ("✅ rue des Lilas", Part.ITEM),
    ("Tarif : 5 €", Part.LINE),
    ("L’eau sera coupée.", Part.SENTENCE),
    ("La direction de l’Eau coupe le réseau mardi.", Part.SENTENCE),
    ("Merci de ne pas boire l’eau du robinet jusqu’à nouvel ordre : elle n’est pas potable.", Part.SENTENCE),
]


@pytest.mark.parametrize(("line", "part"), PARTS)
def test_each_line_is_what_it_looks_like(line: str, part: Part) -> None:
    found = units(f"Une première phrase.\n{line}\nUne dernière phrase.", phrases("fr"))

    assert found[1].part is part


def test_the_first_line_that_is_no_sentence_is_the_title() -> None:
    found = units("Coupure d’eau rue des Lilas\n\nL’eau sera coupée.", phrases("fr"))

    assert found[0].part is Part.TITLE


def test_lines_under_a_heading_need_it() -> None:
    found = units("Titre\n\nLe programme :\n- à 10 h\n- à 11 h\n\nEntrée libre.", phrases("fr"))

    assert [unit.needs for unit in found] == [(), (), (1,), (1,), ()]


def test_a_list_that_says_all_there_is_needs_each_line() -> None:
    found = units("Rues concernées :\n- rue A\n- rue B", phrases("fr"))

    assert [unit.needs for unit in found] == [(), (0, 2), (0, 1)]


LEANING = [
    ("fr", "Elle rouvrira lundi.", True),
    ("fr", "Cette mesure est prise pour un mois.", True),
    ("fr", "En revanche, le marché est maintenu.", True),
    ("fr", "Pendant cette période, le parking ferme.", True),
    ("fr", "Par ailleurs, il est reporté.", True),
    ("fr", "Il est interdit de stationner.", False),
    ("fr", "Ce mardi 3 mars, la mairie ferme.", False),
    ("fr", "En raison de travaux, la rue ferme.", False),
    ("fr", "Et si on sortait ?", True),
    ("fr", "Les écoles sont fermées.", False),
    ("en", "It will reopen on Monday.", True),
    ("en", "However, the market goes on.", True),
    ("en", "It is forbidden to park.", False),
    ("en", "This Tuesday the hall is closed.", False),
    ("en", "The hall is closed.", False),
]


@pytest.mark.parametrize(("lang", "sentence", "expected"), LEANING)
def test_what_a_sentence_leans_on(lang: str, sentence: str, expected: bool) -> None:
    assert leans(sentence, phrases(lang)) is expected
