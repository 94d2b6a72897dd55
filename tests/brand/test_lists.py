"""The ready lists and charters: each rule keeps its own examples, says why and from where, and can't search for ever."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diffusion.brand.charter
from diffusion.brand.charter import READY, read, ready
from diffusion.tone import Rule, apply, check
from diffusion.tone.danger import runs_away
from diffusion.tone.engine import unproved
from diffusion.tone.scopes import Markup, protected

ALL = [rule for name in READY for rule in ready(name)]
CHARTERS = sorted((Path(diffusion.brand.charter.__file__).parent / "charters").glob("*.yaml"))
LOADED = {path.stem: read(path.read_bytes(), file=path.name) for path in CHARTERS}


@pytest.mark.parametrize("rule", ALL, ids=[rule.id for rule in ALL])
def test_a_rule_keeps_its_own_examples(rule: Rule) -> None:
    assert unproved(rule) == []
    assert rule.wrong or rule.scope in ("heading", "list")
    assert rule.right
    assert rule.say("fr")
    assert rule.lang == rule.id[:2]


@pytest.mark.parametrize("rule", ALL, ids=[rule.id for rule in ALL])
def test_no_pattern_of_ours_can_search_for_ever(rule: Rule) -> None:
    for name in ("pattern", "first", "second"):
        if pattern := getattr(rule, name, None):
            assert runs_away(pattern.pattern) == ""


def test_rule_names_are_unique() -> None:
    assert len({rule.id for rule in ALL}) == len(ALL)


@pytest.mark.parametrize("path", CHARTERS, ids=[path.stem for path in CHARTERS])
def test_a_ready_charter_loads_and_all_its_rules_keep_their_examples(path: Path) -> None:
    charter = read(path.read_bytes(), file=path.name)

    for level in ("", "internal", "partners", "public"):
        for lang in ("fr", "en"):
            assert [found for rule in charter.rules(lang, level) for found in unproved(rule)] == []


BITS = [
    *(
        *" \n.,:!?'’\"«»()-/·#🎉A1é",
        "les habitants",
        "habitant·e·s ",
        "et les ",
        "habitantes ",
        "afin de ",
        "préalablement à ",
        "Tu ",
    ),
    *(
        "vous ",
        "n'",
        "est fait par ",
        "[ici](",
        "![](",
        "#motdièsetrèslong ",
        "bilan du mandat ",
        "CCAS ",
        "(CIAS) ",
        "de de ",
    ),
    *("utilise ", "click here ", "https://a.fr/x "),
]
TEXTS = st.lists(st.sampled_from(BITS), max_size=25).map("".join)


@settings(max_examples=150, deadline=None)
@given(
    TEXTS,
    st.sampled_from([path.stem for path in CHARTERS]),
    st.sampled_from(["fr", "en"]),
    st.sampled_from(list(Markup)),
)
def test_a_charter_applied_twice_is_applied_once_and_touches_nothing_protected(
    text: str, name: str, lang: str, markup: Markup
) -> None:
    rules = LOADED[name].rules(lang, "public", on=date(2026, 3, 1))
    kept = [span for span in protected(text, markup) if not span.soft]

    once = apply(text, rules, lang, markup=markup)
    twice = apply(once.text, rules, lang, markup=markup)

    assert twice.text == once.text
    for change in once.changes:
        assert not [s for s in kept if change.start < s.end and change.end > s.start]
    for finding in check(text, rules, lang, markup=markup):
        assert finding.found == text[finding.start : finding.end]


HOSTILE = [
    *(
        "les habitants et ",
        "a·e·s ",
        "(e)",
        "l'",
        "n' ",
        "et ",
        "/",
        "![](",
        "[ici](",
        "<img ",
        "ABC ",
        "tion ",
        "de de ",
        "#a",
        "é ",
        "1 ",
        "!",
    ),
    *("🎉", "\u202eمرحبا ", "\x00\x07", "A", "« ", "est fait par ", "\n", " "),
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_hundred_kilobytes_of_malice_take_no_longer_than_their_length(unit: str) -> None:
    text = (unit * 100_000)[:100_000]
    started = time.process_time()

    for name, lang in (("ville", "fr"), ("council", "en")):
        rules = LOADED[name].rules(lang, "public", on=date(2026, 4, 1))
        apply(text, rules, lang, markup="markdown")
        check(text, rules, lang, markup="markdown")

    assert time.process_time() - started < 20  # a quadratic search takes minutes; a slow machine a few seconds
