"""The ready lists and charters: each rule keeps its own examples, says why and from where, and can't search for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

import diffusion.brand.charter
from diffusion.brand.charter import READY, read, ready
from diffusion.tone import Rule
from diffusion.tone.danger import runs_away
from diffusion.tone.engine import unproved

ALL = [rule for name in READY for rule in ready(name)]
CHARTERS = sorted((Path(diffusion.brand.charter.__file__).parent / "charters").glob("*.yaml"))


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
