"""Every address, tried by whoever has no business there: what each answer must carry, and what it must not do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import get_resolver, reverse

from diffusion.directory.models import FeedAddress, RoleKind
from diffusion.ids import digest
from tests import valclair
from tests.web import town as things
from tests.web.test_access import TABLE
from tests.web.town import Town

PAGES = [name for name in TABLE if not name.startswith("v1:")]
OF_A_DIRECTORATE = [
    name
    for name in PAGES
    if re.match(r"(submission|message|version|approval|delivery|source)(_|$)", name)
    and name not in ("message_new", "source_add")
]
"""Addresses of one thing that belongs to a directorate."""


@pytest.fixture(autouse=True)
def _no_guess_yet(db: None) -> None:
    cache.clear()


def _everybody(town: Town) -> Client:
    browser = Client()
    browser.force_login(valclair.person("Toute Valclair", *RoleKind.values))
    return browser


def _is_guarded(answer: Any) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert re.search(r"frame-ancestors 'none'", policy)
    assert re.search(r"base-uri 'none'", policy)
    assert "script-src" not in policy or not re.search(r"script-src[^;]*(unsafe|\*|https?:|data:)", policy)
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("name", PAGES)
def test_every_answer_is_guarded_and_no_cache_shares_a_private_one(town: Town, name: str) -> None:
    address = reverse(name, kwargs=TABLE[name].parts(town))

    for browser in (Client(), _everybody(town)):
        answer = browser.get(address)
        answer.close()
        _is_guarded(answer)
    assert name == "feed" or re.search(r"private|no-store", answer.headers["Cache-Control"]), "the same for everybody"


@pytest.mark.parametrize("name", [name for name in PAGES if name != "letter_leave"])
def test_every_form_needs_its_token(town: Town, name: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(valclair.person("Toute Valclair", *RoleKind.values))

    answer = browser.post(reverse(name, kwargs=TABLE[name].parts(town)))

    assert answer.status_code in (403, 405)
    _is_guarded(answer)


@pytest.mark.parametrize("name", OF_A_DIRECTORATE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_role_for_another_directorate_finds_nothing_here(town: Town, name: str, method: str) -> None:
    browser = Client()
    stranger = valclair.person("Rose Ailleurs")
    for kind in ("contributor", "communicator", "approver"):
        stranger.roles.create(kind=kind, directorate=valclair.human_resources())
    browser.force_login(stranger)

    answer = getattr(browser, method)(reverse(name, kwargs=TABLE[name].parts(town)))

    assert answer.status_code in (404, 405)


BROKEN = [
    ("/nowhere/", {}, 404),
    ("/m/nowhere", {}, 404),
    ("/in/nowhere/", {}, 410),
    ("/sign-in/", {"HTTP_HOST": "evil.example"}, 400),
]


@pytest.mark.parametrize(("address", "more", "status"), BROKEN)
def test_every_page_of_a_failure_is_guarded(town: Town, address: str, more: dict[str, Any], status: int) -> None:
    answer = Client().get(address, **more)

    assert answer.status_code == status
    assert "evil" not in answer.content.decode()
    _is_guarded(answer)


def test_a_fault_of_ours_tells_nothing_and_is_guarded(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **_more: Any) -> None:
        raise RuntimeError("postgres://diffusion:hunter2@db")

    monkeypatch.setattr("diffusion.access.board", fails)
    browser = _everybody(town)
    browser.raise_request_exception = False

    answer = browser.get(reverse("board"))

    assert answer.status_code == 500
    assert "hunter2" not in answer.content.decode()
    _is_guarded(answer)


@pytest.mark.parametrize("name", ["account_login", "account_logout", "account_request_login_code", "home", "theme"])
@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nothing_leads_to_another_site(town: Town, name: str, where: str) -> None:
    browser = _everybody(town)
    for method in (browser.get, browser.post):
        answer = method(f"{reverse(name)}?next={where}", {"next": where}, HTTP_REFERER=where)
        assert "evil" not in answer.headers.get("Location", "")
        assert "javascript" not in answer.headers.get("Location", "")


def test_a_forged_forwarding_header_is_no_other_machine(town: Town) -> None:
    """Else each guess would come from a machine of its own."""
    browser = Client()
    answers = [
        browser.post(
            reverse("account_login"),
            {"login": f"n{n}@gazette.example", "password": "x"},
            HTTP_X_FORWARDED_FOR=f"9.9.9.{n}",
        ).status_code
        for n in range(35)
    ]

    assert (
        429 in answers
        or "trop"
        in browser.post(
            reverse("account_login"), {"login": "n@gazette.example", "password": "x"}, HTTP_X_FORWARDED_FOR="9.9.9.99"
        )
        .content.decode()
        .lower()
    )


def test_a_persons_feed_ends_with_their_last_role(town: Town) -> None:
    agent, account = town.people["agent"], things.feed("internal")
    secret = things.feed_secret(agent, "internal")
    address = reverse("feed_secret", args=[secret, account.slug, "atom"])
    assert Client().get(address).status_code == 200

    agent.roles.all().delete()

    assert Client().get(address).status_code == 404
    assert FeedAddress.objects.filter(secret_hash=digest(secret), revoked_at=None).exists()


def test_no_address_takes_a_secret_that_a_log_would_keep() -> None:
    """What stands in an address as a secret is struck from every line: `logs.SECRETS` knows the places."""
    from diffusion.logs import SECRETS

    named = [str(row.pattern) for row in get_resolver().url_patterns if "secret" in str(row.pattern)]
    assert named
    for pattern in named:
        address = "/" + re.sub(r"<\w+:secret>", "x" * 40, re.sub(r"<\w+:(?!secret)\w+>", "a", pattern))
        assert "x" * 40 not in SECRETS.sub(r"\1…", address), pattern


def test_no_table_keeps_which_machine_asked(town: Town) -> None:
    Client(REMOTE_ADDR="203.0.113.9").post(reverse("account_login"), {"login": "n@gazette.example", "password": "x"})

    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM diffusion_limit")
        keys = [key for (key,) in cursor.fetchall()]
    assert keys
    assert not any("203.0.113" in key or "allauth" in key for key in keys)
