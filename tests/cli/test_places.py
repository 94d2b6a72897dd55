"""The authority's places, from the address base to the doubt that a misspelt street raises."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from diffusion.audit import Entry
from diffusion.directory.places import known_places
from diffusion.web.doubts import doubts_of
from tests.cli.terminal import said, say, told

pytestmark = pytest.mark.django_db

BASE = "id;numero;nom_voie;nom_commune\n1;2;Rue des Tilleuls;Montclair\n2;4;Rue des Tilleuls;Montclair\n"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    file = tmp_path / "base.csv"
    file.write_text(BASE, encoding="utf-8")
    return file


def test_places_are_imported_and_an_import_again_changes_nothing(base: Path) -> None:
    assert said("place", "import", str(base)) == "2 places added, 0 removed.\n"
    assert said("place", "import", str(base)) == "0 places added, 0 removed.\n"

    assert told("place", "list") == [{"name": "Montclair"}, {"name": "Rue des Tilleuls"}]
    assert Entry.objects.filter(verb="import_places").count() == 1


def test_what_a_newer_file_lacks_goes(base: Path) -> None:
    said("place", "import", str(base))
    base.write_text("name,kind\nCondorcet,salle\n", encoding="utf-8")

    said("place", "import", str(base))

    assert [row["name"] for row in told("place", "list")] == ["Condorcet", "salle Condorcet"]
    assert sorted(known_places().names.values()) == ["Condorcet", "salle Condorcet"]


def test_a_file_that_names_nothing_keeps_the_list(base: Path) -> None:
    said("place", "import", str(base))
    base.write_text("\n", encoding="utf-8")

    result = say("place", "import", str(base))

    assert result.exit_code == 1
    assert "No place stands in this file" in result.stderr
    assert len(told("place", "list")) == 2


def test_a_street_misspelt_is_a_doubt_once_the_places_are_known(base: Path) -> None:
    words = ["Coupure rue des Tileuls mardi 3 mars."]
    assert doubts_of(words, "fr", date(2026, 2, 25), known_places()) == []

    said("place", "import", str(base))

    assert "Rue des Tilleuls" in str(doubts_of(words, "fr", date(2026, 2, 25), known_places()))
