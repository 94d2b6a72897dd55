"""The default rule of what must reach every channel, and texts in unusual letters."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest

from diffusion.facts import compare, essential_facts, extract

PUBLISHED = date(2026, 2, 25)
CUT = "Eau coupée jeudi 5 mars de 9 h à 12 h 30, rue des Tilleuls. Coût : 1,2 M€. Infos : 01 69 00 12 34, urgence : appelez le 112."


def test_when_where_status_and_emergency_are_essential_budget_and_office_phone_are_not() -> None:
    essential = [(f.kind, f.value) for f in essential_facts(extract(CUT, "fr", PUBLISHED))]

    assert essential == [
        ("status", "interrupted"),
        ("date", "2026-03-05"),
        ("time", "09:00/12:30"),
        ("place", "rue des tilleuls"),
        ("phone", "112"),
    ]


@pytest.mark.parametrize(
    "written",
    [
        unicodedata.normalize("NFD", "Fermé à Noël : réunion mardi 3 février 2026 à 9 h, école Étienne-Dolet"),
        "Fermé à Noël : réunion 𝗺𝗮𝗿𝗱𝗶 𝟯 février 2026 à 9 h, école Étienne-Dolet",
        "FERMÉ À NOËL : RÉUNION MARDI 3 FÉVRIER 2026 À 9H, ÉCOLE ÉTIENNE-DOLET",
        "Fermé à Noël\u202f: réunion mar\u00addi 3\ufeff février 2026 à 9\u202fh, école Étienne-Dolet",
    ],
)
def test_letters_make_no_difference_and_offsets_are_those_of_the_text(written: str) -> None:
    facts = extract(written, "fr", PUBLISHED).facts

    assert [(f.kind, unicodedata.normalize("NFC", f.value)) for f in facts] == [
        ("status", "closed"),
        ("date", "2026-02-03"),
        ("time", "09:00"),
        ("place", "école étienne-dolet"),
    ]
    assert all(written[f.start : f.end] == f.text for f in facts)


LASTS = "La piscine ferme du 7 au 18 décembre 2026. Les abonnements sont prolongés de deux semaines."


@pytest.mark.parametrize(
    ("told", "contradicted", "missing"),
    [
        (LASTS, 0, 0),
        (LASTS.replace("18", "19"), 1, 0),
        ("La piscine ferme. Les abonnements sont prolongés de deux semaines.", 0, 1),
    ],
)
def test_a_length_says_no_days(told: str, contradicted: int, missing: int) -> None:
    essential = [("date", "2026-12-07/2026-12-18")]

    found = compare(LASTS, told, lang="fr", published=date(2026, 11, 24), essential=essential)

    assert (len(found.contradicted), len(found.missing)) == (contradicted, missing)
