"""Measuring: the arithmetic, what each task counts, and the sets that ship."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from diffusion.evaluation import TASKS, Rate
from diffusion.evaluation.rows import SETS, BadSet, measure, read, shipped
from diffusion.facts import KINDS

DAY = "2026-02-25"


def test_the_interval_is_wilsons() -> None:
    """Values of the textbook's formula for 95 %, to three places."""
    intervals = [Rate("x", good, of).interval for good, of in ((0, 10), (5, 10), (10, 10), (97, 100))]

    assert [tuple(round(end, 3) for end in pair or ()) for pair in intervals] == [
        (0.0, 0.278),
        (0.237, 0.763),
        (0.722, 1.0),
        (0.915, 0.990),
    ]
    assert Rate("x", 0, 0).interval is Rate("x", 0, 0).value is Rate("x", 0, 0, 0.9).is_met is None


def test_an_aim_may_be_a_floor_or_a_ceiling() -> None:
    assert Rate("kept", 97, 100, 0.97).is_met is True
    assert Rate("kept", 96, 100, 0.97).is_met is False
    assert Rate("alarms", 3, 100, 0.03, is_ceiling=True).is_met is True
    assert Rate("alarms", 4, 100, 0.03, is_ceiling=True).is_met is False


def rates(task: str, *rows: dict[str, Any]) -> dict[str, tuple[int, int]]:
    full = [{"id": n, "lang": "fr", "published": DAY, **row} for n, row in enumerate(rows)]
    found = measure(task, read(task, "\n".join(json.dumps(row) for row in full))).figures
    return {rate.name: (rate.good, rate.of) for rate in found.rates if rate.of}


def test_a_fact_counts_once_a_mention() -> None:
    found = rates(
        "facts",
        {"text": "À 9 h puis à 9 h, mardi 3 mars", "facts": [["time", "09:00"], ["date", "2026-03-03"]]},
        {"text": "Rien du tout", "facts": [["place", "nulle part"]]},
    )

    assert found["precision"] == (2, 3)
    assert found["recall"] == (2, 3)
    assert found["time precision"] == (1, 2)
    assert found["place recall"] == (0, 1)


def test_duplicates_are_counted_both_ways() -> None:
    same = {"a": "Coupure d'eau\nRue des Lilas, jeudi 5 mars.", "b": "Coupure d'eau\nRue des Lilas, jeudi 5 mars."}
    found = rates("duplicates", {**same, "same": True}, {**same, "same": False}, {"a": "x", "b": "y", "same": True})

    assert found == {"precision": (1, 2), "recall": (1, 2)}


def test_the_guard_is_counted_by_what_is_wrong_and_what_is_not() -> None:
    told = {"canonical": "Fermé le 3 mars."}
    found = rates(
        "guard",
        {**told, "rendition": "Fermé le 4 mars.", "expect": ["contradicted"]},
        {**told, "rendition": "Fermé le 3 mars.", "expect": ["added"]},
        {**told, "rendition": "Fermé mardi 3 mars.", "expect": []},
        {**told, "rendition": "Fermé le 5 mars.", "expect": []},
    )

    assert found == {"caught": (1, 2), "named rightly": (1, 2), "false alarms": (1, 2)}


def test_fit_is_counted_by_what_came_through() -> None:
    text = "Coupure d'eau mardi 3 mars de 9 h à 12 h. " + "Merci de votre compréhension à toutes et à tous. " * 4
    found = rates(
        "fit",
        {"text": text, "essential": [["date", "2026-03-03"]], "limit": 60},
        {"text": text, "essential": [["date", "2026-03-03"], ["time", "09:00/12:00"]], "limit": 5},
        {"text": text, "essential": [["date", "2026-03-03"]], "limit": 5, "possible": False},
    )

    assert found == {"essential facts kept": (1, 1), "refused though possible": (1, 2), "made wrong": (0, 1)}


def test_typography_is_counted_by_the_line() -> None:
    found = rates(
        "typography",
        {"text": "Attention !", "expect": "Attention⎵!"},
        {"text": "Attention !", "expect": "Attention !"},
        {"text": "Attention !", "expect": "Attention?"},
    )

    assert found == {"exactly right": (1, 3), "damaged": (1, 3)}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 1: no JSON"),
        ("[]", "a row is a JSON object"),
        ('{"lang": "fr", "published": "2026-02-25", "text": "x"}', "“facts” must be a list"),
        ('{"lang": "de", "published": "2026-02-25", "text": "x", "facts": []}', "“lang” must be"),
        ('{"lang": "fr", "published": "3 mars", "text": "x", "facts": []}', "“published” must be a day"),
        ('{"lang": "fr", "published": "2026-02-25", "text": "x", "facts": [["date"]]}', "lists of \\[kind, value\\]"),
    ],
)
def test_a_set_that_cannot_be_read_says_where(line: str, said: str) -> None:
    with pytest.raises(BadSet, match=said):
        read("facts", line)


@pytest.mark.parametrize(("task", "name"), [(task, name) for task in TASKS for name in SETS])
def test_the_shipped_sets_can_be_read_and_no_row_stands_in_both_halves(task: str, name: str) -> None:
    lines, others = shipped(task, name), shipped(task, SETS[name == SETS[0]])
    if lines is None:
        assert others is None, "a set ships with both halves"
        return

    rows = read(task, lines)

    assert len({str(row["id"]) for row in rows}) == len(rows)
    said = [tuple(row.get(field) for field in ("text", "canonical", "rendition", "a", "b")) for row in rows]
    assert len(set(said)) == len(said)
    assert not set(lines.splitlines()) & set((others or "").splitlines())


@pytest.mark.parametrize("name", SETS)
def test_the_labels_of_facts_are_kinds_and_canonical_values(name: str) -> None:
    for row in read("facts", shipped("facts", name) or ""):
        for kind, value in row["facts"]:
            assert kind in KINDS
            if kind == "date":
                for part in value.split("/"):
                    date.fromisoformat((part + "-01-01")[:10])


@pytest.mark.parametrize(("task", "least"), [("facts", 0.99), ("duplicates", 0.92)])
def test_the_working_sets_come_out_as_well_as_they_once_did(task: str, least: float) -> None:
    figures = measure(task, read(task, shipped(task, "working") or "")).figures

    assert [rate for rate in figures.rates[:2] if (rate.value or 0) < least] == [], figures.misses
