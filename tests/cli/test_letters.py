"""Newsletters from a terminal: figures without names, readers taken in line by line."""

from __future__ import annotations

import pytest

from diffusion.newsletter import lists, subscribe
from diffusion.newsletter.models import Consent, List
from tests import valclair
from tests.cli.terminal import said, say, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter() -> List:
    account = valclair.account("smtp", host="127.0.0.1", sender="lettre@valclair.example", security="none")
    return lists.open_list(account, by=None)


def test_newsletters_are_listed_with_their_readers_number(letter: List) -> None:
    said("letter", "add-reader", letter.account.slug, "amina@lecteurs.example", "--origin", "town_hall")

    assert [(row["id"], row["readers"], row["is_open"]) for row in told("letter", "list")] == [
        (letter.public_id, 1, True)
    ]
    assert "amina" not in said("letter", "list")
    assert Consent.objects.get().origin == "town_hall"


def test_no_newsletter_is_said_with_what_opens_one() -> None:
    assert "account add" in say("letter", "list").stderr


def test_lines_that_are_no_address_are_told_and_the_others_taken(letter: List) -> None:
    result = say("letter", "add-reader", letter.public_id, given="amina@lecteurs.example\nnobody\n")

    assert result.exit_code == 1
    assert "line 2: “nobody”" in result.stderr
    assert subscribe.readers(letter).count() == 1


def test_who_left_comes_back_only_with_again(letter: List) -> None:
    said("letter", "add-reader", letter.account.slug, "amina@lecteurs.example")
    subscribe.leave(letter, subscribe.readers(letter).get())

    assert say("letter", "add-reader", letter.account.slug, "amina@lecteurs.example").exit_code == 1
    assert not subscribe.readers(letter).exists()

    said("letter", "add-reader", letter.account.slug, "amina@lecteurs.example", "--again")
    assert subscribe.readers(letter).exists()


def test_a_letter_that_is_none_is_said_with_those_there_are(letter: List) -> None:
    result = say("letter", "add-reader", "nulle", "amina@lecteurs.example")

    assert result.exit_code == 1
    assert letter.account.slug in result.stderr
