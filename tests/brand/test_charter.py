"""A charter file becomes rules, or every reason why not, with line and column."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diffusion.brand.charter
from diffusion.brand.charter import Charter, CharterError, LevelVoice, load, read
from diffusion.tone import apply, check
from diffusion.tone.reading import Problem

HERE = Path(diffusion.brand.charter.__file__).parent / "charters"
EAU = read((HERE / "eau.yaml").read_bytes(), file="eau.yaml")


def words(text: str, charter: Charter = EAU, lang: str = "fr") -> list[tuple[str, str, bool]]:
    changes = apply(text, charter.rules(lang), lang).changes
    return [(c.before, c.after, c.applied) for c in changes if not c.rule.startswith(("fr.", "en."))]


def problems(text: str) -> list[tuple[int, int, str]]:
    with pytest.raises(CharterError) as caught:
        load(textwrap.dedent(text), file="c.yaml")
    for problem in caught.value.problems:
        assert problem.file == "c.yaml"
        assert problem.message != problem.say("en")
        assert "{" not in problem.message + problem.say("en") + problem.expected
    return [(p.line, p.column, p.code) for p in caught.value.problems]


@pytest.mark.parametrize("name", ["eau", "agglo"])
def test_the_demonstrations_charters_load_and_leave_their_own_signatures_alone(name: str) -> None:
    charter = read((HERE / f"{name}.yaml").read_bytes(), file=name)

    assert set(charter.levels) == {"internal", "partners", "public"}
    assert len(charter.colours) == 2
    for voice in charter.levels.values():
        assert not words(voice.signature, charter)


def test_a_charter_states_who_speaks() -> None:
    assert EAU.name == "L’eau du Val-Clair"
    assert EAU.colours == ("#0b558c", "#2c7a45")
    assert EAU.levels["public"] == LevelVoice("", "L’eau du Val-Clair", ("#ValClair", "#EauDuValClair"))


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("Chers usagers", [("usagers", "habitantes et habitants", False)]),
        ("Usagers, attention", [("Usagers", "Habitantes et habitants", False)]),
        ("Les usagères", []),
        ("Habitantes et habitants", []),
        ("La Régie des eaux intervient", [("La Régie des eaux", "L’eau du Val-Clair", False)]),
        ("appelez la régie des eaux", [("la régie des eaux", "L’eau du Val-Clair", False)]),
        ("l'Eau du Val Clair", [("l'Eau du Val Clair", "L’eau du Val-Clair", False)]),
        ("L'eau du Val-Clair", []),
        ("Goûtez l’eau du Val-Clair", []),
        ("L’EAU DU VAL-CLAIR", []),
        ("Préalablement à la coupure", [("Préalablement à", "Avant", True)]),
        ("préalablement\u00a0à la coupure", [("préalablement\u00a0à", "avant", True)]),
        ("de l’EDCH", [("EDCH", "eau potable", True)]),
        ("deux interruptions de la distribution", [("interruptions de la distribution", "coupures d’eau", False)]),
        ("INTERRUPTION DE LA DISTRIBUTION", [("INTERRUPTION DE LA DISTRIBUTION", "COUPURE D’EAU", False)]),
        ("voir https://valclair.fr/usagers @usagers #usagers", []),
        ("the service users", []),
    ],
)
def test_words_are_replaced_whole_with_their_capital(text: str, change: list[tuple[str, str, bool]]) -> None:
    assert words(text) == change


def test_words_of_one_language_stay_out_of_the_other() -> None:
    assert words("Dear service users", EAU, "en") == [("service users", "residents", False)]
    assert words("usagers", EAU, "en") == []


def test_a_safe_word_that_would_break_an_elision_is_only_proposed() -> None:
    charter = load("name: X\nvocabulary:\n  - {say: client, not: [usager], apply: true}\n")

    assert words("un usager", charter) == [("usager", "client", True)]
    assert words("l'usager", charter) == [("usager", "client", False)]


def test_a_word_inside_its_own_replacement_is_said_already() -> None:
    charter = load("name: X\nvocabulary:\n  - {say: habitantes et habitants, not: [habitants], apply: true}\n")

    once = apply("Les habitants, chers habitantes et habitants", charter.rules("fr"), "fr").text

    assert once == "Les habitantes et habitants, chers habitantes et habitants"
    assert apply(once, charter.rules("fr"), "fr").text == once


def test_forbidden_words_are_found_with_their_message_and_weight() -> None:
    found = {f.found: f for f in check("Eau contaminée : retour sous peu", EAU.rules("fr"), "fr") if "forb" in f.rule}

    assert found["Eau contaminée"].level == "blocks"
    assert found["sous peu"].level == "proposed"
    assert "date" in found["sous peu"].message


def test_a_level_requires_its_mention() -> None:
    rules = EAU.rules("fr", "partners")

    missing = [f for f in check("L’eau revient.", rules, "fr") if f.rule == "mention.partners"]

    assert [f.fixes[0].after for f in missing] == ["\n\nMerci de relayer cette information"]
    assert not [f for f in check("Merci de relayer cette information.", rules, "fr") if f.rule.startswith("mention")]


def test_typography_comes_with_every_charter() -> None:
    assert apply("Bonjour !", EAU.rules("fr"), "fr").text == "Bonjour\u202f!"
    assert apply("Bonjour !", Charter(name="X").rules("fr"), "fr").text == "Bonjour\u202f!"


def test_straight_apostrophes_in_the_file_are_written_curly() -> None:
    charter = load('name: X\nnames: ["L\'eau"]\nvocabulary:\n  - {say: "coupure d\'eau", not: [arrêt]}\n')

    assert words("un arrêt", charter) == [("arrêt", "coupure d’eau", False)]


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ("", [(1, 1, "nothing")]),
        ("- a\n", [(1, 1, "type")]),
        ("colours: ['#000000', '#ffffff']\n", [(1, 1, "missing")]),
        ("name: X\ncolors: []\n", [(2, 1, "unknown")]),
        ("name: X\nname: Y\n", [(2, 1, "duplicate")]),
        ("name: [X]\n", [(1, 7, "type")]),
        ("name: yes\n", [(1, 7, "bool_as_text")]),
        ("name:\n", [(1, 6, "empty")]),
        ("name: X\n\tcolours: []\n", [(2, 1, "tab")]),
        ("name: 'X\n", [(2, 1, "syntax")]),
        ("name: X\x00\n", [(1, 8, "character")]),
        ("name: X\ncolours: ['#000']\n", [(2, 10, "length"), (2, 11, "colour")]),
        ("name: X\nlevels:\n  publics: {}\n", [(3, 3, "unknown")]),
        ("name: X\nlevels:\n  public: {hashtags: ['Eau de ville']}\n", [(3, 23, "hashtag")]),
        ("name: X\nvocabulary:\n  - {say: a}\n", [(3, 5, "missing")]),
        ("name: X\nvocabulary:\n  - {say: a, not: [b], apply: oui}\n", [(3, 31, "type")]),
        ("name: X\nvocabulary:\n  - {say: [a, b], not: [c, d, e]}\n", [(3, 5, "parallel")]),
        ("name: X\nvocabulary:\n  - {say: a, not: [b]}\n  - {say: c, not: [B]}\n", [(4, 20, "repeated")]),
        (
            "name: X\nvocabulary:\n  - {say: a, not: [b]}\n  - {say: b, not: [a]}\n",
            [(3, 20, "circular"), (4, 20, "circular")],
        ),
        ("name: X\nrules:\n  - {id: a, kind: avoid, message: m, pattern: '('}\n", [(3, 49, "pattern")]),
        ("name: X\nrules:\n  - {id: a, kind: avoid, message: m, pattern: '(a+)+$'}\n", [(3, 47, "runs_away")]),
        ("name: X\nrules:\n  - {id: a, kind: avod, message: m}\n", [(3, 19, "choice")]),
        ("name: X\nrules:\n  - {id: a, kind: avoid, message: m, pattern: b, wrong: [c]}\n", [(3, 5, "example")]),
        ("name: X\nlang: de\n", [(2, 7, "choice")]),
        ("name: X\nforbidden:\n  - {words: [a], message: m, level: fixed}\n", [(3, 37, "choice")]),
        ("name: a: b\n", [(1, 8, "syntax")]),
        ("name: X\n---\nname: Y\n", [(2, 1, "syntax")]),
        ("name: *nobody\n", [(1, 7, "syntax")]),
    ],
)
def test_what_will_not_load_is_placed(text: str, expect: list[tuple[int, int, str]]) -> None:
    assert problems(text) == expect


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = problems(
        """\
        name: X
        colors: ['#000000']
        vocabulary:
          - {say: a, note: b}
        levels:
          public: {signature: [b]}
        rules:
          - {id: A b, kind: limit, pattern: '(x*)*', maximum: -1}
        """
    )

    assert [code for _, _, code in found] == [
        *("unknown", "missing", "unknown", "type"),
        *("missing", "identifier", "runs_away", "type"),
    ]


def test_an_unknown_key_comes_with_a_suggestion_in_both_languages() -> None:
    with pytest.raises(CharterError) as caught:
        load("name: X\ncolors: []\n", file="eau.yaml")

    assert caught.value.say("fr").startswith(
        "eau.yaml:2:1: La clé « colors » est inconnue. Vouliez-vous dire « colours » ?"
    )
    assert "Did you mean “colours”?" in caught.value.say("en")
    assert "vocabulary" in caught.value.problems[0].expected


def test_a_file_in_another_encoding_is_told_apart() -> None:
    with pytest.raises(CharterError) as caught:
        read("name: X\n# été\n".encode("latin-1"), file="c.yaml")

    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.code) == (2, 3, "encoding")


def test_a_byte_order_mark_does_no_harm() -> None:
    assert read("\ufeffname: X\n".encode()).name == "X"


@pytest.mark.parametrize("text", ["[" * 50_000, "{a: " * 5_000, "name: &a [*a]", "&a " * 1000, "? " * 2000, "\ud800"])
def test_a_hostile_file_is_refused_and_nothing_breaks(text: str) -> None:
    with pytest.raises(CharterError):
        load(text)


def test_the_pure_half_of_the_room_loads_no_django() -> None:
    code = "import sys; import diffusion.brand.charter; sys.exit(any(m.split('.')[0] == 'django' for m in sys.modules))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


BITS = [
    "usagers",
    "USAGERS",
    "Usager",
    "l'usager",
    "la Régie des eaux",
    "EDCH",
    "l'eau du val clair",
    "préalablement à ",
    "uſagers",
]
BITS += [
    "afin de ",
    "en raison de ",
    "STEP",
    "effluents",
    "sous peu",
    " ",
    ". ",
    "!",
    "’",
    "\u00a0",
    "de ",
    "l'",
    "💧💧",
    "Avant ",
    "A ",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(BITS), max_size=15).map("".join))
def test_a_charter_applied_twice_is_applied_once(text: str) -> None:
    rules = EAU.rules("fr", "public")

    once = apply(text, rules, "fr")
    twice = apply(once.text, rules, "fr")

    assert twice.text == once.text
    assert not [c for c in twice.changes if c.applied]
    check(text, rules, "fr")


LINES = r"""
name: X
name:
lang: fr
lang: 3
colours: ['#000000', '#ffffff']
colours: red
names: [A, {write: B}]
names: {a: b}
vocabulary:
  - {say: a, not: [b]}
  - say: [a]
    not: b
  -
forbidden: [x]
  - {
levels: {public: {hashtags: '#a'}}
levels: [public]
rules: [{id: a}]
rules:
- &a [*a]
<<: {a: b}
}
? [a]
: b
!!python/object:os.system {}
%YAML 9.9
---
...
'
&x
*x
1: 2
é: ü
""".strip("\n").split("\n")


def loaded(text: str) -> Charter | list[Problem]:
    try:
        return load(text)
    except CharterError as error:
        return error.problems


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(LINES), max_size=7).map("\n".join)))
def test_any_file_is_a_charter_or_a_list_of_placed_problems(text: str) -> None:
    found = loaded(text)

    if isinstance(found, Charter):
        assert found.rules("fr")
    else:
        assert found
        assert all(p.line >= 1 and p.column >= 1 and p.message and p.say("en") for p in found)
