"""Looking only where a pattern can begin finds what looking everywhere finds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.facts import contacts, extract
from diffusion.facts.reading import Reading, read
from diffusion.facts.scan import Scanner, heads
from tests.facts.test_properties import LANGUAGES, TEXTS, quick

ON = date(2026, 3, 18)
WHOLE = Scanner.over


def compared(self: Scanner, reading: Reading, text: str | None = None) -> Iterator[re.Match[str]]:
    """`over`, held to `finditer`."""
    found = list(WHOLE(self, reading, text))
    everywhere = list(self.pattern.finditer(reading.plain if text is None else text))
    assert [m.span() for m in found] == [m.span() for m in everywhere], self.pattern.pattern
    return iter(found)


def read_closely(text: str, lang: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Scanner, "over", compared)
        extract(text, lang, ON)


@quick
@given(TEXTS, LANGUAGES)
def test_every_pattern_finds_what_looking_everywhere_finds(text: str, lang: str) -> None:
    read_closely(text, lang)


def test_so_it_is_in_what_towns_write() -> None:
    lines = (Path(__file__).parent / "cases" / "extract.jsonl").read_text(encoding="utf-8").splitlines()
    for row in map(json.loads, lines):
        for lang in ("fr", "en"):
            read_closely(row["text"], lang)
            read_closely(row["text"].upper().replace(" ", "\u00a0"), lang)
            read_closely(row["text"].replace(" ", ""), lang)


@pytest.mark.parametrize(
    ("pattern", "begins"),
    [
        (r"(?<!x)(?:lundi|mardi)", {"lun", "mar"}),
        (r"(?:du )?\d{1,2}h", {"du ", *"0123456789"}),
        (r"av(?![a-z])", {"av"}),
        (r"[€£] ?\d", {"€", "£"}),
        (r"(?:tous |toutes )les", {"tou"}),
    ],
)
def test_a_pattern_tells_how_its_matches_begin(pattern: str, begins: set[str]) -> None:
    scanner = Scanner(pattern)

    assert scanner.heads | set(scanner.short) == begins
    assert {head[0] for head in heads(pattern)} == {begin[0] for begin in begins}


@pytest.mark.parametrize("pattern", [r"[^a]b", r".*", r"\w+ rue", r"(?:le )?", r", puis", "\x03?"])
def test_a_pattern_that_may_begin_with_anything_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="begin"):
        Scanner(pattern)


WEB = st.lists(st.sampled_from(["www.", "a", ".", "-", "fr", ".fr", "/x", "http://", "://", "@", " ", "é", "A.B", "?"]))


@quick
@given(st.one_of(TEXTS, WEB.map("".join)))
def test_web_addresses_are_found_round_their_dots(text: str) -> None:
    cased = read(text).cased

    assert [m.span() for m in contacts._web(cased)] == [m.span() for m in contacts._URL.finditer(cased)]
