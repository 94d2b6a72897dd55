"""Patterns that could run for ever are refused; the ones that people write are not."""

from __future__ import annotations

import pytest

from diffusion.tone.danger import runs_away


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+$",
        r"(a*)*b",
        r"(a|a)+$",
        r"(a|ab|b)+c",
        r"(\w+\s?)+$",
        r"(.*)*x",
        r"(?:(?:x+)y?)+z",
        r"^(\d+)*$",
        r".*.*.*=",
        r"\s*\w*\s*$" r"\s*\s*x",
        r"(a{1,30}){1,30}b",
        r"(?:\p{L}+)+!",
        r"((a+)b?)+c",
        r"(a?){50}a{50}",
        r"(x|y*)+z",
    ],
)
def test_a_pattern_that_could_run_for_ever_is_seen(pattern: str) -> None:
    assert runs_away(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"\busagers?\b",
        r"(?:dans|sous) (?:les|un) (?:meilleurs )?délais?",
        r"\b\w+ement\b",
        r"(?:\w+, )+et",
        r"(?:#\w+\s)+",
        r"(?<!\d)\d{1,2}h\d{2}",
        r"\p{Lu}{3,}(?:[ -]\p{Lu}{2,})*",
        r"[A-Z]{2,}",
        r"(?:ha)+",
        r"[^.!?]*\bnéanmoins\b",
        r"(a+)\1",
        r"(?i)l['’]eau du val[- ]clair",
        r"https?://\S+",
        r"(?:\d{3} )*\d{3}",
        r"(?>a+)+b",
        r"(?:a++)+b",
        r"(\w|\d)+!",  # both engines make one class of it
    ],
)
def test_an_honest_pattern_passes(pattern: str) -> None:
    assert runs_away(pattern) == ""
