"""Accounts and sources: forms made from what is declared, secrets that are never shown again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from channels import registry
from channels.contract import Code
from diffusion import vault
from diffusion.accounts import trouble
from diffusion.accounts.models import Account
from diffusion.audit import Entry
from diffusion.intake.models import Source
from diffusion.web.accounts import CREDENTIAL, credential_fields
from tests import valclair
from tests.servers.databases import free_port
from tests.servers.pages import Pages
from tests.web.town import Town

SignIn = Callable[[str], Client]
NOT_PROBED = {code for code in Code if code.startswith(("media", "text", "title"))}
"""About a version: a probe sends none."""
PUBLISHING = [channel for channel in registry.all_channels() if channel.publishes]


def _given(server: Any, token: str) -> dict[str, str]:
    return {
        "name": "Mastodon de l'Agglo", "level": "public", "brand": valclair.brand().public_id,
        CREDENTIAL + "server": server.url, CREDENTIAL + "access_token": token, CREDENTIAL + "visibility": "public",
    }  # fmt: skip


@pytest.mark.parametrize("channel", PUBLISHING, ids=lambda channel: channel.name)
def test_the_form_has_a_field_for_each_declared_credential(town: Town, sign_in: SignIn, channel: Any) -> None:
    page = sign_in("ops").get(reverse("account_connect", args=[channel.name])).content.decode()

    for name, row in channel.Credentials.model_fields.items():
        assert f'name="{CREDENTIAL}{name}"' in page
        assert credential_fields(channel)[CREDENTIAL + name].label
        assert row.title


def test_an_account_is_connected_and_tried_at_a_real_server(town: Town, sign_in: SignIn, rehearsal: Any) -> None:
    client = sign_in("ops")

    answer = client.post(reverse("account_connect", args=["mastodon"]), _given(rehearsal, rehearsal.token), follow=True)

    made = Account.objects.get(channel="mastodon")
    assert made.health["name"]
    assert made.owner == town.people["ops"]
    assert "Le canal nous reconnaît" in answer.content.decode()


def _page_after(client: Client, channel: str, given: dict[str, str], **headers: str) -> str:
    answer = client.post(reverse("account_connect", args=[channel]), given, **headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_wrong_token_connects_nothing_and_says_how_to_put_it_right(
    town: Town, sign_in: SignIn, rehearsal: Any
) -> None:
    page = _page_after(sign_in("ops"), "mastodon", _given(rehearsal, "wrong-token"))

    assert "refuse ces identifiants" in page
    assert rehearsal.url in page  # what was typed stays
    assert "wrong-token" not in page  # but for secrets
    assert 'name="anyway"' not in page  # time alone puts nothing right here
    assert not Account.objects.filter(channel="mastodon").exists()


def test_a_server_that_is_away_is_said_and_connects_paused_when_one_insists(
    town: Town, sign_in: SignIn, rehearsal: Any
) -> None:
    client = sign_in("ops")
    given = {**_given(rehearsal, "later"), CREDENTIAL + "server": f"http://127.0.0.1:{free_port()}"}

    page = _page_after(client, "mastodon", given)
    assert "Aucun serveur ne répond à cette adresse" in page
    assert given[CREDENTIAL + "server"] in page
    assert not Account.objects.filter(channel="mastodon").exists()
    answer = client.post(reverse("account_connect", args=["mastodon"]), {**given, "anyway": ""}, follow=True)

    assert "en pause" in answer.content.decode()
    assert Account.objects.get(channel="mastodon").pause_code == "person"


def test_what_a_probe_hears_is_said_in_the_readers_language(town: Town, sign_in: SignIn, rehearsal: Any) -> None:
    person = town.people["ops"]
    person.language = "en"
    person.save()

    page = _page_after(sign_in("ops"), "mastodon", _given(rehearsal, "wrong-token"))

    assert "The channel answers, but refuses the credentials" in page
    assert "The account is not connected." in page


@pytest.mark.parametrize("fault", [code for code in Code if code not in NOT_PROBED])
def test_every_fault_of_a_probe_has_words_without_a_gap(fault: Code) -> None:
    for language in ("fr", "en"):
        words = trouble.said(fault, language)
        assert words != fault
        assert "…" not in words


@pytest.mark.parametrize(("channel", "field"), [("mastodon", "server"), ("wordpress", "site"), ("smtp", "sender")])
def test_what_no_server_needs_to_be_asked_about_is_said_at_its_field(
    town: Town, sign_in: SignIn, channel: str, field: str
) -> None:
    kind = registry.get(channel)
    given = {CREDENTIAL + name: "ftp://no where" for name in kind.Credentials.model_fields} | {
        "name": "Compte", "level": "public", "brand": valclair.brand().public_id, CREDENTIAL + "visibility": "public",
        CREDENTIAL + "port": "587", CREDENTIAL + "security": "starttls",
    }  # fmt: skip

    page = _page_after(sign_in("ops"), channel, given)

    assert f'id="id_{CREDENTIAL}{field}_error"' in page
    assert "credentials" not in trouble.said("credentials_wrong", "fr")


def test_a_token_that_no_header_can_carry_is_refused_too(town: Town, sign_in: SignIn, rehearsal: Any) -> None:
    page = _page_after(sign_in("ops"), "mastodon", _given(rehearsal, "jeton’€"))

    assert not Account.objects.filter(channel="mastodon").exists()
    assert f'id="id_{CREDENTIAL}access_token_error"' in page


def test_reconnecting_with_wrong_credentials_leaves_the_old_ones(town: Town, sign_in: SignIn, rehearsal: Any) -> None:
    account = valclair.mastodon(rehearsal)
    given = {key: value for key, value in _given(rehearsal, "wrong").items() if key.startswith(CREDENTIAL)}

    page = sign_in("ops").post(reverse("account_reconnect", args=[account.public_id]), given).content.decode()

    account.refresh_from_db()
    assert vault.unseal(account.sealed)["access_token"] == rehearsal.token
    assert "Les anciens identifiants restent." in page


def test_a_secret_is_never_shown_again(town: Town, sign_in: SignIn, rehearsal: Any) -> None:
    account = valclair.mastodon(rehearsal)
    client = sign_in("ops")

    for name in ("account", "account_reconnect"):
        page = client.get(reverse(name, args=[account.public_id])).content.decode()
        assert rehearsal.token not in page
    assert rehearsal.url in page


def test_reconnecting_lets_the_account_in_again(town: Town, sign_in: SignIn, rehearsal: Any) -> None:
    account = valclair.account("mastodon", server=rehearsal.url, access_token="old")
    Account.objects.filter(pk=account.pk).update(paused_at=account.made_at, pause_code="credentials")
    given = {key: value for key, value in _given(rehearsal, rehearsal.token).items() if key.startswith(CREDENTIAL)}

    sign_in("ops").post(reverse("account_reconnect", args=[account.public_id]), given)

    account.refresh_from_db()
    assert account.paused_at is None
    assert vault.unseal(account.sealed)["access_token"] == rehearsal.token


def test_what_is_missing_is_said_at_its_field(town: Town, sign_in: SignIn) -> None:
    page = sign_in("ops").post(reverse("account_connect", args=["mastodon"]), {}).content.decode()

    assert f'id="id_{CREDENTIAL}server_error"' in page
    assert not Account.objects.filter(channel="mastodon").exists()


def test_what_the_board_lets_try_or_resume_comes_back_to_the_board(town: Town, sign_in: SignIn, rehearsal: Any) -> None:
    row, client = valclair.mastodon(rehearsal), sign_in("ops")

    for act in ("account_probe", "account_resume"):
        board = f"http://testserver{reverse('deliveries')}"
        answer = client.post(reverse(act, args=[row.public_id]), headers={"Referer": board})
        assert answer.headers["Location"] == board


def test_pause_and_resume_are_journalled(town: Town, sign_in: SignIn) -> None:
    client, public_id = sign_in("administrator"), town.account.public_id

    client.post(reverse("account_pause", args=[public_id]))
    assert Account.objects.get(pk=town.account.pk).paused_at
    client.post(reverse("account_resume", args=[public_id]))

    assert Account.objects.get(pk=town.account.pk).paused_at is None
    assert list(Entry.objects.order_by("pk").values_list("verb", flat=True)) == ["pause", "resume"]


def test_channels_that_do_not_publish_yet_are_not_offered(town: Town, sign_in: SignIn) -> None:
    client = sign_in("ops")

    assert reverse("account_connect", args=["sms"]) not in client.get(reverse("account_choose")).content.decode()
    assert client.get(reverse("account_connect", args=["sms"])).status_code == 404


RSS = (
    "<?xml version='1.0'?><rss version='2.0'><channel><title>Eau du Val-Clair</title>{}</channel></rss>".format(
        "".join(f"<item><guid>{n}</guid><title>Nouvelle {n}</title></item>" for n in range(7))
    )
).encode()


def _source(url: str, **more: str) -> dict[str, str]:
    return {
        "name": "RH", "url": url, "level": "internal", "every": "15", "first_pull": "last", "first_count": "5",
        "directorate": valclair.human_resources().public_id, **more,
    }  # fmt: skip


def test_a_source_is_added_for_ones_own_directorates_only(town: Town) -> None:
    rose = valclair.person("Rose Petit", "communicator", directorate=valclair.human_resources())
    client = Client()
    client.force_login(rose)
    given = _source("https://rh.valclair.example/feed.xml", sure="https://rh.valclair.example/feed.xml")

    foreign = client.post(reverse("source_add"), {**given, "directorate": valclair.water().public_id})
    own = client.post(reverse("source_add"), given)

    assert foreign.status_code == 200
    assert own.status_code == 302
    assert Source.objects.get(name="RH").directorate == valclair.human_resources()


def test_an_address_is_looked_at_before_it_becomes_a_source(town: Town, sign_in: SignIn) -> None:
    client = sign_in("ops")
    with Pages() as server:
        url = server.put("/f", RSS, headers={"Content-Type": "application/rss+xml"})
        looked = client.post(reverse("source_add"), _source(url)).content.decode()
        assert not Source.objects.filter(name="RH").exists()
        other = client.post(reverse("source_add"), _source(url + "?other", sure=url))  # changed since: looked at again
        added = client.post(reverse("source_add"), _source(url, sure=url))

    assert all(words in looked for words in ("Eau du Val-Clair", "7 éléments", "Nouvelle 0", f'value="{url}"'))
    assert other.status_code == 200
    assert added.status_code == 302
    assert Source.objects.get(name="RH").url == url


@pytest.mark.parametrize(
    ("path", "page", "words", "may_pass"),
    [
        ("/no", None, "rien à cette adresse (404)", False),
        ("/page", {"body": b"<!doctype html><title>Ville</title>"}, "page web, pas un flux", False),
        ("/down", {"status": 503}, "demande d’attendre", True),
    ],
)
def test_what_is_no_source_is_said_and_added_only_where_time_may_help(
    town: Town, sign_in: SignIn, path: str, page: dict[str, Any] | None, words: str, may_pass: bool
) -> None:
    with Pages() as server:
        if page:
            server.put(path, headers={"Content-Type": "text/html"}, **page)
        said = sign_in("ops").post(reverse("source_add"), _source(server.url + path)).content.decode()

    assert words in said.replace("\u202f", " ").replace("\xa0", " ")
    assert f'value="{server.url}{path}"' in said  # what was typed stays
    assert ('name="sure"' in said) == may_pass
    assert not Source.objects.filter(name="RH").exists()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://10.0.0.7/feed.xml", "adresse privée ou interdite"),
        ("https://nowhere.invalid/feed.xml", "serveur ne répond pas"),
        ("eau.example", "adresse web complète"),
    ],
)
def test_an_address_that_leads_nowhere_is_said_while_it_is_added(
    town: Town, sign_in: SignIn, url: str, words: str
) -> None:
    said = sign_in("ops").post(reverse("source_add"), _source(url)).content.decode()

    assert words in said.replace("\u202f", " ").replace("\xa0", " ")
    assert not Source.objects.filter(name="RH").exists()


def test_a_sources_fault_is_worded(town: Town, sign_in: SignIn) -> None:
    Source.objects.update(health="not_a_feed", complaints=[{"code": "not_a_feed", "item": "", "facts": {}}])

    page = sign_in("ops").get(reverse("source", args=[town.source.public_id])).content.decode()

    assert "ni un flux" in page
