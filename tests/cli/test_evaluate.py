"""`diffusion evaluate`, as a person and as a script call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from diffusion.cli.evaluate import evaluate

ROWS = [
    {"id": "a", "lang": "fr", "published": "2026-02-25", "text": "Fermé mardi 3 mars", "facts": [["status", "closed"]]},
    {
        "id": "b",
        "lang": "en",
        "published": "2026-02-25",
        "text": "Open at 9am",
        "facts": [["time", "09:00"], ["status", "open"]],
    },
]


@pytest.fixture
def ours(tmp_path: Path) -> str:
    file = tmp_path / "ours.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return str(file)


def test_a_person_reads_shares_intervals_and_what_was_missed(ours: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")

    done = CliRunner().invoke(evaluate, ["facts", "--file", ours, "--misses"])

    assert done.exit_code == 0, done.output
    assert "facts · ours.jsonl · 2 rows" in done.output
    assert "75.0%  [30.1% – 95.4%]  3/4" in done.output
    assert "wrong: date 2026-03-03" in done.output
    assert "messages of 2 KB a second" in done.output


def test_a_script_reads_one_object(ours: str) -> None:
    done = CliRunner().invoke(evaluate, ["facts", "--file", ours, "--json"])

    (one,) = json.loads(done.output)["evaluations"]
    assert (one["task"], one["set"], one["rows"], one["missed"]) == ("facts", "ours.jsonl", 2, ["a"])
    assert {rate["name"]: rate["good"] for rate in one["rates"]}["recall"] == 3
    assert [speed["name"] for speed in one["speeds"]] == ["rows", "2 KB"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--file"], "--file needs a TASK"),
        (["facts", "--set", "working", "--file"], "no --set"),
        (["guard", "--file"], "canonical"),
    ],
)
def test_wrong_use_says_what_is_wanted(arguments: list[str], said: str, ours: str) -> None:
    done = CliRunner().invoke(evaluate, [*arguments, ours])

    assert done.exit_code in {1, 2}
    assert said in done.output


def test_held_out_rows_are_never_shown() -> None:
    done = CliRunner().invoke(evaluate, ["duplicates", "--set", "heldout", "--misses"])

    assert done.exit_code == 0, done.output
    assert "≟" not in done.output
