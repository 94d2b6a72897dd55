"""Every way of naming women and men, read and turned into the one that the charter chose."""

from __future__ import annotations

import pytest

from diffusion.brand.charter import load
from diffusion.tone import check
from diffusion.tone.inclusive import FORMS

CHARTERS = {form: load(f"name: X\ninclusive: {form}\n") for form in FORMS}


def found(text: str, form: str) -> list[tuple[str, list[str]]]:
    rules = [rule for rule in CHARTERS[form].rules("fr") if rule.id == "inclusive"]
    return [(f.found, [fix.after for fix in f.fixes]) for f in check(text, rules, "fr")]


WAYS = [
    ("Les habitant·e·s", "Les habitants", "Les habitantes et les habitants", None, "La population"),
    ("les habitant.e.s", "les habitants", "les habitantes et les habitants", None, "la population"),
    ("aux habitant(e)s", "aux habitants", "aux habitantes et aux habitants", None, "à la population"),
    ("les habitantes et les habitants", "les habitants", None, "les habitant·e·s", "la population"),
    ("les électeurs et électrices", "les électeurs", None, "les électeur·rice·s", "le corps électoral"),
    ("aux usagers", None, "aux usagères et aux usagers", "aux usager·ère·s", "au public"),
    ("les élus", None, "les élues et les élus", "les élu·e·s", "l’équipe municipale"),
    ("des abonné·es", "des abonnés", "des abonnées et des abonnés", None, "des personnes abonnées"),
    ("les acteur·ices", "les acteurs", "les actrices et les acteurs", None, ""),
    ("tou·te·s", "tous", "toutes et tous", None, ""),
    ("Cher·e·s", "Chers", "Chères et chers", None, ""),
    ("technicien·ne", "technicien", "technicienne ou technicien", None, ""),
    ("travailleur·euse·s", "travailleurs", "travailleuses et travailleurs", None, ""),
]


@pytest.mark.parametrize(("text", "none", "pairs", "dots", "epicene"), WAYS, ids=[way[0] for way in WAYS])
def test_each_way_is_turned_into_the_chosen_one(
    text: str, none: str | None, pairs: str | None, dots: str | None, epicene: str | None
) -> None:
    for form, after in zip(FORMS, (none, pairs, dots, epicene), strict=True):
        got = found(text, form)
        if after is None:  # it is as the charter has it
            assert got == [], form
        else:
            assert [fixes for _, fixes in got] == [[after] if after else []], form


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "text",
    [
        "fermée.e",
        "le bois.es",
        "Une fin.Le début",
        "les élus·",
        "des habitantes",
        "un agent",
        "valclair.fr/habitants",
        "#Habitant·e·s",
        "3·4",
    ],
)
def test_what_names_nobody_twice_stays(text: str, form: str) -> None:
    assert found(text, form) == []


def test_what_is_chosen_stays_as_it_is() -> None:
    assert found("Les habitantes et les habitants, les élues et les élus", "pairs") == []
    assert found("Les habitant·e·s et les élu·e·s", "mid-dot") == []
    assert found("La population et les agents", "epicene") == []
