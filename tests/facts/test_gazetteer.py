"""An authority's own places: found however spelt, a slip in one seen, and nothing made a slip that is another name."""

from __future__ import annotations

from datetime import date

import pytest

from diffusion.facts import Gazetteer, compare, extract
from diffusion.facts.gazetteer import is_slip, names_in

ON = date(2026, 3, 18)
NAMES = [
    "Rue des Tilleuls", "Avenue de la République", "Rue Saint-Aubin", "Boulevard Gambetta", "Rue du 8 Mai 1945",
    "Salle Condorcet", "Les Quatre Vents", "Massy", "Rue Fauré", "Rue des Lilas", "Rue des Lices", "Impasse du Port",
]  # fmt: skip
TOWN = Gazetteer(NAMES)


def found(text: str, lang: str = "fr") -> list[str]:
    return [f.value for f in extract(text, lang, ON, gazetteer=TOWN).facts if f.kind == "place"]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Travaux rue des tilleuls", ["rue des tilleuls"]),
        ("TRAVAUX RUE DES TILLEULS LUNDI", ["rue des tilleuls"]),
        (
            "Travaux av. de la République, bd Gambetta et rue St-Aubin",
            ["av. de la république", "bd gambetta", "rue st-aubin"],
        ),
        ("Réunion à Massy, aux Quatre-Vents", ["massy", "quatre-vents"]),
        ("Un massy en minuscules n'est pas une ville", []),
        ("Rendez-vous 12 rue des Tilleuls à Massy", ["rue des tilleuls", "massy"]),
        ("Rue des. Tilleuls en fleur #Massy", []),
    ],
)
def test_known_places_are_found_as_they_are_written(text: str, places: list[str]) -> None:
    assert found(text) == places


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Travaux rue des Tileuls", "Rue des Tilleuls"),
        ("Travaux rue des Tilluels", "Rue des Tilleuls"),
        ("Travaux avenue de la Républque", "Avenue de la République"),
        ("Travaux boulevard Gambeta", "Boulevard Gambetta"),
        ("Travaux avenue des Tilleuls", ""),  # another kind: another street
        ("Travaux rue du 6 mai 1945", ""),  # figures are no slip
        ("Travaux rue des Lias", ""),  # too short, and near to two
        ("Travaux rue des Peupliers", ""),
        ("Travaux rue des Tilleuls", ""),
    ],
)
def test_a_slip_in_a_name_is_a_doubt_and_the_right_name_is_told(text: str, name: str) -> None:
    doubts = [(w.code, w.against) for w in extract(text, "fr", ON, gazetteer=TOWN).warnings]

    assert doubts == ([("place-misspelt", name)] if name else [])


def test_without_a_gazetteer_nothing_is_a_slip() -> None:
    assert extract("Travaux rue des Tileuls", "fr", ON).warnings == ()


def test_a_slip_is_the_same_place_as_its_right_name() -> None:
    told = {"lang": "fr", "published": ON}

    assert compare("Coupure rue des Tilleuls", "Coupure rue des Tileuls", **told).contradicted
    assert compare("Coupure rue des Tilleuls", "Coupure rue des Tileuls", **told, gazetteer=TOWN).is_faithful


@pytest.mark.parametrize(
    ("one", "other"), [("tilleuls", "tileuls"), ("tilleuls", "tilluels"), ("gambetta", "gambette")]
)
def test_one_letter_is_a_slip_both_ways(one: str, other: str) -> None:
    assert is_slip(one, other)
    assert is_slip(other, one)
    assert not is_slip(one, one)
    assert not is_slip(one, other[::-1])


def test_the_address_base_and_a_plain_list_are_read() -> None:
    base = (
        "\ufeffid;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;x;y\n"
        "91377_1;;1;;Rue des Tilleuls;91300;91377;Massy;1;2\n"
        "91377_2;;3;bis;Rue des Tilleuls;91300;91377;Massy;1;2\n"
        "91377_3;;5;;Avenue Carnot;91300;91377;Massy;1;2\n"
    )

    assert names_in(base) == ["Avenue Carnot", "Massy", "Rue des Tilleuls"]
    assert names_in("name,kind\nCondorcet,salle\nHall A,hall\n") == ["Condorcet", "Hall A", "salle Condorcet"]
    assert names_in("Rue A\nRue B\n") == ["Rue A", "Rue B"]
    assert names_in("") == []


def test_a_large_gazetteer_stays_quick() -> None:
    """Ten thousand streets: what is looked at is what the text names."""
    large = Gazetteer(
        f"Rue du Général {a}{b}{c}on" for a in "BCDFGLMNPR" for b in "aeiouyz" for c in "bcdfglmnprstv" * 11
    )
    text = "Travaux rue du Général Babon et rue du Général Bubbon. " * 40

    assert len(large.names) == 910
    assert len(extract(text, "fr", ON, gazetteer=large).facts) == 80
