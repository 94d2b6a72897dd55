"""A charter from a terminal: checked without a database, put in force only if it loads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from diffusion.brand import adopt
from diffusion.brand.charter import CharterError
from diffusion.brand.models import Brand, Charter
from tests import valclair
from tests.cli.terminal import said, say

GOOD = "name: L’eau du Val-Clair\nlang: fr\n"
WRONG = "name: Eau\nlang: fr\nnamse:\n  - write: Val-Clair\n"


def file(folder: Path, text: str | bytes) -> str:
    path = folder / "charter.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_a_good_charter_is_said_to_be(tmp_path: Path) -> None:
    assert "all is well (L’eau du Val-Clair)" in said("charter", "check", file(tmp_path, GOOD))


def test_problems_are_told_with_line_and_column(tmp_path: Path) -> None:
    path = file(tmp_path, WRONG)

    result, rows = say("charter", "check", path), say("charter", "check", path, "--json")

    assert result.exit_code == rows.exit_code == 1
    assert f"{path}:3:1: " in result.stdout
    assert [(row["line"], row["column"]) for row in json.loads(rows.stdout)["problems"]] == [(3, 1)]


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"- a", b"name: [", b"\x00"])
def test_what_is_no_charter_is_told_without_a_traceback(tmp_path: Path, text: bytes) -> None:
    assert say("charter", "check", file(tmp_path, text)).exit_code == 1


@pytest.mark.django_db
def test_a_charter_is_put_in_force_and_makes_its_brand(tmp_path: Path) -> None:
    said("charter", "put", "eau", file(tmp_path, GOOD), "--new")

    assert Brand.objects.get(slug="eau").charter.name == "L’eau du Val-Clair"


@pytest.mark.django_db
def test_one_that_will_not_load_leaves_the_old_one_in_force(tmp_path: Path) -> None:
    brand = valclair.brand()
    adopt.adopt(brand, GOOD, by=None)

    result = say("charter", "put", "eau", file(tmp_path, WRONG))

    assert result.exit_code == 1
    assert "1 problem(s): the charter in force stays." in result.stderr
    assert brand.charter.name == "L’eau du Val-Clair"
    assert Charter.objects.count() == 1


@pytest.mark.django_db
def test_the_verb_itself_refuses_what_will_not_load() -> None:
    with pytest.raises(CharterError):
        adopt.adopt(valclair.brand(), WRONG, by=None)

    assert not Charter.objects.exists()


@pytest.mark.django_db
def test_the_same_charter_twice_is_kept_once() -> None:
    brand = valclair.brand()

    assert adopt.adopt(brand, GOOD, by=None) == adopt.adopt(brand, GOOD, by=valclair.ines())


def test_a_charters_own_examples_are_played_and_texts_counted(tmp_path: Path) -> None:
    text = GOOD + "take: [fr.plain]\nforbidden:\n  - {words: [bientôt], message: Une date., level: proposed}\n"
    news = tmp_path / "news.md"
    news.write_text("Retour bientôt, afin de boire.", "utf-8")

    done = say("charter", "test", file(tmp_path, text), str(news), "--show")
    row = json.loads(said("charter", "test", file(tmp_path, text), str(news), "--json"))

    assert done.exit_code == 0
    assert f"{news}:1:8: forbidden.1: bientôt" in done.output
    assert (row["failed"], row["words"]) == ([], 5)
    assert {each["rule"]: each["count"] for each in row["found"]}["fr.plain.afin-de"] == 1


def test_an_example_that_fails_is_told(tmp_path: Path) -> None:
    rule = "rules:\n  - {id: a, kind: avoid, words: [b], message: m, wrong: [c]}\n"

    done = say("charter", "test", file(tmp_path, GOOD + rule))

    assert done.exit_code == 1
    assert "charter.yaml:4:5: " in done.output


def test_a_vale_style_is_imported_checked_and_used(tmp_path: Path) -> None:
    style, made = Path("tests/tone/vale/Doc"), tmp_path / "doc.yaml"
    row = json.dumps({"id": 1, "lang": "en", "text": "It appears to be late."})

    done = say("charter", "import", str(style), "--to", str(made))
    found = [
        json.loads(said("tone", "check", "--jsonl", "--charter", str(charter), given=row)) for charter in (made, style)
    ]

    assert done.exit_code == 0
    assert say("charter", "check", str(made)).exit_code == say("charter", "check", str(style)).exit_code == 0
    assert [[f["rule"] for f in each["findings"]] for each in found] == [["Doc.Existence"]] * 2
    assert found[0] == found[1]


def test_what_a_style_has_that_is_not_taken_is_told_with_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "House"
    folder.mkdir()
    (folder / "Script.yml").write_text("extends: script\nmessage: m\nscript: x\n")

    done = say("charter", "import", str(folder))

    assert done.exit_code == 1
    assert f"{folder}/Script.yml:1:1: " in done.output


def test_a_table_of_words_is_imported(tmp_path: Path) -> None:
    table, made = tmp_path / "mots.csv", tmp_path / "mots.yaml"
    table.write_bytes("dire;ne pas dire\nhabitants;administrés\n".encode("cp1252"))

    assert say("charter", "import", str(table), "--to", str(made)).exit_code == 0
    assert "say: habitants" in made.read_text("utf-8")
    assert say("charter", "check", str(made)).exit_code == 0
