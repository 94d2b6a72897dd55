"""A table of words becomes a charter; what is wrong with it is placed. Vale's styles: tests/tone/test_vale.py."""

from __future__ import annotations

import pytest

from diffusion.brand.charter import load
from diffusion.brand.foreign import vocabulary
from diffusion.brand.trial import trial
from diffusion.tone import apply


@pytest.mark.parametrize(
    "text",
    [
        "dire;ne pas dire;pourquoi\nhabitants;administrés;Des gens\n",
        "\ufeffSay,Don't say,Why\nhabitants,administrés,Des gens\n",
        "Au lieu de\tÉcrire\nadministrés\thabitants\n",
        'Say,Don’t say\n"habitants","administrés"\n\n',
    ],
)
def test_a_table_becomes_a_charter_that_loads(text: str) -> None:
    taken = vocabulary("Ma ville", text)
    charter = load(taken.charter)

    changes = apply("Chers administrés", charter.rules("fr"), "fr").changes

    assert taken.left == ()
    assert [(c.before, c.after) for c in changes] == [("administrés", "habitants")]


def test_several_lines_and_several_words_for_one() -> None:
    taken = vocabulary("X", "say,not\npour,afin de\npour,en vue de | aux fins de\n")

    assert load(taken.charter).vocabulary[0].instead_of == ("afin de", "en vue de", "aux fins de")


def test_a_table_without_the_right_headings_is_refused_with_its_place() -> None:
    (problem,) = vocabulary("X", "a,b\nc,d\n", file="w.csv").left

    assert problem.line_in("en").startswith("w.csv:1:1: A column is missing")


def test_an_empty_cell_is_told_with_its_line_and_the_rest_is_taken() -> None:
    taken = vocabulary("X", 'say,not\n"a\nb",c\n,d\ng,\ne,f\n', file="w.csv")

    assert [(p.line, p.code) for p in taken.left] == [(4, "empty"), (5, "empty")]
    assert len(load(taken.charter).vocabulary) == 2


def test_a_trial_plays_the_examples_and_counts_what_is_found_in_texts() -> None:
    charter = load(
        "name: X\nvocabulary:\n  - {say: avant, not: [préalablement à]}\nforbidden:\n  - {words: [bientôt], message: m}\n"
    )

    done = trial(charter, [("a.md", "Un deux\nbientôt quatre")])

    assert (done.failed, done.words) == ((), 4)
    assert done.by_rule() == [("forbidden.1", 1, 250.0)]
    assert "a.md:2:1: forbidden.1: bientôt: m" in list(done.lines("en", show=True))
