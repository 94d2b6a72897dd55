"""The tables: one row for each mistake once made. ⍽ is U+00A0, ⎵ is U+202F."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from diffusion.facts import extract
from diffusion.tone import apply, typography

VISIBLE = str.maketrans({"⍽": "\u00a0", "⎵": "\u202f"})
PUBLISHED = date(2026, 2, 25)


def rows(name: str) -> list[tuple[str, str, str]]:
    lines = (Path(__file__).parent / "cases" / f"{name}.jsonl").read_text("utf-8").split("\n")
    found = [json.loads(line) for line in lines if line.strip()]
    return [(r.get("markup", "plain"), r["text"].translate(VISIBLE), r["expect"].translate(VISIBLE)) for r in found]


FRENCH, ENGLISH, MARKUP = rows("fr"), rows("en"), rows("markup")
ALL = [("fr", *row) for row in FRENCH + MARKUP] + [("en", *row) for row in ENGLISH]


@pytest.mark.parametrize(("lang", "markup", "text", "expect"), ALL)
def test_a_line_comes_out_as_the_table_says(lang: str, markup: str, text: str, expect: str) -> None:
    applied = apply(text, typography(lang), lang, markup=markup)

    assert applied.text == expect
    rebuilt, at = "", 0
    for change in (c for c in applied.changes if c.applied):
        assert at <= change.start <= change.end
        assert text[change.start : change.end] == change.before != change.after
        rebuilt += text[at : change.start] + change.after
        at = change.end
    assert rebuilt + text[at:] == expect


@pytest.mark.parametrize(("lang", "markup", "text", "expect"), ALL)
def test_what_is_right_stays(lang: str, markup: str, text: str, expect: str) -> None:
    again = apply(expect, typography(lang), lang, markup=markup)

    assert again.text == expect
    assert not [change for change in again.changes if change.applied]


EXTRACTOR_MISREADS = {"La 1ère édition, les 2èmes rencontres"}
"""The facts room reads « les 2èmes » as a number, « les 2es » rightly as none."""


@pytest.mark.parametrize(("lang", "markup", "text", "expect"), [r for r in ALL if r[1] == "plain"])
def test_typography_changes_no_fact(lang: str, markup: str, text: str, expect: str) -> None:
    if text in EXTRACTOR_MISREADS:
        pytest.skip("an ordinal that the extractor counts")

    before = [(f.kind, f.value) for f in extract(text, lang, PUBLISHED).facts]
    after = [(f.kind, f.value) for f in extract(expect, lang, PUBLISHED).facts]

    assert sorted(before) == sorted(after)


def test_the_tables_are_long_enough_to_mean_something() -> None:
    assert len(ALL) >= 220
