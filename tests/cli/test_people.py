"""Directorates, people, their roles, their ways in, their machines' tokens."""

from __future__ import annotations

import pytest
from django.test import Client

from diffusion.directory import people
from diffusion.directory.models import Directorate, Person, Token
from tests import valclair
from tests.cli.terminal import said, say, told

pytestmark = pytest.mark.django_db


def test_a_directorate_is_added_with_its_brand() -> None:
    valclair.brand()

    slug = said("directorate", "add", "Voirie et mobilités", "--brand", "eau", "--slug", "voirie", "--internal").strip()

    unit = Directorate.objects.get(slug=slug)
    assert (unit.name, unit.brand, unit.is_internal_only) == ("Voirie et mobilités", valclair.brand(), True)
    assert told("directorate", "list")[0]["brand"] == "eau"


def test_a_brand_that_does_not_exist_is_told_with_those_that_do() -> None:
    valclair.brand()

    result = say("directorate", "add", "Voirie", "--brand", "ville")

    assert result.exit_code == 1
    assert "There is no “ville”. There are: eau." in result.stderr


def test_a_person_is_added_with_roles_and_comes_in_by_a_link() -> None:
    valclair.water()

    said(
        "person", "add", "Inès Garnier", "ines@valclair.example", "--role", "communicator", "--role", "contributor@eau"
    )
    link = said("person", "link", "INES@valclair.example").strip()

    assert told("person", "list")[0]["roles"] == ["communicator", "contributor@eau"]
    found = people.open_link(link.rstrip("/").rpartition("/")[2])
    assert found is not None
    assert found.person == Person.objects.get()
    assert Client().get(link.removeprefix("http://127.0.0.1:8000")).status_code == 200


@pytest.mark.parametrize("role", ["king", "king@eau", "approver@nowhere", ""])
def test_a_wrong_role_adds_nobody(role: str) -> None:
    valclair.water()

    result = say("person", "add", "Inès", "ines@valclair.example", "--role", role)

    assert result.exit_code in (1, 2)
    assert not Person.objects.exists()


def test_a_role_is_given_later() -> None:
    valclair.person("Sophie Arnaud")
    valclair.water()

    said("person", "role", "sophie@valclair.example", "approver@eau")

    assert Person.objects.get().has_role("approver", directorate=valclair.water())


def test_nobody_known_by_an_address_is_told_in_french() -> None:
    result = say("person", "link", "x@valclair.example", lang="fr_FR.UTF-8")

    assert result.exit_code == 1
    assert "Personne n’a l’adresse « x@valclair.example »" in result.stderr


def test_a_token_is_shown_once_and_ends_when_revoked() -> None:
    valclair.marc()

    key = said("person", "token", "add", "marc@valclair.example", "Site de l’eau", "--scope", "submit").strip()

    found = Token.find(key)
    assert found is not None
    assert found.scopes == ["submit"]
    assert key not in said("person", "token", "list", "marc@valclair.example")
    assert say("person", "token", "add", "marc@valclair.example", "Site de l’eau").exit_code == 1

    said("person", "token", "revoke", "marc@valclair.example", "Site de l’eau")
    assert Token.find(key) is None
    assert say("person", "token", "revoke", "marc@valclair.example", "Site de l’eau").exit_code == 1


def test_bytes_that_are_no_utf8_are_told() -> None:
    result = say("person", "add", "In\udcffs", "ines@valclair.example")

    assert result.exit_code == 1
    assert "not UTF-8" in result.stderr
