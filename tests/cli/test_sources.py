"""Sources from a terminal, pulled from a real server."""

from __future__ import annotations

import json

import pytest

from diffusion.intake.models import Source, Submission
from tests import valclair
from tests.cli.terminal import said, say, told
from tests.servers.pages import Pages

pytestmark = pytest.mark.django_db

FEED = (
    b"<?xml version='1.0'?><rss version='2.0'><channel><title>Eau</title><item><guid>1</guid><title>Coupure</title>"
    b"<description>Rue des Tilleuls.</description></item></channel></rss>"
)


def test_a_source_is_added_and_listed() -> None:
    valclair.water()

    slug = said(
        "source", "add", "Actualités de l’eau", "https://eau.example/f.xml", "--directorate", "eau", "--every", "60"
    )

    (row,) = told("source", "list")
    assert (row["source"], row["directorate"], row["health"]) == (slug.strip(), "eau", None)
    assert Source.objects.get().every.total_seconds() == 3600


def test_an_address_that_is_none_is_told() -> None:
    valclair.water()

    result = say("source", "add", "Eau", "eau.example", "--directorate", "eau")

    assert result.exit_code == 1
    assert "not a whole address" in result.stderr


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
