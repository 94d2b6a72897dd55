"""Sources from a terminal, pulled from a real server."""

from __future__ import annotations

import json

import pytest

from diffusion.intake.models import Source, Submission
from tests import valclair
from tests.cli.terminal import say, told
from tests.servers.pages import Pages

pytestmark = pytest.mark.django_db

FEED = (
    b"<?xml version='1.0'?><rss version='2.0'><channel><title>Eau</title><item><guid>1</guid><title>Coupure</title>"
    b"<description>Rue des Tilleuls.</description></item></channel></rss>"
)


ADD = ("source", "add", "Actualités de l’eau", "--directorate", "eau")


def test_a_source_is_looked_at_added_and_listed() -> None:
    valclair.water()

    with Pages() as server:
        url = server.put("/f", FEED, headers={"Content-Type": "application/rss+xml"})
        result = say(*ADD, url, "--every", "60")

    assert "“Eau”: 1 entries" in result.stderr
    slug = result.stdout

    (row,) = told("source", "list")
    assert (row["source"], row["directorate"], row["health"]) == (slug.strip(), "eau", None)
    assert Source.objects.get().every.total_seconds() == 3600


def test_an_address_that_is_none_is_told() -> None:
    valclair.water()

    for more in ((), ("--anyway",)):
        result = say(*ADD, "eau.example", *more)
        assert result.exit_code == 1
        assert "not a whole" in result.stderr


def test_an_address_without_a_feed_adds_nothing_and_says_why() -> None:
    valclair.water()

    with Pages() as server:
        absent = say(*ADD, server.url + "/no")
        down = say(*ADD, server.put("/down", status=503), lang="fr_FR.UTF-8")
        assert not Source.objects.exists()
        anyway = say(*ADD, server.url + "/down", "--anyway")

    assert (absent.exit_code, down.exit_code, anyway.exit_code) == (1, 1, 0)
    assert "There is nothing at this address (404)" in absent.stderr
    assert "--anyway" not in absent.stderr
    assert "en panne en ce moment : --anyway" in down.stderr
    assert Source.objects.get().url == server.url + "/down"


def test_a_pull_takes_what_is_new_and_says_so() -> None:
    with Pages() as server:
        url = server.put("/f", FEED, headers={"Content-Type": "application/rss+xml"})
        Source.objects.create(name="Eau", slug="eau", directorate=valclair.water(), url=url)
        result = say("source", "pull", "eau", "--json")

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)[0]["counts"]["taken"] == 1
    assert Submission.objects.get().title == "Coupure"


def test_a_source_that_fails_is_exit_status_1_with_the_reason() -> None:
    with Pages() as server:
        Source.objects.create(name="Eau", slug="eau", directorate=valclair.water(), url=server.url + "/gone-away")
        result = say("source", "pull", "--all")

    assert result.exit_code == 1
    assert "There is nothing at this address (404)" in result.stdout
    assert "(404)" in told("source", "list")[0]["message"]


def test_a_pull_wants_to_know_which() -> None:
    assert say("source", "pull").exit_code == 2
    assert say("source", "pull", "nowhere").exit_code == 1
