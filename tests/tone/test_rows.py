"""`tone apply` and `tone check`, row by row."""

from __future__ import annotations

import pytest

from diffusion.brand.charter import load
from diffusion.tone.rows import apply_row, check_row

CHARTER = load("name: X\nvocabulary:\n  - {say: avant, not: [préalablement à], apply: true}\n")


def test_apply_answers_in_the_shape_that_scripts_rely_on() -> None:
    row = apply_row({"id": 7, "lang": "fr", "text": "Bonjour !", "further": 1})

    assert row == {
        "id": 7,
        "text": "Bonjour\u202f!",
        "changes": [
            {"rule": "fr.narrow-before", "start": 7, "end": 8, "before": " ", "after": "\u202f", "applied": True}
        ],
    }


def test_check_answers_in_the_shape_that_scripts_rely_on() -> None:
    row = check_row({"id": "a", "lang": "en", "text": "Come!!"})

    assert row == {
        "id": "a",
        "findings": [
            {
                "rule": "en.exclamations",
                "level": "proposed",
                "start": 4,
                "end": 6,
                "text": "!!",
                "message": "One exclamation mark is enough.",
                "fixes": ["!"],
            }
        ],
    }


def test_without_a_charter_no_word_changes() -> None:
    text = "Préalablement à la coupure"

    assert apply_row({"id": 1, "lang": "fr", "text": text})["text"] == text
    assert apply_row({"id": 1, "lang": "fr", "text": text}, CHARTER)["text"] == "Avant la coupure"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"id": 1, "lang": "fr"}, "text"),
        ({"id": 1, "lang": "fr", "text": None}, "string"),
        ({"id": 1, "text": "a"}, "lang"),
        ({"id": 1, "lang": "de", "text": "a"}, "fr, en"),
        ({"id": 1, "lang": ["fr"], "text": "a"}, "lang"),
        ({"id": 1, "lang": "fr", "text": "a", "markup": "rtf"}, "markup"),
        ([], "object"),
    ],
)
def test_a_row_that_can_not_be_read_says_why(row: object, says: str) -> None:
    for command in (apply_row, check_row):
        with pytest.raises(ValueError, match=says):
            command(row)  # type: ignore[arg-type]
