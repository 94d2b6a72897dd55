"""Every rule carries its own proof, and a rule that will not load says where and why."""

from __future__ import annotations

import pytest

from diffusion.tone import Rule, check, typography
from diffusion.tone.engine import unproved
from diffusion.tone.load import RuleError, load

RULES = [(lang, rule) for lang in ("fr", "en") for rule in typography(lang)]


@pytest.mark.parametrize(("lang", "rule"), RULES, ids=[rule.id for _, rule in RULES])
def test_a_rule_keeps_its_own_examples(lang: str, rule: Rule) -> None:
    assert unproved(rule) == []


@pytest.mark.parametrize(("lang", "rule"), RULES, ids=[rule.id for _, rule in RULES])
def test_a_rule_says_why_in_both_languages_and_shows_a_fault(lang: str, rule: Rule) -> None:
    assert rule.message["fr"]
    assert rule.message["en"]
    assert rule.source
    assert rule.wrong


@pytest.mark.parametrize(("lang", "rule"), RULES, ids=[rule.id for _, rule in RULES])
def test_what_a_rule_needs_is_in_each_of_its_faults(lang: str, rule: Rule) -> None:
    for example in rule.wrong:
        assert check(example.text, (rule,), lang), example.text


def test_rule_ids_are_unique() -> None:
    ids = [rule.id for _, rule in RULES]

    assert len(ids) == len(set(ids))


def test_an_unknown_language_has_no_rules() -> None:
    assert typography("de") == ()


KINDS = """
rules:
  - {id: a, kind: avoid, words: [usager, usagers], message: m}
  - {id: r, kind: replace, words: [STEP], to: station, message: m}
  - {id: s, kind: space, after: 'a', before: 'b', put: '-', message: m}
  - {id: q, kind: require, pattern: 'mairie', when: 'fermée', add: La mairie, message: m}
  - {id: l, kind: limit, pattern: '!', maximum: 1, scope: sentence, message: m}
  - {id: m, kind: measure, measure: words, maximum: 3, scope: sentence, message: m}
"""


@pytest.mark.parametrize(
    ("text", "rule", "found"),
    [
        ("Chers usagers, bonjour", "a", ["usagers"]),
        ("Les usageres", "a", []),
        ("La STEP est neuve", "r", ["STEP"]),
        ("ab a b", "s", ["", " "]),
        ("La piscine est fermée", "q", [""]),
        ("La piscine de la mairie est fermée", "q", []),
        ("La piscine", "q", []),
        ("Venez ! Venez ! Ici", "l", []),
        ("Venez !!", "l", ["!"]),
        ("Un deux trois. Un deux trois quatre.", "m", ["Un deux trois quatre."]),
    ],
)
def test_each_kind_finds_what_it_is_for(text: str, rule: str, found: list[str]) -> None:
    rules = {r.id: r for r in load(KINDS, "kinds.yaml")}

    assert [f.found for f in check(text, (rules[rule],), "fr")] == found


@pytest.mark.parametrize(
    ("text", "line", "column", "code"),
    [
        ("rules:\n  - {id: a, kind: avoid, words: [b]}\n", 2, 5, "missing"),
        ("rules:\n  - {id: a, kind: avod, message: m}\n", 2, 19, "choice"),
        ("rules:\n  - {id: a, message: m}\n", 2, 5, "missing"),
        ("rules:\n  - {id: a, kind: avoid, pattern: '(', message: m}\n", 2, 37, "pattern"),
        ("rules:\n  - {id: a, kind: replace, pattern: 'b', to: '\\2', message: m}\n", 2, 5, "group"),
        ("rules:\n  - {id: a, kind: limit, pattern: 'b', maximum: two, message: m}\n", 2, 49, "type"),
        ("rules:\n\t- x", 2, 1, "tab"),
        ("rules: {", 2, 1, "syntax"),
    ],
)
def test_a_rule_that_will_not_load_says_where(text: str, line: int, column: int, code: str) -> None:
    with pytest.raises(RuleError) as caught:
        load(text, "own.yaml")

    first = caught.value.problems[0]
    assert (first.line, first.column, first.code) == (line, column, code)
    assert "own.yaml" in str(caught.value)
    assert first.say("fr") != first.say("en")
