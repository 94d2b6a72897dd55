"""What a charter chooses: lists, address by level, an election's reserve, words that it knows."""

from __future__ import annotations

from datetime import date

import pytest

from diffusion.brand.charter import CharterError, load
from diffusion.brand.reserve import Election
from diffusion.tone import check, typography

TOWN = load(
    """
name: Saint-Aubin
lang: fr
take: [fr.plain, fr.public]
without: [fr.plain.afin-de]
severity: {fr.plain.passive: blocks}
address: vous
levels:
  internal: {address: tu}
elections:
  - {name: Municipales, day: 2026-03-15, until: 2026-03-22}
elected: [Jeanne Martin, Ali Ben Salem]
"""
)


def found(text: str, *, level: str = "", on: date | None = None) -> list[tuple[str, str, str]]:
    rules = TOWN.rules("fr", level, on=on)
    ours = {rule.id for rule in typography("fr")}
    return [(f.rule, f.level, f.found) for f in check(text, rules, "fr") if f.rule not in ours]


def test_a_list_is_taken_but_for_what_the_charter_does_without() -> None:
    assert found("Préalablement à la fête, afin de rire") == [
        ("fr.plain.prealablement-a", "proposed", "Préalablement à")
    ]


def test_the_charter_weighs_a_rule_of_a_list_anew() -> None:
    assert found("La rue sera fermée par la police.") == [("fr.plain.passive", "blocks", "sera fermée par ")]


def test_a_level_has_its_own_address() -> None:
    assert found("Tu viens avec ton vélo") == [("fr.vous", "proposed", "Tu"), ("fr.vous", "proposed", "ton")]
    assert found("Tu viens avec ton vélo", level="internal") == []
    assert found("Venez avec votre vélo", level="internal") == [
        ("fr.tu", "proposed", "Venez"),
        ("fr.tu", "proposed", "votre"),
    ]


@pytest.mark.parametrize(
    ("day", "holds"),
    [("2025-08-31", False), ("2025-09-01", True), ("2026-03-15", True), ("2026-03-22", True), ("2026-03-23", False)],
)
def test_the_reserve_begins_six_months_before_the_elections_month(day: str, holds: bool) -> None:
    on = date.fromisoformat(day)

    assert Election("Municipales", date(2026, 3, 15), date(2026, 3, 22)).holds(on) is holds
    assert bool(found("Mme Martin inaugure. Promesse tenue.", on=on)) is holds


def test_an_election_in_spring_begins_the_year_before_and_a_british_one_when_it_says() -> None:
    assert Election("x", date(2028, 6, 11)).begins == date(2027, 12, 1)
    assert Election("x", date(2026, 5, 7), since=date(2026, 3, 30)).begins == date(2026, 3, 30)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Jeanne Martin inaugure", ["Jeanne Martin"]),
        ("Mme Martin et M. Salem", ["Mme Martin", "M. Salem"]),
        ("La rue Martin, à Salem", []),
        ("le maire Salem", ["maire Salem"]),
    ],
)
def test_elected_members_are_not_named_in_the_reserve(text: str, names: list[str]) -> None:
    rows = [f for f in found(text, on=date(2026, 1, 10)) if f[0] == "reserve.elected"]

    assert rows == [("reserve.elected", "blocks", name) for name in names]


def test_service_news_goes_on_in_the_reserve() -> None:
    text = "Coupure d’eau mardi 3 mars, de 8 h à 12 h, rue des Tilleuls. L’eau reste potable. Renseignements : 3939."

    assert found(text, on=date(2026, 3, 1)) == []


@pytest.mark.parametrize(
    ("text", "line", "column", "code"),
    [
        ("name: X\ntake: [fr.plan]\n", 2, 8, "choice"),
        ("name: X\ntake: [fr.vous]\n", 2, 8, "choice"),
        ("name: X\naddress: thou\n", 2, 10, "choice"),
        ("name: X\ninclusive: some\n", 2, 12, "choice"),
        ("name: X\nelections: [{name: E, day: 2026-13-01}]\n", 2, 28, "day"),
        ("name: X\nelections: [{name: E}]\n", 2, 13, "missing"),
        ("name: X\nseverity: {fr.dash: fatal}\n", 2, 21, "choice"),
        ("name: X\nlevels: {public: {address: thou}}\n", 2, 28, "choice"),
        ("name: X\nrules: [{id: a, kind: score, formula: 'x', condition: '> 1', message: m}]\n", 2, 9, "formula"),
        ("name: X\nrules: [{id: a, kind: limit, pattern: x, message: m}]\n", 2, 9, "missing"),
    ],
)
def test_a_wrong_choice_is_placed(text: str, line: int, column: int, code: str) -> None:
    with pytest.raises(CharterError) as caught:
        load(text, file="c.yaml")

    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.code) == (line, column, code)
    assert problem.say("fr") != problem.say("en")


def test_a_charter_knows_its_own_words() -> None:
    charter = load(
        "name: Agglo du Val-Clair\nnames: [L'eau du Val-Clair]\nvocabulary: [{say: bibliobus, not: [biblio]}]\nwords: [zumba]\n"
    )

    assert {"agglo", "val-clair", "clair", "bibliobus", "zumba"} <= charter.known


def test_what_stops_a_version_is_told_in_both_languages_and_a_search_without_end_stops_too() -> None:
    slow = r"{id: s, extends: existence, level: error, nonword: true, tokens: ['(?:(?:a|a)+)+b'], message: m}"
    words = "{words: [eau contaminée], message: {fr: Non., en: No.}, level: blocks}"
    charter = load(
        f"name: X\nforbidden: [{words}, {{words: [bientôt], message: m, level: proposed}}]\nrules: [{slow}]\n"
    )

    stops = charter.stops("Eau contaminée, bientôt " + "a" * 5000, "fr", "public")

    assert [(s["rule"], s["text"]) for s in stops] == [("s", ""), ("forbidden.1", "Eau contaminée")]
    assert stops[1]["why"] == {"fr": "Non.", "en": "No."}
    assert "temps" in stops[0]["why"]["fr"]
