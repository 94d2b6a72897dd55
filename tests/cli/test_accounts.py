"""Accounts from a terminal: connected, tried against a real server, paused; secrets go in and never come out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from diffusion import vault
from diffusion.accounts.models import Account
from tests import valclair
from tests.cli.terminal import said, say, told
from tests.servers.databases import free_port

pytestmark = pytest.mark.django_db

ADD = ("account", "add", "Mastodon de l’Agglo", "--channel", "mastodon", "--level", "public", "--brand", "eau")
SECRET = "s3cret-of-the-town"


def test_credentials_come_from_options_and_from_standard_input() -> None:
    valclair.brand()

    slug = said(
        *ADD, "--set", "server=https://m.example", "--paused", "--from", "-", given=f"access_token: {SECRET}"
    ).strip()

    account = Account.objects.get(slug=slug)
    assert vault.unseal(account.sealed)["access_token"] == SECRET
    assert SECRET not in said("account", "list") + json.dumps(told("account", "list"))


def test_credentials_come_from_a_json_file(tmp_path: Path) -> None:
    valclair.brand()
    file = tmp_path / "token.json"
    file.write_text(json.dumps({"server": "https://m.example", "access_token": SECRET}))

    slug = said(*ADD, "--from", str(file), "--slug", "mastodon", "--shared", "--paused").strip()

    assert slug == "mastodon"
    assert Account.objects.get().is_shared


def test_an_account_is_tried_before_it_is_kept(rehearsal: Any) -> None:
    valclair.brand()

    slug = said(*ADD, "--set", f"server={rehearsal.url}", "--set", f"access_token={rehearsal.token}").strip()

    account = Account.objects.get(slug=slug)
    assert account.health["name"]
    assert account.paused_at is None


def test_nothing_is_kept_of_an_account_that_is_not_let_in(rehearsal: Any) -> None:
    valclair.brand()
    away = f"server=http://127.0.0.1:{free_port()}"

    refused = say(*ADD, "--set", f"server={rehearsal.url}", "--set", f"access_token={SECRET}")
    absent = say(*ADD, "--set", away, "--set", f"access_token={SECRET}", lang="fr_FR.UTF-8")

    assert (refused.exit_code, absent.exit_code) == (1, 1)
    assert "refuses the credentials" in refused.stderr
    assert "Aucun serveur ne répond à cette adresse" in absent.stderr
    assert SECRET not in refused.output + absent.output
    assert not Account.objects.exists()


def test_an_account_is_kept_unasked_only_when_told_so_and_paused() -> None:
    valclair.brand()

    said(*ADD, "--set", f"server=http://127.0.0.1:{free_port()}", "--set", f"access_token={SECRET}", "--paused")

    assert Account.objects.get().pause_code == "person"


@pytest.mark.parametrize(
    ("more", "code", "told_so"),
    [
        (("--set", "server=https://m.example"), 1, "Missing: access_token."),
        (("--set", f"token={SECRET}"), 2, "no “token”"),
        (("--set", SECRET), 2, "write name=value"),
        (("--set", "server=https://m.example", "--set", f"access_token={SECRET}", "--set", "visibility=loud"), 1, "visibility"),
        (("--from", "-"), 2, "must hold a table"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_credentials_is_told_without_them(more: tuple[str, ...], code: int, told_so: str) -> None:
    valclair.brand()

    result = say(*ADD, *more, given=f"[{SECRET}")

    assert result.exit_code == code
    assert told_so in result.stderr
    assert "access_token=" not in result.output
    if told_so != "write name=value":
        assert SECRET not in result.output
    assert not Account.objects.exists()


def test_a_probe_says_who_we_are_there(rehearsal: Any) -> None:
    account = valclair.mastodon(rehearsal)

    answer = told("account", "probe", account.slug)

    assert answer["ok"]
    assert answer["name"]


def test_a_channel_that_does_not_let_us_in_is_exit_status_1(rehearsal: Any) -> None:
    account = valclair.account("mastodon", server=rehearsal.url, access_token="revoked")

    result = say("account", "probe", account.slug, "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["code"] == "credentials"
    assert say("account", "probe", account.slug).stderr.startswith("Error: The channel answers, but refuses")


def test_an_account_is_paused_resumed_and_reconnected_once_the_channel_knows_us(rehearsal: Any) -> None:
    account = valclair.account("mastodon", server="https://m.example", access_token="old")

    said("account", "pause", account.slug)
    assert told("account", "list")[0]["pause_code"] == "person"

    said("account", "resume", account.slug)
    assert told("account", "list")[0]["paused_at"] is None

    server = ("--set", f"server={rehearsal.url}", "--set")
    wrong = say("account", "reconnect", account.slug, *server, "access_token=wrong")
    account.refresh_from_db()
    assert wrong.exit_code == 1
    assert vault.unseal(account.sealed)["access_token"] == "old"

    said("account", "reconnect", account.slug, *server, f"access_token={rehearsal.token}")
    account.refresh_from_db()
    assert vault.unseal(account.sealed)["access_token"] == rehearsal.token
