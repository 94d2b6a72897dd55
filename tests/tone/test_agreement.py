"""The kinds that hold places of one text against each other, and those that count and compute."""

from __future__ import annotations

import pytest

from diffusion.tone import check
from diffusion.tone.load import load
from diffusion.tone.rule import sentences
from diffusion.tone.scores import evaluate

RULES = r"""
rules:
  - {id: t, kind: repeat, pattern: '\p{L}+', ignore_case: true, unless: [très], message: m}
  - {id: g, kind: agree, either: '\bclef', other: '\bclé', message: m}
  - {id: x, kind: explain, first: '\b[A-Z]{3,5}\b', second: '\(([A-Z]{3,5})\)', unless: [TGV], message: m}
  - {id: n, kind: explain, first: '\bgratuit', second: '\binscription', message: m}
  - {id: c, kind: case, case: sentence, scope: heading, message: m}
  - {id: s, kind: score, formula: words / sentences, condition: '> 5', message: 'found %s'}
  - {id: l, kind: limit, pattern: '€', minimum: 1, message: m}
"""


@pytest.mark.parametrize(
    ("rule", "text", "found"),
    [
        ("t", "La la piscine", ["La la"]),
        ("t", "C’est très très bien. Bien venu", []),
        ("t", "Il la la voit. Voit", ["la la"]),
        ("g", "La clé, les clés, la clef", ["clef"]),
        ("g", "La clé, les clés", []),
        ("x", "Le CIAS ouvre. Le CIAS ferme.", ["CIAS"]),
        ("x", "Le centre intercommunal (CIAS), le TGV, puis le CIAS", []),
        ("n", "C’est gratuit, sur inscription", []),
        ("n", "C’est gratuit", ["gratuit"]),
        ("c", "# Une Fête Pour Tous\n\nUn Texte Libre", ["Une Fête Pour Tous"]),
        ("c", "# Une fête pour tous\n\nUn Texte Libre", []),
        ("s", "Un deux trois. Un deux.", []),
        ("s", "Un deux trois quatre cinq six.", [""]),
        ("l", "Gratuit", [""]),
        ("l", "3 €", []),
    ],
)
def test_each_kind_finds_what_it_is_for(rule: str, text: str, found: list[str]) -> None:
    rules = {each.id: each for each in load(RULES, "kinds.yaml")}

    assert [f.found for f in check(text, (rules[rule],), "fr", markup="markdown")] == found


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("M. Dupont est là. Il parle.", ["M. Dupont est là.", "Il parle."]),
        ("Salles, etc. et parcs. Fin", ["Salles, etc. et parcs.", "Fin"]),
        ("See e.g. the map. Go!", ["See e.g. the map.", "Go!"]),
        ("« Oui\u202f! » Non", ["« Oui\u202f! »", "Non"]),
        ("Un titre\n\nUn texte\nqui suit", ["Un titre", "Un texte\nqui suit"]),
        ("À voir :\n- un\n- deux", ["À voir :", "- un", "- deux"]),
        ("3.5 et v2.0 ? Oui", ["3.5 et v2.0 ?", "Oui"]),
        ("", []),
    ],
)
def test_a_text_is_cut_where_sentences_end(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == parts


def test_paragraphs_end_at_an_empty_line() -> None:
    (rule,) = load("rules: [{id: a, kind: limit, pattern: x, maximum: 1, scope: paragraph, message: m}]", "p.yaml")

    assert [f.start for f in check("x\nx\n\nx\n \nxx", (rule,), "fr")] == [2, 10]


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os')",
        "words.real",
        "open('x')",
        "math.factorial(9)",
        "[1]",
        "words if 1 else 2",
        "words +",
    ],
)
def test_a_formula_is_arithmetic_and_nothing_else(formula: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its message is the parser's or Python's
        evaluate(formula, {"words": 1.0})


def test_a_formula_knows_square_roots_comparisons_and_division_by_nothing() -> None:
    assert evaluate("math.sqrt(words * 4) > 3 && words < 5", {"words": 4.0}) == 1.0
    assert evaluate("words > 3 && words > 5", {"words": 4.0}) == 0.0
    assert evaluate("words > 3 || words > 5", {"words": 4.0}) == 1.0
    assert evaluate("words / 0", {"words": 4.0}) == 0.0
