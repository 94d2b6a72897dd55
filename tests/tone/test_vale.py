"""Vale's rules, unchanged: the same findings as Vale 3.7.1 itself gave on these files, line, span and words.

`vale/Doc` has a rule for each documented turn of each extension point that both know; `vale/vendor` is a style as published.
Two rows that 3.7.1 gave are left out: later versions, as documented, let an exception of several words cover each of them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from diffusion.brand import foreign
from diffusion.brand.charter import CharterError, load
from diffusion.cli.charter import style_files
from diffusion.tone import Finding, Rule, check

HERE = Path(__file__).parent / "vale"
STYLES = {
    "documented.md": HERE / "Doc",
    "documented.txt": HERE / "Doc",
    "public.txt": HERE / "vendor" / "FinCompliance",
}
FOUND = [json.loads(line) for line in (HERE / "found.jsonl").read_text("utf-8").splitlines()]


def style(folder: Path) -> foreign.Taken:
    return foreign.style(folder.name, style_files(folder))


def placed(text: str, finding: Finding) -> tuple[int, int, int, str]:
    """Line, first and last column as Vale counts them, from 1; what has no width stands on one column."""
    line, first = text.count("\n", 0, finding.start) + 1, finding.start - text.rfind("\n", 0, finding.start)
    return line, first, max(first, first + finding.end - finding.start - 1), finding.rule


@pytest.mark.parametrize("name", STYLES)
def test_the_same_places_are_found_as_by_vale_itself(name: str) -> None:
    text, rules = (HERE / name).read_text("utf-8"), style(STYLES[name]).rules

    found = check(text, rules, "en", markup="markdown" if name.endswith(".md") else "plain")

    rows = {(row["line"], *row["span"], row["rule"]): row["message"] for row in FOUND if row["file"] == name}
    assert sorted(placed(text, f) for f in found) == sorted(rows)
    for f in found:
        assert rows[placed(text, f)] in ("", f.message)


@pytest.mark.parametrize("folder", set(STYLES.values()), ids=lambda each: each.name)
def test_a_style_becomes_a_charter_with_its_rules_word_for_word(folder: Path) -> None:
    taken = style(folder)

    charter = load(taken.charter, file="charter.yaml")

    assert not taken.left
    assert [rule.id for rule in charter.own] == [rule.id for rule in taken.rules]
    for path in folder.glob("*.yml"):
        first = next(line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#"))
        assert f"    {first}\n" in taken.charter


LEFT = [
    ("extends: sequence\nmessage: m\ntokens: []\n", 1, 1, "not_taken"),
    ("# a remark\nextends: script\nmessage: m\nscript: x\n", 2, 1, "not_taken"),
    ("extends: existance\nmessage: m\n", 1, 10, "choice"),
    ("extends: existence\nmessage: m\ntokens:\n  - '('\n", 4, 3, "pattern"),
    ("extends: existence\ntokens: [a]\n", 1, 1, "missing"),
    ("extends: existence\nmessage: m\nscope: table.cell\ntokens: [a]\n", 3, 8, "not_taken"),
    ("extends: existence\nmessage: m\nlevel: fatal\ntokens: [a]\n", 3, 8, "choice"),
    ("extends: metric\nmessage: m\nformula: words / open('x')\ncondition: '> 1'\n", 3, 10, "pattern"),
    ("extends: readability\nmessage: m\nmetrics: [Nonsense]\ngrade: 8\n", 3, 11, "choice"),
    ("extends: existence\n\tmessage: m\n", 2, 1, "tab"),
    ("extends: capitalization\nmessage: m\nmatch: $camel\n", 3, 8, "pattern"),
]


@pytest.mark.parametrize(("text", "line", "column", "code"), LEFT)
def test_what_is_not_taken_is_told_with_file_line_and_column(text: str, line: int, column: int, code: str) -> None:
    good = "extends: existence\nmessage: m\ntokens: [a]\n"

    taken = foreign.style("House", {"House/Bad.yml": text, "House/Good.yml": good})

    (problem,) = taken.left
    assert (problem.file, problem.line, problem.code) == ("House/Bad.yml", line, code)
    assert problem.column == column or code == "pattern"
    assert [rule.id for rule in taken.rules] == ["House.Good"]
    assert "House.Bad" not in taken.charter


def test_a_key_that_nobody_knows_is_told_and_the_rule_taken() -> None:
    taken = foreign.style("House", {"House/A.yml": "extends: existence\nmessage: m\ntokens: [a]\nnewkey: 1\n"})

    assert [(p.line, p.code) for p in taken.remarks] == [(4, "left_aside")]
    assert len(taken.rules) == len(load(taken.charter).own) == 1


@pytest.mark.parametrize(
    "text", ["", "[]", "a", "extends: [", "\x00", "extends: existence", "{extends: existence, message: m, tokens: [b]}"]
)
def test_any_file_is_a_rule_or_a_problem(text: str) -> None:
    taken = foreign.style("House", {"House/A.yml": text})

    assert bool(taken.rules) != bool(taken.left)
    load(taken.charter)


def test_an_error_of_vales_stops_a_version_and_its_warnings_propose() -> None:
    rules = {rule.id: rule for rule in style(HERE / "Doc").rules}

    assert (rules["Doc.Commas"].level, rules["Doc.Existence"].level) == ("blocks", "proposed")


@pytest.mark.parametrize(("level", "weight"), [("error", "blocks"), ("suggestion", "proposed")])
def test_a_pattern_that_runs_out_of_time_says_so_and_stops_what_it_was_to_stop(level: str, weight: str) -> None:
    text = f"extends: existence\nmessage: m\nlevel: {level}\nnonword: true\ntokens: ['(?:(?:a|a)+)+b']\n"
    rules: tuple[Rule, ...] = foreign.style("House", {"House/Slow.yml": text}).rules

    (finding,) = check("a" * 4000, rules, "en")

    assert (finding.rule, finding.level, finding.found) == ("House.Slow", weight, "")
    assert "too long" in finding.message


def test_a_charters_own_rule_of_vales_needs_a_name() -> None:
    with pytest.raises(CharterError) as caught:
        load("name: X\nrules:\n  - extends: existence\n    message: m\n    tokens: [a]\n", file="c.yaml")

    assert caught.value.problems[0].code == "missing"
