"""The tables `cases/*.jsonl`: messages as towns write them, and a row for each mistake once made."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from diffusion.facts import compare, extract, same_news
from diffusion.facts.lexicon import lexicon
from diffusion.facts.rows import compare_row, duplicates_row, extract_row

Row = dict[str, Any]


def rows(name: str) -> list[Any]:
    lines = (Path(__file__).parent / "cases" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [pytest.param(json.loads(line), id=json.loads(line)["id"]) for line in lines]


@pytest.mark.parametrize("row", rows("extract"))
def test_a_text_states_these_facts(row: Row) -> None:
    found = extract(row["text"], row["lang"], date.fromisoformat(row["published"]))

    assert [[f.kind, f.value] for f in found.facts] == row["facts"]
    assert [w.code for w in found.warnings] == row.get("warnings", [])


@pytest.mark.parametrize("row", rows("compare"))
def test_a_version_has_these_faults(row: Row) -> None:
    found = compare(
        row["canonical"],
        row["rendition"],
        lang=row["lang"],
        published=date.fromisoformat(row["published"]),
        lang_rendition=row.get("lang_rendition"),
        essential=[(kind, value) for kind, value in row.get("essential", [])],
    )

    assert [name for name in ("contradicted", "added", "missing") if getattr(found, name)] == row["expect"], found


@pytest.mark.parametrize("row", rows("duplicates"))
def test_two_submissions_are_one_news_or_not(row: Row) -> None:
    same, why = same_news(row["a"], row["b"], lang=row["lang"], published=date.fromisoformat(row["published"]))

    assert same is row["same"], why
    assert why
    assert same_news(row["b"], row["a"], lang=row["lang"], published=date.fromisoformat(row["published"]))[0] is same


def test_rows_have_the_shapes_of_the_commands() -> None:
    row = {"id": 7, "lang": "fr", "published": "2026-02-25", "text": "Fermé mardi 4 mars 2026", "more": 1}
    assert extract_row(row) == {
        "id": 7,
        "facts": [
            {"kind": "status", "value": "closed", "start": 0, "end": 5, "text": "Fermé"},
            {"kind": "date", "value": "2026-03-04", "start": 6, "end": 23, "text": "mardi 4 mars 2026"},
        ],
        "warnings": [{"code": "weekday-mismatch", "start": 6, "end": 23, "text": "mardi 4 mars 2026"}],
    }
    pair = {
        "id": "a",
        "lang": "fr",
        "published": "2026-02-25",
        "canonical": "Le 3 mars à 9 h",
        "rendition": "Le 4 mars",
    }
    assert compare_row({**pair, "essential": [["time", "09:00"]]}) == {
        "id": "a",
        "contradicted": [
            {
                "kind": "date",
                "value": "2026-03-04",
                "start": 3,
                "end": 9,
                "text": "4 mars",
                "canonical": {"value": "2026-03-03", "start": 3, "end": 9, "text": "3 mars"},
            }
        ],
        "added": [],
        "missing": [{"kind": "time", "value": "09:00", "canonical": {"start": 12, "end": 15, "text": "9 h"}}],
    }
    assert duplicates_row({"id": None, "a": "x", "b": "x"})["same"] is True


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"published": "2026-02-25", "text": "x"}, KeyError),
        ({"lang": "fr", "text": "x"}, KeyError),
        ({"lang": "de", "published": "2026-02-25", "text": "x"}, ValueError),
        ({"lang": "fr", "published": "25/02/2026", "text": "x"}, ValueError),
        ({"lang": "fr", "published": "2026-02-25", "text": 3}, ValueError),
        ({"lang": "fr", "published": "2026-02-25"}, KeyError),
    ],
)
def test_a_bad_row_says_what_is_wrong(row: Row, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"lang|published|text"):
        extract_row(row)


@pytest.mark.parametrize("essential", ["date", [["date"]], [[1, 2]], {"a": 1}])
def test_a_bad_list_of_essentials_is_refused(essential: object) -> None:
    row = {"lang": "fr", "published": "2026-02-25", "canonical": "x", "rendition": "y", "essential": essential}
    with pytest.raises(ValueError, match="essential"):
        compare_row(row)


def plain_forms() -> list[tuple[str, str, str]]:
    """Language, status and each of its forms that is plain words: no alternative, no gap."""
    found = []
    for lang in ("fr", "en"):
        for name, table in lexicon(lang)["statuses"].items():
            forms = [re.sub(r"\([^)]*\)|\*", "", form) for form in table["forms"] if not re.search(r"[|\\~]", form)]
            found += [(lang, name, form) for form in forms]
    return found


@pytest.mark.parametrize("loud", [False, True])
def test_every_plain_form_of_a_status_is_read(loud: bool) -> None:
    """One status's "no such thing" must not hide another's form: « non potable » was hidden so."""
    lost = []
    for lang, name, form in plain_forms():
        text = (
            f"La piscine : {form.upper() if loud else form}."
            if lang == "fr"
            else f"Pool: {form.upper() if loud else form}."
        )
        read = [fact.value for fact in extract(text, lang, date(2026, 3, 18)).facts if fact.kind == "status"]
        if name not in read and form != "drop in":  # a walk-in's "drop in", unless what drops is said
            lost.append((name, form))

    assert not lost
